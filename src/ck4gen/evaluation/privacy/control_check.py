"""Are the patients held out a control? They must be others, and drawn from the same ones."""

from __future__ import annotations

import pandas as pd

from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.fidelity import C2ST, c2st
from ck4gen.evaluation.privacy.drawn_rows import drawn
from ck4gen.evaluation.shared_rows import shared_rows

ROWS = 5000  # of each table that the classifier sees at most


def control_notes(
    real: pd.DataFrame, holdout: pd.DataFrame, schema: Schema, settings: EvaluationSettings
) -> list[str]:
    """What makes the verdict doubtful, as sentences; none where the control is sound.

    Args:
        real: Rows that the generator was fitted on.
        holdout: Rows that it was not.
        schema: Columns of both.
        settings: One leaf of ``conf/evaluation``.
    """
    notes = []
    columns = [*schema.names, DURATION, EVENT]
    if twice := int(shared_rows(holdout, [real], columns).sum()):
        notes.append(
            f"{twice} of the {len(holdout)} held-out rows stand in the real table, outcome "
            "included: if they are the same patients, they are no control"
        )
    folds = settings.c2st_folds
    if folds and min(len(real), len(holdout)) >= folds:
        used, others = (drawn(table, ROWS, settings.c2st_seed) for table in (real, holdout))
        area = c2st(used, others, schema, settings)[C2ST[0]]
        if area.value is not None and area.low is not None and area.low > 0.5:
            notes.append(
                "the held-out patients are not like the others: a classifier tells them apart "
                f"(AUC {area.value:.2f}). The verdict takes them as drawn at random"
            )
    return notes
