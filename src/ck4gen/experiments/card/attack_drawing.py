"""What attackers learned as inline SVG; colours come from the style sheet of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import ceil, floor

from ck4gen.experiments.card.attackers import Attack
from ck4gen.experiments.card.drawing import MARGIN, WIDTH, svg

ROW = 34  # height of an attacker: a name, and what was found
FOOT = 26


def attack_figure(attacks: Sequence[Attack], chance: bool) -> str:
    """What each attacker found with its bounds, and from where it counts; empty where none tried.

    Args:
        attacks: All of them.
        chance: Those whose number is a chance of being right; otherwise those with a gain.
    """
    shown = [attack for attack in attacks if attack.chance == chance and attack.value is not None]
    if not shown:
        return ""
    null = 0.5 if chance else 0.0
    ends = [end for a in shown for end in (a.value, a.low, a.high, a.limit) if end is not None]
    low, high = (0.5, 1.0) if chance else (min(-0.1, *ends), max(0.25, *ends))

    def x(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return MARGIN + share * (WIDTH - 2 * MARGIN)

    height = ROW * len(shown) + FOOT
    parts = [
        f'<line class="null" x1="{x(null):.1f}" x2="{x(null):.1f}" y1="4" y2="{height - 22}"/>'
    ]
    for index, attack in enumerate(shown):
        parts += _row(attack, index * ROW, x)
    for tick in _ticks(low, high):
        text = f"{tick:.0%}" if chance else f"{tick:g}"
        parts.append(f'<text class="tick" x="{x(tick):.1f}" y="{height - 8}">{text}</text>')
    title = "How often attackers are right" if chance else "What attackers gain over chance"
    return svg(height, f"{title}, with the size from which it counts", parts)


def _row(attack: Attack, top: float, x: Callable[[float], float]) -> list[str]:
    y, value = top + 23, attack.value or 0.0
    parts = [f'<text x="{MARGIN}" y="{top + 13}">{escape(attack.short)}</text>']
    if attack.low is not None and attack.high is not None:
        ends = f'x1="{x(attack.low):.1f}" x2="{x(attack.high):.1f}"'
        parts.append(f'<line class="found {attack.tone}" {ends} y1="{y}" y2="{y}"/>')
    parts.append(f'<circle class="found {attack.tone}" cx="{x(value):.1f}" cy="{y}" r="3.5"/>')
    if attack.limit is not None:
        line_ends = f'x1="{x(attack.limit):.1f}" x2="{x(attack.limit):.1f}"'
        parts.append(f'<line class="limit" {line_ends} y1="{y - 7}" y2="{y + 7}"/>')
    return parts


def _ticks(low: float, high: float) -> list[float]:
    step = 0.1 if high - low <= 0.7 else 0.25
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(k * step, 2) for k in range(first, last + 1)]
