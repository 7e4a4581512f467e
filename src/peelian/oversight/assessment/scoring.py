"""The level of an assessment from its answers, by the rules of Canada's tool 1.0.1. Computed, never typed in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from peelian.oversight.assessment.questions import Answers, Questionnaire, given

LEVELS: Mapping[int, str] = {1: "I", 2: "II", 3: "III", 4: "IV"}
THRESHOLDS = (0.25, 0.50, 0.75)  # of the raw maximum: up to here level I, II, III
ENOUGH_MITIGATION = 0.80  # of one phase's maximum
REDUCTION = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What the answers come to: points, maxima, the score after mitigation, and the level from 1 to 4."""

    raw: int
    most_raw: int
    mitigation: int
    most_mitigation: float  # of one phase
    score: int
    level: int

    @property
    def reduced(self) -> bool:
        """Whether mitigation was strong enough to lower the score."""
        return self.mitigation >= ENOUGH_MITIGATION * self.most_mitigation

    @property
    def share(self) -> float:
        """The score as a share of the raw maximum."""
        return self.score / self.most_raw

    @property
    def roman(self) -> str:
        """The level as it is written."""
        return LEVELS[self.level]


def scored(questions: Questionnaire, answers: Answers) -> Score:
    """Raw points, mitigation points, score and level. O(questions).

    Mitigation of at least 80 % of a phase's maximum lowers the score by 15 %, rounded half up as the official tool
    rounds (`Math.round` of the binary product). Source: canada-ca/aia-eia-js, src/store.ts, calculateFinalScore.
    """
    raw, mitigation = _points(questions, answers, "raw"), _points(questions, answers, "mitigation")
    most_raw, most_mitigation = questions.most("raw"), questions.most("mitigation") / 2
    enough = mitigation >= ENOUGH_MITIGATION * most_mitigation
    score = math.floor((1 - REDUCTION) * raw + 0.5) if enough else raw
    return Score(
        raw=raw,
        most_raw=most_raw,
        mitigation=mitigation,
        most_mitigation=most_mitigation,
        score=score,
        level=level_of(score, most_raw),
    )


def level_of(score: int, most: int) -> int:
    """The level of a score out of `most`: a threshold itself still belongs to the lower level.

    >>> [level_of(score, 100) for score in (25, 26, 50, 51, 75, 76)]
    [1, 2, 2, 3, 3, 4]
    """
    return 1 + sum(score > most * threshold for threshold in THRESHOLDS)


def _points(questions: Questionnaire, answers: Answers, counts: str) -> int:
    total = 0
    for question in questions.questions:
        if question.counts == counts:
            values = given(answers, question.id)
            total += sum(choice.points for choice in question.choices if choice.value in values)
    return total
