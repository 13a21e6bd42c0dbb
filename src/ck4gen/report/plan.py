"""What the report consists of: every kind of item for every dataset, named by what it shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

import yaml

from ck4gen.config import CONF
from ck4gen.report.items import Figure, Table
from ck4gen.report.registry import Item, items
from ck4gen.report.results import Results
from ck4gen.settings import InputError


@dataclass(frozen=True)
class Planned:
    """An item of the report.

    Attributes:
        item: Its kind.
        dataset: The dataset that it is of; None for one of all.
    """

    item: Item
    dataset: str | None = None

    @property
    def name(self) -> str:
        """``<tables or figures>/<dataset>/<what it shows>``, without a dataset for one of all."""
        parts = (self.item.kind, self.dataset, self.item.name)
        return "/".join(part for part in parts if part is not None)

    def make(self, results: Results) -> Table | Figure:
        """The table or figure.

        Raises:
            MissingRuns: None of the runs behind it is there.
        """
        more = () if self.dataset is None else (self.dataset,)
        return self.item.make(results, *more)


def plan(datasets: Iterable[str], extra: Iterable[str] = ()) -> dict[str, Planned]:
    """Items by name in the order of the page: those of all datasets first, then by dataset.

    Args:
        datasets: Names of the datasets, in their order.
        extra: Dotted paths of further items, see :func:`items`.
    """
    kinds = items(extra)
    planned = [Planned(item) for item in kinds if not item.by_dataset]
    planned += [Planned(item, d) for d in datasets for item in kinds if item.by_dataset]
    return {one.name: one for one in planned}


@cache
def paper_numbers() -> dict[str, str]:
    """Names of items by their number in the paper's plan, such as ``table_12``."""
    return yaml.safe_load((CONF / "paper_numbers.yaml").read_text(encoding="utf-8"))


def number_of(name: str) -> str | None:
    """``Table 12``, or None for an item that the paper's plan has not."""
    number = next((number for number, item in paper_numbers().items() if item == name), None)
    return None if number is None else number.replace("_0", "_").replace("_", " ").capitalize()


def select(only: str, planned: dict[str, Planned]) -> Planned:
    """The item that ``only`` names: in full, without its kind, or by its number in the paper.

    Raises:
        InputError: It names none, or a table as well as a figure.
    """
    name = paper_numbers().get(only, only)
    matches = [item for item in planned if name in (item, item.partition("/")[2])]
    if len(matches) == 1:
        return planned[matches[0]]
    if matches:
        raise InputError(f"only is '{only}', which names {' and '.join(matches)}; choose one")
    alike = [one.dataset for one in planned.values() if one.item.name == name]
    if of_dataset := sorted({dataset for dataset in alike if dataset is not None}):
        raise InputError(
            f"only is '{only}', of which there is one for each dataset; give one, as "
            f"{of_dataset[0]}/{name} ({', '.join(of_dataset)})"
        )
    short = [item.partition("/")[2] for item in planned]
    near = get_close_matches(name, [*planned, *short], n=3, cutoff=0.3)
    raise InputError(
        f"only is '{only}', and no item has that name; near it are {', '.join(near or planned)}"
    )
