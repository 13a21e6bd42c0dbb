"""What a private release costs: hazard ratios of its tables against the real ones, and an attack.

python benchmarks/private_release.py --cohorts gbsg2 actg320 whas500 flchain --epsilon 3 8
python benchmarks/private_release.py --method mst --epsilon 3 --draws 10         # or aim
python benchmarks/private_release.py --cohorts whas500 --epsilon 3 --pairs 200   # the attack
python benchmarks/private_release.py --simulated 200 --patients 1000 --epsilon 3  # intervals

A line of JSON for each cohort and epsilon. Errors are those of Cox models refitted to the table, in
standard errors of the real ones, over ``--draws`` releases, those left out whose table has no
finite estimate (``without_estimate``). The attacker of ``--pairs`` knows every
other patient and all numbers of the release, and asks whether the patient who moves the hazard
ratios most was in; the bound is Phi(mu / sqrt 2) (Dong, Roth and Su 2022). ``--simulated``
draws cohorts with known hazard ratios and counts how many 95 % intervals of their tables, standard
errors times the factors of the codebook, hold them (``of_the_patients``: of the patients' own
intervals); a term without an effect tells of the type I error. ``mean_error`` is that of their log
hazard ratios against those of the patients, as above.
"""

import argparse
import json
import time
import warnings
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import yaml
from scipy.stats import norm

import ck4gen
from ck4gen.data.public_description import public_description
from ck4gen.data.public_table_file import public_table
from ck4gen.evaluation.survival import km_divergence
from ck4gen.guard.influence import hazard_ratio_influence
from ck4gen.methods.private_ck4gen import PrivateCK4Gen
from ck4gen.methods.smartnoise import SmartNoise
from ck4gen.private.mechanism import GRID, Mechanism, in_steps
from ck4gen.private.release import private_description
from ck4gen.survival.cox import CoxError, fit_cohort, fit_cox

Z = norm.ppf(0.975)


METHODS = {
    "ck4gen_private": PrivateCK4Gen,
    "mst": partial(SmartNoise, "mst"),
    "aim": partial(SmartNoise, "aim"),
}


def draws(name: str, epsilon: float, number: int, method_name: str) -> dict:
    """Errors of the tables of so many releases."""
    data = ck4gen.load(name)
    real = fit_cohort(data.cohort)
    errors, curves, seconds, factors, without = [], [], [], [], 0
    for seed in range(number):
        start = time.process_time()
        method = METHODS[method_name](epsilon=epsilon).fit(data, seed=1000 + seed)
        table = method.sample(seed=seed)
        seconds.append(time.process_time() - start)
        factors.append(np.mean(list(method.standard_error_factors.values()) or [np.nan]))
        curves.append(km_divergence(data.train, table))
        try:
            fit = fit_cox(method.table_schema.design(table), table["duration"], table["event"])
        except CoxError:
            without += 1
            continue
        errors.append(((fit.coefficients - real.coefficients) / real.standard_errors).abs())
    errors = np.array(errors)
    each = errors.mean(1)
    return {
        "draws": number,
        "without_estimate": without,
        "mean_error": errors.mean(),
        "standard_error_of_it": each.std() / np.sqrt(len(each)),
        "in_ci": (errors <= Z).mean(),
        "km_divergence": np.mean(curves),
        "standard_error_factor": np.mean(factors),
        "cpu_seconds": np.median(seconds),
    }


class Watched(Mechanism):
    """Releases sums with or without the last row, and what an attacker makes of them."""

    def __init__(self, epsilon: float, delta: float, present: bool) -> None:
        super().__init__(epsilon, delta)
        self.present, self.evidence = present, 0.0

    def sum(self, name: str, rows: np.ndarray, bound: float, share: float) -> np.ndarray:
        """The sum; adds the log likelihood ratio of the last row's being in."""
        found = super().sum(name, rows if self.present else rows[:-1], bound, share)
        grid = bound / GRID
        own, others = in_steps(rows[-1:], bound)[0] * grid, in_steps(rows[:-1], bound).sum(0) * grid
        self.evidence += ((found - others) @ own - own @ own / 2) / self.ledger[-1].noise ** 2
        return found


def attack(name: str, epsilon: float, pairs: int) -> dict:
    """Area under the curve of the attacker, with its interval, and the bound."""
    data = ck4gen.load(name)
    method = PrivateCK4Gen(epsilon=epsilon)
    public = public_description(data, None)
    moved = np.linalg.norm(
        hazard_ratio_influence(fit_cohort(data.cohort), data.cohort.weight), axis=1
    )
    order = np.r_[np.delete(np.arange(len(moved)), moved.argmax()), moved.argmax()]
    rows = data.observed.iloc[order].reset_index(drop=True)
    evidence = {}
    for present in (True, False):
        evidence[present] = []
        for seed in range(pairs):
            mechanism = Watched(epsilon, method.delta, present)
            private_description(rows, public, method.release_settings, mechanism, seed)
            evidence[present].append(mechanism.evidence)
    inside, outside = (np.array(evidence[present]) for present in (True, False))
    wins = (inside[:, None] > outside).astype(float)
    area = wins.mean()
    error = np.sqrt(wins.mean(1).var() / pairs + wins.mean(0).var() / pairs)
    return {
        "pairs": pairs,
        "area": area,
        "low": area - 1.96 * error,
        "high": area + 1.96 * error,
        "bound": norm.cdf(Mechanism(epsilon, method.delta).mu / np.sqrt(2)),
    }


SIMULATED = {
    "horizon": 2000,
    "columns": {
        "age": {"low": 18, "high": 100},
        "sex": {"levels": [0, 1]},
        "marker": {"low": 0.1, "high": 100, "decimals": 1},
        "stage": {"levels": ["I", "II", "III"], "ordered": True},
        "centre": {"levels": ["a", "b"]},
    },
}
TRUTH = {  # log hazard ratios; sex has none
    "age": 0.04,
    "sex": 0.0,
    "marker": 0.05,
    "stage[II]": 0.4,
    "stage[III]": 0.9,
    "centre[b]": -0.3,
}


def simulated(patients: int, generator: np.random.Generator) -> pd.DataFrame:
    """A cohort whose hazard ratios are known, censored uniformly."""
    age = generator.normal(62, 11, patients).clip(18, 100).round()
    stage = np.searchsorted([0.3, 0.75], generator.random(patients) + (age - 62) / 100)
    table = pd.DataFrame(
        {
            "age": age,
            "sex": generator.integers(0, 2, patients),
            "marker": generator.gamma(4, 1.5, patients).clip(0.1, 100).round(1),
            "stage": np.array(["I", "II", "III"])[stage],
            "centre": generator.choice(["a", "b"], patients),
        }
    )
    design = public_table(SIMULATED, "SIMULATED").schema.design(table)
    risk = (design - design.mean()) @ pd.Series(TRUTH)
    happens = generator.exponential(1500 * np.exp(-risk))
    stops = generator.uniform(0, 2000, patients)
    table["duration"] = np.minimum(happens, stops).round().clip(1)
    return table.assign(event=(happens <= stops).astype(int))


def coverage(epsilon: float, cohorts: int, patients: int) -> dict:
    """Share of intervals with the truth: with the factors, without, and those of the patients."""
    truth, inside, naive, patients_inside, errors = pd.Series(TRUTH), [], [], [], []
    with TemporaryDirectory() as folder:
        file = Path(folder) / "public.yaml"
        file.write_text(yaml.safe_dump(SIMULATED))
        for number in range(cohorts):
            real = simulated(patients, np.random.default_rng([7, number]))
            method = PrivateCK4Gen(epsilon=epsilon, public=str(file)).fit(real, seed=number)
            table = method.sample(seed=number)
            design = method.table_schema.design(table)
            fit = fit_cox(design, table["duration"], table["event"])
            of_patients = fit_cox(method.table_schema.design(real), real["duration"], real["event"])
            gap = fit.coefficients - of_patients.coefficients
            errors.append((gap / of_patients.standard_errors).abs())
            z = (fit.coefficients - truth) / fit.standard_errors
            factors = pd.Series(method.standard_error_factors)
            naive.append(z.abs() <= Z)
            inside.append((z / factors).abs() <= Z)
            own = (of_patients.coefficients - truth) / of_patients.standard_errors
            patients_inside.append(own.abs() <= Z)
    by_term = pd.DataFrame(inside).mean()
    return {
        "cohorts": cohorts,
        "patients": patients,
        "mean_error": np.mean(errors),
        "coverage": np.mean(inside),
        "without_factors": np.mean(naive),
        "of_the_patients": np.mean(patients_inside),
        "type_one_error": 1 - by_term["sex"],
        **{f"coverage_{term}": share for term, share in by_term.items()},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cohorts", nargs="+", default=["gbsg2", "actg320", "whas500", "flchain"])
    parser.add_argument("--epsilon", nargs="+", type=float, default=[3.0])
    parser.add_argument("--method", choices=METHODS, default="ck4gen_private")
    parser.add_argument("--draws", type=int, default=60)
    parser.add_argument("--pairs", type=int, default=0, help="attack with so many pairs instead")
    parser.add_argument("--simulated", type=int, default=0, help="simulate so many cohorts instead")
    parser.add_argument("--patients", type=int, default=1000, help="of a simulated cohort")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    for cohort in ["simulated"] if asked.simulated else asked.cohorts:
        for budget in asked.epsilon:
            if asked.simulated:
                found = coverage(budget, asked.simulated, asked.patients)
            elif asked.pairs:
                found = attack(cohort, budget, asked.pairs)
            else:
                found = draws(cohort, budget, asked.draws, asked.method)
            rounded = {key: round(float(value), 4) for key, value in found.items()}
            line = {"cohort": cohort, "epsilon": budget, "method": asked.method} | rounded
            print(json.dumps(line), flush=True)
