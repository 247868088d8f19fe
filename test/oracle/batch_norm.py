"""What every BatchNorm2d of torchvision's networks is told, and the running statistics that one batch leaves in a block in train()."""

import json
import sys

from common import torch  # one thread, no gradients
from safetensors.torch import save_file
from torch import nn
from torchvision import models

request = json.loads(sys.argv[1])
told = {}
for name in request["networks"]:
    with torch.device("meta"):
        network = getattr(models, name)(weights=None)
    norms = ((layer, module) for layer, module in network.named_modules() if isinstance(module, nn.BatchNorm2d))
    told[name] = {layer: [norm.eps, norm.momentum] for layer, norm in norms}

torch.manual_seed(5)
network = models.mobilenet_v3_small(weights=None)
photos = torch.randn(4, 16, 8, 8)
state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
save_file({**state, "photos": photos}, request["file"])
network.train()
network.features[1](photos)
running = {name: buffer.tolist() for name, buffer in network.named_buffers() if name.startswith("features.1.") and "running" in name}
print(json.dumps({"told": told, "running": running}))
