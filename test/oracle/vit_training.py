"""Trains the last block of torchvision's vit_b_16 on tokens that its first eleven blocks might have made, and says each step's loss.

Into `folder` go start.safetensors (the block, the last LayerNorm, the head), batches.safetensors (x0, y0, x1 …) and end.safetensors.
"""

import time
from pathlib import Path

import torch
from common import answer, request
from safetensors.torch import save_file
from torchvision.models.vision_transformer import EncoderBlock

given = request()
torch.set_grad_enabled(True)
torch.manual_seed(given["seed"])
folder, classes, rows = Path(given["folder"]), given["classes"], given["batch"]
network = torch.nn.ModuleDict(
    {
        "block": EncoderBlock(12, 768, 3072, 0.0, 0.0),
        "ln": torch.nn.LayerNorm(768, eps=1e-6),
        "head": torch.nn.Linear(768, classes),
    }
)
for name, value in network.named_parameters():
    if value.ndim == 1:  # torch starts biases at 0 and scales at 1, where a mistake might not show
        with torch.no_grad():
            value.add_(torch.randn_like(value) * 0.05)
names = {"block": "encoder.layers.encoder_layer_11", "ln": "encoder.ln", "head": "heads.head"}


def state():
    plain = {}
    for name, value in network.state_dict().items():
        module, rest = name.split(".", 1)
        plain[f"{names[module]}.{rest}"] = value.clone().contiguous()
    return plain


save_file(state(), folder / "start.safetensors")
batches = {}
for at in range(given["batches"]):
    y = torch.randint(classes, (rows,), dtype=torch.int32)
    x = torch.randn(rows, given["tokens"], 768)
    x[:, 0, :classes] += 2 * torch.nn.functional.one_hot(y.long(), classes)
    batches[f"x{at}"], batches[f"y{at}"] = x, y
save_file(batches, folder / "batches.safetensors")

network.train()
optimizer = torch.optim.AdamW(network.parameters(), lr=given["learning_rate"], weight_decay=0.05)
losses, began = [], time.perf_counter()
for step in range(given["steps"]):
    at = step % given["batches"]
    tokens = network["block"](batches[f"x{at}"])
    loss = torch.nn.functional.cross_entropy(network["head"](network["ln"](tokens)[:, 0]), batches[f"y{at}"].long())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
took = time.perf_counter() - began
save_file(state(), folder / "end.safetensors")
answer({"losses": losses, "ms": took / given["steps"] * 1000})
