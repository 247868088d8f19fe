"""The note's own PyTorch code (experiments/dogs-vs-cats-vgg16.yaml), on an order of photos that is given, dropout off.

    save    a randomly initialised vgg16 of torchvision, as torch.save writes its state_dict
    train   its logits, and the loss after each step
"""

import sys
from pathlib import Path

import torch
from common import answer, apart, photo, read_features, request
from safetensors.torch import load_file
from torch import nn
from torchvision import models
from torchvision import transforms as T

sys.path.insert(0, str(Path(__file__).parent.parent / "train" / "golden"))
from seeded import Random  # noqa: E402

given = request()
weights = given["weights"]
if given["do"] == "save":
    # Values that keep their size from layer to layer, drawn faster than init_weights=True does.
    model = models.vgg16(init_weights=False)
    draws = torch.Generator().manual_seed(3)
    for parameter in model.parameters():
        bound = (6 / parameter[0].numel()) ** 0.5 if parameter.dim() > 1 else 0.1
        parameter.uniform_(-bound, bound, generator=draws)
    torch.save(model.state_dict(), weights)
    answer(len(model.state_dict()))
    sys.exit()

torch.set_grad_enabled(True)
logits, metadata = read_features(given["logits"])
classes, paths = metadata["class_names"], metadata["paths"]["train"]
labels = torch.tensor([classes.index(Path(path).parent.name) for path in paths])
transform = T.Compose(
    [T.Resize((224, 224)), T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
)
photos = torch.stack([transform(photo(Path(given["root"]) / path)) for path in paths])

model = models.vgg16(init_weights=False)
model.load_state_dict(torch.load(weights))
with torch.no_grad():
    whole = apart(logits["train/features"], model.eval()(photos))

for parameter in model.parameters():
    parameter.requires_grad = False
model.classifier[6] = nn.Linear(4096, 2)
model.classifier.add_module("7", nn.LogSoftmax(dim=1))
for layer in (2, 5):
    model.classifier[layer] = nn.Dropout(p=0)
start, bound = {}, 4096**-0.5
for name, parameter in model.classifier[6].named_parameters():
    draws = Random(given["seed"], "init", f"classifier.6.{name}")
    values = [(2 * draws.uniform() - 1) * bound for _ in range(parameter.numel())]
    parameter.data = torch.tensor(values, dtype=torch.float32).reshape(parameter.shape)

criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(model.classifier[6].parameters(), lr=given["learning_rate"])
batch, losses, frozen = given["batch_size"], [], {}
model.train()
for epoch in range(1, given["epochs"] + 1):
    order = Random(given["seed"], "shuffle", epoch).permutation(len(paths))
    for first in range(0, len(order), batch):
        chosen = order[first : first + batch]
        optimizer.zero_grad()
        if epoch == 1:
            entered = []
            hook = model.classifier[6].register_forward_pre_hook(lambda _, inputs: entered.extend(inputs[0].detach()))
            output = model(photos[chosen])
            hook.remove()
            frozen.update(zip(chosen, entered, strict=True))
        else:  # what frozen layers said of these photos, dropout being off, they would say again
            output = model.classifier[7](model.classifier[6](torch.stack([frozen[index] for index in chosen])))
        loss = criterion(output, labels[chosen])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

end = load_file(given["end"])
answer(
    {
        "logits": whole,
        "losses": losses,
        "names": sorted(end),
        "head": [
            apart(end[f"classifier.6.{name}"], parameter.detach())
            for name, parameter in model.classifier[6].named_parameters()
        ],
    }
)
