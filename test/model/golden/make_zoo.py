"""Writes zoo.json: of torchvision's networks the names and shapes of their parameters, as a digest, and logits of some.

Run from this folder with torch, torchvision and numpy:  python make_zoo.py
Weights come from the formula of make_vgg.py, numbered in the order of their names.
"""
import hashlib
import json
import re
import numpy as np, torch, torchvision

NAMES = re.findall(r"^\t(\w+): \[", open("../../../src/model/zoo/published.gen.ts").read(), re.M)
LOGITS = {
    "resnet18": (64, 96),
    "squeezenet1_1": (96, 64),
    "mobilenet_v2": (64, 96),
    "mobilenet_v3_small": (96, 128),
    "efficientnet_b0": (64, 96),
    "shufflenet_v2_x1_0": (96, 64),
    "swin_t": (64, 96),
}


def formula(count, number):
    """`count` values in [-0.5, 0.5) for the tensor with this number."""
    with np.errstate(over="ignore"):
        v = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) ^ np.uint32(number * 40503)
        v ^= v >> np.uint32(15)
        v *= np.uint32(2246822519)
        v ^= v >> np.uint32(13)
    return v.astype(np.float64) / 2**32 - 0.5


def value(name, shape, number):
    x = formula(int(np.prod(shape)), number)
    if len(shape) > 1:
        x = x * np.sqrt(24 / np.prod(shape[1:]))
    elif name.endswith("running_var") or name.endswith("weight"):
        x = 1 + 0.2 * x
    else:
        x = 0.2 * x
    return torch.tensor(x.astype(np.float32)).reshape(shape)


golden = {"state_dict": {}, "logits": []}
for name in NAMES:
    with torch.device("meta"):
        state = getattr(torchvision.models, name)(weights=None).state_dict()
    rows = [[key, list(state[key].shape)] for key in sorted(state) if not re.search("num_batches_tracked|relative_position_index", key)]
    digest = hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()
    golden["state_dict"][name] = {"count": len(rows), "sha256": digest}
    if name not in LOGITS:
        continue
    size = LOGITS[name]
    model = getattr(torchvision.models, name)(weights=None).eval()
    state = model.state_dict()
    for number, (key, shape) in enumerate(rows):
        state[key].copy_(value(key, shape, number))
    x = torch.tensor(np.sin(np.arange(3 * size[0] * size[1])).astype(np.float32)).reshape(1, 3, *size)
    with torch.no_grad():
        y = model(x)[0].double()
    golden["logits"].append({"network": name, "size": size, "norm": y.norm().item(), "every50": y[::50].tolist()})
text = json.dumps(golden, indent=1)
open("zoo.json", "w").write(text + "\n")
print(len(text))
