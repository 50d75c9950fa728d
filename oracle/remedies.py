"""Writes remedies.json: what plain NumPy and PyTorch say of the layers and losses that stabilise a GAN.

    /usr/bin/python3 oracle/remedies.py

Normalisations and minibatch discrimination are written out naively from the papers' formulas; spectral normalisation is
torch.nn.utils.spectral_norm.
"""
import json
from pathlib import Path

import numpy
import torch

rng = numpy.random.default_rng(11)
fixtures = {}


def drawn(*shape):
    return numpy.round(rng.normal(size=shape), 3)


def flat(array):
    """The shape and the numbers in order."""
    array = numpy.asarray(array, dtype=float)
    return dict(shape=list(array.shape), values=array.ravel().tolist())


def draw_into(layer):
    """Gives a layer drawn weights and biases in float64, and returns the weights."""
    layer.double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(drawn(*layer.weight.shape)))
        layer.bias.copy_(torch.tensor(drawn(*layer.bias.shape)))
    return layer.weight.detach().clone()


# --- Layer normalisation (Ba et al. 2016, Eq. 4): mean and deviation over all that a sample has. ------------------

for name, shape in (("layer_norm_image", (3, 4, 5, 2)), ("layer_norm_vector", (3, 6))):
    x, scale, shift, epsilon = 2 * drawn(*shape) + 1, drawn(shape[1]), drawn(shape[1]), 1e-3
    y = numpy.empty_like(x)
    for i, sample in enumerate(x):
        deviation = numpy.sqrt(((sample - sample.mean()) ** 2).mean() + epsilon)
        for c in range(shape[1]):
            y[i, c] = (sample[c] - sample.mean()) / deviation * scale[c] + shift[c]
    fixtures[name] = dict(x=flat(x), scale=flat(scale), shift=flat(shift), epsilon=epsilon, y=flat(y))

# --- Virtual batch normalisation (Salimans et al. 2016, section 3.5). ---------------------------------------------

for name, shape in (("virtual_batch_norm_image", (4, 3, 2)), ("virtual_batch_norm_vector", (5,))):
    rows, batch, epsilon = 6, 3, 1e-3
    reference, x = 2 * drawn(rows, *shape) + 1, 3 * drawn(batch, *shape) - 1
    scale, shift = drawn(shape[0]), drawn(shape[0])
    y = numpy.empty_like(x)
    for i, sample in enumerate(x):
        for c in range(shape[0]):
            # The mean and mean square of rows + 1 rows: those of the reference batch and this one.
            mean = (reference[:, c].mean() * rows + sample[c].mean()) / (rows + 1)
            square = ((reference[:, c] ** 2).mean() * rows + (sample[c] ** 2).mean()) / (rows + 1)
            y[i, c] = (sample[c] - mean) / numpy.sqrt(square - mean ** 2 + epsilon) * scale[c] + shift[c]
    fixtures[name] = dict(reference=flat(reference), x=flat(x), scale=flat(scale), shift=flat(shift),
                          epsilon=epsilon, y=flat(y))

# --- Minibatch discrimination (Salimans et al. 2016, section 3.2). ------------------------------------------------

features, kernels, dimensions, batch = 4, 3, 2, 5
x, tensor = drawn(batch, features), drawn(features, kernels, dimensions)
y = numpy.zeros((batch, kernels))
for i in range(batch):
    for j in range(batch):
        for b in range(kernels):
            y[i, b] += numpy.exp(-abs(x[i] @ tensor[:, b] - x[j] @ tensor[:, b]).sum())
fixtures["minibatch_discrimination"] = dict(x=flat(x), tensor=flat(tensor.reshape(features, -1)), kernels=kernels,
                                            dimensions=dimensions, y=flat(numpy.concatenate([x, y], axis=1)))

# --- Spectral normalisation (Miyato et al. 2018, Algorithm 1) as PyTorch has it. ----------------------------------

for name, layer, x in (("spectral_norm_linear", torch.nn.Linear(5, 4), drawn(2, 5)),
                       ("spectral_norm_conv", torch.nn.Conv2d(2, 3, 3, 1, 1), drawn(2, 2, 4, 4))):
    weight = draw_into(layer)
    normed = torch.nn.utils.spectral_norm(layer)
    rows = weight.shape[0]
    normed.weight_u.copy_(torch.full((rows,), rows ** -0.5).double())
    outputs = []
    for _ in range(3):
        y = normed(torch.tensor(x))
        outputs.append(flat(y.detach().numpy()))
    (y ** 2).sum().backward()
    fixtures[name] = dict(x=flat(x), weight=flat(weight.numpy()), bias=flat(layer.bias.detach().numpy()),
                          outputs=outputs, gradient=flat(normed.weight_orig.grad.numpy()),
                          sigma=float(numpy.linalg.svd(weight.reshape(rows, -1).numpy())[1][0]))

# --- Losses. ------------------------------------------------------------------------------------------------------

real, fake = drawn(7), drawn(5)
smooth = []
for real_target, fake_target in ((0.9, 0.0), (0.9, 0.1), (1.0, 0.1), (0.7, 0.3)):
    def cross_entropy(scores, target):
        p = 1 / (1 + numpy.exp(-scores))
        return (-target * numpy.log(p) - (1 - target) * numpy.log(1 - p)).mean()
    smooth.append(dict(real_target=real_target, fake_target=fake_target,
                       loss=cross_entropy(real, real_target) + cross_entropy(fake, fake_target)))
fixtures["label_smoothing"] = dict(real=flat(real), fake=flat(fake), cases=smooth)

matching = []
for rows in (6, 7):
    x, y = drawn(8, 2, 3), drawn(rows, 2, 3)
    matching.append(dict(real=flat(x), fake=flat(y), mean=((x.mean(0) - y.mean(0)) ** 2).sum(),
                         median=((numpy.median(x, 0) - numpy.median(y, 0)) ** 2).sum()))
fixtures["feature_matching"] = matching

# Historical averaging (Salimans et al. 2016, section 3.3) by plain gradient descent on w |theta - mean|^2 alone, the
# mean over all parameters so far: parameters and gradients of each step.
theta, weight, history, steps = drawn(4), 0.25, [], []
for _ in range(4):
    history.append(theta.copy())
    gradient = 2 * weight * (theta - numpy.mean(history, axis=0))
    steps.append(dict(theta=flat(theta), gradient=flat(gradient)))
    theta = theta + drawn(4)
fixtures["historical_averaging"] = dict(weight=weight, steps=steps)

# Semi-supervised learning (Salimans et al. 2016, section 5): K classes of data and one of fakes, whose logit is 0, as
# one softmax over K + 1 classes written out; gradients by autograd.
classes = 4
logits = {name: torch.tensor(2 * drawn(rows, classes), requires_grad=True)
          for name, rows in (("real", 6), ("fake", 5), ("labelled", 3))}
labels = torch.tensor([2, 0, 3])


def probabilities(outputs):
    return torch.softmax(torch.cat([outputs, torch.zeros(len(outputs), 1).double()], dim=1), dim=1)


real_part = -torch.log(1 - probabilities(logits["real"])[:, classes]).mean()
fake_part = -torch.log(probabilities(logits["fake"])[:, classes]).mean()
known = probabilities(logits["labelled"])
supervised = -torch.log(known[torch.arange(3), labels] / (1 - known[:, classes])).mean()
gradients = torch.autograd.grad(real_part + fake_part + supervised, list(logits.values()))
fixtures["semi_supervised"] = dict(
    labels=labels.tolist(), unsupervised=float((real_part + fake_part).detach()), supervised=float(supervised.detach()),
    **{name: flat(value.detach().numpy()) for name, value in logits.items()},
    **{name + "_gradient": flat(value.numpy()) for name, value in zip(logits, gradients)})

# --- Weight normalisation (Salimans and Kingma 2016, Eq. 2) as PyTorch has it, with lengths that are not trained. --

for name, layer, x in (("weight_norm_linear", torch.nn.Linear(5, 4), drawn(2, 5)),
                       ("weight_norm_conv", torch.nn.Conv2d(2, 3, 3, 1, 1), drawn(2, 2, 4, 4))):
    weight = draw_into(layer)
    normed = torch.nn.utils.weight_norm(layer)
    lengths = 1 + abs(drawn(weight.shape[0]))
    with torch.no_grad():
        normed.weight_g.copy_(torch.tensor(lengths).reshape(normed.weight_g.shape))
    y = normed(torch.tensor(x))
    (y ** 2).sum().backward()
    fixtures[name] = dict(x=flat(x), weight=flat(weight.numpy()), bias=flat(layer.bias.detach().numpy()),
                          lengths=flat(lengths), output=flat(y.detach().numpy()),
                          gradient=flat(normed.weight_v.grad.numpy()))

Path(__file__).with_suffix(".json").write_text(json.dumps(fixtures, indent=1) + "\n")
