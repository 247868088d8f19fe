"""Writes groups.json, group-schedules.json, ema.json and layer-decay.json beside this file: python make_groups.py (torch 2.x, timm 1.0, numpy, CPU)."""

import json
import math
from pathlib import Path

import numpy as np
import torch
from timm.optim import Lamb, Lars
from timm.utils import ModelEmaV3

HERE = Path(__file__).parent
torch.set_num_threads(1)

SGD = {"momentum": 0, "dampening": 0, "nesterov": False, "weight_decay": 0}
ADAM = {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0}
RMSPROP = {"alpha": 0.99, "eps": 1e-8, "momentum": 0, "centered": False, "weight_decay": 0}
LARS = {**SGD, "momentum": 0.9, "trust_coeff": 0.001, "eps": 1e-8, "trust_clip": False, "always_adapt": False}
LAMB = {"betas": [0.9, 0.999], "eps": 1e-6, "weight_decay": 0.01, "bias_correction": True, "grad_averaging": True, "max_grad_norm": 1, "trust_clip": False, "always_adapt": False}
NADAM = {**ADAM, "momentum_decay": 0.004, "decoupled_weight_decay": False}
RADAM = {**ADAM, "decoupled_weight_decay": False}
SHAPES = {"a": [2, 3], "b": [3], "c": [4, 2]}

# Learning rate, optimizer, more; groups: rate and decay of a, b and c.
CASES = [
    (0.02, {"sgd": {**SGD, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.001}}, {}),
    (0.02, {"sgd": {**SGD, "momentum": 0.9, "nesterov": True, "weight_decay": 0.001}}, {"clip_grad_norm": 0.7}),
    (0.02, {"sgd": {**SGD, "momentum": 0.5}}, {"clip_grad_value": 0.4, "clip_grad_norm": 0.9}),
    (0.01, {"adam": {**ADAM, "weight_decay": 0.05}}, {}),
    (0.01, {"adam": {**ADAM, "amsgrad": True}}, {}),
    (0.01, {"adamw": {**ADAM, "weight_decay": 0.1}}, {}),
    (0.02, {"adamw": {"betas": [0.8, 0.95], "eps": 1e-3, "weight_decay": 0.3, "amsgrad": True}}, {"clip_grad_norm": 0.5}),
    (0.01, {"nadam": {**NADAM, "weight_decay": 0.01}}, {}),
    (0.02, {"nadam": {**NADAM, "betas": [0.8, 0.95], "momentum_decay": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}}, {}),
    (0.01, {"radam": {**RADAM, "weight_decay": 0.01}}, {}),
    (0.02, {"radam": {**RADAM, "betas": [0.8, 0.95], "weight_decay": 0.1, "decoupled_weight_decay": True}}, {}),
    (0.01, {"rmsprop": {**RMSPROP, "momentum": 0.9, "eps": 1e-3, "weight_decay": 0.01}}, {}),
    (0.05, {"adagrad": {"lr_decay": 0.01, "initial_accumulator_value": 0.1, "eps": 1e-6, "weight_decay": 0.02}}, {}),
    (0.4, {"lars": {**LARS, "weight_decay": 0.001, "trust_coeff": 0.05}}, {}),
    (0.5, {"lars": {**LARS, "weight_decay": 0.01, "nesterov": True, "trust_coeff": 0.1, "always_adapt": True}}, {}),
    (0.05, {"lars": {**LARS, "momentum": 0, "weight_decay": 0.01, "trust_coeff": 0.3, "trust_clip": True}}, {"clip_grad_norm": 0.5}),
    (0.01, {"lamb": LAMB}, {}),
    (0.02, {"lamb": {**LAMB, "betas": [0.8, 0.95], "bias_correction": False, "grad_averaging": False, "max_grad_norm": 0, "always_adapt": True}}, {}),
    (0.05, {"lamb": {**LAMB, "trust_clip": True, "max_grad_norm": 0.3, "weight_decay": 0}}, {}),
]


def numbers(tensor):
    """float32 values, each as short as it can be written without loss."""
    array = np.asarray(tensor.detach() if hasattr(tensor, "detach") else tensor, np.float32)
    return [float(str(value)) for value in array.reshape(-1)]


def start(offset, shape):
    return [math.cos(1.7 * i + offset) for i in range(math.prod(shape))]


def optimizer_for(groups, options, rate):
    (name, given), = options.items()
    given = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
    if name == "lamb" and given["max_grad_norm"] == 0:
        given["max_grad_norm"] = None
    kind = {
        "sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "nadam": torch.optim.NAdam,
        "radam": torch.optim.RAdam, "rmsprop": torch.optim.RMSprop, "adagrad": torch.optim.Adagrad, "lars": Lars, "lamb": Lamb,
    }[name]
    return kind(groups, lr=rate, foreach=False, **given)


def gradient(step, p, offset):
    """Given again in groups.test.ts: 0.3 p + sin(0.7 step + 1.3 index + offset)."""
    wave = np.array([math.sin(0.7 * step + 1.3 * i + offset) for i in range(p.numel())], np.float32)
    return p.detach() * 0.3 + torch.from_numpy(wave).reshape(p.shape)


def clip(parameters, options):
    if "clip_grad_value" in options:
        torch.nn.utils.clip_grad_value_(parameters, options["clip_grad_value"])
    if "clip_grad_norm" in options:
        torch.nn.utils.clip_grad_norm_(parameters, options["clip_grad_norm"])


def traces():
    begin = {name: start(offset, shape) for offset, (name, shape) in enumerate(SHAPES.items())}
    out = []
    for rate, options, more in CASES:
        (given,) = options.values()
        p = {n: torch.nn.Parameter(torch.tensor(begin[n], dtype=torch.float32).reshape(s)) for n, s in SHAPES.items()}
        groups = {
            "a": {"learning_rate": rate, "weight_decay": given["weight_decay"]},
            "b": {"learning_rate": rate * 0.1, "weight_decay": 0},
            "c": {"learning_rate": rate * 0.5, "weight_decay": 0.02},
        }
        optimizer = optimizer_for([{"params": [p[n]], "lr": g["learning_rate"], "weight_decay": g["weight_decay"]} for n, g in groups.items()], options, rate)
        values = []
        for step in range(100):
            for offset, n in enumerate(SHAPES):
                p[n].grad = gradient(step, p[n], offset)
            clip(p.values(), more)
            optimizer.step()
            if step % 9 == 0:
                values.append({"step": step, **{n: numbers(p[n]) for n in SHAPES}})
        out.append({"optimizer": options, "learning_rate": rate, **more, "groups": groups, "values": values})
    return {"shapes": SHAPES, "start": {n: numbers(np.array(v)) for n, v in begin.items()}, "traces": out}


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Parameter(torch.tensor(start(0, [2, 3]), dtype=torch.float32).reshape(2, 3))
        self.register_buffer("m", torch.zeros(3))


def averages():
    """60 steps of weights that anybody can compute, and their average after each of them."""
    swa = torch.optim.swa_utils
    out = []
    for decay, warmup in [(0.9, False), (0.999, False), (0.0, False), (0.99, True), (0.5, True)]:
        net = Net()
        if warmup:
            average = ModelEmaV3(net, decay=decay, use_warmup=True, foreach=False)
        else:
            average = swa.AveragedModel(net, multi_avg_fn=swa.get_ema_multi_avg_fn(decay))
        values = []
        for step in range(1, 61):
            with torch.no_grad():
                net.a.copy_(torch.tensor([math.sin(0.3 * step + i) for i in range(6)], dtype=torch.float32).reshape(2, 3))
                net.m.fill_(step)
            if warmup:
                average.update(net, step=step)
            else:
                average.update_parameters(net)
            values.append(numbers(average.module.a))
        out.append({"decay": decay, "warmup": warmup, "values": values})
    return out


def layer_groups():
    """How many numbers timm's layer_decay puts into each layer id, for networks that have torchvision's shapes."""
    import timm
    from timm.models import group_parameters

    out = {}
    for name in ["resnet18", "resnet50", "vit_base_patch16_224"]:
        model = timm.create_model(name)
        layers = group_parameters(model, model.group_matcher(coarse=False), reverse=True)
        sizes = dict((n, p.numel()) for n, p in model.named_parameters())
        counts = [0] * (max(layers.values()) + 1)
        for n, layer in layers.items():
            counts[layer] += sizes[n]
        out[name] = counts
    return out


def schedules():
    """The rates of two groups at each epoch, under torch's schedulers."""
    lrs = torch.optim.lr_scheduler
    warm = {"warmup_epochs": 0, "warmup_start_factor": 0.01}
    plateau = {
        "monitor": "valid/loss", "mode": "auto", "factor": 0.3, "patience": 1, "threshold": 1e-4,
        "threshold_mode": "rel", "cooldown": 0, "min_lr": 0.004, "eps": 1e-8,
    }
    measured = [1.0, 0.8, 0.9, 0.9, 0.7, 0.75, 0.8, 0.9, 0.9, 0.9, 0.95, 1.0]
    epochs, bases = len(measured), [0.1, 0.02]
    cycle = {"pct_start": 0.3, "anneal_strategy": "cos", "div_factor": 25, "final_div_factor": 1e4}
    cases = [
        ({"cosine": {**warm, "eta_min": 0.005}}, lambda o: lrs.CosineAnnealingLR(o, T_max=epochs, eta_min=0.005)),
        ({"step": {**warm, "step_size": 5, "gamma": 0.1}}, lambda o: lrs.StepLR(o, 5, 0.1)),
        ({"one_cycle": cycle}, lambda o: lrs.OneCycleLR(o, max_lr=bases, total_steps=epochs, cycle_momentum=False, **cycle)),
        ({"reduce_on_plateau": {**warm, **plateau}}, lambda o: lrs.ReduceLROnPlateau(o, factor=0.3, patience=1, min_lr=0.004)),
    ]
    out = []
    for schedule, make in cases:
        groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": base} for base in bases]
        sgd = torch.optim.SGD(groups, lr=bases[0])
        scheduler = make(sgd)
        rates = []
        for epoch in range(epochs):
            rates.append([group["lr"] for group in sgd.param_groups])
            sgd.step()
            if epoch + 1 < epochs:
                scheduler.step(*([measured[epoch]] if "reduce_on_plateau" in schedule else []))
        out.append({"schedule": schedule, "rates": rates})
    return {"bases": bases, "measured": measured, "cases": out}


def write(name, value):
    (HERE / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


write("groups.json", traces())
write("ema.json", averages())
write("layer-decay.json", layer_groups())
write("group-schedules.json", schedules())
