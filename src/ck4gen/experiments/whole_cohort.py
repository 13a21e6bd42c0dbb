"""A cohort of which nobody is held out, for commands that leave patients out themselves."""

from __future__ import annotations

import warnings

from omegaconf import DictConfig, OmegaConf

from ck4gen.config import as_dict
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.experiments.prepare import data_module


def of_all_patients(config: DictConfig) -> DictConfig:
    """The configuration with the keys of a split in which every patient takes part."""
    return OmegaConf.create(as_dict(config) | {"split": "release", "holdout": 0.5, "split_seed": 0})


def quiet_cohort(config: DictConfig) -> SurvivalDataModule:
    """The cohort, set up, without the warnings that a run of it shows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return data_module(config)
