"""Parameters of each face capability."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peelian.errors import InputError
from peelian.kernel.model.parameters import REQUIRED, choice, day, flag, number, text
from peelian.kernel.model.titles import Titled
from peelian.technologies.faces.declarations.shapes import ATTRIBUTES

DIRECTIONS: Mapping[str, str] = {
    "auto": "detected from the scores",
    "similarity": "similarity: higher is closer",
    "distance": "distance: higher is farther",
}
ATTRIBUTE_NAMES: Mapping[str, str] = {"sex": "sex", "age_band": "age band", "group": "group"}
TARGET_FMR = 1e-3  # the loosest that thresholds of one-to-many searches are usually set for; a limit is the board's
MOST_OPERATIONAL = 5  # thresholds of one use
DIGEST = (re.compile(r"[0-9a-f]{64}"), "64 hexadecimal digits")
LEAST_SUBJECTS = 11  # IPC Ontario 2025: cells of at least 11 at low invasiveness


def direction() -> Any:
    """A field: what a higher score means."""
    return choice("auto", "Meaning of a higher score: closer (similarity) or farther (distance)", DIRECTIONS)


def grouping() -> Any:
    """A field: the attributes that define a group."""
    return choice(ATTRIBUTES, "Attributes that define a group", ATTRIBUTE_NAMES, several=(1, len(ATTRIBUTES)))


def reviewed() -> Any:
    """A field: how many candidates the operator looks at."""
    return number(20, "Number of candidates the operator reviews", 1, unit="candidates")


def limit(help: str) -> Any:
    """A field: the rate of errors that a board allows; 0 where it set none."""
    return number(0.0, help, 0, 1, ends="[)")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramParams(UseParams):
    """Parameters of the audit of a retained histogram."""

    limit_fmr: float = limit("Maximum false match rate for any group (0: none set)")
    limit_fnmr: float = limit("Maximum false non-match rate for any group (0: none set)")
    gallery: int = number(10_000, "Number of people in the gallery", 1, unit="people")
    system_digest: str = text("", "SHA-256 of the tested matcher", form=DIGEST)

    @property
    def target_fmr(self) -> float:
        """The false match rate that thresholds are set for: the limit, or that of a serious trial where none is set."""
        return self.limit_fmr or TARGET_FMR


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditParams(HistogramParams):
    """Parameters of the audit of a matcher from its scores."""

    by: tuple[str, ...] = grouping()
    rank: int = reviewed()
    min_subjects: int = number(
        LEAST_SUBJECTS, "Minimum subjects for a group to be shown", LEAST_SUBJECTS, unit="subjects"
    )
    replicates: int = number(200, "Two-way bootstrap replicates (0: no cross-check)", 0, 2_000)
    keep_histogram: bool = flag(False, "Return the histogram, so that raw scores can be destroyed")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialParams(AuditParams):
    """Parameters of a trial that runs a vendor's matcher on a benchmark set with a signed consent manifest."""

    manifest: str = text(REQUIRED, "Digest of the consent manifest, as stated in its authorization", form=DIGEST)
    until: str = day(REQUIRED, "Last day of the authorization, YYYY-MM-DD. No consent may end earlier")
    most_pairs: int = number(100_000, "Maximum number of impostor pairs", 1, unit="pairs")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParams(UseParams):
    """Parameters of the audit of candidate lists."""

    gallery: int = number(0, "Number of people in the gallery, where the file does not state it", 0, unit="people")
    rank: int = reviewed()
    by: tuple[str, ...] = grouping()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParams:
    """Parameters of the planner."""

    target_fmr: float = number(1e-4, "Target false match rate", 0, 1, ends="()")
    target_fnmr: float = number(0.02, "Target false non-match rate", 0, 1, ends="()")
    groups: int = number(4, "Number of groups the claim covers", 1, 200, "groups")
    design_effect: float = number(1.0, "Design effect of repeated subjects, from an earlier audit", 1)


def different_thresholds(params: UseParams) -> None:
    """InputError where a threshold is named twice."""
    if len(set(params.thresholds)) < len(params.thresholds):
        raise InputError("threshold named twice", column="thresholds", accepted="different numbers")
