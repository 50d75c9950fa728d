#!/usr/bin/python3
"""Writes transport.json, values of optimal transport from SciPy, POT and plain NumPy, which the tests of wgan/metrics compare with.

    /usr/bin/python3 oracle/transport.py
"""
import json
from pathlib import Path

import numpy as np
import ot
from scipy import linalg, optimize, special, stats

random = np.random.default_rng(7)


def numbers(*shape):
    """Few digits, so that the file stays small and its numbers are what the tests read."""
    return np.round(random.normal(size=shape), 3)


def weights(n):
    drawn = np.round(random.uniform(0.1, 1, size=n), 2)
    return drawn / drawn.sum()


def uniform(n):
    return np.full(n, 1 / n)


def costs_between(x, y, squared):
    distances = np.sqrt(((x[:, None, :] - y[None, :, :]) ** 2).sum(-1))
    return distances ** 2 if squared else distances


def linear_program(costs, a, b):
    n, m = costs.shape
    marginals = np.concatenate([np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))])
    solved = optimize.linprog(costs.ravel(), A_eq=marginals, b_eq=np.concatenate([a, b]), method="highs",
                              options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10})
    assert solved.status == 0, solved.message
    return solved.fun


def plan_case(name, x, y, a=None, b=None):
    case = {"name": name, "x": x.tolist(), "y": y.tolist()}
    if a is not None:
        case |= {"a": a.tolist(), "b": b.tolist()}
    a = uniform(len(x)) if a is None else a
    b = uniform(len(y)) if b is None else b
    for key, squared in (("euclidean", False), ("squared", True)):
        costs = costs_between(x, y, squared)
        value = ot.emd2(a, b, costs, numItermax=10 ** 7)
        assert abs(value - linear_program(costs, a, b)) < 1e-9 * max(1, costs.max()), name
        case[key] = value
    return case


def plans():
    zeros = weights(9)
    zeros[[0, 4]] = 0
    grid = random.integers(0, 3, size=(12, 2)).astype(float)
    return [plan_case("equal numbers", numbers(12, 2), numbers(12, 2) + 1),
            plan_case("unequal numbers", numbers(12, 3), numbers(7, 3)),
            plan_case("weighted", numbers(9, 2), numbers(13, 2), weights(9), weights(13)),
            plan_case("zero weights", numbers(9, 2), numbers(6, 2), zeros / zeros.sum(), weights(6)),
            plan_case("many dimensions", numbers(10, 20), numbers(10, 20)),
            plan_case("many dimensions, weighted", numbers(10, 20), numbers(10, 20), weights(10), weights(10)),
            plan_case("collapsed", numbers(11, 2), np.tile(numbers(1, 2), (11, 1))),
            plan_case("integer grid", grid, random.integers(0, 3, size=(12, 2)).astype(float)),
            plan_case("integer grid, unequal", grid, random.integers(0, 3, size=(8, 2)).astype(float)),
            plan_case("one to many", numbers(1, 2), numbers(5, 2)),
            plan_case("line", numbers(9, 1), numbers(6, 1), weights(9), weights(6))]


def assignments():
    cases = []
    for n in (1, 2, 5, 16, 24):
        for ties in (False, True):
            costs = random.integers(0, 4, size=(n, n)).astype(float) if ties else numbers(n, n)
            rows, columns = optimize.linear_sum_assignment(costs)
            cases.append({"costs": costs.tolist(), "total": costs[rows, columns].sum()})
    return cases


def quantile_distance(x, y, a, b, order):
    """W_p on the line by integrating the difference of the quantile functions piece by piece."""
    i, j = np.argsort(x), np.argsort(y)
    levels_x, levels_y = np.cumsum(a[i]), np.cumsum(b[j])
    levels = np.unique(np.concatenate([levels_x, levels_y]))
    middles = (np.concatenate([[0], levels[:-1]]) + levels) / 2
    at_x = x[i][np.minimum(np.searchsorted(levels_x, middles), len(x) - 1)]
    at_y = y[j][np.minimum(np.searchsorted(levels_y, middles), len(y) - 1)]
    return (np.diff(np.concatenate([[0], levels])) @ np.abs(at_x - at_y) ** order) ** (1 / order)


def lines():
    cases = []
    for n, m, weighted in ((8, 8, False), (9, 5, False), (7, 10, True)):
        x, y = numbers(n), numbers(m) + 0.5
        a, b = (weights(n), weights(m)) if weighted else (uniform(n), uniform(m))
        distances = {str(p): quantile_distance(x, y, a, b, p) for p in (1, 1.5, 2, 3)}
        assert abs(distances["1"] - stats.wasserstein_distance(x, y, a, b)) < 1e-12
        assert abs(distances["2"] ** 2 - ot.emd2_1d(x, y, a, b, metric="sqeuclidean")) < 1e-12
        cases.append({"x": x.tolist(), "y": y.tolist(), "a": a.tolist(), "b": b.tolist(), "distances": distances})
    return cases


def entropic(costs, a, b, epsilon, iterations=400000):
    """Plain log-domain iterations. Returns <P, C> and <f, a> + <g, b>, relative to the product of the marginals."""
    f, g = np.zeros(len(a)), np.zeros(len(b))
    with np.errstate(divide="ignore"):
        log_a, log_b = np.log(a), np.log(b)
    for iteration in range(iterations):
        f = -epsilon * special.logsumexp(log_b + (g - costs) / epsilon, axis=1)
        g = -epsilon * special.logsumexp(log_a[:, None] + (f[:, None] - costs) / epsilon, axis=0)
        if iteration % 100 == 99:
            plan = a[:, None] * b * np.exp((f[:, None] + g - costs) / epsilon)
            if np.abs(plan.sum(1) - a).sum() < 1e-13:
                break
    assert np.abs(plan.sum(1) - a).sum() < 1e-11, np.abs(plan.sum(1) - a).sum()
    return (plan * costs).sum(), f @ a + g @ b


def sinkhorn_case(x, y, a, b, epsilon):
    case = {"x": x.tolist(), "y": y.tolist(), "a": a.tolist(), "b": b.tolist(), "epsilon": epsilon}
    for key, squared in (("euclidean", False), ("squared", True)):
        xy, xx, yy = (entropic(costs_between(u, v, squared), p, q, epsilon)
                      for u, v, p, q in ((x, y, a, b), (x, x, a, a), (y, y, b, b)))
        costs = costs_between(x, y, squared)
        plan = ot.bregman.sinkhorn_log(a[a > 0], b[b > 0], costs[np.ix_(a > 0, b > 0)], epsilon, numItermax=100000, stopThr=1e-12)
        assert abs((plan * costs[np.ix_(a > 0, b > 0)]).sum() - xy[0]) < 1e-9
        case[key] = {"sharp": xy[0], "dual": xy[1], "divergence_sharp": xy[0] - (xx[0] + yy[0]) / 2,
                     "divergence_dual": xy[1] - (xx[1] + yy[1]) / 2}
    return case


def sinkhorns():
    zeros = weights(8)
    zeros[[1, 5]] = 0
    return [sinkhorn_case(numbers(8, 2), numbers(8, 2) + 1, uniform(8), uniform(8), 0.5),
            sinkhorn_case(numbers(6, 3), numbers(9, 3), weights(6), weights(9), 0.6),
            sinkhorn_case(numbers(8, 2), numbers(5, 2), zeros / zeros.sum(), weights(5), 0.8)]


def sliced_cases():
    """Integrals over the directions of the plane, and the largest on a fine grid of them."""
    cases = []
    for n, m in ((10, 10), (9, 6)):
        x, y = numbers(n, 2), numbers(m, 2) * [2, 0.5] + [0.5, 0]
        case = {"x": x.tolist(), "y": y.tolist()}
        for order in (1, 2):
            def along(angle):
                direction = np.array([np.cos(angle), np.sin(angle)])
                return quantile_distance(x @ direction, y @ direction, uniform(n), uniform(m), order)
            angles = np.linspace(0, np.pi, 20001)[:-1]
            distances = np.array([along(angle) for angle in angles])
            best = optimize.minimize_scalar(lambda angle: -along(angle), method="bounded", options={"xatol": 1e-12},
                                            bounds=(angles[distances.argmax()] - 2e-4, angles[distances.argmax()] + 2e-4))
            case[str(order)] = {"sliced": (distances ** order).mean() ** (1 / order), "max_sliced": -best.fun,
                                "deviation": (distances ** order).std()}
        cases.append(case)
    return cases


def gaussians():
    cases = []
    for d, rank in ((1, 1), (3, 3), (5, 5), (4, 2)):
        means = numbers(2, d)
        factors = [numbers(d, rank), numbers(d, d)]
        a, b = (factor @ factor.T for factor in factors)
        root = linalg.sqrtm(b)  # b is regular
        middle = root @ a @ root
        values = np.clip(linalg.eigvalsh((middle + middle.T) / 2), 0, None)[d - rank:]
        squared = ((means[0] - means[1]) ** 2).sum() + np.trace(a) + np.trace(b) - 2 * np.sqrt(values).sum()
        cases.append({"mean_a": means[0].tolist(), "cov_a": a.tolist(), "mean_b": means[1].tolist(),
                      "cov_b": b.tolist(), "distance": np.sqrt(squared)})
    return cases


def main():
    values = {"plans": plans(), "assignments": assignments(), "lines": lines(), "sinkhorn": sinkhorns(),
              "sliced": sliced_cases(), "gaussians": gaussians()}
    text = ",\n".join(f'"{name}": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]"
                      for name, cases in values.items())
    Path(__file__).with_suffix(".json").write_text("{\n" + text + "\n}\n")


main()
