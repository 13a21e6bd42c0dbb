"""What a run does before it fits anything: keys are checked, the cohort is read.

A plan or a refusal ends here, so nothing that trains or evaluates is imported.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from ck4gen.config import built, check_complete
from ck4gen.data.benchmark_keys import check_benchmark
from ck4gen.data.datamodule import SPLITS, SurvivalDataModule
from ck4gen.data.user_table import FrameDataModule
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.experiments.own_class import check_name
from ck4gen.methods.draw import check_rows
from ck4gen.models.training import TrainerSettings
from ck4gen.settings import (
    InputError,
    at_least,
    build,
    choose,
    inner_share,
    true_or_false,
    whole_number,
)

CROSSFIT = "crossfit"  # release, and one table more without each fold

if TYPE_CHECKING:
    from ck4gen.methods.base import Synthesizer


def check(config: DictConfig) -> None:
    """Check the keys of the root; the groups check their own when they are built."""
    choose("split", config.split, (*SPLITS, CROSSFIT))
    whole_number("seed", config.seed, 0)
    whole_number("split_seed", config.split_seed, 0)
    at_least("crossfit_below", config.crossfit_below, 0)
    at_least("crossfit_terms", config.crossfit_terms, 0)
    at_least("large_rows", config.large_rows, 0)
    inner_share("holdout", config.holdout)
    check_rows(config.n_samples)
    true_or_false("force", config.force)
    whole_number("tables", config.tables, 1)
    whole_number("folds", config.folds, 2)
    if config.workers != -1:
        whole_number("workers", config.workers, 1)
    check_device(build(TrainerSettings, "trainer", config.trainer).accelerator)
    evaluation = build(EvaluationSettings, "evaluation", config.evaluation)
    if evaluation.extra:  # a wrong path fails before the fit
        from ck4gen.evaluation.plugged import plugged  # which imports every metric

        plugged(evaluation.extra)
    check_complete(config)
    check_benchmark(config.data)
    check_name(config.method)


def check_device(accelerator: str) -> None:
    """Raise an InputError where a device is asked for that this machine does not have."""
    if accelerator not in ("gpu", "mps"):
        return
    import torch  # which no other key needs before the fit

    there = torch.backends.mps.is_available()
    if not there and not (accelerator == "gpu" and torch.cuda.is_available()):
        raise InputError(
            f"trainer.accelerator is '{accelerator}', and torch finds no such device here; use "
            "cpu or auto, or install a torch that knows the device"
        )


@dataclass(frozen=True)
class Prepared:
    """What a run fits, and to what.

    Attributes:
        data: The data module, not set up.
        method: The method, not fitted.
        notes: What the user should know of the table.
    """

    data: SurvivalDataModule
    method: Synthesizer
    notes: set[str]


def prepared(config: DictConfig, read: FrameDataModule | None = None) -> Prepared:
    """Open the table and make the method.

    Args:
        config: ``conf/train.yaml``, composed.
        read: Its table, where that has been read before.

    Raises:
        InputError: The table, or a key of ``data`` or ``method``, cannot be used.
    """
    notes: set[str] = set()
    method = synthesizer(config)
    with noted(notes):
        data = opened(config, read)
    return Prepared(data, method, notes)


def data_module(config: DictConfig) -> SurvivalDataModule:
    """The data module of a run, set up; warnings are passed on."""
    data = opened(config)
    data.setup()
    return data


def opened(config: DictConfig, read: FrameDataModule | None = None) -> SurvivalDataModule:
    """The data module of a run, not set up; the table is read unless it was."""
    # the table of a cross-fitted run is made from all patients, as under release
    part = "release" if config.split == CROSSFIT else config.split
    split = {"split": part, "holdout": config.holdout, "split_seed": config.split_seed}
    if read is not None:
        return read.split_anew(**split)
    read_by = publicly_read(config)
    return built(config.data, **split, **({"public": read_by} if read_by else {}))


def publicly_read(config: DictConfig) -> str | None:
    """The file by which alone a method with a formal guarantee has the user's rows read, or None.

    Args:
        config: ``conf/train.yaml``, composed.
    """
    packaged = (
        f"{FrameDataModule.__module__}.",
        "ck4gen.methods.",
    )  # a class of hers has keys of hers
    targets = zip((config.data, config.method), packaged, strict=True)
    if not all(str(node.get("_target_", "")).startswith(module) for node, module in targets):
        return None
    return config.method.get("stored") or config.method.get("public")


def synthesizer(config: DictConfig) -> Synthesizer:
    """The method of a run, not fitted.

    Raises:
        InputError: A key of ``method`` is wrong, or its class is no method.
    """
    from ck4gen.methods.base import Synthesizer  # which reads tables, as no check of keys does

    method = built(config.method)
    if not isinstance(method, Synthesizer):
        raise InputError(
            f"method._target_ is {config.method._target_}, which makes an object of type "
            f"{type(method).__name__} and no method; name a subclass of ck4gen.Synthesizer"
        )
    return method


@contextmanager
def noted(notes: set[str]) -> Iterator[None]:
    """Collect what the user should know of this run."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    notes |= {str(w.message) for w in caught if w.category is UserWarning}
