"""What makes a result stale: the code that it runs, and nothing else."""

import sys

import pytest
from omegaconf import OmegaConf

from ck4gen.config import defaults
from ck4gen.experiments import fingerprint, store

MAIN = '''"""Doc."""
from toy_cohorts.part import double
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toy_cohorts.other import Thing


def four() -> int:
    """Doc."""
    return double(2)  # a comment
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "toy_cohorts"
    folder.mkdir()
    for name, text in {
        "__init__": "",
        "main": MAIN,
        "part": "def double(x):\n    return 2 * x\n",
        "other": "class Thing:\n    pass\n",
    }.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "toy_cohorts"]:
        del sys.modules[name]


def digest():
    for name in ("_hash", "_file", "_parsed", "_imports", "_tree"):
        getattr(fingerprint, name).cache_clear()
    return fingerprint.source_hash(["toy_cohorts.main"])


def replaced(package, name, old, new):
    file = package / f"{name}.py"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_docstrings_comments_and_layout_do_not_count(package):
    before = digest()
    replaced(package, "main", '"""Doc."""', '"""Another one, longer."""')
    replaced(package, "main", "  # a comment", "")
    replaced(package, "main", "    return double(2)", "\n    return double(\n        2\n    )")
    assert digest() == before


def test_code_counts_also_that_of_an_import_but_not_of_one_for_types_alone(package):
    before = digest()
    replaced(package, "other", "pass", "x = 1")
    (package / "new.py").write_text("y = 2\n")
    assert digest() == before
    replaced(package, "part", "2 * x", "x + x")
    after = digest()
    assert after != before
    replaced(package, "main", "double(2)", "double(3)")
    assert digest() not in (before, after)


@pytest.mark.slow
def test_a_method_depends_on_its_own_modules():
    used = {
        name: fingerprint._closure(
            list(fingerprint.targets(defaults(f"method={name}")["method"])), frozenset(["ck4gen"])
        )
        for name in ("cart", "vae", "ck4gen_free", "cart_reselected")
    }
    assert "ck4gen.methods.vae" not in used["cart"]
    assert "ck4gen.methods.ck4gen.gaussian_mixture_latents" in used["ck4gen_free"]
    assert "ck4gen.methods.cart" in used["cart_reselected"]  # named by a nested node
    assert not any(
        m.startswith(("ck4gen.report", "ck4gen.cli")) for ms in used.values() for m in ms
    )
    hashes = {n: store.generation_hash(OmegaConf.create(defaults(f"method={n}"))) for n in used}
    assert len(set(hashes.values())) == len(hashes)
