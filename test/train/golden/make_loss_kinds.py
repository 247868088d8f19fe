"""Writes loss-kinds.json beside this file with torch.nn and torchvision.ops: python make_loss_kinds.py (torch 2.x, torchvision).

bce, focal and hinge on one label a photo; bce and focal on several; all that are linear in their target on mixed ones.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from seeded import Random
from torchvision.ops import sigmoid_focal_loss

HERE = Path(__file__).parent
K, N = 4, 9
NAMES = ["cat", "dog", "stamp", "0"]


def numbers(n, name, low, high):
    draw = Random(11, name)
    return torch.tensor([[low + (high - low) * draw.uniform() for _ in range(K)] for _ in range(n)], dtype=torch.float32)


def labels(n, name):
    draw = Random(12, name)
    return torch.tensor([min(draw.integer(6), 3) for _ in range(n)])


x32 = numbers(N, "logits", -4, 4)
x32[0] = torch.tensor([17.0, -16.0, 0.0, 15.0])  # large ones; larger still, torch's focal gradient is NaN at gamma 0.5
train_labels = labels(57, "train")
y = labels(N, "batch")
several = (numbers(N, "several", 0, 1) < 0.4).double()
several[1] = 0  # a photo without a label
train_several = (numbers(57, "train several", 0, 1) < 0.3).double()
one_hot = F.one_hot(y, K).double()
mixed = 0.7 * one_hot + 0.3 * one_hot.roll(1, 0)
mixed_several = 0.7 * several + 0.3 * several.roll(1, 0)
weights = torch.tensor([0.5, 2, 1, 3.25], dtype=torch.float64)
counts = torch.bincount(train_labels, minlength=K).double()
several_counts = train_several.sum(0)

cases = []


def case(kind, loss, function, log_probabilities=False):
    x = (torch.log_softmax(x32.double(), 1).float() if log_probabilities else x32).double().requires_grad_()
    value = function(x)
    value.backward()
    cases.append({"kind": kind, "loss": loss, "mean": value.item(), "gradient": x.grad.flatten().tolist()})


def smooth_single(t, e):
    return t * (1 - e) + e / K  # timm.loss.BinaryCrossEntropy


def smooth_several(t, e):
    return t * (1 - e) + 0.5 * e  # keras.losses.BinaryCrossentropy


def softmax_focal(x, t, gamma, w, total):
    log = torch.log_softmax(x, 1)
    part = -((1 - log.exp()) ** gamma) * log
    # A class that is not asked for adds nothing, whatever its own part is.
    return torch.where(t > 0, t * w * part, torch.zeros_like(part)).sum() / total


for kind, t, smooth, balanced in (
    ("single", one_hot, smooth_single, (57 - counts) / counts),
    ("several", several, smooth_several, (57 - several_counts) / several_counts),
    ("mixed", mixed, smooth_single, (57 - counts) / counts),
    ("mixed-several", mixed_several, smooth_several, (57 - several_counts) / several_counts),
):
    for e in (0, 0.1):
        for given, w in ((None, None), (weights.tolist(), weights)):
            for pos, p in ((None, None), (3, torch.full((K,), 3.0, dtype=torch.float64)), ("balanced", balanced), ([1, 2, 0.5, 4], torch.tensor([1, 2, 0.5, 4], dtype=torch.float64))):
                criterion = torch.nn.BCEWithLogitsLoss(weight=w, pos_weight=p)
                options = {"label_smoothing": e, **({} if given is None else {"class_weights": given}), **({} if pos is None else {"pos_weight": pos})}
                case(kind, {"bce": options}, lambda x: criterion(x, smooth(t, e)))

for gamma in (0, 0.5, 2):
    for kind, t in (("several", several), ("mixed-several", mixed_several)):
        for alpha in (0.25, 0.9, -1):
            case(kind, {"focal": {"gamma": gamma, "alpha": alpha}}, lambda x: sigmoid_focal_loss(x, t, alpha=alpha, gamma=gamma, reduction="mean"))
    for given, w in ((None, torch.ones(K, dtype=torch.float64)), (weights.tolist(), weights)):
        options = {"gamma": gamma, **({} if given is None else {"class_weights": given})}
        case("single", {"focal": options}, lambda x: softmax_focal(x, one_hot, gamma, w, w[y].sum()))
        case("mixed", {"focal": options}, lambda x: softmax_focal(x, mixed, gamma, w, N))

for p in (1, 2):
    for margin in (1, 0.3):
        for given, w in ((None, None), (weights.tolist(), weights)):
            options = {"p": p, "margin": margin, **({} if given is None else {"class_weights": given})}
            case("single", {"hinge": options}, lambda x: torch.nn.MultiMarginLoss(p=p, margin=margin, weight=w)(x, y))

for e in (0, 0.1):
    for given, w in ((None, None), (weights.tolist(), weights)):
        options = {"label_smoothing": e, **({} if given is None else {"class_weights": given})}
        case("mixed", {"cross_entropy": options}, lambda x: torch.nn.CrossEntropyLoss(weight=w, label_smoothing=e)(x, mixed))
for given, w in ((None, torch.ones(K)), (weights.tolist(), weights)):
    options = {} if given is None else {"class_weights": given}
    case("mixed", {"nll": options}, lambda x: -(x * mixed * w).sum() / N, True)

# gamma 0 is cross entropy with weights.
same = softmax_focal(x32.double(), one_hot, 0, weights, weights[y].sum())
assert abs(same - F.cross_entropy(x32.double(), y, weight=weights)) < 1e-12

value = {
    "classNames": NAMES,
    "trainLabels": train_labels.tolist(),
    "trainSeveral": train_several.flatten().int().tolist(),
    "logits": x32.flatten().tolist(),
    "logProbabilities": torch.log_softmax(x32.double(), 1).float().flatten().tolist(),
    "labels": y.tolist(),
    "targets": {
        "several": several.flatten().tolist(),
        "mixed": mixed.flatten().tolist(),
        "mixed-several": mixed_several.flatten().tolist(),
    },
    "cases": cases,
}
(HERE / "loss-kinds.json").write_text(json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n")
