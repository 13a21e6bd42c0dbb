"""The two figures of a card as inline SVG; colours come from the style sheet of the page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import floor, isfinite, log, log10

import numpy as np

from ck4gen.survival.kaplan_meier import Curve

WIDTH = 360  # pixels: a phone shows it at its own size
MARGIN = 12
ROW = 36  # height of a term: its name, and two intervals
WIDEST = log(16)  # of the axis, to either side of 1; what lies beyond ends in an arrow
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)
CURVE_POINTS = 300
CURVE_HEIGHT = 230
LEFT = 34  # room for the shares
NAME = 52  # characters of a name

Triple = tuple[float, float, float]  # estimate, low, high


def forest(rows: Sequence[tuple[str, Triple, Triple]]) -> str:
    """Hazard ratios on a log scale, the real one above the synthetic one.

    Args:
        rows: Name of a term, its real and its synthetic hazard ratio; not a number: none.
    """
    ends = [abs(log(v)) for _, *sides in rows for t in sides for v in t if isfinite(v) and v > 0]
    most = min(max([*ends, log(1.5)]) * 1.05, WIDEST)

    def x(ratio: float) -> float:
        position = max(-most, min(most, log(ratio) if ratio > 0 else -most))
        return MARGIN + (position + most) / (2 * most) * (WIDTH - 2 * MARGIN)

    height = ROW * len(rows) + 30
    bottom = height - 24
    parts = [f'<line class="null" x1="{x(1):.1f}" x2="{x(1):.1f}" y1="4" y2="{bottom}"/>']
    for index, (name, real, synthetic) in enumerate(rows):
        top = index * ROW
        parts.append(f'<text x="{MARGIN}" y="{top + 13}">{escape(_cut(name))}</text>')
        for side, triple, y in (("real", real, top + 21), ("synthetic", synthetic, top + 29)):
            if all(map(isfinite, triple)):
                parts += _interval(side, [x(value) for value in triple], y)
    for tick in [tick for tick in TICKS if abs(log(tick)) <= most]:
        parts.append(f'<text class="tick" x="{x(tick):.1f}" y="{height - 8}">{tick:g}</text>')
    return svg(height, "Hazard ratios with their intervals, real above synthetic", parts)


def _cut(name: str) -> str:
    return name if len(name) <= NAME else name[: NAME - 3] + "..."


def _interval(side: str, positions: Sequence[float], y: float) -> list[str]:
    middle, low, high = positions
    mark = f'<circle class="{side}" cx="{middle:.1f}" cy="{y}" r="3.2"/>'
    if side == "synthetic":
        mark = f'<rect class="{side}" x="{middle - 3:.1f}" y="{y - 3}" width="6" height="6"/>'
    line = f'<line class="{side}" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}"/>'
    return [line, mark]


def curves(real: Curve, synthetic: Curve, unit: str, title: str) -> str:
    """Two curves of shares of patients by time.

    Args:
        real: Curve of the real table.
        synthetic: Curve of the synthetic one.
        unit: Unit of the time.
        title: What they show.
    """
    horizon = float(max(real.times[-1], synthetic.times[-1])) or 1.0
    bottom = CURVE_HEIGHT - 34

    def svg_point(time: float, share: float) -> str:
        across = LEFT + time / horizon * (WIDTH - LEFT - MARGIN)
        return f"{across:.1f} {bottom - share * (bottom - 10):.1f}"

    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = svg_point(0, share).split()[1]
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - MARGIN}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="share" x="{LEFT - 5}" y="{float(y) + 4}">{share:.0%}</text>')
    for time in _ticks(horizon):
        x = svg_point(time, 0).split()[0]
        parts.append(f'<text class="tick" x="{x}" y="{bottom + 15}">{time:g}</text>')
    parts.append(
        f'<text class="tick" x="{(WIDTH + LEFT) / 2}" y="{CURVE_HEIGHT - 4}">{escape(unit)}</text>'
    )
    for side, curve in (("real", real), ("synthetic", synthetic)):
        times = np.linspace(0, float(curve.times[-1]), CURVE_POINTS)
        points = [
            svg_point(*point)
            for point in zip(times.tolist(), curve.at(times).tolist(), strict=True)
        ]
        parts.append(f'<polyline class="{side}" points="{" ".join(points)}"/>')
    return svg(CURVE_HEIGHT, f"{escape(title)}, real and synthetic", parts)


def _ticks(horizon: float) -> list[float]:
    """Three to six round times from 0 to the horizon."""
    unit = 10.0 ** floor(log10(horizon))
    step = next(s * unit for s in (0.2, 0.5, 1, 2) if horizon / (s * unit) <= 6)
    return [round(step * k, 12) for k in range(int(horizon / step) + 1)]


def svg(height: float, title: str, parts: Sequence[str]) -> str:
    """A picture of the width of all.

    Args:
        height: Its height.
        title: What it shows, for whoever cannot see it.
        parts: Its elements.
    """
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">'
        + "".join(parts)
        + "</svg>"
    )
