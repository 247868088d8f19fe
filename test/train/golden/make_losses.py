"""Writes losses.json beside this file with torch.nn and scikit-learn: python make_losses.py (torch 2.x, scikit-learn)."""

import json
from pathlib import Path

import numpy as np
import torch
from seeded import Random
from sklearn.utils.class_weight import compute_class_weight

HERE = Path(__file__).parent
K = 4
NAMES = ["cat", "dog", "stamp", "0"]


def outputs(n, name):
    draw = Random(3, name)
    return torch.tensor([[4 * draw.uniform() - 2 for _ in range(K)] for _ in range(n)], dtype=torch.float32)


def labels(n, name):
    draw = Random(4, name)
    return torch.tensor([min(draw.integer(6), 3) for _ in range(n)])


all_labels = labels(101, "train")
balanced = compute_class_weight("balanced", classes=np.arange(K), y=all_labels.numpy()).tolist()
WEIGHTS = [
    (None, [1, 1, 1, 1]),
    ("balanced", balanced),
    ([0.5, 2, 1, 3.25], [0.5, 2, 1, 3.25]),
    ({"stamp": 2.5, "0": 0.25}, [1, 1, 2.5, 0.25]),
]

cases = []
y = labels(9, "batch")
for given, numbers in WEIGHTS:
    weight = None if given is None else torch.tensor(numbers, dtype=torch.float64)
    for smoothing in (0, 0.1, 0.9):
        x = outputs(9, "batch").double().requires_grad_()
        loss = torch.nn.CrossEntropyLoss(weight=weight, label_smoothing=smoothing)(x, y)
        loss.backward()
        options = {"label_smoothing": smoothing, **({} if given is None else {"class_weights": given})}
        cases.append({"loss": {"cross_entropy": options}, "mean": loss.item(), "gradient": x.grad.flatten().tolist()})
    x = torch.log_softmax(outputs(9, "batch").double(), 1).float().double().requires_grad_()
    loss = torch.nn.NLLLoss(weight=weight)(x, y)
    loss.backward()
    cases.append({"loss": {"nll": {} if given is None else {"class_weights": given}}, "mean": loss.item(), "gradient": x.grad.flatten().tolist()})

value = {
    "classNames": NAMES,
    "trainLabels": all_labels.tolist(),
    "logits": outputs(9, "batch").flatten().tolist(),
    "logProbabilities": torch.log_softmax(outputs(9, "batch").double(), 1).float().flatten().tolist(),
    "labels": y.tolist(),
    "balanced": balanced,
    "cases": cases,
}
(HERE / "losses.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")
