"""Writes state_dicts as torch.save writes them, and the same tensors as .safetensors.

    python make_pth.py [FOLDER]     # default: pth/ beside this file
"""

import sys
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file

folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "pth")
folder.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)


def tensors():
    base = torch.randn(4, 6)
    row = torch.randn(12)
    return OrderedDict(
        [
            ("float32", torch.randn(2, 3)),
            ("float64", torch.randn(3, dtype=torch.float64)),
            ("float16", torch.tensor([0.0, -0.0, 1.5, -2.25, 6.1e-5, 5.96e-8, 65504.0]).half()),
            ("bfloat16", torch.randn(5).bfloat16()),
            ("int64", torch.tensor([-1, 2**52, 3])),
            ("int32", torch.tensor([[-7], [8]], dtype=torch.int32)),
            ("int16", torch.tensor([-300, 300], dtype=torch.int16)),
            ("int8", torch.tensor([-128, 127], dtype=torch.int8)),
            ("uint8", torch.tensor([0, 255], dtype=torch.uint8)),
            ("bool", torch.tensor([True, False, True])),
            ("scalar", torch.tensor(7)),
            ("empty", torch.empty(0, 4)),
            ("shared", base),
            ("transposed", base.t()),
            ("offset", base[1:3]),
            ("columns", base[:, 1::2]),
            ("expanded", row[:3].expand(2, 3)),
            ("permuted", row.view(2, 3, 2).permute(2, 0, 1)),
            ("parameter", torch.nn.Parameter(torch.randn(2, 2))),
            ("channels_last", torch.randn(2, 3, 2, 2).contiguous(memory_format=torch.channels_last)),
        ]
    )


def module():
    return torch.nn.Sequential(
        OrderedDict(conv=torch.nn.Conv2d(1, 2, 2), bn=torch.nn.BatchNorm2d(2))
    )


def plain(state):
    # clone() alone keeps the strides.
    return {name: value.detach().contiguous().clone() for name, value in state.items()}


odd = tensors()
save_file(plain(odd), folder / "odd.safetensors")
torch.save(odd, folder / "odd.zip.pth")
torch.save(odd, folder / "odd.zip4.pth", pickle_protocol=4)
torch.save(odd, folder / "odd.legacy.pth", _use_new_zipfile_serialization=False)

net = module()
net(torch.randn(2, 1, 4, 4))
# As SGD(lr=0.1, momentum=0.9).state_dict() has it; torch.optim takes ten seconds to import.
optimizer = {
    "state": {0: {"momentum_buffer": torch.randn(2, 1, 2, 2)}},
    "param_groups": [{"lr": 0.1, "momentum": 0.9, "nesterov": False, "weight_decay": 0, "params": [0, 1, 2, 3]}],
}
save_file(plain(net.state_dict()), folder / "net.safetensors")
torch.save(net.state_dict(keep_vars=True), folder / "net.zip.pth")
wrapped = OrderedDict((f"module.{name}", value) for name, value in net.state_dict().items())
torch.save(
    {"epoch": 3, "best": 0.5, "arch": "net", "state_dict": wrapped, "optimizer": optimizer},
    folder / "checkpoint.zip.pth",
)
torch.save(
    {"model": net.half().state_dict(), "done": None},
    folder / "checkpoint.legacy.pth",
    _use_new_zipfile_serialization=False,
)
save_file(plain(net.state_dict()), folder / "half.safetensors")
torch.save(module(), folder / "whole.pth")
