"""From the decoder's record to the very table the user gets, with gradients."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.data.quantile_map import QuantileMap
from ck4gen.data.record_encoder import RecordEncoder
from ck4gen.data.rules import repaired


class RecordDecoder:
    """Post-processing of a record, and a straight-through gradient of its Cox design.

    Args:
        records: The fitted record encoder.
        quantiles: Quantile map of each numeric column; empty to leave them as decoded.
    """

    def __init__(self, records: RecordEncoder, quantiles: dict[str, QuantileMap]) -> None:
        self.record_encoder, self.quantiles = records, quantiles
        places: list[int] = []
        for field in records.fields:
            column = records.schema[field.name]
            first = field.start + 1 if field.kind == "categorical" else field.start
            entries = zip(column.terms, range(first, field.stop), strict=True)
            places += [entry for name, entry in entries if name not in column.aliased]
        self.places = torch.tensor(places)  # record entry behind each term of the design

    def to_state(self) -> dict:
        """What a shared sampler holds of it; every numeric needs a quantile map."""
        quantiles = {name: quantile.to_state() for name, quantile in self.quantiles.items()}
        return {"records": self.record_encoder.to_state(), "quantiles": quantiles}

    @classmethod
    def from_state(cls, state: dict) -> RecordDecoder:
        """The map of :meth:`to_state`."""
        quantiles = {name: QuantileMap.from_state(q) for name, q in state["quantiles"].items()}
        return cls(RecordEncoder.from_state(state["records"]), quantiles)

    def table(self, record: np.ndarray) -> pd.DataFrame:
        """(n, q) record -> (n, p) covariates as they are written."""
        table = {}
        for field in self.record_encoder.fields:
            if field.kind == "numeric":
                values = self.values(field.name, record[:, field.start])
                column = self.record_encoder.schema[field.name]
                table[field.name] = self.record_encoder.rounded(column, values)
            else:
                table[field.name] = self.record_encoder.decode(field, record)
        return repaired(pd.DataFrame(table), self.record_encoder.schema.rules)

    def values(self, name: str, entries: np.ndarray) -> np.ndarray:
        """(n,) record entries of a numeric -> (n,) values before they are rounded."""
        if name in self.quantiles:  # between its knots, so within the range
            return self.quantiles[name](entries)
        return self.record_encoder.unscaled(name, entries)

    def design(self, record: Tensor, mean: pd.Series, sd: pd.Series, reach: float) -> Tensor:
        """The standardised design of :meth:`table`, exact, with an approximate gradient.

        Rounding and thresholds have none of their own, and the slope of a quantile function from
        knot to knot is rough. A 0/1 term takes the gradient of its record entry; a numeric one
        the slope of its value over a stretch around its record entry (our choice).

        Args:
            record: (n, q) record, with or without gradient.
            mean: (k,) mean of each term.
            sd: (k,) SD of each term.
            reach: Half the length of the stretch, in SDs of the record entry.

        Returns:
            (n, k) float64.
        """
        entries = record.detach().cpu().numpy().astype(float)
        written = self.record_encoder.schema.design(self.table(entries))
        hard = ((written - mean) / sd).to_numpy()
        soft = record.cpu().double()[:, self.places]
        moves = soft - soft.detach()  # zeros that carry the gradient
        numeric = self.record_encoder.schema.of_kind("numeric")
        slopes = np.empty_like(hard)
        for term, name in enumerate(written):
            slopes[:, term] = 1 / sd[name]
            if name in numeric:
                entry = entries[:, self.places[term]]
                step = reach * entry.std() or 1.0  # a column that does not vary has no slope
                rise = self.values(name, entry + step) - self.values(name, entry - step)
                slopes[:, term] *= rise / (2 * step)
        return torch.from_numpy(hard) + moves * torch.from_numpy(slopes)
