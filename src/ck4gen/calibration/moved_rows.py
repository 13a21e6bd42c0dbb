"""A long table is held to its conditions by some of its rows, so that a search is no longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.design_errors import DesignErrors
from ck4gen.calibration.record_decoder import RecordDecoder

Records = Callable[[Tensor, Tensor], Tensor]  # (m, k) noise and (m,) rows -> (m, q) record
AT_ONCE = 50_000  # rows whose record is drawn together: more take memory, not less time


@dataclass(frozen=True)
class MovedRows:
    """The rows of a table whose noise a search moves, for all of its rows.

    While m of n rows move, the table is looked at as those rows beside some of the others, which
    stay and have the weight of all that stay. What its errors change by is to first order what
    those of the whole table do, however far the m rows go, since they have the share m / n in
    both (our choice). A row moves about n / m times as far as if all moved, which is little as
    long as the errors are those of chance, which fall with the root of n.

    Attributes:
        rows: (m,) the rows, spread over the table; all of them in a short one.
        noise: (n, k) noise of the table.
        part: Noise of the moved rows -> errors of them beside rows that stay, with gradient.
        whole: Noise of all rows -> errors of the table, without gradient; None where ``part``
            sees all rows.
    """

    rows: Tensor
    noise: Tensor
    part: DesignErrors
    whole: DesignErrors | None

    @property
    def start(self) -> Tensor:
        """(m, k) noise that a search starts from."""
        return self.noise[self.rows]

    def renewed_errors(self) -> Callable[[Tensor], DesignErrors] | None:
        """Noise of the moved rows -> errors of the table around it; None where all are exact."""
        if self.whole is None:
            return None
        return lambda noise: replace(self, noise=self.moved(noise)).errors()

    def errors(self) -> DesignErrors:
        """Errors of the table as a function of the noise of the moved rows, with gradient."""
        if self.whole is None:
            return self.part
        with torch.no_grad():
            table_errors, part_errors = self.whole(self.noise), self.part(self.start)

        def around(design: Tensor) -> dict[str, Tensor]:
            return {
                name: table_errors[name] + error - part_errors[name]
                for name, error in self.part.of_design(design).items()
            }

        return replace(self.part, of_design=around)

    def moved(self, noise: Tensor) -> Tensor:
        """(n, k) noise of the table with that of the moved rows, (m, k)."""
        return self.noise.index_copy(0, self.rows, noise)


def spread_rows(rows: int, moving: int) -> Tensor:
    """(m,) places of the ``moving`` rows among ``rows``, evenly spaced."""
    return torch.from_numpy(np.linspace(0, rows - 1, moving).round().astype(int))


def staying_rows(rows: int, moved: Tensor) -> Tensor:
    """(b,) places of rows that stay, evenly spaced: as many as move, or all if they are fewer."""
    stay = torch.ones(rows, dtype=torch.bool).index_fill(0, moved, False).nonzero()[:, 0]
    return stay[spread_rows(len(stay), min(len(stay), len(moved)))]


@torch.no_grad()
def table_entries(record: Records, noise: Tensor) -> np.ndarray:
    """(n, k) noise of all rows -> (n, q) float64 record."""
    parts = torch.arange(len(noise)).split(AT_ONCE)
    return np.concatenate([record(noise[rows], rows).numpy().astype(float) for rows in parts])


def records_of(record: Records, kept: Tensor) -> Records:
    """Records of some of the rows, by their places among all."""
    return lambda noise, rows: record(noise, kept[rows])


def holding_strata(record: Records, decoder: RecordDecoder, noise: Tensor) -> Records:
    """Records whose strata stay those of the (n, k) noise of the draw, see ``fixed_entries``."""
    entries = decoder.fixed_entries()
    if not entries:
        return record
    stratum_entries = torch.from_numpy(table_entries(record, noise)[:, entries]).to(noise)
    entry_indices = torch.tensor(entries)
    return lambda noise, rows: record(noise, rows).index_copy(
        1, entry_indices, stratum_entries[rows]
    )
