import json

import numpy as np
import pytest

from ck4gen.cli.main import main
from ck4gen.config import ROOT
from ck4gen.experiments.missing import few, missing_commands
from ck4gen.experiments.summary import read_runs, summary
from ck4gen.markdown import markdown
from ck4gen.settings import InputError


def write(root, data, method, seed, value, metric="hazard/log_hr_z", **settings):
    run = f"seed={seed}-{abs(hash(str(settings))):08x}"
    folder = root / "runs" / data / method / "release" / run
    folder.mkdir(parents=True)
    report = {
        "seed": seed,
        "split": "release",
        "times_copied": method == "copier",
        "metrics": {metric: {"value": value}},
        "config": {
            "data": {"name": data},
            "method": {"name": method, "encoder": settings},
            "trainer": {"threads": 1},
        },
    }
    (folder / "report.json").write_text(json.dumps(report))


def test_means_over_seeds_and_missing_cells(tmp_path):
    write(tmp_path, "gbsg2", "arf", 0, 0.2)
    write(tmp_path, "gbsg2", "arf", 1, 0.4)
    write(tmp_path, "gbsg2", "cart", 0, None)
    table = read_runs(tmp_path, "release", ["hazard/log_hr_z"])
    command = "ck4gen sweep data=gbsg2 method=cart split=release seed=1"
    assert missing_commands(table) == [command]
    assert missing_commands(table, more=["trainer=smoke"]) == [f"{command} trainer=smoke"]
    assert missing_commands(table, [("gbsg2", "cart", "release", 1)]) == []
    rows = summary(table).set_index("method")
    sd = np.std([0.2, 0.4], ddof=1)
    assert rows.loc["arf", "hazard/log_hr_z"] == f"0.300 ± {sd:.3f}"
    assert rows.loc["cart", "hazard/log_hr_z"] == "-"
    half = 12.706 * sd / np.sqrt(2)  # t with one degree of freedom
    interval = summary(table, "ci").set_index("method").loc["arf", "hazard/log_hr_z"]
    assert interval == f"0.300 ± {half:.3f}"
    assert (
        markdown(summary(table)).splitlines()[2]
        == "| gbsg2 | arf | release | no | 2 | 0.300 ± 0.141 |"
    )


def test_seeds_without_a_value_are_not_counted_behind_a_mean(tmp_path):
    for seed, value in enumerate([0.2, None, 0.4]):
        write(tmp_path, "gbsg2", "arf", seed, value)
    (row,) = summary(read_runs(tmp_path, "release", ["hazard/log_hr_z"])).to_dict("records")
    assert (row["seeds"], row["hazard/log_hr_z"]) == (3, "0.300 ± 0.141 (2 of 3)")


def test_only_commands_that_can_be_run_are_named_and_few_of_them(tmp_path):
    for seed, method in enumerate(("arf", "cart", "mine", "own")):
        for data in ("gbsg2", "csv"):
            write(tmp_path, data, method, seed, 0.2)
    missing = missing_commands(read_runs(tmp_path, "release", ["hazard/log_hr_z"]))
    assert missing == [
        "ck4gen sweep data=gbsg2 method=arf split=release seed=1,2,3",
        "ck4gen sweep data=gbsg2 method=cart split=release seed=0,2,3",
    ]
    assert few(map(str, range(12)))[-2:] == ["9", "2 more, once these are there"]


def test_variants_of_a_method_are_told_apart(tmp_path):
    write(tmp_path, "gbsg2", "a", 0, 0.2, components=3, knots=20)
    write(tmp_path, "gbsg2", "a", 0, 0.4, components=5, knots=20)
    table = read_runs(tmp_path, "release", ["hazard/log_hr_z"])
    assert set(table["method"]) == {"a encoder.components=3", "a encoder.components=5"}


def test_commands_name_the_folder(tmp_path, capsys):
    write(tmp_path, "gbsg2", "arf", 0, 0.2)
    write(tmp_path, "gbsg2", "cart", 1, 0.2)
    for file in tmp_path.glob("runs/*/*/*/*/report.json"):
        report = json.loads(file.read_text())
        hashes = {"generation": "", "evaluation": str(report["seed"])}
        report |= {"hashes": hashes, "dataset": "gbsg2", "method": file.parts[-4]}
        report["config"] |= {"evaluation": {"name": "fast"}}
        file.write_text(json.dumps(report))
    main(["collect", f"output_dir={tmp_path}", "metrics=[hazard/log_hr_z]"])
    command = "ck4gen sweep data=gbsg2 method=arf split=release seed=1 evaluation=fast"
    said = capsys.readouterr().out
    assert f"missing: {command} output_dir={tmp_path}\n" in said
    assert f"ck4gen evaluate run='{tmp_path}/runs/*/*/*/*' brings them up to date" in said


def test_a_default_that_is_written_is_no_second_run_of_its_seed(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "examples")
    for settings in ({}, {"shrinkage": 0.01}):
        write(tmp_path, "gbsg2", "a", 0, 0.2, _target_="gaussian_copula.GaussianCopula", **settings)
    table = read_runs(tmp_path, "release", ["hazard/log_hr_z"])
    assert table["method"].tolist() == ["a"]


def test_nothing_to_collect_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="no finished run with split=release"):
        read_runs(tmp_path, "release", ["hazard/log_hr_z"])
    write(tmp_path, "gbsg2", "a", 0, 0.2)
    with pytest.raises(InputError) as raised:
        read_runs(tmp_path, "release", ["hazard/log_hrz", "hazard/log_hr_z", "hasard"])
    one, other = "no run has the metric 'hazard/log_hrz'; there are hazard/log", "metric 'hasard'"
    assert one in str(raised.value)
    assert "Did you mean 'hazard/log_hr_z'?" in str(raised.value)
    assert f"{other}; there are those of hazard/" in str(raised.value)


def test_bold_marks_a_win_larger_than_the_noise(tmp_path):
    for seed, (best, close, far, floor) in enumerate(
        [(0.10, 0.11, 0.5, 0.01), (0.12, 0.14, 0.6, 0.01), (0.11, 0.10, 0.7, 0.01)]
    ):
        for method, value in zip("abc", (best, close, far), strict=True):
            write(tmp_path, "gbsg2", method, seed, value)
        write(tmp_path, "gbsg2", "bootstrap", seed, floor)
    rows = summary(read_runs(tmp_path, "release", ["hazard/log_hr_z"])).set_index("method")
    bold = rows["hazard/log_hr_z"].str.startswith("**")
    assert bold.to_dict() == {"a": True, "b": True, "bootstrap": False, "c": False}


def test_copied_times_and_single_seeds_win_nothing(tmp_path):
    metric = "survival/km_divergence"
    for seed, noise in enumerate([0.0, 0.001, 0.002]):
        write(tmp_path, "gbsg2", "copier", seed, 0.0, metric)
        write(tmp_path, "gbsg2", "good", seed, 0.02 + noise, metric)
        write(tmp_path, "gbsg2", "bad", seed, 0.3 + noise, metric)
    write(tmp_path, "gbsg2", "lucky", 0, 0.001, metric)
    rows = summary(read_runs(tmp_path, "release", [metric])).set_index("method")
    bold = rows[metric].str.startswith("**")
    assert bold.to_dict() == {"bad": False, "copier": False, "good": True, "lucky": False}


def test_the_verdicts_of_a_generator_are_counted_and_no_privacy_metric_is_in_bold(tmp_path):
    leak = "privacy/leak/copies"
    for seed, (near, far) in enumerate([(0.000, 0.02), (0.001, 0.03), (0.002, 0.04)]):
        write(tmp_path, "gbsg2", "a", seed, near, leak)
        write(tmp_path, "gbsg2", "b", seed, far, leak)
    for file in tmp_path.glob("runs/gbsg2/a/release/*/report.json"):
        report = json.loads(file.read_text())
        overall = "fail" if report["seed"] == 0 else "too few patients"
        file.write_text(json.dumps(report | {"verdict": {"overall": overall}}))
    text = summary(read_runs(tmp_path, "release", [leak])).set_index("method")
    assert text.loc["a", "verdict"] == "2 too few patients, 1 fail"
    assert text.loc["b", "verdict"] == "-"
    assert not text[leak].str.contains(r"\*").any()
