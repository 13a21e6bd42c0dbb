"""When the audit was made, and when somebody should look again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from ck4gen.config import defaults
from ck4gen.experiments.card.custodian import book
from ck4gen.settings import build, whole_number


@dataclass(frozen=True)
class CardSettings:
    """``conf/card/default.yaml``.

    Attributes:
        review_months: Months from the audit to its review.
        title: Name of the table in what is shared; None for a general one.
        creator: Who releases it; None: for the custodian to fill in.
        licence: Its licence, likewise.
        contact: Whom to ask, likewise.
    """

    review_months: int
    title: str | None
    creator: str | None
    licence: str | None
    contact: str | None

    def __post_init__(self) -> None:
        whole_number("card.review_months", self.review_months, 1)


def card_settings(config: dict) -> CardSettings:
    """The settings of a run; those of today where it was made before there were any.

    Args:
        config: Configuration of the run.
    """
    return build(CardSettings, "card", config.get("card") or defaults()["card"])


def review(audited: date, months: int) -> dict:
    """The date of the audit, of its review, and what makes an earlier one needed.

    Args:
        audited: Day of the audit.
        months: Months until the review.
    """
    due = pd.Timestamp(audited) + pd.DateOffset(months=months)
    return {
        "audited": audited.isoformat(),
        "due": due.date().isoformat(),
        "months": months,
        "earlier": list(book()["earlier"]),
    }
