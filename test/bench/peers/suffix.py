"""Trains one suffix with PyTorch float32: each line of stdin is how many steps to take, each line of stdout what they took."""

import json
import resource
import sys
import time

import torch
import torchvision

asked = json.loads(sys.argv[1])
torch.manual_seed(0)
network = torchvision.models.get_model(asked["network"], weights=None, num_classes=asked["classes"])
for module in network.modules():
    if isinstance(module, torch.nn.Dropout):
        module.p = 0.0
if asked["network"] == "resnet18":
    network = torch.nn.Sequential(network.layer4, network.avgpool, torch.nn.Flatten(), network.fc)
elif asked["network"] == "vgg16":
    network = network.classifier
network.train()
x = torch.randn(asked["batch"], *asked["shape"])
y = torch.randint(asked["classes"], (asked["batch"],))
if asked.get("channels_last") and x.ndim == 4:
    network, x = network.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(x), y)
        loss.backward()
        optimizer.step()
        loss.item()
        times.append((time.perf_counter() - start) * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"times": times, "peak": peak}), flush=True)
