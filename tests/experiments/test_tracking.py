"""What Weights & Biases was told, read back from the offline run's own file."""

import json
import struct
import time

import pytest
from wandb.proto import wandb_internal_pb2

from ck4gen.experiments import run
from ck4gen.experiments.make_run import make_run
from conftest import compose

BLOCK = 32768  # the file is a LevelDB log: blocks of chunks with (checksum, length, type)
HEADER = 7


def records(file):
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


@pytest.mark.slow
def test_an_offline_run_holds_the_numbers_of_the_report(tmp_path):
    done = make_run(config(tmp_path))
    found = offline_run(done.folder)
    logged = next(r.run for r in found if r.HasField("run"))
    assert (logged.project, logged.run_group, logged.job_type) == ("ck4gen", "test", "ck4gen")
    assert list(logged.tags) == ["whas500", "release", "seed=0"]

    summary = {}
    for record in found:
        for item in record.summary.update:
            summary[item.key or "/".join(item.nested_key)] = json.loads(item.value_json)
    for name, metric in done.report["metrics"].items():
        assert summary[name] == pytest.approx(metric["value"]), name

    keys = {i.key or "/".join(i.nested_key) for r in found for i in r.history.item}
    assert {"encoder/loss", "encoder/spearman", "decoder/loss"} <= keys
    assert any(name.startswith("hazard_ratios") for name in keys)
    known = {i.key: i.value_json for r in found for i in r.config.update}
    assert json.loads(known["method"])["encoder"]["components"] == 3
    files = {f.path for r in found for f in r.request.log_artifact.artifact.manifest.contents}
    files |= {f.path for r in found for f in r.artifact.manifest.contents}
    assert {"synthetic.csv", "schema.yaml"} <= files
    assert (done.folder / "metrics.csv").is_file()


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
