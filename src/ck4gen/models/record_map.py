"""From the decoder's record to the very table the user gets, with gradients."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.data.preprocess import RecordEncoder
from ck4gen.data.quantiles import QuantileMap


class RecordMap:
    """Post-processing of a record, and a straight-through gradient of its Cox design.

    Args:
        records: The fitted record encoder.
        quantiles: Quantile map of each numeric column; empty to leave them as decoded.
    """

    def __init__(self, records: RecordEncoder, quantiles: dict[str, QuantileMap]) -> None:
        self.records, self.quantiles = records, quantiles
        places: list[int] = []
        for field in records.fields:
            first = field.start + 1 if field.kind == "categorical" else field.start
            places += range(first, field.stop)
        self.places = torch.tensor(places)  # record entry behind each term of the design

    def state(self) -> dict:
        """What a shared sampler holds of it; every numeric needs a quantile map."""
        quantiles = {name: quantile.state() for name, quantile in self.quantiles.items()}
        return {"records": self.records.state(), "quantiles": quantiles}

    @classmethod
    def from_state(cls, state: dict) -> RecordMap:
        """The map of :meth:`state`."""
        quantiles = {name: QuantileMap.from_state(q) for name, q in state["quantiles"].items()}
        return cls(RecordEncoder.from_state(state["records"]), quantiles)

    def table(self, record: np.ndarray) -> pd.DataFrame:
        """(n, q) record -> (n, p) covariates as they are written."""
        table = {}
        for field in self.records.fields:
            if field.name in self.quantiles:  # between its knots, so within the range
                values = self.quantiles[field.name](record[:, field.start])
                column = self.records.schema[field.name]
                table[field.name] = self.records.rounded(column, values)
            else:
                table[field.name] = self.records.decode(field, record)
        return pd.DataFrame(table)

    def design(self, record: Tensor, mean: pd.Series, sd: pd.Series) -> Tensor:
        """The standardised design of :meth:`table`, exact, with an approximate gradient.

        Rounding, thresholds and ranks have none of their own. A 0/1 term takes the gradient of
        its record entry; a numeric one the slope of written value on record entry, over
        neighbours in rank (our choice).

        Args:
            record: (n, q) record, with or without gradient.
            mean: (k,) mean of each term.
            sd: (k,) SD of each term.

        Returns:
            (n, k) float64.
        """
        entries = record.detach().cpu().numpy().astype(float)
        written = self.records.schema.design(self.table(entries))
        hard = ((written - mean) / sd).to_numpy()
        numeric = self.records.schema.of_kind("numeric")
        slopes = np.empty_like(hard)
        for at, name in enumerate(written):
            entry = entries[:, self.places[at]]
            slopes[:, at] = local_slope(entry, hard[:, at]) if name in numeric else 1 / sd[name]
        soft = record.cpu().double()[:, self.places]
        return torch.from_numpy(hard) + (soft - soft.detach()) * torch.from_numpy(slopes)


def local_slope(entry: np.ndarray, value: np.ndarray) -> np.ndarray:
    """(n,) slope of ``value`` on ``entry`` between the neighbours of each row in rank."""
    order = np.argsort(entry, kind="stable")
    rows = len(order)
    reach = max(1, int(np.sqrt(rows) / 2))
    low = np.clip(np.arange(rows) - reach, 0, None)
    high = np.clip(np.arange(rows) + reach, None, rows - 1)
    x, y = entry[order], np.sort(value)
    spread = x[high] - x[low]
    slope = np.divide(y[high] - y[low], spread, out=np.zeros(rows), where=spread > 0)
    found = np.empty(rows)
    found[order] = slope
    return found
