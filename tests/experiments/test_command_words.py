"""Nodes of a run's configuration become words that a command line takes."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from ck4gen.config import ROOT, defaults
from ck4gen.experiments.command_words import output_words, shared_words, value_text, words


def test_a_command_names_the_file_and_what_is_not_packaged():
    node = defaults("data=csv")["data"] | {"path": "my cohort.csv", "event": "died", "drop": ["id"]}
    assert (
        words("data", node) == "data=csv 'data.path=my cohort.csv' data.event=died 'data.drop=[id]'"
    )


def test_a_class_of_the_users_own_is_named_with_its_keys():
    node = {"name": "mine", "_target_": "module.Mine", "shrinkage": 0.3, "parts": [1, 2]}
    assert words("method", node) == (
        "method=own method.name=mine method._target_=module.Mine +method.shrinkage=0.3 "
        "'+method.parts=[1,2]'"
    )
    assert words("method", defaults("method=cart")["method"]) == "method=cart"


@pytest.mark.parametrize(
    "value", ["a b", "mine shrinkage=0.3", "it's", ["a=b", 1], {"a": "x,y"}, None, True, 0.5]
)
def test_hydra_reads_a_value_as_it_was(value):
    override = OverridesParser.create().parse_override(f"key={value_text(value)}")
    assert override.value() == value


def test_what_all_runs_share_is_named_unless_it_is_default():
    def report(split="audit", **keys):
        return {"split": split, "config": defaults() | keys}

    assert shared_words([report()]) == []
    fast, smoke = (defaults(k)[k.split("=")[0]] for k in ("evaluation=fast", "trainer=smoke"))
    keys = {"evaluation": fast, "trainer": smoke, "n_samples": 500, "holdout": 0.5}
    assert shared_words([report(**keys)]) == [
        "trainer=smoke", "n_samples=500", "holdout=0.5", "evaluation=fast",
    ]  # fmt: skip
    assert shared_words([report(**keys), report("release", n_samples=500)]) == ["n_samples=500"]


def test_a_folder_that_is_not_the_default_is_named(tmp_path):
    assert output_words(ROOT / "outputs") == []
    assert output_words(tmp_path / "my runs") == [f"'output_dir={tmp_path}/my runs'"]
