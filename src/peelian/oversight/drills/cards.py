"""Cards of breach drills: what happens minute by minute, whom it concerns, who must decide what, and how soon.

The cards are data (cards.json), in English and French. Every one concerns invented people of the drill town.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from peelian.errors import InputError

Words = Mapping[str, str]  # language → text


@dataclass(frozen=True, slots=True, kw_only=True)
class Inject:
    """What the players are told, and at which minute of the drill."""

    minute: int
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a role must decide: from which minute on, within how many; `act`: the step of an incident that shows it."""

    id: str
    role: str
    after: int
    within: int
    words: Words
    act: str = ""

    @property
    def due(self) -> int:
        """The last minute at which it is in time."""
        return self.after + self.within


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One scenario."""

    id: str
    title: Words
    dataset: str  # of the drill town
    people: int  # invented people of it that are concerned
    injects: tuple[Inject, ...]
    decisions: tuple[Decision, ...]
    contacts: Mapping[str, Words]
    questions: tuple[Words, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that have to decide something, in the order of the card."""
        return tuple(dict.fromkeys(one.role for one in self.decisions))

    @property
    def last_minute(self) -> int:
        """When the last inject appears."""
        return max(one.minute for one in self.injects)


@cache
def cards() -> Mapping[str, Card]:
    """Every card by its id."""
    file = resources.files("peelian.oversight.drills") / "cards.json"
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return {one["id"]: _card(one, told["every"]) for one in told["cards"]}


def card_of(id: str) -> Card:
    """One card; InputError where there is none of this id."""
    if id not in cards():
        raise InputError("unknown scenario", column="card", accepted=", ".join(cards()))
    return cards()[id]


def _card(one: Mapping[str, Any], every: Mapping[str, Any]) -> Card:
    return Card(
        id=one["id"],
        title=one["title"],
        dataset=f"drill-records-{one['dataset']}",
        people=one["people"],
        injects=tuple(Inject(minute=told["minute"], words=_words(told)) for told in one["injects"]),
        decisions=tuple(_decision(told) for told in (*one["duties"], *every["duties"])),
        contacts={told["id"]: _words(told) for told in every["contacts"]},
        questions=tuple(_words(told) for told in (*one["questions"], *every["questions"])),
    )


def _decision(told: Mapping[str, Any]) -> Decision:
    named = ("id", "role", "after", "within")
    return Decision(words=_words(told), act=told.get("act", ""), **{name: told[name] for name in named})


def _words(told: Mapping[str, Any]) -> Words:
    return {language: told[language] for language in ("en", "fr")}
