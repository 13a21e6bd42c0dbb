"""Marks of a table over seeds, and the lines below it that say what they mean."""

from __future__ import annotations

import re

import pandas as pd

from ck4gen.markdown import markdown

BOLD = (
    "Bold: within two standard errors of the best of its dataset and split, unless all are; "
    "references, copied times and single seeds do not compete, and privacy has no winner."
)
PARTLY = "(2 of 3): mean of the 2 of 3 seeds with a value; report.json says why one has none."


def of_seeds(valued: int, total: int) -> str:
    """What stands behind a mean over seeds.

    Args:
        valued: Seeds with a value.
        total: All seeds.

    Returns:
        `` (2 of 3)``; empty where each seed has a value, or none.
    """
    return f" ({valued} of {total})" if 0 < valued < total else ""


def below(means: pd.DataFrame) -> list[str]:
    """The meaning of those marks that a table of :func:`ck4gen.experiments.summary.summary` has."""
    cells = [str(cell) for column in means for cell in means[column]]
    bold = any(cell.startswith("**") for cell in cells)
    partly = any(re.search(r" \(\d+ of \d+\)", cell) for cell in cells)
    return [line for line, used in ((BOLD, bold), (PARTLY, partly)) if used]


def page(means: pd.DataFrame) -> str:
    """The table in Markdown, with the lines below it."""
    text = "".join(f"{line}\n" for line in below(means))
    return markdown(means) + (f"\n{text}" if text else "")
