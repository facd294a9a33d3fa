"""Holds intervals of a difference of means against scipy.stats.

Reads from standard input a JSON list of cases, each {name, left, right, paired, confidence, low, high}: the statistics of the
units of both sides (of paired units in the same order), and the interval of the difference of their means that is to be
checked. Each end must be that of Welch's t (of the paired t), or lie further out; scipy's permutation test of the studentised
difference must reject a difference there, and where the end lies further out than Welch's, reject it only just: within
TOLERANCE Monte-Carlo errors of the level, or one arrangement of all. Prints a line an end; exits 1 where one fails.
"""

import json
import sys

import numpy as np
from scipy.stats import permutation_test, ttest_ind, ttest_rel

RESAMPLES = 20_000
TOLERANCE = 4.0


def studentised(paired):
    def statistic(left, right, axis=-1):
        size = left.shape[axis]
        if paired:
            differences = right - left
            variance = differences.var(axis=axis, ddof=1) / size
        else:
            variance = left.var(axis=axis, ddof=1) / size + right.var(axis=axis, ddof=1) / right.shape[axis]
        with np.errstate(divide="ignore"):
            return (right.mean(axis=axis) - left.mean(axis=axis)) / np.sqrt(variance)

    return statistic


def level(case, difference, alternative):
    """The significance level of a difference, one-sided, and the error of it."""
    found = permutation_test(
        (np.array(case["left"]), np.array(case["right"]) - difference),
        studentised(case["paired"]),
        permutation_type="samples" if case["paired"] else "independent",
        vectorized=True,
        n_resamples=RESAMPLES,
        alternative=alternative,
        rng=np.random.default_rng(1),
    )
    count = len(found.null_distribution)
    p = found.pvalue
    error = np.sqrt(p * (1 - p) / count) if count >= RESAMPLES else 0.0
    return p, TOLERANCE * error + 1.5 / count


def check(case, welch, end, sign):
    p, error = level(case, end, "greater" if sign < 0 else "less")
    tail = (1 - case["confidence"]) / 2
    beyond = sign * (end - welch)
    scale = 1e-6 * max(1.0, abs(welch))
    is_welch = abs(beyond) <= scale
    good = p <= tail + error and (is_welch or (beyond > 0 and p >= tail - error))
    print(
        f"{'agrees' if good else 'DIFFERS'}  {case['name']}: {end:.4f}, scipy's t {welch:.4f}, "
        f"level {p:.5f} ± {error:.5f} of {tail:.5f}{'' if is_welch else ', widened'}"
    )
    return good


def main():
    good = True
    for case in json.load(sys.stdin):
        left, right = case["left"], case["right"]
        test = ttest_rel(right, left) if case["paired"] else ttest_ind(right, left, equal_var=False)
        welch = test.confidence_interval(case["confidence"])
        good &= check(case, welch.low, case["low"], -1)
        good &= check(case, welch.high, case["high"], 1)
    return not good


if __name__ == "__main__":
    sys.exit(main())
