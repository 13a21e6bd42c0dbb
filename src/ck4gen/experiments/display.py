"""How a method or a dataset is shown: the node ``display`` of its file in ``conf``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from omegaconf import OmegaConf

from ck4gen.config import CONF, as_dict, choices, defaults

LAST = 1000  # place of what says none: after all that do


@dataclass(frozen=True)
class Display:
    """The keys of a node ``display``; the defaults are those of what has none.

    Attributes:
        title: How people write it.
        marker: Marker in figures.
        colour: Colour in figures, of a dataset that of its synthetic patients.
        reference: It is a yardstick that competes with nobody.
        order: Place in comparisons; those of one place follow by name.
    """

    title: str
    marker: str = "*"
    colour: str = "#444444"
    reference: bool = False
    order: int = LAST


@cache
def of_method(name: str) -> Display:
    """Display of ``conf/method/<name>.yaml``; defaults where there is no such file."""
    return _packaged("method", name)


@cache
def of_dataset(name: str) -> Display:
    """Display of ``conf/data/<name>.yaml``; defaults where there is no such file."""
    return _packaged("data", name)


def about(group: str, name: str) -> str:
    """What a method or a dataset is: the comment at the head of its file in ``conf``.

    Args:
        group: ``method`` or ``data``.
        name: Name of its file.

    Returns:
        The comment without how to install it; empty where there is none.
    """
    file = CONF / group / f"{name}.yaml"
    first = file.read_text(encoding="utf-8").partition("\n")[0] if file.is_file() else ""
    return first.removeprefix("# ").partition("; pip install")[0] if first[:1] == "#" else ""


def in_order(names: Iterable[str], display: Callable[[str], Display]) -> list[str]:
    """Names of methods or datasets in the order of their places, then by name."""
    return sorted(names, key=lambda name: (display(name).order, name))


def _packaged(group: str, name: str) -> Display:
    if name not in choices(group):
        return Display(name)
    config = OmegaConf.create(defaults(script=f"{group}/{name}"))
    node = as_dict(config)[group]
    return Display(**{"title": name, **node.get("display", {})})
