"""Grad-CAM by PyTorch's own gradients, hooks on the layer that Graft looks at.

python grad_cam.py FOLDER [LITE0.onnx LITE0_MAP]

Writes for each case CASE.safetensors (`pixels` and, where the zoo has the network, its weights) or CASE.onnx, and
expected.json: of each picture the class, the heat and the scores. Selvaraju et al. 2017, section 3.
"""

import json
import sys

import onnx
import torch
import torchvision
from onnx import numpy_helper
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

folder, *lite0 = sys.argv[1:]
torch.manual_seed(0)
expected = {}


def heat(map, scores, tokens=None):
    """map [1, c, h, w], or [1, s, d] of which the last h * w tokens are the places of a grid `tokens`."""
    wanted = int(scores[0].argmax())
    (slope,) = torch.autograd.grad(scores[0, wanted], map)
    if tokens:
        places = tokens[0] * tokens[1]
        map, slope = (
            x[:, -places:].transpose(1, 2).reshape(1, -1, *tokens) for x in (map, slope)
        )
    weights = slope.mean(dim=(2, 3), keepdim=True)
    cam = F.relu((weights * map).sum(dim=1))[0].detach()
    return {
        "of": wanted,
        "grid": list(cam.shape),
        "heat": cam.flatten().tolist(),
        "scores": scores[0].tolist(),
    }


def hooked(model, layer, pixels, tokens=None, before=False):
    found = []

    def keep(_module, given, result=None):
        found.append(given[0] if result is None else result)

    hook = (layer.register_forward_pre_hook if before else layer.register_forward_hook)(
        keep
    )
    cases = []
    for picture in pixels.split(1):
        found.clear()
        scores = model(picture)
        cases.append(heat(found[0], scores, tokens))
    hook.remove()
    return cases


def settle(model, side):
    """Running statistics as training leaves them, and a classifier whose classes differ."""
    model.train()
    with torch.no_grad():
        for _ in range(3):
            model(torch.randn(4, 3, side, side))
    return model.eval()


def write(name, model, cases, pixels, weights=True):
    tensors = dict(model.state_dict()) if weights else {}
    tensors = {key: value.contiguous() for key, value in tensors.items()}
    save_file({"pixels": pixels, **tensors}, f"{folder}/{name}.safetensors")
    expected[name] = cases


def export(name, model, pixels):
    torch.onnx.export(
        model, (pixels[:1],), f"{folder}/{name}.onnx", dynamo=False, opset_version=17
    )


pixels = torch.randn(2, 3, 96, 96)
resnet = settle(torchvision.models.resnet18(num_classes=1000), 96)
write("resnet18", resnet, hooked(resnet, resnet.layer4, pixels), pixels)

trunk = torchvision.models.vgg16(num_classes=1).features
for module in trunk:
    if isinstance(module, nn.ReLU):
        module.inplace = False
vgg = nn.Sequential()
vgg.features = trunk
vgg.head = nn.Linear(512, 3)
vgg.forward = lambda x: vgg.head(vgg.features(x).mean(dim=(2, 3)))
vgg.eval()
write("vgg16", vgg, hooked(vgg, trunk[29], pixels), pixels)

small = torch.randn(2, 3, 32, 32)
vit = torchvision.models.VisionTransformer(
    image_size=32,
    patch_size=8,
    num_layers=3,
    num_heads=2,
    hidden_dim=24,
    mlp_dim=48,
    num_classes=5,
).eval()
nn.init.normal_(vit.heads.head.weight)
last = vit.encoder.layers[-1]
write("vit", vit, hooked(vit, last, small, tokens=(4, 4), before=True), small, False)
export("vit", vit, small)

net = nn.Sequential(
    nn.Conv2d(3, 8, 3, stride=2, padding=1),
    nn.BatchNorm2d(8),
    nn.SiLU(),
    nn.Conv2d(8, 12, 3, stride=2, padding=1),
    nn.GELU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(12, 4),
    nn.LogSoftmax(dim=1),
)
settle(net, 32)
export("log_softmax", net, small)
write("log_softmax", net, hooked(net[:-1], net[4], small), small, False)


def run(graph, values, pixels, layer):
    """The few operators of EfficientNet-Lite0, by PyTorch."""
    values = {**values, graph.input[0].name: pixels}
    for node in graph.node:
        at = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        given = [values.get(name) for name in node.input]
        x = given[0]
        if node.op_type == "Conv":
            top, left, bottom, right = at.get("pads", [0, 0, 0, 0])
            stride = at.get("strides", [1, 1])
            if at.get("auto_pad") == b"SAME_UPPER":
                kernel = given[1].shape[2:]
                short = [
                    max(0, (-(-size // s) - 1) * s + k - size)
                    for size, s, k in zip(x.shape[2:], stride, kernel)
                ]
                (top, left), (bottom, right) = (
                    [side // 2 for side in short],
                    [side - side // 2 for side in short],
                )
            x = F.conv2d(
                F.pad(x, (left, right, top, bottom)),
                *given[1:],
                stride=stride,
                groups=at.get("group", 1),
            )
        elif node.op_type == "BatchNormalization":
            scale, offset, mean, variance = given[1:]
            x = F.batch_norm(x, mean, variance, scale, offset, eps=at["epsilon"])
        elif node.op_type == "Clip":
            x = x.clamp(float(given[1]), float(given[2]))
        elif node.op_type == "Add":
            x = given[0] + given[1]
        elif node.op_type == "GlobalAveragePool":
            x = x.mean(dim=(2, 3), keepdim=True)
        elif node.op_type == "Flatten":
            x = x.flatten(1)
        elif node.op_type == "Gemm":
            x = F.linear(x, given[1], given[2])
        else:
            raise ValueError(node.op_type)
        values[node.output[0]] = x
        if node.output[0] == layer:
            x.requires_grad_()
    return values[layer], values[graph.output[0].name]


if lite0:
    graph = onnx.load(lite0[0]).graph
    values = {
        item.name: torch.from_numpy(numpy_helper.to_array(item).copy())
        for item in graph.initializer
    }
    cases = [heat(*run(graph, values, p, lite0[1])) for p in pixels.split(1)]
    write("efficientnet_lite0", vgg, cases, pixels, False)

json.dump(expected, open(f"{folder}/expected.json", "w"))
