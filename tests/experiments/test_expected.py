"""How long it takes is what earlier runs took; how long is left, what a sweep's own jobs took."""

import pytest

from ck4gen.cli.main import main
from ck4gen.cli.run_bar import header, how_long
from ck4gen.config import as_dict
from ck4gen.experiments.expected import Expected, expected, expected_as, expected_table
from ck4gen.experiments.store import write_json
from ck4gen.experiments.sweep_clock import SweepClock, kind_of
from conftest import compose

KIND = ("data=whas500", "method=ck4gen")
OTHER = ("data=whas500", "method=cart")


def config(folder, *keys):
    return compose("train", "data=whas500", "method=cart", f"output_dir={folder}", *keys)


def earlier(folder, seed, seconds, *keys, split="release"):
    """A run of before, as far as its costs go."""
    made = config(folder, *keys)
    costs = dict.fromkeys(("fit_seconds", "sample_seconds", "evaluate_seconds"), seconds)
    report = {
        "cost": {f"cost/{name}": value for name, value in costs.items()},
        "config": {key: as_dict(made[key]) for key in ("trainer", "evaluation")},
    }
    write_json(folder / f"runs/whas500/cart/{split}/seed={seed}-0/report.json", report)


def test_a_run_is_expected_to_take_what_runs_like_it_took(tmp_path):
    assert expected(config(tmp_path)).runs == 0
    for seed, seconds in enumerate((2.0, 3.0, 30.0)):
        earlier(tmp_path, seed, seconds)
    earlier(tmp_path, 3, 0.1, "trainer=smoke")
    earlier(tmp_path, 4, 0.1, "evaluation=fast")
    known = expected(config(tmp_path))
    assert (known.total, known.runs) == (9.0, 3)
    assert "about 9" not in how_long(known)  # an estimate is no more exact than that
    assert how_long(known) == "a few seconds, as 3 earlier runs took"
    folds = expected(config(tmp_path, "split=crossfit", "workers=2"))
    assert folds.seconds["folds"] == 10 * 6.0 / 2
    assert "split=crossfit (10 folds)" in header(config(tmp_path, "split=crossfit"), folds)


def test_without_earlier_runs_the_packaged_measurement_is_named_as_such():
    known = Expected({"fit": 10.0, "draw": 5.0, "evaluate": 5.0}, 0)
    assert (
        how_long(known)
        == "no earlier run says how long; one of whas500 with a full evaluation took about 20 s"
    )
    assert how_long(Expected({}, 0)) == "no earlier run says how long it takes"


def test_a_table_takes_fit_and_draw_alone_and_a_result_what_results_alike_took(tmp_path):
    earlier(tmp_path, 0, 2.0)
    earlier(tmp_path, 1, 8.0, "evaluation=fast")  # how it was evaluated costs a table nothing
    keys = "data=whas500", "method=cart", f"output_dir={tmp_path}"
    assert expected_table(compose("canary", *keys)) == Expected({"fit": 5.0, "draw": 5.0}, 2)
    for name, seconds, ratios in (("a", 30.0, [1]), ("b", 50.0, [1]), ("c", 900.0, [1, 2])):
        report = {"cpu_seconds": seconds, "config": {"ratios": ratios, "seed": name}}
        write_json(tmp_path / name / "report.json", report)
    simulation = compose("simulate", "ratios=[1]")
    assert expected_as(tmp_path, simulation, ["ratios"], "cpu_seconds").total == 40.0
    assert expected_as(tmp_path / "none", simulation, ["ratios"], "cpu_seconds").runs == 0


def record(number, seconds, first=False, alone=None, status="done"):
    return {"number": number, "status": status, "first": first, "seconds": seconds,
            "alone": seconds if alone is None else alone}  # fmt: skip


def test_the_time_left_is_that_of_the_worker_who_ends_last():
    clock = SweepClock([KIND] * 10, 2, {})
    assert clock.remaining([], {}) is None
    # the first job of each worker pays for the imports, and tells less
    ended = [record(0, 12, first=True, alone=4), record(1, 12, first=True, alone=4)]
    assert clock.remaining(ended, {2: 1.0, 3: 1.0}) == 3 + 3 * 4
    ended += [record(2, 5), record(3, 5)]
    assert clock.remaining(ended, {4: 0.0, 5: 0.0}) == 15
    assert clock.remaining(ended, {4: 5.0, 5: 60.0}) == 10  # nothing is left of what is overdue
    assert SweepClock([KIND] * 10, 2, {KIND: 3.0}).remaining([], {}) == 15


def test_a_kind_that_has_not_run_follows_the_others():
    clock = SweepClock([KIND, OTHER, OTHER], 1, {KIND: 2.0, OTHER: 20.0})
    assert clock.remaining([record(0, 4.0)], {}) == 80  # this machine is half as fast
    assert kind_of(["data=whas500", "seed=3", "method=cart"]) == OTHER


def test_a_list_of_runs_is_refused_where_one_is_made(tmp_path):
    with pytest.raises(SystemExit, match=r"use ck4gen sweep sweep=seeds data=gbsg2 .*output_dir="):
        main(["train", "sweep=seeds", "data=gbsg2", f"output_dir={tmp_path}"])
