"""Both arms on every training half: real rows alone, and with synthetic rows in every ratio."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ck4gen.data.schema import Schema
from ck4gen.evaluation.augmentation.protocol import Arm, ProtocolSettings
from ck4gen.evaluation.base.metric import FAULTS
from ck4gen.evaluation.utility.models import coxph
from ck4gen.settings import InputError, NotApplicable
from ck4gen.survival.cox_data import cox_data

Draw = Callable[[int, int], pd.DataFrame]  # rows and seed to synthetic rows


@dataclass(frozen=True)
class Fold:
    """One half of the design, ready to train on.

    Attributes:
        train: Real training rows.
        test: Rows of the other half.
        draw: The generator that may be used with this half.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    draw: Draw


def train(
    folds: Iterable[Fold], settings: ProtocolSettings, schema: Schema, seed: int
) -> tuple[Arm, dict[float, Arm | str]]:
    """Fit the Cox model on each real half alone, and with synthetic rows in every ratio.

    Args:
        folds: The halves.
        settings: The keys of ``augmentation``.
        schema: Columns of the tables.
        seed: Seed of the synthetic replicates.

    Returns:
        The real-only arm, and the augmented arms by ratio of synthetic to real rows; where one
        of its models cannot be fitted, the reason stands in the place of an arm.

    Raises:
        InputError: A half of the cohort itself has no Cox model.
    """
    seeds = np.random.default_rng([seed]).integers(2**31, size=settings.replicates).tolist()
    real: Arm = [[]]
    arms: dict[float, Arm | str] = {
        ratio: [[] for _ in seeds] for ratio in sorted({settings.ratio, *settings.curve})
    }
    for fold in folds:
        test = cox_data(fold.test, fold.train, schema).design
        try:
            base = coxph(cox_data(fold.train, fold.train, schema), settings.penalizer)
        except FAULTS as error:
            raise InputError(f"half of the cohort has no Cox model: {error}") from error
        real[0].append(base.predict(test))
        for ratio, arm in arms.items():
            if isinstance(arm, str):
                continue
            rows = max(1, round(ratio * len(fold.train)))
            try:
                for replicate, state in enumerate(seeds):
                    mixed = cox_data(
                        pd.concat([fold.train, fold.draw(rows, state)]), fold.train, schema
                    )
                    model = coxph(mixed, settings.penalizer, base.coefficients)
                    arm[replicate].append(model.predict(test))
            except NotApplicable:
                raise  # the method has no draw at all
            except InputError as error:
                arms[ratio] = f"a draw was refused: {error}"
            except FAULTS as error:
                arms[ratio] = f"no Cox model in a training half: {error}"
    return real, arms
