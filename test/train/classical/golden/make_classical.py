"""Goldens of the heads without epochs, by scikit-learn on real features.

    node src/graft.cjs features experiments/resize.yaml --out /tmp/features.safetensors
    python make_classical.py /tmp/features.safetensors

writes features.safetensors (each tenth feature of EfficientNet-Lite0 on the embedded photos: 104 train, 43 valid,
128 features) and classical.json beside itself: of each head its decisions on the valid photos, its predictions, and
weights where it has them. scikit-learn 1.9.1.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file
from sklearn.linear_model import LogisticRegression, RidgeClassifier, RidgeClassifierCV
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

warnings.simplefilter("error")
HERE = Path(__file__).parent
whole = load_file(sys.argv[1])
kept = {
    key: np.ascontiguousarray(value[:, ::10]) if key.endswith("features") else value
    for key, value in whole.items()
}
save_file(kept, HERE / "features.safetensors")
x = kept["train/features"].astype(np.float64)
v = kept["valid/features"].astype(np.float64)
y = kept["train/labels"]


def problems():
    """Name, features' step (1: n < d; 4: n > d), labels' classes, head as Graft writes it, scikit-learn's."""
    tight = dict(tol=1e-9, max_iter=200_000)
    for C in (0.01, 1, 100):
        yield f"logistic-{C}", 1, 5, {"logistic": {"C": C}}, LogisticRegression(C=C, tol=1e-9, max_iter=50_000)
    yield "logistic-two", 1, 2, {"logistic": {"C": 1}}, LogisticRegression(C=1, tol=1e-9, max_iter=50_000)
    yield "logistic-narrow", 4, 5, {"logistic": {"C": 10}}, LogisticRegression(C=10, tol=1e-9, max_iter=50_000)
    yield "logistic-balanced", 1, 5, {"logistic": {"C": 1, "class_weight": "balanced"}}, LogisticRegression(
        C=1, class_weight="balanced", tol=1e-9, max_iter=50_000
    )
    yield "logistic-standardized", 1, 5, {"logistic": {"C": 0.1, "standardize": True}}, make_pipeline(
        StandardScaler(), LogisticRegression(C=0.1, tol=1e-9, max_iter=50_000)
    )
    for C in (0.01, 1, 10):
        yield f"svm-{C}", 1, 5, {"svm": {"C": C}}, LinearSVC(C=C, random_state=0, **tight)
        yield f"svm-hinge-{C}", 1, 5, {"svm": {"C": C, "loss": "hinge"}}, LinearSVC(
            C=C, loss="hinge", random_state=0, **tight
        )
    yield "svm-two", 1, 2, {"svm": {"C": 0.1}}, LinearSVC(C=0.1, random_state=0, **tight)
    yield "svm-narrow", 4, 5, {"svm": {"C": 1}}, LinearSVC(C=1, random_state=0, dual=True, **tight)
    yield "svm-balanced", 1, 5, {"svm": {"C": 0.1, "class_weight": "balanced"}}, LinearSVC(
        C=0.1, class_weight="balanced", random_state=0, **tight
    )
    yield "svm-standardized", 1, 5, {"svm": {"C": 0.01, "standardize": True}}, make_pipeline(
        StandardScaler(), LinearSVC(C=0.01, random_state=0, **tight)
    )
    for alpha in (0.1, 10, 1000):
        yield f"ridge-{alpha}", 1, 5, {"ridge": {"alpha": alpha}}, RidgeClassifier(alpha=alpha)
    yield "ridge-two", 1, 2, {"ridge": {"alpha": 10}}, RidgeClassifier(alpha=10)
    yield "ridge-narrow", 4, 5, {"ridge": {"alpha": 1}}, RidgeClassifier(alpha=1)
    yield "ridge-balanced", 1, 5, {"ridge": {"alpha": 10, "class_weight": "balanced"}}, RidgeClassifier(
        alpha=10, class_weight="balanced"
    )
    path = [0.01, 0.1, 1, 10, 100, 1000, 10000]
    yield "ridge-path", 1, 5, {"ridge": {"alpha": path}}, RidgeClassifierCV(alphas=path, store_cv_results=True)
    yield "ridge-path-two", 4, 2, {"ridge": {"alpha": path}}, RidgeClassifierCV(alphas=path, store_cv_results=True)
    for metric in ("cosine", "euclidean"):
        for weights in ("uniform", "distance"):
            yield f"knn-{metric}-{weights}", 1, 5, {
                "knn": {"n_neighbors": 7, "metric": metric, "weights": weights}
            }, KNeighborsClassifier(7, metric=metric, weights=weights, algorithm="brute")
    yield "knn-standardized", 1, 5, {
        "knn": {"n_neighbors": 5, "metric": "euclidean", "standardize": True}
    }, make_pipeline(StandardScaler(), KNeighborsClassifier(5, algorithm="brute"))
    yield "knn-temperature", 1, 5, {
        "knn": {"n_neighbors": 20, "weights": "temperature", "temperature": 0.07}
    }, KNeighborsClassifier(20, metric="cosine", algorithm="brute", weights=lambda far: np.exp((1 - far) / 0.07))
    yield "nearest_mean-euclidean", 1, 5, {"nearest_mean": {"metric": "euclidean"}}, NearestCentroid()


def rounded(values):
    return np.round(np.asarray(values, dtype=np.float64), 7).tolist()


golden = []
for name, step, classes, head, model in problems():
    rows = y < classes
    model.fit(x[rows, ::step], y[rows])
    entry = {"name": name, "step": step, "classes": classes, "head": head}
    asked = v[:, ::step]
    entry["predicted"] = model.predict(asked).tolist()
    last = model[-1] if hasattr(model, "steps") else model
    if hasattr(last, "coef_"):
        decisions = model.decision_function(asked)
        entry["decisions"] = rounded(decisions)
    # NearestCentroid scales each feature by its own variance for probabilities, though not for predictions.
    if hasattr(last, "predict_proba") and not isinstance(last, NearestCentroid):
        entry["probabilities"] = rounded(model.predict_proba(asked))
    if hasattr(last, "coef_") and last is model:
        entry["weight"] = rounded(np.atleast_2d(model.coef_)[:, :12])
        entry["norm"] = float(np.linalg.norm(model.coef_))
    if hasattr(last, "cv_results_"):
        entry["alpha"] = float(model.alpha_)
        entry["loss"] = rounded(model.cv_results_.mean(axis=(0, 1)))
    golden.append(entry)
(HERE / "classical.json").write_text("[\n" + ",\n".join(json.dumps(entry) for entry in golden) + "\n]\n")
print(len(golden), "heads")
