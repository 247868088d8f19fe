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
MODULES = {"": "_flatten", "logits": "", "_blocks.3": "_blocks.3"}

given = request()
network = lite0(given["weights"])
result = []
for item in given["items"]:
    policy, root, files = item["policy"], item["root"], item["files"]
    normalize = T.Normalize([127 / 255] * 3, [128 / 255] * 3)
    transform = T.Compose([*POLICIES[policy], T.ToTensor(), normalize])
    for split in ("train", "valid"):
        folder = ImageFolder(f"{root}/{split}", transform)
        chosen = range(0, len(folder), item["every"])
        pixels = torch.stack([folder[index][0] for index in chosen])
        outputs = outputs_of(network, pixels, {MODULES[at] for at in files if at != "input"})
        for at, path in files.items():
            tensors, metadata = read_features(path)
            found, labels = (tensors[f"{split}/{part}"] for part in ("features", "labels"))
            result.append(
                {
                    "what": f"{policy} {at or 'default'} {split}",
                    "pixels": at == "input",
                    # Of pixels in units of 1 of 255, of features as they are.
                    **apart(found[chosen] * (128 if at == "input" else 1), pixels * 128 if at == "input" else outputs[MODULES[at]]),
                    "same": {
                        "count": len(found) == len(folder),
                        "labels": labels.tolist() == folder.targets,
                        "dtypes": [str(found.dtype), str(labels.dtype)] == ["float32", "int64"],
                        "class_names": metadata["class_names"] == folder.classes,
                        "paths": metadata["paths"][split] == [path[len(root) + 1 :] for path, _ in folder.samples],
                    },
                }
            )
answer(result)
