"""Cohorts of known truth, real and synthetic, each analysed and kept on disk as one small file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from omegaconf import DictConfig, OmegaConf

from ck4gen.config import as_dict, check_complete
from ck4gen.constraints import Natural, Positive, Share, check_fields
from ck4gen.experiments import store
from ck4gen.experiments.own_class import check_name
from ck4gen.experiments.prepare import synthesizer
from ck4gen.experiments.simulated_cohort import make_cohort, source_of
from ck4gen.experiments.simulated_population import Population
from ck4gen.experiments.simulation_table import table
from ck4gen.experiments.unfinished import goes_on, unfinished
from ck4gen.experiments.workers import in_processes
from ck4gen.models.training import TrainerSettings
from ck4gen.settings import InputError, build, whole_number
from ck4gen.written_file import replaced

KEYS = ["data", "method", "trainer", "seed", "ratios", "tables"]  # on which a cohort's file depends


@dataclass(frozen=True)
class SimulationSettings:
    """The keys of the root of ``conf/simulate.yaml``; each is described there."""

    cohorts: Positive
    ratios: list[float]
    tables: Positive
    significance: Share
    confidence: Share
    seed: Natural
    workers: int
    report_only: bool

    def __post_init__(self) -> None:
        check_fields("", self)
        if not self.ratios or any(not isinstance(r, int | float) or r <= 0 for r in self.ratios):
            raise InputError(f"ratios is {self.ratios}; it must be a list of numbers above 0")
        if self.workers != -1:
            whole_number("workers", self.workers, 1)


def simulate(config: DictConfig, progress: Callable[[int], None]) -> Path:
    """Make the cohorts that are not on disk yet, and report on all that are.

    Args:
        config: ``conf/simulate.yaml``, composed.
        progress: Called with the number of cohorts that are done.

    Returns:
        The folder of ``report.json`` and ``measures.csv``, both written last and at once.

    Raises:
        InputError: The configuration cannot be used, or no cohort is finished.
    """
    settings, population = check(config)
    synthesizer(config)  # a wrong key is reported before anything is fitted or written
    config = OmegaConf.create(as_dict(config))
    root = Path(config.output_dir).expanduser().absolute() / "simulation"
    folder = root / config.method.name / f"seed={config.seed}-{store.digest(config, KEYS)}"
    if not settings.report_only:
        with store.claim(folder):
            _make(config, settings, population, folder, progress)
    files = [_file(folder, number) for number in range(settings.cohorts)]
    source = source_of(config)
    cohorts = [cohort for file in files if (cohort := store.read_part(file, source)) is not None]
    if not cohorts:
        raise InputError(f"no cohort is finished in {folder}; leave report_only=false")
    _report(config, settings, population, folder, cohorts)
    return folder


def check(config: DictConfig) -> tuple[SimulationSettings, Population]:
    """The keys of the root and the law of a cohort, checked; the method checks its own."""
    check_complete(config)
    check_name(config.method)
    names = [field.name for field in fields(SimulationSettings)]
    settings = build(SimulationSettings, "", {name: config[name] for name in names})
    build(TrainerSettings, "trainer", config.trainer)
    return settings, build(Population, "data", as_dict(config.data))


def _make(
    config: DictConfig,
    settings: SimulationSettings,
    population: Population,
    folder: Path,
    progress: Callable[[int], None],
) -> None:
    source = source_of(config)
    missing = [
        n for n in range(settings.cohorts) if store.read_part(_file(folder, n), source) is None
    ]
    done = settings.cohorts - len(missing)
    progress(done)
    jobs = ((config, population, n, _file(folder, n)) for n in missing)
    with unfinished(lambda: goes_on(done, settings.cohorts, "cohorts")):
        for _ in in_processes(make_cohort, jobs, settings.workers):
            done += 1
            progress(done)


def _report(
    config: DictConfig,
    settings: SimulationSettings,
    population: Population,
    folder: Path,
    cohorts: list[dict],
) -> None:
    summary = table(cohorts, population, settings.significance, settings.confidence)
    report = {
        "method": config.method.name,
        "cohorts": len(cohorts),
        "cohorts_wanted": settings.cohorts,
        "events_per_row": float(np.mean([c["events"] for c in cohorts])) / population.rows,
        "cpu_seconds": float(np.mean([c["cpu_seconds"] for c in cohorts])),
        "truth": population.truth.to_dict(),
        "tables": json.loads(summary.to_json(orient="records", double_precision=15)),
        "config": as_dict(config),
        **store.provenance(),
    }
    with replaced(folder / store.MEASURES) as scratch:
        summary.to_csv(scratch, index=False)
    store.write_report(folder, report)


def _file(folder: Path, number: int) -> Path:
    return folder / "cohorts" / f"{number}.json"
