"""Examples in docstrings give the output that they show."""

import doctest
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated

import pytest

import ck4gen
from ck4gen.experiments.fingerprint import modules_within

PACKAGE = Path(ck4gen.__file__).parent
NAMES = {"dataclass": dataclass, "Annotated": Annotated}  # what examples take for granted


def with_examples():
    for name in modules_within("ck4gen"):
        file = PACKAGE.joinpath(*name.split(".")[1:])
        for source in (file.with_suffix(".py"), file / "__init__.py"):
            if source.is_file() and ">>>" in source.read_text():
                yield name


MODULES = list(with_examples())


def test_some_modules_have_examples():
    assert {"ck4gen", "ck4gen.api", "ck4gen.constraints"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = import_module(name)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
    found = doctest.testmod(module, extraglobs=NAMES, optionflags=flags)
    assert found.attempted > 0
    assert found.failed == 0
