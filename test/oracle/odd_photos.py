"""Compares what Graft makes of odd photos with Pillow, torchvision and torch."""

import torch
from common import answer, apart, outputs_of, photo, read_features, request
from lite0 import lite0
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

TRANSFORM = T.Compose(
    [T.Resize(72), T.CenterCrop(64), T.ToTensor(), T.Normalize([127 / 255] * 3, [128 / 255] * 3)]
)


given = request()
network = lite0(given["weights"])
result = []
for split in ("train", "valid"):
    folder = ImageFolder(f"{given['root']}/{split}", TRANSFORM, loader=photo)
    pixels = torch.stack([image for image, _ in folder])
    expected = {"input": pixels, "default": outputs_of(network, pixels, ["_flatten"])["_flatten"]}
    names = [path[len(given["root"]) + 1 :] for path, _ in folder.samples]
    for at, path in given["files"].items():
        tensors, metadata = read_features(path)
        found = tensors[f"{split}/features"]
        same = {
            "class_names": (metadata["class_names"], folder.classes),
            "paths": (metadata["paths"][split], names),
            "labels": (tensors[f"{split}/labels"].tolist(), folder.targets),
        }
        for index, name in enumerate(names):
            one = apart(found[index : index + 1], expected[at][index : index + 1])
            result.append({"what": f"{name} {at}", "at": at, **one})
        result[-1]["same"] = same
answer(result)
