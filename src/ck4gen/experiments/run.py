"""The one place that knows all stages: data -> fit -> sample -> evaluate -> report.json."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pandas as pd
import torch
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from ck4gen.calibration.noise_search import watched
from ck4gen.config import as_dict
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import EVENT
from ck4gen.data.table_files import read_table
from ck4gen.evaluation.base.privacy_settings import PrivacySettings
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.control import together
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.evaluation.evaluate import evaluate
from ck4gen.evaluation.hazard_table import hazard_table
from ck4gen.evaluation.privacy.crossfit import crossfit_leaks
from ck4gen.evaluation.privacy.page import attacked, audit_page
from ck4gen.evaluation.privacy.small_cells import small_cells
from ck4gen.evaluation.privacy.verdict import verdict
from ck4gen.experiments import store
from ck4gen.experiments.crossfit import fold_rows, keep_folds, make_folds, read_folds
from ck4gen.experiments.further_tables import further_tables, read_further, sources
from ck4gen.experiments.ledger import note_spent
from ck4gen.experiments.loggers import log_result, tracked
from ck4gen.experiments.prepare import CROSSFIT, Prepared, data_module, noted, synthesizer
from ck4gen.experiments.secret import custodian_secret
from ck4gen.experiments.wandb_record import Pair
from ck4gen.experiments.written_tables import write_tables
from ck4gen.guard.release import Release
from ck4gen.methods.base import Synthesizer
from ck4gen.models.training import TrainerSettings, Training
from ck4gen.settings import InputError, build
from ck4gen.survival.teacher import penalizer_names
from ck4gen.written_file import replaced

STANDS_IN = {
    "audit": "The audit held patients out and so tested a table made from the others; it stands in "
    "for the table that the same configuration makes from all of them with split=release.",
    CROSSFIT: "Tables that the same configuration makes without each part of the patients were "
    "attacked; they stand in for this one, made from all patients.",
}

ALL_TABLES = "All {} tables were attacked together, as whoever receives them can."


def unheard(step: str) -> None:
    """Nobody wants to know which step begins."""


def generate(
    config: DictConfig,
    folder: Path,
    ready: Prepared,
    begin: Callable[[str], None] = unheard,
) -> dict:
    """Fit, sample, write the synthetic table, evaluate it, and put the run in place."""
    begin("fit")
    method, data, notes = ready.method, ready.data, ready.notes
    source = store.generation_hash(config)  # as it is before the fit, which takes a while
    content = store.content_hash(config.data)
    with noted(notes):
        data.setup()
    if config.split == CROSSFIT:
        fold_rows(data.train[EVENT], config.folds, config.split_seed)  # refused before the fit
    _check_length(config, data)
    with store.assembled(folder) as scratch, tracked(config, scratch) as loggers:
        _write_config(config, scratch)
        settings = build(TrainerSettings, "trainer", config.trainer)
        guarded = config.method.get("guard") is not None
        training = Training(
            settings,
            config.seed,
            custodian_secret(config.secret) if guarded else b"",
            loggers=loggers,
            checkpoints=scratch / "checkpoints",
        )
        clock, cpu = time.perf_counter(), time.process_time()
        with noted(notes):
            try:
                method.fit(data, training=training)
            finally:  # what was released before a fit failed is spent as well
                if method.spent is not None:
                    beside = Path(config.secret).parent
                    together = note_spent(beside, data.observed, method.spent, folder.name)
                    method.diagnostics["private/epsilon_of_all_releases"] = together
        begin("draw")
        fitted, cpu = time.perf_counter(), time.process_time() - cpu
        errors: list[dict[str, float]] = []
        with noted(notes), watched(errors):
            table = method.sample(config.n_samples, config.seed)
        sampled = time.perf_counter()
        if errors:
            steps = pd.DataFrame(errors)
            steps.to_csv(scratch / store.CALIBRATION, index_label="step")
        diagnostics = dict(method.diagnostics)  # of this table, whatever is drawn later
        more = further_tables(config, data, method, training, config.seed)
        book = method.table_schema.codebook(
            len(table), method.patients, method.guard_noise, method.standard_error_factors
        )
        write_tables(scratch, data, chain([table], more), book)
        for name, text in method.files.items():
            (scratch / name).write_text(text, encoding="utf-8")
        if state := method.shareable():
            torch.save(state, scratch / store.SAMPLER)
        report = {
            "dataset": config.data.name,
            "method": config.method.name,
            "split": config.split,
            "seed": config.seed,
            "id": store.identity(config),
            "times_copied": method.times_copied,
            "contains_real": method.contains_real,
            "warnings": sorted(notes),
            "metrics": {},
            "cost": {
                "cost/fit_seconds": fitted - clock,
                "cost/fit_cpu_seconds": cpu,
                "cost/sample_seconds": sampled - fitted,
                "cost/peak_rss_mb": peak_rss_mb(),
                "cost/n_parameters": method.n_parameters,
                "cost/steps": method.steps,
                "cost/steps_per_second": method.steps / (fitted - clock),
            },
            "diagnostics": diagnostics,
            "release": method.release.to_state(),
            "config": as_dict(config),
            "hashes": {"generation": source, "data": content},
            **store.provenance(),
        }
        if config.split == CROSSFIT:
            begin("folds")
            keep_folds(make_folds(config, folder, data), scratch)
        begin("evaluate")
        report = evaluated(config, scratch, report, data, method)
        table = read_table(store.coded(scratch, store.SYNTHETIC), data.schema)
        log_result(loggers, scratch, report, Pair(data.train, table, data.schema))
        return report


def _check_length(config: DictConfig, data: SurvivalDataModule) -> None:
    """Raise an InputError where a calibrated table would have no Cox model of all columns."""
    rows, terms = config.n_samples, len(data.schema.design_names)
    if config.method.get("calibration") is not None and rows is not None and rows <= terms:
        raise InputError(
            f"n_samples (--rows) is {rows}, and the Cox model that the table is to keep has "
            f"{terms} terms; ask for more rows than that, or use a method without calibration"
        )


def reevaluate(config: DictConfig, folder: Path) -> dict:
    """Repeat the second step alone, on the synthetic table that is there."""
    report = store.read_report(folder)
    if report is None:
        raise InputError(f"{folder} is no finished run: it holds no {store.REPORT}")
    return evaluated(config, folder, report, data_module(config), synthesizer(config))


def evaluated(
    config: DictConfig, folder: Path, report: dict, data: SurvivalDataModule, method: Synthesizer
) -> dict:
    """Evaluate the table as it is on disk and write ``report.json`` last."""
    table = read_table(store.coded(folder, store.SYNTHETIC), data.schema)
    further = read_further(folder, config.get("tables", 1), data.schema)
    settings = build(EvaluationSettings, "evaluation", config.evaluation)
    start = time.perf_counter()
    ridges = {
        cause: report["diagnostics"].get(name, 0.0)
        for cause, name in penalizer_names((1, *data.schema.competing)).items()
    }
    release = Release.from_state(report["release"])
    comparison = CoxComparison(
        data.train, table, data.schema, settings, ridges.pop(1), competing=ridges
    )
    metrics = evaluate(
        data.train,
        table,
        data.schema,
        settings=settings,
        holdout=data.holdout,
        source=sources(config, method, len(data.train), config.seed),
        comparison=comparison,
        release=release,
        further=further,
    )
    if config.split == CROSSFIT:
        tables = read_folds(config, folder, data, method)
        metrics |= crossfit_leaks(data.train, tables, data.schema, settings)
    ratios = hazard_table(comparison)
    report["cost"]["cost/evaluate_seconds"] = time.perf_counter() - start
    extra = {**report["diagnostics"], **report["cost"]}
    report["metrics"] = {name: metric.as_dict() for name, metric in metrics.items()} | {
        name: {"value": value, "low": None, "high": None, "reason": None}
        for name, value in extra.items()
    }
    report["config"]["evaluation"] = as_dict(config.evaluation)
    report["verdict"] = verdict(
        metrics,
        settings.verdict,
        method.contains_real,
        method.times_copied,
        stands_in=_stands_in(config.split, 1 + len(further)),
        patients=data.patients,
        release=release,
    )
    page = _audit(report, data, together([table, *further]), settings.privacy)
    report["hashes"]["evaluation"] = store.evaluation_hash(config)
    with (  # an interruption leaves the evaluation that was there
        replaced(folder / store.HAZARD_RATIOS) as new_ratios,
        replaced(folder / store.AUDIT) as new_page,
    ):
        ratios.to_csv(new_ratios, index=False)
        new_page.write_text(page)
    store.write_report(folder, report)
    return report


def _stands_in(split: str, tables: int) -> str:
    """What was attacked in place of what leaves."""
    sentences = [ALL_TABLES.format(tables)] if tables > 1 else []
    return " ".join([*sentences, STANDS_IN.get(split, "")]).strip()


def _audit(
    report: dict, data: SurvivalDataModule, table: pd.DataFrame, settings: PrivacySettings
) -> str:
    fewest = settings.small_cell
    try:
        cells, _ = small_cells(data.train, table, data.schema, fewest)
    except ValueError as error:
        cells = str(error)
    used = len(data.train)
    some = attacked(used, data.patients - used, settings.most_targets)
    return audit_page(report, cells, fewest, some)


def peak_rss_mb() -> float:
    """Peak resident memory of this process in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def _write_config(config: DictConfig, folder: Path) -> None:
    """What Hydra would have written to ``.hydra``, in the run's own folder."""
    target = folder / ".hydra"
    target.mkdir()
    OmegaConf.save(config, target / "config.yaml")
    if HydraConfig.initialized():
        hydra = HydraConfig.get()
        OmegaConf.save(hydra, target / "hydra.yaml")
        OmegaConf.save(hydra.overrides.task, target / "overrides.yaml")
