"""The card: complete, escaped, without jargon, and drawn from the numbers of the reports."""

import json

import html5lib
import numpy as np
import pandas as pd
import pytest

from ck4gen.cli.main import main
from ck4gen.data.schema import Column, Schema
from ck4gen.data.user_table import FrameDataModule
from ck4gen.evaluation.privacy.verdict import MEANING
from ck4gen.evaluation.privacy.words import ATTACKS
from ck4gen.experiments.card import page as card_page
from ck4gen.experiments.card.answers import OF_METRICS, About, facts
from ck4gen.experiments.card.attack_drawing import attack_figure
from ck4gen.experiments.card.attackers import attacks, worst_case
from ck4gen.experiments.card.comparison import outcome_curves, ratio_rows
from ck4gen.experiments.card.curve_points import curve_figure
from ck4gen.experiments.card.custodian import answered, fact_names, named, names, questions
from ck4gen.experiments.card.drawing import curves, forest
from ck4gen.experiments.synthesize import configuration, synthesize_cohort, understood
from ck4gen.survival.kaplan_meier import Curve

NOTHING = (np.nan,) * 3
FINDING = {"status": "pass", "null": 0.0, "limit": 0.2, "leak": False, "note": None}


def elements(page, name):
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    return list(tree.iter(name))


def test_every_attack_of_the_verdict_has_its_words():
    assert list(ATTACKS) == list(MEANING)


def test_a_ratio_without_an_estimate_has_a_name_and_no_interval():
    drawn = forest([("a <b>", (1.2, 0.9, 1.6), NOTHING), ("c", (0.5, 1e-9, np.inf), NOTHING)])
    assert "a &lt;b&gt;" in drawn
    assert drawn.count('<circle class="real"') == 1  # an infinite interval is not drawn
    assert "synthetic" not in drawn.replace("real above synthetic", "")


def test_intervals_end_at_the_edge_of_the_picture():
    drawn = forest([("wide", (1.0, 1e-6, 1e6), (1.0, 0.9, 1.1))])
    assert '<line class="real" x1="12.0" x2="348.0"' in drawn


@pytest.mark.parametrize("horizon", [0.004, 1.0, 37.0, 6000.0])
def test_the_curves_have_round_times(horizon):
    curve = Curve(np.array([horizon / 2, horizon]), np.array([0.6, 0.2]))
    drawn = curves(curve, curve, "days", "Survival")
    assert drawn.count("<polyline") == 2
    assert 5 + 3 <= drawn.count("<text") <= 5 + 8


def test_each_stratum_has_its_curves(cohort):
    data = FrameDataModule(cohort, "days", "died", strata="stage")
    synthetic = data.table.assign(stage=np.where(data.table["age"] < 60, "late", "early"))
    found = outcome_curves(data.table, synthetic, data.schema, "days", 20)
    figures = [curve_figure(points) for points in found]
    assert [caption.partition(":")[0] for _, caption in figures] == [
        "Share of patients without the event by time (Kaplan-Meier)",
        "The same in the stratum stage early",
        "The same in the stratum stage late",
        "1 smaller strata, or with fewer than 20 rows, are not drawn",  # no synthetic row
    ]
    assert all(figure.count("<polyline") == 2 for figure, _ in figures[:-1])


def test_what_an_attacker_learned_is_a_sentence():
    metric = {"value": 0.05, "low": 0.0, "high": 0.09}
    name = "privacy/leak/membership"
    audit = {"verdict": {"findings": {name: FINDING}}, "metrics": {name: metric}}
    (attack,) = attacks(audit)
    assert (attack.found, attack.without, attack.limit) == ("0.05 (0.00 to 0.09)", 0.0, 0.2)
    assert attack.learned == "Learned nothing that counts: so much is ruled out."
    assert worst_case({"metrics": {}}) == []


def test_the_picture_of_attackers_has_bounds_and_limits():
    names = ("privacy/leak/membership", "privacy/leak/copies", "privacy/worst_case/columns/max")
    findings = dict.fromkeys(names, FINDING)
    findings[names[1]] = FINDING | {"status": "not tested", "limit": None}
    metric = {"value": 0.05, "low": -0.3, "high": 0.09}
    metrics = dict.fromkeys(names, metric) | {names[2]: {"value": 0.8, "low": None, "high": None}}
    found = attacks({"verdict": {"findings": findings}, "metrics": metrics})
    gains, chances = (attack_figure(found, chance) for chance in (False, True))
    assert gains.count("<circle") == gains.count('class="limit"') == gains.count("found pass") / 2
    assert "-0.3" in gains
    assert chances.count("<circle") == 1
    assert "50%" in chances
    assert attack_figure(found[1:2], chance=False) == ""


def test_every_question_is_answered_by_facts_that_there_are():
    metrics = {name: {"value": 0.05, "low": 0.0, "high": 0.1} for name in OF_METRICS.values()}
    findings = {"overall": "pass", "findings": {}, "patients": None}
    settings = {"verdict": {"copies": 0.09, "self_link": 0.09}, "privacy": {"small_cell": 5}}
    report = {"verdict": findings, "metrics": metrics, "config": {"evaluation": settings}}
    known = facts(About(300, 12, 2, 10, None, "Near.", "see below"), report, report)
    used = {name for q in questions() for text in q.answer for name in fact_names(text)}
    assert used | {name.fact for name in names()} <= {*known}
    five, clinical = answered(known)
    assert [q["name"].split()[-1] for q in five["questions"]] == [
        "projects", "people", "settings", "data", "outputs",
    ]  # fmt: skip
    assert all(q["answer"] or q["custodian"] for q in (*five["questions"], *clinical["questions"]))
    people = five["questions"][1]
    assert (people["answer"], bool(people["custodian"])) == ([], True)
    told = {q["name"]: " ".join(q["answer"]) for q in clinical["questions"]}
    assert (
        "the upper bound is 0.10, above 0.09, so that is not shown" in told["The threshold of 0.09"]
    )
    assert "population of" not in told["Reference population"]  # nobody said how many there are
    assert "{" not in "".join(told.values())
    left_out = {"value": None, "low": None, "high": None, "reason": "nobody"}
    without = named(known | {"copies": None}, {"privacy/leak/copies": left_out}, False)
    assert "not measured: nobody" in [name["found"] for name in without]


@pytest.mark.parametrize(
    ("unit", "high", "name"),
    [
        ("ng/l", 1.0000153, "troponin, per 1,000 ng/l"),
        ("", 1.0000153, "troponin, per 1,000 units"),
        ("", 1.5, "troponin, per unit"),
    ],
)
def test_a_ratio_says_for_how_many_units_it_is(unit, high, name):
    numbers = {f"{side}{end}": high**power for side in ("real", "synthetic")
               for end, power in (("", 0), ("_low", -1), ("_high", 1))}  # fmt: skip
    ratios = pd.DataFrame([{"term": "troponin", "in_ci": True} | numbers])
    (row,) = ratio_rows(ratios, Schema((Column("troponin", "numeric", unit=unit),)))
    assert row["name"] == name


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_card_tells_what_was_made_and_from_what(cohort, tmp_path):
    cohort.insert(0, "mrn", np.arange(len(cohort)) + 7_000_001)
    cohort["<i>odd & name"] = np.tile([1.5, 2.5, 3.5, np.nan], 50)
    cohort.insert(1, "MARKERcolumn", [f"MARKERnote {n}" for n in range(len(cohort))])
    cohort["stage"] = cohort["stage"].astype(object)
    cohort.loc[cohort.index[:2], "stage"] = "MARKERlevel"
    cohort["age"] = cohort["age"].astype(float)
    cohort.loc[cohort.index[3], "age"] = 119.875
    cohort.to_csv(tmp_path / "cohort.csv", index=False)
    config = configuration(
        {"path": str(tmp_path / "cohort.csv"), "duration": "days", "event": "died"},
        [
            "method=ck4gen_free",
            "trainer=smoke",
            "method.calibration.least_norm_steps=3",
            "method.calibration.steps=3",
            "split=audit",
            "evaluation.c2st_folds=0",
            "evaluation.reanalysis.compute=false",
            "evaluation.utility.models=[coxph]",
        ],
    )
    made = synthesize_cohort(config, *understood(config), tmp_path / "out")
    assert not (made.folder / "share" / "card.html").exists()
    for file in (made.folder / "share").iterdir():  # no trace of a single patient
        shared = file.read_text(encoding="utf-8")
        for mark in ("MARKER", "700000", "119.875", "mrn", "cohort.csv", str(tmp_path)):
            assert mark not in shared, (file.name, mark)
    page = (made.folder / "keep" / "card.html").read_text(encoding="utf-8")
    (body,) = elements(page, "body")
    text = " ".join("".join(body.itertext()).split())
    assert text.startswith("For the folder to keep. This page describes real patients")
    for said in (
        "made from cohort.csv", f"{cohort['died'].sum()} (", "Seed of the random numbers 0, set",
        "ck4gen_free",
        "by 0.5 times what chance moves it", "an identifier by its name", "<i>odd & name, per unit",
        "50 blank (25.0%), kept as blanks", "Complete cases: 75% of the real rows",
        "The worst case: an attacker who knows everybody else",
        f"Verdict: {made.audit['verdict']['overall']}.", "too small: multiply them by",
    ):  # fmt: skip
        assert said in text, said
    ratios = pd.read_csv(made.folder / "keep" / "hazard_ratios.csv")
    assert f"{ratios['real'][0]:.2f} (" in text
    assert page.count("<svg") == page.count("</svg>") == 4
    for jargon in ("off target", "closer to train", "7000001", "nan (", "http"):
        assert jargon not in page.lower().replace("http-equiv", ""), jargon
    content = json.loads((made.folder / "keep" / "card.json").read_text())
    assert card_page(content) == page  # all that the page says stands in the JSON
    main(["card", str(made.folder), "card.review_months=24", "card.creator=St. Elsewhere"])
    again = (made.folder / "keep" / "card.html").read_text(encoding="utf-8")
    due = content["review"]["due"]
    assert again == page.replace(due, f"{int(due[:4]) + 1}{due[4:]}").replace(
        "12 months", "24 months"
    )
    assert "St. Elsewhere" in (made.folder / "share" / "croissant.json").read_text()
    with pytest.raises(
        SystemExit, match=r"there is no key card\.license; the keys are card\.review_mo"
    ):
        main(["card", str(made.folder), "card.license=MIT"])


@pytest.mark.slow
def test_a_run_of_a_packaged_cohort_has_a_card_too(tmp_path, capsys):
    keys = ["data=whas500", "method=independent", "evaluation=fast", f"output_dir={tmp_path}"]
    main(["audit", *keys])
    (run,) = tmp_path.glob("runs/*/*/audit/seed*")
    main(["card", str(run)])  # its name has a "=", as a key has
    assert f"written: {run / 'card.html'}" in " ".join(capsys.readouterr().out.split())
    said = json.loads((run / "card.json").read_text())
    assert said["file"] == "whas500"
    assert dict(said["facts"])["Real patients"] == "350"  # those who were not left out
    assert said["how"].startswith("Some of the patients were left out of this table.")
    assert not (run / "share").exists()
    with pytest.raises(SystemExit, match=r"no finished run with a verdict in .*; name folders"):
        main(["card", str(tmp_path), str(run)])


@pytest.mark.slow
def test_a_card_is_written_again_from_another_working_directory(cohort, tmp_path, monkeypatch):
    cohort.to_csv(tmp_path / "cohort.csv", index=False)
    monkeypatch.chdir(tmp_path)
    config = configuration(
        {"path": "cohort.csv", "duration": "days", "event": "died"},
        ["method=cart", "evaluation=fast"],
    )
    made = synthesize_cohort(config, *understood(config), tmp_path / "out")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    main(["card", str(made.folder), "card.creator=St. Elsewhere"])
    assert "St. Elsewhere" in (made.folder / "share" / "croissant.json").read_text()
    (tmp_path / "cohort.csv").unlink()
    with pytest.raises(SystemExit, match=r"was made from .*cohort\.csv, which is not there any m"):
        main(["card", str(made.folder)])
