"""The whole report: files, a page that stands alone, and what it says is missing."""

import json
import os
import re
import shutil
import subprocess
import sys

import html5lib
import pytest

from ck4gen.config import ROOT, defaults
from ck4gen.report.plan import ReportSettings, plan, write_report
from ck4gen.settings import InputError, build

pytestmark = pytest.mark.slow

BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
PROBE = """
<script>
const failures = [];
const table = document.querySelector("#table_16 table");
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


AUGMENTED = "table_toy_discrimination", "table_toy_calibration", "figure_toy_calibration"


def settings(output_dir, **keys):
    packed = defaults(script="report")
    packed.pop("hydra", None)
    return build(ReportSettings, "the report", packed | {"output_dir": str(output_dir)} | keys)


@pytest.fixture(scope="module")
def made(outputs):
    return write_report(settings(outputs, training="smoke", dpi=60))


@pytest.fixture(scope="module")
def page(made):
    return (made[0] / "index.html").read_text()


def test_numbers_are_those_of_the_plan():
    names = list(plan())
    assert sum(name.startswith("figure_") for name in names) == 25
    assert sum(name.startswith("table_") for name in names) == 28
    assert {"figure_01", "figure_25", "table_01", "table_28", "summary", "frontier"} <= set(names)


def test_what_has_runs_is_made_and_the_rest_is_named(made):
    folder, results, left_out = made
    whas = {f"table_{n}" for n in range(15, 22)} | {f"figure_{n}" for n in range(14, 20)}
    assert not whas & set(left_out)
    assert {"table_01", "table_28", "figure_02"} <= set(left_out)
    assert not (folder / "tables" / "table_01.csv").exists()
    for stem in ("tables/table_16", "figures/figure_16"):
        suffixes = {file.suffix for file in folder.glob(f"{stem}.*")}
        assert suffixes >= ({".csv", ".md", ".tex"} if "table" in stem else {".pdf", ".png"})
    assert any("data=actg320,flchain,gbsg2" in command for command in results.commands())


def test_the_page_is_valid_and_stands_alone(page):
    html5lib.HTMLParser(strict=True).parse(page)
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert not [s for s in sources if s.startswith(("http", "//"))]
    assert page.count("data:image/png;base64,") == page.count("<img ") >= 6
    assert "python scripts/report.py only=table_16" in page
    assert "python scripts/train.py -m" in page


def test_everything_else_is_found_from_disk(made, page):
    for link in re.findall(r'href="((?:tables|figures)/[^"]+)"', page):
        assert (made[0] / link).is_file(), link


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


def test_one_exhibit_alone(outputs, tmp_path):
    shutil.copytree(outputs / "runs", tmp_path / "runs")
    folder, _, _ = write_report(settings(tmp_path, training="smoke", only="table_16"))
    assert {file.name for file in folder.rglob("*") if file.is_file()} == {
        "table_16.csv", "table_16.md", "table_16.tex",
    }  # fmt: skip
    with pytest.raises(InputError, match="only is 'figure_26'; choose one of figure_01"):
        write_report(settings(tmp_path, training="smoke", only="figure_26"))
    with pytest.raises(InputError, match=r"table_02 has no run behind it; .*data=gbsg2"):
        write_report(settings(tmp_path, training="smoke", only="table_02"))


def test_a_dataset_and_a_method_of_no_list_turn_up(outputs, tmp_path):
    for source in sorted((outputs / "runs" / "whas500").glob("*/*/seed=*")):
        folder = tmp_path / "runs" / "toy" / source.relative_to(outputs / "runs" / "whas500")
        shutil.copytree(source, folder)
        report = json.loads((folder / "report.json").read_text())
        report["dataset"] = report["config"]["data"]["name"] = "toy"
        if report["method"] == "vae":
            report["method"] = report["config"]["method"]["name"] = "mine"
            report["config"]["method"]["own_key"] = 1
        (folder / "report.json").write_text(json.dumps(report))
    folder, results, left_out = write_report(settings(tmp_path, training="smoke", dpi=60))
    assert results.datasets == ["toy"]
    assert results.methods == ["ck4gen", "bootstrap", "mine"]
    assert "mine" in (folder / "tables" / "table_toy_realism.md").read_text()
    assert (folder / "figures" / "figure_toy_kaplan_meier.png").is_file()
    assert "Realism, toy" in (folder / "index.html").read_text()
    assert not [name for name in left_out if "toy" in name and name not in AUGMENTED]


def test_from_the_command_line(outputs, tmp_path):
    shutil.copytree(outputs / "runs", tmp_path / "runs")
    keys = f"output_dir={tmp_path}", "training=smoke", "generator=vae", "only=figure_17"
    command = [sys.executable, str(ROOT / "scripts" / "report.py"), *keys]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"report: {tmp_path / 'report'}" in done.stdout
    assert (tmp_path / "report" / "figures" / "figure_17.pdf").is_file()


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"generator": "gann"}, "generator is 'gann'; choose one of adasyn"),
        ({"methods": ["gann"]}, "methods is 'gann'"),
        ({"training": "quick"}, "training is 'quick'; choose one of default, smoke"),
        ({"dpi": 0}, "dpi is 0"),
    ],
)
def test_wrong_keys_name_the_right_ones(outputs, keys, sentence):
    with pytest.raises(InputError, match=sentence):
        settings(outputs, **keys)
