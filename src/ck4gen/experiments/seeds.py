"""Seeds of the further tables of a run."""

from __future__ import annotations

import numpy as np


def seed_of(seed: int, *indices: int) -> int:
    """Seed of one of several tables, unlike that of any other run.

    Args:
        seed: Seed of the run.
        *indices: Number of the table; of a table without a fold 0 and the number of the fold.
    """
    return int(np.random.SeedSequence([seed, *indices]).generate_state(1)[0])
