"""torchvision's networks on random weights, one request a line: their outputs for two sizes of photos, and their state_dict in a file.

Serves until its input ends, so that torch is loaded once for all networks.
"""

import json
import re
import sys


from common import torch  # one thread, no gradients
from safetensors.torch import save_file
from torch import nn
from torchvision import models
from torchvision.models.feature_extraction import get_graph_node_names
from torchvision.models.vision_transformer import interpolate_embeddings


def skip_inits():
    """Makes torch.nn.init do nothing: what it draws is drawn anew below, faster."""
    for name in dir(nn.init):
        if name.endswith("_") and not name.startswith("_"):
            setattr(nn.init, name, lambda tensor, *_, **__: tensor)


def fill(network, draws):
    """Values that keep their size from layer to layer."""
    for name, parameter in network.named_parameters():
        if parameter.dim() > 1:
            gain = 6 if parameter.dim() == 4 else 3
            bound = (gain / parameter[0].numel()) ** 0.5 if parameter.shape[0] > 1 else 1
            parameter.uniform_(-bound, bound, generator=draws)
        elif re.search(r"layer\d\.\d+\.bn3\.weight$", name):
            # As large as what they are added to, the branches of fifty blocks would make rounding grow a hundredfold.
            parameter.uniform_(0.2, 0.4, generator=draws)
        elif name.endswith("weight"):
            parameter.uniform_(0.8, 1.2, generator=draws)
        else:
            parameter.uniform_(-0.1, 0.1, generator=draws)
        if name.endswith("layer_scale"):
            parameter.uniform_(0.5, 1.5, generator=draws)


def calibrate(network, x):
    """BatchNorm statistics that fit the weights, as training would leave them."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0
    if norms:
        network(x)
    network.eval()


def answer(request, draws):
    name, sizes = request["name"], request["sizes"]
    options = {"init_weights": False} if name.startswith(("vgg", "googlenet")) else {}
    photos = [torch.randn(1, 3, *size, generator=draws) for size in sizes]
    network = getattr(models, name)(weights=None, **options).eval()
    modules, parameters = ([name for name, _ in pairs] for pairs in (network.named_modules(), network.named_parameters()))
    layers = {*get_graph_node_names(network, suppress_diff_warning=True)[1], *modules, *parameters}
    if request["output"] == "flatten":
        network.classifier = nn.Identity()
    fill(network, draws)
    calibrate(network, photos[0])
    outputs = [network(photos[0])[0].tolist()]
    state = network.state_dict()
    if name.startswith("vit"):  # its positions are made for one size of photos
        side = sizes[1][0]
        resized = interpolate_embeddings(side, network.patch_size, {**state})
        network.encoder.pos_embedding = nn.Parameter(resized["encoder.pos_embedding"])
        network.image_size = side
    outputs.append(network(photos[1])[0].tolist())
    save_file(state, request["weights"])
    save_file({f"photo/{index}": photo for index, photo in enumerate(photos)}, request["photos"])
    return {"outputs": outputs, "layers": sorted(layers)}


skip_inits()
draws = torch.Generator().manual_seed(7)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line), draws)), flush=True)
