"""Trains a linear head with torch on the features that Graft wrote, from Graft's start and in Graft's order of photos."""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from common import answer, apart, read_features, request
from safetensors.torch import load_file

sys.path.insert(0, str(Path(__file__).parent.parent / "train" / "golden"))
from seeded import Random  # noqa: E402

torch.set_grad_enabled(True)
OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}


def trained(run, tensors):
    split = {
        name: (torch.from_numpy(tensors[f"{name}/features"]), torch.from_numpy(tensors[f"{name}/labels"]))
        for name in ("train", "valid")
    }
    start = load_file(run["start"])
    weights = {name: torch.nn.Parameter(value.clone()) for name, value in start.items()}
    ((kind, options),) = run["optimizer"].items()
    optimizer = OPTIMIZERS[kind](weights.values(), lr=run["learning_rate"], **options)
    x, y = split["train"]

    def loss_of(x, y):
        return F.cross_entropy(F.linear(x, weights["head.weight"], weights["head.bias"]), y)

    epochs = []
    for epoch in range(1, run["epochs"] + 1):
        order = Random(run["seed"], "shuffle", epoch).permutation(len(y))
        total = 0
        for first in range(0, len(order), run["batch_size"]):
            chosen = order[first : first + run["batch_size"]]
            loss = loss_of(x[chosen], y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(chosen)
        with torch.no_grad():
            epochs.append({"train/loss": total / len(order), "valid/loss": loss_of(*split["valid"]).item()})
    return weights, epochs


given = request()
tensors, _ = read_features(given["features"])
result = []
for run in given["runs"]:
    weights, epochs = trained(run, tensors)
    end = load_file(run["end"])
    head = {name: apart(end[name].unsqueeze(0), value.detach().unsqueeze(0)) for name, value in weights.items()}
    result.append({"epochs": epochs, "head": head, "names": sorted(end) == sorted(weights)})
answer(result)
