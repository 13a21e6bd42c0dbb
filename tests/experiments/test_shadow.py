"""Shadow audit: a planted leak is found, a table that ignores the targets is not accused."""

import json

import numpy as np
import pytest

from ck4gen import load
from ck4gen.cli.main import main
from ck4gen.data.schema import EVENT
from ck4gen.evaluation.privacy.shadow import measures
from ck4gen.evaluation.privacy.shadow.targets import choose_targets, vulnerability
from ck4gen.experiments import shadow
from ck4gen.experiments.shadow_tables import halves
from conftest import compose

FEW = ("data=whas500", "vulnerable=3", "random=3", "queries=60", "bootstraps=100")


@pytest.fixture(scope="module")
def data():
    return load("whas500")


def attacked(data, make, *overrides):
    """The result of an audit of tables made by ``make(rows that may be used, generator)``."""
    config = compose("shadow", *FEW, "divisions=20", *overrides)
    inside = halves(data.train[EVENT], 20, 0)
    generator = np.random.default_rng(0)
    tables = [
        data.train.iloc[make(np.flatnonzero(rows), generator)].reset_index(drop=True)
        for rows in inside
    ]
    return shadow.result(config, data, inside, tables)


def test_each_division_uses_every_patient_once_and_more_can_follow(data):
    inside = halves(data.train[EVENT], 7, 3)
    assert (inside[::2] ^ inside[1::2]).all()
    assert np.ptp(inside.sum(1)) <= 2
    events = inside @ data.train[EVENT].to_numpy()
    assert np.ptp(events) <= 1
    assert (halves(data.train[EVENT], 9, 3)[:14] == inside).all()


@pytest.mark.parametrize("classifier", ["logistic", pytest.param("forest", marks=pytest.mark.slow)])
def test_a_table_of_real_patients_gives_each_of_them_away(data, classifier):
    keys = "attacks=[distance,queries]", f"classifier={classifier}", "trees=10", "folds=4"
    found = attacked(data, lambda rows, generator: generator.permutation(rows), *keys)
    assert found["metrics"]["shadow/vulnerable/distance/auc"]["value"] == 1
    assert found["metrics"]["shadow/all/queries/auc"]["low"] > 0.8
    assert found["metrics"]["shadow/all/distance/tpr_at_0.01"]["low"] > 0.9
    most = float(found["metrics"]["shadow/all/distance/epsilon"]["reason"].split()[-3])
    assert 0.5 < found["metrics"]["shadow/all/distance/epsilon"]["value"] <= most + 0.005
    assert "1,000 are needed" in found["metrics"]["shadow/all/distance/tpr_at_0.001"]["reason"]


@pytest.mark.slow
def test_tables_that_ignore_the_targets_tell_nothing(data):
    exposure = vulnerability(data.train, data.schema, 5)
    targets = list(choose_targets(exposure, 3, 3, 0))
    found = attacked(
        data,
        lambda rows, generator: generator.choice(np.setdiff1d(rows, targets), len(rows)),
    )
    for attack in ("distance", "naive", "hazard_ratios", "queries"):
        metric = found["metrics"][f"shadow/all/{attack}/auc"]
        assert 0.3 < metric["value"] < 0.62
        assert metric["low"] < 0.5
        assert found["metrics"][f"shadow/all/{attack}/epsilon"]["value"] == 0


def test_the_most_vulnerable_are_unlike_everybody_in_whatever_column(data):
    odd = data.train.copy()
    odd.loc[7, ["age", "los", "duration"]] = [200.0, 300.0, 9000.0]
    exposure = vulnerability(odd, data.schema, 5)
    chosen = choose_targets(exposure, 2, 4, 0)
    assert 7 in list(chosen)[:2]
    assert list(chosen.values()) == ["vulnerable"] * 2 + ["random"] * 4


def test_epsilon_is_below_that_of_randomised_response():
    """Answers that are right with chance 3/4 have an epsilon of log 3."""
    generator = np.random.default_rng(0)
    present, absent = np.where(generator.random((2, 1, 4000)) < 0.75, 1.0, -1.0)
    metric = measures.epsilon(present, -absent, 0.95, 1)
    assert np.log(3) - 0.25 < metric.value < np.log(3)


def test_an_area_over_targets_has_the_spread_of_its_divisions():
    """Ten targets with the same scores are one target: the interval does not shrink."""
    generator = np.random.default_rng(0)
    one, other = generator.normal(1, 1, (1, 40)), generator.normal(0, 1, (1, 40))
    keys = {"bootstraps": 400, "confidence": 0.95, "seed": 0}
    alone = measures.mean_area(one, other, **keys)
    ten = measures.mean_area(np.repeat(one, 10, 0), np.repeat(other, 10, 0), **keys)
    assert (alone.low, alone.high) == pytest.approx((ten.low, ten.high))
    assert 0.05 < alone.high - alone.low < 0.4


@pytest.mark.slow
def test_the_command_keeps_tables_and_takes_other_targets(tmp_path, capsys):
    keys = [*FEW, "method=independent", "divisions=2", "folds=2", f"output_dir={tmp_path}"]
    main(["shadow", *keys])
    assert "Who was in? whas500, independent, 4 tables" in capsys.readouterr().out
    (result,) = tmp_path.rglob("shadow.json")
    stamps = {f: f.stat().st_mtime_ns for f in tmp_path.rglob("*.csv")}
    main(["shadow", *keys, "random=5", "divisions=3"])
    now = {f: f.stat().st_mtime_ns for f in tmp_path.rglob("*.csv")}
    assert stamps.items() <= now.items()
    assert len(now) == 6
    assert len(json.loads(result.read_text())["targets"]) == 8


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ("divisions=1", "divisions is 1; it must be a whole number of at least 10"),
        ("attacks=[guess]", "attacks is 'guess'; choose one of distance, naive"),
        ("random=0", None),
        ("vulnerable=600", "vulnerable and random ask for 610 targets, and there are 500 patients"),
    ],
)
def test_a_mistake_gets_one_sentence(mistake, sentence, tmp_path):
    more = ["vulnerable=0"] if sentence is None else []
    sentence = sentence or "vulnerable and random are 0; at least one target is needed"
    with pytest.raises(SystemExit) as stopped:
        main(["shadow", "data=whas500", mistake, *more, f"output_dir={tmp_path}"])
    assert str(stopped.value).startswith(f"error: {sentence}")
    assert not list(tmp_path.rglob("*.json"))
