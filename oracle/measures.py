"""Writes measures.json: what SciPy and plain NumPy say of small examples that the tests of wgan/metrics measure too.

    /usr/bin/python3 oracle/measures.py

Everything is written out naively from the definitions, on purpose: loops over pairs, scipy.linalg.sqrtm, quad.
"""
import io
import json
from pathlib import Path

import numpy
from scipy import integrate, linalg, ndimage, stats
from scipy.spatial import distance

rng = numpy.random.default_rng(7)
fixtures = {}


def rounded(array, digits=4):
    """Few digits, so that the file stays small and both sides read the same numbers."""
    return numpy.round(array, digits)


def listed(array):
    return numpy.asarray(array).tolist()


# --- Divergences: scipy.stats.entropy, scipy.spatial's Jensen-Shannon distance, quad. -----------------------------

histograms = []
for bins in (2, 7, 40):
    p, q = rng.integers(0, 20, bins).astype(float), rng.integers(1, 20, bins).astype(float)
    p[0] += 1
    histograms.append(dict(p=listed(p), q=listed(q), kl=stats.entropy(p, q), js=distance.jensenshannon(p, q) ** 2,
                           total_variation=abs(p / p.sum() - q / q.sum()).sum() / 2))
fixtures["histograms"] = histograms

densities = {
    "gaussians": (stats.norm(0, 1), stats.norm(1, 2), (-40, 40)),
    "student_and_gaussian": (stats.norm(0.5, 1), stats.t(3), (-40, 40)),
    "beta": (stats.beta(2, 3), stats.beta(3, 2), (0, 1)),
    "far": (stats.norm(300, 5), stats.norm(320, 10), (150, 500)),
}
fixtures["densities"] = {}
for name, (p, q, (low, high)) in densities.items():
    def over(f):
        cuts = [-numpy.inf, *numpy.linspace(low, high, 9), numpy.inf] if high > 1 else [low, high]
        return sum(integrate.quad(f, a, b, limit=2000, epsabs=1e-12, epsrel=1e-12)[0] for a, b in zip(cuts, cuts[1:]))

    def term(a, b, x):
        return numpy.exp(a) * (a - b) if a > -numpy.inf else 0.0

    def middle(x):
        return numpy.logaddexp(p.logpdf(x), q.logpdf(x)) - numpy.log(2)

    fixtures["densities"][name] = dict(
        kl=over(lambda x: term(p.logpdf(x), q.logpdf(x), x)),
        js=over(lambda x: (term(p.logpdf(x), middle(x), x) + term(q.logpdf(x), middle(x), x)) / 2),
        total_variation=over(lambda x: abs(p.pdf(x) - q.pdf(x)) / 2))

mixing = rng.normal(size=(2, 4, 4))
means, covariances = rounded(rng.normal(size=(2, 4))), rounded(mixing @ mixing.transpose(0, 2, 1)) + numpy.eye(4)
inverse = linalg.inv(covariances[1])
shift = means[0] - means[1]
fixtures["gaussian_kl"] = dict(
    means=listed(means), covariances=listed(covariances),
    kl=(numpy.trace(inverse @ covariances[0]) - 4 + shift @ inverse @ shift
        + numpy.log(linalg.det(covariances[1]) / linalg.det(covariances[0]))) / 2)


# --- Frechet distance: scipy.linalg.sqrtm of the product, as the first implementations have it. --------------------

def frechet(x, y):
    s, t = numpy.cov(x, rowvar=False), numpy.cov(y, rowvar=False)
    root = linalg.sqrtm(s @ t).real
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + numpy.trace(s) + numpy.trace(t) - 2 * numpy.trace(root)


x, y = rounded(rng.normal(size=(30, 5)) @ rng.normal(size=(5, 5))), rounded(rng.normal(1, 2, size=(40, 5)))
fixtures["frechet"] = dict(x=listed(x), y=listed(y), mean=listed(x.mean(0)),
                           covariance=listed(numpy.cov(x, rowvar=False)), distance=frechet(x, y))
# A file of statistics as pytorch-fid saves them.
archive = io.BytesIO()
numpy.savez_compressed(archive, mu=numpy.array([0.5, -1.25]), sigma=numpy.array([[2.0, 0.25], [0.25, 1.0]]))
fixtures["moments_archive"] = archive.getvalue().hex()
# The distance between samples of one Gaussian: mean and deviation over 20 draws, in 64 dimensions.
fixtures["frechet_bias"] = {}
for n in (100, 500, 2000):
    draws = [frechet(rng.normal(size=(n, 64)), rng.normal(size=(n, 64))) for _ in range(20)]
    fixtures["frechet_bias"][str(n)] = dict(mean=numpy.mean(draws), deviation=numpy.std(draws, ddof=1))


# --- Kernel distance: two loops over the kernel. -------------------------------------------------------------------

def mmd2(x, y):
    n, m, d = len(x), len(y), x.shape[1]
    k = lambda a, b: (a @ b / d + 1) ** 3
    within_x = sum(k(x[i], x[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    within_y = sum(k(y[i], y[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return within_x + within_y - 2 * sum(k(a, b) for a in x for b in y) / (n * m)


fixtures["kernel"] = dict(mmd2=mmd2(x, y), same=mmd2(x[:15], x[15:]))


# --- Inception Score. ----------------------------------------------------------------------------------------------

logits = rounded(rng.normal(0, 3, size=(53, 6)))
fixtures["inception"] = dict(logits=listed(logits))
for splits in (1, 10):
    probabilities = numpy.exp(logits) / numpy.exp(logits).sum(1, keepdims=True)
    scores = []
    for i in range(splits):
        part = probabilities[i * 53 // splits:(i + 1) * 53 // splits]
        scores.append(numpy.exp(numpy.mean([stats.entropy(row, part.mean(0)) for row in part])))
    fixtures["inception"][str(splits)] = dict(values=listed(scores), mean=numpy.mean(scores),
                                              deviation=numpy.std(scores))


# --- Precision, recall, density, coverage: all distances at once, balls with their boundary. ------------------------

def neighbour_measures(real, fake, k):
    among_real, among_fake = distance.cdist(real, real), distance.cdist(fake, fake)
    numpy.fill_diagonal(among_real, numpy.inf)
    numpy.fill_diagonal(among_fake, numpy.inf)
    real_radii, fake_radii = numpy.sort(among_real)[:, k - 1], numpy.sort(among_fake)[:, k - 1]
    across = distance.cdist(real, fake)
    in_real, in_fake = across <= real_radii[:, None], across <= fake_radii[None, :]
    return dict(k=k, radii=listed(real_radii), precision=in_real.any(0).mean(), recall=in_fake.any(1).mean(),
                density=in_real.sum(0).mean() / k, coverage=in_real.any(1).mean(),
                nearest=listed(across.min(0)), index=listed(across.argmin(0)))


real, fake = rounded(rng.normal(size=(60, 3))), rounded(rng.normal(0.5, 0.7, size=(45, 3)))
fixtures["neighbours"] = dict(real=listed(real), fake=listed(fake), k3=neighbour_measures(real, fake, 3),
                              k5=neighbour_measures(real, fake, 5))
# Points of a grid, where distances are tied.
grid_real, grid_fake = rng.integers(0, 4, (40, 2)), rng.integers(0, 5, (30, 2))
fixtures["grid"] = dict(real=listed(grid_real), fake=listed(grid_fake),
                        k3=neighbour_measures(grid_real, grid_fake, 3))
# N(0, I_64), 1000 against 1000, k = 5: mean and deviation over 10 draws.
draws = [neighbour_measures(rng.normal(size=(1000, 64)), rng.normal(size=(1000, 64)), 5) for _ in range(10)]
fixtures["gaussian_neighbours"] = {
    name: dict(mean=numpy.mean([draw[name] for draw in draws]),
               deviation=numpy.std([draw[name] for draw in draws], ddof=1))
    for name in ("precision", "recall", "density", "coverage")}

# --- Memorisation: the Mann-Whitney test without continuity correction, ties corrected for. -------------------------

samples, held_out = rounded(rng.gamma(2, 1, 50), 1), rounded(rng.gamma(3, 1, 70), 1)
test = stats.mannwhitneyu(samples, held_out, use_continuity=False, alternative="less", method="asymptotic")
quantiles = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
fixtures["memorisation"] = dict(
    samples=listed(samples), held_out=listed(held_out), u=test.statistic, p=test.pvalue, z=stats.norm.ppf(test.pvalue),
    quantiles=quantiles, sample_quantiles=listed(numpy.quantile(samples, quantiles)),
    held_out_quantiles=listed(numpy.quantile(held_out, quantiles)),
    share_below_tenth=numpy.mean(samples < numpy.quantile(held_out, 0.1)))

# --- Modes. --------------------------------------------------------------------------------------------------------

classes = rng.integers(0, 8, 200)
data = rng.integers(1, 50, 10).astype(float)
counts = numpy.bincount(classes, minlength=10)
fixtures["modes"] = dict(classes=listed(classes), data=listed(data), hit=int((counts > 0).sum()),
                         kl=stats.entropy(counts, data))


# --- MS-SSIM (Wang, Simoncelli and Bovik 2003), with scipy.ndimage. --------------------------------------------------

def picture(height, width, channels, a, b):
    """The test makes the same one: whole numbers only."""
    i, j, c = numpy.ogrid[:height, :width, :channels]
    return ((a * i * i + b * i * j + 7 * j + 40 * c + i * j * (c + 1) // 5) // 8 % 256).astype(float)


def ssim_terms(x, y):
    window = numpy.exp(-numpy.arange(-5, 6) ** 2 / (2 * 1.5 ** 2))
    window /= window.sum()

    def blur(image):
        return ndimage.correlate1d(ndimage.correlate1d(image, window, 0), window, 1)[5:-5, 5:-5]

    mx, my = blur(x), blur(y)
    vx, vy, cov = blur(x * x) - mx * mx, blur(y * y) - my * my, blur(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    contrast = (2 * cov + c2) / (vx + vy + c2)
    return ((2 * mx * my + c1) / (mx * mx + my * my + c1) * contrast).mean(), contrast.mean()


def halve(image):
    padded = numpy.pad(image, [(0, image.shape[0] % 2), (0, image.shape[1] % 2)], mode="edge")
    return padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2).mean((1, 3))


def ms_ssim(x, y, scales):
    weights = numpy.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333][:scales])
    weights /= weights.sum()
    value = 1.0
    for scale in range(scales):
        full, contrast = ssim_terms(x, y)
        value *= max(full if scale == scales - 1 else contrast, 0.0) ** weights[scale]
        x, y = halve(x), halve(y)
    return value


fixtures["ms_ssim"] = []
for height, width, channels, scales in ((11, 11, 1, 1), (28, 28, 1, 2), (33, 47, 3, 2), (64, 64, 3, 3),
                                        (161, 170, 1, 5), (176, 176, 3, 5)):
    x, y = picture(height, width, channels, 1, 3), picture(height, width, channels, 2, 3)
    y = (3 * x + y) // 4
    fixtures["ms_ssim"].append(dict(
        height=height, width=width, channels=channels, scales=scales,
        value=numpy.mean([ms_ssim(x[..., c], y[..., c], scales) for c in range(channels)])))


def compact(value):
    if isinstance(value, dict):
        return {key: compact(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [compact(entry) for entry in value]
    return value.item() if isinstance(value, numpy.generic) else value


with open(Path(__file__).with_suffix(".json"), "w") as file:
    lines = [f"{json.dumps(name)}: {json.dumps(compact(entry))}" for name, entry in fixtures.items()]
    file.write("{\n" + ",\n".join(lines) + "\n}\n")
