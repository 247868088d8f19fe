"""Loads what graft export wrote, in torchvision and in onnxruntime, and says how far their logits are apart.

python torch_loads.py ARCHITECTURE ONNX_FOLDER SAFETENSORS_FOLDER
"""

import json
import sys

import numpy
import onnxruntime
import torch
import torchvision
from safetensors.torch import load_file

architecture, onnx_folder, torch_folder = sys.argv[1:]
classes = json.load(open(f"{torch_folder}/classes.json"))
model = getattr(torchvision.models, architecture)(num_classes=len(classes))
model.load_state_dict(load_file(f"{torch_folder}/model.safetensors"))
model.eval()
transforms = json.load(open(f"{torch_folder}/transforms.json"))
normalize = next(t for t in transforms if t["name"] == "Normalize")["params"]
session = onnxruntime.InferenceSession(f"{onnx_folder}/model.onnx")
(entry,) = session.get_inputs()
pixels = torch.rand(3, *entry.shape[1:], generator=torch.Generator().manual_seed(0))
with torch.no_grad():
    theirs = model(
        torchvision.transforms.functional.normalize(
            pixels * normalize["scale"], normalize["mean"], normalize["std"]
        )
    ).numpy()
logits, probabilities = session.run(None, {entry.name: pixels.numpy()})
print(
    json.dumps(
        {
            "difference": float(
                numpy.abs(theirs - logits).max() / numpy.abs(theirs).max()
            ),
            "sums": probabilities.sum(axis=1).tolist(),
            "metadata": sorted(session.get_modelmeta().custom_metadata_map),
        }
    )
)
