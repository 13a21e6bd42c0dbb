"""From the decoder's record to the very table the user gets, with gradients."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import cached_property, partial

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ck4gen.calibration.rule_slopes import through_rules
from ck4gen.data.quantile_map import QuantileMap
from ck4gen.data.record_encoder import RecordEncoder, written
from ck4gen.data.rules import Columns, Value, repair
from ck4gen.data.schema import DURATION


class RecordDecoder:
    """Post-processing of a record, and a straight-through gradient of its Cox design.

    Args:
        records: The fitted record encoder.
        quantiles: Quantile map of each numeric column; empty to leave them as decoded.
    """

    def __init__(self, records: RecordEncoder, quantiles: dict[str, QuantileMap]) -> None:
        self.record_encoder, self.quantiles = records, quantiles
        self.terms: list[tuple[str, int | None]] = []  # column and level of each term
        codes: dict[str, dict[Value, float]] = {}
        for column in records.schema:
            levels: Sequence[int | None] = [None]
            if column.kind == "categorical":
                levels = range(1, len(column.levels))
                codes[column.name] = {level: float(k) for k, level in enumerate(column.levels)}
            self.terms += [
                (column.name, level)
                for term, level in zip(column.terms, levels, strict=True)
                if term in column.design_names
            ]
        self.rules = [rule.coded(codes) for rule in records.schema.rules]
        self.outcome: Columns = {}  # what rules may ask for besides the covariates

    def beside(self, outcome: pd.DataFrame) -> RecordDecoder:
        """The same for rows whose outcomes are known, so that rules with the duration hold, too.

        Args:
            outcome: (n, >= 2) outcomes of the rows that are decoded.
        """
        decoder = copy(self)
        decoder.outcome = {DURATION: outcome[DURATION].to_numpy(float)}
        return decoder

    def of_rows(self, rows: np.ndarray) -> RecordDecoder:
        """The same for some of the rows whose outcomes are known, by their places."""
        decoder = copy(self)
        decoder.outcome = {name: values[rows] for name, values in self.outcome.items()}
        return decoder

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
        columns = self._columns(record)
        repair(columns | self.outcome, self.rules)
        schema = self.record_encoder.schema
        return pd.DataFrame({name: written(schema[name], v) for name, v in columns.items()})

    def _columns(self, record: np.ndarray) -> Columns:
        """(n, q) record -> (n,) values by column before repair, categories as numbers."""
        columns = {}
        for field in self.record_encoder.fields:
            if field.kind == "numeric":
                column = self.record_encoder.schema[field.name]
                values = self.values(field.name, record[:, field.start])
                if field.name in self.quantiles:
                    values = self.quantiles[field.name].quantiles.heaped(values)
                values = self.record_encoder.rounded(column, values)
            else:
                values = self.record_encoder.codes(field, record)
            columns[field.name] = values.astype(float)
        return columns

    def values(self, name: str, entries: np.ndarray) -> np.ndarray:
        """(n,) record entries of a numeric -> (n,) values before they are rounded."""
        if name in self.quantiles:  # between its knots, so within the range
            return self.quantiles[name](entries)
        return self.record_encoder.unscaled(name, entries)

    def design(self, record: Tensor, mean: pd.Series, sd: pd.Series, reach: float) -> Tensor:
        """The standardised design of :meth:`table`, exact, with an approximate gradient.

        Rounding and thresholds have none of their own, and the slope of a quantile function from
        knot to knot is rough. A 0/1 term takes the gradient of its record entry; a numeric one
        the slope of its value over a stretch around its record entry (our choice). Rules between
        columns: see :func:`through_rules`.

        Args:
            record: (n, q) record, with or without gradient.
            mean: (k,) mean of each term.
            sd: (k,) SD of each term.
            reach: Half the length of the stretch, in SDs of the record entry.

        Returns:
            (n, k) float64.
        """
        entries = record.detach().cpu().numpy().astype(float)
        decoded = self._columns(entries)
        repaired = {name: values.copy() for name, values in decoded.items()}
        repair(repaired | self.outcome, self.rules)
        hard = np.stack([self._term(repaired, *term) for term in self.terms], 1)
        exact = torch.from_numpy((hard - mean.to_numpy()) / sd.to_numpy())
        if not record.requires_grad:  # slopes cost more than the table
            return exact
        soft = record.cpu().double()
        zeros = soft - soft.detach()  # they carry the gradient
        if self.rules:
            moved = self._moved_through_rules(zeros, entries, decoded, repaired, reach)
        else:  # at once: the gradient of each column alone costs a whole record
            moved = zeros[:, self._term_entries] * self._slopes(entries, reach)
        scale = torch.from_numpy(sd.to_numpy())
        return exact + moved / scale

    def _moved_through_rules(
        self, zeros: Tensor, entries: np.ndarray, decoded: Columns, repaired: Columns, reach: float
    ) -> Tensor:
        """(n, k) zeros that carry the gradient of the terms as they are after their repair."""
        moves = {}
        for field in self.record_encoder.fields:
            move = zeros[:, field.start : field.stop]
            if field.kind == "numeric":
                move = move * self._slope(field.name, entries[:, field.start], reach)
            moves[field.name] = move
        moves = through_rules(moves, decoded, repaired, self.rules, reach)
        return torch.stack([moves[name][:, level or 0] for name, level in self.terms], 1)

    @cached_property
    def _term_entries(self) -> Tensor:
        """(k,) entry of the record behind each term."""
        start = {field.name: field.start for field in self.record_encoder.fields}
        return torch.tensor([start[name] + (level or 0) for name, level in self.terms])

    def _slopes(self, entries: np.ndarray, reach: float) -> Tensor:
        """(n, k) rise of each term with its entry; 1 of a level."""
        slopes = torch.ones(len(entries), len(self.terms), dtype=torch.float64)
        numeric = {*self.record_encoder.schema.of_kind("numeric")}
        for term, ((name, _), entry) in enumerate(
            zip(self.terms, self._term_entries.tolist(), strict=True)
        ):
            if name in numeric:
                slopes[:, term] = self._slope(name, entries[:, entry], reach)[:, 0]
        return slopes

    def fixed_entries(self) -> list[int]:
        """Entries of a record that no search moves: those of strata.

        Risk sets follow from strata, and outcomes were drawn in them. Columns that decide a stratum
        by a rule are held with it.
        """
        fixed_columns = self._fixed_columns()
        return [
            entry
            for field in self.record_encoder.fields
            if field.name in fixed_columns
            for entry in range(field.start, field.stop)
        ]

    def _fixed_columns(self) -> set[str]:
        """The strata, and whatever mends them."""
        fixed_columns = {*self.record_encoder.schema.strata}
        while (
            more := {
                name for rule in self.rules if rule.mended in fixed_columns for name in rule.columns
            }
            - fixed_columns
        ):
            fixed_columns |= more
        return fixed_columns

    def _slope(self, name: str, entry: np.ndarray, reach: float) -> Tensor:
        """(n, 1) rise of a numeric's value with its record entry."""
        step = reach * entry.std() or 1.0  # a column that does not vary has no slope
        values = (
            self.quantiles[name].smooth if name in self.quantiles else partial(self.values, name)
        )
        rise = values(entry + step) - values(entry - step)
        return torch.from_numpy(rise / (2 * step))[:, None]

    @staticmethod
    def _term(columns: Columns, name: str, level: int | None) -> np.ndarray:
        return columns[name] if level is None else (columns[name] == level).astype(float)
