"""Tables and figures of the report: each says beside its function what it is, and is found.

A function that :func:`table` or :func:`figure` marks takes the results and, for an item of one
dataset, its name. It lies in a file of ``report/tables`` or ``report/figures``, in a package that
names it as entry point of the group ``ck4gen.items``, or is named by ``extra`` of
``conf/report.yaml``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from ck4gen.report.items import Figure, Table
from ck4gen.settings import InputError, import_named

ATTRIBUTE = "__item__"
GROUP = "ck4gen.items"  # entry points of installed packages
PACKAGES = ("ck4gen.report.tables", "ck4gen.report.figures")
LAST = 1000  # place of an item that says none: after all that do

Make = Callable[..., Table | Figure]


@dataclass(frozen=True)
class Item:
    """A kind of table or figure.

    Attributes:
        kind: ``tables`` or ``figures``, the folder of its files.
        name: What it shows; that of its function.
        make: The function.
        by_dataset: Whether there is one for each dataset, or one of all.
        order: Place on the page.
    """

    kind: str
    name: str
    make: Make
    by_dataset: bool
    order: int


def table(order: int = LAST, by_dataset: bool = True) -> Callable[[Make], Make]:
    """Mark a function that makes a :class:`Table`."""
    return _marked("tables", order, by_dataset)


def figure(order: int = LAST, by_dataset: bool = True) -> Callable[[Make], Make]:
    """Mark a function that makes a :class:`Figure`."""
    return _marked("figures", order, by_dataset)


def _marked(kind: str, order: int, by_dataset: bool) -> Callable[[Make], Make]:
    def mark(function: Make) -> Make:
        item = Item(kind, function.__name__, function, by_dataset, order)
        setattr(function, ATTRIBUTE, item)
        return function

    return mark


def items(extra: Iterable[str] = ()) -> list[Item]:
    """Every kind of table, then of figure, in the order of their places.

    Args:
        extra: Dotted paths of further functions, such as ``mymodule.my_figure``.

    Raises:
        InputError: A path leads to no marked function, or two items have one name.
    """
    all_items = list(_packaged())
    for entry in entry_points(group=GROUP):
        all_items.append(_item(entry.load(), entry.value))
    all_items += [_item(import_named("extra", path, "mymodule.my_figure"), path) for path in extra]
    names = [(item.kind, item.name) for item in all_items]
    for kind, name in names:
        if names.count((kind, name)) > 1:
            raise InputError(f"two of the {kind} have the name {name}; rename the function of one")
    return sorted(all_items, key=lambda item: (item.kind != "tables", item.order, item.name))


def _packaged() -> Iterator[Item]:
    for package in PACKAGES:
        for entry in iter_modules(import_module(package).__path__, f"{package}."):
            module = import_module(entry.name)
            for value in vars(module).values():
                if hasattr(value, ATTRIBUTE) and value.__module__ == module.__name__:
                    yield getattr(value, ATTRIBUTE)


def _item(function: object, path: str) -> Item:
    if not hasattr(function, ATTRIBUTE):
        raise InputError(
            f"'{path}' is no item; mark the function with table or figure of ck4gen.report.registry"
        )
    return getattr(function, ATTRIBUTE)
