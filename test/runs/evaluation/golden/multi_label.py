"""Writes multi-label.json beside this file with scikit-learn: python multi_label.py (scikit-learn 1.x)."""

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn import metrics

warnings.simplefilter("ignore")
rng = np.random.default_rng(3)
cases = []
for n, k, sure in ((40, 5, 2.0), (7, 3, 0.5), (25, 1, 1.0), (60, 12, 4.0)):
    y = (rng.random((n, k)) < 0.3).astype(int)
    y[0] = 0  # a photo without a label
    y[1] = 1
    p = 1 / (1 + np.exp(-(sure * (2 * y - 1) * rng.random((n, k)) + rng.normal(size=(n, k)))))
    p = p.astype(np.float32).astype(float)
    p[3] = 0.1  # a photo that is said to have none
    p[2, 0] = 0.5  # not above one half
    p[:, -1] = np.round(p[:, -1], 1)  # ties
    said = (p > 0.5).astype(int)
    mean = {
        kind: list(metrics.precision_recall_fscore_support(y, said, average=kind, zero_division=0)[:3]) if k > 1 else None
        for kind in ("micro", "macro", "samples")
    }
    each = metrics.precision_recall_fscore_support(y, said, average=None, zero_division=0) if k > 1 else None
    cases.append({
        "labels": [np.flatnonzero(row).tolist() for row in y],
        "probabilities": p.tolist(),
        "hamming": metrics.hamming_loss(y, said),
        "subset": metrics.accuracy_score(y, said),
        "mean": mean,
        "each": None if each is None else [value.tolist() for value in each],
        "ap": [metrics.average_precision_score(y[:, c], p[:, c]) for c in range(k)],
        "map": metrics.average_precision_score(y, p, average="macro"),
        "auc": metrics.roc_auc_score(y, p, average="macro"),
        "logLoss": float(np.mean([metrics.log_loss(y[:, c], p[:, c], labels=[0, 1]) for c in range(k)])),
    })
(Path(__file__).parent / "multi-label.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
