"""How every figure looks: colours, fonts, and the width of a paper's column."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib

from ck4gen.experiments.display import of_dataset, of_method

COLUMN = 3.5  # inches, one column of a two-column paper
REAL = "#c8960c"  # gold, always
OTHER = "#444444"  # a user's own cohort
HATCH = "/////"  # of synthetic bars, so that they can be told from gold in grey
GREY = "#444444"
RC: Any = {  # a mapping, whose keys matplotlib's own types list one by one

    "font.family": "DejaVu Sans", "font.size": 7, "axes.titlesize": 7.5, "axes.labelsize": 7,
    "xtick.labelsize": 6.5, "ytick.labelsize": 6.5, "legend.fontsize": 6.5,
    "axes.linewidth": 0.6, "lines.linewidth": 1.0, "axes.spines.top": False,
    "axes.spines.right": False, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
    "pdf.fonttype": 42, "ps.fonttype": 42,  # fonts embedded as text, not as outlines
    "figure.constrained_layout.use": True, "legend.frameon": False, "svg.hashsalt": "ck4gen",
}  # fmt: skip


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, without a display."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # tells of every table it drops
    with matplotlib.rc_context(RC):
        yield


def name_of(method: str) -> str:
    """A method as people write it."""
    return of_method(method).title


def title_of(dataset: str) -> str:
    """A dataset as people write it."""
    return of_dataset(dataset).title


def colour_of(dataset: str) -> str:
    """Colour of synthetic patients of a dataset."""
    return of_dataset(dataset).colour


def mark_of(method: str) -> dict[str, Any]:
    """Marker of a method, as keys of ``plot``; those of references are hollow."""
    display = of_method(method)
    face = "white" if display.colour == GREY else display.colour
    return {
        "marker": display.marker, "color": display.colour, "mfc": face, "mec": display.colour,
        "mew": 0.7, "ms": 4,
    }  # fmt: skip
