"""Runs that differ in more than their seed have other labels, in the words of a command line."""

import pytest

from ck4gen.config import defaults
from ck4gen.experiments.configurations import labels, row_labels


def report(seed=0, split="release", identity="", content=None, data=None, method=None, **root):
    config = defaults(f"split={split}")
    nodes = {
        "data": data or {"name": "gbsg2"},
        "method": method or {"name": "cart"},
        "trainer": config["trainer"],
        "split_seed": seed,
    }
    return {
        "seed": seed, "split": split, "id": identity, "hashes": {"data": content},
        "config": nodes | root,
    }  # fmt: skip


def csv(seed, content, **keys):
    return report(seed, content=content, data={"name": "csv", "path": "trial.csv"}, **keys)


def test_contents_of_one_file_are_two_datasets():
    datasets, _ = row_labels([csv(0, "aaa"), csv(1, "aaa"), csv(0, "bbb"), report()])
    assert datasets == ["csv content=aaa", "csv content=aaa", "csv content=bbb", "gbsg2"]
    assert row_labels([csv(0, "aaa"), csv(1, "aaa")])[0] == ["csv", "csv"]
    assert row_labels([csv(0, None), csv(1, "aaa")])[0][0] == "csv content=unknown"


def test_keys_of_the_root_tell_runs_apart():
    _, methods = row_labels([report(0), report(1), report(0, n_samples=500), report(0, "audit")])
    assert methods == ["cart", "cart", "cart n_samples=500", "cart"]
    _, methods = row_labels([report(n_samples=None), report(n_samples=500)])
    assert methods == ["cart n_samples=null", "cart n_samples=500"]
    _, methods = row_labels([report(holdout=0.3), report(holdout=0.5)])  # of no release
    assert methods == ["cart", "cart"]
    _, methods = row_labels([report(0, "audit", holdout=h) for h in (0.3, 0.5)])
    assert methods == ["cart holdout=0.3", "cart holdout=0.5"]


def test_a_row_has_no_seed_twice():
    splits = [report(seed, "audit", split_seed=s) for seed in (0, 1) for s in (7, 8)]
    assert row_labels(splits)[1] == ["cart split_seed=7", "cart split_seed=8"] * 2
    followed = [report(seed, "audit") for seed in (0, 1)]
    assert row_labels(followed)[1] == ["cart", "cart"]
    earlier = [csv(0, None, identity="a"), csv(0, None, identity="b"), csv(1, None, identity="c")]
    assert row_labels(earlier)[1] == ["cart id=a", "cart id=b", "cart id=c"]


def test_trainers_have_the_names_of_their_files():
    trainers = {name: defaults(f"trainer={name}")["trainer"] for name in ("default", "smoke")}
    short = trainers["default"] | {"limit_steps": 7}
    runs = [report(trainer=node) for node in (*trainers.values(), short)]
    assert row_labels(runs)[1] == [
        "cart trainer=default", "cart trainer=smoke", "cart trainer.limit_steps=7",
    ]  # fmt: skip


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A class of the user's own, whose constructor has a default."""
    (tmp_path / "labelled.py").write_text(
        "class Mine:\n    def __init__(self, shrinkage=0.0): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return {"name": "mine", "_target_": "labelled.Mine"}


def test_a_key_left_out_has_the_default_of_the_constructor(mine):
    assert labels([mine, mine | {"shrinkage": 0}]) == ["mine", "mine"]
    assert labels([mine, mine | {"shrinkage": 0.3}]) == ["mine shrinkage=0", "mine shrinkage=0.3"]
    gone = mine | {"_target_": "labelled.Gone"}
    assert labels([gone, gone | {"shrinkage": 0.3}]) == ["mine", "mine shrinkage=0.3"]


def test_another_class_of_the_same_name_is_told_apart_by_the_class_alone(mine):
    packaged = defaults()["method"]
    own = mine | {"name": "ck4gen"}
    assert labels([packaged, own, own | {"shrinkage": 1}]) == [
        "ck4gen _target_=ck4gen.methods.ck4gen.ck4gen.CK4Gen",
        "ck4gen _target_=labelled.Mine shrinkage=0",
        "ck4gen _target_=labelled.Mine shrinkage=1",
    ]


def test_a_long_label_is_cut_and_stays_one_of_its_own():
    nodes = [{"name": "a"} | {f"key{n}": n * v for n in range(1, 10)} for v in (1, 2)]
    other = nodes[0] | {"key9": 0}
    cut = labels([*nodes, other])
    assert cut[0].startswith("a key1=1 key2=2 key3=3 key4=4 key5=5 and 4 more (")
    assert len(set(cut)) == 3
