"""Densities, splits and quantiles of Optuna's TPESampler on fixed histories: tpe.json.

python3 -m venv v && v/bin/pip install optuna==5.0.0 && v/bin/python make_tpe.py > tpe.json
"""

import json
import math

import numpy as np
import optuna
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers._tpe import _truncnorm
from optuna.samplers._tpe.parzen_estimator import (
    _ParzenEstimator,
    _ParzenEstimatorParameters,
)
from optuna.samplers._tpe.sampler import _split_trials, default_gamma, default_weights
from optuna.trial import TrialState, create_trial

SPACE = {
    "momentum": ("uniform", 0.0, 0.9, FloatDistribution(0.0, 0.9)),
    "rate": ("log_uniform", 1e-4, 1.0, FloatDistribution(1e-4, 1.0, log=True)),
    "epochs": ("integer", 1, 20, IntDistribution(1, 20)),
    "hidden": ("log_integer", 8, 512, IntDistribution(8, 512, log=True)),
    "optimizer": ("choice", 0, 2, CategoricalDistribution(["sgd", "adam", "rmsprop"])),
}
# Optuna sorts points without keeping the order of equal ones, which numpy leaves to the processor: here they keep it.
argsort = np.argsort
np.argsort = lambda values, kind="stable": argsort(values, kind=kind)

PARAMETERS = _ParzenEstimatorParameters(1.0, True, False, default_weights, True)


def draw(rng, count):
    points = []
    for _ in range(count):
        points.append(
            [
                float(rng.uniform(0, 0.9)),
                float(math.exp(rng.uniform(math.log(1e-4), 0))),
                int(rng.integers(1, 21)),
                int(round(math.exp(rng.uniform(math.log(8), math.log(512))))),
                int(rng.integers(0, 3)),
            ]
        )
    return points


def density(names, observed, at):
    def columns(points):
        return {
            name: np.array([point[list(SPACE).index(name)] for point in points], dtype=float)
            for name in names
        }

    space = {name: SPACE[name][3] for name in names}
    return _ParzenEstimator(columns(observed), space, PARAMETERS).log_pdf(columns(at)).tolist()


def history(rng, count):
    points = draw(rng, count)
    losses = [round(float(rng.uniform(0, 1)), 1) for _ in points]  # with equals
    states = [["finished", "pruned", "running"][int(rng.choice(3, p=[0.7, 0.2, 0.1]))] for _ in points]
    epochs = [int(rng.integers(1, 4)) for _ in points]
    study = optuna.create_study()
    trials = []
    for number, (loss, state, epoch) in enumerate(zip(losses, states, epochs)):
        trial = create_trial(
            state={"finished": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "running": TrialState.RUNNING}[state],
            value=loss if state == "finished" else None,
            intermediate_values={epoch: loss} if state == "pruned" else {},
        )
        trial.number = number
        trials.append(trial)
    n = sum(state != "running" for state in states)
    below, above = _split_trials(study, trials, default_gamma(n))
    return {
        "points": points,
        "losses": losses,
        "states": states,
        "epochs": epochs,
        "below": [trial.number for trial in below],
        "above": [trial.number for trial in above],
    }


def main():
    rng = np.random.default_rng(1)
    at = draw(rng, 12)
    names = list(SPACE)
    cases = []
    for count in [0, 1, 2, 7, 25, 26, 60]:
        observed = draw(rng, count)
        cases.append(
            {
                "observed": observed,
                "each": {name: density([name], observed, at) for name in names},
                "together": density(names, observed, at),
            }
        )
    quantiles = []
    for a, b in [(-1.0, 2.0), (0.0, 3.0), (-30.0, 0.5), (-0.01, 40.0), (-100.0, 0.0)]:
        for u in [0.001, 0.25, 0.5, 0.9, 0.9999]:
            x = float(_truncnorm.ppf(np.array([u]), np.array([a]), np.array([b]))[0])
            quantiles.append({"u": u, "a": a, "b": b, "x": x})
    masses = [
        {"a": a, "b": b, "log": float(_truncnorm._log_gauss_mass(np.array([a]), np.array([b]))[0])}
        for a, b in [(-3.0, 1.0), (5.0, 5.1), (-100.0, -99.0), (30.0, 40.0), (-0.1, 0.2), (-2.9, -2.8)]
    ]
    print(
        json.dumps(
            {
                "optuna": optuna.__version__,
                "space": [{"key": key, "kind": s[0], "low": s[1], "high": s[2]} for key, s in SPACE.items()],
                "at": at,
                "cases": cases,
                "histories": [history(rng, count) for count in [5, 12, 40, 300]],
                "quantiles": quantiles,
                "masses": masses,
            },
        )
    )


main()
