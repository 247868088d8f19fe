"""Writes tfjs-more.json beside this file: as make_operators.py, for the operators of transformers and of exported networks."""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import make_operators as made
from make_operators import case, tensor

made.cases.clear()
I = "int64"


def ints(*values):
    return ("int64", [len(values)], list(values))


def booleans(*values):
    return ("bool", [len(values)], list(values))


x37 = lambda seed, scale=2.0, shift=0.0: tensor((3, 7), seed, scale, shift)
for name, function in {
    "Neg": torch.neg,
    "Abs": torch.abs,
    "Exp": torch.exp,
    "Sin": torch.sin,
    "Cos": torch.cos,
    "Erf": torch.erf,
    "HardSwish": F.hardswish,
    "Mish": F.mish,
    "Softplus": F.softplus,
    "Softsign": F.softsign,
    "Selu": F.selu,
    "Swish": F.silu,
    "Floor": torch.floor,
    "Ceil": torch.ceil,
    "Round": torch.round,
    "Sign": torch.sign,
    "Gelu": F.gelu,
}.items():
    case(name, [x37(40, 5.0)], function)
for name, function in {"Sqrt": torch.sqrt, "Log": torch.log, "Reciprocal": torch.reciprocal}.items():
    case(name, [x37(41, shift=2.5)], function)
case("Gelu", [x37(42, 5.0)], lambda x: F.gelu(x, approximate="tanh"), {"approximate": "tanh"})
case("HardSigmoid", [x37(43, 5.0)], F.hardsigmoid, {"alpha": 1 / 6, "beta": 0.5})
case("HardSigmoid", [x37(43, 5.0)], lambda x: (0.2 * x + 0.5).clamp(0, 1))
case("Elu", [x37(44)], lambda x: F.elu(x, 0.5), {"alpha": 0.5})
case("Celu", [x37(44)], lambda x: F.celu(x, 0.5), {"alpha": 0.5})
case("LeakyRelu", [x37(45)], F.leaky_relu)
case("LeakyRelu", [x37(45)], lambda x: F.leaky_relu(x, 0.2), {"alpha": 0.2})
case("PRelu", [tensor((2, 3, 4, 2), 46), tensor((3, 1, 1), 47, 0.3)], lambda x, a: F.prelu(x, a.reshape(3)))
case("PRelu", [tensor((2, 3), 46), tensor((1,), 47, 0.3)], F.prelu)

a, b = tensor((4, 5), 48, shift=1.5), tensor((5,), 49)
case("Pow", [a, b], torch.pow)
for power in (0, 0.5, 1, 2, 3, -0.5, 2.5):
    case("Pow", [a], lambda x: torch.pow(x, power), constants={1: ("float32", [], [power])})
case("Min", [tensor((4, 5), 50), tensor((5,), 51), tensor((4, 1), 52)], lambda a, b, c: torch.minimum(torch.minimum(a, b), c))
case("Max", [tensor((4, 5), 50), tensor((5,), 51)], torch.maximum)
case("Max", [tensor((4, 5), 50)], lambda x: x.clone())
case("Sum", [tensor((4, 5), 50), tensor((5,), 51), tensor((4, 1), 52)], lambda a, b, c: a + b + c)
case("Mean", [tensor((4, 5), 50), tensor((5,), 51), tensor((4, 1), 52)], lambda a, b, c: (a + b + c) / 3)
case("Mod", [x37(53, 9.0)], lambda x: torch.remainder(x, 2.5), constants={1: ("float32", [], [2.5])})
case("Mod", [x37(53, 9.0)], lambda x: torch.fmod(x, 2.5), {"fmod": 1}, constants={1: ("float32", [], [2.5])})
case(
    "Where",
    [tensor((4, 5), 54), tensor((4, 1), 55)],
    lambda a, b: torch.where(torch.tensor([True, False, True, True, False]), a, b),
    constants={0: booleans(1, 0, 1, 1, 0)},
)
case("Cast", [x37(56, 3.0)], lambda x: x.clone(), {"to": 1})
case("Trilu", [tensor((2, 4, 5), 57)], torch.triu)
case("Trilu", [tensor((2, 4, 5), 57)], lambda x: torch.tril(x, 1), {"upper": 0}, constants={1: (I, [], [1])})

r = tensor((2, 3, 4), 58)
for name, function in {
    "ReduceSum": lambda x, axes, keep: x.sum(axes, keepdim=keep),
    "ReduceMean": lambda x, axes, keep: x.mean(axes, keepdim=keep),
    "ReduceMax": lambda x, axes, keep: x.amax(axes, keepdim=keep),
    "ReduceMin": lambda x, axes, keep: x.amin(axes, keepdim=keep),
    "ReduceL1": lambda x, axes, keep: torch.linalg.vector_norm(x, 1, axes, keepdim=keep),
    "ReduceL2": lambda x, axes, keep: torch.linalg.vector_norm(x, 2, axes, keepdim=keep),
    "ReduceSumSquare": lambda x, axes, keep: x.square().sum(axes, keepdim=keep),
    "ReduceLogSumExp": lambda x, axes, keep: torch.logsumexp(x, axes, keepdim=keep),
}.items():
    case(name, [r], lambda x: function(x, (0, 1, 2), True))
    case(name, [r], lambda x: function(x, (1,), False), {"keepdims": 0}, constants={1: ints(1)})
    case(name, [tensor((2, 3, 4, 2), 59)], lambda x: function(x, (1, 3), False), {"keepdims": 0, "axes": [1, -1]}, opset=11)
    case(name, [tensor((2, 3, 4, 2), 59)], lambda x: function(x, (2, 3), True), constants={1: ints(-1, -2)})
case("ReduceLogSum", [tensor((2, 3), 60, shift=1.5)], lambda x: x.sum(1, keepdim=True).log(), constants={1: ints(1)})
case("ReduceSum", [r], lambda x: x.clone(), {"noop_with_empty_axes": 1})

case("Transpose", [r], lambda x: x.permute(2, 1, 0))
case("Transpose", [tensor((2, 3, 4, 2), 59)], lambda x: x.permute(0, 3, 1, 2), {"perm": [0, 3, 1, 2]})
case("Transpose", [tensor((2, 3, 2, 2, 4), 59)], lambda x: x.permute(0, 3, 1, 4, 2), {"perm": [0, 3, 1, 4, 2]})
case("Concat", [tensor((2, 3), 61), tensor((2, 1), 62), tensor((2, 2), 63)], lambda *xs: torch.cat(xs, 1), {"axis": -1})
case("Concat", [tensor((2, 3, 2, 2), 61), tensor((2, 1, 2, 2), 62)], lambda *xs: torch.cat(xs, 1), {"axis": 1})
case("Split", [tensor((2, 5, 3), 64)], lambda x: x.split([2, 3], 1)[0], {"axis": 1}, constants={1: ints(2, 3)})
case("Split", [tensor((2, 5), 64)], lambda x: x[:, :2], {"axis": -1, "split": [2, 3]}, opset=11)
far = 2**63
s = tensor((4, 6, 3), 65)
case("Slice", [s], lambda x: x[1:3, :, 1:], constants={1: ints(1, 1), 2: ints(3, far), 3: ints(0, -1)})
case("Slice", [s], lambda x: x[:, 1:6:2], constants={1: ints(1), 2: ints(far), 3: ints(1), 4: ints(2)})
case("Slice", [s], lambda x: x.flip(1)[:, 1:], constants={1: ints(-2), 2: ints(-far), 3: ints(1), 4: ints(-1)})
case("Slice", [s], lambda x: x[:2, :-1], {"starts": [0, 0], "ends": [2, -1], "axes": [0, 1]}, opset=9)
case("Gather", [s], lambda x: x[:, 0], {"axis": 1}, {1: (I, [], [0])})
case("Gather", [s], lambda x: x[:, -1], {"axis": 1}, {1: (I, [], [-1])})
case("Gather", [s], lambda x: x[[3, 1, 1]], {}, {1: ints(3, 1, -3)})
case("Gather", [s], lambda x: x[:, [1, 0, 5, 2, 3, 4]], {"axis": 1}, {1: ints(1, 0, 5, 2, 3, 4)})
case("Gather", [s], lambda x: x[:, :, [[2, 0], [1, 2]]], {"axis": -1}, {1: (I, [2, 2], [2, 0, 1, 2])})
p = tensor((2, 3, 4), 66)
case("Pad", [p], lambda x: F.pad(x, (2, 1, 0, 1)), constants={1: ints(0, 0, 2, 0, 1, 1)})
case("Pad", [p], lambda x: F.pad(x, (0, 0, 1, 0), value=0.5), {}, {1: ints(1, 0), 2: ("float32", [], [0.5]), 3: ints(1)})
case("Pad", [p], lambda x: F.pad(x, (2, 1), mode="reflect"), {"mode": "reflect"}, {1: ints(0, 0, 2, 0, 0, 1)})
case("Pad", [p], lambda x: F.pad(x, (2, 1), mode="replicate"), {"mode": "edge"}, {1: ints(0, 0, 2, 0, 0, 1)})
case("Pad", [p], lambda x: F.pad(x, (-1, 2)), {"pads": [0, 0, -1, 0, 0, 2], "value": 0.0}, opset=10)
case(
    "ScatterND",
    [tensor((3, 4), 92), tensor((2, 4), 93)],
    lambda x, u: torch.index_put(x, (torch.tensor([2, 0]),), u),
    constants={1: (I, [2, 1], [-1, 0])},
)
case("CumSum", [p], lambda x: x.cumsum(1), {}, {1: (I, [], [1])})
case("CumSum", [p], lambda x: x.flip(2).cumsum(2).flip(2), {"reverse": 1}, {1: (I, [], [-1])})
case("Squeeze", [tensor((2, 1, 3, 1), 67)], lambda x: x.reshape(2, 1, 3), constants={1: ints(-1)})
case("Squeeze", [tensor((2, 1, 3, 1), 67)], lambda x: x.reshape(2, 3))
case("Squeeze", [tensor((2, 1, 3), 67)], lambda x: x.reshape(2, 3), {"axes": [1]}, opset=11)
case("Unsqueeze", [tensor((2, 3), 68)], lambda x: x.reshape(1, 2, 3, 1), constants={1: ints(0, -1)})
case("Unsqueeze", [tensor((2, 3), 68)], lambda x: x.reshape(2, 1, 3), {"axes": [1]}, opset=11)
case("Expand", [tensor((3, 1), 69)], lambda x: x.expand(2, 3, 4), constants={1: ints(2, 1, 4)})
case("Expand", [tensor((2, 3, 1), 69)], lambda x: x.expand(2, 3, 5), constants={1: ints(5)})
case("Tile", [tensor((2, 3, 1), 70)], lambda x: x.repeat(2, 1, 3), constants={1: ints(2, 1, 3)})
case("Tile", [tensor((2, 3, 2), 70)], lambda x: x.repeat(1, 3, 2), constants={1: ints(1, 3, 2)})
case("DepthToSpace", [tensor((2, 8, 2, 3), 71)], lambda x: F.pixel_shuffle(x, 2), {"blocksize": 2, "mode": "CRD"})
case(
    "DepthToSpace",
    [tensor((2, 8, 2, 3), 71)],
    lambda x: x.reshape(2, 2, 2, 2, 2, 3).permute(0, 3, 4, 1, 5, 2).reshape(2, 2, 4, 6),
    {"blocksize": 2},
)
case(
    "SpaceToDepth",
    [tensor((2, 2, 4, 6), 72)],
    lambda x: x.reshape(2, 2, 2, 2, 3, 2).permute(0, 3, 5, 1, 2, 4).reshape(2, 8, 2, 3),
    {"blocksize": 2},
)

c = 6
w, bias = tensor((c,), 73, 0.5, 1.0), tensor((c,), 74)
ln = tensor((2, 3, c), 75, 3.0, 1.0)
case("LayerNormalization", [ln, w, bias], lambda x, w, b: F.layer_norm(x, (c,), w, b))
case("LayerNormalization", [ln, w], lambda x, w: F.layer_norm(x, (c,), w, eps=1e-3), {"epsilon": 1e-3})
case(
    "LayerNormalization",
    [ln, tensor((3, c), 76), tensor((3, c), 77)],
    lambda x, w, b: F.layer_norm(x, (3, c), w, b),
    {"axis": 1},
)
gn = tensor((2, c, 3, 4), 78)
case("GroupNormalization", [gn, w, bias], lambda x, w, b: F.group_norm(x, 3, w, b), {"num_groups": 3}, opset=21)
case(
    "GroupNormalization",
    [gn, tensor((3,), 79, 0.5, 1.0), tensor((3,), 80)],
    lambda x, w, b: F.group_norm(x, 3, w.repeat_interleave(2), b.repeat_interleave(2)),
    {"num_groups": 3},
    opset=18,
)
case("InstanceNormalization", [gn, w, bias], lambda x, w, b: F.instance_norm(x, None, None, w, b))
case("LpNormalization", [tensor((2, 3, 4), 81)], lambda x: x / torch.linalg.vector_norm(x, 2, -1, keepdim=True))
case("LpNormalization", [tensor((2, 3, 4), 81)], lambda x: x / x.abs().sum(1, keepdim=True), {"axis": 1, "p": 1})
case(
    "LRN",
    [tensor((2, 7, 2, 3), 82, 5.0)],
    lambda x: F.local_response_norm(x, 5, 0.1, 0.75, 2.0),
    {"size": 5, "alpha": 0.1, "beta": 0.75, "bias": 2.0},
)
case("MatMul", [tensor((2, 3, 4, 5), 83), tensor((5, 6), 84)], torch.matmul)
case("MatMul", [tensor((2, 3, 4, 5), 83), tensor((2, 3, 5, 4), 84)], torch.matmul)
e1, e2 = tensor((2, 3, 4), 85), tensor((2, 5, 4), 86)
case("Einsum", [e1, e2], lambda a, b: torch.einsum("bic,bjc->bij", a, b), {"equation": "bic, bjc -> bij"})
case("Einsum", [tensor((2, 3, 2, 4), 87), tensor((2, 5, 2, 4), 88)], lambda a, b: torch.einsum("bihd,bjhd->bhij", a, b), {"equation": "bihd,bjhd->bhij"})
case("Einsum", [e1], lambda a: torch.einsum("bic->cb", a), {"equation": "bic->cb"})
case("Einsum", [tensor((2, 3), 89), tensor((3, 4), 90)], lambda a, b: torch.einsum("ij,jk", a, b), {"equation": "ij,jk"})
case("Einsum", [tensor((2, 3), 89), tensor((4, 5), 90)], lambda a, b: torch.einsum("ij,kl->jl", a, b), {"equation": "ij,kl->jl"})

m = tensor((1, 2, 5, 4), 91)
size = lambda h, w: {3: ints(1, 2, h, w)}


def resized(mode, coordinates, h, w, compute, **more):
    case("Resize", [m], compute, {"mode": mode, "coordinate_transformation_mode": coordinates, **more}, size(h, w))


def interpolated(h, w, mode, corners=None):
    return lambda x: F.interpolate(x, (h, w), mode=mode, align_corners=corners)


resized("linear", "half_pixel", 7, 9, interpolated(7, 9, "bilinear", False))
resized("linear", "align_corners", 3, 9, interpolated(3, 9, "bilinear", True))
resized("cubic", "align_corners", 7, 3, interpolated(7, 3, "bicubic", True), cubic_coeff_a=-0.75)
resized("cubic", "half_pixel", 8, 6, interpolated(8, 6, "bicubic", False), cubic_coeff_a=-0.75)
resized("nearest", "asymmetric", 7, 8, interpolated(7, 8, "nearest"), nearest_mode="floor")
case(
    "Resize",
    [m],
    lambda x: F.interpolate(x, scale_factor=2.0, mode="nearest"),
    {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
    {2: ("float32", [4], [1, 1, 2, 2])},
)
case("Upsample", [m], lambda x: F.interpolate(x, scale_factor=2.0, mode="nearest"), {"mode": "nearest"}, {1: ("float32", [4], [1, 1, 2, 2])}, opset=9)



def answer(op, output, constants, attributes=None):
    """An operator without a gradient: everything that enters is a constant."""
    plain = {"shape": list(output.shape), "data": made.numbers(output.float())}
    held = {str(k): {"dtype": d, "shape": s, "values": v} for k, (d, s, v) in enumerate(constants)}
    made.cases.append(
        {"op": op, "opset": 17, "attributes": attributes or {}, "inputs": [], "constants": held, "output": plain, "upstream": plain, "gradients": []}
    )


left, right = torch.tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]), torch.tensor([1.0, 2.0, 2.0])
pair = [("float32", [2, 3], left.flatten().tolist()), ("float32", [3], right.tolist())]
for name, function in {
    "Equal": torch.eq,
    "Greater": torch.gt,
    "GreaterOrEqual": torch.ge,
    "Less": torch.lt,
    "LessOrEqual": torch.le,
}.items():
    answer(name, function(left, right), pair)
yes, no = torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])
truths = [booleans(1, 1, 0, 0), booleans(1, 0, 1, 0)]
for name, function in {"And": torch.logical_and, "Or": torch.logical_or, "Xor": torch.logical_xor}.items():
    answer(name, function(yes, no), truths)
odd = [("float32", [4], [0.5, -2.0, 0.0, 3e38])]
answer("IsNaN", torch.tensor([False] * 4), odd)
answer("IsInf", torch.tensor([False] * 4), odd)
answer("Not", ~yes, truths[:1])
answer("Cast", torch.tensor([-1.0, 0.0, 1.0, 2.0]), [("float32", [4], [-1.7, 0.2, 1.2, 2.9])], {"to": 7})
answer("Cast", torch.tensor([1.0, 0.0, 1.0]), [("float32", [3], [-1.7, 0, 0.2])], {"to": 9})
answer("Shape", torch.tensor([2, 3]), pair[:1])
answer("Shape", torch.tensor([3]), pair[:1], {"start": -1})
answer("Size", torch.tensor(6), pair[:1])
answer("ConstantOfShape", torch.zeros(2, 3), [ints(2, 3)])
answer("Range", torch.arange(1, 8, 3), [(I, [], [1]), (I, [], [8]), (I, [], [3])])

path = Path(__file__).parent / "tfjs-more.json"
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in made.cases) + "\n]\n")
