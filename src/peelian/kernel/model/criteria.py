"""Acceptance criteria as a capability declares them: what a board can require of a test, in which unit and range."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from peelian.errors import InputError, out_of_range
from peelian.kernel.model.vocabulary import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One number of an authorization's body: `low` to `high`, both included, is what can be required. Its word begins
    with min_ or max_, and its title says which."""

    word: str
    title: str  # a message id
    unit: str = "share"  # a message id
    low: float = 0.0
    high: float = 1.0
    whole: bool = False

    @property
    def least(self) -> bool:
        """Whether it is a minimum."""
        return self.word.startswith("min_")


def titles(criteria: Iterable[Criterion]) -> Mapping[str, str]:
    """The title of each criterion by its word."""
    return {one.word: one.title for one in criteria}


def criteria_faults(criteria: Sequence[Criterion], body: Mapping[str, Scalar]) -> Iterator[InputError]:
    """What is wrong with the criteria of a body, each with its word as `column`; without one where none is stated.

    >>> share = Criterion(word="min_hits", title="Share of hits, at least")
    >>> [str(fault) for fault in criteria_faults([share], {"min_hits": 500})]
    ['column min_hits: out of range. Expected: 0 to 1']
    """
    stated = [one for one in criteria if one.word in body]
    if criteria and not stated:
        yield InputError("no acceptance criterion given", accepted="a number for at least one criterion")
    for one in stated:
        value = body[one.word]
        if isinstance(value, str | bool) or not math.isfinite(value):
            yield InputError("not a number", column=one.word, accepted="a number")
        elif not one.low <= value <= one.high:
            yield out_of_range(one.word, one.low, one.high)
        elif one.whole and value != int(value):
            yield InputError("not a whole number", column=one.word, accepted="a whole number")
