"""Peer: images a second of one network in PyTorch, random weights, random pixels.

Reads `dtype layout seconds` lines (float32 | bfloat16, contiguous | channels_last), answers each with one number.

  python forward.py resnet50 --batch 16 --threads 2
"""
import argparse, sys, time
import torch

p = argparse.ArgumentParser()
p.add_argument("model")
p.add_argument("--batch", type=int, default=16)
p.add_argument("--threads", type=int, default=2)
a = p.parse_args()
torch.set_num_threads(a.threads)
torch.manual_seed(0)
if a.model == "efficientnet_lite0":
    import timm
    net = timm.create_model("tf_efficientnet_lite0", pretrained=False)
else:
    import torchvision
    net = torchvision.models.get_model(a.model, weights=None)
net.eval()
ready = {}


def prepared(dtype, layout):
    if (dtype, layout) not in ready:
        fmt = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        ready[dtype, layout] = torch.randn(a.batch, 3, 224, 224).to(memory_format=fmt)
        net.to(memory_format=fmt)
        forward(dtype, ready[dtype, layout])
    else:
        net.to(memory_format=torch.channels_last if layout == "channels_last" else torch.contiguous_format)
    return ready[dtype, layout]


def forward(dtype, x):
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == "bfloat16"):
        net(x)


for line in sys.stdin:
    dtype, layout, seconds = line.split()
    x = prepared(dtype, layout)
    forward(dtype, x)
    n, start = 0, time.perf_counter()
    while time.perf_counter() - start < float(seconds):
        forward(dtype, x)
        n += a.batch
    print(n / (time.perf_counter() - start), flush=True)
