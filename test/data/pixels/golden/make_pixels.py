"""Writes pixels.{json,bin.gz}: what torchvision makes of a few small images.

    python test/data/pixels/golden/make_pixels.py

An entry with "chain" is a list of Graft's transforms, run here by torchvision's classes; one with "call" is a
function of torchvision.transforms.functional (or of autoaugment) with its arguments drawn already.
"""

import os

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torchvision import transforms as T
from torchvision.transforms import autoaugment
from torchvision.transforms import functional as F
from torchvision.transforms.functional import InterpolationMode

from pack import Pack

HERE = os.path.dirname(os.path.abspath(__file__))
EMBEDDED = os.path.join(HERE, "../../../../experiments/data/tuxpaint-photos")
rng = np.random.default_rng(11)
pack = Pack(os.path.join(HERE, "pixels"))
pack.note("about", pillow=PIL.__version__, torchvision=torchvision.__version__, torch=torch.__version__)


def embedded(path, box, size):
    return Image.open(os.path.join(EMBEDDED, path)).convert("RGB").crop(box).resize(size, Image.BICUBIC)


IMAGES = {
    "photo": embedded("valid/bird/crowned_crane.jpg", (60, 20, 300, 206), (40, 31)),
    "noise": Image.fromarray(rng.integers(0, 256, (23, 18, 3), dtype=np.uint8)),
    "tall": Image.fromarray((rng.random((61, 9, 3)) > 0.5).astype(np.uint8) * 255),
    "dark": Image.fromarray(rng.integers(90, 140, (12, 17, 3), dtype=np.uint8)),
    "grey": Image.fromarray(rng.integers(0, 256, (14, 19), dtype=np.uint8)),
    "two": Image.fromarray(rng.integers(0, 256, (2, 2, 3), dtype=np.uint8)),
    "one": Image.fromarray(np.full((1, 1, 3), 77, dtype=np.uint8)),
}
for name, image in IMAGES.items():
    array = np.array(image)
    pack.add(f"input {name}", array if array.ndim == 3 else array[:, :, None], input=True)


def array_of(output):
    if isinstance(output, torch.Tensor):
        return output.numpy()
    array = np.array(output)
    return array if array.ndim == 3 else array[:, :, None]


def build(name, params):
    if name == "Normalize":
        order = T.Lambda(lambda x: x.flip(0) if params["channels"] == "BGR" else x)
        scale = T.Lambda(lambda x: x * params["scale"])
        return T.Compose([order, scale, T.Normalize(params["mean"], params["std"])])
    params = {k: InterpolationMode(v) if k == "interpolation" else v for k, v in params.items()}
    params = {k: v if isinstance(v, (str, bool, type(None))) else tuple(v) if isinstance(v, list) else v for k, v in params.items()}
    return getattr(T, name)(**params)


def chain(image, *transforms):
    output = IMAGES[image]
    for name, params in transforms:
        output = build(name, params)(output)
    title = " ".join(f"{name}{list(params.values())}" for name, params in transforms)
    steps = [{"name": name, "params": params} for name, params in transforms]
    pack.add(f"{image}: {title}", array_of(output), image=image, chain=steps)


def call(image, function, output, **arguments):
    title = f"{image}: {function}({', '.join(str(v) for v in arguments.values())})"
    pack.add(title, array_of(output), image=image, call=function, arguments=arguments)


# Deterministic transforms
def resize(size, interpolation="bilinear", max_size=None):
    return "Resize", {"size": size, "interpolation": interpolation, "max_size": max_size, "antialias": True}


for mode in ["nearest", "nearest-exact", "bilinear", "bicubic", "box", "hamming", "lanczos"]:
    chain("photo", resize([13, 17], mode))
    chain("noise", resize([31, 25], mode))
    chain("tall", resize([16, 9], mode))
    chain("grey", resize([9, 22], mode))
chain("photo", resize(15))
chain("noise", resize(15))
chain("tall", resize(7, "bicubic"))
chain("photo", resize(20, "bilinear", 23))
chain("noise", resize([20], "bilinear", 22))
chain("photo", resize([31, 20]))
chain("photo", resize([12, 40]))
chain("two", resize([7, 5], "bicubic"))
chain("one", resize([3, 4], "lanczos"))
for size in [[12, 16], [13, 15], [31, 40], [40, 50], [10, 55], [45, 11], 17]:
    chain("photo", ("CenterCrop", {"size": size}))
chain("grey", ("CenterCrop", {"size": [20, 21]}))
chain("photo", resize(20), ("CenterCrop", {"size": 16}))
chain("noise", resize([20, 30], "bicubic"), ("CenterCrop", {"size": [7, 12]}))
chain("noise", resize(12), ("CenterCrop", {"size": 14}))
for padding, fill in [(3, 0), ([2, 4], 9), ([1, 2, 3, 4], [10, 20, 30]), ([-2, 3, 1, -4], 200)]:
    chain("noise", ("Pad", {"padding": padding, "fill": fill, "padding_mode": "constant"}))
for mode in ["edge", "reflect", "symmetric"]:
    chain("noise", ("Pad", {"padding": [1, 2, 3, 4], "fill": 0, "padding_mode": mode}))
    chain("noise", ("Pad", {"padding": [-2, 3, 1, -4], "fill": 0, "padding_mode": mode}))
    chain("two", ("Pad", {"padding": [5, 3], "fill": 0, "padding_mode": mode}))
    chain("one", ("Pad", {"padding": 2, "fill": 0, "padding_mode": mode}))
for channels in [1, 3]:
    chain("photo", ("Grayscale", {"num_output_channels": channels}))
    chain("grey", ("Grayscale", {"num_output_channels": channels}))

IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "scale": 1, "channels": "RGB"}
CAFFE = {"mean": [103.939, 116.779, 123.68], "std": [1, 1, 1], "scale": 255, "channels": "BGR"}
LITE0 = {"mean": [127, 127, 127], "std": [128, 128, 128], "scale": 255, "channels": "RGB"}
chain("noise", ("ToTensor", {}))
chain("grey", ("ToTensor", {}))
chain("noise", ("ToTensor", {}), ("Normalize", IMAGENET))
chain("dark", ("ToTensor", {}), ("Normalize", CAFFE))
chain("dark", ("ToTensor", {}), ("Normalize", LITE0))
chain("grey", ("ToTensor", {}), ("Normalize", {**IMAGENET, "mean": [0.5], "std": [0.25]}))
chain("dark", ("ToTensor", {}), ("CenterCrop", {"size": [14, 9]}), ("Normalize", IMAGENET))
chain("two", ("ToTensor", {}), ("Pad", {"padding": [1, 1], "fill": 0, "padding_mode": "reflect"}))
chain("dark", ("ToTensor", {}), ("RandomHorizontalFlip", {"p": 1}), ("RandomVerticalFlip", {"p": 1}))
for flip in ["RandomHorizontalFlip", "RandomVerticalFlip"]:
    chain("noise", (flip, {"p": 1}))
    chain("noise", (flip, {"p": 0}))

# What the random ones do once their numbers are drawn
for factor in [0, 0.3, 0.7, 1, 1.4, 3.1]:
    call("noise", "brightness", F.adjust_brightness(IMAGES["noise"], factor), factor=factor)
    call("photo", "contrast", F.adjust_contrast(IMAGES["photo"], factor), factor=factor)
    call("noise", "saturation", F.adjust_saturation(IMAGES["noise"], factor), factor=factor)
    call("noise", "sharpness", F.adjust_sharpness(IMAGES["noise"], factor), factor=factor)
call("grey", "contrast", F.adjust_contrast(IMAGES["grey"], 1.7), factor=1.7)
call("grey", "sharpness", F.adjust_sharpness(IMAGES["grey"], 1.7), factor=1.7)
call("grey", "hue", F.adjust_hue(IMAGES["grey"], 0.2), factor=0.2)
call("two", "sharpness", F.adjust_sharpness(IMAGES["two"], 0.5), factor=0.5)
for factor in [-0.5, -0.23, 0, 0.01, 0.31, 0.5]:
    call("noise", "hue", F.adjust_hue(IMAGES["noise"], factor), factor=factor)
call("photo", "hue", F.adjust_hue(IMAGES["photo"], 0.1), factor=0.1)
for bits in [1, 3, 4, 8]:
    call("dark", "posterize", F.posterize(IMAGES["dark"], bits), bits=bits)
for threshold in [0.0, 100.5, 128, 255.0]:
    call("dark", "solarize", F.solarize(IMAGES["dark"], threshold), threshold=threshold)
for image in ["photo", "dark", "noise", "grey", "two", "one"]:
    call(image, "autocontrast", F.autocontrast(IMAGES[image]))
    call(image, "equalize", F.equalize(IMAGES[image]))
for mode in ["nearest", "bilinear", "bicubic"]:
    interpolation = InterpolationMode(mode)
    for angle, expand, center, fill in [
        (17.3, False, None, 0),
        (-121.7, True, None, 60),
        (45, False, [3, 5], [10, 20, 30]),
        (90, False, None, 0),
    ]:
        rotated = F.rotate(IMAGES["noise"], angle, interpolation, expand, center, fill)
        call("noise", "rotate", rotated, angle=angle, interpolation=mode, expand=expand, center=center, fill=fill)
    rotated = F.rotate(IMAGES["grey"], 33, interpolation, True, None, 9)
    call("grey", "rotate", rotated, angle=33, interpolation=mode, expand=True, center=None, fill=9)
for angle, expand in [(0, False), (90, True), (180, False), (270, True), (360, True), (-90, True)]:
    rotated = F.rotate(IMAGES["noise"], angle, InterpolationMode.BILINEAR, expand)
    call("noise", "rotate", rotated, angle=angle, interpolation="bilinear", expand=expand, center=None, fill=0)
for mode in ["nearest", "bilinear", "bicubic"]:
    for name, magnitude in [
        ("ShearX", 0.29), ("ShearX", -0.7), ("ShearY", 0.3), ("ShearY", -0.99),
        ("TranslateX", 5.9), ("TranslateX", -3.2), ("TranslateY", 4.0), ("TranslateY", -7.7), ("Rotate", 21.0),
    ]:
        output = autoaugment._apply_op(IMAGES["noise"], name, magnitude, InterpolationMode(mode), None)
        call("noise", "operation", output, name=name, magnitude=magnitude, interpolation=mode)
for name, magnitude in [
    ("Identity", 0.0), ("Brightness", 0.4), ("Color", -0.6), ("Contrast", 0.9), ("Sharpness", -0.9),
    ("Posterize", 4.0), ("Solarize", 110.5), ("AutoContrast", 0.0), ("Equalize", 0.0),
]:
    output = autoaugment._apply_op(IMAGES["dark"], name, magnitude, InterpolationMode.NEAREST, None)
    call("dark", "operation", output, name=name, magnitude=magnitude, interpolation="nearest")
tensor = F.to_tensor(IMAGES["two"])
erased = F.erase(F.to_tensor(IMAGES["dark"]), 2, 3, 5, 6, torch.tensor([0.1, 0.2, 0.3])[:, None, None])
call("dark", "erase", erased, top=2, left=3, height=5, width=6, value=[0.1, 0.2, 0.3])

# The magnitudes that the two policies draw from
for policy, size in [("RandAugment", (33, 57)), ("TrivialAugmentWide", None)]:
    for bins in [31, 10]:
        made = getattr(T, policy)(num_magnitude_bins=bins)
        space = made._augmentation_space(*([bins, size] if size else [bins]))
        table = np.array([[float(m[i]) if m.ndim else 0.0 for i in range(bins)] for m, _ in space.values()])
        pack.add(f"{policy} magnitudes {bins}", table.astype(np.float32), names=list(space), policy=policy,
                 bins=bins, signed=[signed for _, signed in space.values()])
pack.write()
