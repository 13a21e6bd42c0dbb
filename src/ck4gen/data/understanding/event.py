"""Which value of the event column is the event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ck4gen.data.understanding.competing import causes
from ck4gen.data.understanding.event_words import (
    HAPPENED,
    censored_text,
    of_two,
    unknown,
    usually_censored,
)
from ck4gen.data.understanding.faults import Fault
from ck4gen.data.understanding.levels import key_of, merged_spellings
from ck4gen.data.understanding.question import Question
from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import vocabulary, words

CENSORING = vocabulary("censor censored censoring cens")
VALUES_SHOWN = 6
OPTION = "--event-of-interest (data.event_of_interest)"
CENSORED_OPTION = "--censored (data.censored)"
CORRECT = "give it the value of a censored row, or leave the row out"
FIRST = 2  # code of the first cause that competes with the event, which is 1


@dataclass(frozen=True)
class EventPlan:
    """How the event column is read.

    Attributes:
        name: Its name.
        happened: The text that means the event.
        censored: The text of a synthetic row in which nothing happened.
        reason: Why, for the plan.
        notes: What the user should know.
        competing: Texts of each cause that competes with the event; the first one is shown.
    """

    name: str
    happened: str
    censored: str
    reason: str
    notes: tuple[str, ...] = ()
    competing: tuple[tuple[str, ...], ...] = ()

    @property
    def coding(self) -> dict[int, str]:
        """The text of a synthetic row by its cause: 0, censored, 1, the event, 2 and so on."""
        names = (self.censored, self.happened, *(texts[0] for texts in self.competing))
        return dict(enumerate(names))

    @property
    def competing_codes(self) -> range:
        """Codes of the causes that compete with the event, which is 1."""
        return range(FIRST, FIRST + len(self.competing))

    @property
    def causes(self) -> tuple[str, ...]:
        """What the competing causes are."""
        return tuple(
            f"{self.name} is {texts[0]}" + ", which is any rarer cause" * (len(texts) > 1)
            for texts in self.competing
        )

    def apply(self, raw: RawColumn) -> np.ndarray:
        """(n,) cause of each row: 1 where the event happened, 0 where nothing did."""
        texts = _spelled(raw, _spelling(raw)).texts
        cause = (texts == self.happened).to_numpy(int)
        for code, competing in enumerate(self.competing, FIRST):
            cause[texts.isin(competing).to_numpy()] = code
        return cause


def event_plan(
    raw: RawColumn, question: Question, settings: Understanding
) -> tuple[EventPlan | None, list[Fault]]:
    """How an event column is read, or why it cannot be.

    Args:
        raw: The column.
        question: What the user says: the event, the value of a censored row, and whether other
            causes compete with the event or count as censored.
        settings: ``rare_event`` is the share of events below which, or of rows without one below
            which, the direction is doubted; ``min_cell`` the fewest patients of a cause.
    """
    if raw.blank.any():
        return None, [Fault.at(raw.name, raw.blank, "the event is missing", CORRECT)]
    spelling = _spelling(raw)
    requested, faults = _requested_values(raw.name, spelling, question)
    if faults:
        return None, faults
    plan, faults = _read(_spelled(raw, spelling), requested, question.competing == "keep", settings)
    merged = [f"'{text}' is {value}" for text, value in spelling.items() if text != value]
    if plan and merged:
        note = f"spellings of the event merged: {_shown(merged)}"
        plan = replace(plan, notes=(*plan.notes, note))
    return plan, faults


def _spelling(raw: RawColumn) -> dict[str, str]:
    """Each text with the most frequent of its spellings."""
    return merged_spellings(Counter(raw.texts))


def _spelled(raw: RawColumn, spelling: dict[str, str]) -> RawColumn:
    return replace(raw, values=raw.texts.map(spelling))


def _requested_values(
    name: str, spelling: dict[str, str], question: Question
) -> tuple[tuple[str | None, str | None], list[Fault]]:
    """The values of the event and of a censored row that the user names, and which are none."""
    value_of = {key_of(text): value for text, value in spelling.items()}
    values_named: list[str | None] = []
    faults = []
    for requested, what in (
        (question.event_of_interest, "the event of interest"),
        (question.censored, "the value of a censored row,"),
    ):
        value = None if requested is None else value_of.get(key_of(str(requested)))
        values_named.append(value)
        if requested is not None and value is None:
            values = _shown(_short_first(spelling.values()))
            faults.append(
                Fault(name, f"no row has {what} '{requested}'", f"its values are {values}")
            )
    return (values_named[0], values_named[1]), faults


def _read(
    raw: RawColumn, requested: tuple[str | None, str | None], keep: bool, settings: Understanding
) -> tuple[EventPlan | None, list[Fault]]:
    """The plan of a column without blanks, each value in one spelling."""
    values = _short_first(raw.texts)
    happened, censored = requested
    if happened is not None and happened == censored:
        what = f"'{happened}' cannot be both the event and the value of a censored row"
        return None, [Fault(raw.name, what, f"set one of {OPTION} and {CENSORED_OPTION}")]
    many = keep and len(values) > 2
    doubtful = [value for value in unknown(values) if value not in requested]
    if doubtful and (many or happened is None):
        return None, [_unknown_event(raw, doubtful)]
    if many:
        return _many(raw, values, happened, censored, settings)
    reason = "as asked"
    if happened is None and censored is not None and len(values) == 2:
        happened = next(value for value in values if value != censored)
    if happened is None:
        happened, reason, fault = _by_rule(raw.name, values)
        if happened is None:
            return None, [fault]
    others = [value for value in values if value != happened]
    plan = _finished(raw, happened, censored, others, reason, settings)
    if len(others) > 1:
        note = (
            f"values other than '{happened}' count as censored: hazard ratios are those of "
            "this cause, cumulative incidence is not kept"
        )
        plan = replace(plan, notes=(note, *plan.notes))
    return plan, []


def _unknown_event(raw: RawColumn, doubtful: list[str]) -> Fault:
    """The fault of rows that say that nobody knows of their event."""
    are = " and ".join(f"'{value}'" for value in doubtful)
    what = f"the event is missing, by the value {are}"
    advice = (
        f"{CORRECT}; if it is the event or a censored row, name it by {OPTION} or "
        f"{CENSORED_OPTION}; to count it as censored beside others, name the event, with "
        "--competing censor (data.competing)"
    )
    return Fault.at(raw.name, raw.texts.isin(doubtful).to_numpy(), what, advice)


def _by_rule(name: str, values: list[str]) -> tuple[str | None, str, Fault]:
    """The event of a column of one or two values, and why; or what is wrong with it."""
    if len(values) == 1:
        happened = values[0] if key_of(values[0]) in HAPPENED else None
        what = f"has no events: every row is '{values[0]}'"
        fault = Fault(name, what, "give the column that holds 1 for an event")
        return happened, "every row has it", fault
    if len(values) > 2:
        what = f"holds the values {_shown(values)}, and competing causes are to be censored"
        return None, "", Fault(name, what, f"name the event by {OPTION}")
    happened, reason = of_two(values, name)
    what = f"holds '{values[0]}' and '{values[1]}', and neither is a known word for an event"
    return happened, reason, Fault(name, what, f"say which one is the event by {OPTION}")


def _many(
    raw: RawColumn,
    values: list[str],
    happened: str | None,
    censored: str | None,
    settings: Understanding,
) -> tuple[EventPlan | None, list[Fault]]:
    """The plan of a column with several causes."""
    if len(values) > settings.max_causes + 1:
        what = f"holds {len(values)} different values, so it is no event column"
        advice = "name the column that holds 1 for an event and 0 for none"
        return None, [Fault(raw.name, what, advice)]
    censored_values = [censored] if censored else usually_censored(raw.texts, values)
    if not censored_values or happened in censored_values:
        what = f"holds the values {_shown(values)}, and none is known to mean a censored row"
        advice = f"say which one does by {CENSORED_OPTION}"
        if happened is not None:
            advice += ", or have all but the event censored by --competing censor (data.competing)"
        return None, [Fault(raw.name, what, advice)]
    if len(censored_values) == len(values):
        what = f"has no events: {_shown(values)} all mean that nothing happened"
        return None, [Fault(raw.name, what, "give the column that holds 1 for an event")]
    cause_plan = causes(raw.texts, censored_values, happened, settings.min_cell)
    are = " and ".join(f"'{value}'" for value in censored_values) + (
        " is" if len(censored_values) == 1 else " are"
    )
    reason = "as asked" if happened else f"{are} censored; each other value is a cause"
    plan = _finished(raw, cause_plan.happened, censored, censored_values, reason, settings)
    return replace(plan, notes=(*cause_plan.notes, *plan.notes), competing=cause_plan.competing), []


def _short_first(values: Iterable[str]) -> list[str]:
    return sorted(set(values), key=lambda value: (len(value), value))


def _shown(values: list[str]) -> str:
    return ", ".join(values[:VALUES_SHOWN]) + ", ..." * (len(values) > VALUES_SHOWN)


def _finished(
    raw: RawColumn,
    happened: str,
    censored: str | None,
    others: list[str],
    reason: str,
    settings: Understanding,
) -> EventPlan:
    """The plan once the event is known; ``others`` are the values of censored rows."""
    share = float((raw.texts == happened).mean())
    notes = []
    if not settings.rare_event <= share <= 1 - settings.rare_event:
        notes.append(f"{share:.1%} of the rows have the event: is '{happened}' the right value?")
    if CENSORING & set(words(raw.name)):
        notes.append(
            f"the name says censoring, but '{happened}' was taken as the event; if it means "
            f"censored, set {OPTION}"
        )
    if censored is None:
        censored = censored_text(raw.texts, others, happened, settings.min_cell)
    if others not in ([], [censored]):
        notes.append(f"every censored row of the synthetic table says '{censored}'")
    return EventPlan(raw.name, happened, censored, reason, tuple(notes))
