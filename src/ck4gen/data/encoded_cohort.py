"""Training rows as networks see them, and the batches that are served from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import torch
from sklearn.preprocessing import StandardScaler
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from ck4gen.data.processes import process_rows
from ck4gen.data.record_encoder import RecordEncoder
from ck4gen.data.weighted_cohort import WeightedCohort


class Batches(IterableDataset):
    """Serves dict batches sliced from whole tensors; nothing is collated.

    Where several processes train, each has a share of the rows of every batch. Where these are not
    equal, by one row, the mean of the shares' gradients is only nearly that of the rows.

    Args:
        tensors: Tensors with n rows each.
        batch_size: Rows per step; None or more than n serves all rows at every step.
        steps: Steps that make one epoch. Lightning's cost per epoch is far above its cost per
            step, and these cohorts fit one batch, so an epoch here is a block of steps.
        seed: Seed of the shuffling, which goes on from epoch to epoch.
    """

    def __init__(
        self, tensors: Mapping[str, Tensor], batch_size: int | None, steps: int, seed: int
    ) -> None:
        self.tensors = dict(tensors)
        self.rows = len(next(iter(tensors.values())))
        self.batch_size = min(batch_size or self.rows, self.rows)
        self.steps, self.seed = steps, seed

    @cached_property
    def indices(self) -> Iterator[Tensor]:
        """The rows of each batch; made where it is read, since no process can send it another."""
        generator = torch.Generator().manual_seed(self.seed)
        while True:
            order = torch.randperm(self.rows, generator=generator)
            # an incomplete last batch is dropped: its rows come back in the next pass
            yield from (
                chunk for chunk in order.split(self.batch_size) if len(chunk) == self.batch_size
            )

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        share = process_rows()
        all_rows = {name: tensor[share] for name, tensor in self.tensors.items()}
        for _ in range(self.steps):
            if self.batch_size == self.rows:
                yield all_rows
            else:
                index = next(self.indices)[share]
                yield {name: tensor[index] for name, tensor in self.tensors.items()}


@dataclass(frozen=True)
class EncodedCohort:
    """The training rows of one fit; the method that made it owns it, and nothing changes it.

    Attributes:
        tensors: ``x`` (standardised Cox design, (n, p)), ``record`` ((n, q) in [0, 1]),
            ``duration``, ``event`` and ``weight`` ((n,)), all float32; read-only.
        scaler: Standardisation of the design.
        record_encoder: Table to record and back.
    """

    tensors: Mapping[str, Tensor]
    scaler: StandardScaler
    record_encoder: RecordEncoder

    @classmethod
    def of(
        cls,
        cohort: WeightedCohort,
        numeric: str,
        values: Mapping[str, np.ndarray] = MappingProxyType({}),
    ) -> EncodedCohort:
        """Fit scaler and record encoder on the training rows.

        Args:
            cohort: The training rows and their weights.
            numeric: Transform of the numerics in the record, see :class:`RecordEncoder`.
            values: By column, what its transform is fitted on instead of the rows themselves.
        """
        scaler = StandardScaler().fit(cohort.design, sample_weight=cohort.weight)
        record_encoder = RecordEncoder(cohort.schema, numeric).fit(cohort.table, values)
        arrays = {
            "x": scaler.transform(cohort.design),
            "record": record_encoder.transform(cohort.table),
            "duration": cohort.duration,
            "event": cohort.event,
            "weight": cohort.weight,
        }
        tensors = {k: torch.from_numpy(v.astype(np.float32)) for k, v in arrays.items()}
        return cls(MappingProxyType(tensors), scaler, record_encoder)

    def with_tensors(self, **tensors: Tensor) -> EncodedCohort:
        """A copy with more tensors, or other ones, of n rows each."""
        return replace(self, tensors=MappingProxyType({**self.tensors, **tensors}))

    def loader(self, batch_size: int | None, steps_per_epoch: int, seed: int) -> DataLoader:
        """Batches of the tensors for one stage of training, see :class:`Batches`."""
        batches = Batches(self.tensors, batch_size, steps_per_epoch, seed)
        return DataLoader(batches, batch_size=None, num_workers=0)
