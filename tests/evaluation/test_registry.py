"""A metric is stated once, and whoever shows metrics finds it there."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ck4gen.cli.run import headlines
from ck4gen.data.schema import DURATION
from ck4gen.evaluation.base.registry import MetricInfo, find, infos, metric
from ck4gen.evaluation.evaluate import evaluate
from ck4gen.evaluation.plugged import facts, plugged
from ck4gen.experiments.summary import read_runs, summary
from ck4gen.report.stored_run import StoredRun
from ck4gen.report.tables.comparison import Column
from ck4gen.report.tables.further import further
from ck4gen.settings import InputError

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"
HERE = __name__


@metric(MetricInfo("fidelity/toy", "Toy", "difference of mean times", ideal=0, headline=True))
def toy(real, synthetic, schema, *, settings):
    assert settings.name == "fast"
    return synthetic[DURATION].mean() - real[DURATION].mean()


@metric(MetricInfo("fidelity/broken", "Broken", "cannot be computed"))
def broken(real, synthetic, schema):
    raise ValueError("too few rows")


@metric(MetricInfo("fidelity/ks", "KS", "a name that is taken"))
def taken(real, synthetic, schema):
    return 0.0


def unmarked(real, synthetic, schema):
    return 0.0


def write(root, method, seed, value):
    folder = root / "runs" / "gbsg2" / method / "release" / f"seed={seed}"
    folder.mkdir(parents=True)
    report = {
        "seed": seed, "split": "release", "times_copied": False,
        "metrics": {"fidelity/ks": {"value": 0.1}, "fidelity/toy": {"value": value}},
        "config": {
            "data": {"name": "gbsg2"}, "method": {"name": method}, "trainer": {},
            "evaluation": {"extra": [f"{HERE}.toy"]},
        },
    }  # fmt: skip
    (folder / "report.json").write_text(json.dumps(report))


@pytest.fixture(scope="module")
def cohort(whas500):
    table, schema = whas500
    rows = table.sample(240, random_state=0).reset_index(drop=True)
    return rows[:80], rows[80:160].reset_index(drop=True), rows[160:], schema


@pytest.fixture(scope="module")
def found(cohort, fast):
    real, synthetic, holdout, schema = cohort
    settings = replace(fast, extra=[f"{HERE}.toy", f"{HERE}.broken"])
    return evaluate(real, synthetic, schema, settings=settings, holdout=holdout)


def test_an_extra_metric_is_computed_with_what_it_asks_for(found, cohort):
    real, synthetic, _, _ = cohort
    difference = synthetic[DURATION].mean() - real[DURATION].mean()
    assert found["fidelity/toy"].value == pytest.approx(difference)
    assert np.isfinite(difference)


def test_an_extra_metric_that_fails_is_null_with_the_reason(found):
    assert found["fidelity/broken"].value is None
    assert "too few rows" in found["fidelity/broken"].reason


def test_every_metric_has_facts(found):
    extra = [f"{HERE}.toy", f"{HERE}.broken"]
    assert [name for name in found if facts(name, extra) is None] == []


def test_every_stated_metric_is_computed(found):
    unused = [info.name for info in infos().values() if not any(map(info.covers, found))]
    assert unused == []


def test_a_headline_is_printed_with_its_meaning(found):
    metrics = {name: one.as_dict() for name, one in found.items()}
    report = {"metrics": metrics, "times_copied": False}
    report["config"] = {"evaluation": {"extra": [f"{HERE}.toy"]}}
    rows = dict(zip(*(column.cells for column in headlines(report).columns[::2]), strict=True))
    assert rows["fidelity/toy"] == "difference of mean times"
    assert "fidelity/broken" not in rows
    assert next(iter(rows)) == "hazard/log_hr_z"
    assert {"survival/km_divergence", "privacy/self_link"} <= set(rows)


def test_an_extra_metric_is_summarised_and_gets_a_column(tmp_path):
    for method, centre in (("good", 0.1), ("bad", 5.0)):
        for seed in (0, 1, 2):
            write(tmp_path, method, seed, centre + seed / 100)
    table = read_runs(tmp_path, "release", ["fidelity/toy"])
    shown = summary(table).set_index("method")["fidelity/toy"]
    assert shown["good"].startswith("**")
    assert not shown["bad"].startswith("**")
    files = tmp_path.glob("runs/*/good/*/*/report.json")
    runs = {"good": [StoredRun(file.parent, json.loads(file.read_text())) for file in files]}
    assert further(runs, ("fidelity",)) == (
        Column("Toy", "fidelity/toy", 0, 2, "difference of mean times"),
    )
    assert further(runs, ("hazard",)) == ()


def test_extra_facts_are_known_only_where_asked_for():
    assert facts("fidelity/toy", [f"{HERE}.toy"]).headline
    assert facts("fidelity/toy") is None
    assert facts("fidelity/toy", ["gone.metric", f"{HERE}.toy"]).label == "Toy"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("no_such_module.metric", "evaluation.extra names 'no_such_module.metric'"),
        ("undotted", "give the dotted path of a function"),
        (f"{HERE}.missing", "cannot be imported"),
        (f"{HERE}.unmarked", "is no metric"),
        (f"{HERE}.taken", "fidelity/ks of another metric"),
    ],
)
def test_a_wrong_extra_is_one_sentence(path, message):
    with pytest.raises(InputError, match=message):
        plugged([path])


def test_one_path_instead_of_a_list_is_refused(fast):
    with pytest.raises(InputError, match=r"give a list, as \[a.b\]"):
        replace(fast, extra="a.b")


def test_an_entry_point_is_found(monkeypatch):
    from importlib.metadata import EntryPoint

    from ck4gen.evaluation import plugged as module

    entry = EntryPoint("toy", f"{HERE}:toy", module.GROUP)
    monkeypatch.setattr(module, "entry_points", lambda group: [entry])
    module._installed.cache_clear()
    try:
        assert plugged()["fidelity/toy"].info.label == "Toy"
    finally:
        module._installed.cache_clear()


@pytest.mark.parametrize(
    ("name", "ideal"),
    [
        ("hazard/log_hr_z", 0), ("hazard/in_ci", 1), ("hazard/ci_overlap", 1),
        ("hazard/off_target_z", 0), ("survival/km_divergence", 0), ("survival/km_by_group", 0),
        ("fidelity/ks", 0), ("fidelity/tvd", 0), ("fidelity/correlation", 0),
        ("fidelity/invalid", 0), ("fidelity/c2st_auc", 0.5), ("hazard/ci_width_ratio", 1),
        ("hazard/risk_ks", 0), ("hazard/risk_sd_ratio", 1), ("hazard/subgroup_z", 0),
        ("privacy/self_link", 0), ("privacy/exact_copy", 0), ("privacy/closer_to_train", 0.5),
        ("privacy/outcome_link_advantage", 0), ("privacy/membership_auc", 0.5),
        ("utility/loss/coxph/c_index", 0), ("utility/gain/coxph/c_index", None),
    ],
)  # fmt: skip
def test_ideals(name, ideal):
    assert find(name).ideal == ideal


def test_vulnerable_groups_are_no_covariates():
    assert find("privacy/attribute_advantage/leverage").meaning == "the gain on vulnerable patients"
    assert find("privacy/attribute_advantage/age").name.endswith("<covariate>")


@pytest.mark.parametrize("name", infos())
def test_docs_define_every_metric(name):
    family, _, rest = name.partition("/")
    section = DOCS.read_text().split(f"## {family}/")[1].split("\n## ")[0]
    parts = [part for part in rest.split("/") if "<" not in part]
    assert all(f"`{part}" in section or f"/{part}`" in section for part in parts), parts


def documented():
    """Names and ideals of the tables whose third column is one number, or one for each name."""
    family = ""
    for line in DOCS.read_text().splitlines():
        if line.startswith("## "):
            family = line[3:].split()[0]
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) < 3 or family not in ("hazard/", "survival/", "fidelity/"):
            continue
        names = [family + name for name in re.findall(r"`([\w/]+)`", cells[0])]
        ideals = re.findall(r"[\d.]+", cells[2])
        if names and ideals:
            yield from zip(names, ideals * (len(names) // len(ideals)), strict=True)


def test_docs_give_the_same_ideals():
    found = {name: float(ideal) for name, ideal in documented()}
    assert len(found) > 25
    assert found == {name: find(name).ideal for name in found}
