"""What the guard alone does to hazard ratios, by its noise and its cap, without any generator.

python benchmarks/guard_frontier.py                       # four cohorts, about four minutes
python benchmarks/guard_frontier.py --cohorts flchain --noise 0.25 0.5 --cap 0.64 none
python benchmarks/cohorts/fetch.py outputs/cohorts
python benchmarks/guard_frontier.py --bed outputs/cohorts --noise 0.5 --secrets 20

A line of JSON for each cohort, cap and noise, and one for all cohorts together. Cox models are
fitted under ``--secrets`` sets of weights, with the least ridge of 0, .001, .01 and .1 at which
there is an estimate. ``error`` is the mean error of a log hazard ratio in standard errors of the
real one, ``standard_error_of_it`` that of its mean over the secrets; ``shift`` what the cap alone
does, in the mean and the most over the terms; ``mean``, ``p99`` and ``max`` are areas under the
curve of an attacker who knows all other patients and reads the hazard ratios (docs/guard.md). A
table adds the error of its calibration, which lowers the areas a little.
"""

import argparse
import json
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

import ck4gen
from ck4gen.config import defaults
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.user_table import FrameDataModule
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.experiments.synthesize import configuration, understood
from ck4gen.guard.guard import guard
from ck4gen.guard.influence import (
    area_under_curve,
    hazard_ratio_influence,
    summaries,
    weight_leverages,
)
from ck4gen.guard.secret_weights import secret_weights
from ck4gen.guard.settings import GuardSettings
from ck4gen.settings import InputError
from ck4gen.survival.cox import CoxError, CoxFit, fit_cohort

Z = norm.ppf(0.975)
RIDGES = 0.0, 0.001, 0.01, 0.1
CLOSE = 0.5  # error of a cohort that the summary counts, in standard errors


def of_bed(folder: Path, facts: dict) -> FrameDataModule:
    """A cohort of benchmarks/cohorts/fetch.py, as the product understands it."""
    keys = {"path": str(folder / facts["file"])} | {k: facts[k] for k in ("duration", "event")}
    data, _ = understood(configuration(keys, ["method=ck4gen_free"]))
    return data


def choose_cohorts(parser: argparse.ArgumentParser) -> None:
    """Arguments that say which cohorts are measured."""
    parser.add_argument("--cohorts", nargs="+", default=["gbsg2", "actg320", "whas500", "flchain"])
    parser.add_argument("--bed", type=Path, help="a folder of cohorts; all of one event are taken")
    parser.add_argument("--only", default="", help="of the bed: those whose name has this")
    parser.add_argument("--columns", type=int, default=200, help="of a cohort of the bed, at most")


def readers(chosen: argparse.Namespace) -> dict[str, Callable[[], SurvivalDataModule]]:
    """By name, what reads each cohort of :func:`choose_cohorts`."""
    if not chosen.bed:
        return {name: partial(ck4gen.load, name) for name in chosen.cohorts}
    listed = pd.read_csv(chosen.bed / "manifest.csv", keep_default_na=False).to_dict("records")
    return {
        facts["name"]: partial(of_bed, chosen.bed, facts)
        for facts in listed
        if facts["columns"] <= chosen.columns and chosen.only in facts["name"]
    }


def estimated(cohort: WeightedCohort) -> tuple[CoxFit, float]:
    """The Cox model of the real patients, and its ridge."""
    for ridge in RIDGES:
        with suppress(CoxError):
            return fit_cohort(cohort, ridge), ridge
    raise CoxError(f"no estimate at a ridge of {RIDGES[-1]:g}")


def lines(
    name: str,
    cohort: WeightedCohort,
    caps: list[float | None],
    noises: list[float],
    secrets: int,
) -> list[dict]:
    """What each cap and noise costs and hides, for one cohort."""
    real, ridge = estimated(cohort)
    packaged = GuardSettings(**defaults("method=ck4gen_free")["method"]["guard"])
    found = []
    for cap in caps:
        capped = guard(cohort, {1: ridge}, replace(packaged, cap=cap, noise=0), b"none")
        left = cohort.weighted(capped.cap)
        influence = hazard_ratio_influence(fit_cohort(left, ridge), capped.cap)
        exposed = weight_leverages(influence, capped.cap)
        for noise in noises:
            errors = []
            for number in range(secrets):
                drawn = secret_weights(cohort.table, noise, b"of this measurement", number)
                fit = fit_cohort(cohort.weighted(capped.cap * drawn), ridge)
                errors.append((fit.coefficients - real.coefficients) / real.standard_errors)
            errors = np.abs(errors)
            found.append(
                {
                    "cohort": name,
                    "patients": len(cohort),
                    "terms": len(real.coefficients),
                    "ridge": ridge,
                    "cap": cap,
                    "noise": noise,
                    "capped": len(capped.capped),
                    "smallest_weight": float(capped.cap.min()),
                    "mean_shift": capped.shift.abs().mean() if len(capped.shift) else 0.0,
                    "largest_shift": capped.shift.abs().max() if len(capped.shift) else 0.0,
                    "error": errors.mean(),
                    "standard_error_of_it": errors.mean(1).std() / np.sqrt(secrets),
                    "in_ci": (errors <= Z).mean(),
                    **summaries(area_under_curve(exposed, noise)),
                }
            )
    return found


def summary(cap: float | None, noise: float, lines: list[dict]) -> dict:
    """All cohorts at one cap and noise."""
    found = pd.DataFrame(lines)
    return {
        "cohorts": len(found),
        "cap": cap,
        "noise": noise,
        f"share_within_{CLOSE}": (found["error"] <= CLOSE).mean(),
        "median_error": found["error"].median(),
        "largest_error": found["error"].max(),
        "mean_area": found["mean"].mean(),
        "mean_p99": found["p99"].mean(),
        "median_max": found["max"].median(),
        "largest_max": found["max"].max(),
    }


def printed(line: dict) -> None:
    """A line of JSON."""
    rounded = {k: round(float(v), 4) if isinstance(v, float) else v for k, v in line.items()}
    print(json.dumps(rounded), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    choose_cohorts(parser)
    parser.add_argument("--cap", nargs="+", default=["0.64", "0.5", "0.4", "none"])
    parser.add_argument("--noise", nargs="+", type=float, default=[0.2, 0.3, 0.4, 0.5, 0.7, 1.0])
    parser.add_argument("--secrets", type=int, default=40)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    caps = [None if cap == "none" else float(cap) for cap in asked.cap]
    read = readers(asked)
    every: list[dict] = []
    for name, made in read.items():
        try:
            cohort = made().cohort
            of_cohort = lines(name, cohort, caps, asked.noise, asked.secrets)
        except (CoxError, InputError, KeyError) as error:  # KeyError: a second cause
            printed({"cohort": name, "left_out": str(error)[:100]})
            continue
        every += of_cohort
        for line in of_cohort:
            printed(line)
    for cap, noise in product(caps, asked.noise):
        printed(summary(cap, noise, [e for e in every if (e["cap"], e["noise"]) == (cap, noise)]))
