"""Holds intervals of the bootstrap over units against scipy.stats.bootstrap.

Reads from standard input a JSON list of cases, each {name, left, right, paired, confidence, resamples, low, high}: the
statistics of the units of both sides (of paired units in the same order), and the interval of the difference of their means
that is to be checked. scipy draws each case RUNS times, which tells the mean and the Monte-Carlo error of each end; an end
further than TOLERANCE such errors from the mean fails. Prints a line a case; exits 1 where one fails.
"""

import json
import sys

import numpy as np
from scipy.stats import bootstrap

RUNS = 20
TOLERANCE = 4.0


def difference(left, right, axis=-1):
    return np.mean(right, axis=axis) - np.mean(left, axis=axis)


def ends(case, seed):
    found = bootstrap(
        (case["left"], case["right"]),
        difference,
        paired=case["paired"],
        vectorized=True,
        n_resamples=case["resamples"],
        confidence_level=case["confidence"],
        method="BCa",
        rng=np.random.default_rng(seed),
    )
    return found.confidence_interval.low, found.confidence_interval.high


def main():
    failed = False
    for case in json.load(sys.stdin):
        runs = np.array([ends(case, seed) for seed in range(RUNS)])
        mean, error = runs.mean(axis=0), runs.std(axis=0, ddof=1)
        ours = np.array([case["low"], case["high"]])
        away = np.abs(ours - mean) / error
        good = bool((away <= TOLERANCE).all())
        failed |= not good
        print(
            f"{'agrees' if good else 'DIFFERS'}  {case['name']}: [{ours[0]:.4f}, {ours[1]:.4f}], "
            f"scipy [{mean[0]:.4f}, {mean[1]:.4f}] ± [{error[0]:.4f}, {error[1]:.4f}]"
        )
    return failed


if __name__ == "__main__":
    sys.exit(main())
