"""How far features that Graft wrote are from torchvision's transforms and torch's EfficientNet-Lite0 on the same folder."""

import torch
from common import answer, apart, outputs_of, read_features, request
from lite0 import lite0
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

POLICIES = {
    "center-crop": [T.CenterCrop(224)],
    "resize": [T.Resize([224, 224])],
    "resize-center-crop": [T.Resize(256), T.CenterCrop(224)],
}
MODULES = {"": "_flatten", "logits": "", "_blocks.3": "_blocks.3", "_blocks.11._bn2": "_blocks.11._bn2"}

given = request()
network = lite0(given["weights"])
transform = T.Compose([*POLICIES[given["policy"]], T.ToTensor(), T.Normalize([127 / 255] * 3, [128 / 255] * 3)])
result = {}
expected = {}
for split in ("train", "valid"):
    folder = ImageFolder(f"{given['root']}/{split}", transform)
    pixels = torch.stack([image for image, _ in folder])
    outputs = outputs_of(network, pixels, {MODULES[at] for at in given["files"] if at != "input"})
    expected[split] = {"input": pixels, **{at: outputs.get(name) for at, name in MODULES.items()}}
    expected[split]["folder"] = folder

for at, path in given["files"].items():
    tensors, metadata = read_features(path)
    for split, of in expected.items():
        found = tensors[f"{split}/features"]
        folder = of["folder"]
        result[f"{at}/{split}"] = {
            **apart(found, of[at]),
            "pixels": apart(found * 128, of[at] * 128) if at == "input" else None,
            "labels": tensors[f"{split}/labels"].tolist() == folder.targets,
            "dtypes": [str(tensors[f"{split}/{part}"].dtype) for part in ("features", "labels")],
            "class_names": metadata["class_names"] == folder.classes,
            "paths": metadata["paths"][split] == [path[len(given["root"]) + 1 :] for path, _ in folder.samples],
        }
answer(result)
