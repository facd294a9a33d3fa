"""Holds rainflow counts against the packages rainflow (ASTM E1049) and fatpack.

Reads from standard input a JSON list of cases, each {name, values, half, repeated, knee, cycles, slope, damage}: a history, its cycles
[range, mean, count] with the residue as half cycles and repeated, and the damage of the latter by a Wöhler line. Cycles of rainflow must
be the same; those of fatpack, which knows ranges and closes the residue by repeating it, the same ranges and damage. Prints a line a
figure; exits 1 where one differs.
"""

import json
import sys
from collections import Counter

import fatpack
import numpy as np
import rainflow

good = True


def same(name, found, expect):
    global good
    found, expect = np.array(found, float), np.array(expect, float)
    agrees = found.shape == expect.shape and np.allclose(found, expect, rtol=1e-9, atol=1e-9)
    good &= agrees
    print(f"{'agrees' if agrees else 'DIFFERS'}  {name}: {found.shape} {found.sum()!r}, peer {expect.shape} {expect.sum()!r}")


for case in json.load(sys.stdin):
    values = np.array(case["values"])
    peer = [(range_, mean, count) for range_, mean, count, _, _ in rainflow.extract_cycles(values)]

    def keyed(cycles):
        """Adds up what is alike: of equal ranges side by side it makes no difference which is the closed one."""
        sums = Counter()
        for range_, mean, count in cycles:
            sums[(round(range_, 9), round(mean, 9))] += count
        return sorted((*key, count) for key, count in sums.items())

    same(case["name"] + ", cycles by rainflow", keyed(case["half"]), keyed(peer))
    # The package rounds values to classes where it finds turning points itself.
    moved = values[np.concatenate([[True], np.diff(values) != 0])]
    turns = np.sign(np.diff(moved))
    reversals = moved[np.concatenate([[True], turns[1:] != turns[:-1], [True]])]
    closed, residue = fatpack.find_rainflow_cycles(reversals)
    again = fatpack.concatenate_reversals(residue, residue)
    closed_again, _ = fatpack.find_rainflow_cycles(again)
    both = [cycles for cycles in (closed, closed_again) if len(cycles)]
    ranges = np.sort(np.abs(np.diff(np.concatenate(both), axis=1)).ravel())
    ranges = ranges[ranges > 0]
    same(case["name"] + ", ranges by fatpack", np.sort([cycle[0] for cycle in case["repeated"]]), ranges)
    curve = fatpack.LinearEnduranceCurve(case["knee"])
    curve.Nc, curve.m = case["cycles"], case["slope"]
    same(case["name"] + ", damage by fatpack", case["damage"], curve.find_miner_sum(ranges))
sys.exit(not good)
