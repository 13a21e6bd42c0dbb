"""Does adding synthetic patients help? The 5 x 2 comparison of ``ck4gen augment``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from omegaconf import DictConfig

from ck4gen.config import as_dict, built, check_complete
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.evaluation.augmentation.comparison import binned_risks, compare, flat, metrics
from ck4gen.evaluation.augmentation.folds import Fold, train
from ck4gen.evaluation.augmentation.halves import Half, halves
from ck4gen.evaluation.augmentation.protocol import PROTOCOLS, Design, ProtocolSettings
from ck4gen.experiments import store
from ck4gen.experiments.make_run import Run
from ck4gen.experiments.own_class import check_name
from ck4gen.experiments.prepare import noted, synthesizer
from ck4gen.experiments.thread_limits import thread_limits
from ck4gen.methods.base import Synthesizer
from ck4gen.models.training import TrainerSettings, Training
from ck4gen.settings import (
    InputError,
    NotApplicable,
    build,
    choose,
    true_or_false,
    whole_number,
)
from ck4gen.survival.cox_data import cox_data

KEYS = ["data", "method", "trainer", "protocol", "seed", "augmentation"]
LEAK = "protocol=author: the generator has seen the rows that the models are tested on"


def make_comparison(
    config: DictConfig,
    in_sweep: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Run:
    """Make one comparison, or find it finished.

    Args:
        config: ``conf/augment.yaml``, composed.
        in_sweep: It is one of a sweep: wait for another process that is making it.
        progress: Called with the number of halves that are done.

    Raises:
        InputError: The configuration or the cohort cannot be used; nothing was written.
    """
    settings = check(config)
    name = f"seed={config.seed}-{store.digest(config, KEYS)}"
    root = Path(config.output_dir).expanduser().absolute() / "augmentation"
    folder = root / config.data.name / config.method.name / config.protocol / name
    with store.claim(folder, wait=in_sweep), thread_limits(config.trainer.threads):
        report = None if config.force else store.read_report(folder)
        if report is not None and report["hashes"]["augmentation"] == store.augmentation_hash(
            config
        ):
            return Run(folder, report, reused=True)
        return Run(folder, _made(config, settings, folder, progress))


def check(config: DictConfig) -> ProtocolSettings:
    """Check the keys of the root; the method and the data check their own."""
    choose("protocol", config.protocol, PROTOCOLS)
    whole_number("seed", config.seed, 0)
    true_or_false("force", config.force)
    build(TrainerSettings, "trainer", config.trainer)
    check_complete(config)
    check_name(config.method)
    return build(ProtocolSettings, "augmentation", config.augmentation)


def _made(
    config: DictConfig,
    settings: ProtocolSettings,
    folder: Path,
    progress: Callable[[int], None],
) -> dict:
    start = time.perf_counter()
    notes: set[str] = set()
    with noted(notes):
        data = cohort_of(config)
        method = synthesizer(config)
        if data.schema.delayed_entry or data.schema.strata:
            raise InputError("augment knows no data.entry and no data.strata; leave them out")
        cohort = cox_data(data.train, data.train, data.schema)
        parts = halves(cohort.event.to_numpy(), settings.repeats, config.seed)
        design = Design(config.protocol, cohort, parts, settings)
        folds = _reported(FOLDS[config.protocol](config, data, parts), progress)
        real, arms = train(folds, settings, data.schema, config.seed)
    curve = {ratio: arms[ratio] for ratio in settings.curve}
    comparison = compare(real, arms[settings.ratio], curve, design, data.train, data.schema)
    report = {
        "dataset": config.data.name,
        "method": config.method.name,
        "split": config.protocol,  # summaries show under this name how the rows were split
        "seed": config.seed,
        "id": store.digest(config, KEYS),
        "times_copied": method.times_copied,
        "contains_real": method.contains_real,
        "warnings": sorted(notes | ({LEAK} if config.protocol == "author" else set())),
        "metrics": {name: metric.as_dict() for name, metric in metrics(comparison).items()},
        "seconds": time.perf_counter() - start,
        "config": as_dict(config),
        "hashes": {
            "augmentation": store.augmentation_hash(config),
            "data": store.content_hash(config.data),
        },
        **store.provenance(),
    }
    with store.assembled(folder) as scratch:
        flat(comparison).to_csv(scratch / store.COMPARISON, index=False)
        risks = binned_risks(real, arms[settings.ratio], design)
        risks.to_csv(scratch / store.RISKS, index=False)
        store.write_report(scratch, report)
    return report


def _reported(folds: Iterator[Fold], progress: Callable[[int], None]) -> Iterator[Fold]:
    progress(0)
    for number, fold in enumerate(folds, 1):
        yield fold
        progress(number)


def cohort_of(config: DictConfig, part: Half | None = None) -> SurvivalDataModule:
    """The data module with every row in ``train``, or divided into the halves of ``part``."""
    data = built(config.data)
    if part is not None:
        data.divide(part.train, part.test)
    data.setup()
    return data


def fitted(config: DictConfig, data: SurvivalDataModule) -> Synthesizer:
    """The generator fitted on ``data.train``; of other rows it sees nothing."""
    data = data.with_parts(data.train, None)
    trainer = build(TrainerSettings, "trainer", config.trainer)
    training = Training.unreleased(trainer, config.seed)
    try:
        return synthesizer(config).fit(data, training=training)
    except NotApplicable as error:
        raise NotApplicable(f"method={config.method.name} cannot augment: {error}") from error


def corrected(
    config: DictConfig,
    data: SurvivalDataModule,  # noqa: ARG001 - both protocols are called alike
    parts: list[Half],
) -> Iterator[Fold]:
    """Everything, imputation included, is fitted on the training half alone."""
    for part in parts:
        half = cohort_of(config, part)
        test = half.holdout
        yield Fold(half.train, test, fitted(config, half).sample)


def author(config: DictConfig, data: SurvivalDataModule, parts: list[Half]) -> Iterator[Fold]:
    """One generator, fitted on all rows: it leaks the test rows into every training half."""
    draw = fitted(config, data).sample
    for part in parts:
        yield Fold(data.train.iloc[part.train], data.train.iloc[part.test], draw)


FOLDS = {"corrected": corrected, "author": author}
