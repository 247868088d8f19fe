"""Scores of random predictions by scikit-learn: python golden.py > golden.json"""
import json
import sys
import warnings

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn import metrics

warnings.filterwarnings("ignore")
rng = np.random.default_rng(0)
cases = []
for n, k, skill in [(60, 2, 1.0), (80, 3, 0.5), (200, 7, 1.5), (40, 2, 6.0), (30, 10, 2.0)]:
    labels = np.concatenate([np.arange(k), rng.choice(k, n - k, p=rng.dirichlet(np.ones(k)))])
    logits = rng.normal(size=(n, k))
    if k < 5:
        logits = logits.round(1)  # ties
    logits[np.arange(n), labels] += skill
    p = np.exp(logits)
    p /= p.sum(1, keepdims=True)
    predicted = p.argmax(1)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, predicted, labels=range(k), zero_division=0
    )
    hot = np.eye(k)[labels]
    auc = [metrics.roc_auc_score(hot[:, c], p[:, c]) for c in range(k)]
    ap = [metrics.average_precision_score(hot[:, c], p[:, c]) for c in range(k)]
    macro = metrics.precision_recall_fscore_support(labels, predicted, average="macro", zero_division=0)
    weighted = metrics.precision_recall_fscore_support(labels, predicted, average="weighted", zero_division=0)

    def at(log_t):
        q = p ** (1 / np.exp(log_t))
        return metrics.log_loss(labels, q / q.sum(1, keepdims=True), labels=range(k))

    best = minimize_scalar(at, bounds=(np.log(0.01), np.log(100)), method="bounded", options={"xatol": 1e-9})
    confidence = p.max(1)
    edges = np.linspace(0, 1, 16)
    ece = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            ece += inside.mean() * abs((predicted == labels)[inside].mean() - confidence[inside].mean())
    cases.append(
        {
            "labels": labels.tolist(),
            "probabilities": p.tolist(),
            "predicted": predicted.tolist(),
            "accuracy": metrics.accuracy_score(labels, predicted),
            "balancedAccuracy": metrics.balanced_accuracy_score(labels, predicted),
            "top5": metrics.top_k_accuracy_score(labels, p, k=5, labels=range(k)) if k > 5 else None,
            "precision": precision.tolist(),
            "recall": recall.tolist(),
            "f1": f1.tolist(),
            "support": support.tolist(),
            "macro": list(map(float, macro[:3])),
            "weighted": list(map(float, weighted[:3])),
            "confusion": metrics.confusion_matrix(labels, predicted, labels=range(k)).tolist(),
            "logLoss": metrics.log_loss(labels, p, labels=range(k)),
            "brier": float(((p - hot) ** 2).sum(1).mean()),
            "rocAuc": auc[1] if k == 2 else metrics.roc_auc_score(labels, p, multi_class="ovr"),
            "averagePrecision": ap[1] if k == 2 else metrics.average_precision_score(hot, p),
            "classAuc": list(map(float, auc)),
            "classAp": list(map(float, ap)),
            "temperature": float(np.exp(best.x)),
            "logLossAtTemperature": float(best.fun),
            "ece": float(ece),
        }
    )
json.dump(cases, sys.stdout)
print()
