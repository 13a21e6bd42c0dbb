"""What ``ck4gen canary`` prints: a column for each reader, and a line for the difference of two."""

import json

from ck4gen.cli.canary import print_canary


def printed(tmp_path, capsys, monkeypatch, canaries=1, **result):
    monkeypatch.setenv("COLUMNS", "200")
    file = tmp_path / "canary.json"
    whole = {"dataset": "whas500", "method": "vae", "kind": "random", "pairs": 4, "draws": None}
    whole |= {"removed": 1, "canaries": [{}] * canaries} | result
    whole["metrics"] = {
        f"canary/{name}": dict(zip(("value", "low", "high"), values, strict=True))
        for name, values in result["metrics"].items()
    }
    file.write_text(json.dumps(whole))
    print_canary(file)
    return capsys.readouterr().out


def test_one_table_has_one_column(tmp_path, capsys, monkeypatch):
    metrics = {"record": (0.75, 0.5, 0.9)}
    out = printed(tmp_path, capsys, monkeypatch, metrics=metrics)
    assert "0.75 (0.50-0.90)" in out
    assert "sampler" not in out


def test_the_holder_has_a_column_of_her_own(tmp_path, capsys, monkeypatch):
    metrics = {"record": (0.75, 0.5, 0.9), "sampler/weights": (1.0, 0.8, 1.0)}
    out = printed(tmp_path, capsys, monkeypatch, draws=100, metrics=metrics)
    assert "has the sampler" in out
    assert "1.00 (0.80-1.00)" in out


def test_the_difference_of_two_releases_has_its_errors(tmp_path, capsys, monkeypatch):
    none = (None, None)
    metrics = {
        "columns": (0.6, *none),
        "columns/max": (0.7, *none),
        "recovered/table": (2.13, *none),
        "recovered/guessed": (0.29, *none),
    }
    out = printed(tmp_path, capsys, monkeypatch, 2, removed=10, metrics=metrics)
    assert "Were these 10 taken out?" in out
    assert "2 times 10 patients" in out
    assert "0.60, 0.70" in out
    assert "in SDs: 2.13 by two tables, 0.29 by the mean of all" in out
