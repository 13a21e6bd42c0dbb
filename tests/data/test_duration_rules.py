"""A stay in hospital is no longer than the follow-up, in synthetic rows as in real ones."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.calibration.record_decoder import RecordDecoder
from ck4gen.data.record_encoder import RecordEncoder
from ck4gen.data.schema import Schema
from ck4gen.data.user_table import FrameDataModule

ROWS = 200
RNG = np.random.default_rng(0)


@pytest.fixture
def data():
    """A stay that ends with the death of some, the end of an interval, and an age."""
    days = RNG.integers(1, 400, ROWS)
    frame = pd.DataFrame({"age": RNG.normal(60, 9, ROWS).round(), "days": days})
    frame["stay"] = np.minimum(days, RNG.integers(1, 60, ROWS))
    frame["stop"] = days + RNG.integers(1, 500, ROWS)
    frame["died"] = RNG.integers(0, 2, ROWS)
    module = FrameDataModule(frame, "days", "died")
    module.setup()
    return module


def test_orderings_of_a_covariate_and_the_duration_are_found_and_said(data):
    assert [rule.sentence for rule in data.schema.rules] == ["stay <= days", "days < stop"]


def test_decoded_rows_keep_them_beside_any_duration(data):
    schema = Schema.from_state(data.schema.to_state())
    records = RecordEncoder(schema, "minmax").fit(data.train)
    decoder = RecordDecoder(records, {})
    record = RNG.random((ROWS, records.width))
    outcome = pd.DataFrame({"duration": RNG.integers(1, 400, ROWS)})
    table = decoder.beside(outcome).table(record)
    assert (table["stay"] <= outcome["duration"]).all()
    assert (table["stop"] > outcome["duration"]).all()
    free = decoder.table(record)  # before there is an outcome
    assert (free["stay"] > outcome["duration"]).any()
    kept = free["stay"] <= outcome["duration"]
    assert np.array_equal(table["stay"][kept], free["stay"][kept])


def test_a_rule_that_is_taken_out_of_the_schema_file_is_not_held(data, tmp_path):
    file = tmp_path / "schema.yaml"
    file.write_text("columns: {}\nrules: ['days < stop']\n")
    frame = data.table.rename(columns={"duration": "days", "event": "died"})
    module = FrameDataModule(frame, "days", "died", schema=str(file))
    module.setup()
    assert [rule.sentence for rule in module.schema.rules] == ["days < stop"]
