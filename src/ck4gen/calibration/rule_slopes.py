"""What a move of a record does to columns that rules have a say in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import Tensor

from ck4gen.data.rules import Columns, Following, Rule


def through_rules(
    moves: Mapping[str, Tensor],
    before: Columns,
    after: Columns,
    rules: Iterable[Rule],
    reach: float,
) -> dict[str, Tensor]:
    """Moves of the columns as they are after their repair.

    A value that a rule has changed no longer moves with its own record entry. A column that
    follows from others moves with them: by the value that goes with each level of an origin, or
    with numbers a little below and above its own (our choice, straight-through).

    Args:
        moves: By column (n, k) zeros that carry a gradient, one for each level of a category and
            else one.
        before: (n,) values by column, categories as numbers of their levels.
        after: The same after their repair.
        rules: The rules, of categories as numbers, in the order of repair.
        reach: How far below and above, in SDs of the origin.
    """
    moved = dict(moves)
    for name in moves:
        changed = before[name] != after[name]
        if changed.any():
            moved[name] = moved[name] * torch.from_numpy(~changed)[:, None]
    for rule in rules:
        if isinstance(rule, Following):
            width = moved[rule.target].shape[1]
            parts = [_part(rule, after, name, moved[name], width, reach) for name in rule.origins]
            moved[rule.target] = torch.stack(parts).sum(0)
    return moved


def _part(
    rule: Following, columns: Columns, origin: str, move: Tensor, width: int, reach: float
) -> Tensor:
    """(n, width) what the target moves with one of its origins."""

    def target(values: np.ndarray) -> Tensor:
        made = rule.applied({**columns, origin: values})
        shown = made[:, None] == np.arange(width) if width > 1 else made[:, None]
        return torch.from_numpy(shown.astype(float))

    values = columns[origin]
    if move.shape[1] > 1:
        levels = range(move.shape[1])
        parts = [move[:, [level]] * target(np.full_like(values, level)) for level in levels]
        return torch.stack(parts).sum(0)
    low, high = rule.nearby(values, reach * values.std() or 1.0)
    distance = torch.from_numpy(high - low).clamp_min(1e-12)
    return move * (target(high) - target(low)) / distance[:, None]
