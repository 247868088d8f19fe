"""Golden values of LogME and LEEP, in numpy, written from the papers' formulas.

LogME: You et al. 2021 (ICML), equation 2 and algorithm 1, by a dense eigendecomposition of F'F and explicit weights m;
as the authors' code: at most 11 steps, settled below a relative change of 0.01, 1e-5 added to both denominators.
LEEP: Nguyen et al. 2020 (ICML), equation 2.

    python test/strategy/golden/make_measures.py > test/strategy/golden/measures.json
"""

import json

import numpy as np


def log_me(features, labels, classes):
    n, d = features.shape
    gram = features.T @ features
    values, vectors = np.linalg.eigh(gram)
    values = np.clip(values, 0, None)
    values[values < 1e-13 * values.max()] = 0
    evidences = []
    for c in range(classes):
        y = (labels == c).astype(float)
        if y.sum() == 0:
            continue
        alpha, beta, ratio = 1.0, 1.0, 1.0
        for _ in range(11):
            gamma = (values / (values + ratio)).sum()
            inverse = vectors @ np.diag(1 / (alpha + beta * values)) @ vectors.T
            m = beta * inverse @ features.T @ y
            weights = m @ m
            error = ((y - features @ m) ** 2).sum()
            alpha = gamma / (weights + 1e-5)
            beta = (n - gamma) / (error + 1e-5)
            new = alpha / beta
            if abs(new - ratio) / ratio < 0.01:
                break
            ratio = new
        evidences.append(
            (
                d / 2 * np.log(alpha)
                + n / 2 * np.log(beta)
                - np.log(alpha + beta * values).sum() / 2
                - beta / 2 * (error + 1e-5)
                - alpha / 2 * (weights + 1e-5)
                - n / 2 * np.log(2 * np.pi)
            )
            / n
        )
    return float(np.mean(evidences))


def leep(probabilities, labels, classes):
    n = len(labels)
    joint = np.zeros((classes, probabilities.shape[1]))
    for row, label in zip(probabilities, labels):
        joint[label] += row / n
    given = joint / joint.sum(axis=0, keepdims=True)
    return float(np.mean([np.log(given[y] @ p) for y, p in zip(labels, probabilities)]))


def case(name, n, d, classes, sources, rng, signal):
    labels = rng.integers(0, classes, n)
    centres = rng.normal(size=(classes, d)) * signal
    features = np.round(np.maximum(rng.normal(size=(n, d)) + centres[labels], 0), 4)
    scores = rng.normal(size=(n, sources)) * 2
    scores[np.arange(n), labels % sources] += 3 * signal
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return {
        "name": name,
        "n": n,
        "d": d,
        "classes": classes,
        "labels": labels.tolist(),
        "features": features.ravel().tolist(),
        "probabilities": probabilities.ravel().tolist(),
        "logMe": log_me(features, labels, classes),
        "leep": leep(probabilities, labels, classes),
    }


rng = np.random.default_rng(0)
print(
    json.dumps(
        [
            case("more photos than features", 60, 8, 3, 5, rng, 1.0),
            case("more features than photos", 16, 40, 4, 7, rng, 0.7),
            case("labels that features do not know", 40, 12, 2, 4, rng, 0.0),
            case("a class with one photo or none", 10, 6, 9, 4, rng, 1.0),
        ]
    )
)
