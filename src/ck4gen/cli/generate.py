"""``ck4gen generate``: a cohort from a shared sampler."""

from __future__ import annotations

import warnings

from omegaconf import DictConfig

from ck4gen.experiments.generate import generate as draw


def generate(config: DictConfig) -> None:
    """Draw a cohort and say where it is and how far its intervals can be trusted."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        made = draw(config)
    for note in {str(w.message) for w in caught if w.category is UserWarning}:
        print(f"warning: {note}")
    if made.factor > 1:
        print(
            f"warning: {made.rows} rows hold the information of the {made.trained_on} real ones "
            f"only, and the guard's noise: naive 95% CIs are too narrow by a factor of "
            f"{made.factor:.2f}"
        )
    print(f"{made.rows} rows: {made.table}")
    print(f"codebook: {made.codebook}")
