"""Writes golden/keras/: a small Keras model in every format of Keras, with values that say where they are.

    KERAS_BACKEND=torch python test/model/golden/make_keras.py     (keras 3.15, h5py)

small.h5          a whole model, as Keras 1 and 2 write it (model.save)
small.legacy.h5   the same, weights alone, as Keras 2's save_weights wrote them
small.weights.h5  weights of Keras 3 (model.save_weights)
small.keras       a whole model of Keras 3 (model.save)
odd.h5            links and storage that lead out of the file, claims of huge data
small.json        what is in them: layer/number -> shape and values
"""

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

folder = Path(__file__).parent / "keras"
folder.mkdir(exist_ok=True)

layers = keras.layers
model = keras.Sequential(
    [
        layers.Input((8, 8, 3), name="photo"),
        layers.Conv2D(2, 3, name="conv"),
        layers.DepthwiseConv2D(3, name="depthwise"),
        layers.BatchNormalization(name="norm"),
        keras.Sequential([layers.Flatten(), layers.Dense(3, name="dense")], name="inner"),
        layers.Dropout(0.5, name="dropout"),
    ],
    name="small",
)
answers = {}
for layer in [*model.layers[:3], model.get_layer("inner").get_layer("dense")]:
    for index, variable in enumerate(layer.variables):
        count = int(np.prod(variable.shape))
        values = (np.arange(count) * 0.25 + index - 3).astype("float32")
        variable.assign(values.reshape(variable.shape))
        answers[f"{layer.name}/{index}"] = {
            "shape": list(variable.shape),
            "values": values.tolist(),
        }

model.save(folder / "small.h5")
with h5py.File(folder / "small.legacy.h5", "w") as file:
    legacy_h5_format.save_weights_to_hdf5_group(file, model)
model.save_weights(folder / "small.weights.h5")
model.save(folder / "small.keras")
(folder / "small.json").write_text(json.dumps(answers))


def odd(name, put):
    """A file with one layer "a" whose kernel is made by put(group)."""
    with h5py.File(folder / f"odd-{name}.h5", "w") as file:
        file.attrs["layer_names"] = np.array([b"a"])
        group = file.create_group("a")
        group.attrs["weight_names"] = np.array([b"kernel:0"])
        put(group)


def virtual(group):
    layout = h5py.VirtualLayout((4,), dtype="f4")
    layout[:] = h5py.VirtualSource("small.h5", "/model_weights", shape=(4,))
    group.create_virtual_dataset("kernel:0", layout)


odd("external", lambda g: g.create_dataset("kernel:0", (16,), "f4", external=[("/etc/passwd", 0, 64)]))
odd("virtual", virtual)
odd("link", lambda g: g.__setitem__("kernel:0", h5py.ExternalLink("small.h5", "/model_weights/conv/conv/kernel")))
odd("dangling", lambda g: g.__setitem__("kernel:0", h5py.SoftLink("/nowhere")))
odd("huge", lambda g: g.create_dataset("kernel:0", (1 << 40, 1 << 10), "f4", chunks=(1 << 10, 1)))
odd("chunk", lambda g: g.create_dataset("kernel:0", (1 << 14, 1 << 14), "f4", chunks=(1 << 14, 1 << 14)))
odd("float16", lambda g: g.create_dataset("kernel:0", data=np.ones(4, "f2")))
odd("text", lambda g: g.create_dataset("kernel:0", data=["a"]))
odd("packed", lambda g: g.create_dataset("kernel:0", data=np.arange(6000, dtype="f4").reshape(200, 30), compression="gzip"))
