"""Parameters of each face capability, and their checks."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from peelian.errors import InputError, sentence
from peelian.kernel.model.titles import Titled
from peelian.technologies.faces.declarations.shapes import ATTRIBUTES

DIRECTIONS: Mapping[str, str] = {
    "auto": "detected from the scores",
    "similarity": "similarity: higher is closer",
    "distance": "distance: higher is farther",
}
ATTRIBUTE_NAMES: Mapping[str, str] = {"sex": "sex", "age_band": "age band", "group": "group"}
TARGET_FMR = 1e-3  # the loosest that thresholds of one-to-many searches are usually set for; a limit is the board's
LEAST_SUBJECTS = 11  # IPC Ontario 2025: cells of at least 11 at low invasiveness


def direction() -> Any:
    """A field: what a higher score means."""
    about = "Meaning of a higher score: closer (similarity) or farther (distance)"
    return field(default="auto", metadata={"help": about, "choices": tuple(DIRECTIONS), "names": DIRECTIONS})


def grouping() -> Any:
    """A field: the attributes that define a group."""
    metadata = {"help": "Attributes that define a group", "choices": ATTRIBUTES, "names": ATTRIBUTE_NAMES}
    return field(default=ATTRIBUTES, metadata=metadata)


def reviewed() -> Any:
    """A field: how many candidates the operator looks at."""
    return field(default=20, metadata={"help": "Number of candidates the operator reviews", "unit": "candidates"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UseParams(Titled):
    """How a matcher is used: its thresholds, the meaning of its scores, and the searches planned."""

    thresholds: tuple[float, ...] = field(
        default=(), metadata={"help": "Thresholds in use, on the scale of the scores", "unit": "score"}
    )
    direction: str = direction()
    searches_per_day: float = field(
        default=100.0, metadata={"help": "Planned searches per day", "unit": "searches a day"}
    )
    mated_share: float = field(default=0.1, metadata={"help": "Share of searches for an enrolled person, from 0 to 1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramParams(UseParams):
    """Parameters of the audit of a retained histogram."""

    limit_fmr: float = field(default=0.0, metadata={"help": "Maximum false match rate for any group (0: none set)"})
    limit_fnmr: float = field(
        default=0.0, metadata={"help": "Maximum false non-match rate for any group (0: none set)"}
    )
    gallery: int = field(default=10_000, metadata={"help": "Number of people in the gallery", "unit": "people"})
    system_digest: str = field(default="", metadata={"help": "SHA-256 of the tested matcher (64 hexadecimal digits)"})

    @property
    def target_fmr(self) -> float:
        """The false match rate that thresholds are set for: the limit, or that of a serious trial where none is set."""
        return self.limit_fmr or TARGET_FMR


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditParams(HistogramParams):
    """Parameters of the audit of a matcher from its scores."""

    by: tuple[str, ...] = grouping()
    rank: int = reviewed()
    min_subjects: int = field(
        default=LEAST_SUBJECTS, metadata={"help": "Minimum subjects for a group to be shown", "unit": "subjects"}
    )
    replicates: int = field(default=200, metadata={"help": "Two-way bootstrap replicates (0: no cross-check)"})
    keep_histogram: bool = field(
        default=False, metadata={"help": "Return the histogram, so that raw scores can be destroyed"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialParams(AuditParams):
    """Parameters of a trial that runs a vendor's matcher on a benchmark set with a signed consent manifest."""

    manifest: str = field(metadata={"help": "Digest of the consent manifest, as stated in its authorization"})
    until: str = field(metadata={"help": "Last day of the authorization, YYYY-MM-DD. No consent may end earlier"})
    most_pairs: int = field(default=100_000, metadata={"help": "Maximum number of impostor pairs", "unit": "pairs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParams(UseParams):
    """Parameters of the audit of candidate lists."""

    gallery: int = field(
        default=0,
        metadata={"help": "Number of people in the gallery, where the file does not state it", "unit": "people"},
    )
    rank: int = reviewed()
    by: tuple[str, ...] = grouping()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParams:
    """Parameters of the planner."""

    target_fmr: float = field(default=1e-4, metadata={"help": "Target false match rate"})
    target_fnmr: float = field(default=0.02, metadata={"help": "Target false non-match rate"})
    groups: int = field(default=4, metadata={"help": "Number of groups the claim covers", "unit": "groups"})
    design_effect: float = field(
        default=1.0, metadata={"help": "Design effect of repeated subjects, from an earlier audit"}
    )


def check_histogram(params: HistogramParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    _limit(params.limit_fmr, "limit_fmr")
    _limit(params.limit_fnmr, "limit_fnmr")
    _check_use(params)
    if params.gallery < 1:
        raise InputError("gallery empty", column="gallery", accepted="1 or more")
    if params.system_digest and not re.fullmatch(r"[0-9a-f]{64}", params.system_digest):
        raise InputError("not a SHA-256 digest", column="system_digest", accepted="64 hexadecimal digits")


def check_audit(params: AuditParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    check_histogram(params)
    check_grouping(params.by)
    if params.min_subjects < LEAST_SUBJECTS:
        accepted = sentence("%(n)d or more", n=LEAST_SUBJECTS)
        raise InputError("minimum group size too low", column="min_subjects", accepted=accepted)
    if not 0 <= params.replicates <= 2000:
        raise InputError("number of replicates out of range", column="replicates", accepted="0 to 2,000")
    _check_reviewed(params.rank)


def check_trial(params: TrialParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    check_audit(params)
    if not re.fullmatch(r"[0-9a-f]{64}", params.manifest):
        raise InputError("not a digest", column="manifest", accepted="64 hexadecimal digits")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", params.until):
        raise InputError("not a day", column="until", accepted="YYYY-MM-DD")
    if params.most_pairs < 1:
        raise InputError("no pairs to compare", column="most_pairs", accepted="1 or more")


def check_thresholds(thresholds: tuple[float, ...]) -> None:
    """Raise InputError where thresholds are too many, repeated or no finite numbers."""
    wrong = len(thresholds) > MOST_OPERATIONAL or not all(math.isfinite(t) for t in thresholds)
    if wrong or len(set(thresholds)) < len(thresholds):
        accepted = sentence("at most %(n)d different finite numbers", n=MOST_OPERATIONAL)
        raise InputError("thresholds not valid", column="thresholds", accepted=accepted)


def check_searches(params: SearchParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    _check_use(params)
    _check_reviewed(params.rank)
    check_grouping(params.by)
    if params.gallery < 0:
        raise InputError("gallery size below 0", column="gallery", accepted="0 or more")


def check_grouping(by: tuple[str, ...]) -> None:
    """Raise InputError where no or unknown attributes define a group."""
    if not by or any(name not in ATTRIBUTES for name in by):
        raise InputError("unknown attribute", column="by", accepted=", ".join(ATTRIBUTES))


def check_direction(direction: str) -> None:
    """Raise InputError where the meaning of scores is none of those known."""
    if direction not in DIRECTIONS:
        raise InputError("unknown direction", column="direction", accepted=", ".join(DIRECTIONS))


def check_plan(params: PlanParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    _between(params.target_fmr, "target_fmr", 0, 1)
    _between(params.target_fnmr, "target_fnmr", 0, 1)
    if not 1 <= params.groups <= 200:
        raise InputError("number of groups out of range", column="groups", accepted="1 to 200")
    if not (params.design_effect >= 1 and math.isfinite(params.design_effect)):
        raise InputError("design effect below 1", column="design_effect", accepted="1 or more")


def _limit(value: float, name: str) -> None:
    if not 0 <= value < 1:
        raise InputError("not a rate", column=name, accepted="a number between 0 and 1; 0 where no limit is set")


def _between(value: float, name: str, low: float, high: float) -> None:
    if not low < value < high:
        accepted = sentence("a number between %(low)g and %(high)g", low=low, high=high)
        raise InputError("not a rate", column=name, accepted=accepted)


def _check_use(params: UseParams) -> None:
    check_thresholds(params.thresholds)
    check_direction(params.direction)
    if not (math.isfinite(params.searches_per_day) and params.searches_per_day >= 0):
        raise InputError("not a number of searches", column="searches_per_day", accepted="0 or more")
    if not 0 <= params.mated_share <= 1:
        raise InputError("not a share", column="mated_share", accepted="from 0 to 1")


def _check_reviewed(rank: int) -> None:
    if rank < 1:
        raise InputError("number of candidates too low", column="rank", accepted="1 or more")


MOST_OPERATIONAL = 5
