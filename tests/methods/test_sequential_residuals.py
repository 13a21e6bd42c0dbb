"""Networks for each column are made where there is enough to learn, and not too much to search."""

from types import SimpleNamespace

import pytest
from hydra.utils import instantiate

from ck4gen.config import defaults
from ck4gen.data.schema import Column, Schema


@pytest.fixture(scope="module")
def residuals():
    return instantiate(defaults("method=ck4gen_free")["method"]["residuals"])


@pytest.mark.parametrize(
    ("width", "rows", "moved", "heads"),
    [(12, 400, 400, True), (12, 399, 399, False), (60, 1000, 1000, True), (61, 1000, 1000, False),
     (44, 2500, 2500, True), (44, 3873, 3873, False), (44, 3873, 2500, True),
     (12, 7874, 7874, True), (12, 10**6, 10_000, True), (12, 10**6, 50_000, False)],
)  # fmt: skip
def test_wide_tables_have_residuals_of_one_covariance(residuals, width, rows, moved, heads):
    schema = Schema(tuple(Column(f"x{i}", "numeric") for i in range(width)))
    records = SimpleNamespace(width=width, schema=schema, fields=schema.columns)
    assert (residuals.decoder_arguments(records, rows, moved)["heads"] is not None) == heads
