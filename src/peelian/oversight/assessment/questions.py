"""The questions of the impact assessment: those in the package in our wording, or the official file when it is given.

An answer's points are the number at the end of its value, as in Canada's Algorithmic Impact Assessment 1.0.1
(canada-ca/aia-eia-js, MIT licence, Crown copyright: NOTICE.txt beside this module).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from peelian.errors import InputError

PHASE = "projectDetailsPhase"
PHASES: Mapping[str, str] = {"item1": "Design", "item2": "Implementation"}
TYPES = ("radiogroup", "checkbox", "dropdown")
KINDS: Mapping[str, str] = {"-RS": "raw", "-MS": "mitigation", "-NS": "no"}
CLAUSE = re.compile(r"\{(\w+)\} (=|contains) ['\"]([^'\"]*)['\"]")

Answers = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer that may be given: its value, the points it weighs, and its wording."""

    value: str
    en: str
    fr: str

    @property
    def points(self) -> int:
        """The number after the last dash of the value; 0 where there is none.

        >>> Choice(value="item1-3", en="", fr="").points, Choice(value="item1", en="", fr="").points
        (3, 0)
        """
        last = self.value.rpartition("-")[2]
        return int(last) if "-" in self.value and last.isdigit() else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: what it counts towards (raw, mitigation, no), its choices, and when it is asked."""

    id: str
    counts: str
    many: bool
    en: str
    fr: str
    choices: tuple[Choice, ...]
    asked_if: tuple[str, ...] = ()  # every one of these conditions must hold
    optional: bool = False
    alone: frozenset[str] = frozenset()  # values that contradict every other

    @property
    def most(self) -> int:
        """The most points its answer can weigh."""
        points = [choice.points for choice in self.choices]
        return sum(points) if self.many else max(points, default=0)

    def asked(self, answers: Answers) -> bool:
        """Whether the question is asked, given the answers to the others."""
        return all(_holds(condition, answers) for condition in self.asked_if)


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """All questions in order. `uncounted` are ids of the official set that weigh nothing and are not asked here."""

    version: str
    questions: tuple[Question, ...]
    uncounted: frozenset[str] = frozenset()

    def most(self, counts: str) -> int:
        """The most points over all questions of one kind; for mitigation over both phases together."""
        return sum(question.most for question in self.questions if question.counts == counts)

    def question(self, name: str) -> Question | None:
        return next((q for q in self.questions if q.id == name), None)

    def asked(self, answers: Answers) -> tuple[Question, ...]:
        """The questions that are asked, given the answers so far. O(questions)."""
        return tuple(question for question in self.questions if question.asked(answers))


@cache
def shipped() -> Questionnaire:
    """The question set of the package: 70 raw questions with at most 167 points, 77 points of mitigation a phase.

    >>> shipped().most("raw"), shipped().most("mitigation") / 2
    (167, 77.0)
    """
    text = (resources.files("peelian.oversight.assessment") / "questions.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    words = data["words"]
    questions = [q for spec in data["questions"] for q in _from_toml(spec, words)]
    uncounted = frozenset(name for spelled in data["uncounted"] for name in _both_phases(spelled))
    return Questionnaire(version=data["version"], questions=tuple(questions), uncounted=uncounted)


def official(content: bytes, *, name: str = "survey-enfr.json") -> Questionnaire:
    """The questions of the official file in its own words. InputError: it is no such file."""
    wrong = InputError("not the official question set", file=name, accepted="src/survey-enfr.json of aia-eia-js")
    try:
        pages = json.loads(content)["pages"]
        found = [q for page in pages for q in _walk(page, "", ())]
        others = frozenset(_names(pages)) - {q.id for q in found}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise wrong from None
    made = Questionnaire(version="official", questions=tuple(found), uncounted=others)
    if not made.most("raw") or made.question(PHASE) is None:
        raise wrong
    return made


def weighs_the_same(questions: Questionnaire) -> bool:
    """Whether a question set weighs what version 1.0.1 weighs: its wording may differ, its points may not."""
    theirs, ours = (
        {q.id: (q.counts, q.many, tuple(c.value for c in q.choices)) for q in some.questions if q.most}
        for some in (questions, shipped())
    )
    return theirs == ours


def given(answers: Answers, name: str) -> tuple[str, ...]:
    """The values given to one question."""
    value = answers.get(name, ())
    return (value,) if isinstance(value, str) else tuple(value)


def _holds(condition: str, answers: Answers) -> bool:
    """Whether a condition such as `{a} = 'item1' or {b} contains 'item2'` holds; `and` binds closer than `or`."""
    return any(
        all(_clause_holds(clause, answers) for clause in part.split(" and ")) for part in condition.split(" or ")
    )


def _clause_holds(clause: str, answers: Answers) -> bool:
    match = CLAUSE.fullmatch(clause.strip())
    if match is None:
        raise InputError("condition of a question cannot be read", accepted="{question} = 'value'")
    values = given(answers, match[1])
    return match[3] in values if match[2] == "contains" else values == (match[3],)


def _both_phases(text: str) -> tuple[str, ...]:
    return tuple(text.replace("{phase}", p) for p in PHASES.values()) if "{phase}" in text else (text,)


def _from_toml(spec: Mapping[str, Any], words: Mapping[str, Sequence[str]]) -> Iterator[Question]:
    """The question of one entry, or its two where it stands for both phases."""
    phases = PHASES.items() if "{phase}" in spec["id"] else [("", "")]
    for item, phase in phases:
        condition = (spec["asked_if"].replace("{phase}", phase),) if "asked_if" in spec else ()
        yield Question(
            id=spec["id"].replace("{phase}", phase),
            counts=spec["counts"],
            many=spec["many"],
            en=spec["en"],
            fr=spec["fr"],
            choices=tuple(Choice(value=v, en=words[k][0], fr=words[k][1]) for v, k in spec["choices"]),
            asked_if=(*((f"{{{PHASE}}} = '{item}'",) if phase else ()), *condition),
            optional=spec.get("optional", False),
            alone=frozenset(spec.get("alone", ())),
        )


def _walk(element: Mapping[str, Any], counts: str, conditions: tuple[str, ...]) -> Iterator[Question]:
    """Every question that is scored, and the one about the phase; conditions of pages and panels are carried along."""
    conditions = (*conditions, element["visibleIf"]) if element.get("visibleIf") else conditions
    if "elements" in element:
        own = KINDS.get(element["name"][-3:], counts)
        for part in element["elements"]:
            yield from _walk(part, own, conditions)
    elif element.get("type") in TYPES and (counts in ("raw", "mitigation") or element["name"] == PHASE):
        en, fr = _two(element["title"])
        yield Question(
            id=element["name"],
            counts=KINDS.get(element["name"][-3:], counts) if element["name"] != PHASE else "no",
            many=element["type"] == "checkbox",
            en=en,
            fr=fr,
            choices=tuple(_choice(choice) for choice in element["choices"]),
            asked_if=conditions,
        )


def _choice(choice: Any) -> Choice:
    if isinstance(choice, str):
        return Choice(value=choice, en=choice, fr=choice)
    en, fr = _two(choice["text"])
    return Choice(value=str(choice["value"]), en=en, fr=fr)


def _two(text: Any) -> tuple[str, str]:
    return (text, text) if isinstance(text, str) else (text["default"].strip(), text.get("fr", text["default"]).strip())


def _names(elements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for element in elements:
        yield element["name"]
        yield from _names(element.get("elements", ()))
