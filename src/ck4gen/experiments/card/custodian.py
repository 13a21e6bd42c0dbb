"""What custodians are asked, read from ``custodian.yaml`` beside this file, and answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter

import yaml

from ck4gen.evaluation.privacy.copies import NO_HOLDOUT
from ck4gen.evaluation.privacy.words import plain
from ck4gen.experiments.card.answers import OF_METRICS

NOT_MEASURED = "not measured"
IN_TURN = "patients were held out in turn, which pools the judged attacks alone"


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        framework: Key of the document that asks it.
        name: What it is called there.
        asks: The question, in our words.
        answer: Sentences with ``{facts}`` of the audit.
        custodian: What the audit cannot know; empty: nothing.
    """

    framework: str
    name: str
    asks: str
    answer: tuple[str, ...] = ()
    custodian: str = ""

    def answered(self, facts: Mapping[str, str | None]) -> list[str]:
        """Its sentences, without those that lack a fact."""
        return [text.format_map(facts) for text in self.answer if _has_facts(text, facts)]


@dataclass(frozen=True)
class Name:
    """A name under which a risk is known.

    Attributes:
        name: The name.
        used_by: Who uses it.
        here: What is measured, in words.
        fact: The fact of the audit that is its number.
        judged: Whether the verdict rests on it.
    """

    name: str
    used_by: str
    here: str
    fact: str
    judged: str


@cache
def book() -> dict:
    """The whole file."""
    text = files("ck4gen.experiments.card").joinpath("custodian.yaml").read_text(encoding="utf-8")
    content: dict = yaml.safe_load(text)
    return content


def questions() -> list[Question]:
    """Every question, in order."""
    return [
        Question(**(entry | {"answer": tuple(entry.get("answer", ()))}))
        for entry in book()["questions"]
    ]


def names() -> list[Name]:
    """Every name, in order."""
    return [Name(**entry) for entry in book()["names"]]


def answered(facts: Mapping[str, str | None]) -> list[dict]:
    """The questions by the document that asks them, with answers.

    Args:
        facts: Of :func:`ck4gen.experiments.card.answers.facts`; None where the audit has none.
    """
    return [
        {
            "title": framework["title"],
            "source": " ".join(framework["source"].split()),
            "questions": [
                {
                    "name": question.name,
                    "asks": question.asks,
                    "answer": (answer := question.answered(facts)),
                    "custodian": question.custodian or (question.asks if not answer else ""),
                }
                for question in questions()
                if question.framework == key
            ],
        }
        for key, framework in book()["frameworks"].items()
    ]


def named(
    facts: Mapping[str, str | None], metrics: Mapping[str, dict], in_turn: bool
) -> list[dict]:
    """The names of the risks, each with its number or why there is none.

    Args:
        facts: As above.
        metrics: Metrics of the audit.
        in_turn: Whether its patients were held out in turn.
    """
    return [
        {
            "name": name.name,
            "used_by": name.used_by,
            "here": name.here,
            "found": facts[name.fact] or _without(metrics.get(OF_METRICS[name.fact]), in_turn),
            "judged": name.judged,
        }
        for name in names()
    ]


def _without(metric: dict | None, in_turn: bool) -> str:
    if metric is None:
        return NOT_MEASURED
    if in_turn and metric["reason"] == NO_HOLDOUT:
        return f"{NOT_MEASURED}: {IN_TURN}"
    return f"{NOT_MEASURED}: {plain(metric['reason'] or '')}"


def fact_names(text: str) -> list[str]:
    """Names of the facts in a sentence."""
    return [name for _, name, _, _ in Formatter().parse(text) if name]


def _has_facts(text: str, facts: Mapping[str, str | None]) -> bool:
    return all(facts[name] is not None for name in fact_names(text))
