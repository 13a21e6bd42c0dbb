"""What the figures show is what the runs hold, within a column's width."""

from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from ck4gen.cli.main import main
from ck4gen.config import defaults
from ck4gen.data.schema import Column
from ck4gen.report.figures.frontier import noise_variants
from ck4gen.report.figures.hazard_ratios import forest
from ck4gen.report.figures.labels import column_label, meaning_label, term_label
from ck4gen.report.figures.methods import REACH
from ck4gen.report.figures.overview import overview
from ck4gen.report.figures.pipeline import diagram
from ck4gen.report.figures.steps import per_step, steps
from ck4gen.report.registry import items
from ck4gen.report.results import MissingRuns, Results
from ck4gen.report.style import COLUMN, REAL, colour_of, house_style
from ck4gen.report.writing import write_figure

pytestmark = pytest.mark.slow

OF_A_DATASET = (
    "distributions", "correlations", "kaplan_meier", "hazard_ratios", "methods", "calibration",
)  # fmt: skip
OF_ALL = ("pipeline", "frontier", "cost")
ERROR, CLOSER = "hazard/log_hr_z", "privacy/closer_to_train"

FIGURES = {item.name: item.make for item in items() if item.kind == "figures"}


@pytest.fixture(autouse=True)
def style():
    with house_style():
        yield
    plt.close("all")


def made(results, kind):
    keys = {"dataset": "whas500"} if kind in OF_A_DATASET else {}
    return FIGURES[kind](results, **keys)


def texts(drawing):
    """The texts that are drawn; ticks out of view, say, are not."""
    drawn, draw = [], Text.draw

    def record(text, renderer):
        drawn.append(text)
        draw(text, renderer)

    with patch.object(Text, "draw", record):
        drawing.canvas.draw()
    return [text for text in drawn if text.get_text().strip()]


@pytest.mark.parametrize("kind", [*OF_A_DATASET, *OF_ALL])
def test_a_figure_is_a_column_wide_and_clips_no_text(results, kind):
    figure = made(results, kind)
    drawing = figure.drawing
    assert drawing.get_figwidth() == COLUMN == 3.5
    for text in texts(drawing):
        box = text.get_window_extent()
        assert text.get_fontsize() >= 5
        assert min(box.x0, box.y0) >= -1, text
        assert box.x1 <= drawing.bbox.x1 + 1, text
        assert box.y1 <= drawing.bbox.y1 + 1, text
    assert all((figure.title, figure.caption, figure.commands))


def test_fonts_are_embedded_as_text_and_the_same_runs_give_the_same_file(results, tmp_path):
    for name in ("a", "b"):
        write_figure(made(results, "hazard_ratios"), tmp_path / name, 100)
    pdf = (tmp_path / "a.pdf").read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert pdf == (tmp_path / "b.pdf").read_bytes()


def test_a_forest_prints_the_hazard_ratios_of_the_run_real_in_gold(results):
    run = results.shown("whas500")
    real, synthetic = made(results, "hazard_ratios").drawing.axes
    by_term = steps(results.synthetic(run), run.hazard_ratios["term"])
    assert 1 < by_term["age"] <= 20  # years; nobody's hazard ratio is 1.00 (1.00-1.01)
    assert "chf" not in by_term
    table = per_step(run.hazard_ratios, by_term)
    for axis, side, colour in (
        (real, "real", REAL),
        (synthetic, "synthetic", colour_of("whas500")),
    ):
        ends = table[[side, f"{side}_low", f"{side}_high"]].to_numpy()
        expected = [f"{value:.2f} ({low:.2f}-{high:.2f})" for value, low, high in ends]
        assert [text.get_text() for text in axis.texts] == expected
        dots = [line for line in axis.lines if line.get_marker() not in ("None", None)]
        assert [line.get_xdata()[0] for line in dots] == list(ends[:, 0])
        assert {to_hex(line.get_color()) for line in dots} == {colour}
    assert real.get_xlim() == synthetic.get_xlim()


def test_a_step_is_the_round_number_below_the_sd_and_a_power_of_the_hazard_ratio():
    rows = pd.DataFrame({"age": [40, 50, 68], "sex": [0, 1, 1], "rate": [0.01, 0.05, 0.031]})
    by_term = steps(rows, pd.Series(["age", "sex", "rate", "stage[II]"]))
    assert by_term == {"age": 10, "rate": 0.02}  # SDs of 14.2 and 0.0201
    table = pd.DataFrame({"term": ["age", "sex"]})
    for side in ("real", "synthetic"):
        table[[side, f"{side}_low", f"{side}_high"]] = [[1.05, 1.01, 1.09], [2.0, 1.5, 3.0]]
    scaled = per_step(table, by_term)
    assert scaled["real"].tolist() == pytest.approx([1.05**10, 2.0])
    assert scaled["synthetic_high"].tolist() == pytest.approx([1.09**10, 3.0])
    assert meaning_label("Age", "years", 10) == "Age (per 10 years)"
    assert meaning_label("Female", "", None) == "Female"


def test_a_forest_of_a_users_cohort_stays_readable_where_terms_are_degenerate():
    table = pd.DataFrame({"term": ["age", "stage[late]", "rare"]})
    for side in ("real", "synthetic"):
        table[[side, f"{side}_low", f"{side}_high"]] = [[1.1, 1, 1.2], [3, 2, 4.5], [2, 0.001, 900]]
    table.loc[1, ["synthetic", "synthetic_low", "synthetic_high"]] = np.nan
    drawing = forest(table, "csv", "VAE")
    low, high = drawing.axes[0].get_xlim()
    assert 0.01 < low < high < 100
    assert [text.get_text() for text in drawing.axes[1].texts][1] == "-"


def test_an_overview_shows_the_audits_of_each_generator(results):
    run = results.shown("whas500")
    audits = [*results.runs("whas500", "ck4gen", "audit"), *results.runs("whas500", "vae", "audit")]
    left, right = overview(run.hazard_ratios, {"chf": "Heart failure"}, "ck4gen", audits).axes
    assert "Heart failure" in [label.get_text() for label in left.get_yticklabels()]
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["CK4Gen", "VAE"]
    metric = "privacy/worst_case/hazard_ratios/max"
    dots = [line.get_xdata() for line in right.lines if line.get_marker() == "."]
    shown = {round(value, 6) for values in dots for value in values if np.isfinite(value)}
    assert {round(x, 6) for a in audits if np.isfinite(x := a.metric(metric))} <= shown


def test_an_overview_refuses_runs_that_held_nobody_out(results, tmp_path):
    folder = str(results.shown("whas500").folder)
    with pytest.raises(SystemExit, match=r"no patients were held out in .*; name runs of ck4gen"):
        main(["forest", folder, str(tmp_path / "a.png"), "--audits", folder])
    with pytest.raises(SystemExit, match=r"suffix of the picture is 'xyz'; choose one of .*png"):
        main(["forest", folder, str(tmp_path / "a.xyz")])
    with pytest.raises(SystemExit, match="lies in no folder that is there"):
        main(["forest", folder, str(tmp_path / "nowhere" / "a.png")])
    main(["forest", folder, str(tmp_path / "a.png")])
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_real_curves_are_gold_and_stand_thin_behind_the_synthetic_ones(results):
    axes = np.reshape(made(results, "kaplan_meier").drawing.axes, (2, 2))
    for axis in axes[:, 0]:
        assert {to_hex(line.get_color()) for line in axis.lines} == {REAL}
    for row in axes:
        real, synthetic = (
            [line for line in row[1].lines if to_hex(line.get_color()) == colour]
            for colour in (REAL, colour_of("whas500"))
        )
        assert len(real) + len(synthetic) == len(row[1].lines)
        assert all(real[0].get_zorder() < line.get_zorder() for line in synthetic)
        for behind, line in zip(real, row[0].lines, strict=True):  # the same curves as on the left
            assert np.array_equal(behind.get_ydata(), line.get_ydata())
    assert len({(axis.get_xlim(), axis.get_ylim()) for axis in axes.flat}) == 1


def test_distributions_draw_the_shares_of_patients(results):
    drawing = made(results, "distributions").drawing
    axis = next(axis for axis in drawing.axes if axis.get_title() == "Female")
    real = results.cohort("whas500").table["gender"]
    gold = [bar for bar in axis.patches if to_hex(bar.get_facecolor()) == REAL]
    assert [bar.get_height() for bar in gold] == pytest.approx([1 - real.mean(), real.mean()])


def test_correlations_are_those_of_the_design(results):
    axis = made(results, "correlations").drawing.axes[0]
    cohort = results.cohort("whas500")
    table = cohort.schema.design(cohort.table).corr().to_numpy()
    below = table[np.tril_indices(len(table), -1)]
    assert [float(text.get_text()) for text in axis.texts] == pytest.approx(below, abs=0.00501)


def test_markers_across_generators_are_means_over_seeds_in_half_widths(results):
    axis = made(results, "methods").drawing.axes[0]  # age
    runs = results.runs("whas500", "bootstrap", "release")
    tables = [run.hazard_ratios.set_index("term").loc["age"] for run in runs]
    mean = np.mean([np.log(line["synthetic"]) for line in tables])
    low, middle, high = np.log(tables[0][["real_low", "real", "real_high"]].astype(float))
    expected = np.clip((mean - middle) / ((high - low) / 2), -REACH, REACH)
    row = [t.get_text() for t in axis.get_yticklabels()].index("Bootstrap")
    (marker,) = [
        line for line in axis.lines if line.get_marker() in "o<>" and line.get_ydata()[0] == row
    ]
    assert marker.get_xdata()[0] == pytest.approx(expected)


def test_the_pipeline_shows_the_numbers_of_a_changed_configuration():
    keys = (
        "method.encoder.hidden=[48,24,12]", "method.encoder.latent=7", "method.encoder.knots=13",
        "method.encoder.components=5", "method.decoder.hidden=[96,33]", "method.decoder.steps=777",
        "method.noise=0.35", "n_samples=321",
    )  # fmt: skip
    words = " ".join(text.get_text() for text in texts(diagram(defaults(*keys))))
    for number in (
        "48 24 12 7",
        "13 knots",
        "5 Cox",
        "7 96 33 q",
        "777 steps",
        "SD 0.35",
        "321 rows",
    ):
        assert number in words
    free = " ".join(text.get_text() for text in texts(diagram(defaults("method=ck4gen_free"))))
    for words in ("no row is sampled", "from the teacher", "SD 2"):
        assert words in free


def test_the_frontier_holds_the_means_over_seeds_and_the_noise_that_was_swept(results):
    data = FIGURES["frontier"](results).data.set_index(["method", "noise"])
    runs = results.runs("whas500", "ck4gen", "audit")
    row = data.loc["ck4gen", 0.0]
    for metric in (ERROR, CLOSER):
        first, second = (run.report["metrics"][metric]["value"] for run in runs)
        assert row[metric] == pytest.approx((first + second) / 2)
        assert row[f"{metric} (SD)"] == pytest.approx(abs(first - second) / np.sqrt(2))
    assert row["seeds"] == 2
    assert row["packaged"]
    assert not data.loc[("ck4gen", 0.5), "packaged"]
    (level,) = noise_variants(results, runs[0])  # the narrow ablation is no step of the sweep
    assert level == 0.5


def test_cheap_fits_stand_side_by_side_in_the_strip(results):
    figure = FIGURES["cost"](results)
    data = figure.data.set_index("method")
    assert data.loc["bootstrap", "cost/table_seconds"] < 0.01
    axis = next(axis for axis in figure.drawing.axes if axis.get_title() == "WHAS500")
    places = sorted(line.get_xdata()[0] for line in axis.lines if line.get_marker() in "oDs")
    slow = data["cost/table_seconds"].drop("bootstrap")
    assert places[0] < 0.01
    assert places[1:] == pytest.approx(sorted(slow))


def test_calibration_prints_the_slopes_of_the_comparison(results):
    axes = np.reshape(made(results, "calibration").drawing.axes, (2, 3))
    for row, protocol in zip(axes, ("author", "corrected"), strict=True):
        (run,) = results.runs("whas500", "bootstrap", protocol, "augment")
        for axis, percentile in zip(row, (25, 50, 75), strict=True):
            names = [f"augmentation/overall/{a}/slope_{percentile}" for a in ("real", "augmented")]
            slopes = [f"{run.metric(n):.2f}" for n in names]
            assert sorted(t.get_text() for t in axis.texts) == sorted([*slopes, "slope"])


def test_without_runs_there_is_no_figure(outputs):
    results = Results(outputs, training="smoke")
    for kind in OF_A_DATASET:
        with pytest.raises(MissingRuns):
            FIGURES[kind](results, dataset="gbsg2")


def test_labels_are_words():
    assert term_label("progesterone_lt20", 20) == "progesterone <20"
    assert term_label("nodes[>=10]", 20) == "nodes ≥10"
    assert column_label(Column("bmi", "numeric", "body mass index", "kg/m^2"), 16) == (
        "Body mass index\n(kg/m²)"
    )
    long = Column("mgus", "binary", "monoclonal gammopathy of undetermined significance")
    assert column_label(long, 22) == "mgus"
    coded = Column("miord", "binary", "recurrent infarction (0: first)")
    assert column_label(coded, 14) == "Recurrent\ninfarction"
    assert column_label(coded, 22) == "Recurrent infarction\n(0: first)"


def test_nothing_is_said_of_a_bootstrap_that_was_not_run(outputs, results):
    alone = Results(outputs, methods=["ck4gen", "vae"], training="smoke")
    made = FIGURES["frontier"](alone)
    assert "bootstrap" not in made.caption
    assert made.data["below_bootstrap"].isna().all()  # not known, and so not False
    beside = FIGURES["frontier"](results)
    assert "dashed: that of the bootstrap" in beside.caption
    assert "below that of the bootstrap: CK4Gen " in beside.caption
    plt.close("all")
