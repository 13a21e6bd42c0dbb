"""Run folders: identity, resumption, staleness, and the same bytes every time."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from omegaconf import OmegaConf

from ck4gen.config import ROOT
from ck4gen.data.schema import Column, Schema
from ck4gen.data.table_files import read_table, write_table
from ck4gen.experiments import run, store
from ck4gen.experiments.make_run import make_run
from ck4gen.settings import InputError
from conftest import compose

SHORT = ["method.encoder.steps=30", "method.decoder.steps=30", "evaluation=fast"]


def config(output_dir, *overrides):
    return compose("train", *SHORT, f"output_dir={output_dir}", *overrides)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return make_run(config(tmp_path_factory.mktemp("runs"), "data=whas500", "split=audit"))


@pytest.mark.slow
def test_a_run_folder_holds_what_the_readme_says(done):
    folder, report = done.folder, done.report
    assert folder.parts[-5:-1] == ("runs", "whas500", "ck4gen", "audit")
    assert folder.name == f"seed=0-{report['id']}"
    names = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert names == {
        ".hydra/config.yaml", "checkpoints/encoder.ckpt", "checkpoints/decoder.ckpt",
        "metrics.csv", "synthetic.csv", "schema.yaml", "hazard_ratios.csv", "report.json",
        "audit.md",
    }  # fmt: skip
    assert json.loads((folder / "report.json").read_text()) == report
    stages = pd.read_csv(folder / "metrics.csv")
    assert {"encoder/loss", "encoder/spearman", "decoder/loss"} <= set(stages)
    codebook = yaml.safe_load((folder / "schema.yaml").read_text())
    table = pd.read_csv(folder / "synthetic.csv")
    assert list(codebook["columns"]) == list(table)
    assert codebook["rows"] == codebook["effective_n"] == len(table)
    assert codebook["standard_error_factor"] == 1
    assert report["config"]["method"]["encoder"]["steps"] == 30
    assert not list(folder.parent.glob(".*partial"))


@pytest.mark.slow
def test_the_handbook_says_what_each_key_of_a_report_is(done):
    page = (ROOT / "docs" / "commands.md").read_text()
    section = page.partition("### report.json")[2].partition("\n## ")[0]
    named = re.findall(r"`(\w+)`", section)
    assert set(done.report) <= set(named)
    assert {*done.report["verdict"], *done.report["release"], *done.report["hashes"]} <= set(named)


@pytest.mark.slow
def test_every_metric_is_a_number_or_has_a_reason(done):
    for name, metric in done.report["metrics"].items():
        assert set(metric) == {"value", "low", "high", "reason"}, name
        assert metric["value"] is not None or metric["reason"], name
    for name in (
        "cost/fit_seconds",
        "cost/peak_rss_mb",
        "cost/n_parameters",
        "cost/evaluate_seconds",
    ):
        assert done.report["metrics"][name]["value"] > 0
    assert done.report["metrics"]["cost/steps"]["value"] == 60


def root(done):
    return done.folder.parents[4]


@pytest.mark.slow
def test_a_finished_run_is_not_repeated_and_force_repeats_it_byte_for_byte(done):
    before = (done.folder / "synthetic.csv").read_bytes()
    stamp = (done.folder / "synthetic.csv").stat().st_mtime_ns
    keys = ("data=whas500", "split=audit")
    assert make_run(config(root(done), *keys)).reused
    assert (done.folder / "synthetic.csv").stat().st_mtime_ns == stamp
    forced = make_run(config(root(done), *keys, "force=true"))
    assert not forced.reused
    assert (done.folder / "synthetic.csv").stat().st_mtime_ns != stamp
    assert (done.folder / "synthetic.csv").read_bytes() == before


@pytest.mark.slow
def test_bytes_do_not_depend_on_where_the_run_is_written(done, tmp_path):
    other = make_run(config(tmp_path, "data=whas500", "split=audit"))
    assert other.folder.name == done.folder.name
    same = (other.folder / "synthetic.csv").read_bytes()
    assert same == (done.folder / "synthetic.csv").read_bytes()


@pytest.mark.slow
def test_only_the_stale_step_is_repeated(done, monkeypatch):
    fits = []
    generate = run.generate
    monkeypatch.setattr(run, "generate", lambda *a: fits.append(a) or generate(*a))
    settings = config(root(done), "data=whas500", "split=audit")
    first = store.read_report(done.folder)
    stamp = (done.folder / "synthetic.csv").stat().st_mtime_ns

    changed = settings.copy()
    OmegaConf.update(changed, "evaluation.significance", 0.01)
    again = make_run(changed)
    assert not again.reused
    assert not fits
    assert again.report["hashes"]["evaluation"] != first["hashes"]["evaluation"]
    assert (done.folder / "synthetic.csv").stat().st_mtime_ns == stamp

    report = store.read_report(done.folder)
    report["hashes"]["generation"] = "older source"
    store.write_report(done.folder, report)
    assert not make_run(settings).reused
    assert len(fits) == 1


@pytest.mark.slow
def test_reevaluation_finds_the_same_numbers(done):
    settings = config(root(done), "data=whas500", "split=audit")
    report = make_run(settings).report
    again = run.reevaluate(settings, done.folder)
    same = {name: metric for name, metric in report["metrics"].items() if "cost/" not in name}
    assert same == {name: again["metrics"][name] for name in same}
    assert same["privacy/self_link"]["value"] is not None


@pytest.mark.slow
def test_an_interrupted_run_is_repeated_and_leaves_nothing(tmp_path, monkeypatch):
    settings = config(tmp_path, "data=whas500")

    def crash(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "evaluate", crash)
        with pytest.raises(KeyboardInterrupt):
            make_run(settings)
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".lock"]
    assert not make_run(settings).reused


def test_a_claimed_run_is_refused(tmp_path):
    settings = config(tmp_path, "data=whas500")
    with (
        store.claim(store.run_folder(settings)),
        pytest.raises(InputError, match="another process is making this run"),
    ):
        make_run(settings)


SAME = [
    "logger=csv", "evaluation=full", "force=true", "output_dir=/elsewhere", "split_seed=9",
    "method.noise=0",
]  # fmt: skip
OTHER = [
    "seed=1", "split=audit", "n_samples=10", "method.numeric=quantile", "data.coding=raw",
    "method.encoder.components=4", "encoder@method.encoder=dcm_wide", "method=bootstrap",
]  # fmt: skip


@pytest.mark.parametrize("override", SAME)
def test_identity_ignores_what_does_not_decide_the_result(override):
    assert store.identity(config("/a", override)) == store.identity(config("/b"))


def test_identity_changes_with_what_decides_the_result():
    found = {store.identity(compose("train", key)) for key in [*OTHER, "seed=0"]}
    assert len(found) == len(OTHER) + 1


def test_the_hash_of_a_users_file_is_that_of_its_content(tmp_path):
    names = ["a.csv", "b.csv", "c.csv"]
    for name, text in zip(names, ("x", "x", "y"), strict=True):
        (tmp_path / name).write_text(text)
    one, alike, other = (store.content_hash({"path": str(tmp_path / name)}) for name in names)
    assert one == alike != other
    assert store.content_hash({"name": "gbsg2"}) is None


def test_identity_of_a_public_description_is_its_content(tmp_path):
    file, other = tmp_path / "public.yaml", tmp_path / "copy.yaml"
    keys = "data=whas500", "method=ck4gen_private"

    def identity(path=file):
        return store.identity(compose("train", *keys, f"method.public={path}"))

    file.write_text("horizon: 2000")
    shutil.copy(file, other)
    first = identity()
    assert identity(other) == first
    file.write_text("horizon: 3000")
    assert identity() != first


def test_identity_of_a_users_file_is_its_content(cohort, tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    cohort.to_csv(first, index=False)
    shutil.copy(first, second)
    keys = ["data=csv", "data.duration=days", "data.event=died"]
    one, two = (store.identity(config(tmp_path, *keys, f"data.path={f}")) for f in (first, second))
    assert one == two
    cohort.head(150).to_csv(second, index=False)
    assert store.identity(config(tmp_path, *keys, f"data.path={second}")) != one


@pytest.mark.slow
def test_a_users_csv_comes_back_as_the_user_knows_it(cohort, tmp_path):
    """Names, spellings and blanks are the file's; what was drawn stays beside it."""
    file = tmp_path / "cohort.csv"
    blank = np.arange(len(cohort)) % 4 == 0
    died = cohort["died"].map({1: "yes", 0: "no"})
    given = cohort.assign(marker=cohort["marker"].mask(blank), died=died)
    given.to_csv(file, index=False)
    keys = ["data=csv", "data.duration=days", "data.event=died", f"data.path={file}"]
    configured = config(tmp_path, *keys)
    done = make_run(configured)
    synthetic = pd.read_csv(done.folder / "synthetic.csv")
    assert list(synthetic) == ["age", "marker", "smoker", "stage", "days", "died"]
    assert sorted(synthetic["days"]) == sorted(cohort["days"])
    assert set(synthetic["died"]) == {"yes", "no"}
    coded = pd.read_csv(done.folder / "coded-synthetic.csv")
    assert (synthetic["marker"].isna() == coded["marker is missing"].astype(bool)).all()
    assert synthetic["marker"].isna().any()
    told = yaml.safe_load((done.folder / "schema.yaml").read_text())["columns"]
    assert list(told) == list(synthetic)
    assert done.report["metrics"]["fidelity/invalid"]["value"] == 0
    again = run.reevaluate(configured, done.folder)["metrics"]  # from what was drawn
    assert again["fidelity/ks"] == done.report["metrics"]["fidelity/ks"]


def test_a_table_is_read_back_as_it_was_written(tmp_path):
    """A level may look like a number or a gap, and floats keep their last bit."""
    levels = ("01", "NA", "1e3")
    schema = Schema((Column("x", "numeric"), Column("code", "categorical", levels=levels)))
    generator = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "x": generator.normal(size=999) * 10.0 ** generator.integers(-9, 9, 999),
            "code": generator.choice(levels, 999),
            "duration": generator.exponential(size=999),
            "event": generator.integers(0, 2, 999),
        }
    )
    write_table(table, tmp_path / "table.csv")
    back = read_table(tmp_path / "table.csv", schema)
    pd.testing.assert_frame_equal(back, table, check_exact=True)
