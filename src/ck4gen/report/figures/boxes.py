"""Boxes, arrows and layers of a diagram; every panel is the unit square."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch, Polygon, Rectangle

SMALL, INK = 5.5, "black"
NETWORK, FROZEN = "#d6e4f0", "#eeeeee"
TALLEST = 0.36  # height of the widest layer
COLUMNS, OUTCOMES = 6, 2  # cells of a row of the table, of which these last hold the outcome


def box(
    axis: plt.Axes, x: float, y: float, width: float, height: float, text: str = "",
    colour: str = NETWORK, hatch: str | None = None,
) -> None:  # fmt: skip
    """A box around its centre."""
    corner = x - width / 2, y - height / 2
    axis.add_patch(Rectangle(corner, width, height, fc=colour, ec=INK, lw=0.5, hatch=hatch))
    axis.text(x, y, text, ha="center", va="center", fontsize=SMALL, linespacing=1.1)


def funnel(
    axis: plt.Axes, x: float, y: float, width: float, left: float, right: float, text: str,
    colour: str = NETWORK,
) -> None:  # fmt: skip
    """A network as a trapezium with the heights of its two ends."""
    a, b = x - width / 2, x + width / 2
    corners = [(a, y - left / 2), (a, y + left / 2), (b, y + right / 2), (b, y - right / 2)]
    axis.add_patch(Polygon(corners, fc=colour, ec=INK, lw=0.5))
    axis.text(x, y, text, ha="center", va="center", fontsize=SMALL, linespacing=1.1)


def arrow(axis: plt.Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An arrow between two points."""
    style: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 5, "lw": 0.6, "color": INK}
    axis.add_patch(FancyArrowPatch(start, end, shrinkA=0, shrinkB=0, **style))


def note(axis: plt.Axes, x: float, y: float, text: str, **keys: Any) -> None:
    """A few words, centred."""
    look: dict[str, Any] = {"ha": "center", "va": "center"} | keys
    axis.text(x, y, text, fontsize=SMALL, linespacing=1.15, **look)


def row(
    axis: plt.Axes, x: float, y: float, width: float, height: float, colour: str,
    outcome: str | None,
) -> None:  # fmt: skip
    """A row of a table, its left end at ``x``; without an outcome it has covariates alone."""
    step, corner = width / COLUMNS, y - height / 2
    for column in range(COLUMNS if outcome else COLUMNS - OUTCOMES):
        last = column >= COLUMNS - OUTCOMES
        look = {"fc": outcome, "hatch": "////"} if last else {"fc": colour}
        axis.add_patch(
            Rectangle((x + column * step, corner), step, height, ec="white", lw=0.5, **look)
        )


def layers(
    axis: plt.Axes, x: float, y: float, step: float, widths: list[int | str],
    colours: list[str],
) -> None:  # fmt: skip
    """Layers of a network from left to right, each with its width below; the widest is the tallest.

    A width that depends on the cohort is a letter.
    """
    widest = max([width for width in widths if isinstance(width, int)], default=1)
    for layer, (width, colour) in enumerate(zip(widths, colours, strict=True)):
        share = (width / widest) ** 0.5 if isinstance(width, int) else 0.75
        centre = x + layer * step
        box(axis, centre, y, 0.065, TALLEST * share, colour=colour)
        note(axis, centre, y - TALLEST / 2 - 0.06, str(width))
        if layer:
            arrow(axis, (centre - step + 0.04, y), (centre - 0.035, y))
