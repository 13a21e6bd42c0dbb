"""Canary audit: what truth is known is found, and an interrupted audit goes on."""

import json

import pytest

from ck4gen.cli.main import main
from ck4gen.evaluation.privacy.intervals import hanley_mcneil
from ck4gen.experiments import canary
from conftest import BRIEF, compose


def audited(folder, *overrides):
    config = compose("canary", f"output_dir={folder}", "data=whas500", *overrides)
    done = canary.canary(config, lambda _: None)
    return done, json.loads((done / canary.RESULT).read_text())


@pytest.mark.slow
def test_a_bootstrap_tells_as_often_as_it_draws_the_canary(tmp_path):
    """Drawn with chance 1 - 1/e, and then found for certain: an area of (1 + .632) / 2."""
    _, result = audited(tmp_path, "method=bootstrap", "pairs=60")
    metric = result["metrics"]["canary/covariates"]
    assert metric["low"] < (1 + 0.632) / 2 < metric["high"]
    assert metric["low"] > 0.5


@pytest.mark.slow
def test_shuffled_columns_still_tell_outcome_and_extremes(tmp_path):
    _, result = audited(tmp_path, "method=independent", "pairs=20")
    for name in ("outcome", "values"):
        assert result["metrics"][f"canary/{name}"]["value"] == 1
        assert 0.5 < result["metrics"][f"canary/{name}"]["low"] < 1


@pytest.mark.slow
def test_several_patients_are_taken_out_in_turn(tmp_path):
    keys = ("method=bootstrap", "pairs=12", "patients=3", "kind=influential")
    folder, result = audited(tmp_path, *keys)
    assert len({one["rows"][0] for one in result["canaries"]}) == 3
    assert len(list(folder.glob("pairs/*.json"))) == 36
    areas = [one["areas"]["hazard_ratios"]["value"] for one in result["canaries"]]
    assert result["metrics"]["canary/hazard_ratios"]["value"] == pytest.approx(sum(areas) / 3)
    assert result["metrics"]["canary/hazard_ratios/max"]["value"] == max(areas)
    # a bootstrap's noise is 1: those who move the hazard ratios most are told at 0.6 to 0.7
    assert 0.4 < sum(areas) / 3 < 0.85


@pytest.mark.slow
def test_finished_pairs_are_kept_and_more_can_follow(tmp_path, monkeypatch):
    short = ("method=ck4gen", "method.encoder.steps=5", "method.decoder.steps=5")
    folder, first = audited(tmp_path, *short, "pairs=2")
    stamps = {f: f.stat().st_mtime_ns for f in folder.glob("pairs/*.json")}
    content = {f: f.read_text() for f in stamps}
    made = []
    pair = canary._attacked
    monkeypatch.setattr(canary, "_attacked", lambda *a: made.append(a[-1]) or pair(*a))
    again, more = audited(tmp_path, *short, "pairs=3")
    assert again == folder
    assert made == [4]  # the seed of the third pair
    assert {f: f.read_text() for f in stamps} == content
    assert (first["pairs"], more["pairs"]) == (2, 3)
    assert first["canaries"][0]["patients"] == more["canaries"][0]["patients"]


@pytest.mark.slow
def test_exact_columns_tell_of_a_patient_who_has_one_table_and_who_draws_many(tmp_path):
    _, result = audited(tmp_path, "method=independent", "pairs=4", "draws=2", "kind=random")
    for reader in ("", "sampler/"):
        assert result["metrics"][f"canary/{reader}columns"]["value"] == 1
    assert "canary/sampler/weights" not in result["metrics"]  # no file to read


@pytest.mark.slow
def test_exact_columns_give_away_ten_who_are_taken_out(tmp_path):
    _, result = audited(tmp_path, "method=independent", "pairs=4", "removed=10", "patients=2")
    assert [len(one["rows"]) for one in result["canaries"]] == [10, 10]
    assert result["metrics"]["canary/columns"]["value"] == 1
    assert result["metrics"]["canary/recovered/table"]["value"] == pytest.approx(0, abs=1e-9)
    assert result["metrics"]["canary/recovered/guessed"]["value"] > 0.1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:calibration was not met")
def test_a_sampler_without_a_guard_gives_away_who_was_in(tmp_path):
    """The planted leak: a file of exact numbers, of which every patient has the weight 1."""
    few = [f"method.{part}.steps=3" for part in ("encoder", "decoder", "residuals")]
    keys = ["method=ck4gen_free", "method.guard=null", *few, "method.residuals.epochs=0", *BRIEF]
    _, result = audited(tmp_path, *keys, "pairs=2", "draws=1", "kind=random", "removed=2")
    assert result["metrics"]["canary/sampler/weights"]["value"] == 1


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        (
            "pairz=3",
            "the configuration has no key 'pairz'; its keys are pairs, patients, removed, draws",
        ),
        ("pairs=1", "pairs is 1; it must be a whole number of at least 2"),
        ("kind=tall", "kind is 'tall'; choose one of outliers, influential, random"),
        ("removed=0", "removed is 0; it must be a whole number of at least 1"),
        ("draws=0", "draws is 0; it must be a whole number of at least 1"),
        ("removed=400", "removed is 400 and patients is 1, too many of the 686 patients"),
        ("confidence=2", "confidence is 2; it lies between 0 and 1"),
        ("method=fresh", "method=fresh needs held-out patients"),
        ("data=csv", "data.path has no value; give it as data.path=..."),
    ],
)
def test_a_mistake_gets_one_sentence(mistake, sentence, tmp_path):
    with pytest.raises(SystemExit) as stopped:
        main(["canary", mistake, f"output_dir={tmp_path}"])
    assert str(stopped.value).startswith(f"error: {sentence}")
    assert not list(tmp_path.rglob("*.json"))


def test_interval_of_an_area_has_a_width_at_its_ends():
    """At 1 of 50 and 50 the Wald interval of Hanley and McNeil 1982 would be a point."""
    low, high = hanley_mcneil(1.0, 50, 50, 0.95)
    assert 0.9 < low < 1
    assert high == 1
    low, high = hanley_mcneil(0.5, 50, 50, 0.95)
    # sqrt((.25 + 2 * 49 / 12) / 2500) = .058 is the standard error at .5; a little less at the ends
    assert (low, high) == pytest.approx((0.389, 0.611), abs=0.002)
