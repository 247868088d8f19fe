"""Exports small random DINOv2 and CLIP image towers of transformers with torch.onnx, and says what torch computes.

Beside each file.onnx lies file.safetensors: x (photos), y (what the network gives), u (a gradient by y) and grad/<name> for every
parameter of the last block.
"""

import contextlib
import logging
import os
import sys
import warnings
from pathlib import Path

import torch
from common import answer, request
from safetensors.torch import save_file
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection, Dinov2Config, Dinov2Model

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
SMALL = {"hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4}


class Tower(torch.nn.Module):
    """One tensor in, one out."""

    def __init__(self, model, key):
        super().__init__()
        self.model, self.key = model, key

    def forward(self, pixels):
        return getattr(self.model(pixels), self.key)


def made(name, attention):
    torch.manual_seed(5)
    if name == "dinov2":  # its positions are learnt for 5 x 5 patches, and resized to 4 x 4
        config = Dinov2Config(**SMALL, image_size=70, patch_size=14, attn_implementation=attention)
        tower = Tower(Dinov2Model(config), "last_hidden_state")
    else:
        config = CLIPVisionConfig(
            **SMALL, intermediate_size=96, image_size=64, patch_size=16, projection_dim=24, attn_implementation=attention
        )
        tower = Tower(CLIPVisionModelWithProjection(config), "image_embeds")
    for value in tower.parameters():  # the exporter makes one of what is equal
        value.data = torch.randn_like(value) * 0.2 + (1.0 if value.ndim == 1 else 0.0) * 0.5
    return tower.eval()


def export(name, path, opset, dynamo, dynamic, external, attention):
    tower = made(name, attention)
    side = 56 if name == "dinov2" else 64
    x = torch.randn(3, 3, side, side)
    options = {"input_names": ["pixels"], "output_names": ["features"], "opset_version": opset, "dynamo": dynamo, "verbose": False}
    if dynamo:
        options["external_data"] = external
        if dynamic:
            options["dynamic_shapes"] = ({0: torch.export.Dim("batch")},)
    elif dynamic:
        options["dynamic_axes"] = {"pixels": {0: "batch"}, "features": {0: "batch"}}
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        torch.onnx.export(tower, (x[: 2 if dynamic and dynamo else 1],), path, **options)
    with torch.enable_grad():
        y = tower(x)
        upstream = torch.randn_like(y)
        last = {key: value for key, value in tower.named_parameters() if "layer.2." in key or "layers.2." in key}
        gradients = torch.autograd.grad((y * upstream).sum(), list(last.values()))
    tensors = {"x": x, "y": y.detach(), "u": upstream}
    tensors |= {f"grad/{key}": value.contiguous() for key, value in zip(last, gradients)}
    save_file({key: value.contiguous() for key, value in tensors.items()}, Path(path).with_suffix(".safetensors"))


for item in request()["items"]:
    export(**item)
answer(sys.version)
