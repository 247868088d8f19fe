"""Peer: scikit-learn on the whole path of C, every fold of every repeat, on all cores. Prints one JSON line.

  python classical_path.py FEATURES.safetensors logistic|svm|ridge

FEATURES holds float32 features [n, d], int32 labels [n] and int32 folds [repeats, n]; the path is in its metadata.
"""
import json, os, sys, time, warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # the processes of joblib use all cores already
import numpy as np
from safetensors import safe_open
from sklearn.linear_model import LogisticRegressionCV, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.svm import LinearSVC

warnings.simplefilter("ignore")
with safe_open(sys.argv[1], "numpy") as file:
    x, y, folds = (file.get_tensor(name) for name in ("features", "labels", "folds"))
    path = json.loads(file.metadata()["path"])
x = x.astype(np.float64)
splits = [(np.flatnonzero(f != k), np.flatnonzero(f == k)) for f in folds for k in range(f.max() + 1)]
cores = os.cpu_count()
start = time.perf_counter()
if sys.argv[2] == "logistic":
    model = LogisticRegressionCV(Cs=path, cv=splits, max_iter=1000, n_jobs=cores, refit=False, l1_ratios=(0,), use_legacy_attributes=False)
    model.fit(x, y)
    accuracy = np.asarray(model.scores_).reshape(len(splits), -1).mean(axis=0)
else:
    kind, key = (LinearSVC(random_state=0), "C") if sys.argv[2] == "svm" else (RidgeClassifier(), "alpha")
    search = GridSearchCV(kind, {key: path}, cv=splits, n_jobs=cores, refit=False)
    accuracy = search.fit(x, y).cv_results_["mean_test_score"]
print(json.dumps({"seconds": time.perf_counter() - start, "accuracy": list(map(float, accuracy))}))
