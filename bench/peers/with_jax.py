"""WGAN-GP in JAX, timed: the same mathematics and shapes as bench/cases.h, each step compiled as one XLA program.

Prints one JSON object as pytorch.py does, with the median in milliseconds. Images lie channels-last.
"""
import argparse
import json
import math
import statistics
import time

import jax
import jax.numpy as jnp

DIMENSIONS = ("NHWC", "HWIO", "NHWC")


def leaky(x):
    return jnp.where(x > 0, x, 0.2 * x)


class Draw:
    """Weights as a layer asks for them: made in the first pass, read in order in all others."""

    def __init__(self, weights=None, key=None):
        self.weights, self.key, self.place = [] if weights is None else weights, key, 0

    def __call__(self, shape):
        if self.key is not None:
            self.key, key = jax.random.split(self.key)
            fan_in = max(1, math.prod(shape[:-1]))
            self.weights.append(jax.random.normal(key, shape) / math.sqrt(fan_in) if len(shape) > 1 else jnp.zeros(shape))
        self.place += 1
        return self.weights[self.place - 1]


def linear(draw, x, out):
    return x @ draw((x.shape[1], out)) + draw((out,))


def conv(draw, x, out, kernel, stride, padding):
    w = draw((kernel, kernel, x.shape[3], out))
    return jax.lax.conv_general_dilated(x, w, (stride, stride), padding, dimension_numbers=DIMENSIONS) + draw((out,))


def transposed(draw, x, out, kernel, before, side):
    """The adjoint of a convolution of stride 2 that pads `before`, cut to side x side."""
    w = draw((kernel, kernel, x.shape[3], out))
    low = kernel - 1 - before
    high = side + kernel - 1 - low - (2 * x.shape[1] - 1)
    y = jax.lax.conv_general_dilated(x, w, (1, 1), ((low, high), (low, high)), lhs_dilation=(2, 2),
                                     dimension_numbers=DIMENSIONS)
    return y + draw((out,))


def batch_norm(draw, x):
    axes = tuple(range(x.ndim - 1))
    mean, variance = x.mean(axes), x.var(axes)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * (1 + draw((x.shape[-1],))) + draw((x.shape[-1],))


def flat(x):
    return x.reshape(x.shape[0], -1)


def gulrajani_critic(width):
    def run(draw, x):
        out = width
        while x.shape[1] > 4:
            x, out = leaky(conv(draw, x, out, 5, 2, ((2, 2), (2, 2)))), 2 * out
        return linear(draw, flat(x), 1)[:, 0]

    return run


def gulrajani_generator(width, channels, sides, norm, last):
    def run(draw, z):
        layer = (lambda x: batch_norm(draw, x)) if norm else (lambda x: x)
        x = jax.nn.relu(layer(linear(draw, z, 16 * 4 * width))).reshape(-1, 4, 4, 4 * width)
        x = jax.nn.relu(layer(transposed(draw, x, 2 * width, 5, 2, sides[0])))
        x = jax.nn.relu(layer(transposed(draw, x, width, 5, 2, sides[1])))
        return last(transposed(draw, x, channels, 5, 2, sides[2]))

    return run


def dcgan64_critic(draw, x):
    for out in (64, 128, 256, 512):
        x = leaky(conv(draw, x, out, 4, 2, ((1, 1), (1, 1))))
    return linear(draw, flat(x), 1)[:, 0]


def dcgan64_generator(draw, z):
    x = jax.nn.relu(linear(draw, z, 16 * 512).reshape(-1, 4, 4, 512))
    for out, side in ((256, 8), (128, 16), (64, 32)):
        x = jax.nn.relu(transposed(draw, x, out, 4, 1, side))
    return jnp.tanh(transposed(draw, x, 3, 4, 1, 64))


def toy(out):
    def run(draw, x):
        for _ in range(3):
            x = jax.nn.relu(linear(draw, x, 512))
        return linear(draw, x, out)

    return run


def toy_critic(draw, x):
    return toy(1)(draw, x)[:, 0]


def pooled(x):
    return x.reshape(x.shape[0], x.shape[1] // 2, 2, x.shape[2] // 2, 2, x.shape[3]).mean((2, 4))


def upsampled(x):
    return x.repeat(2, 1).repeat(2, 2)


def conv3(draw, x):
    return conv(draw, x, 128, 3, 1, "SAME")


def resnet_critic(draw, x):
    body = pooled(conv3(draw, jax.nn.relu(conv3(draw, x))))
    x = body + conv(draw, pooled(x), 128, 1, 1, "VALID")
    body = pooled(conv3(draw, jax.nn.relu(conv3(draw, jax.nn.relu(x)))))
    x = body + conv(draw, pooled(x), 128, 1, 1, "VALID")
    for _ in range(2):
        x = conv3(draw, jax.nn.relu(conv3(draw, jax.nn.relu(x)))) + x
    return linear(draw, jax.nn.relu(x).mean((1, 2)), 1)[:, 0]


def resnet_generator(draw, z):
    x = linear(draw, z, 16 * 128).reshape(-1, 4, 4, 128)
    for _ in range(3):
        body = conv3(draw, upsampled(jax.nn.relu(batch_norm(draw, x))))
        body = conv3(draw, jax.nn.relu(batch_norm(draw, body)))
        x = body + upsampled(conv(draw, x, 128, 1, 1, "VALID"))
    return jnp.tanh(conv(draw, jax.nn.relu(batch_norm(draw, x)), 3, 3, 1, "SAME"))


# name: generator, critic, shape of a sample, latent, batch, lambda
CASES = {
    "mnist": (gulrajani_generator(64, 1, (7, 14, 28), False, jax.nn.sigmoid), gulrajani_critic(64), (28, 28, 1), 128,
              50, 10.0),
    "dcgan64": (dcgan64_generator, dcgan64_critic, (64, 64, 3), 128, 64, 10.0),
    "toy": (toy(2), toy_critic, (2,), 2, 256, 0.1),
    "cifar10": (gulrajani_generator(128, 3, (8, 16, 32), True, jnp.tanh), gulrajani_critic(128), (32, 32, 3), 128, 64,
                10.0),
    "resnet": (resnet_generator, resnet_critic, (32, 32, 3), 128, 64, 10.0),
}


def adam(weights, moments, gradients, step):
    def each(w, m, g):
        mean, square = 0.5 * m[0] + 0.5 * g, 0.9 * m[1] + 0.1 * g * g
        rate = 1e-4 / (1 - 0.5 ** step)
        return w - rate * mean / (jnp.sqrt(square / (1 - 0.9 ** step)) + 1e-8), (mean, square)

    pairs = [each(w, m, g) for w, m, g in zip(weights, moments, gradients)]
    return [w for w, _ in pairs], [m for _, m in pairs]


class Peer:
    def __init__(self, case):
        generator, critic, shape, latent, batch, weight = CASES[case]
        keys = jax.random.split(jax.random.key(0), 3)
        made = Draw(key=keys[0])
        generator(made, jnp.zeros((batch, latent)))
        judged = Draw(key=keys[1])
        critic(judged, jnp.zeros((batch, *shape)))
        moments = [[(jnp.zeros_like(w), jnp.zeros_like(w)) for w in draw.weights] for draw in (made, judged)]
        self.state = (made.weights, judged.weights, *moments, jnp.zeros(()), keys[2])
        data = jax.random.uniform(keys[2], (1000, *shape))

        def fakes(weights, key):
            return generator(Draw(weights), jax.random.normal(key, (batch, latent)))

        def critic_loss(weights, real, fake, key):
            epsilon = jax.random.uniform(key, (batch, *[1] * len(shape)))
            between = epsilon * real + (1 - epsilon) * fake
            slopes = jax.grad(lambda x: critic(Draw(weights), x).sum())(between)
            norms = jnp.sqrt((flat(slopes) ** 2).sum(1))
            gap = critic(Draw(weights), fake).mean() - critic(Draw(weights), real).mean()
            return gap + weight * ((norms - 1) ** 2).mean()

        def critic_step(state):
            *rest, key = state
            key, use = jax.random.split(key)
            fake = jax.random.uniform(use, (batch, *shape))
            return (*rest, key), jax.grad(critic_loss)(state[1], data[:batch], fake, use)

        def iteration(state):
            g, c, gm, cm, step, key = state

            def update(k, carry):
                c, cm, key = carry
                key, rows, z, e = jax.random.split(key, 4)
                real = data[jax.random.randint(rows, (batch,), 0, len(data))]
                gradients = jax.grad(critic_loss)(c, real, fakes(g, z), e)
                return (*adam(c, cm, gradients, 5 * step + k + 1), key)

            c, cm, key = jax.lax.fori_loop(0, 5, update, (c, cm, key))
            key, z = jax.random.split(key)
            gradients = jax.grad(lambda w: -critic(Draw(c), fakes(w, z)).mean())(g)
            g, gm = adam(g, gm, gradients, step + 1)
            return (g, c, gm, cm, step + 1, key), gradients

        self.steps = {"critic_step": jax.jit(critic_step), "iteration": jax.jit(iteration)}

    def take(self, what):
        self.state, gradients = self.steps[what](self.state)
        jax.block_until_ready(gradients)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--what", choices=("critic_step", "iteration"), default="critic_step")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--precision", choices=("float32", "tf32"), default="float32")
    o = parser.parse_args()
    jax.config.update("jax_default_matmul_precision", "float32" if o.precision == "float32" else "tensorfloat32")
    peer = Peer(o.case)
    for _ in range(3):
        peer.take(o.what)
    times, start = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < o.seconds:
        begin = time.perf_counter()
        peer.take(o.what)
        times.append(1000 * (time.perf_counter() - begin))
    print(json.dumps({"ms": statistics.median(times[len(times) // 5:]), "way": jax.default_backend()}))


main()
