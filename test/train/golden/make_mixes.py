"""Writes mixes.json beside this file with torchvision.transforms.v2: python make_mixes.py (torchvision 0.19 or later, scipy)."""

import json
from pathlib import Path

import torch
from scipy.stats import beta
from seeded import Random
from torchvision.transforms import v2

HERE = Path(__file__).parent
K, N, SHAPE = 3, 4, (2, 5, 7)


def batch():
    draw = Random(21, "photos")
    count = N * SHAPE[0] * SHAPE[1] * SHAPE[2]
    return torch.tensor([draw.uniform() for _ in range(count)], dtype=torch.float32).reshape(N, *SHAPE)


x = batch()
y = torch.tensor([2, 0, 1, 1])


class Fixed:
    """In place of the Beta distribution."""

    def __init__(self, lam):
        self.lam = lam

    def sample(self, _size):
        return torch.tensor([self.lam])


cases = []
for lam in (0.0, 0.2, 0.5, 0.83, 1.0):
    mixup = v2.MixUp(num_classes=K)
    mixup._dist = Fixed(lam)
    photos, targets = mixup(x, y)
    cases.append({"kind": "mixup", "lambda": lam, "features": photos.flatten().tolist(), "targets": targets.flatten().tolist()})
    for column, row in ((0, 0), (6, 4), (3, 2), (1, 3)):
        cutmix = v2.CutMix(num_classes=K)
        cutmix._dist = Fixed(lam)
        drawn = iter((column, row))
        randint, torch.randint = torch.randint, lambda *a, **k: torch.tensor([next(drawn)])
        photos, targets = cutmix(x, y)
        torch.randint = randint
        cases.append({"kind": "cutmix", "lambda": lam, "x": column, "y": row, "features": photos.flatten().tolist(), "targets": targets.flatten().tolist()})

value = {
    "shape": list(SHAPE),
    "features": x.flatten().tolist(),
    "labels": y.tolist(),
    "cases": cases,
    # alpha -> the distribution function of Beta(alpha, alpha) at 0.001, 0.1, 0.3, 0.45
    "beta": {str(a): beta.cdf([0.001, 0.1, 0.3, 0.45], a, a).tolist() for a in (0.05, 0.2, 1.0, 4.0)},
}
(HERE / "mixes.json").write_text(json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n")
