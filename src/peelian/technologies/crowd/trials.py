"""Shared by both trials: false alarm rates, detection rates and acceptance criteria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.criteria import Criterion
from peelian.measure.rates import poisson_interval, wilson
from peelian.measure.table import Table
from peelian.technologies.crowd.declarations.columns import CRITERIA, FALSE_ALARMS, FOUND, MET, MISSED

ALL_MET = "The detector met all %(n)d acceptance criteria."
NONE_SET = "No acceptance criteria were set. Nothing is met or missed."
SOME_MISSED = "The detector missed %(missed)d of %(n)d acceptance criteria."


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected:
    """Additions to a record: word, number, number detected, and the delay of each in seconds."""

    word: str
    n: int
    delays: tuple[float, ...]

    @property
    def share(self) -> float:
        """The detection rate; NaN where nothing was added."""
        return len(self.delays) / self.n if self.n else float("nan")

    @property
    def median_delay(self) -> float:
        """Median seconds from start to alarm; NaN where none was detected."""
        return float(np.median(self.delays)) if self.delays else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One criterion with required value, result, and whether it is met. An unknown result does not meet it."""

    bar: str
    needed: float
    reached: float
    met: bool


def check_criteria(criteria: Mapping[str, Scalar], bars: Sequence[Criterion], covered: Mapping[str, Scalar]) -> None:
    """InputError where what is given holds no criterion, one cannot be measured, or they are for another kind of meter.

    Nothing at all is given where nobody set any (`peelian try`); whoever issues criteria states at least one.
    """
    known = {bar.word for bar in bars}
    for word, value in criteria.items():
        if word in covered:
            if value != covered[word]:
                says = sentence("acceptance criteria set for another %(what)s", what=word.replace("_", " "))
                raise InputError(says, accepted=str(value))
        elif word not in known:
            raise InputError("acceptance criterion that this trial cannot measure", accepted=", ".join(sorted(known)))
        elif isinstance(value, str):
            raise InputError(sentence("criterion %(name)s is not a number", name=word), accepted="a number")
    if criteria and not any(word in known for word in criteria):
        raise InputError("no acceptance criterion given", accepted=", ".join(sorted(known)))


def outcomes(
    criteria: Mapping[str, Scalar], bars: Sequence[Criterion], reached: Mapping[str, float]
) -> tuple[Outcome, ...]:
    """Each criterion with its result, in the order of the authorization."""
    least = {bar.word: bar.least for bar in bars}
    found = []
    for word, needed in criteria.items():
        if word in least:
            value = reached[word]
            met = value >= float(needed) if least[word] else value <= float(needed)
            found.append(Outcome(bar=word, needed=float(needed), reached=value, met=bool(met)))
    return tuple(found)


def all_met(bars: Sequence[Outcome]) -> bool:
    """Whether criteria were set and each is met."""
    return bool(bars) and all(bar.met for bar in bars)


def verdict(bars: Sequence[Outcome]) -> Note:
    """The note that says whether the criteria were met, or that none were set."""
    if not bars:
        return Note(text=NONE_SET)
    missed = sum(not bar.met for bar in bars)
    if missed:
        return Note(text=SOME_MISSED, values={"n": len(bars), "missed": missed})
    return Note(text=ALL_MET, values={"n": len(bars)})


def per_day(alarms: int, days: float) -> tuple[float, float, float]:
    """Alarms per sensor-day with the bounds of an exact Poisson interval (95 %)."""
    low, high = poisson_interval(np.array([alarms]))
    return alarms / days, float(low[0]) / days, float(high[0]) / days


def trial_tables(
    alarms: int, days: float, injected: Sequence[Injected], bars: Sequence[Outcome]
) -> tuple[Table, Table, Table]:
    """Tables of a trial: false alarms, detection of additions, and criteria."""
    rate, low, high = per_day(alarms, days)
    summary = {
        "alarms": alarms, "n": max(1, round(days)), "per_day": rate, "per_day_low": low, "per_day_high": high,
    }  # fmt: skip
    found = []
    for one in injected:
        below, above = wilson(np.array([len(one.delays)]), np.array([one.n]))
        row = (one.word, one.n, one.share, float(below[0]), float(above[0]), one.median_delay)
        found.append(dict(zip(FOUND.columns, row, strict=True)))
    return FALSE_ALARMS.of_rows([summary]), FOUND.of_rows(found), judged(bars)


def judged(bars: Sequence[Outcome]) -> Table:
    """The table of criteria, each with its result."""
    return CRITERIA.of_rows(
        {"criterion": bar.bar, "needed": bar.needed, "reached": bar.reached, "outcome": MET if bar.met else MISSED}
        for bar in bars
    )
