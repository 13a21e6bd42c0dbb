"""What Weights & Biases was told, read back from the offline run's own file."""

import json
import struct
import time
from itertools import product

import pytest
import yaml

from ck4gen.cli.main import main
from ck4gen.config import ROOT
from ck4gen.evaluation.base.registry import infos
from ck4gen.experiments import run
from ck4gen.experiments.make_run import make_run
from ck4gen.experiments.untold import untold
from ck4gen.experiments.wandb_record import may_leave
from ck4gen.settings import InputError
from conftest import compose

BLOCK = 32768  # the file is a LevelDB log: blocks of chunks with (checksum, length, type)
HEADER = 7


def records(file):
    from wandb.proto import wandb_internal_pb2  # a second, which no other file need wait for

    content, place, partial = file.read_bytes(), HEADER, b""
    while place + HEADER <= len(content):
        left = BLOCK - place % BLOCK
        if left < HEADER:
            place += left
            continue
        _, length, kind = struct.unpack_from("<IHB", content, place)
        if place + HEADER + length > len(content):
            return  # the service process is still writing this chunk
        partial += content[place + HEADER : place + HEADER + length]
        place += HEADER + length
        if kind in (1, 4):  # a whole record, or its last chunk
            record = wandb_internal_pb2.Record()
            record.ParseFromString(partial)
            yield record
            partial = b""


def config(output_dir, *overrides):
    keys = ["data=whas500", "trainer=smoke", "evaluation=fast", "logger=many", "group=test"]
    return compose("train", *keys, f"output_dir={output_dir}", *overrides)


def offline_run(folder):
    (file,) = folder.glob("wandb/offline-run-*/*.wandb")
    for _ in range(100):  # the service process writes the end of the file a moment later
        found = list(records(file))
        if any(record.HasField("exit") for record in found):
            return found
        time.sleep(0.1)
    raise AssertionError("the offline run was never finished")


def summary_of(found):
    return {
        item.key or "/".join(item.nested_key): json.loads(item.value_json)
        for record in found
        for item in record.summary.update
    }


def keys_of(found):
    return {i.key or "/".join(i.nested_key) for r in found for i in r.history.item}


def files_of(found):
    files = {f.path for r in found for f in r.request.log_artifact.artifact.manifest.contents}
    return files | {f.path for r in found for f in r.artifact.manifest.contents}


@pytest.mark.slow
def test_an_offline_run_holds_the_numbers_of_the_report(tmp_path):
    done = make_run(config(tmp_path))
    found = offline_run(done.folder)
    logged = next(r.run for r in found if r.HasField("run"))
    assert (logged.project, logged.run_group, logged.job_type) == ("ck4gen", "test", "ck4gen")
    assert list(logged.tags) == ["whas500", "release", "seed=0"]

    told = summary_of(found)
    for name, metric in done.report["metrics"].items():
        assert told[name] == pytest.approx(metric["value"]), name
        if metric["value"] is None:
            assert told[f"{name}/reason"] == metric["reason"]
        elif metric["low"] is not None:
            assert told[f"{name}/low"] == pytest.approx(metric["low"])
    assert told["privacy/verdict"] == done.report["verdict"]["overall"]
    assert told["warnings"] == "\n".join(done.report["warnings"])

    keys = keys_of(found)
    assert {"encoder/loss", "encoder/spearman", "decoder/loss"} <= keys
    assert {"encoder/step", "decoder/step"} <= keys  # each stage has steps of its own
    for name in ("hazard_ratios", "pictures/forest", "pictures/kaplan_meier"):
        assert any(key.startswith(name) for key in keys), name
    known = {i.key: i.value_json for r in found for i in r.config.update}
    assert json.loads(known["method"])["encoder"]["components"] == 3
    assert json.loads(known["id"]) == done.report["id"]
    assert {"commit", "versions"} <= {*known}
    assert "secret" not in known
    assert (done.folder / "metrics.csv").is_file()
    tables = {"synthetic.csv", "audit.md", "sampler.pt"}  # its rows lead back to patients
    assert "card.md" in files_of(found)
    assert not tables & files_of(found)


@pytest.mark.slow
def test_a_finished_run_is_told_later_with_the_table_that_may_leave(tmp_path, capsys):
    keys = ["method=vae_calibrated", "logger=csv", "method.calibration.steps=3"]
    done = make_run(config(tmp_path, *keys))
    main(["wandb-sync", str(done.folder), "--offline", "--group", "later"])
    (written,) = done.folder.glob("wandb/offline-run-*")
    name = "whas500-vae_calibrated-release-seed=0"
    assert capsys.readouterr().out == f"written: {name}; wandb sync {written} sends it\n"
    found = offline_run(done.folder)
    logged = next(r.run for r in found if r.HasField("run"))
    assert (logged.run_group, logged.run_id[-8:]) == ("later", done.report["id"])
    assert summary_of(found)["hazard/in_ci"] == done.report["metrics"]["hazard/in_ci"]["value"]
    assert {"calibration/step", "vae/loss", "vae/step"} <= keys_of(found)
    assert any(key.startswith("pictures/kaplan_meier") for key in keys_of(found))
    assert {"synthetic.csv", "schema.yaml", "card.md"} <= files_of(found)
    assert "audit.md" not in files_of(found)
    main(["wandb-sync", str(done.folder), "--offline"])
    assert "1 runs have a wandb folder already" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="no finished run in"):
        main(["wandb-sync", str(tmp_path), "--offline"])


@pytest.mark.slow
def test_a_finished_run_of_which_it_was_not_told_is_named_with_the_command(tmp_path, capsys):
    keys = ["data=whas500", "method=bootstrap", "evaluation=fast", f"output_dir={tmp_path}"]
    main(["train", *keys])
    main(["train", *keys])
    assert "Weights & Biases" not in capsys.readouterr().out
    (folder,) = tmp_path.glob("runs/*/*/*/seed=*")
    sentence = "Weights & Biases was not told of {} finished before; ck4gen wandb-sync {} --offline"
    for verb, who in (("train", "this run, which was"), ("sweep", "this run, which was")):
        main([verb, *keys, "logger=wandb"])
        assert sentence.format(who, folder) in capsys.readouterr().out
    (folder / "wandb").mkdir()
    main(["train", *keys, "logger=wandb"])
    assert "Weights & Biases" not in capsys.readouterr().out


def test_many_runs_are_told_by_a_pattern(tmp_path):
    config = compose("train", "logger=many", f"output_dir={tmp_path}")
    sentence = untold(config, [tmp_path / str(n) for n in range(6)])
    assert (
        f"6 runs that were finished before; ck4gen wandb-sync {tmp_path}/runs/*/*/*/*" in sentence
    )


def test_only_a_table_to_share_may_leave():
    report = {"split": "release", "contains_real": False, "times_copied": False, "verdict": {}}
    assert may_leave(report)
    for kept in (
        {"split": "audit"}, {"contains_real": True}, {"times_copied": True},
        {"verdict": {"overall": "fail"}},
    ):  # fmt: skip
        assert not may_leave(report | kept)


@pytest.mark.slow
def test_an_agent_of_a_sweep_composes_every_run():
    plan = yaml.safe_load((ROOT / "examples" / "sweep.yaml").read_text())
    command = [word for word in plan["command"] if not word.startswith("${")]
    assert command[:2] == ["ck4gen", "train"]
    choices = {name: key["values"] for name, key in plan["parameters"].items()}
    fixed = [word for word in command[2:] if "=" in word]
    for number, values in enumerate(product(*choices.values())):
        if number % 5 == 0:  # seeds compose alike
            keys = [f"{name}={value}" for name, value in zip(choices, values, strict=True)]
            assert "wandb" in compose("train", *fixed, *keys).logger
    assert plan["metric"]["name"] in infos()


@pytest.mark.slow
def test_without_a_login_the_sentence_says_what_to_do(tmp_path, monkeypatch):
    from wandb.errors import UsageError

    def refuse(**_):
        raise UsageError("api_key not configured (no-tty).\n call wandb.login")

    monkeypatch.setattr("wandb.init", refuse)
    with pytest.raises(InputError, match=r"refused .api_key not configured.* run wandb login once"):
        make_run(config(tmp_path, "logger.wandb.offline=false", "method=cart"))
    assert not list(tmp_path.rglob(".*.partial"))


@pytest.mark.slow
def test_two_jobs_in_one_process_are_two_runs_even_when_the_first_fails(tmp_path, monkeypatch):
    evaluate = run.evaluate
    monkeypatch.setattr(run, "evaluate", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_run(config(tmp_path))
    monkeypatch.setattr(run, "evaluate", evaluate)
    done = [make_run(config(tmp_path, f"seed={seed}")) for seed in (0, 1)]
    names = [
        {r.run.display_name for r in offline_run(run.folder) if r.HasField("run")} for run in done
    ]
    assert names == [{f"whas500-ck4gen-release-seed={seed}"} for seed in (0, 1)]
