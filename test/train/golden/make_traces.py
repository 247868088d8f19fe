"""Writes the traces beside this file with PyTorch: python make_traces.py (torch 2.x, numpy, CPU)."""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from seeded import Random

HERE = Path(__file__).parent
torch.set_num_threads(1)


def numbers(tensor):
    """float32 values, each as short as it can be written without loss."""
    array = np.asarray(tensor.detach() if hasattr(tensor, "detach") else tensor, np.float32)
    return [float(str(value)) for value in array.reshape(-1)]


def write(name, value):
    (HERE / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


# ---- optimizers: 100 steps on gradients that anybody can compute ----

SGD = {"momentum": 0, "dampening": 0, "nesterov": False, "weight_decay": 0}
ADAM = {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0}
ADAMW = {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01}
RMSPROP = {"alpha": 0.99, "eps": 1e-8, "momentum": 0, "centered": False, "weight_decay": 0}
ADAGRAD = {"lr_decay": 0, "initial_accumulator_value": 0, "eps": 1e-10, "weight_decay": 0}
OPTIMIZERS = [
    (0.05, {"sgd": SGD}),
    (0.05, {"sgd": {**SGD, "weight_decay": 0.01}}),
    (0.02, {"sgd": {**SGD, "momentum": 0.9}}),
    (0.02, {"sgd": {**SGD, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.001}}),
    (0.02, {"sgd": {**SGD, "momentum": 0.9, "nesterov": True, "weight_decay": 0.0001}}),
    (0.01, {"adam": ADAM}),
    (0.01, {"adam": {**ADAM, "weight_decay": 0.05}}),
    (0.02, {"adam": {"betas": [0.8, 0.95], "eps": 1e-3, "weight_decay": 0}}),
    (0.01, {"adamw": ADAMW}),
    (0.02, {"adamw": {"betas": [0.8, 0.95], "eps": 1e-3, "weight_decay": 0.3}}),
    (0.01, {"rmsprop": RMSPROP}),
    (0.01, {"rmsprop": {**RMSPROP, "alpha": 0.9, "eps": 1e-3, "momentum": 0.9, "weight_decay": 0.01}}),
    (0.005, {"rmsprop": {**RMSPROP, "momentum": 0.5, "centered": True, "eps": 1e-4}}),
    (0.05, {"adagrad": ADAGRAD}),
    (0.05, {"adagrad": {"lr_decay": 0.01, "initial_accumulator_value": 0.1, "eps": 1e-6, "weight_decay": 0.02}}),
]


def optimizer_for(parameters, options, rate):
    (name, given), = options.items()
    kind = {
        "sgd": torch.optim.SGD,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "rmsprop": torch.optim.RMSprop,
        "adagrad": torch.optim.Adagrad,
    }[name]
    return kind(parameters, lr=rate, foreach=False, **{k: tuple(v) if isinstance(v, list) else v for k, v in given.items()})


def gradient(step, p):
    """Given again in optimizer.test.ts: 0.3 p + sin(0.7 step + 1.3 index)."""
    wave = np.array([math.sin(0.7 * step + 1.3 * i) for i in range(p.numel())], np.float32)
    return p.detach() * 0.3 + torch.from_numpy(wave).reshape(p.shape)


def optimizer_traces():
    start = [math.cos(1.7 * i) for i in range(6)]
    traces = []
    for rate, options in OPTIMIZERS:
        p = torch.nn.Parameter(torch.tensor(start, dtype=torch.float32).reshape(2, 3))
        optimizer = optimizer_for([p], options, rate)
        values = []
        for step in range(100):
            p.grad = gradient(step, p)
            optimizer.step()
            values.append(numbers(p))
        traces.append({"optimizer": options, "learning_rate": rate, "values": values})
    write("optimizers.json", {"start": numbers(np.array(start)), "traces": traces})


# ---- training: Graft's shuffle and masks, torch's layers, losses and optimizers ----


def photos(count, width, classes, name):
    draw = Random(7, name)
    labels = [draw.integer(classes) for _ in range(count)]
    rows = [[draw.uniform() + (0.8 if column % classes == label else 0) for column in range(width)] for label in labels]
    return torch.tensor(rows, dtype=torch.float32), torch.tensor(labels)


def dropout(x, p, node, seed, step, training):
    if not training:
        return x
    draw = Random(seed, "dropout", node, step)
    mask = [0.0 if draw.uniform() < p else 1 / (1 - p) for _ in range(x.numel())]
    return x * torch.tensor(mask, dtype=torch.float32).reshape(x.shape)


def linear_head(w, x, **_):
    return F.linear(x, w["head.weight"], w["head.bias"])


def vgg_classifier(w, x, **moment):
    x = F.relu(F.linear(x, w["0.weight"], w["0.bias"]))
    x = dropout(x, 0.5, "2", **moment)
    x = F.relu(F.linear(x, w["3.weight"], w["3.bias"]))
    x = dropout(x, 0.25, "5", **moment)
    return F.log_softmax(F.linear(x, w["6.weight"], w["6.bias"]), 1)


def mlp(w, x, **moment):
    x = F.relu(F.linear(x, w["head.0.weight"], w["head.0.bias"]))
    x = dropout(x, 0.25, "head.1.dropout", **moment)
    return F.linear(x, w["head.2.weight"], w["head.2.bias"])


LOSSES = {"cross_entropy": F.cross_entropy, "nll": F.nll_loss}


def loss_for(choice, train_y, classes):
    if isinstance(choice, str):
        return LOSSES[choice]
    (name, options), = choice.items()
    weights = options.get("class_weights")
    if weights == "balanced":
        weights = [len(train_y) / (classes * count) for count in torch.bincount(train_y, minlength=classes).tolist()]
    weight = None if weights is None else torch.tensor(weights, dtype=torch.float32)
    if name == "nll":
        return torch.nn.NLLLoss(weight=weight)
    return torch.nn.CrossEntropyLoss(weight=weight, label_smoothing=options["label_smoothing"])


def clip(parameters, options):
    if "clip_grad_value" in options:
        torch.nn.utils.clip_grad_value_(parameters, options["clip_grad_value"])
    if "clip_grad_norm" in options:
        torch.nn.utils.clip_grad_norm_(parameters, options["clip_grad_norm"])


def rate_at(options, epochs, steps, epoch, step):
    """The two schedules that the traces use, in torch's words; make_schedules.py has all of them."""
    schedule, rate = options.get("schedule"), options["learning_rate"]
    if schedule is None:
        return rate
    sgd = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    if "one_cycle" in schedule:
        one = torch.optim.lr_scheduler.OneCycleLR(sgd, rate, total_steps=epochs * steps, cycle_momentum=False, **schedule["one_cycle"])
        for _ in range(step):
            one.step()
    else:
        o = schedule["cosine"]
        warm = o["warmup_epochs"]
        if epoch <= warm:
            line = torch.optim.lr_scheduler.LinearLR(sgd, o["warmup_start_factor"], 1, warm * steps)
            for _ in range(step):
                line.step()
        else:
            cosine = torch.optim.lr_scheduler.CosineAnnealingLR(sgd, T_max=epochs - warm, eta_min=o["eta_min"])
            for _ in range(epoch - 1 - warm):
                cosine.step()
    return sgd.param_groups[0]["lr"]


def training_trace(network, sizes, trainable, options, seed, epochs, batch):
    classes = sizes[-1][1]
    train_x, train_y = photos(37, sizes[0][0], classes, "train")
    valid_x, valid_y = photos(11, sizes[0][0], classes, "valid")
    weights = {}
    for index, (name, (fan_in, out)) in enumerate(zip({1: ["head"], 2: ["head.0", "head.2"], 3: ["0", "3", "6"]}[len(sizes)], sizes)):
        draw = Random(seed, "start", name)
        bound = 1 / math.sqrt(fan_in)
        for part, shape in (("weight", (out, fan_in)), ("bias", (out,))):
            values = [(2 * draw.uniform() - 1) * bound for _ in range(math.prod(shape))]
            weights[f"{name}.{part}"] = torch.tensor(values, dtype=torch.float32).reshape(shape)
    start = {name: {"shape": list(value.shape), "data": numbers(value)} for name, value in weights.items()}
    for name in trainable:
        weights[name] = torch.nn.Parameter(weights[name])
    optimizer = optimizer_for([weights[name] for name in trainable], options["optimizer"], options["learning_rate"])
    loss_of = loss_for(options["loss"], train_y, classes)
    learning = [weights[name] for name in trainable]

    losses, rows, step = [], [], 0
    for epoch in range(1, epochs + 1):
        order = Random(seed, "shuffle", epoch).permutation(len(train_y))
        total, whole, right = 0.0, 0.0, 0
        for first in range(0, len(order), batch):
            chosen = order[first : first + batch]
            output = network(weights, train_x[chosen], seed=seed, step=step, training=True)
            loss = loss_of(output, train_y[chosen])
            optimizer.zero_grad()
            loss.backward()
            clip(learning, options)
            optimizer.param_groups[0]["lr"] = rate_at(options, epochs, math.ceil(len(order) / batch), epoch, step)
            optimizer.step()
            losses.append(loss.item())
            class_weight = getattr(loss_of, "weight", None)
            size = len(chosen) if class_weight is None else class_weight[train_y[chosen]].sum().item()
            total += loss.item() * size
            whole += size
            right += (output.argmax(1) == train_y[chosen]).sum().item()
            step += 1
        with torch.no_grad():
            output = network(weights, valid_x, seed=seed, step=0, training=False)
        rows.append(
            {
                "trainLoss": total / whole,
                "trainAccuracy": right / len(order),
                "validLoss": loss_of(output, valid_y).item(),
                "validAccuracy": (output.argmax(1) == valid_y).float().mean().item(),
            }
        )
    return {
        "options": {**options, "epochs": epochs, "batch_size": batch},
        "seed": seed,
        "trainable": trainable,
        "train": {"features": numbers(train_x), "labels": train_y.tolist(), "shape": [sizes[0][0]]},
        "valid": {"features": numbers(valid_x), "labels": valid_y.tolist(), "shape": [sizes[0][0]]},
        "start": start,
        "losses": losses,
        "epochs": rows,
        "probabilities": numbers(F.softmax(output, 1)),
        "end": {name: numbers(weights[name]) for name in trainable},
    }


def training_traces():
    sgd = {"sgd": {**SGD, "momentum": 0.9, "nesterov": True, "weight_decay": 0.001}}
    head = ["head.weight", "head.bias"]
    cross = lambda optimizer, rate: {"loss": "cross_entropy", "optimizer": optimizer, "learning_rate": rate}
    nll = lambda optimizer, rate: {"loss": "nll", "optimizer": optimizer, "learning_rate": rate}
    classifier = [(10, 9), (9, 8), (8, 3)]
    everything = ["0.weight", "0.bias", "3.weight", "3.bias", "6.weight", "6.bias"]
    write("linear-head-sgd.json", training_trace(linear_head, [(12, 4)], head, cross(sgd, 0.05), 3, 8, 8))
    write("linear-head-adam.json", training_trace(linear_head, [(12, 4)], head, cross({"adam": ADAM}, 0.01), 4, 8, 10))
    write("vgg-last-layer.json", training_trace(vgg_classifier, classifier, everything[4:], nll({"sgd": SGD}, 0.1), 5, 6, 8))
    write("vgg-classifier.json", training_trace(vgg_classifier, classifier, everything, nll(sgd, 0.02), 6, 6, 8))
    smooth = {"cross_entropy": {"label_smoothing": 0.1, "class_weights": "balanced"}}
    cosine = {"cosine": {"warmup_epochs": 2, "warmup_start_factor": 0.1, "eta_min": 1e-5}}
    recipe = {"loss": smooth, "optimizer": {"adamw": ADAMW}, "learning_rate": 0.02, "schedule": cosine, "clip_grad_norm": 0.3}
    write("mlp-adamw-cosine.json", training_trace(mlp, [(12, 9), (9, 4)], ["head.0.weight", "head.0.bias", "head.2.weight", "head.2.bias"], recipe, 8, 8, 8))
    cycle = {"one_cycle": {"pct_start": 0.3, "anneal_strategy": "cos", "div_factor": 25, "final_div_factor": 10000}}
    weighted = {"nll": {"class_weights": [0.5, 2, 1]}}
    recipe = {"loss": weighted, "optimizer": {"rmsprop": {**RMSPROP, "momentum": 0.5}}, "learning_rate": 0.005, "schedule": cycle, "clip_grad_value": 0.02, "clip_grad_norm": 0.1}
    write("vgg-rmsprop-one-cycle.json", training_trace(vgg_classifier, classifier, everything, recipe, 9, 6, 8))


optimizer_traces()
training_traces()
