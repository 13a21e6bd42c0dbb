"""What is judged: every table that leaves, apart from what it is judged by."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def separate_control(
    synthetic: pd.DataFrame, holdout: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """A table of held-out rows, as ``method=fresh`` returns, can't be its own control.

    Where every synthetic row is a held-out one, the first half of the table stays and the second
    half becomes the control. The table is in random order. Any other pair comes back unchanged.

    Args:
        synthetic: (m, p + 2) synthetic rows.
        holdout: (k, p + 2) held-out rows, or None.
    """
    if holdout is None:
        return synthetic, None
    rows, control_rows = (
        pd.MultiIndex.from_frame(t[list(holdout)].astype(str)) for t in (synthetic, holdout)
    )
    if not rows.isin(control_rows).all():
        return synthetic, holdout
    half = len(synthetic) // 2
    return synthetic.iloc[:half], synthetic.iloc[half:].reset_index(drop=True)


def together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all tables that leave: whoever has them attacks with all of them."""
    return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)
