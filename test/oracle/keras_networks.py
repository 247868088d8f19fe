"""Networks of keras.applications with random weights, saved in Keras's formats, and their logits of one photo.

    python keras_networks.py '{"folder": …, "networks": [{"name", "size": [h, w], "files": ["h5", …]}, …]}'

The photo's pixels are ((3 * index + channel) * 7919) mod 256, row by row. Answers {name: {file: logits}}.
"""

import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import applications

CONSTRUCTORS = {
    "vgg16": (applications.VGG16, applications.vgg16),
    "resnet50": (applications.ResNet50, applications.resnet),
    "densenet121": (applications.DenseNet121, applications.densenet),
    "mobilenet_v2": (applications.MobileNetV2, applications.mobilenet_v2),
    "mobilenet_v3_small": (applications.MobileNetV3Small, applications.mobilenet_v3),
    "efficientnet_b0": (applications.EfficientNetB0, applications.efficientnet),
    "convnext_tiny": (applications.ConvNeXtTiny, applications.convnext),
}


def randomize(model):
    """Weights and statistics that keep values near one, so that every one of them matters."""
    generator = np.random.default_rng(0)
    for variable in model.variables:
        shape, path = variable.shape, variable.path
        if path.endswith(("mean", "beta", "bias")):
            values = generator.normal(0, 0.1, shape)
        elif path.endswith(("gamma", "variance")) or "layer_scale" in path:
            values = generator.uniform(0.5, 1.5, shape) * (0.3 if "layer_scale" in path else 1)
        elif path.endswith("kernel"):
            fan_in = shape[0] * shape[1] if "depthwise" in path else np.prod(shape[:-1])
            values = generator.standard_normal(shape, np.float32)
            values *= np.float32(np.sqrt(1 / fan_in))
        else:
            continue
        variable.assign(values.astype("float32"))


def logits(name, model, size):
    height, width = size
    photo = ((np.arange(height * width * 3) * 7919) % 256).astype("float32")
    photo = photo.reshape(1, height, width, 3)
    batch = CONSTRUCTORS[name][1].preprocess_input(photo)
    return keras.ops.convert_to_numpy(model(batch, training=False)).ravel().tolist()


def write_tfjs(model, folder, packed):
    """TensorFlow.js's layers model. Packed: kernels uint8, dense ones float16, the rest uint16; the model takes what is left of its values."""
    folder.mkdir()
    entries, data = [], b""
    for layer in model.layers:
        for variable in layer.variables:
            values = keras.ops.convert_to_numpy(variable.value)
            entry = {"name": variable.path, "shape": list(values.shape), "dtype": "float32"}
            if packed and "predictions" in variable.path:
                stored = values.astype("float16")
                left = stored.astype("float32")
                entry["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
            elif packed:
                dtype = "uint8" if variable.path.endswith("kernel") else "uint16"
                least = float(values.min())
                scale = (float(values.max()) - least) / np.iinfo(dtype).max or 1.0
                stored = np.round((values - least) / scale).astype(dtype)
                left = (stored.astype("float64") * scale + least).astype("float32")
                entry["quantization"] = {"dtype": dtype, "scale": scale, "min": least, "original_dtype": "float32"}
            else:
                stored = left = values
            variable.assign(left)
            entries.append(entry)
            data += stored.tobytes()
    paths = []
    for number, start in enumerate(range(0, len(data), 4 << 20)):
        paths.append(f"group1-shard{number + 1}.bin")
        (folder / paths[-1]).write_bytes(data[start : start + (4 << 20)])
    topology = {"keras_version": keras.__version__, "backend": "tensorflow", "model_config": json.loads(model.to_json())}
    (folder / "model.json").write_text(
        json.dumps({
            "format": "layers-model",
            "generatedBy": f"keras v{keras.__version__}",
            "convertedBy": "keras_networks.py",
            "modelTopology": topology,
            "weightsManifest": [{"paths": paths, "weights": entries}],
        })
    )


request = json.loads(sys.argv[1])
folder = Path(request["folder"])
answers = {}
for network in request["networks"]:
    name, size = network["name"], network["size"]
    model = CONSTRUCTORS[name][0](weights=None, classifier_activation=None, input_shape=(*size, 3))
    randomize(model)
    answers[name] = {}
    for file in network["files"]:
        path = folder / f"{name}.{file}"
        if file == "weights.h5":
            model.save_weights(path)
        elif file.startswith("tfjs"):
            write_tfjs(model, path, packed=file == "tfjs-packed")
        elif file == "published.weights.h5":
            # What the published EfficientNets hold: deviations in the place of variances.
            mean, variance, _ = model.get_layer("normalization").variables
            mean.assign([0.485, 0.456, 0.406])
            variance.assign([0.229, 0.224, 0.225])
            model.save_weights(path)
        else:
            model.save(path)
        answers[name][file] = logits(name, model, size)
print(json.dumps(answers))
