"""Records drawn column by column, each from SynthNet's output and from the columns before."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ck4gen.constraints import Natural, NonNegative, Positive
from ck4gen.data.rules import Following
from ck4gen.methods.ck4gen.residuals import Residuals
from ck4gen.models.settings import HeadSettings

if TYPE_CHECKING:
    from ck4gen.data.record_encoder import RecordEncoder


@dataclass(frozen=True)
class SequentialResiduals(HeadSettings, Residuals):
    """Each column drawn from its own small network, in turn (our choice).

    A table of more record entries than ``most_entries``, or of a cohort with fewer patients than
    ``fewest_patients``, has residuals of one covariance instead, as ``residuals=sampled`` with
    ``joint`` has: a network for each column would learn from too few rows. So has a wide table of
    which a search moves so many rows that it would take too long: each column's network sees the
    columns before it.

    Args:
        most_entries: Record entries up to which there are heads.
        most_work: Rows that a search moves times squared record entries up to which there are.
        fewest_patients: Patients of the cohort, held out or not, from which on there are.
        epochs: Times that training sees each row at least, in more steps if need be.
        most_steps: Steps at most.
        **heads: See :class:`HeadSettings`.

    Raises:
        InputError: A value is wrong.
    """

    most_entries: Natural
    most_work: NonNegative
    fewest_patients: Natural
    epochs: NonNegative
    most_steps: Positive

    def decoder_arguments(
        self, records: RecordEncoder, rows: int, patients: int, moved: int
    ) -> dict:
        """Heads where there is enough to learn; columns that follow from others come last."""
        wide = records.width > self.most_entries or moved * records.width**2 > self.most_work
        if wide or patients < self.fewest_patients:
            return {"joint_residuals": True, "heads": None}
        following = {rule.mended for rule in records.schema.rules if isinstance(rule, Following)}
        field_indices = range(len(records.fields))
        order = sorted(
            field_indices, key=lambda field_index: records.fields[field_index].name in following
        )
        settings = {each.name: getattr(self, each.name) for each in fields(HeadSettings)}
        seen = self.epochs * rows / min(self.batch_size or rows, rows)
        settings["steps"] = max(self.steps, min(round(seen), self.most_steps))
        return {"joint_residuals": True, "heads": {"settings": settings, "order": order}}
