"""Tables say what the run folders say."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from ck4gen.experiments.summary_marks import PARTLY
from ck4gen.report.items import Interval, Number, Table
from ck4gen.report.registry import items
from ck4gen.report.seeds import over_seeds
from ck4gen.report.tables.comparison import clear_winner
from ck4gen.report.writing import flat, tex, with_values, write_table

pytestmark = pytest.mark.slow

NAN = float("nan")
TABLES = {item.name: item.make for item in items() if item.kind == "tables"}


def row(table, name, column="Generator"):
    return table.frame.set_index(column).loc[name]


def test_hazard_ratios_are_geometric_means_over_seeds(results):
    table = TABLES["hazard_ratios"](results, "whas500")
    assert list(table.frame["Generator"]) == ["Real", "CK4Gen", "VAE", "Bootstrap"]
    real = row(table, "Real")["chf"]
    assert str(real) == "2.17 (1.62-2.91)"  # as published
    seeds = [
        run.hazard_ratios.set_index("term") for run in results.runs("whas500", "vae", "release")
    ]
    vae = row(table, "VAE")["chf"]
    assert vae.value == pytest.approx(np.sqrt(np.prod([s.at["chf", "synthetic"] for s in seeds])))
    assert vae.mark == ("" if real.low <= vae.value <= real.high else "†")


def test_comparisons_hold_mean_and_sd_of_the_reports(results):
    table = TABLES["realism"](results, "whas500")
    runs = results.runs("whas500", "vae", "release")
    values = [run.report["metrics"]["fidelity/ks"]["value"] for run in runs]
    cell = row(table, "VAE")["KS"]
    assert (cell.value, cell.sd) == (
        pytest.approx(np.mean(values)),
        pytest.approx(np.std(values, ddof=1)),
    )
    # of the generators CK4Gen alone keeps the rules between columns; a reference is no rival
    assert [c.value for c in table.frame["Invalid"] if c.best] == [0]
    assert row(table, "CK4Gen")["Invalid"].best
    assert row(table, "Bootstrap")["Invalid"].value == 0
    assert row(table, "Bootstrap")["Times"] == "real"


def test_real_only_stands_above_the_downstream_models(results):
    table = TABLES["tstr"](results, "whas500")
    assert table.frame["Generator"].iloc[0] == "Real only"
    values = [
        r.metric("utility/trtr/coxph/c_index") for r in results.runs("whas500", "vae", "audit")
    ]
    assert row(table, "Real only")["Cox C"].value == pytest.approx(np.mean(values))
    assert str(row(table, "VAE")["Forest C"]) == "-"  # not computed under evaluation=fast


def test_augmentation_has_both_protocols_and_real_only(results):
    table = TABLES["discrimination"](results, "whas500")
    assert table.frame[["Protocol", "Generator"]].to_numpy().tolist() == [
        ["author", "Real only"], ["author", "Bootstrap"],
        ["corrected", "Real only"], ["corrected", "Bootstrap"],
    ]  # fmt: skip
    (run,) = results.runs("whas500", "bootstrap", "author", "augment")
    gap = run.report["metrics"]["augmentation/overall/difference/c_index"]
    assert table.frame["Change (95% CI)"][1] == Interval(
        gap["value"], gap["low"], gap["high"], 3, joint=" to "
    )
    slopes = TABLES["calibration"](results, "whas500").frame
    assert slopes["D21 25%"][0].value == pytest.approx(abs(1 - slopes["Slope 25%"][0].value))


def test_descriptive_statistics_by_hand(results):
    table = TABLES["descriptive"](results, "whas500")
    frame = table.frame.set_index("Characteristic")["Real"]
    assert frame["Patients"] == "500"
    assert frame["Death, %"] == "43.0"
    assert frame["age: age at admission, years, mean ± SD"] == "69.85 ± 14.49"
    assert frame["gender: female, %"] == "40.0"


def test_summary_and_ablations(results):
    summary = TABLES["summary"](results)
    assert summary.frame.shape[1] == 10 + 3
    assert list(summary.frame["Runs"]) == ["2", "2", "2"]
    frame = TABLES["ablations"](results).frame
    assert list(frame["Ablation"]) == ["As published", "Narrow latent"]


def test_privacy_shows_the_verdicts(results):
    table = TABLES["privacy"](results, "whas500")
    assert row(table, "Bootstrap")["Verdict"] == "2 fail"


@pytest.mark.parametrize(
    ("far", "winner"), [(Number(0.30, sd=0.02), "near"), (Number(0.12, sd=0.02), None)]
)
def test_a_winner_beats_the_runner_up_by_more_than_the_noise(far, winner):
    cells = {"near": Number(0.10, sd=0.02), "far": far, "once": Number(0.0)}
    assert clear_winner(cells, {"near": 4, "far": 4, "once": 1}, 0) == winner
    assert clear_winner(cells, {"near": 4, "far": 4, "once": 1}, None) is None


def test_files_hold_the_numbers_and_the_print(tmp_path):
    frame = pd.DataFrame(
        {
            "Generator": ["a_b", "c"],
            "Error": [Number(0.123456, 2, 0.01, best=True), Number(float("nan"))],
            "HR": [Interval(1.0, 0.5, 2.0, mark="†"), Interval(-0.001, -0.2, 0.1, joint=" to ")],
        }
    )
    write_table(Table("Errors, 50 %", "Read it.", frame), tmp_path / "table_01")
    back = pd.read_csv(tmp_path / "table_01.csv")
    assert list(back) == ["Generator", "Error", "Error (SD)", "HR", "HR (low)", "HR (high)"]
    assert back["Error"][0] == 0.123456
    assert "| a_b | **0.12 (0.01)** | 1.00 (0.50-2.00)† |" in (tmp_path / "table_01.md").read_text()
    text = (tmp_path / "table_01.tex").read_text()
    assert r"a\_b & \textbf{0.12 (0.01)} & 1.00 (0.50-2.00)$^\dagger$ \\" in text
    assert r"c & - & 0.00 (-0.20 to 0.10) \\" in text
    assert flat(frame)["HR (low)"].tolist() == [0.5, -0.2]


def test_a_column_without_any_value_is_named_and_left_out():
    none = Number(float("nan"))
    frame = pd.DataFrame(
        {"Times": ["-", "-"], "KS": [none, none], "TVD": [none, Number(0.1)], "IBS": ["-", none]}
    )
    shown = with_values(Table("T", "C.", frame))
    assert list(shown.frame) == ["Times", "TVD"]
    assert shown.caption == "C. Left out, no run has a value: KS, IBS."


def test_a_mean_of_some_seeds_says_so_and_the_caption_what_that_means():
    runs = [SimpleNamespace(metric=lambda _, value=value: value) for value in (0.2, NAN, 0.4)]
    mean = over_seeds(runs, "hazard/log_hr_z")
    assert str(mean) == "0.30 (0.14) (2 of 3)"
    shown = with_values(Table("T", "C.", pd.DataFrame({"Error": [mean]})))
    assert shown.caption == f"C. {PARTLY}"


def test_tex_escapes_whatever_a_label_holds():
    label = "kg/m^2 {a_b} ~ \\ # $ & % m² µl"
    text = tex(Table("T", "C", pd.DataFrame({label: [label]})))
    written = r"kg/m\textasciicircum{}2 \{a\_b\} \textasciitilde{} \textbackslash{} \# \$ \& \% "
    assert text.count(written + r"m$^2$ $\mu$l") == 2
