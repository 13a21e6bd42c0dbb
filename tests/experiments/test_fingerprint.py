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


def digest(root="toy_cohorts.main"):
    for name in ("_hash", "_file", "_parsed", "_imports", "_tree"):
        getattr(fingerprint, name).cache_clear()
    return fingerprint.source_hash([root])


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


OWN = {
    "own_method": "import numpy\nfrom own_base import Base\n\n\nclass Mine(Base):\n    x = 1\n",
    "own_base": "import json\nfrom own_parts.weights import two\n\n\nclass Base:\n    y = two()\n",
    "own_parts/__init__": "",
    "own_parts/weights": "from . import further\nfrom .numbers import z\n\ntwo = lambda: z\n",
    "own_parts/numbers": "z = 2\n",
    "own_parts/further": "u = 3\n",
}


@pytest.mark.parametrize("changed", [name for name in OWN if "__init__" not in name])
def test_what_an_own_class_is_made_of_counts_wherever_it_lies(changed, tmp_path, monkeypatch):
    for name, text in OWN.items():
        file = tmp_path / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = digest("own_method")
    assert digest("own_method") == before
    file = tmp_path / f"{changed}.py"
    file.write_text(f"{file.read_text()}\nnew = 1\n")
    assert digest("own_method") != before


def test_installed_packages_count_by_their_version_alone(tmp_path, monkeypatch):
    (tmp_path / "own_method.py").write_text("import json\nimport numpy\nimport pandas.api\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    digest("own_method")
    assert fingerprint._closure(["own_method"], frozenset(["ck4gen"])) == {"own_method"}


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
