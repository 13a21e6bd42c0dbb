"""The numbers by which a table is understood; ``conf/data/csv.yaml`` says what each one means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from ck4gen.config import defaults
from ck4gen.constraints import Above, AtLeast, Positive, Share, check_fields
from ck4gen.settings import build


@dataclass(frozen=True)
class Understanding:
    """The keys of ``data.understanding``, and ``data.max_levels``."""

    max_levels: Annotated[int, AtLeast(2)]
    min_cell: Positive
    min_side: Positive
    min_rows: Positive
    max_columns: Positive
    wide_columns: Positive
    wide_rows: Positive
    max_values: Positive
    number_share: Share
    distinct_share: Share
    extreme_ratio: Annotated[float, Above(1)]
    rare_event: Share
    max_causes: Positive
    outcome_share: Share
    impute_rows: Positive

    @property
    def fewest(self) -> int:
        """Patients of the smallest group that a column may show: no more than a level needs."""
        return min(self.min_side, self.min_cell)

    def most_columns(self, rows: int) -> int:
        """Columns that a table of so many rows may have."""
        if rows > self.wide_rows:
            return self.max_columns
        return max(self.max_columns, self.wide_columns)

    def __post_init__(self) -> None:
        check_fields("data.understanding", self)

    @classmethod
    def of(cls, max_levels: int | None = None, keys: Mapping | None = None) -> Understanding:
        """The packaged numbers, with those of ``keys`` instead.

        Raises:
            InputError: A key or value is wrong.
        """
        data = defaults("data=csv")["data"]
        most = data["max_levels"] if max_levels is None else max_levels
        values = data["understanding"] | dict(keys or {}) | {"max_levels": most}
        return build(cls, "data.understanding", values)
