"""Rules between columns: what is found, what is not, and that a repaired table keeps them."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ck4gen.data.product_rule import Product
from ck4gen.data.rule_search import find_rules
from ck4gen.data.rule_states import rule_from_state
from ck4gen.data.rule_words import requested_rules
from ck4gen.data.rules import Banded, Bounded, Forbidden, Mapped, Ordered, Sum, coarser_step, repair
from ck4gen.data.schema import Column, Schema
from ck4gen.data.user_table import FrameDataModule

ROWS = 300


def schema_of(table):
    columns = []
    for name in table:
        values = table[name]
        if values.dtype == object:
            columns.append(Column(name, "categorical", levels=tuple(sorted(values.unique()))))
        elif set(values) == {0, 1}:
            columns.append(Column(name, "binary"))
        else:
            columns.append(Column(name, "numeric", integer=bool((values % 1 == 0).all())))
    return Schema(tuple(columns))


def found(table):
    return list(find_rules(table, schema_of(table)).rules)


def repaired(table, rules):
    """A copy of the table that keeps the rules."""
    columns = {name: table[name].to_numpy(copy=True) for name in table}
    repair(columns, rules)
    return table.assign(**columns)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_an_age_group_is_a_band_of_age_with_round_cuts(rng):
    age = rng.normal(60, 12, ROWS).round(2)
    group = np.select([age < 50, age < 65], ["young", "middle"], "old").astype(object)
    expected = Banded("group", ("age",), (50.0, 65.0), ("young", "middle", "old"))
    assert found(pd.DataFrame({"age": age, "group": group})) == [expected]
    assert found(pd.DataFrame({"group": group, "age": age})) == [expected]  # in either order


def test_a_class_may_be_the_band_of_a_sum_of_two_numbers(rng):
    """As FLChain's tenths of the total light chain are, which no single column tells."""
    parts = pd.DataFrame(rng.gamma(3, 1, (ROWS, 3)).round(2), columns=["kappa", "lambda", "age"])
    total = (parts["kappa"] + parts["lambda"]).round(2)
    table = parts.assign(group=np.searchsorted([4, 8], total, side="right").astype(float))
    expected = Banded("group", ("kappa", "lambda"), (4.0, 8.0), (0.0, 1.0, 2.0))
    assert found(table) == [expected]
    assert expected.sentence == "group follows from kappa + lambda, cut at 4, 8"
    assert rule_from_state(expected.to_state()) == expected
    moved = {name: values.to_numpy(float).copy() for name, values in table.items()}
    moved["kappa"] += 2
    repair(moved, [expected])
    after = np.searchsorted([4, 8], moved["kappa"] + moved["lambda"] + 1e-9, side="right")
    np.testing.assert_array_equal(moved["group"], after)
    table.loc[total.idxmin(), "group"] = 2.0  # one patient who breaks it
    assert expected not in found(table)


def test_a_score_is_the_sum_of_its_items_wherever_it_stands(rng):
    items = pd.DataFrame(rng.integers(0, 4, (ROWS, 3)), columns=["a", "b", "c"])
    items["score"] = items.sum(axis=1)
    for order in (["a", "b", "c", "score"], ["score", "a", "b", "c"]):
        (rule,) = (r for r in found(items[order]) if isinstance(r, Sum))
        assert (rule.target, set(rule.sources), rule.constant) == ("score", {"a", "b", "c"}, 0.0)
        assert rule.weights == (1.0, 1.0, 1.0)


def test_an_index_is_a_product_of_powers_and_its_class_goes_by_it(rng):
    height, weight = rng.normal(170, 8, ROWS).round(), rng.normal(75, 12, ROWS).round(1)
    bmi = (weight / (height / 100) ** 2).round(1)
    heavy = np.where(bmi >= 25, "over 25", "below")
    table = pd.DataFrame({"height": height, "weight": weight, "class": heavy, "bmi": bmi})
    rules = found(table)
    (index,) = (rule for rule in rules if isinstance(rule, Product))
    assert index.sentence == "bmi = 10000 * weight / height^2"
    (banded,) = (rule for rule in rules if isinstance(rule, Banded))
    assert (banded.target, banded.sources, banded.cuts) == ("class", ("bmi",), (25,))
    kept = repaired(table.apply(lambda column: rng.permutation(column)), rules)
    assert ((kept.bmi - kept.weight / (kept.height / 100) ** 2).abs() <= 0.051).all()
    assert (kept["class"] == np.where(kept.bmi >= 25, "over 25", "below")).all()
    read = requested_rules([rule.sentence for rule in rules], [], table, schema_of(table))
    assert {rule.sentence for rule in read} == {rule.sentence for rule in rules}
    assert rule_from_state(json.loads(json.dumps(index.to_state()))) == index


def test_an_index_with_one_wrong_row_or_of_rounded_factors_is_none(rng):
    height, weight = rng.normal(170, 8, ROWS), rng.normal(75, 12, ROWS)
    bmi = (weight / (height / 100) ** 2).round(1)
    exact = pd.DataFrame({"height": height, "weight": weight, "bmi": bmi})
    assert any(isinstance(rule, Product) for rule in found(exact))
    wrong = exact.assign(bmi=bmi + 0.2 * (np.arange(ROWS) == 7))
    assert not any(isinstance(rule, Product) for rule in found(wrong))
    assert not any(isinstance(rule, Product) for rule in found(exact.round({"height": -1})))


def test_a_region_follows_from_its_sites(rng):
    site = rng.choice([1, 2, 3, 4, 9], ROWS)
    region = np.where(site < 3, "north", "south").astype(object)
    (rule,) = found(pd.DataFrame({"site": site, "region": region}))
    assert isinstance(rule, Mapped)
    assert dict(zip(rule.levels, rule.values, strict=True))[9.0] == "south"


def test_dummies_of_all_levels_add_up_and_never_meet(rng):
    level = rng.integers(0, 3, ROWS)
    table = pd.DataFrame({f"is_{k}": (level == k).astype(int) for k in range(3)})
    rules = find_rules(table, schema_of(table)).rules
    assert {type(rule) for rule in rules} == {Forbidden, Sum}
    wrong = pd.DataFrame(rng.integers(0, 2, (500, 3)), columns=list(table))
    assert (repaired(wrong, rules).sum(axis=1) == 1).all()


def test_orderings_bounds_and_forbidden_levels_are_found(rng):
    examined = rng.poisson(12, ROWS) + 1
    age = rng.integers(30, 80, ROWS)
    pre = np.where((age < 56) & (rng.random(ROWS) < 0.8), "pre", "post").astype(object)
    sex = np.where(pre == "pre", "f", rng.choice(["f", "m"], ROWS)).astype(object)
    table = pd.DataFrame(
        {"examined": examined, "positive": rng.binomial(examined, 0.5), "age": age,
         "menopause": pre, "sex": sex}
    )  # fmt: skip
    rules = found(table)
    assert Ordered("positive", "examined") in rules
    assert Forbidden("menopause", "pre", "sex", "m", "f") in rules
    (bound,) = (r for r in rules if isinstance(r, Bounded))
    assert (bound.column, bound.level, bound.number, bound.below) == (
        "menopause", "pre", "age", True,
    )  # fmt: skip
    assert bound.cut == 60  # few patients are 55


def test_chance_makes_no_rule(rng):
    table = pd.DataFrame(
        {
            "age": rng.normal(60, 10, ROWS).round(),
            "height": rng.normal(170, 9, ROWS).round(),  # above age in every row, as ranges part
            "sex": rng.choice(["f", "m"], ROWS),
            "rare": np.where(np.arange(ROWS) < 6, "x", "y"),  # never with what, nobody can know
            "site": rng.choice([1, 2, 3], ROWS),
        }
    ).astype({"sex": object, "rare": object})
    table.loc[:5, "sex"] = "f"
    assert found(table) == []


def test_a_sum_with_one_wrong_row_is_none(rng):
    table = pd.DataFrame(rng.integers(0, 40, (ROWS, 2)), columns=["a", "b"])
    table["total"] = table["a"] + table["b"]
    table.loc[0, "total"] += 1
    assert not [rule for rule in found(table) if isinstance(rule, Sum)]


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
@example(1636)
def test_a_shuffled_table_keeps_every_rule_after_repair(seed):
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 90, ROWS)
    table = pd.DataFrame({"age": age, "a": rng.integers(0, 5, ROWS), "b": rng.integers(0, 5, ROWS)})
    table["score"] = table["a"] + table["b"]
    table["group"] = np.where(age < 50, "young", "old").astype(object)
    table["meno"] = np.where((age < 55) & (rng.random(ROWS) < 0.7), "pre", "post").astype(object)
    rules = find_rules(table, schema_of(table)).rules
    assert len(rules) >= 3
    pd.testing.assert_frame_equal(repaired(table, rules), table)
    shuffled = pd.DataFrame({name: rng.permutation(table[name]) for name in table})
    mended = repaired(shuffled, rules)
    columns = {name: mended[name].to_numpy() for name in mended}
    assert not any(rule.broken(columns).any() for rule in rules)
    pd.testing.assert_series_equal(mended.dtypes, table.dtypes)
    # one table in thousands has a rule between a and b, by chance
    free = [name for name in table if name not in {rule.mended for rule in rules}]
    assert free
    pd.testing.assert_frame_equal(mended[free], shuffled[free])


def test_columns_that_are_never_known_together_have_no_rule(rng):
    known = rng.random(ROWS) < 0.5
    table = pd.DataFrame(
        {
            "age": pd.Series(rng.integers(20, 90, ROWS)).where(known),
            "group": pd.Series(rng.choice(["low", "high"], ROWS)).mask(known),
            "site": pd.Series(rng.choice(["a", "b"], ROWS)).where(known),
        }
    )
    levels = {"group": ("high", "low"), "site": ("a", "b")}
    categories = [Column(name, "categorical", levels=of) for name, of in levels.items()]
    assert find_rules(table, Schema((Column("age", "numeric"), *categories))).rules == ()


def test_blanks_break_no_rule():
    rules = [Ordered("a", "b"), Sum("c", ("a", "b"), (1.0, 1.0), 0.0, 0),
             Banded("g", ("a",), (2.0,), ("low", "high"))]  # fmt: skip
    table = pd.DataFrame({"a": [3.0, np.nan, 1.0], "b": [np.nan, 1.0, 2.0]})
    table = table.assign(c=[1.0, 5.0, np.nan], g=["high", None, "low"])
    pd.testing.assert_frame_equal(repaired(table, rules), table)


def test_rules_are_found_by_the_data_module_and_survive_a_file(rng):
    age = rng.integers(30, 80, ROWS)
    frame = pd.DataFrame({"age": age, "old": (age >= 65).astype(int)})
    frame = frame.assign(days=rng.integers(1, 900, ROWS), died=rng.integers(0, 2, ROWS))
    data = FrameDataModule(frame, duration="days", event="died", max_levels=20)
    data.setup()
    assert [rule.sentence for rule in data.schema.rules] == ["old follows from age, cut at 65"]
    state = json.loads(json.dumps(data.schema.to_state()))
    assert Schema.from_state(state) == data.schema
    assert "old follows from age" in data.schema.codebook(ROWS, ROWS)


def test_a_column_may_follow_from_where_another_is_blank(rng):
    seen = rng.integers(0, 2, ROWS)
    count = np.where(seen == 1, rng.integers(20, 900, ROWS).astype(float), np.nan)
    frame = pd.DataFrame({"age": rng.integers(30, 80, ROWS), "seen": seen, "count": count})
    frame = frame.assign(days=rng.integers(1, 900, ROWS), died=rng.integers(0, 2, ROWS))
    data = FrameDataModule(frame, duration="days", event="died", missing="keep")
    with pytest.warns(UserWarning, match="follows from"):
        data.setup()
    assert [rule.sentence for rule in data.schema.rules] == ["count is missing follows from seen"]


def test_a_row_whose_numbers_fit_no_level_gets_numbers_that_do():
    """The levels send it round in a circle: 1 needs a small a, 2 a large b."""
    rules = (
        Bounded("level", 1.0, "a", 2.0, True, 2.0),
        Bounded("level", 2.0, "b", 5.0, False, 1.0),
    )
    columns = {
        "level": np.array([1.0, 1.0, 2.0]),
        "a": np.array([3.0, 1.5, 3.0]),
        "b": np.array([4.0, 4.0, 6.0]),
    }
    repair(columns, rules)
    assert not any(rule.broken(columns).any() for rule in rules)
    assert columns["a"][1] == 1.5
    assert columns["b"][2] == 6.0


def test_a_number_that_is_brought_below_another_stays_on_its_coarser_grid():
    frame = {"coarse": np.array([4.3, 2.0, 1.2]), "fine": np.array([4.181, 2.0, 1.2])}
    rule = Ordered("coarse", "fine", coarser_step(0.1, 0.001))
    repair(frame, [rule])
    np.testing.assert_allclose(frame["coarse"], [4.1, 2.0, 1.2])
    assert coarser_step(0.001, 0.1) == coarser_step(0.1, 0.1) == 0
    assert not rule.broken(frame).any()
    repair(even := {"coarse": np.array([3.0]), "fine": np.array([0.3])}, [rule])
    assert even["coarse"][0] == 0.3  # and not 3 * 0.1, which is a little more
    found = find_rules(_graded(), GRADED).rules
    assert Ordered("coarse", "fine", 0.1) in found


GRADED = Schema((Column("coarse", "numeric", step=0.1), Column("fine", "numeric", step=0.001)))


def _graded():
    fine = np.random.default_rng(0).integers(100, 5000, 400) / 1000
    return pd.DataFrame({"coarse": np.floor(fine * 10) / 10, "fine": fine})
