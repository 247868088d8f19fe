"""Writes qmc.json: plain Sobol and Halton points of scipy.stats.qmc.

  python test/experiment/golden/make_qmc.py
"""
import json, os
import scipy
from scipy.stats import qmc

golden = {
    "scipy": scipy.__version__,
    "sobol": qmc.Sobol(32, scramble=False).random(64).tolist(),
    "halton": qmc.Halton(32, scramble=False).random(50).tolist(),
}
path = os.path.join(os.path.dirname(__file__), "qmc.json")
with open(path, "w") as file:
    json.dump(golden, file)
