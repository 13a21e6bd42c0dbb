"""Several processes that train as one would: what each has of a batch, and of its noise."""

from __future__ import annotations

import torch
from torch import Tensor, distributed

WHOLE = slice(0, None, 1)


def process_rows() -> slice:
    """The rows of a batch that are this process's: every k-th of k processes."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return WHOLE
    return slice(distributed.get_rank(), None, distributed.get_world_size())


def noise_like(rows: Tensor) -> Tensor:
    """(b, d) standard normal numbers: those that one process alone would draw for these rows.

    Processes begin with the same random state, so each draws the noise of the whole batch.

    Args:
        rows: (b, d) this process's share of a batch.
    """
    share = process_rows()
    if share == WHOLE:
        return torch.randn_like(rows)
    number = torch.tensor(len(rows), device=rows.device)
    distributed.all_reduce(number)
    whole = rows.new_empty(int(number), rows.shape[1])
    return torch.randn_like(whole)[share]
