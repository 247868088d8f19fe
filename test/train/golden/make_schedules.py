"""Writes schedules.json beside this file with torch.optim.lr_scheduler: python make_schedules.py (torch 2.x)."""

import json
from pathlib import Path

import torch
from torch.optim import lr_scheduler as lrs

HERE = Path(__file__).parent
WARM = {"warmup_epochs": 0, "warmup_start_factor": 0.01}
PLATEAU = {
    "monitor": "valid/loss", "mode": "auto", "factor": 0.1, "patience": 10, "threshold": 1e-4,
    "threshold_mode": "rel", "cooldown": 0, "min_lr": 0, "eps": 1e-8,
}
ONE = {"pct_start": 0.3, "anneal_strategy": "cos", "div_factor": 25, "final_div_factor": 1e4}


def warm(epochs, factor=0.01):
    return {"warmup_epochs": epochs, "warmup_start_factor": factor}


CASES = [
    ({"constant": WARM}, 4, 3, 0.1),
    ({"constant": warm(2, 0.2)}, 5, 3, 0.1),
    ({"step": {**WARM, "step_size": 3, "gamma": 0.1}}, 10, 2, 0.05),
    ({"step": {**warm(1), "step_size": 2, "gamma": 0.7}}, 10, 4, 0.05),
    ({"multistep": {**WARM, "milestones": [2, 3, 7], "gamma": 0.3}}, 9, 2, 1.0),
    ({"multistep": {**warm(3, 1.0), "milestones": [2, 5], "gamma": 0.1}}, 9, 2, 1.0),
    ({"exponential": {**WARM, "gamma": 0.93}}, 50, 1, 0.01),
    ({"exponential": {**warm(2), "gamma": 0.9}}, 12, 5, 0.01),
    ({"cosine": {**WARM, "eta_min": 0}}, 40, 1, 0.003),
    ({"cosine": {**warm(1), "eta_min": 1e-5}}, 10, 7, 0.003),
    ({"cosine": {**WARM, "T_max": 4, "eta_min": 1e-4}}, 14, 2, 0.003),
    ({"cosine_restarts": {**WARM, "T_0": 3, "T_mult": 2, "eta_min": 1e-6}}, 25, 1, 0.2),
    ({"cosine_restarts": {**warm(2), "T_0": 4, "T_mult": 1, "eta_min": 0}}, 15, 3, 0.2),
    ({"one_cycle": ONE}, 10, 13, 0.01),
    ({"one_cycle": {**ONE, "pct_start": 0.13, "anneal_strategy": "linear", "div_factor": 10, "final_div_factor": 100}}, 7, 5, 0.01),
    ({"one_cycle": {**ONE, "pct_start": 1.0}}, 3, 2, 0.01),
    ({"one_cycle": {**ONE, "pct_start": 0.0}}, 3, 2, 0.01),
    ({"one_cycle": ONE}, 1, 1, 0.01),
    ({"polynomial": {**WARM, "power": 1}}, 10, 2, 0.1),
    ({"polynomial": {**warm(1), "power": 2.5, "total_iters": 6}}, 12, 2, 0.1),
    ({"reduce_on_plateau": {**WARM, **PLATEAU, "patience": 2, "factor": 0.5}}, 30, 1, 0.1),
    ({"reduce_on_plateau": {**WARM, **PLATEAU, "patience": 0, "cooldown": 2, "min_lr": 0.004}}, 30, 2, 0.1),
    ({"reduce_on_plateau": {**warm(2), **PLATEAU, "monitor": "valid/accuracy", "patience": 1, "factor": 0.3, "threshold": 0.02, "threshold_mode": "abs"}}, 30, 2, 0.1),
    ({"reduce_on_plateau": {**WARM, **PLATEAU, "monitor": "train/accuracy", "patience": 1, "factor": 0.2, "threshold": 0.03, "eps": 1e-3}}, 30, 1, 0.1),
    ({"reduce_on_plateau": {**WARM, **PLATEAU, "monitor": "train/loss", "mode": "max", "patience": 3, "factor": 0.9}}, 30, 1, 0.1),
]


def measured(epochs):
    """What the epochs measured: falls, gets stuck, jumps."""
    return [
        {
            "valid/loss": 1 / (1 + min(e, 9)) + 0.003 * ((e * 7) % 5),
            "valid/accuracy": 1 - 0.6 / (1 + min(e, 12)) - 0.004 * ((e * 3) % 4),
            "train/loss": 2 / (2 + e),
            "train/accuracy": 1 - 0.5 / (1 + min(e, 6)),
        }
        for e in range(epochs)
    ]


def optimizer(rate):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)


def rates(schedule, epochs, steps, rate, watched):
    (name, o), = schedule.items()
    if name == "one_cycle":
        sgd = optimizer(rate)
        if epochs * steps == 1:
            # torch takes one step too; the rate of it is the end of the second phase.
            one = lrs.OneCycleLR(sgd, max_lr=rate, total_steps=1, cycle_momentum=False, **o)
            return one.get_last_lr()
        one = lrs.OneCycleLR(sgd, max_lr=rate, total_steps=epochs * steps, cycle_momentum=False, **o)
        values = []
        for step in range(epochs * steps):
            values += one.get_last_lr()
            sgd.step()
            if step + 1 < epochs * steps:
                one.step()
        return values
    o = dict(o)
    warmup, factor = o.pop("warmup_epochs"), o.pop("warmup_start_factor")
    values = []
    if warmup > 0:
        sgd = optimizer(rate)
        linear = lrs.LinearLR(sgd, start_factor=factor, end_factor=1, total_iters=warmup * steps)
        for _ in range(warmup * steps):
            values += linear.get_last_lr()
            sgd.step()
            linear.step()
    left = epochs - warmup
    sgd = optimizer(rate)
    monitor = None
    if name == "constant":
        main = lrs.ConstantLR(sgd, factor=1, total_iters=0)
    elif name == "step":
        main = lrs.StepLR(sgd, **o)
    elif name == "multistep":
        main = lrs.MultiStepLR(sgd, **o)
    elif name == "exponential":
        main = lrs.ExponentialLR(sgd, **o)
    elif name == "cosine":
        main = lrs.CosineAnnealingLR(sgd, **{"T_max": left, **o})
    elif name == "cosine_restarts":
        main = lrs.CosineAnnealingWarmRestarts(sgd, **o)
    elif name == "polynomial":
        main = lrs.PolynomialLR(sgd, **{"total_iters": left, **o})
    else:
        monitor, mode = o.pop("monitor"), o.pop("mode")
        if mode == "auto":
            mode = "max" if monitor.endswith("accuracy") else "min"
        main = lrs.ReduceLROnPlateau(sgd, mode=mode, **o)
    for epoch in range(warmup, epochs):
        values += [sgd.param_groups[0]["lr"]] * steps
        sgd.step()
        main.step(*([] if monitor is None else [watched[epoch][monitor]]))
    return values


watched = measured(max(epochs for _, epochs, _, _ in CASES))
cases = [
    {"schedule": schedule, "epochs": epochs, "stepsPerEpoch": steps, "learning_rate": rate, "rates": rates(schedule, epochs, steps, rate, watched)}
    for schedule, epochs, steps, rate in CASES
]
(HERE / "schedules.json").write_text(json.dumps({"measured": watched, "cases": cases}, separators=(",", ":")) + "\n")
