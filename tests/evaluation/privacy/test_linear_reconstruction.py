"""Equations on statistics tell of patients whom a table keeps exactly, and of no others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ck4gen.data.schema import DURATION, EVENT, Column, Schema
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.linear_reconstruction import linear_reconstruction

BITS = Schema(tuple(Column(name, "binary") for name in "abcde"))


def bits(generator, rows):
    """Independent bits, so that nothing holds of anybody but by chance."""
    table = pd.DataFrame(generator.integers(0, 2, (rows, 5)), columns=list("abcde"))
    return table.assign(**{DURATION: 1.0, EVENT: generator.integers(0, 2, rows)})


def reconstruct(settings, used, synthetic, held_out, schema=BITS):
    tables = AuditedTables(used, synthetic, held_out, None, schema, settings)
    return linear_reconstruction(tables)


def test_an_exact_table_tells_the_root_of_statistics_over_patients(quick):
    """Correlation sqrt(q / N): each of six columns is known by five others and their products."""
    generator = np.random.default_rng(3)
    found = [
        reconstruct(quick, used := bits(generator, 200), used, bits(generator, 200))
        for _ in range(10)
    ]
    # a bit is known by five others, of which ten products of two are not linear
    attack = np.mean([one["privacy/reconstruction_attack"].value for one in found])
    control = np.mean([one["privacy/reconstruction_control"].value for one in found])
    assert attack == pytest.approx(np.sqrt(10 / 200), rel=0.15)
    assert abs(control) < 3 / np.sqrt(200 * 6 * 10)
    assert sum(one["privacy/reconstruction"].low > 0 for one in found) >= 8


@pytest.mark.slow
def test_new_patients_tell_nothing(quick):
    generator, shown = np.random.default_rng(4), 0
    for _ in range(40):
        tables = (bits(generator, 150) for _ in range(3))
        metric = reconstruct(quick, *tables)["privacy/reconstruction"]
        shown += metric.low > 0 or metric.high < 0
    assert shown <= 6  # 40 intervals at 0.95: more in 1.4 % of such tests


def test_what_holds_of_everybody_is_no_leak(quick):
    """c is a product of a and b, which no linear model sees: it is told of all patients alike."""
    generator = np.random.default_rng(5)

    def draw():
        table = bits(generator, 300)
        return table.assign(c=table["a"] ^ table["b"] ^ (generator.random(300) < 0.1))

    found = reconstruct(quick, draw(), draw(), draw())
    assert found["privacy/reconstruction_attack"].value > 0.2
    assert found["privacy/reconstruction_control"].value > 0.2
    assert found["privacy/reconstruction"].low < 0 < found["privacy/reconstruction"].high


def test_fewer_statistics_tell_less_and_missing_values_are_refused(quick):
    generator = np.random.default_rng(6)
    used, held_out = bits(generator, 200), bits(generator, 200)
    few = replace(quick, privacy=replace(quick.privacy, statistics=6))
    name = "privacy/reconstruction_attack"
    assert (
        reconstruct(few, used, used, held_out)[name].value
        < 0.8 * reconstruct(quick, used, used, held_out)[name].value
    )
    with pytest.raises(ValueError, match="missing values"):
        reconstruct(quick, used.assign(a=np.nan), used, held_out)


def test_numerics_and_levels_are_solved_for_like_bits(quick):
    schema = Schema(
        (
            Column("age", "numeric"),
            Column("grade", "categorical", levels=("I", "II", "III")),
            Column("size", "numeric"),
        )
    )
    generator = np.random.default_rng(7)

    def draw():
        table = pd.DataFrame(generator.normal(size=(150, 2)), columns=["age", "size"])
        outcome = {DURATION: generator.exponential(size=150), EVENT: 1}
        return table.assign(grade=generator.choice(["I", "II", "III"], 150), **outcome)

    used = draw()
    assert reconstruct(quick, used, used, draw(), schema)["privacy/reconstruction"].low > 0
