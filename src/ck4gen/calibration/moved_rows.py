"""A long table is held to its conditions by some of its rows, so that a search is no longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ck4gen.calibration.record_decoder import RecordDecoder

Errors = dict[str, Tensor]
Records = Callable[[Tensor, Tensor], Tensor]  # (m, k) noise and (m,) rows -> (m, q) record
AT_ONCE = 50_000  # rows whose record is drawn together: more take memory, not less time


@dataclass(frozen=True)
class MovedRows:
    """The rows of a table whose noise a search moves, for all of its rows.

    To first order the errors of a table are means over its rows. Where m of n rows move, those of
    the table change by m / n of what those of the m rows alone change by (our choice). The noise of
    a row then moves n / m times as far as if all moved, which is little as long as the errors are
    those of chance, which fall with the root of n.

    Attributes:
        rows: (m,) the rows, spread over the table; all of them in a short one.
        noise: (n, k) noise of the table.
        whole: Noise of all rows -> errors of the table, without gradient.
        part: Noise of the moved rows -> errors of them as a table of their own, with gradient.
    """

    rows: Tensor
    noise: Tensor
    whole: Callable[[Tensor], Errors]
    part: Callable[[Tensor], Errors]

    @property
    def start(self) -> Tensor:
        """(m, k) noise that a search starts from."""
        return self.noise[self.rows]

    @property
    def all_move(self) -> bool:
        """Whether every row of the table moves."""
        return len(self.rows) == len(self.noise)

    def renewed_errors(self) -> Callable[[Tensor], Callable[[Tensor], Errors]] | None:
        """Noise of the moved rows -> errors of the table around it; None where all rows move."""
        if self.all_move:
            return None
        return lambda noise: replace(self, noise=self.moved(noise)).errors()

    def errors(self) -> Callable[[Tensor], Errors]:
        """Errors of the table as a function of the noise of the moved rows, with gradient."""
        if self.all_move:
            return self.part
        share = len(self.rows) / len(self.noise)
        with torch.no_grad():
            now, own = self.whole(self.noise), self.part(self.start)
        return lambda noise: {
            name: now[name] + share * (error - own[name])
            for name, error in self.part(noise).items()
        }

    def moved(self, noise: Tensor) -> Tensor:
        """(n, k) noise of the table with that of the moved rows, (m, k)."""
        return self.noise.index_copy(0, self.rows, noise)


def spread_rows(rows: int, moving: int) -> Tensor:
    """(m,) places of the ``moving`` rows among ``rows``, evenly spaced."""
    return torch.from_numpy(np.linspace(0, rows - 1, moving).round().astype(int))


@torch.no_grad()
def table_entries(record: Records, noise: Tensor) -> np.ndarray:
    """(n, k) noise of all rows -> (n, q) float64 record."""
    parts = torch.arange(len(noise)).split(AT_ONCE)
    return np.concatenate([record(noise[rows], rows).numpy().astype(float) for rows in parts])


def holding_strata(record: Records, decoder: RecordDecoder, noise: Tensor) -> Records:
    """Records whose strata stay those of the (n, k) noise of the draw, see ``held_places``."""
    places = decoder.held_places()
    if not places:
        return record
    held = torch.from_numpy(table_entries(record, noise)[:, places]).to(noise)
    at = torch.tensor(places)
    return lambda noise, rows: record(noise, rows).index_copy(1, at, held[rows])
