"""Point tables: parse a score's published points from one line of text, and recompute the score.

`priors: 0=0; 1-3=2; 4+=4 | age_band: 18-24=3; 25-45=1; *=0` gives 2 points for one to three priors. A condition is a
range of numbers (`1-3`, `4+`), a single value or word, or `*` for everything else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from peelian.errors import InputError, sentence
from peelian.technologies.risk.counts import Floats

RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*-\s*(-?\d+(?:\.\d+)?)")
ABOVE = re.compile(r"(-?\d+(?:\.\d+)?)\s*\+")
GRAMMAR = "item: condition=points; condition=points | item: …"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Points where a value fits: a word of its own, a range of numbers (ends included), or everything else."""

    points: float
    word: str = ""
    low: float = np.nan
    high: float = np.nan
    otherwise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a point table: its column and its rules, the first that fits counts."""

    column: str
    rules: tuple[Rule, ...]


def point_table(text: str) -> tuple[Item, ...]:
    """The items of a point table; InputError says which item cannot be read.

    >>> [item.column for item in point_table("priors: 0=0; 1+=2 | age: 18-24=1; *=0")]
    ['priors', 'age']
    """
    items = []
    for number, part in enumerate(filter(str.strip, text.split("|")), start=1):
        column, colon, rules = part.partition(":")
        made = [_rule(rule, number) for rule in filter(str.strip, rules.split(";"))]
        if not colon or not column.strip() or not made:
            says = sentence("point table item %(n)d cannot be read", n=number)
            raise InputError(says, column="points", accepted=GRAMMAR)
        items.append(Item(column=column.strip(), rules=tuple(made)))
    return tuple(items)


def points_of(item: Item, words: Sequence[str]) -> Floats:
    """The points of each different value of an item's column; nan where no rule fits or the value is missing. O(words).

    >>> points_of(point_table("priors: 0=0; 1-3=2; 4+=4")[0], ["0", "2", "7", ""]).tolist()
    [0.0, 2.0, 4.0, nan]
    """
    return np.array([_points(item, word.strip()) for word in words], dtype=np.float64)


def _points(item: Item, word: str) -> float:
    if not word:
        return np.nan
    value = _number(word)
    for rule in item.rules:
        if rule.otherwise or word == rule.word or rule.low <= value <= rule.high:
            return rule.points
    return np.nan


def _rule(text: str, number: int) -> Rule:
    condition, equals, points = text.rpartition("=")
    condition = condition.strip()
    value = _number(points)
    if not equals or not condition or not np.isfinite(value):
        says = sentence("point table item %(n)d has a rule without points", n=number)
        raise InputError(says, column="points", accepted=GRAMMAR)
    if condition == "*":
        return Rule(points=value, otherwise=True)
    if match := ABOVE.fullmatch(condition):
        return Rule(points=value, word=condition, low=float(match[1]), high=np.inf)
    if match := RANGE.fullmatch(condition):
        return Rule(points=value, word=condition, low=float(match[1]), high=float(match[2]))
    single = _number(condition)
    return Rule(points=value, word=condition, low=single, high=single)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan
