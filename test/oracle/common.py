"""What the scripts beside this file share: Graft's features files, and how far two arrays are apart."""

import json
import sys

import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors import safe_open

# Other tests run beside these, and threads that wait for each other on busy cores take longer than one.
torch.set_num_threads(1)
torch.set_grad_enabled(False)


def request():
    """The one argument of a script, JSON."""
    return json.loads(sys.argv[1])


def answer(value):
    print(json.dumps(value))


def read_features(path):
    """The tensors of a file that `graft features` wrote as numpy arrays, and its metadata, parsed where it is JSON."""
    with safe_open(path, "np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        metadata = dict(file.metadata())
    for key in ("paths", "class_names"):
        metadata[key] = json.loads(metadata[key])
    return tensors, metadata


def apart(found, expected):
    """Largest and mean difference, the largest in units of the largest expected value, and the least cosine of two rows."""
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    if found.shape != expected.shape:
        raise SystemExit(f"shape {list(found.shape)} was found, {list(expected.shape)} expected")
    difference = np.abs(found - expected)
    a, b = found.reshape(len(found), -1), expected.reshape(len(expected), -1)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return {
        "max": difference.max(),
        "mean": difference.mean(),
        "relative": difference.max() / np.abs(expected).max(),
        "cosine": ((a * b).sum(1) / np.maximum(lengths, 1e-30)).min(),
    }


def photo(path):
    """A photo as Graft means it: turned by its orientation tag, three channels of 8 bits."""
    with Image.open(path) as file:
        if file.mode.startswith("I;16"):  # Pillow clips 16-bit grey at 255, Graft keeps the high byte
            return Image.fromarray((np.asarray(file) >> 8).astype(np.uint8)).convert("RGB")
        return ImageOps.exif_transpose(file).convert("RGB")


def outputs_of(network, batch, names):
    """The outputs of these submodules ("" for the network itself) for one batch, by forward hooks."""
    seen = {}
    modules = dict(network.named_modules())
    hooks = [
        modules[name].register_forward_hook(lambda _m, _i, output, name=name: seen.__setitem__(name, output.clone()))
        for name in names
    ]
    network.eval()(batch)
    for hook in hooks:
        hook.remove()
    return seen
