"""Tables of halves of a cohort: the shadow runs that serve every target at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from omegaconf import DictConfig, OmegaConf

from ck4gen.config import as_dict
from ck4gen.data.schema import Schema
from ck4gen.data.table_files import read_table, write_table
from ck4gen.experiments import store
from ck4gen.experiments.prepare import data_module, synthesizer
from ck4gen.experiments.seeds import seed_of
from ck4gen.experiments.thread_limits import thread_limits
from ck4gen.experiments.unfinished import goes_on, unfinished
from ck4gen.experiments.workers import in_processes
from ck4gen.models.training import TrainerSettings, Training
from ck4gen.settings import build
from ck4gen.written_file import replaced

SIDES = 2  # a division has two halves, and a table is made of each


def halves(events: pd.Series, divisions: int, seed: int) -> np.ndarray:
    """Who is in which table: each division puts every patient into one of its two tables.

    So each patient is in for exactly half of the tables (Carlini et al. 2022), whoever is looked
    at later, and the classes of every target are of one size. Stratified by event.

    Args:
        events: (n,) events of all patients.
        divisions: How often the cohort is divided.
        seed: Seed of the divisions; the first ones stay the same when more are asked for.

    Returns:
        (2 * divisions, n) masks; the tables 2j and 2j + 1 are of one division.
    """
    inside = np.zeros((SIDES * divisions, len(events)), bool)
    for number in range(divisions):
        generator = np.random.default_rng(np.random.SeedSequence([seed, number]))
        for rows in (np.flatnonzero(events == level) for level in np.unique(events)):
            # the odd one of a level goes to either half
            half = (len(rows) + int(generator.integers(2))) // 2
            inside[SIDES * number, generator.permutation(rows)[:half]] = True
        inside[SIDES * number + 1] = ~inside[SIDES * number]
    return inside


def make_tables(
    config: DictConfig,
    folder: Path,
    inside: np.ndarray,
    progress: Callable[[int], None],
) -> list[Path]:
    """Make the tables that are not there yet; finished ones stay when the command is stopped.

    Args:
        config: ``conf/shadow.yaml``, composed, with the keys of a split.
        folder: Where the tables are kept.
        inside: (t, n) who is in which table.
        progress: Called with the number of tables that are there.

    Returns:
        One file a table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = store.generation_hash(config)
    store.drop_tables(folder, source)
    files = [folder / f"{number}-{source}.csv" for number in range(len(inside))]
    plain = OmegaConf.create(as_dict(config))
    jobs = [
        (plain, rows, seed_of(config.seed, 0, number), file)
        for number, (rows, file) in enumerate(zip(inside, files, strict=True))
        if not file.exists()
    ]
    done = len(files) - len(jobs)
    progress(done)
    with unfinished(lambda: goes_on(done, len(files), "tables")):
        for _ in in_processes(_make_table, jobs, config.workers):
            done += 1
            progress(done)
    return files


def read_tables(files: list[Path], schema: Schema) -> list[pd.DataFrame]:
    """The tables as they are on disk."""
    return [read_table(file, schema) for file in files]


def _make_table(config: DictConfig, rows: np.ndarray, seed: int, file: Path) -> None:
    """Fit on one half, draw, and write the table by one rename; a guard has a fresh secret."""
    with thread_limits(config.trainer.threads), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a run of the same cohort shows them
        data = data_module(config)
        world = data.with_parts(data.train[rows], None)
        settings = build(TrainerSettings, "trainer", config.trainer)
        method = synthesizer(config).fit(world, training=Training.unreleased(settings, seed))
        with replaced(file) as scratch:
            write_table(method.sample(config.n_samples, seed), scratch)
