"""From the decoder's record to the very table the user gets, with gradients."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.calibration.rank_window import RankWindow
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
            if field.name in self.quantiles:  # between its knots, so within the range
                values = self.quantiles[field.name](record[:, field.start])
                column = self.record_encoder.schema[field.name]
                table[field.name] = self.record_encoder.rounded(column, values)
            else:
                table[field.name] = self.record_encoder.decode(field, record)
        return repaired(pd.DataFrame(table), self.record_encoder.schema.rules)

    def design(self, record: Tensor, mean: pd.Series, sd: pd.Series, reach: float) -> Tensor:
        """The standardised design of :meth:`table`, exact, with an approximate gradient.

        Rounding, thresholds and ranks have none of their own. A 0/1 term takes the gradient of
        its record entry; a numeric one the slope of written value on record entry, over the rows
        near it (our choice). Where ranks take quantiles, a row only rises by passing its
        neighbours, so that what counts is its move less their mean move (our choice).

        Args:
            record: (n, q) record, with or without gradient.
            mean: (k,) mean of each term.
            sd: (k,) SD of each term.
            reach: How far the rows near a row are, in SDs of the record entry.

        Returns:
            (n, k) float64.
        """
        entries = record.detach().cpu().numpy().astype(float)
        written = self.record_encoder.schema.design(self.table(entries))
        hard = ((written - mean) / sd).to_numpy()
        soft = record.cpu().double()[:, self.places]
        moves = list((soft - soft.detach()).unbind(1))  # zeros that carry the gradient
        numeric = self.record_encoder.schema.of_kind("numeric")
        for at, name in enumerate(written):
            if name not in numeric:
                moves[at] = moves[at] / sd[name]
                continue
            near = RankWindow(entries[:, self.places[at]], reach)
            if name in self.quantiles:
                moves[at] = moves[at] - near.mean(moves[at])
            moves[at] = moves[at] * torch.from_numpy(near.slope(hard[:, at]))
        return torch.from_numpy(hard) + torch.stack(moves, 1)
