"""Exports small random networks with torch.onnx, as users bring them, and says what torch computes at chosen places."""

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from common import answer, apart, outputs_of, photo, read_features, request
from torch import nn
from torch.nn import functional as F
from torchvision import models
from torchvision.transforms import functional as TF

warnings.simplefilter("ignore")


class Vit(nn.Module):
    """A small vision transformer: patches, class token, positions, two encoder layers of torch's own."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 48, 16, 16)
        self.token = nn.Parameter(torch.randn(1, 1, 48) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, 17, 48) * 0.02)
        self.layers = nn.ModuleList(Layer() for _ in range(2))
        self.norm = nn.LayerNorm(48)
        self.head = nn.Linear(48, 20)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x)[:, 0])


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(48)
        self.qkv = nn.Linear(48, 144)
        self.out = nn.Linear(48, 48)
        self.norm2 = nn.LayerNorm(48)
        self.mlp = nn.Sequential(nn.Linear(48, 96), nn.GELU(), nn.Linear(96, 48))

    def forward(self, x):
        n, tokens, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(n, tokens, 3, 4, width // 4).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, tokens, width)
        x = x + self.out(mixed)
        return x + self.mlp(self.norm2(x))


class Caffe(nn.Module):
    """AlexNet's manner: ceil_mode pooling, LRN, a flattened classifier, photos of 227 x 227 in BGR and 0 … 255."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 11, 4)
        self.norm1 = nn.LocalResponseNorm(5, 1e-4, 0.75)
        self.pool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = nn.Conv2d(16, 24, 5, padding=2, groups=2)
        self.pool2 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.fc6 = nn.Linear(24 * 13 * 13, 64)
        self.drop6 = nn.Dropout()
        self.fc8 = nn.Linear(64, 10)

    def forward(self, x):
        x = self.pool1(self.norm1(F.relu(self.conv1(x))))
        x = self.pool2(F.relu(self.conv2(x)))
        x = self.drop6(F.relu(self.fc6(x.flatten(1))))
        return F.softmax(self.fc8(x), 1)


IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "scale": 1, "channels": "RGB", "size": [64, 64]}
CAFFE = {"mean": [103.939, 116.779, 123.68], "std": [1, 1, 1], "scale": 255, "channels": "BGR", "size": [227, 227]}

# network, preprocessing, the classifier (its input is the default place of a head), an inner module
NETWORKS = {
    "resnet18": (models.resnet18, IMAGENET, "fc", "layer2"),
    "mobilenet_v3_small": (models.mobilenet_v3_small, IMAGENET, "classifier.3", "features.4"),
    "squeezenet1_1": (models.squeezenet1_1, IMAGENET, None, "features.12"),
    "vit": (Vit, IMAGENET, "head", "layers.0"),
    "caffe": (Caffe, CAFFE, "fc8", "pool2"),
}


def made(name):
    torch.manual_seed(7)
    network = NETWORKS[name][0]()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):  # statistics that are not 0 and 1
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    return network.eval()


def export(name, path, opset, dynamo, dynamic):
    size = NETWORKS[name][1]["size"]
    example = torch.randn(2 if dynamic and dynamo else 1, 3, *size)
    options = {"input_names": ["pixels"], "output_names": ["scores"], "opset_version": opset, "dynamo": dynamo, "verbose": False}
    if dynamic and dynamo:
        options["dynamic_shapes"] = ({0: torch.export.Dim("batch")},)
    elif dynamic:
        options["dynamic_axes"] = {"pixels": {0: "batch"}, "scores": {0: "batch"}}
    if dynamo:
        options["external_data"] = False
    torch.onnx.export(made(name), (example,), path, **options)


def place_of(module, path):
    """Tensor and node that hold a module's output in the file: those of its last node."""

    def belongs(node):
        scopes = [entry.value for entry in node.metadata_props if entry.key == "pkg.torch.onnx.name_scopes"]
        return f"'{module}'" in scopes[0] if scopes else f"/{module}/" in node.name

    last = [node for node in onnx.load(path).graph.node if belongs(node)][-1]
    return {"tensor": last.output[0], "node": last.name}


def pixels_of(paths, preprocess):
    """What the network expects, from the photos squashed to its size."""
    rows = []
    for path in paths:
        image = TF.resize(photo(path), preprocess["size"])
        x = torch.from_numpy(np.array(image)).permute(2, 0, 1).float()
        x = x / 255 * preprocess["scale"] if preprocess["scale"] == 1 else x
        x = x.flip(0) if preprocess["channels"] == "BGR" else x
        mean, std = (torch.tensor(preprocess[key]).reshape(3, 1, 1) for key in ("mean", "std"))
        rows.append((x - mean) / std)
    return torch.stack(rows)


def classifier_input(network, module, batch):
    seen = []
    hook = dict(network.named_modules())[module].register_forward_pre_hook(lambda _m, inputs: seen.append(inputs[0].clone()))
    network(batch)
    hook.remove()
    return seen[0]


if __name__ == "__main__":
    given = request()
    if given["do"] == "export":
        for item in given["items"]:
            export(item["name"], item["path"], item["opset"], item["dynamo"], item["dynamic"])
        answer(
            [
                {"preprocess": NETWORKS[item["name"]][1], "place": place_of(NETWORKS[item["name"]][3], item["path"])}
                for item in given["items"]
            ]
        )
    if given["do"] == "compare":
        result = []
        for item in given["items"]:
            name, path, at = item["name"], item["path"], item["at"]
            network = made(name)
            _, preprocess, classifier, inner = NETWORKS[name]
            tensors, metadata = read_features(path)
            for split in ("train", "valid"):
                batch = pixels_of([Path(given["root"]) / part for part in metadata["paths"][split]], preprocess)
                if at == "inner":
                    expected = outputs_of(network, batch, [inner])[inner]
                elif at == "default" and classifier:
                    expected = classifier_input(network, classifier, batch)
                else:
                    expected = network(batch)
                found = tensors[f"{split}/features"]
                result.append({**item, "split": split, "shape": list(found.shape[1:]), **apart(found, expected)})
        answer(result)
