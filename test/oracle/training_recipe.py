"""Trains an mlp head with torch by a recipe of our own words: smoothing, balanced classes, warm-up, cosine, clipping, early stopping."""

import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from common import answer, apart, read_features, request
from safetensors.torch import load_file

sys.path.insert(0, str(Path(__file__).parent.parent / "train" / "golden"))
from seeded import Random  # noqa: E402

torch.set_grad_enabled(True)
given = request()
tensors, _ = read_features(given["features"])
x, y = (torch.from_numpy(tensors[f"train/{part}"]) for part in ("features", "labels"))
valid_x, valid_y = (torch.from_numpy(tensors[f"valid/{part}"]) for part in ("features", "labels"))
weights = {name: torch.nn.Parameter(value.clone()) for name, value in load_file(given["start"]).items()}

classes = weights["head.2.bias"].numel()
balanced = len(y) / (classes * torch.bincount(y, minlength=classes).double())
criterion = torch.nn.CrossEntropyLoss(weight=balanced.float(), label_smoothing=given["label_smoothing"])
optimizer = torch.optim.AdamW(weights.values(), lr=given["learning_rate"], weight_decay=given["weight_decay"])
batch, warmup = given["batch_size"], given["warmup_epochs"]
steps = math.ceil(len(y) / batch)
line = torch.optim.lr_scheduler.LinearLR(optimizer, given["warmup_start_factor"], 1, warmup * steps)
cosine = None


def forward(x):
    x = F.relu(F.linear(x, weights["head.0.weight"], weights["head.0.bias"]))
    return F.linear(x, weights["head.2.weight"], weights["head.2.bias"])


epochs, best, best_loss, waited = [], None, math.inf, 0
for epoch in range(1, given["epochs"] + 1):
    if epoch == warmup + 1:
        for group in optimizer.param_groups:
            group["lr"] = given["learning_rate"]
        cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, given["epochs"] - warmup)
    order = Random(given["seed"], "shuffle", epoch).permutation(len(y))
    total, size = 0.0, 0.0
    for first in range(0, len(order), batch):
        chosen = order[first : first + batch]
        loss = criterion(forward(x[chosen]), y[chosen])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights.values(), given["clip_grad_norm"])
        rate = optimizer.param_groups[0]["lr"]
        optimizer.step()
        if cosine is None:
            line.step()
        weight = balanced[y[chosen]].sum().item()
        total += loss.item() * weight
        size += weight
    if cosine is not None:
        cosine.step()
    with torch.no_grad():
        valid = criterion(forward(valid_x), valid_y).item()
    epochs.append({"train_loss": total / size, "valid_loss": valid, "learning_rate": rate})
    if valid < best_loss:
        best, best_loss, waited = (epoch, {name: value.detach().clone() for name, value in weights.items()}), valid, 0
    else:
        waited += 1
        if waited >= given["patience"]:
            break

end = load_file(given["end"])
head = {name: apart(end[name].unsqueeze(0), value.unsqueeze(0)) for name, value in best[1].items()}
answer({"epochs": epochs, "best": best[0], "head": head, "names": sorted(end) == sorted(weights)})
