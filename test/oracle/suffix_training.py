"""Trains a suffix of a torchvision network with torch, batch after batch, and says the loss of each step.

Into `folder` go what it started from and what it saw: start.safetensors (weights and statistics), batches.safetensors
(x0, y0, x1 …), and end.safetensors, what it ended with.
"""

import time
from pathlib import Path

import torch
import torchvision
from common import answer, request
from safetensors.torch import save_file

given = request()
torch.set_grad_enabled(True)
torch.set_num_threads(given.get("threads", 1))
torch.manual_seed(given["seed"])
folder, classes = Path(given["folder"]), given["classes"]
network = torchvision.models.get_model(given["network"], weights=None, num_classes=classes)
for module in network.modules():
    if isinstance(module, torch.nn.Dropout):
        module.p = 0.0

suffixes = {
    "resnet18": ("layer4", "fc"),
    "vgg16": ("classifier",),
}
prefixes = suffixes.get(given["network"])


def forward(x):
    if given["network"] == "resnet18":
        return network.fc(network.avgpool(network.layer4(x)).flatten(1))
    if given["network"] == "vgg16":
        return network.classifier(x)
    return network(x)


batches = {}
for step in range(given["steps"]):
    # As many different batches as fit a short test; each comes back after so many steps.
    at = step % given["batches"]
    if f"x{at}" in batches:
        continue
    y = torch.randint(classes, (given["batch"],), dtype=torch.int32)
    x = torch.randn(given["batch"], *given["shape"])
    # Something to learn: photos of a class have a brightness of their own in one channel.
    x[:, 0] += (y.float() / classes - 0.5).reshape(-1, *[1] * (x.ndim - 2)) * 4
    batches[f"x{at}"] = x.relu() if given["positive"] else x
    batches[f"y{at}"] = y
save_file(batches, folder / "batches.safetensors")



def train(steps, learning_rate, losses):
    network.train()
    optimizer = torch.optim.SGD(trainable, lr=learning_rate, momentum=0.9)
    for step in range(steps):
        at = step % given["batches"]
        loss = torch.nn.functional.cross_entropy(forward(batches[f"x{at}"]), batches[f"y{at}"].long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())


names = [name for name in network.state_dict() if "num_batches" not in name and (not prefixes or name.startswith(prefixes))]
trainable = [value for name, value in network.named_parameters() if name in names]
# With drawn weights a deep network is chaotic: in torch alone float32 and float64 part after three steps, 4 %.
if given.get("warm_steps"):
    train(given["warm_steps"], given["warm_rate"], [])
own = lambda: {name: network.state_dict()[name].clone().contiguous() for name in names}
save_file(own(), folder / "start.safetensors")
losses, began = [], time.perf_counter()
train(given["steps"], given["learning_rate"], losses)
took = time.perf_counter() - began
save_file(own(), folder / "end.safetensors")
answer({"losses": losses, "ms": took / given["steps"] * 1000})
