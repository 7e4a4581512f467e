"""Acceptance criteria: the bounds a board sets before a back-test, and how each is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Scalar
from peelian.technologies.mapping.calibration import calibration_error
from peelian.technologies.mapping.protocol import Score, Trial

COVERAGE = frozenset({"category", "cell_metres", "window_days", "model"})
"""What criteria may narrow themselves to; a back-test of something else does not fall under them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One criterion: its word, whether it is a minimum or a maximum, and how its value is measured."""

    word: str
    least: bool
    reached: Callable[[Trial, Score], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One criterion with the required value, the achieved value, and whether it is met."""

    bar: str
    needed: float
    reached: float
    met: bool


CRITERIA: Mapping[str, Bar] = {
    bar.word: bar
    for bar in (
        # The low end, not the middle: a gain that chance may have brought is no gain.
        Bar(word="min_bits_against_long_run", least=True, reached=lambda trial, score: score.bits.low),
        Bar(word="min_hit_rate_1", least=True, reached=lambda trial, score: score.hit_rate[0].value),
        Bar(word="min_hit_rate_5", least=True, reached=lambda trial, score: score.hit_rate[1].value),
        Bar(word="min_hit_rate_10", least=True, reached=lambda trial, score: score.hit_rate[2].value),
        Bar(word="min_origins", least=True, reached=lambda trial, score: float(trial.origins)),
        Bar(word="min_incidents", least=True, reached=lambda trial, score: trial.n),
        Bar(
            word="max_calibration_error",
            least=False,
            reached=lambda trial, score: calibration_error(score.calibration),
        ),
    )
}


def outcomes(criteria: Mapping[str, Scalar], trial: Trial, score: Score) -> tuple[Outcome, ...]:
    """Each criterion against the trial, in the criteria's order."""
    found = []
    for word, needed in criteria.items():
        if word in CRITERIA:
            bar, reached = CRITERIA[word], CRITERIA[word].reached(trial, score)
            met = reached >= float(needed) if bar.least else reached <= float(needed)
            found.append(Outcome(bar=word, needed=float(needed), reached=reached, met=met))
    return tuple(found)


def check_criteria(criteria: Mapping[str, Scalar], asked: Mapping[str, Scalar]) -> None:
    """InputError where the criteria are empty, cannot be measured, or are for something else."""
    for word, value in criteria.items():
        if word in COVERAGE:
            if value != asked[word]:
                says = sentence("the accuracy criteria are for another %(what)s", what=word.replace("_", " "))
                raise InputError(says, accepted=str(value))
        elif word not in CRITERIA:
            raise InputError("a back-test cannot measure this criterion", accepted=", ".join(CRITERIA))
        elif isinstance(value, str):
            raise InputError(sentence("criterion %(name)s is not a number", name=word), accepted="a number")
    if not any(word in CRITERIA for word in criteria):
        raise InputError("the accuracy criteria set no criterion", accepted=", ".join(CRITERIA))
