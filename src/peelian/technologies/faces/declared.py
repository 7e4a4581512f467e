"""What the declarations of faces share: shapes of datasets, columns, the roles of an audit, parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from peelian.errors import InputError
from peelian.kernel.model.capability import Asks, Purpose, Role
from peelian.kernel.model.parameters import choice, number
from peelian.kernel.model.tables import TableColumn, amount, count, group, level, rate
from peelian.kernel.model.titles import Titled

SCORES, SUBJECTS, HISTOGRAM = "face_scores", "face_subjects", "face_histogram"
BOUNDS, REVIEWS = "face_bounds", "face_reviews"
CANDIDATES, MATES, PUBLISHED = "face_candidates", "face_mates", "face_published_rates"
PAIRS, FIELD, LOG = "face_score_pairs", "face_field_trial", "face_search_log"
ATTRIBUTES = ("sex", "age_band", "group")

GROUP, OTHER_GROUP = group("Group"), group("Other group")
POLICY = level("Threshold")
THRESHOLD = amount("Threshold value")
ERRORS, COMPARISONS, PEOPLE = count("Errors"), count("Comparisons"), count("Subjects")
IMPOSTOR, GENUINE = count("Impostor comparisons"), count("Genuine comparisons")
FAILED = count("Failures to enrol or acquire")
FMR, FNMR = rate("False match rate", percent=False), rate("False non-match rate", percent=False)
# Counts that are needed, and of groups and ranks, count nobody who was tested: the doors let small ones pass.
NEEDED_COMPARISONS, NEEDED_SUBJECTS = count("Comparisons needed", "cells"), count("Subjects needed", "cells")
BOUND, METHOD, RELIABILITY, VERDICT = level("Bound"), level("Interval method"), level("Reliability"), level("Verdict")
FALSE_ALERTS_PER_DAY = amount("False alerts per day", decimals=1)
WITH_CANDIDATE = amount("Searches returning somebody", percent=True)
BASIS = level("Basis")
P_HOLM = amount("Holm’s p-value")

DIRECTIONS: Mapping[str, str] = {
    "auto": "detected from the scores",
    "similarity": "similarity: higher is closer",
    "distance": "distance: higher is farther",
}
ATTRIBUTE_NAMES: Mapping[str, str] = {"sex": "sex", "age_band": "age band", "group": "group"}
MOST_OPERATIONAL = 5  # thresholds of one use
LEAST_SUBJECTS = 11  # IPC Ontario 2025: cells of at least 11 at low invasiveness


def interval(*, percent: bool = False) -> dict[str, TableColumn]:
    """Both ends of an interval."""
    return {
        "low": amount("Interval, lower end", percent=percent),
        "high": amount("Interval, upper end", percent=percent),
    }


def direction() -> Any:
    """A field: what a higher score means."""
    return choice("auto", "Meaning of a higher score: closer (similarity) or farther (distance)", DIRECTIONS)


def grouping() -> Any:
    """A field: the attributes that define a group."""
    return choice(ATTRIBUTES, "Attributes that define a group", ATTRIBUTE_NAMES, several=(1, len(ATTRIBUTES)))


def reviewed() -> Any:
    """A field: how many candidates the operator looks at."""
    return number(20, "Number of candidates the operator reviews", 1, unit="candidates")


@dataclass(frozen=True, slots=True, kw_only=True)
class UseParams(Titled):
    """How a matcher is used: its thresholds, the meaning of its scores, and the searches planned."""

    thresholds: tuple[float, ...] = number(
        (),
        "Thresholds in use, on the scale of the scores",
        unit="score",
        why="a threshold stands on the scale of the matcher's scores, which may be any",
        several=(0, MOST_OPERATIONAL),
    )
    direction: str = direction()
    searches_per_day: float = number(100.0, "Planned searches per day", 0, unit="searches a day")
    mated_share: float = number(0.1, "Share of searches for an enrolled person", 0, 1)


def different_thresholds(params: UseParams) -> None:
    """InputError where a threshold is named twice."""
    if len(set(params.thresholds)) < len(params.thresholds):
        raise InputError("threshold named twice", column="thresholds", accepted="different numbers")


def audit(params: type[Any], together: Callable[[Any], None] = lambda params: None) -> Asks:
    """An audit: analysts, auditors and the privacy officer request it, board or council decide."""
    return Asks(
        params=params,
        together=together,
        purposes=frozenset({Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST, Role.AUDITOR, Role.PRIVACY_OFFICER}),
        deciders=frozenset({Role.BOARD, Role.COUNCIL}),
    )
