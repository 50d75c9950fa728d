"""WGAN-GP, and paired scores with R1 and R2, in plain PyTorch, timed: the same mathematics and shapes as
bench/cases.h.

As people write it (--style common: separate passes, autograd.grad with create_graph), as fast as eager
PyTorch allows (--style tuned: the fastest of several ways, tried first; the critic frozen in the generator
step; on a GPU the convolutions' kernels chosen by trying), and with what torch.compile can take (--style
compiled: the tuned ways with the generator, the critic in the generator step and the optimizers compiled;
double backward cannot be).
Prints one JSON object: the median in milliseconds, the way taken, the peak memory of a step in MB, and
PyTorch's version.
"""
import argparse
import itertools
import json
import statistics
import time

import torch
from torch import nn


class View(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(x.shape[0], *self.shape)


class CutTo(nn.Module):
    """The top left n x n pixels."""

    def __init__(self, n):
        super().__init__()
        self.n = n

    def forward(self, x):
        return x[:, :, : self.n, : self.n]


def gulrajani_critic(channels, side, width):
    layers, inside, out = [], channels, width
    while side > 4:
        layers += [nn.Conv2d(inside, out, 5, 2, 2), nn.LeakyReLU(0.2, inplace=True)]
        side, inside, out = (side + 1) // 2, out, 2 * out
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(inside * side * side, 1))


def mnist_generator(latent, width):
    return nn.Sequential(
        nn.Linear(latent, 4 * width * 16), nn.ReLU(inplace=True), View(4 * width, 4, 4),
        nn.ConvTranspose2d(4 * width, 2 * width, 5, 2, 2, 1), CutTo(7), nn.ReLU(inplace=True),
        nn.ConvTranspose2d(2 * width, width, 5, 2, 2, 1), nn.ReLU(inplace=True),
        nn.ConvTranspose2d(width, 1, 5, 2, 2, 1), nn.Sigmoid())


def cifar_generator(latent, width):
    return nn.Sequential(
        nn.Linear(latent, 4 * width * 16), nn.BatchNorm1d(4 * width * 16), nn.ReLU(inplace=True),
        View(4 * width, 4, 4),
        nn.ConvTranspose2d(4 * width, 2 * width, 5, 2, 2, 1), nn.BatchNorm2d(2 * width), nn.ReLU(inplace=True),
        nn.ConvTranspose2d(2 * width, width, 5, 2, 2, 1), nn.BatchNorm2d(width), nn.ReLU(inplace=True),
        nn.ConvTranspose2d(width, 3, 5, 2, 2, 1), nn.Tanh())


def dcgan64_generator(latent, width):
    layers = [nn.Linear(latent, 8 * width * 16), View(8 * width, 4, 4), nn.ReLU(inplace=True)]
    for inside in (8 * width, 4 * width, 2 * width):
        layers += [nn.ConvTranspose2d(inside, inside // 2, 4, 2, 1), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.ConvTranspose2d(width, 3, 4, 2, 1), nn.Tanh())


def dcgan64_critic(width):
    layers, inside, out = [], 3, width
    for _ in range(4):
        layers += [nn.Conv2d(inside, out, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        inside, out = out, 2 * out
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(inside * 16, 1))


def toy(inside, outside, width=512, depth=3):
    layers = []
    for _ in range(depth):
        layers += [nn.Linear(inside, width), nn.ReLU(inplace=True)]
        inside = width
    return nn.Sequential(*layers, nn.Linear(inside, outside))


class Residual(nn.Module):
    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = nn.Sequential(*body), nn.Sequential(*shortcut)

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


def resnet_generator(latent, width):
    """gan_cifar_resnet.py, the shortcut's 1x1 convolution before its upsampling (the two commute)."""
    layers = [nn.Linear(latent, 16 * width), View(width, 4, 4)]
    for _ in range(3):
        layers.append(Residual(
            [nn.BatchNorm2d(width), nn.ReLU(), nn.Upsample(scale_factor=2), nn.Conv2d(width, width, 3, 1, 1),
             nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width, 3, 1, 1)],
            [nn.Conv2d(width, width, 1), nn.Upsample(scale_factor=2)]))
    return nn.Sequential(*layers, nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, 3, 3, 1, 1), nn.Tanh())


def resnet_critic(width):
    def block(inside, first, down):
        body = [*first, nn.Conv2d(inside, width, 3, 1, 1), nn.ReLU(), nn.Conv2d(width, width, 3, 1, 1)]
        if not down:
            return Residual(body, [])
        return Residual([*body, nn.AvgPool2d(2)], [nn.AvgPool2d(2), nn.Conv2d(inside, width, 1)])

    return nn.Sequential(block(3, [], True), block(width, [nn.ReLU()], True), block(width, [nn.ReLU()], False),
                         block(width, [nn.ReLU()], False), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(width, 1))


def resnet64_generator(latent, width):
    """gan_64x64.py, again with the two exchanged."""
    inside = 8 * width
    layers = [nn.Linear(latent, 16 * inside), View(inside, 4, 4)]
    for out in (8 * width, 4 * width, 2 * width, width):
        layers.append(Residual(
            [nn.BatchNorm2d(inside), nn.ReLU(), nn.Upsample(scale_factor=2),
             nn.Conv2d(inside, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(), nn.Conv2d(out, out, 3, 1, 1)],
            [nn.Conv2d(inside, out, 1), nn.Upsample(scale_factor=2)]))
        inside = out
    return nn.Sequential(*layers, nn.BatchNorm2d(inside), nn.ReLU(), nn.Conv2d(inside, 3, 3, 1, 1), nn.Tanh())


def resnet64_critic(width):
    """LayerNorm over a whole sample is GroupNorm of one group."""
    layers, inside = [nn.Conv2d(3, width, 3, 1, 1)], width
    for out in (2 * width, 4 * width, 8 * width, 8 * width):
        layers.append(Residual(
            [nn.GroupNorm(1, inside), nn.ReLU(), nn.Conv2d(inside, inside, 3, 1, 1, bias=False),
             nn.GroupNorm(1, inside), nn.ReLU(), nn.Conv2d(inside, out, 3, 1, 1), nn.AvgPool2d(2)],
            [nn.AvgPool2d(2), nn.Conv2d(inside, out, 1)]))
        inside = out
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(16 * inside, 1))


# name: generator, critic, shape of a sample, latent, batch, lambda
CASES = {
    "mnist": (lambda: mnist_generator(128, 64), lambda: gulrajani_critic(1, 28, 64), (1, 28, 28), 128, 50, 10.0),
    "dcgan64": (lambda: dcgan64_generator(128, 64), lambda: dcgan64_critic(64), (3, 64, 64), 128, 64, 10.0),
    "toy": (lambda: toy(2, 2), lambda: toy(2, 1), (2,), 2, 256, 0.1),
    "cifar10": (lambda: cifar_generator(128, 128), lambda: gulrajani_critic(3, 32, 128), (3, 32, 32), 128, 64, 10.0),
    "resnet": (lambda: resnet_generator(128, 128), lambda: resnet_critic(128), (3, 32, 32), 128, 64, 10.0),
    "resnet64": (lambda: resnet64_generator(128, 64), lambda: resnet64_critic(64), (3, 64, 64), 128, 64, 10.0),
}


class Peer:
    """A pair of networks and their steps; together: real and fake rows in one pass of the critic."""

    def __init__(self, case, device, together, channels_last, style, bf16):
        make_generator, make_critic, shape, self.latent, self.batch, self.weight = CASES[case]
        torch.manual_seed(0)
        layout = torch.channels_last if channels_last and len(shape) == 3 else torch.contiguous_format
        self.device, self.together, self.layout = device, together, layout
        self.frozen = style != "common"
        self.bf16 = bf16
        self.generator = make_generator().to(device, memory_format=layout)
        self.critic = make_critic().to(device, memory_format=layout)
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), 1e-4, (0.5, 0.9))
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), 1e-4, (0.5, 0.9))
        self.data = torch.rand(1000, *shape, device=device).to(memory_format=layout)
        self.fake = torch.rand(self.batch, *shape, device=device).to(memory_format=layout)
        self.real = self.data[: self.batch]
        self.make, self.judge = self.generator, self.critic  # the critic as the generator step takes it
        self.generator_update, self.critic_update = self.generator_optimizer.step, self.critic_optimizer.step
        if style == "compiled":
            self.make, self.judge = torch.compile(self.generator), torch.compile(self.critic)
            self.generator_update, self.critic_update = (torch.compile(step) for step in (
                self.generator_update, self.critic_update))

    def z(self):
        return torch.randn(self.batch, self.latent, device=self.device)

    def mixed(self):
        return torch.autocast(self.device, torch.bfloat16, enabled=self.bf16)

    def critic_gradients(self, real, fake):
        self.critic.zero_grad()
        with self.mixed():
            loss = self.critic_loss(real, fake)
        loss.backward()

    def critic_loss(self, real, fake):
        if self.together:
            scores = self.critic(torch.cat([fake, real]))
            gap = scores[: self.batch].mean() - scores[self.batch :].mean()
        else:
            gap = self.critic(fake).mean() - self.critic(real).mean()
        epsilon = torch.rand(self.batch, *[1] * (real.dim() - 1), device=self.device)
        between = (epsilon * real + (1 - epsilon) * fake).requires_grad_(True)
        score = self.critic(between)
        slope = torch.autograd.grad(score, between, torch.ones_like(score), create_graph=True, retain_graph=True)[0]
        penalty = ((slope.flatten(1).norm(2, dim=1) - 1) ** 2).mean()
        return gap + self.weight * penalty

    def critic_step(self):
        self.critic_gradients(self.real, self.fake)

    def paired_step(self):
        """Huang et al. 2024, gamma 1: softplus of the difference, R1 and R2."""
        self.critic.zero_grad()
        with self.mixed():
            if self.together:
                rows = torch.cat([self.fake, self.real]).requires_grad_(True)
                scores = self.critic(rows)
                slopes = torch.autograd.grad(scores.sum(), rows, create_graph=True)
                fake, real = scores[: self.batch], scores[self.batch :]
            else:
                rows = [t.detach().requires_grad_(True) for t in (self.fake, self.real)]
                fake, real = self.critic(rows[0]), self.critic(rows[1])
                slopes = [torch.autograd.grad(score.sum(), at, create_graph=True)[0]
                          for score, at in zip((fake, real), rows)]
            penalty = sum(slope.square().sum() for slope in slopes) / self.batch
            loss = nn.functional.softplus(fake - real).mean() + penalty / 2
        loss.backward()

    def iteration(self):
        for _ in range(5):
            real = self.data[torch.randint(len(self.data), (self.batch,), device=self.device)]
            with torch.no_grad(), self.mixed():
                fake = self.make(self.z()).float()
            self.critic_gradients(real, fake)
            self.critic_update()
        if self.frozen:
            self.critic.requires_grad_(False)
        self.generator.zero_grad()
        with self.mixed():
            loss = -self.judge(self.make(self.z())).mean()
        loss.backward()
        self.generator_update()
        self.critic.requires_grad_(True)


def time_of(step, device, seconds):
    """Median of single steps in milliseconds."""
    times = []
    start = time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < seconds:
        begin = time.perf_counter()
        step()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times[len(times) // 5 :])


def status(key):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024


def peak_of(step, device):
    """MB that a step adds at its peak: the first on a CPU, on a GPU one whose kernels are chosen."""
    if device == "cuda":
        step()
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        step()
        return (torch.cuda.max_memory_allocated() - before) / 2**20
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    before = status("VmRSS")
    step()
    return status("VmHWM") - before


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--what", choices=("critic_step", "paired_step", "iteration"), default="critic_step")
    parser.add_argument("--style", choices=("common", "tuned", "compiled"), default="tuned")
    parser.add_argument("--way", help="of --style tuned and compiled: 'TOGETHER,LAYOUT' as printed; tried out where "
                                      "not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--precision", choices=("float32", "tf32", "bf16"), default="float32",
                        help="tf32: of convolutions and matrix products, bf16: by autocast; both on a GPU")
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    torch.backends.cudnn.benchmark = o.style != "common"
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = o.precision != "float32"
    ways = {f"{'together' if together else 'apart'},{'channels-last' if last else 'plain'}": (together, last)
            for together, last in itertools.product((True, False), repeat=2)}
    if o.style == "common":
        ways = {"apart,plain": (False, False)}
    elif o.way:
        ways = {o.way: ways[o.way]}
    results = {}
    for name, (together, last) in ways.items():
        peer = Peer(o.case, o.device, together, last, o.style, bf16=o.precision == "bf16")
        step = getattr(peer, o.what)
        peak = peak_of(step, o.device)
        for _ in range(5 if o.device == "cuda" else 2):
            step()
        results[name] = (time_of(step, o.device, o.seconds), peak)
    way = min(results, key=lambda name: results[name][0])
    print(json.dumps({"ms": results[way][0], "way": way, "peak_mb": results[way][1],
                      "torch": torch.__version__}))


main()
