"""What the guard alone does to hazard ratios, by its noise and its cap, without any generator.

python benchmarks/guard_frontier.py                       # four cohorts, about four minutes
python benchmarks/guard_frontier.py --cohorts flchain --noise 0.25 0.5 --cap 0.64 none

A line of JSON for each cohort, cap and noise. Cox models are fitted under ``--secrets`` sets of
weights. ``error`` is the mean error of a log hazard ratio in standard errors of the real one,
``standard_error_of_it`` that of its mean over the secrets; ``shift`` what the cap alone does, in
the mean and the most over the terms; ``mean``, ``p99`` and ``max`` are areas under the curve of an
attacker who knows all other patients and reads the hazard ratios (docs/guard.md). A table adds the
error of its calibration, which lowers the areas a little.
"""

import argparse
import json
import warnings
from dataclasses import replace

import numpy as np
from scipy.stats import norm

import ck4gen
from ck4gen.config import defaults
from ck4gen.guard.guard import guard
from ck4gen.guard.influence import (
    area_under_curve,
    hazard_ratio_influence,
    own_leverages,
    summaries,
)
from ck4gen.guard.secret_weights import secret_weights
from ck4gen.guard.settings import GuardSettings
from ck4gen.survival.cox import fit_cohort

Z = norm.ppf(0.975)
CAUSE = {1: 0.0}  # one cause, no ridge


def lines(name: str, caps: list[float | None], noises: list[float], secrets: int) -> list[dict]:
    """What each cap and noise costs and hides, for one cohort."""
    cohort = ck4gen.load(name).cohort
    real = fit_cohort(cohort)
    packaged = GuardSettings(**defaults("method=ck4gen_free")["method"]["guard"])
    found = []
    for cap in caps:
        capped = guard(cohort, CAUSE, replace(packaged, cap=cap, noise=0), b"none")
        left = cohort.weighted(capped.cap)
        exposed = own_leverages(hazard_ratio_influence(fit_cohort(left), capped.cap), capped.cap)
        for noise in noises:
            errors = []
            for number in range(secrets):
                drawn = secret_weights(cohort.table, noise, b"of this measurement", number)
                fit = fit_cohort(cohort.weighted(capped.cap * drawn))
                errors.append((fit.coefficients - real.coefficients) / real.standard_errors)
            errors = np.abs(errors)
            found.append(
                {
                    "cohort": name,
                    "cap": cap,
                    "noise": noise,
                    "capped": len(capped.capped),
                    "mean_shift": capped.shift.abs().mean() if len(capped.shift) else 0.0,
                    "largest_shift": capped.shift.abs().max() if len(capped.shift) else 0.0,
                    "error": errors.mean(),
                    "standard_error_of_it": errors.mean(1).std() / np.sqrt(secrets),
                    "in_ci": (errors <= Z).mean(),
                    **summaries(area_under_curve(exposed, noise)),
                }
            )
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cohorts", nargs="+", default=["gbsg2", "actg320", "whas500", "flchain"])
    parser.add_argument("--cap", nargs="+", default=["0.64", "0.5", "0.4", "none"])
    parser.add_argument("--noise", nargs="+", type=float, default=[0.2, 0.3, 0.4, 0.5, 0.7, 1.0])
    parser.add_argument("--secrets", type=int, default=40)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    caps = [None if cap == "none" else float(cap) for cap in asked.cap]
    for cohort in asked.cohorts:
        for line in lines(cohort, caps, asked.noise, asked.secrets):
            rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in line.items()}
            print(json.dumps(rounded), flush=True)
