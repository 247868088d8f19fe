"""Writes tfjs-operators.json beside this file: results and gradients of each operator by PyTorch's autograd."""

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


def numbers(t):
    return [float(str(v)) for v in np.asarray(t.detach(), np.float32).reshape(-1)]


def case(op, inputs, compute, attributes=None, constants=None, opset=17):
    """constants: input position → (dtype, shape, values), the rest of the inputs get gradients."""
    output = compute(*inputs)
    upstream = tensor(tuple(output.shape), 99).detach()
    gradients = torch.autograd.grad(output, inputs, upstream)
    plain = lambda t: {"shape": list(t.shape), "data": numbers(t)}
    cases.append(
        {
            "op": op,
            "opset": opset,
            "attributes": attributes or {},
            "inputs": [plain(t) for t in inputs],
            "constants": {str(k): {"dtype": d, "shape": s, "values": v} for k, (d, s, v) in (constants or {}).items()},
            "output": plain(output),
            "upstream": plain(upstream),
            "gradients": [plain(g) for g in gradients],
        }
    )


x, w, wt, b = tensor((4, 5), 1), tensor((3, 5), 2), tensor((5, 3), 3), tensor((3,), 4)
case("Gemm", [x, w, b], lambda x, w, b: F.linear(x, w, b), {"transB": 1})
case("Gemm", [x, wt], lambda x, w: x @ w)
case("Gemm", [x, wt, tensor((4, 1), 5)], lambda x, w, c: 0.5 * (x @ w) + 2 * c, {"alpha": 0.5, "beta": 2.0})
case("Gemm", [tensor((5, 4), 6), wt, b], lambda x, w, c: x.T @ w + c, {"transA": 1})
case("Gemm", [tensor((5, 4), 6), w, b], lambda x, w, c: x.T @ w.T + c, {"transA": 1, "transB": 1})
case("MatMul", [x, wt], torch.matmul)
case("MatMul", [tensor((2, 4, 5), 7), wt], torch.matmul)
case("MatMul", [tensor((2, 4, 5), 7), tensor((2, 5, 3), 8)], torch.matmul)
case("MatMul", [tensor((2, 3, 4, 5), 9), tensor((3, 5, 2), 10)], torch.matmul)
case("MatMul", [x, tensor((5,), 11)], torch.matmul)
case("MatMul", [tensor((4,), 12), tensor((2, 4, 3), 13)], torch.matmul)
for name, function in {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div}.items():
    away = 2.5 if name == "Div" else 0.0
    case(name, [x, tensor((4, 5), 14, shift=away)], function)
    case(name, [x, tensor((5,), 15, shift=away)], function)
    case(name, [tensor((4, 1), 16), tensor((2, 1, 5), 17, shift=away)], function)
    case(name, [tensor((), 18), tensor((2, 3), 19, shift=away)], function)
case("Relu", [tensor((3, 7), 20)], F.relu)
case("Sigmoid", [tensor((3, 7), 21, 4.0)], torch.sigmoid)
case("Tanh", [tensor((3, 7), 22, 2.0)], torch.tanh)
case("Identity", [x], lambda x: x.clone())
case("Clip", [tensor((3, 7), 23, 9.0)], F.relu6, constants={1: ("float32", [], [0]), 2: ("float32", [], [6])})
case("Clip", [tensor((3, 7), 24)], lambda x: x.clamp(max=0.5), constants={2: ("float32", [], [0.5])})
case("Clip", [tensor((3, 7), 25)], lambda x: x.clamp(-0.5, 0.25), {"min": -0.5, "max": 0.25}, opset=6)
case("Flatten", [tensor((2, 3, 2, 2), 26)], lambda x: x.flatten(1))
case("Flatten", [tensor((2, 3, 2, 2), 26)], lambda x: x.reshape(6, 4), {"axis": 2})
case("Flatten", [tensor((2, 3, 2), 27)], lambda x: x.reshape(6, 2), {"axis": -1})
case("Flatten", [tensor((2, 3), 27)], lambda x: x.reshape(1, 6), {"axis": 0})
case("Reshape", [tensor((2, 6), 28)], lambda x: x.reshape(2, 3, 2), constants={1: ("int64", [3], [0, -1, 2])})
case("Reshape", [tensor((2, 3, 2), 29)], lambda x: x.reshape(2, 6), constants={1: ("int64", [2], [2, -1])})
case("GlobalAveragePool", [tensor((2, 3, 4, 5), 30)], lambda x: F.adaptive_avg_pool2d(x, 1))
case("GlobalMaxPool", [tensor((2, 3, 4, 5), 31)], lambda x: F.adaptive_max_pool2d(x, 1))
for name, function in {"Softmax": F.softmax, "LogSoftmax": F.log_softmax}.items():
    case(name, [tensor((3, 6), 32, 3.0)], lambda x: function(x, 1))
    case(name, [tensor((2, 4, 3), 33, 50.0)], lambda x: function(x, 1), {"axis": 1})
    case(name, [tensor((2, 4, 3), 33)], lambda x: function(x.reshape(2, 12), 1).reshape(2, 4, 3), {"axis": 1}, opset=11)

path = Path(__file__).parent / "tfjs-operators.json"
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases), "cases")
