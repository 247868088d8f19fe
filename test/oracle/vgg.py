"""Random VGG11 weights as torch and safetensors write them, and what torch computes with them."""

from pathlib import Path

import torch
from common import answer, apart, outputs_of, photo, read_features, request
from safetensors.torch import load_file, save_file
from torchvision import models
from torchvision import transforms as T

TRANSFORM = T.Compose(
    [T.Resize(256), T.CenterCrop(224), T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
)


def made():
    """Values that keep their size from layer to layer, drawn fast."""
    network = models.vgg11(init_weights=False).eval()
    draws = torch.Generator().manual_seed(3)
    for parameter in network.parameters():
        bound = (6 / parameter[0].numel()) ** 0.5 if parameter.dim() > 1 else 0.1
        parameter.uniform_(-bound, bound, generator=draws)
    return network


given = request()
if given["do"] == "save":
    state = made().state_dict()
    save_file(state, given["path"])
    # Another network's file, as far as its names and shapes go: one layer is missing, one is wider, one is new.
    others = {name: torch.zeros(2) for name in state}
    del others["features.3.bias"]
    save_file({**others, "classifier.7.bias": torch.zeros(2)}, given["wrong"])
    answer(len(state))
else:
    network = models.vgg11(init_weights=False).eval()
    network.load_state_dict(load_file(given["weights"]))
    result = []
    found = {at: read_features(path) for at, path in given["files"].items()}
    for split in ("train", "valid"):
        paths = next(iter(found.values()))[1]["paths"][split]
        batch = torch.stack([TRANSFORM(photo(Path(given["root"]) / path)) for path in paths])
        expected = outputs_of(network, batch, list(found))
        for at, (tensors, _) in found.items():
            result.append({"what": f"{at} {split}", **apart(tensors[f"{split}/features"], expected[at])})
    answer(result)
