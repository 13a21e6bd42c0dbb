"""A simulated registry of adults without cardiovascular disease: no patient, and a known truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ck4gen.data.benchmark import Benchmark
from ck4gen.data.schema import DURATION, EVENT, Column, Schema
from ck4gen.settings import whole_number

HAZARD_RATIOS = {  # by term of the design, a unit or against its absence: the law of the events
    "age": 1.07,
    "smoking[former]": 1.35,
    "smoking[current]": 1.68,
    "bmi": 1.02,
    "diabetes": 5.04,
    "hba1c": 1.42,
    "egfr": 0.99,
    "ckd": 1.01,
    "af": 3.70,
    "sbp": 1.01,
}
TYPICAL = {"age": 52.0, "bmi": 27.0, "hba1c": 5.4, "egfr": 92.0, "sbp": 128.0}
YEARLY_HAZARD = 0.0012  # of a typical patient who has and does nothing of the rest
SHAPE = 1.2  # Weibull: risk rises with follow-up
YEARS = 5.0  # end of follow-up
DAYS = 365.25  # of a year

SCHEMA = Schema(
    (
        Column("age", "numeric", "age", "years", integer=True),
        Column("smoking", "categorical", "smoking", levels=("never", "former", "current")),
        Column("bmi", "numeric", "body mass index", "kg/m^2"),
        Column("diabetes", "binary", "diabetes"),
        Column("hba1c", "numeric", "glycated haemoglobin", "%"),
        Column("egfr", "numeric", "estimated filtration rate", "ml/min/1.73 m^2", integer=True),
        Column("ckd", "binary", "chronic kidney disease"),
        Column("af", "binary", "atrial fibrillation"),
        Column("sbp", "numeric", "systolic blood pressure", "mmHg", integer=True),
    ),
    event_meaning="cardiovascular event",
)


class RegistryDataModule(Benchmark):
    """Simulated primary prevention, of any size.

    Events follow a Weibull proportional hazards law with the hazard ratios of PRIME-CVD (Kuo and
    others 2026, arXiv 2603.19299), ``HAZARD_RATIOS``. How the covariates hang together, the
    baseline and the censoring are our choice: 7 % have diabetes, 3 % an event within five years.

    ========= ================================== ================= ======================
    column    meaning                            unit              levels
    ========= ================================== ================= ======================
    age       age                                years             30-79
    smoking   smoking                                              never, former, current
    bmi       body mass index                    kg/m^2
    diabetes  diabetes                                             0, 1
    hba1c     glycated haemoglobin               %
    egfr      estimated filtration rate          ml/min/1.73 m^2
    ckd       chronic kidney disease                               0, 1
    af        atrial fibrillation                                  0, 1
    sbp       systolic blood pressure            mmHg
    duration  follow-up                          days              1-1827
    event     cardiovascular event                                 0, 1
    ========= ================================== ================= ======================

    Args:
        rows: Patients.
        cohort_seed: Seed of the patients.
        **keys: See :class:`Benchmark`.

    Raises:
        InputError: ``rows`` or ``cohort_seed`` is no whole number, or ``rows`` is below 100.
    """

    schemas = {"paper": SCHEMA}

    def __init__(self, rows: int = 20_000, cohort_seed: int = 0, **keys: Any) -> None:
        super().__init__(**keys)
        whole_number("data.rows", rows, 100)
        whole_number("data.cohort_seed", cohort_seed, 0)
        self.rows, self.cohort_seed = rows, cohort_seed

    def load(self) -> pd.DataFrame:
        """Draw the patients."""
        generator = np.random.default_rng(self.cohort_seed)
        return _followed(_patients(self.rows, generator), generator)


def _patients(rows: int, generator: np.random.Generator) -> pd.DataFrame:
    """(rows, 9) covariates, each drawn from those before it."""

    def happens(log_odds: np.ndarray | float) -> np.ndarray:
        return (generator.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int)

    age = generator.normal(52, 14, rows).round().clip(30, 79)
    smoking = generator.choice(["never", "former", "current"], rows, p=[0.57, 0.30, 0.13])
    older = age - TYPICAL["age"]
    bmi = generator.lognormal(np.log(27) + 0.002 * older, 0.17).clip(15, 60).round(1)
    heavier = bmi - TYPICAL["bmi"]
    diabetes = happens(-2.9 + 0.04 * older + 0.1 * heavier)
    sugar = generator.gamma(16, 7.2 / 16, rows) + 0.2
    hba1c = np.where(diabetes, sugar, generator.normal(5.4, 0.35, rows)).round(1)
    egfr = generator.normal(92 - 0.8 * older, 13).clip(15, 130).round()
    ckd = happens((58 - egfr) / 4)
    sbp = generator.normal(128 + 0.4 * older + 0.5 * heavier, 15).clip(85, 220).round()
    return pd.DataFrame(
        {"age": age, "smoking": smoking, "bmi": bmi, "diabetes": diabetes, "hba1c": hba1c}
        | {"egfr": egfr, "ckd": ckd, "af": happens(-4.6 + 0.09 * older), "sbp": sbp}
    )


def _followed(patients: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """The patients with their duration, in days, and event."""
    design = SCHEMA.design(patients)
    typical = pd.Series(TYPICAL).reindex(design.columns, fill_value=0.0)
    effects = np.log(pd.Series(HAZARD_RATIOS)[design.columns])
    hazard = YEARLY_HAZARD * np.exp((design - typical) @ effects)
    event_at = (generator.exponential(size=len(patients)) / hazard) ** (1 / SHAPE)
    left_at = generator.uniform(2, 8, len(patients)).clip(max=YEARS)
    days = np.ceil(np.minimum(event_at, left_at) * DAYS).astype(int)
    return patients.assign(**{DURATION: days, EVENT: (event_at <= left_at).astype(int)})
