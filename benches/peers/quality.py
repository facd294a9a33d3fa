"""Compares control charts, capability, rank tests and corrections with NumPy and SciPy.

Reads from standard input what the test of src/statistics/control computed, computes each figure again in another way, prints a line a
figure, and exits 1 where one differs by more than 1e-9 (1e-6 where a distribution is inverted).
"""

import json
import sys

import numpy as np
from scipy import special, stats

given = json.load(sys.stdin)
good = True


def same(name, found, expect, tolerance=1e-9):
    global good
    found, expect = np.array(found, float), np.array(expect, float)
    agrees = found.shape == expect.shape and np.allclose(found, expect, rtol=tolerance, atol=tolerance)
    good &= agrees
    print(f"{'agrees' if agrees else 'DIFFERS'}  {name}: {found.ravel()[:3]}, peer {expect.ravel()[:3]}")


def c4(n):
    return np.sqrt(2 / (n - 1)) * special.gamma(n / 2) / special.gamma((n - 1) / 2)


x = np.array(given["values"])
n = len(x)
same("c4", given["c4"], [c4(k) for k in range(2, 31)])
ranges = np.abs(np.diff(x))
# The mean range of two standard normal values, by integration.
d2 = stats.norm.expect(lambda a: 2 * a * (2 * stats.norm.cdf(a) - 1))
sigma = ranges.mean() / d2
found = given["individuals"]
same("sigma of moving ranges", found["sigma"], sigma)
same("limits of single values", found["location"], [[v, x.mean() - 3 * sigma, x.mean() + 3 * sigma] for v in x])
d3 = np.sqrt(2 - d2**2)
same("limits of moving ranges", found["spread"], [[r, 0, ranges.mean() * (1 + 3 * d3 / d2)] for r in ranges])
groups = [np.array(group) for group in given["groups"]]
freedom = sum(len(group) - 1 for group in groups)
pooled = np.sqrt(sum(group.var(ddof=1) * (len(group) - 1) for group in groups) / freedom)
centre = np.concatenate(groups).mean()
found = given["grouped"]
same("pooled sigma", [found["sigma"], found["freedom"]], [pooled, freedom])
same("limits of means", found["location"],
     [[g.mean(), centre - 3 * pooled / len(g) ** 0.5, centre + 3 * pooled / len(g) ** 0.5] for g in groups])
same("limits of deviations", found["spread"],
     [[g.std(ddof=1), max(0, c4(len(g)) * pooled - 3 * pooled * np.sqrt(1 - c4(len(g)) ** 2)),
       c4(len(g)) * pooled + 3 * pooled * np.sqrt(1 - c4(len(g)) ** 2)] for g in groups])
same("deviation", given["deviation"], x.std(ddof=1))
d = x - x.mean()
same("autocorrelation", given["autocorrelation"], (d[1:] @ d[:-1]) / (d @ d))
target, weight = given["target"], 0.2
z = [sum(weight * (1 - weight) ** (i - j) * x[j] for j in range(i + 1)) + (1 - weight) ** (i + 1) * target for i in range(n)]
width = [2.962 * sigma * np.sqrt(sum((weight * (1 - weight) ** j) ** 2 for j in range(i + 1))) for i in range(n)]
same("weighted means", given["ewma"], [[v, target - w, target + w] for v, w in zip(z, width)])
# The sum after a value is the greatest of the sums of what ends with it.
above, below = x - target - sigma / 2, target - sigma / 2 - x
greatest = lambda y: [max(0, max(y[j : i + 1].sum() for j in range(i + 1))) for i in range(n)]
same("cumulative sums", [given["cusum"]["upper"], given["cusum"]["lower"]], [greatest(above), greatest(below)])
same("limit of sums", given["cusum"]["limit"], 5 * sigma)
of = given["capability"]
lower, upper, tail = of["lower"], of["upper"], (1 - of["confidence"]) / 2
for name, s, nu in [("cp", sigma, 0.62 * (n - 1)), ("pp", x.std(ddof=1), n - 1)]:
    index = (upper - lower) / (6 * s)
    limits = [index * np.sqrt(stats.chi2.ppf(p, nu) / nu) for p in (tail, 1 - tail)]
    same(name, of[name], [index, *limits], 1e-6)
    index = min(upper - x.mean(), x.mean() - lower) / (3 * s)
    width = stats.norm.ppf(1 - tail) * np.sqrt(1 / (9 * n) + index**2 / (2 * nu))
    same(name + "k", of[name + "k"], [index, index - width, index + width], 1e-6)
for case in given["ranks"]:
    peer = stats.mannwhitneyu(case["left"], case["right"], method="exact" if case["exact"] else "asymptotic")
    same("rank sum" + (", counted" if case["exact"] else ", with ties"), [case["statistic"], case["p"]], peer)
p = np.array(given["probabilities"])
same("Benjamini and Hochberg", given["falseDiscovery"], stats.false_discovery_control(p))
order = np.argsort(p)
holm = np.empty(len(p))
holm[order] = np.minimum(1, np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))))
same("Holm", given["familyWise"], holm)
same("Theil and Sen", given["slope"], stats.theilslopes(x, np.arange(n)).slope)
sys.exit(not good)
