"""Baselines: oversampling by imbalanced-learn, with the event as the class to balance."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from imblearn.over_sampling import (
    ADASYN,
    SMOTE,
    SMOTENC,
    SVMSMOTE,
    BorderlineSMOTE,
    RandomOverSampler,
)

from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.numeric_transform import NUMERIC
from ck4gen.data.record_encoder import RecordEncoder
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.methods.base import Synthesizer, packaged
from ck4gen.methods.draw import Draw
from ck4gen.models.training import Training
from ck4gen.settings import InputError, at_least, choose

SAMPLERS = {
    "smote": SMOTE,
    "smotenc": SMOTENC,
    "adasyn": ADASYN,
    "borderline_smote": BorderlineSMOTE,
    "svm_smote": SVMSMOTE,
    "random_oversampler": RandomOverSampler,
}
TARGETS = ("class", "author")
ATTEMPTS = 6  # ADASYN and SVMSMOTE make about the number asked for; each attempt asks for twice


class Resampling(Synthesizer):
    """New rows between neighbours of one class; duration is one more numeric.

    ``author`` is the use that the authors of CK4Gen make in their augmentation: a fresh share of
    the rows, balanced on the event by new rows, returned together. ``class``: n new rows only, with
    the training rows' event rate, so that hazard ratios have a meaning.

    The plain samplers work on records in [0, 1], categories as one-hot columns that come back by
    the largest; SMOTENC takes categories as they are.

    Args:
        sampler: One of ``SAMPLERS``.
        target: ``class`` or ``author``; None for the packaged value.
        numeric: Transform of numerics: ``boxcox``, ``quantile``, ``minmax`` or ``normal``.
        neighbours: Neighbours of the same class between which rows are made; fewer where a
            class is smaller.
        share: Share of the training rows that ``author`` starts from.

    Raises:
        InputError: A value is wrong.
    """

    def __init__(
        self,
        sampler: str,
        target: str | None = None,
        numeric: str | None = None,
        neighbours: int | None = None,
        share: float | None = None,
    ) -> None:
        super().__init__()
        keys = packaged("smote", target=target, numeric=numeric, neighbours=neighbours, share=share)
        self.sampler = choose("method.sampler", sampler, tuple(SAMPLERS))
        self.target = choose("method.target", keys["target"], TARGETS)
        self.numeric = choose("method.numeric", keys["numeric"], NUMERIC)
        self.neighbours, self.share = keys["neighbours"], keys["share"]
        at_least("method.neighbours", self.neighbours, 1)
        at_least("method.share", self.share, 0)
        if not 0 < self.share <= 1:
            raise InputError(f"method.share is {self.share}; it is a share above 0, at most 1")
        self.times_copied = self.sampler == "random_oversampler"
        self.sets_rows = self.target == "author"
        self.contains_real = self.times_copied or self.target == "author"

    def _fit(self, data: SurvivalDataModule, training: Training) -> None:
        integer = pd.api.types.is_integer_dtype(data.train[DURATION])
        self.schema = data.schema.with_outcome(integer)
        self.record_encoder = RecordEncoder(self.schema, self.numeric).fit(data.train)
        self.record = self.record_encoder.transform(data.train)[:, :-1]  # the event is the class
        self.event = data.train[EVENT].to_numpy()
        if min(self.event.sum(), (1 - self.event).sum()) < 2:
            raise InputError(
                f"method={self.sampler} makes rows between two of a kind, and the cohort has fewer "
                "than 2 events or fewer than 2 censored rows; use another method"
            )

    def sample(self, n: int | None = None, seed: int = 0) -> pd.DataFrame:
        """Draw a synthetic cohort; under ``author`` its size follows from the cohort.

        Raises:
            InputError: ``n`` is given under ``author``.
        """
        if self.target == "author" and n is not None:
            raise InputError("method.target=author sets the number of rows; use n_samples=null")
        return super().sample(n, seed)

    def _sample(self, draw: Draw) -> pd.DataFrame:
        generator = np.random.default_rng(draw.seed)
        if self.target == "author":
            record, event = self._balanced(generator, draw.seed)
        else:
            record, event = self._new(draw.n, draw.seed)
        order = generator.permutation(len(event))
        return self.record_encoder.inverse(np.column_stack([record, event])[order])

    def _balanced(self, generator: np.random.Generator, seed: int) -> tuple:
        """A share of the rows, and new ones that make events and censored rows as many."""
        total = len(self.event)
        rows = generator.choice(total, max(2, round(self.share * total)), replace=False)
        event = self.event[rows]
        if np.bincount(event, minlength=2).min() < 2:
            raise InputError(
                f"method.share={self.share} drew fewer than 2 events or censored rows; use more"
            )
        return self._resampled(rows, {c: max(np.bincount(event)) for c in (0, 1)}, seed)

    def _new(self, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """``n`` new rows with the event rate of the training rows."""
        events = round(n * self.event.mean())
        needed = {0: n - events, 1: events}
        rows, total = np.arange(len(self.event)), np.bincount(self.event)
        records, made = [], []
        for kind, number in needed.items():
            if number == 0:
                continue
            for attempt in range(ATTEMPTS):
                requested = number * 2**attempt + 10
                strategy = {kind: total[kind] + requested, 1 - kind: total[1 - kind]}
                record, _ = self._resampled(rows, strategy, seed)
                new = record[len(rows) :]
                if len(new) >= number:
                    break
            else:
                raise InputError(
                    f"method={self.sampler} made {len(new)} of {number} rows with {EVENT}={kind}; "
                    "it finds too few rows near the other class, use method=smote"
                )
            chosen = np.random.default_rng([seed, kind]).choice(len(new), number, replace=False)
            records.append(new[chosen])
            made.append(np.full(number, kind))
        return np.concatenate(records), np.concatenate(made)

    def _resampled(self, rows: np.ndarray, strategy: dict[int, int], seed: int) -> tuple:
        """Rows and new ones up to the number that ``strategy`` gives each class."""
        record, event = self.record[rows], self.event[rows]
        near = min(self.neighbours, np.bincount(event).min() - 1)
        keys: dict = {"random_state": seed, "sampling_strategy": strategy}
        if self.sampler == "adasyn":
            keys["n_neighbors"] = near
        elif self.sampler != "random_oversampler":
            keys["k_neighbors"] = near
        if self.sampler == "smotenc":
            fields = self.record_encoder.fields[:-1]
            keys["categorical_features"] = [
                index for index, field in enumerate(fields) if field.kind != "numeric"
            ]
            record = self._labels(record)
        with warnings.catch_warnings():
            # it warns that the classes are not balanced by what is asked for, which is meant
            warnings.filterwarnings("ignore", message="After over-sampling", category=UserWarning)
            record, event = SAMPLERS[self.sampler](**keys).fit_resample(record, event)
        return self._one_hot(record) if self.sampler == "smotenc" else record, event

    def _labels(self, record: np.ndarray) -> np.ndarray:
        """(n, width) record -> (n, p): the place of its level for each category."""
        columns = []
        for field in self.record_encoder.fields[:-1]:
            block = record[:, field.start : field.stop]
            columns.append(block.argmax(1) if block.shape[1] > 1 else block[:, 0])
        return np.column_stack(columns)

    def _one_hot(self, labels: np.ndarray) -> np.ndarray:
        """Inverse of :meth:`_labels`."""
        blocks = []
        for field, values in zip(self.record_encoder.fields[:-1], labels.T, strict=True):
            width = field.stop - field.start
            blocks.append(np.eye(width)[values.astype(int)] if width > 1 else values[:, None])
        return np.hstack(blocks)
