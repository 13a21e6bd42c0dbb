"""Nodes of a run's configuration become words that a command line takes."""

from ck4gen.config import defaults
from ck4gen.experiments.command_words import words


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
