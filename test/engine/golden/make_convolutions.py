"""Writes tfjs-convolutions.json beside this file: convolutions, pools and BatchNormalization by PyTorch's autograd."""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
cases = []


def tensor(shape, seed, scale=1.0, shift=0.0):
    """Numbers without ties or kinks, that need no generator."""
    values = [scale * math.sin(12.9898 * (i + 1) + 78.233 * seed) + shift for i in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float32).reshape(shape).requires_grad_()


def plain(t):
    return {"shape": list(t.shape), "data": [float(f"{v:.8g}") for v in np.asarray(t.detach(), np.float32).reshape(-1)]}


def case(op, inputs, compute, attributes=None, opset=17):
    """All inputs get gradients; they and the results are computed in float64."""
    wide = [t.detach().double().requires_grad_() for t in inputs]
    output = compute(*wide)
    upstream = tensor(tuple(output.shape), 99).detach()
    gradients = torch.autograd.grad(output, wide, upstream.double(), allow_unused=True)
    cases.append(
        {
            "op": op,
            "opset": opset,
            "attributes": attributes or {},
            "inputs": [plain(t) for t in inputs],
            "constants": {},
            "output": plain(output),
            "upstream": plain(upstream),
            "gradients": [None if g is None else plain(g) for g in gradients],
        }
    )


def conv(x, w, bias=True, stride=1, padding=0, dilation=1, groups=1, **more):
    """Symmetric padding as torch's; `pads` (top, left, bottom, right) and auto_pad by padding first."""
    pair = lambda v: [v, v] if isinstance(v, int) else list(v)
    n = len(w) - 2
    attributes = {"strides": pair(stride)[:n], "dilations": pair(dilation)[:n], "group": groups}
    inputs = [tensor(x, 1), tensor(w, 2)] + ([tensor((w[0],), 3)] if bias else [])
    if "auto_pad" in more:
        attributes["auto_pad"] = more["auto_pad"]
        pads = more["pads"]
    else:
        pads = more.get("pads") or (pair(padding) * 2 if n == 2 else [padding, padding])
        attributes["pads"] = list(pads)
    around = (pads[1], pads[3], pads[0], pads[2]) if n == 2 else tuple(pads)
    function = F.conv2d if n == 2 else F.conv1d
    arguments = {"stride": attributes["strides"], "dilation": attributes["dilations"], "groups": groups}
    case("Conv", inputs, lambda x, w, b=None: function(F.pad(x, around), w, b, **arguments), attributes)


conv((2, 3, 5, 6), (4, 3, 3, 3), padding=1)
conv((2, 3, 5, 6), (4, 3, 1, 1), bias=False)
conv((2, 3, 6, 5), (4, 3, 1, 1), stride=2)
conv((2, 3, 7, 6), (4, 3, 3, 3), stride=2, padding=1)
conv((2, 2, 9, 8), (3, 2, 5, 3), stride=(2, 1), padding=(2, 1), bias=False)
conv((1, 2, 9, 8), (3, 2, 3, 3), dilation=2, padding=2)
conv((1, 2, 10, 9), (3, 2, 3, 3), dilation=2, stride=2, padding=2)
conv((2, 3, 6, 6), (4, 3, 3, 3), pads=(0, 1, 2, 3))
conv((2, 3, 6, 7), (4, 3, 3, 3), stride=2, auto_pad="SAME_UPPER", pads=(0, 1, 1, 1))
conv((2, 3, 6, 7), (4, 3, 3, 3), stride=2, auto_pad="SAME_LOWER", pads=(1, 1, 0, 1))
conv((2, 3, 6, 7), (4, 3, 3, 3), auto_pad="VALID", pads=(0, 0, 0, 0))
conv((2, 4, 6, 6), (4, 1, 3, 3), groups=4, padding=1)
conv((2, 4, 7, 6), (4, 1, 3, 3), groups=4, stride=2, padding=1, bias=False)
conv((2, 3, 6, 6), (6, 1, 3, 3), groups=3, padding=1)
conv((2, 3, 8, 8), (3, 1, 3, 3), groups=3, dilation=2, padding=2)
conv((2, 3, 8, 9), (3, 1, 3, 3), groups=3, stride=(2, 1), padding=1)
conv((2, 4, 5, 6), (6, 2, 3, 3), groups=2, padding=1)
conv((2, 3, 9), (4, 3, 3), padding=1, stride=2)
conv((2, 4, 9), (4, 1, 3), padding=1, groups=4)


def conv_transpose(x, w, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    inputs = [tensor(x, 4), tensor(w, 5), tensor((w[1] * groups,), 6)]
    attributes = {
        "strides": [stride] * 2,
        "pads": [padding] * 4,
        "output_padding": [output_padding] * 2,
        "dilations": [dilation] * 2,
        "group": groups,
    }
    arguments = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation, "groups": groups}
    case("ConvTranspose", inputs, lambda x, w, b: F.conv_transpose2d(x, w, b, **arguments), attributes)


conv_transpose((2, 3, 4, 5), (3, 2, 3, 3))
conv_transpose((2, 3, 4, 5), (3, 2, 2, 2), stride=2)
conv_transpose((2, 3, 4, 5), (3, 2, 3, 3), stride=2, padding=1, output_padding=1)
conv_transpose((2, 4, 4, 5), (4, 2, 3, 3), stride=2, padding=1, groups=2)


def pool(op, x, kernel, stride=1, padding=0, ceil=False, dilation=1, include=False):
    attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [padding] * 4, "ceil_mode": int(ceil)}
    if op == "MaxPool":
        attributes["dilations"] = [dilation] * 2
        compute = lambda x: F.max_pool2d(x, kernel, stride, padding, dilation, ceil)
    else:
        attributes["count_include_pad"] = int(include)
        compute = lambda x: F.avg_pool2d(x, kernel, stride, padding, ceil, include)
    case(op, [tensor(x, 7)], compute, attributes)


pool("MaxPool", (2, 3, 6, 6), 2, 2)
pool("MaxPool", (2, 3, 7, 8), 3, 2, 1)
pool("MaxPool", (2, 3, 7, 8), 3, 2, 0, ceil=True)
pool("MaxPool", (2, 3, 6, 6), 2, 2, 1, ceil=True)
pool("MaxPool", (2, 2, 9, 8), 3, 2, 1, dilation=2)
pool("MaxPool", (2, 2, 5, 5), 3, 1, 1)
pool("AveragePool", (2, 3, 6, 6), 2, 2)
pool("AveragePool", (2, 3, 7, 8), 3, 2, 1)
pool("AveragePool", (2, 3, 7, 8), 3, 2, 1, include=True)
pool("AveragePool", (2, 3, 7, 8), 3, 2, 0, ceil=True)
pool("AveragePool", (2, 3, 6, 6), 3, 2, 1, ceil=True, include=True)
pool("AveragePool", (2, 3, 5, 5), 3, 1, 1)
case("GlobalAveragePool", [tensor((2, 3, 6), 8)], lambda x: F.adaptive_avg_pool1d(x, 1))
case("GlobalMaxPool", [tensor((2, 3, 6), 8)], lambda x: F.adaptive_max_pool1d(x, 1))

# Equal values: the first of a window gets the gradient.
flat = torch.zeros((1, 1, 4, 4), requires_grad=True)
case("MaxPool", [flat], lambda x: F.max_pool2d(x, 2, 2), {"kernel_shape": [2, 2], "strides": [2, 2]})

for shape in [(3, 4, 3, 2), (5, 4), (3, 4, 5)]:
    case(
        "BatchNormalization",
        [tensor(shape, 9), tensor((4,), 10, shift=0.5), tensor((4,), 11), tensor((4,), 12).detach(), tensor((4,), 13, 0.4, 1.0).detach()],
        lambda x, s, o, m, v: F.batch_norm(x, m.detach(), v.detach(), s, o, False, 0.1, 1e-3),
        {"epsilon": 1e-3},
    )

path = Path(__file__).with_name("tfjs-convolutions.json")
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(f"{len(cases)} cases, {path.stat().st_size} bytes")

# BatchNormalization with the statistics of the batch, which moves the running ones.
learning = []
for shape, momentum in [((3, 4, 3, 2), 0.1), ((6, 4), 0.3), ((3, 4, 5), 0.1)]:
    x, scale, offset = tensor(shape, 14), tensor((4,), 15, shift=0.5), tensor((4,), 16)
    mean, variance = tensor((4,), 17).detach(), tensor((4,), 18, 0.4, 1.0).detach()
    wide = [t.detach().double().requires_grad_() for t in (x, scale, offset)]
    moved = [mean.double(), variance.double()]
    output = F.batch_norm(wide[0], moved[0], moved[1], wide[1], wide[2], True, momentum, 1e-5)
    upstream = tensor(shape, 98).detach()
    gradients = torch.autograd.grad(output, wide, upstream.double())
    learning.append(
        {
            "momentum": momentum,
            "inputs": [plain(t) for t in (x, scale, offset, mean, variance)],
            "output": plain(output),
            "upstream": plain(upstream),
            "gradients": [plain(g) for g in gradients],
            "running": [plain(t) for t in moved],
        }
    )
path = Path(__file__).with_name("batch-norm.json")
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in learning) + "\n]\n")
