"""Which value of the event column is the event."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ck4gen.data.understanding.competing import causes
from ck4gen.data.understanding.faults import Fault
from ck4gen.data.understanding.levels import key_of
from ck4gen.data.understanding.question import Question
from ck4gen.data.understanding.raw_column import RawColumn, whole_number
from ck4gen.data.understanding.settings import Understanding
from ck4gen.data.understanding.vocabulary import vocabulary, words

HAPPENED = vocabulary(
    """
    1 true t yes y dead died death deceased event relapse relapsed recurrence progression
    progressed failure failed occurred uncensored observed positive
    ja oui si sí sim verstorben gestorben tot décédé décédée fallecido muerto deceduto
    """
)
NOT_HAPPENED = vocabulary(
    """
    0 false f no n alive living lived survived censored censor none free stable negative
    unobserved lost
    nein non lebend lebt zensiert vivant vivante vivo censuré
    """
)
STATES = vocabulary("dead died deceased alive living lost censored")  # also as the first word
CENSORING = vocabulary("censor censored censoring cens")
VALUES_SHOWN = 6
OPTION = "--event-of-interest (data.event_of_interest)"
CENSORED_OPTION = "--censored (data.censored)"
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
        return tuple(f"{self.name} is {texts[0]}" for texts in self.competing)

    def apply(self, raw: RawColumn) -> np.ndarray:
        """(n,) cause of each row: 1 where the event happened, 0 where nothing did."""
        cause = (raw.texts == self.happened).to_numpy(int)
        for code, texts in enumerate(self.competing, FIRST):
            cause[raw.texts.isin(texts).to_numpy()] = code
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
        advice = "give it the value of a censored row, or leave the row out"
        return None, [Fault.at(raw.name, raw.blank, "the event is missing", advice)]
    values = sorted(raw.texts.unique(), key=lambda v: (len(v), v))
    asked, faults = _asked(raw.name, values, question)
    if faults:
        return None, faults
    happened, censored = asked
    if happened is not None and happened == censored:
        what = f"'{happened}' cannot be both the event and the value of a censored row"
        return None, [Fault(raw.name, what, f"set one of {OPTION} and {CENSORED_OPTION}")]
    if len(values) > 2 and question.competing == "keep":
        return _many(raw, values, happened, censored, settings)
    reason = "as asked"
    if happened is None and censored is not None and len(values) == 2:
        happened = next(value for value in values if value != censored)
    if happened is None:
        happened, reason, fault = _by_rule(raw, values)
        if happened is None:
            return None, [fault]
    return _finished(raw, happened, censored, reason, settings), []


def _asked(
    name: str, values: list[str], question: Question
) -> tuple[tuple[str | None, str | None], list[Fault]]:
    """The values of the event and of a censored row that the user names, and which are none."""
    found: list[str | None] = []
    faults = []
    for asked, what in (
        (question.event_of_interest, "the event of interest"),
        (question.censored, "the value of a censored row,"),
    ):
        near = [value for value in values if key_of(value) == key_of(str(asked))]
        found.append(near[0] if asked is not None and near else None)
        if asked is not None and not near:
            faults.append(
                Fault(name, f"no row has {what} '{asked}'", f"its values are {_shown(values)}")
            )
    return (found[0], found[1]), faults


def _by_rule(raw: RawColumn, values: list[str]) -> tuple[str | None, str, Fault]:
    """The event of a column of one or two values, and why; or what is wrong with it."""
    if len(values) == 1:
        happened = values[0] if key_of(values[0]) in HAPPENED else None
        what = f"has no events: every row is '{values[0]}'"
        fault = Fault(raw.name, what, "give the column that holds 1 for an event")
        return happened, "every row has it", fault
    if len(values) > 2:
        what = f"holds the values {_shown(values)}, and competing causes are to be censored"
        return None, "", Fault(raw.name, what, f"name the event by {OPTION}")
    happened, reason = _two(values)
    what = f"holds '{values[0]}' and '{values[1]}', and neither is a known word for an event"
    return happened, reason, Fault(raw.name, what, f"say which one is the event by {OPTION}")


def _two(values: list[str]) -> tuple[str | None, str]:
    """The event among two values, and why."""
    keys = [key_of(value) for value in values]
    if set(keys) == {"0", "1"}:
        return values[keys.index("1")], ""
    if set(keys) == {"1", "2"}:
        return values[keys.index("2")], "a guess: 1 and 2 as R codes them"
    if set(keys) == {"-1", "1"}:
        return values[keys.index("1")], "a guess: 1 beside -1"
    if keys[0] == "0" and whole_number(keys[1]):
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
    if not parts:
        return False
    return key in vocabulary or parts[-1] in vocabulary or parts[0] in vocabulary & STATES


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
    known = [censored] if censored else _usually_censored(raw.texts, values)
    if not known or happened in known:
        what = f"holds the values {_shown(values)}, and none is known to mean a censored row"
        advice = f"say which one does by {CENSORED_OPTION}"
        if happened is not None:
            advice += ", or have all but the event censored by --competing censor (data.competing)"
        return None, [Fault(raw.name, what, advice)]
    if len(known) == len(values):
        what = f"has no events: {_shown(values)} all mean that nothing happened"
        return None, [Fault(raw.name, what, "give the column that holds 1 for an event")]
    found = causes(raw.texts, known, happened, settings.min_cell)
    are = " and ".join(f"'{value}'" for value in known) + (" is" if len(known) == 1 else " are")
    reason = "as asked" if happened else f"{are} censored; each other value is a cause"
    plan = _finished(raw, found.happened, known[0], reason, settings)
    return replace(plan, notes=(*found.notes, *plan.notes), competing=found.competing), []


def _usually_censored(texts: pd.Series, values: list[str]) -> list[str]:
    """The values of a censored row among several, 0 or the most frequent word for it first."""
    counts = texts.value_counts()
    said = [value for value in values if _says(key_of(value), NOT_HAPPENED)]
    return sorted(said, key=lambda value: (value != "0", -counts[value]))


def _shown(values: list[str]) -> str:
    return ", ".join(values[:VALUES_SHOWN]) + ", ..." * (len(values) > VALUES_SHOWN)


def _finished(
    raw: RawColumn, happened: str, censored: str | None, reason: str, settings: Understanding
) -> EventPlan:
    others = sorted(set(raw.texts.unique()) - {happened})
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
        usual = [value for value in ("0", "censored") if value in others]
        censored = [*usual, *others, "0"][0]
        if len(others) > 1:
            notes.append(
                f"values other than '{happened}' count as censored: hazard ratios are those of "
                "this cause, cumulative incidence is not kept"
            )
    return EventPlan(raw.name, happened, censored, reason, tuple(notes))
