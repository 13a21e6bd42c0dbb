"""The further tables of a release: each under weights of its own, all of one seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from omegaconf import DictConfig

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import Schema
from ck4gen.data.table_files import read_table
from ck4gen.experiments import store
from ck4gen.experiments.prepare import synthesizer
from ck4gen.experiments.seeds import seed_of
from ck4gen.methods.base import Synthesizer
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training


def further_tables(
    config: DictConfig, data: SurvivalDataModule, method: Synthesizer, training: Training, seed: int
) -> Iterator[pd.DataFrame]:
    """Make the tables after the first, as many as ``config.tables`` asks for.

    Args:
        config: ``conf/train.yaml``, composed.
        data: The cohort, set up.
        method: The method that made the first.
        training: How it was fitted.
        seed: Seed of the first.
    """
    for number in range(1, config.tables):
        further = method  # a private release is made once: another one would spend again
        if method.spent is None:
            further = synthesizer(config).fit(
                data, training=replace(training, table=number, loggers=(), checkpoints=None)
            )
        yield further.sample(config.n_samples, seed_of(seed, number))


def read_further(folder: Path, tables: int, schema: Schema) -> list[pd.DataFrame]:
    """The tables after the first, as they stand in the folder of a run."""
    files = [store.coded(folder, store.further_table(number)) for number in range(1, tables)]
    return [read_table(file, schema) for file in files]


def sources(config: DictConfig, method: Synthesizer, rows: int, seed: int) -> np.ndarray | None:
    """Training row behind each row of all tables, in their order, or None.

    Args:
        config: ``conf/train.yaml``, composed.
        method: The method of the run.
        rows: Training rows.
        seed: Seed of the first table.
    """
    seeds = [seed, *(seed_of(seed, number) for number in range(1, config.get("tables", 1)))]
    sources_by_seed = [method.source(Draw(rows, config.n_samples, seed)) for seed in seeds]
    available = [source for source in sources_by_seed if source is not None]
    return np.concatenate(available) if len(available) == len(sources_by_seed) else None
