"""Cohorts of a user's own stand in the report by the name of their file, and TeX takes them."""

import shutil
import subprocess

import pandas as pd
import pytest

from ck4gen.cli.main import main
from ck4gen.report.items import Table
from ck4gen.report.own_cohorts import name_cohorts
from ck4gen.report.results import Results
from ck4gen.report.writing import tex


def report(path, dataset="csv", content=None, **keys):
    node = {"name": dataset, "path": path, "duration": "days"} | keys
    return {"dataset": dataset, "config": {"data": node}, "hashes": {"data": content}}


def test_each_file_read_in_one_way_is_a_cohort_of_its_own():
    runs = [report("a/trial.csv"), report("b/trial.csv"), report("b/trial.csv"), report("x.csv")]
    runs += [report("x.csv", drop=["site"]), {"dataset": "gbsg2"}]
    name_cohorts(runs)
    assert [run["dataset"] for run in runs] == ["trial-2", "trial", "trial", "x-2", "x", "gbsg2"]


def test_contents_of_one_file_are_cohorts_of_their_own():
    runs = [report("trial.csv", content=content) for content in ("a", "b", "b", None)]
    name_cohorts(runs)
    assert [run["dataset"] for run in runs] == ["trial-2", "trial", "trial", "trial-3"]


@pytest.mark.slow
def test_a_file_of_the_user_has_its_tables(cohort, tmp_path, capsys):
    cohort.to_csv(tmp_path / "trial.csv", index=False)
    keys = ["data=csv", f"data.path={tmp_path}/trial.csv", "data.duration=days", "data.event=died"]
    main(["train", *keys, "method=cart", "evaluation=fast", f"output_dir={tmp_path}"])
    again = ["report", f"output_dir={tmp_path}", "generator=cart", "only=trial/descriptive"]
    main(again)
    assert (tmp_path / "report" / "tables" / "trial" / "descriptive.csv").is_file()
    capsys.readouterr()
    cohort[50:].to_csv(tmp_path / "trial.csv", index=False)  # another cohort
    with pytest.raises(SystemExit, match="has no run behind it"):
        main(again)
    main(["train", *keys, "method=cart", "evaluation=fast", f"output_dir={tmp_path}"])
    main(["collect", f"output_dir={tmp_path}", "metrics=[hazard/log_hr_z]"])
    rows = [line.split("|") for line in capsys.readouterr().out.splitlines()]
    seeds = {row[1].strip(): row[5].strip() for row in rows if row[1:2] and "csv" in row[1]}
    assert set(seeds.values()) == {"1"}  # one seed each, and not two of one cohort
    assert len(seeds) == 2
    assert all(name.startswith("csv content=") for name in seeds)
    results = Results(tmp_path, generator="cart")
    sources = {name: results.source(name) for name in results.datasets}
    assert len(set(sources.values())) == len(sources) == 2
    for name in sources:
        results.runs(name, "vae", "audit")
    assert len(results.commands()) == 1  # of the content that is there
    (tmp_path / "trial.csv").unlink()
    with pytest.raises(SystemExit, match="has no run behind it"):
        main(again)
    capsys.readouterr()


@pytest.mark.slow
def test_tex_compiles_whatever_a_column_is_called(tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex is installed")
    odd = r"a_b & 50 % #1 {x} \y ~ ^2 $3 <|> ± ² µ ° √ é"
    table = tex(Table(odd, odd, pd.DataFrame({odd: [odd], "value": ["≤ 0.05"]})))
    head = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs,graphicx}"
    file = tmp_path / "table.tex"
    file.write_text(f"{head}\\begin{{document}}{table}\\end{{document}}", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", file.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
