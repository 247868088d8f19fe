"""Writes vgg.json: torchvision's names and shapes of every VGG, and features of three of them.

Run from this folder with torch, torchvision and numpy:  python make_vgg.py
Weights come from a formula that the test computes too; see `formula`.
"""
import json
import numpy as np, torch, torchvision


def formula(count, number):
    """`count` values in [-0.5, 0.5) for the tensor with this number in the state_dict."""
    with np.errstate(over="ignore"):
        v = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) ^ np.uint32(number * 40503)
        v ^= v >> np.uint32(15)
        v *= np.uint32(2246822519)
        v ^= v >> np.uint32(13)
    return v.astype(np.float64) / 2**32 - 0.5


def value(name, shape, number):
    x = formula(int(np.prod(shape)), number)
    if len(shape) == 4:
        x = x * np.sqrt(24 / np.prod(shape[1:]))
    elif name.endswith("running_var") or name.endswith("weight"):
        x = 1 + 0.2 * x
    else:
        x = 0.2 * x
    return torch.tensor(x.astype(np.float32)).reshape(shape)


names = [f"vgg{depth}{norm}" for depth in (11, 13, 16, 19) for norm in ("", "_bn")]
golden = {"state_dict": {}, "features": []}
for name in names:
    state = torch.nn.Module.state_dict(getattr(torchvision.models, name)(weights=None, init_weights=False))
    golden["state_dict"][name] = [[k, list(v.shape)] for k, v in state.items() if "num_batches" not in k]
for name, size in (("vgg16", (224, 224)), ("vgg11", (96, 128)), ("vgg11_bn", (448, 448)), ("vgg11_bn", (64, 70))):
    model = getattr(torchvision.models, name)(weights=None, init_weights=False)
    state = model.state_dict()
    for number, (key, shape) in enumerate(golden["state_dict"][name]):
        if key.startswith("features"):
            state[key].copy_(value(key, shape, number))
    model.eval()
    x = torch.tensor(np.sin(np.arange(3 * size[0] * size[1])).astype(np.float32)).reshape(1, 3, *size)
    with torch.no_grad():
        y = torch.flatten(model.avgpool(model.features(x)), 1)[0].double()
    golden["features"].append({"network": name, "size": size, "length": len(y), "norm": y.norm().item(), "every100": y[::100].tolist()})
text = json.dumps(golden)
open("vgg.json", "w").write(text)
print(len(text))
