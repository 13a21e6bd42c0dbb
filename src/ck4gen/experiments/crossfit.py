"""A configuration fitted without each fold: tables to attack in place of the one to share."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from omegaconf import DictConfig, OmegaConf

from ck4gen.config import as_dict
from ck4gen.data.checks import most_folds
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import EVENT
from ck4gen.data.table_files import read_table, write_table
from ck4gen.data.user_table import FrameDataModule
from ck4gen.evaluation.control import together
from ck4gen.evaluation.privacy.crossfit import FoldTable
from ck4gen.experiments import store
from ck4gen.experiments.further_tables import further_tables, sources
from ck4gen.experiments.prepare import opened, synthesizer
from ck4gen.experiments.secret import custodian_secret
from ck4gen.experiments.seeds import seed_of
from ck4gen.experiments.thread_limits import thread_limits
from ck4gen.experiments.unfinished import goes_on, unfinished
from ck4gen.experiments.workers import in_processes
from ck4gen.methods.base import Synthesizer
from ck4gen.models.training import TrainerSettings, Training
from ck4gen.settings import InputError, build
from ck4gen.written_file import replaced

FOLDS = "folds"


def fold_rows(events: pd.Series, folds: int, seed: int) -> list[np.ndarray]:
    """Rows that are left out, fold by fold, stratified by event.

    Args:
        events: (n,) events of all patients.
        folds: Folds.
        seed: Seed of the division.

    Raises:
        InputError: There are fewer events, or fewer rows without, than folds.
    """
    if (most := most_folds(events)) < folds:
        raise InputError(
            f"folds is {folds}, and only {most} rows have the event, or are censored; take fewer"
        )
    from sklearn.model_selection import StratifiedKFold

    division = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return [held_out for _, held_out in division.split(events, events)]


def make_folds(config: DictConfig, folder: Path, data: SurvivalDataModule) -> Path:
    """Make the tables that are not there yet; finished ones stay when a run is stopped.

    Args:
        config: ``conf/train.yaml``, composed, with ``split=crossfit``.
        folder: The run folder; the tables are kept beside it until the run is complete.
        data: The cohort, set up.

    Returns:
        The folder of the tables.
    """
    source = store.generation_hash(config)
    parts = folder.with_name(f".{folder.name}.{FOLDS}")
    parts.mkdir(parents=True, exist_ok=True)
    store.drop_tables(parts, source)
    plain = OmegaConf.create(as_dict(config))
    read = data if isinstance(data, FrameDataModule) else None  # a file is read once
    custodian_secret(config.secret)  # made once, before several processes want it
    rows = fold_rows(data.train[EVENT], config.folds, config.split_seed)
    jobs = [
        (plain, read, held_out, seed_of(config.seed, 0, number), file)
        for number, held_out in enumerate(rows)
        if not (file := parts / f"{number}-{source}.csv").exists()
    ]
    done = len(rows) - len(jobs)
    with unfinished(lambda: goes_on(done, len(rows), "folds")):
        for _ in in_processes(_make_fold, jobs, config.workers):
            done += 1
    return parts


def keep_folds(parts: Path, folder: Path) -> None:
    """Move finished tables into the folder of their run."""
    (folder / FOLDS).mkdir()
    for file in parts.glob("*.csv"):
        shutil.move(file, folder / FOLDS / f"{file.name.split('-')[0]}.csv")
    shutil.rmtree(parts)


def read_folds(
    config: DictConfig, folder: Path, data: SurvivalDataModule, method: Synthesizer
) -> list[FoldTable]:
    """The tables of a run, each with the patients that it was made without."""
    fold_tables = []
    for number, held_out in enumerate(
        fold_rows(data.train[EVENT], config.folds, config.split_seed)
    ):
        table = read_table(folder / FOLDS / f"{number}.csv", data.schema)
        seed = seed_of(config.seed, 0, number)
        further = [
            read_table(folder / FOLDS / f"{number}.{more}.csv", data.schema)
            for more in range(1, config.get("tables", 1))
        ]
        source = sources(config, method, len(data.train) - len(held_out), seed)
        fold_tables.append(
            FoldTable(held_out, together([table, *further]), source, 1 + len(further))
        )
    return fold_tables


def _make_fold(
    config: DictConfig, read: FrameDataModule | None, held_out: np.ndarray, seed: int, file: Path
) -> None:
    """Fit on everybody else, draw, and write each table by one rename.

    A seed of its own: under one seed, two tables that used a patient would agree by chance alone.
    """
    with thread_limits(config.trainer.threads), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the run itself says what matters
        data, method = opened(config, read), synthesizer(config)
        every = np.arange(len(data.load()))
        data.divide(np.setdiff1d(every, held_out), held_out).setup()
        guarded = config.method.get("guard") is not None
        secret = custodian_secret(config.secret) if guarded else b""
        training = Training(build(TrainerSettings, "trainer", config.trainer), seed, secret)
        method.fit(data, training=training)
        first = method.sample(config.n_samples, seed)
        for number, table in enumerate(further_tables(config, data, method, training, seed), 1):
            fold, _, source = file.name.partition("-")
            with replaced(file.with_name(f"{fold}.{number}-{source}")) as scratch:
                write_table(table, scratch)
        with replaced(file) as scratch:  # the last: where it is, the fold is complete
            write_table(first, scratch)
