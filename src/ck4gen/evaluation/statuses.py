"""The four answers of the privacy verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

PASS, TOO_FEW, NOT_TESTED, FAIL = "pass", "too few patients", "not tested", "fail"
STATUSES = (PASS, TOO_FEW, NOT_TESTED, FAIL)  # of several the last one decides


def counted(verdicts: Iterable[str | None]) -> str:
    """How many of each, as ``2 pass, 1 fail``; ``-`` for none."""
    counts = Counter(verdict for verdict in verdicts if verdict is not None)
    listed = {*STATUSES}
    order = [*STATUSES, *sorted(status for status in counts if status not in listed)]
    return ", ".join(f"{counts[status]} {status}" for status in order if counts[status]) or "-"
