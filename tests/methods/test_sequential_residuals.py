"""Networks for each column are made where there is enough to learn, and not too much to search."""

from types import SimpleNamespace

import pytest
from hydra.utils import instantiate

from ck4gen.config import defaults
from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.data.schema import Column, Schema
from ck4gen.methods.ck4gen import CK4Gen


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
    assert (residuals.decoder_arguments(records, rows, rows, moved)["heads"] is not None) == heads


@pytest.mark.parametrize(("fewest", "heads"), [(500, True), (501, False)])
def test_an_audit_attacks_the_kind_of_generator_that_is_released(fewest, heads):
    """350 of 500 patients are used: what is learnt hangs on the 500."""
    few = {"encoder": {"steps": 2}, "decoder": {"steps": 2}}
    residuals = {"steps": 1, "most_steps": 1, "fewest_patients": fewest}
    made = [
        CK4Gen("ck4gen_free", **few, residuals=residuals).fit(WHAS500DataModule(split=split))
        for split in ("release", "audit")
    ]
    assert [method.decoder.heads is not None for method in made] == [heads, heads]
