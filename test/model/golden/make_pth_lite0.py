"""Writes EfficientNet-Lite0's embedded weights as people save theirs: make_pth_lite0.py SAFETENSORS FOLDER"""

import sys
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

state = OrderedDict(load_file(sys.argv[1]))
folder = Path(sys.argv[2])

torch.save(state, folder / "zip.pth")
torch.save(state, folder / "legacy.pth", _use_new_zipfile_serialization=False)
wrapped = OrderedDict((f"module.{name}", value) for name, value in state.items())
torch.save({"epoch": 1, "state_dict": wrapped}, folder / "wrapped.pth.tar")
torch.save({name: value.double() for name, value in state.items()}, folder / "double.bin")
for word, dtype in (("half", torch.float16), ("brain", torch.bfloat16)):
    cast = {name: value.to(dtype) for name, value in state.items()}
    torch.save(cast, folder / f"{word}.pth")
    save_file(cast, folder / f"{word}.safetensors")
    save_file({name: value.float() for name, value in cast.items()}, folder / f"{word}-as-float.safetensors")
# Strides other than row-major, as channels_last training leaves them.
strided = {
    name: value.to(memory_format=torch.channels_last) if value.dim() == 4 else value
    for name, value in state.items()
}
torch.save(strided, folder / "strided.pth")
wrong = dict(state)
del wrong["_fc.bias"]
wrong["_fc.weight"] = wrong["_fc.weight"][:2].clone()
wrong["head.weight"] = torch.zeros(1)
torch.save(wrong, folder / "wrong.pth")
torch.save(wrong, folder / "wrong.legacy.pth", _use_new_zipfile_serialization=False)
save_file(wrong, folder / "wrong.safetensors")
