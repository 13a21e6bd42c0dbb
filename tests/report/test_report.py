"""The whole report: files, a page that stands alone, and what it says is missing."""

import json
import os
import re
import shutil
import subprocess
from types import SimpleNamespace

import html5lib
import pytest
from matplotlib.figure import Figure

from ck4gen.cli.main import main
from ck4gen.config import ROOT, defaults
from ck4gen.report.plan import number_of, paper_numbers, plan
from ck4gen.report.write import ReportSettings, datasets_of, write_report
from ck4gen.settings import InputError, build

pytestmark = pytest.mark.slow

BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
PROBE = """
<script>
const failures = [];
const table = document.querySelector("#tables-whas500-hazard_ratios table");
const column = [...table.querySelectorAll("th")].findIndex(th => th.innerText.startsWith("chf"));
const values = () => [...table.tBodies[0].rows].map(row => Number(row.cells[column].dataset.sort));
const button = table.querySelectorAll("th button")[column];
const sorted = (list, sign) => list.every((v, i) => i === 0 || sign * (v - list[i - 1]) >= 0);
button.click();
if (!sorted(values(), 1)) failures.push("not ascending");
button.click();
if (!sorted(values(), -1)) failures.push("not descending");
const width = document.documentElement.scrollWidth;
if (width > window.innerWidth) failures.push(`${width} wide on ${window.innerWidth}`);
for (const image of document.images) if (!image.naturalWidth) failures.push("no picture");
document.body.setAttribute("data-probe", failures.join(", ") || "fine");
document.body.setAttribute("data-paper", getComputedStyle(document.body).backgroundColor);
</script>
</body>
"""


AUGMENTED = "tables/toy/discrimination", "tables/toy/calibration", "figures/toy/calibration"
DATASETS = "gbsg2", "actg320", "whas500", "flchain"


def settings(output_dir, **keys):
    packed = defaults(script="report")
    packed.pop("hydra", None)
    return build(ReportSettings, "the report", packed | {"output_dir": str(output_dir)} | keys)


@pytest.fixture(scope="module")
def made(outputs):
    return write_report(settings(outputs, training="smoke", dpi=60))


@pytest.fixture(scope="module")
def page(made):
    return (made.folder / "index.html").read_text()


def test_numbers_are_those_of_the_plan():
    names, numbers = set(plan(DATASETS)), paper_numbers()
    assert [len([n for n in numbers if n.startswith(kind)]) for kind in ("table", "figure")] == [
        28, 25,
    ]  # fmt: skip
    assert set(numbers.values()) <= names
    assert len(set(numbers.values())) == 53
    # published: an item that is added must not renumber them
    assert numbers["table_16"] == "tables/whas500/hazard_ratios"
    assert numbers["figure_17"] == "figures/whas500/hazard_ratios"
    assert number_of("figures/pipeline") == "Figure 1"
    assert number_of("figures/frontier") is None


def test_what_has_runs_is_made_and_the_rest_is_named(made):
    assert not [name for name in made.left_out if "whas500" in name]
    assert {"tables/gbsg2/descriptive", "figures/flchain/methods"} <= set(made.left_out)
    assert not (made.folder / "tables" / "gbsg2").exists()
    for stem in ("tables/whas500/hazard_ratios", "figures/whas500/hazard_ratios"):
        suffixes = {file.suffix for file in made.folder.glob(f"{stem}.*")}
        assert suffixes >= ({".csv", ".md", ".tex"} if "tables" in stem else {".pdf", ".png"})
    assert any("data=actg320,flchain,gbsg2" in command for command in made.results.commands())


def test_how_an_item_was_made_can_be_pasted(page, outputs):
    made_again = f"only=tables/whas500/realism training=smoke dpi=60 output_dir={outputs}"
    assert f"\nck4gen report {made_again}<" in page
    assert f"evaluation=fast hydra/launcher=local output_dir={outputs}\n" in page


def test_the_page_is_valid_and_stands_alone(page):
    html5lib.HTMLParser(strict=True).parse(page)
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert not [s for s in sources if s.startswith(("http", "//"))]
    assert page.count("data:image/png;base64,") == page.count("<img ") >= 6
    assert "ck4gen report only=tables/whas500/hazard_ratios" in page
    assert "Table 16." in page
    assert "ck4gen sweep" in page
    assert "death of 500 patients after a heart attack" in page
    assert "<dt>Bootstrap</dt><dd>Noise floor: real rows drawn with replacement</dd>" in page
    assert "No number here counts" in page  # trainer=smoke
    missing = page[page.index('<section id="missing">') :]
    assert missing.count("ck4gen ") <= 10 + 1
    assert "more, once these are there" not in missing[: missing.index("<pre>")]


def test_own_cohorts_alone_lack_none_of_the_paper():
    assert datasets_of(SimpleNamespace(datasets=["trial"])) == ["trial"]
    assert datasets_of(SimpleNamespace(datasets=["trial", "gbsg2"])) == [*DATASETS, "trial"]


def test_everything_else_is_found_from_disk(made, page):
    for link in re.findall(r'href="((?:tables|figures)/[^"]+)"', page):
        assert (made.folder / link).is_file(), link


@pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome is installed")
@pytest.mark.parametrize("dark", [False, True])
def test_a_browser_sorts_and_shows_it_on_a_phone(made, page, dark, tmp_path):
    file = tmp_path / "index.html"
    file.write_text(page.replace("</body>", PROBE))
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=500,900", scheme,
        f"--user-data-dir={tmp_path / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--virtual-time-budget=5000", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"HOME": str(tmp_path)},
    )
    assert 'data-probe="fine"' in done.stdout, re.findall('data-probe="[^"]*"', done.stdout)
    paper = re.search(r'data-paper="rgb\((\d+)', done.stdout)[1]
    assert (int(paper) < 60) == dark


def test_one_item_alone(outputs, tmp_path):
    shutil.copytree(outputs / "runs", tmp_path / "runs")
    folder = write_report(settings(tmp_path, training="smoke", only="table_16")).folder
    assert {file.name for file in folder.rglob("*") if file.is_file()} == {
        "hazard_ratios.csv", "hazard_ratios.md", "hazard_ratios.tex",
    }  # fmt: skip
    for only, sentence in {
        "whas500/kaplan_meyer": r"no item has that name; near it are .*whas500/kaplan_meier",
        "whas500/hazard_ratios": "which names tables/whas500/hazard_ratios and figures/whas500/haz",
        "table_02": r"tables/gbsg2/hazard_ratios has no run behind it; .*data=gbsg2",
    }.items():
        with pytest.raises(InputError, match=sentence):
            write_report(settings(tmp_path, training="smoke", only=only))


def test_some_items_alone(outputs, tmp_path):
    shutil.copytree(outputs / "runs", tmp_path / "runs")
    names = ["table_16", "tables/whas500/realism"]
    folder = write_report(settings(tmp_path, training="smoke", only=names)).folder
    written = {file.stem for file in folder.rglob("*") if file.is_file()}
    assert written == {"hazard_ratios", "realism"}
    with pytest.raises(InputError, match="empty list"):
        write_report(settings(tmp_path, training="smoke", only=[]))


@pytest.fixture
def pictures_alone(monkeypatch):
    """Figures without a PDF, whose fonts take half of the time; those of ``made`` have theirs."""
    save = Figure.savefig

    def saved(drawing, file, **how):
        if file.suffix != ".pdf":
            save(drawing, file, **how)

    monkeypatch.setattr(Figure, "savefig", saved)


@pytest.mark.usefixtures("pictures_alone")
def test_a_dataset_a_method_and_a_figure_of_no_list_turn_up(outputs, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "examples")
    for source in sorted((outputs / "runs" / "whas500").glob("*/*/seed=*")):
        folder = tmp_path / "runs" / "toy" / source.relative_to(outputs / "runs" / "whas500")
        shutil.copytree(source, folder)
        report = json.loads((folder / "report.json").read_text())
        report["dataset"] = report["config"]["data"]["name"] = "toy"
        if report["method"] == "vae":
            report["method"] = report["config"]["method"]["name"] = "mine"
            report["config"]["method"]["own_key"] = 1
        (folder / "report.json").write_text(json.dumps(report))
    extra = ["risk_scores.risk_scores"]
    written = write_report(settings(tmp_path, training="smoke", dpi=60, extra=extra))
    folder, results, left_out = written.folder, written.results, written.left_out
    assert results.datasets == ["toy"]
    assert results.methods == ["ck4gen", "bootstrap", "mine"]
    assert "mine" in (folder / "tables" / "toy" / "realism.md").read_text()
    assert (folder / "figures" / "toy" / "kaplan_meier.png").is_file()
    page = (folder / "index.html").read_text()
    assert "Realism, toy" in page
    assert "Risk scores, toy" in page
    assert not [name for name in left_out if "toy" in name and name not in AUGMENTED]


def test_from_the_command_line(outputs, tmp_path, capsys):
    shutil.copytree(outputs / "runs", tmp_path / "runs")
    keys = f"output_dir={tmp_path}", "training=smoke", "generator=vae", "only=figure_17"
    main(["report", *keys])
    assert f"report: {tmp_path / 'report'}" in capsys.readouterr().out
    assert (tmp_path / "report" / "figures" / "whas500" / "hazard_ratios.pdf").is_file()


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"generator": "gann"}, "generator is 'gann'; choose one of adasyn"),
        ({"methods": ["gann"]}, "methods is 'gann'"),
        ({"training": "quick"}, "training is 'quick'; choose one of ddp, default, smoke"),
        ({"dpi": 0}, "dpi is 0"),
    ],
)
def test_wrong_keys_name_the_right_ones(outputs, keys, sentence):
    with pytest.raises(InputError, match=sentence):
        write_report(settings(outputs, **keys))
