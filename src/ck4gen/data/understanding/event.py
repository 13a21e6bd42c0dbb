"""Which value of the event column is the event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ck4gen.data.understanding.faults import Fault
from ck4gen.data.understanding.levels import key_of
from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import vocabulary, words

HAPPENED = vocabulary(
    """
    1 true t yes y dead died death deceased event relapse relapsed recurrence progression
    progressed failure failed occurred uncensored observed positive
    """
)
NOT_HAPPENED = vocabulary(
    """
    0 false f no n alive living lived survived censored censor none free stable negative
    unobserved
    """
)
CENSORING = vocabulary("censor censored censoring cens")
VALUES_SHOWN = 6
OPTION = "--event-of-interest (data.event_of_interest)"


@dataclass(frozen=True)
class EventPlan:
    """How the event column is read.

    Attributes:
        name: Its name.
        happened: The text that means the event.
        others: Texts that mean no event; with competing causes they count as censored.
        reason: Why, for the plan.
        notes: What the user should know.
    """

    name: str
    happened: str
    others: tuple[str, ...]
    reason: str
    notes: tuple[str, ...] = ()

    @property
    def censored(self) -> str:
        """The text of a synthetic row without the event."""
        for usual in ("0", "censored"):
            if usual in self.others:
                return usual
        return self.others[0] if self.others else "0"

    def apply(self, raw: RawColumn) -> np.ndarray:
        """(n,) 1 where the event happened, 0 elsewhere."""
        return (raw.texts == self.happened).to_numpy(int)


def event_plan(
    raw: RawColumn, of_interest: str | None, settings: Understanding
) -> tuple[EventPlan | None, list[Fault]]:
    """How an event column is read, or why it cannot be.

    Args:
        raw: The column.
        of_interest: The value that is the event, where the user says so.
        settings: ``rare_event`` is the share of events below which, or of rows without one below
            which, the direction is doubted.
    """
    if raw.blank.any():
        advice = "give it the value of a censored row, or leave the row out"
        return None, [Fault.at(raw.name, raw.blank, "the event is missing", advice)]
    values = sorted(raw.texts.unique(), key=lambda v: (len(v), v))
    if of_interest is not None:
        return _asked(raw, values, str(of_interest), settings)
    if len(values) == 1:
        return _only(raw, values[0], settings)
    if len(values) > 2:
        return None, [_many(raw, values)]
    happened, reason = _two(values)
    if happened is None:
        what = f"holds '{values[0]}' and '{values[1]}', and neither is a known word for an event"
        return None, [Fault(raw.name, what, f"say which one is the event by {OPTION}")]
    return _finished(raw, happened, reason, settings), []


def _asked(
    raw: RawColumn, values: list[str], asked: str, settings: Understanding
) -> tuple[EventPlan | None, list[Fault]]:
    near = [value for value in values if key_of(value) == key_of(asked)]
    if not near:
        what = f"no row has the event of interest '{asked}'"
        return None, [Fault(raw.name, what, f"its values are {_shown(values)}")]
    return _finished(raw, near[0], "as asked", settings), []


def _only(
    raw: RawColumn, value: str, settings: Understanding
) -> tuple[EventPlan | None, list[Fault]]:
    if key_of(value) in HAPPENED:
        return _finished(raw, value, "every row has it", settings), []
    what = f"has no events: every row is '{value}'"
    return None, [Fault(raw.name, what, "give the column that holds 1 for an event")]


def _two(values: list[str]) -> tuple[str | None, str]:
    """The event among two values, and why."""
    keys = [key_of(value) for value in values]
    if set(keys) == {"0", "1"}:
        return values[keys.index("1")], ""
    if set(keys) == {"1", "2"}:
        return values[keys.index("2")], "a guess: 1 and 2 as R codes them"
    if keys[0] == "0" and raw_number(keys[1]):
        return values[1], f"a guess: {values[1]} beside 0"
    yes = [value for value, key in zip(values, keys, strict=True) if _says(key, HAPPENED)]
    no = [value for value, key in zip(values, keys, strict=True) if _says(key, NOT_HAPPENED)]
    if len(yes) == 1 and len(no) == 1 and yes != no:
        return yes[0], "by its word"
    if len(no) == 1 and not yes:
        return next(value for value in values if value != no[0]), f"a guess: not '{no[0]}'"
    if len(yes) == 1 and not no:
        return yes[0], "a guess by its word"
    return None, ""


def _says(key: str, vocabulary: frozenset[str]) -> bool:
    parts = words(key)
    return bool(parts) and (key in vocabulary or parts[-1] in vocabulary)


def raw_number(text: str) -> bool:
    """Whether a text is a whole number."""
    return text.lstrip("-").isdigit()


def _many(raw: RawColumn, values: list[str]) -> Fault:
    if len(values) > VALUES_SHOWN:
        what = f"holds {len(values)} different values, so it is no event column"
        return Fault(raw.name, what, "name the column that holds 1 for an event and 0 for none")
    what = f"holds the values {_shown(values)}: competing events are not supported"
    advice = f"name one by {OPTION}; the other causes then count as censored"
    return Fault(raw.name, what, advice)


def _shown(values: list[str]) -> str:
    return ", ".join(values[:VALUES_SHOWN]) + ", ..." * (len(values) > VALUES_SHOWN)


def _finished(raw: RawColumn, happened: str, reason: str, settings: Understanding) -> EventPlan:
    others = tuple(sorted(set(raw.texts.unique()) - {happened}))
    share = float((raw.texts == happened).mean())
    notes = []
    if len(others) > 1:
        notes.append(
            f"causes other than '{happened}' count as censored: hazard ratios are those of this "
            "cause, cumulative incidence is not kept"
        )
    if not settings.rare_event <= share <= 1 - settings.rare_event:
        notes.append(f"{share:.1%} of the rows have the event: is '{happened}' the right value?")
    if CENSORING & set(words(raw.name)):
        notes.append(
            f"the name says censoring, but '{happened}' was taken as the event; if it means "
            f"censored, set {OPTION}"
        )
    return EventPlan(raw.name, happened, others, reason, tuple(notes))
