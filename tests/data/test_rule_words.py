"""Rules in words: every found rule is read back from its sentence, and a user may edit them."""

import numpy as np
import pandas as pd
import pytest
import yaml

from ck4gen.cli.main import main
from ck4gen.data.rule_search import find_rules
from ck4gen.data.rule_words import requested_rules
from ck4gen.data.rules import Banded, Bounded, Forbidden, Mapped, Ordered, Sum
from ck4gen.data.schema import Column, Schema
from ck4gen.data.understanding import read_schema
from ck4gen.data.user_table import FrameDataModule
from ck4gen.settings import InputError

ROWS = 400
pytestmark = pytest.mark.filterwarnings("ignore:.* follows from")


@pytest.fixture
def table():
    """Columns of every kind of rule, with names that hold operators and spaces."""
    rng = np.random.default_rng(0)
    age = rng.integers(20, 90, ROWS)
    examined = rng.poisson(12, ROWS) + 1
    frame = pd.DataFrame(
        {
            "age at entry": age,
            "old": (age >= 65).astype(int),
            "nodes (all)": examined,
            "nodes + = pos": rng.binomial(examined, 0.5),
            "site": rng.choice(["a", "b", "c c"], ROWS),
            "x": rng.integers(0, 9, ROWS),
            "y": rng.integers(0, 9, ROWS),
            "meno": np.where((age < 55) & (rng.random(ROWS) < 0.8), "pre", "post"),
        }
    )
    frame["region"] = np.where(frame["site"] == "a", "north", "south")
    frame["total"] = 2 * frame["x"] + frame["y"] + 3
    frame["sex"] = np.where(frame["meno"] == "pre", "f", rng.choice(["f", "m"], ROWS))
    return frame.assign(days=rng.integers(1, 900, ROWS), died=rng.integers(0, 2, ROWS))


def module(table, schema=None):
    data = FrameDataModule(table, "days", "died", schema=schema)
    data.setup()
    return data


def test_every_rule_is_read_back_from_its_own_words(table):
    data = module(table)
    kinds = {type(rule) for rule in data.schema.rules}
    assert kinds == {Mapped, Banded, Sum, Ordered, Forbidden, Bounded}
    words = [rule.sentence for rule in data.schema.rules]
    assert requested_rules(words, [], data.train, data.schema) == data.schema.rules


def test_a_level_that_is_a_number_is_written_as_one():
    rule = Forbidden("site", 9.0, "sex", "m", "f")
    assert rule.sentence == "site 9 never with sex m"


def asked(table, tmp_path, *rules):
    file = tmp_path / "schema.yaml"
    file.write_text(yaml.safe_dump({"columns": {}, "rules": list(rules)}))
    return module(table, str(file)).schema.rules


def test_a_rule_that_is_removed_is_not_held_and_one_that_is_added_is(table, tmp_path):
    assert asked(table, tmp_path) == ()
    assert asked(table, tmp_path, "x <= total", "old follows from age at entry, cut at 65.0") == (
        Ordered("x", "total"),
        Banded("old", ("age at entry",), (65.0,), (0.0, 1.0)),
    )


BROKEN = {
    r"column 'x', rows .*\): breaks the rule 'x <= y'; correct it, or remove the rule": "x <= y",
    "column 'region', rows .*: breaks": "region follows from sex",
    "column 'total', rows .*: breaks": "total = 2 x + y + 4",
    "column 'sex', rows .*: breaks": "sex f only with age at entry < 50",
    "the rule 'x < y' is not understood; write 'a <= b'": "x < y",
    "the rule 'x <= z' is not understood": "x <= z",
    "the rule 'sex x never with meno pre' is not understood": "sex x never with meno pre",
    "the rule 'x <= sex' is not understood": "x <= sex",
    "the rule 'total = x + x' is not understood": "total = x + x",
    "the rule 'old follows from x + 2 y, cut at 3' is not": "old follows from x + 2 y, cut at 3",
    "the rule 'old follows from age at entry, cut at 65, 900' is": "old follows from age at entry, "
    "cut at 65, 900",
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_a_rule_that_cannot_be_held_gets_a_sentence(sentence, table, tmp_path):
    with pytest.raises(InputError, match=sentence.replace("+", r"\+")):
        asked(table, tmp_path, BROKEN[sentence])


def test_all_wrong_rules_are_said_at_once(table, tmp_path):
    with pytest.raises(InputError, match="for 2 reasons"):
        asked(table, tmp_path, "x <= y", "x < y")


def test_a_file_without_rules_has_them_found(tmp_path):
    file = tmp_path / "schema.yaml"
    file.write_text("columns: {}")
    assert read_schema(file).rules is None
    file.write_text("columns: {}\nrules:")
    assert read_schema(file).rules == ()
    file.write_text("columns: {}\nrules: [{a: b}]")
    with pytest.raises(InputError, match="rules are a list of sentences"):
        read_schema(file)


def test_the_plan_shows_the_rules_and_takes_them_back(table, tmp_path, capsys):
    table.to_csv(tmp_path / "c.csv", index=False)
    plan = ["synthesize", str(tmp_path / "c.csv"), "--duration", "days", "--event", "died"]
    main([*plan, "--plan"])
    said = capsys.readouterr().out
    content = yaml.safe_load(said[said.index("# How the table is read") :])
    assert "region follows from site" in content["rules"]
    content["rules"] = [rule for rule in content["rules"] if not rule.startswith("region")]
    (tmp_path / "schema.yaml").write_text(yaml.safe_dump(content))
    main([*plan, "--plan", "--schema", str(tmp_path / "schema.yaml")])
    said = capsys.readouterr().out
    assert "region follows from site" not in said
    assert "total = 2 x + y + 3" in said


def test_blanks_break_no_rule_that_is_asked_for():
    frame = pd.DataFrame({"a": [1.0, np.nan, 9.0], "b": [2.0, 1.0, np.nan]})
    schema = Schema((Column("a", "numeric"), Column("b", "numeric")))
    assert find_rules(frame, schema).rules == ()
    assert requested_rules(["a <= b"], [], frame, schema) == (Ordered("a", "b"),)
