"""One simulated cohort: drawn, a generator fitted to it, every table analysed."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from omegaconf import DictConfig, OmegaConf

from ck4gen.config import as_dict
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.experiments import store
from ck4gen.experiments.fingerprint import source_hash, targets
from ck4gen.experiments.further_tables import further_tables
from ck4gen.experiments.prepare import synthesizer
from ck4gen.experiments.simulated_population import Population
from ck4gen.experiments.thread_limits import thread_limits
from ck4gen.methods.base import Synthesizer
from ck4gen.models.training import TrainerSettings, Training
from ck4gen.settings import InputError, build
from ck4gen.survival.cox import CoxError, CoxFit, fit_cox
from ck4gen.survival.pooling import pool

REAL = "real"  # the arm of the cohorts themselves
POOLED = "pooled"  # the arm of several tables that are analysed as one
MAKERS = [
    "ck4gen.experiments.further_tables",
    "ck4gen.experiments.simulated_population",
    "ck4gen.experiments.simulated_cohort",
]


def source_of(config: DictConfig) -> str:
    """Hash of all source code on which the file of a cohort depends."""
    used = as_dict(OmegaConf.masked_copy(config, ["method"]))
    return source_hash(targets(used), alone=MAKERS)


def make_cohort(config: DictConfig, population: Population, number: int, file: Path) -> None:
    """Draw a cohort, fit the generator, analyse every table, and write the estimates.

    Args:
        config: ``conf/simulate.yaml``, composed and resolved.
        population: Law of the cohort.
        number: Which cohort; with ``config.seed`` it decides every draw.
        file: Where the estimates go, at once.
    """
    start = time.process_time()
    seed = config.seed + number
    with thread_limits(config.trainer.threads), warnings.catch_warnings():
        # few events, or a calibration that was not met: the report counts the latter
        warnings.simplefilter("ignore", UserWarning)
        real = population.draw(np.random.default_rng([config.seed, number]))
        estimates = [{"arm": REAL, "ratio": 1, **_analysis(real)}]
        trainer = build(TrainerSettings, "trainer", config.trainer)
        training = Training.unreleased(trainer, seed)
        method = synthesizer(config).fit(real, training=training)
        for arm, sampler in _arms(method).items():
            for ratio in config.ratios:
                estimates.append({"arm": arm, "ratio": ratio, **_sampled(sampler, ratio, seed)})
        if config.tables > 1:
            pooled = _pooled(config, method, training)
            estimates.append({"arm": POOLED, "ratio": 1, **pooled})
    content = {
        "source": source_of(config),
        "noise": method.guard_noise,
        "events": int(real[EVENT].sum()),
        "cpu_seconds": time.process_time() - start,
        "tables": estimates,
    }
    store.write_json(file, content)


def _arms(method: Synthesizer) -> dict[str, Synthesizer]:
    """The fit as it is, and where it is calibrated also the same fit sampled without."""
    plain = method.uncalibrated()
    return (
        {"uncalibrated": method} if plain is None else {"calibrated": method, "uncalibrated": plain}
    )


def _sampled(method: Synthesizer, ratio: float, seed: int) -> dict:
    n = len(method.data.train)
    try:
        sampled = method.sample(None if ratio == 1 else round(n * ratio), seed)
    except InputError as error:  # the calibrated cohort lost the information it needs
        return {"reason": str(error)}
    met = method.diagnostics.get("calibration/met")
    return _analysis(sampled) | ({} if met is None else {"calibration_met": met})


def _pooled(config: DictConfig, method: Synthesizer, training: Training) -> dict:
    """The pooled analysis of ``config.tables`` tables, each under weights of its own."""
    # of as many rows as the cohort has
    release = OmegaConf.create(as_dict(config) | {"n_samples": None})
    try:
        first = method.sample(None, training.seed)
        more = further_tables(release, method.data, method, training, training.seed)
        pooled = pool([first, *more], _estimates, 1 - config.significance)
    except (InputError, CoxError) as error:
        return {"reason": str(error)}
    return {
        "log_hr": pooled["estimate"].tolist(),
        "standard_error": pooled["standard_error"].tolist(),
    }


def _estimates(table: pd.DataFrame) -> pd.DataFrame:
    fit = _fit(table)
    return pd.DataFrame({"estimate": fit.coefficients, "standard_error": fit.standard_errors})


def _fit(table: pd.DataFrame) -> CoxFit:
    covariates = table.drop(columns=[DURATION, EVENT]).astype(float)
    return fit_cox(covariates, table[DURATION], table[EVENT])


def _analysis(cohort: pd.DataFrame) -> dict:
    """The unpenalised Cox fit of a table, or why there is none."""
    try:
        fit = _fit(cohort)
    except CoxError as error:
        return {"reason": str(error)}
    return {
        "log_hr": fit.coefficients.tolist(),
        "standard_error": fit.standard_errors.tolist(),
    }
