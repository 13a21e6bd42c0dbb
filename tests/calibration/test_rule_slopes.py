"""Gradients of columns that rules have a say in."""

import numpy as np
import pandas as pd
import pytest
import torch

from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.data.record_encoder import RecordEncoder
from ck4gen.data.rules import Banded, Forbidden, Mapped, Ordered, Sum
from ck4gen.data.schema import Column, Schema

ROWS = 400
COLUMNS = (
    Column("site", "categorical", levels=("a", "b", "c")),
    Column("region", "categorical", levels=("north", "south")),
    Column("age", "numeric"),
    Column("old", "binary"),
    Column("x", "numeric"),
    Column("total", "numeric"),
    Column("drug", "categorical", levels=("none", "one", "two")),
    Column("dose", "numeric"),
)
RULES = (
    Forbidden("site", "c", "drug", "two", "none"),
    Ordered("dose", "x"),
    Sum("total", ("age", "x"), (1.0, 2.0), 0.0, 6),
    Banded("old", ("age",), (0.5,), (0.0, 1.0)),
    Mapped("region", "site", ("a", "b", "c"), ("north", "north", "south")),
)
START = {"site": 0, "region": 3, "age": 5, "old": 6, "x": 7, "total": 8, "drug": 9, "dose": 12}


def drawn(column, generator):
    if column.levels:
        return generator.choice(column.levels, ROWS)
    if column.kind == "binary":
        return generator.integers(0, 2, ROWS)
    return generator.random(ROWS).round(6)


def decoder_and_record():
    generator = np.random.default_rng(0)
    table = pd.DataFrame({column.name: drawn(column, generator) for column in COLUMNS})
    decoder = RecordDecoder(RecordEncoder(Schema(COLUMNS, rules=RULES), "minmax").fit(table), {})
    width = decoder.record_encoder.width
    return decoder, torch.rand(ROWS, width, generator=torch.Generator().manual_seed(1)).double()


@pytest.fixture
def decoded():
    """Slopes of a term on every record entry, as a function; and the decoded table."""
    decoder, record = decoder_and_record()
    record.requires_grad_()
    names = [f"{name}[{level}]" if level else name for name, level in decoder.terms]
    ones = pd.Series(1.0, range(len(names)))
    design = decoder.design(record, 0 * ones, ones, reach=0.1)

    def slope(term):
        total = design[:, names.index(term)].sum()
        return torch.autograd.grad(total, record, retain_graph=True)[0]

    return slope, decoder.table(record.detach().numpy())


def test_a_record_without_gradient_has_the_same_design():
    decoder, record = decoder_and_record()
    ones = pd.Series(1.0, range(len(decoder.terms)))
    still, moving = (
        decoder.design(r, 2 * ones, 3 * ones, reach=0.1)
        for r in (record, record.clone().requires_grad_())
    )
    assert not still.requires_grad
    assert torch.equal(still, moving.detach())


def test_a_level_that_follows_moves_with_the_levels_that_it_follows_from(decoded):
    slope, table = decoded
    moved = slope("region[1]")
    assert (moved[:, START["site"] + 2] == 1).all()  # site c alone is in the south
    assert moved.count_nonzero() == ROWS
    assert (table["region"] == np.where(table["site"] == "c", "south", "north")).all()


def test_a_band_moves_where_its_number_is_near_a_cut(decoded):
    slope, table = decoded
    moved = slope("old")[:, START["age"]].numpy()
    step = 0.1 * table["age"].std(ddof=0)
    away = (table["age"] - 0.5).abs()
    assert (away < step).sum() > 10
    assert (moved[away < 0.99 * step] > 0).all()
    assert (moved[away > 1.01 * step] == 0).all()
    assert slope("old")[:, START["old"]].count_nonzero() == 0


def test_a_sum_moves_with_its_parts_as_they_do(decoded):
    slope, _ = decoded
    age, x = (slope(name)[:, START[name]] for name in ("age", "x"))
    moved = slope("total")
    torch.testing.assert_close(moved[:, START["age"]], age, rtol=1e-5, atol=0)
    torch.testing.assert_close(moved[:, START["x"]], 2 * x, rtol=1e-5, atol=0)
    assert moved[:, START["total"]].count_nonzero() == 0


def test_a_value_that_a_rule_changed_does_not_move(decoded):
    slope, table = decoded
    moved = slope("dose")[:, START["dose"]].numpy()
    mended = (table["dose"] == table["x"]).to_numpy()
    assert 50 < mended.sum() < ROWS - 50
    assert (moved[mended] == 0).all()
    assert (moved[~mended] > 0).all()
