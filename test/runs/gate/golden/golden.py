"""Values that test/runs/gate/noise.test.ts compares with, from scipy: python golden.py > golden.json"""
import json
import sys

from scipy import stats

tails = [0.0, 0.5, 1.0, 2.326, 2.99, 3.0, 3.01, 5.0, 8.0]
students = [(t, df) for t in [-2.0, 0.0, 0.3, 1.0, 3.747, 12.0, 80.0] for df in [1, 2, 4, 9, 60]]
flips = [(b, c) for b in [0, 1, 3, 5, 9, 40, 90] for c in [0, 1, 4, 30, 60]]


def mid_p(b, c):
    """McNemar, one-sided, mid-p: b turned wrong, c turned right."""
    n = b + c
    return float(stats.binom.sf(b, n, 0.5) + 0.5 * stats.binom.pmf(b, n, 0.5))


json.dump(
    {
        "normal": [[z, float(stats.norm.sf(z))] for z in tails],
        "student": [[t, df, float(stats.t.sf(t, df))] for t, df in students],
        "mcnemar": [[b, c, mid_p(b, c)] for b, c in flips],
    },
    sys.stdout,
    indent="\t",
)
print()
