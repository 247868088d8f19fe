"""Effects of a sweep's axes by scipy: python golden.py > golden.json"""
import itertools
import json
import sys

import numpy as np
from scipy import stats

rng = np.random.default_rng(1)
trials = []
for rate, kind, seed in itertools.product([0.001, 0.01, 0.1], ["a", "b", "c"], range(4)):
    score = 0.8 + 0.05 * np.log10(rate) + {"a": 0.0, "b": 0.03, "c": 0.031}[kind] + rng.normal(0, 0.01)
    trials.append({"rate": rate, "kind": kind, "seed": seed, "score": round(float(score), 4)})


def scores(**where):
    return np.array([t["score"] for t in trials if all(t[k] == v for k, v in where.items())])


everything = scores()


def explains(axis):
    groups = [scores(**{axis: v}) for v in dict.fromkeys(t[axis] for t in trials)]
    between = sum(len(g) * (g.mean() - everything.mean()) ** 2 for g in groups)
    return float(between / ((everything - everything.mean()) ** 2).sum())


def pair(axis, better, other):
    a, b = scores(**{axis: better}), scores(**{axis: other})
    test = stats.ttest_rel(a, b)
    low, high = test.confidence_interval(0.95)
    return {"difference": float((a - b).mean()), "low": float(low), "high": float(high), "p": float(test.pvalue)}


kinds = ["a", "b", "c"]
best = max(kinds, key=lambda k: scores(kind=k).mean())
others = [k for k in kinds if k != best]
raw = [pair("kind", best, k) for k in others]
order = np.argsort([r["p"] for r in raw])
least = 0.0
for place, index in enumerate(order):
    least = max(least, min(1.0, raw[index]["p"] * (len(raw) - place)))
    raw[index]["holm"] = least
first = scores(rate=0.1, kind="c")
half = stats.t.ppf(0.975, 3) * first.std(ddof=1) / 2
json.dump(
    {
        "trials": trials,
        "explains": {"rate": explains("rate"), "kind": explains("kind")},
        "correlation": float(stats.spearmanr([t["rate"] for t in trials], everything).statistic),
        "best": best,
        "pairs": {k: r for k, r in zip(others, raw)},
        "point": {"mean": float(first.mean()), "low": float(first.mean() - half), "high": float(first.mean() + half)},
    },
    sys.stdout,
)
print()
