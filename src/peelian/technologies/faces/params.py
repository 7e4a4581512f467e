"""What an asker may set: the parameters of each capability of this room, and their checks."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import InputError, sentence
from peelian.technologies.faces.shapes import ATTRIBUTES
from peelian.technologies.faces.thresholds import MOST_OPERATIONAL

DIRECTIONS: Mapping[str, str] = {
    "auto": "told from the scores",
    "similarity": "similarity: higher is closer",
    "distance": "distance: higher is farther",
}
ATTRIBUTE_NAMES: Mapping[str, str] = {"sex": "sex", "age_band": "age band", "group": "group"}
LEAST_SUBJECTS = 11  # IPC Ontario 2025: cells of at least 11 at low invasiveness


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramParams:
    """Parameters of the audit of a retained histogram."""

    thresholds: tuple[float, ...] = field(
        default=(), metadata={"help": "Thresholds in use, in the scores' own direction", "unit": "score"}
    )
    direction: str = field(
        default="auto",
        metadata={
            "help": "Whether higher scores are closer (similarity) or farther (distance)",
            "choices": tuple(DIRECTIONS),
            "names": DIRECTIONS,
        },
    )
    bar_fmr: float = field(default=0.001, metadata={"help": "The highest false match rate any group may have"})
    bar_fnmr: float = field(default=0.05, metadata={"help": "The highest false non-match rate any group may have"})
    searches_per_day: float = field(
        default=100.0, metadata={"help": "How many searches a day are planned", "unit": "searches a day"}
    )
    gallery: int = field(default=10_000, metadata={"help": "How many people are to be enrolled", "unit": "people"})
    mated_share: float = field(
        default=0.1, metadata={"help": "The share of searches whose person is enrolled, from 0 to 1"}
    )
    system_digest: str = field(
        default="", metadata={"help": "SHA-256 of the matcher that was tested, 64 hexadecimal digits"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditParams(HistogramParams):
    """Parameters of the audit of a matcher from its scores."""

    by: tuple[str, ...] = field(
        default=ATTRIBUTES,
        metadata={"help": "The attributes that make a group together", "choices": ATTRIBUTES, "names": ATTRIBUTE_NAMES},
    )
    rank: int = field(default=20, metadata={"help": "How many candidates an operator looks at", "unit": "candidates"})
    min_subjects: int = field(
        default=LEAST_SUBJECTS, metadata={"help": "Groups with fewer subjects are not shown", "unit": "subjects"}
    )
    replicates: int = field(
        default=200, metadata={"help": "Replicates of the two-way bootstrap; 0 leaves the cross-check out"}
    )
    keep_histogram: bool = field(
        default=False, metadata={"help": "Return the histogram, so that the raw scores can be destroyed"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialParams(AuditParams):
    """Parameters of a trial that runs a vendor's matcher on a benchmark set with a signed consent manifest."""

    manifest: str = field(metadata={"help": "The digest of the consent manifest, as its paper states it"})
    until: str = field(metadata={"help": "The last day of the paper, YYYY-MM-DD: no consent may end before it"})
    most_pairs: int = field(
        default=100_000, metadata={"help": "How many impostor pairs are compared at most", "unit": "pairs"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParams:
    """Parameters of the audit of candidate lists."""

    thresholds: tuple[float, ...] = field(
        default=(), metadata={"help": "Thresholds in use, in the scores' own direction", "unit": "score"}
    )
    direction: str = field(
        default="auto",
        metadata={
            "help": "Whether higher scores are closer (similarity) or farther (distance)",
            "choices": tuple(DIRECTIONS),
            "names": DIRECTIONS,
        },
    )
    rank: int = field(default=20, metadata={"help": "How many candidates an operator looks at", "unit": "candidates"})
    by: tuple[str, ...] = field(
        default=ATTRIBUTES,
        metadata={"help": "The attributes that make a group together", "choices": ATTRIBUTES, "names": ATTRIBUTE_NAMES},
    )
    searches_per_day: float = field(
        default=100.0, metadata={"help": "How many searches a day are planned", "unit": "searches a day"}
    )
    mated_share: float = field(
        default=0.1, metadata={"help": "The share of searches whose person is enrolled, from 0 to 1"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParams:
    """Parameters of the planner."""

    target_fmr: float = field(default=1e-4, metadata={"help": "The false match rate to be shown"})
    target_fnmr: float = field(default=0.02, metadata={"help": "The false non-match rate to be shown"})
    groups: int = field(default=4, metadata={"help": "How many groups a claim is to be made for", "unit": "groups"})
    design_effect: float = field(
        default=1.0, metadata={"help": "How much repeated subjects widen intervals, from an earlier audit"}
    )


def check_histogram(params: HistogramParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    _between(params.bar_fmr, "bar_fmr", 0, 1)
    _between(params.bar_fnmr, "bar_fnmr", 0, 1)
    check_thresholds(params.thresholds)
    _choice(params.direction)
    if not (math.isfinite(params.searches_per_day) and params.searches_per_day >= 0):
        raise InputError("this is no number of searches", column="searches_per_day", accepted="0 or more")
    if params.gallery < 1:
        raise InputError("a gallery holds at least one person", column="gallery", accepted="1 or more")
    if not 0 <= params.mated_share <= 1:
        raise InputError("this is no share", column="mated_share", accepted="from 0 to 1")
    if params.system_digest and not re.fullmatch(r"[0-9a-f]{64}", params.system_digest):
        raise InputError("this is no SHA-256 digest", column="system_digest", accepted="64 hexadecimal digits")


def check_audit(params: AuditParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    check_histogram(params)
    unknown = [name for name in params.by if name not in ATTRIBUTES]
    if unknown or not params.by:
        raise InputError("there is no such attribute", column="by", accepted=", ".join(ATTRIBUTES))
    if params.min_subjects < LEAST_SUBJECTS:
        raise InputError(
            "groups this small are not shown",
            column="min_subjects",
            accepted=sentence("%(n)d or more", n=LEAST_SUBJECTS),
        )
    if not 0 <= params.replicates <= 2000:
        raise InputError("this many replicates are not drawn", column="replicates", accepted="0 to 2,000")
    if params.rank < 1:
        raise InputError("an operator looks at one candidate at least", column="rank", accepted="1 or more")


def check_trial(params: TrialParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    check_audit(params)
    if not re.fullmatch(r"[0-9a-f]{64}", params.manifest):
        raise InputError("this is no digest", column="manifest", accepted="64 hexadecimal digits")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", params.until):
        raise InputError("this is no day", column="until", accepted="YYYY-MM-DD")
    if params.most_pairs < 1:
        raise InputError("at least one pair must be compared", column="most_pairs", accepted="1 or more")


def check_thresholds(thresholds: tuple[float, ...]) -> None:
    """Raise InputError where thresholds are too many, repeated or no finite numbers."""
    wrong = len(thresholds) > MOST_OPERATIONAL or not all(math.isfinite(t) for t in thresholds)
    if wrong or len(set(thresholds)) < len(thresholds):
        raise InputError(
            "these are no thresholds",
            column="thresholds",
            accepted=sentence("at most %(n)d different finite numbers", n=MOST_OPERATIONAL),
        )


def check_searches(params: SearchParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    check_thresholds(params.thresholds)
    _choice(params.direction)
    if params.rank < 1:
        raise InputError("an operator looks at one candidate at least", column="rank", accepted="1 or more")
    unknown = [name for name in params.by if name not in ATTRIBUTES]
    if unknown or not params.by:
        raise InputError("there is no such attribute", column="by", accepted=", ".join(ATTRIBUTES))
    if not (math.isfinite(params.searches_per_day) and params.searches_per_day >= 0 and 0 <= params.mated_share <= 1):
        raise InputError("this is no use", column="searches_per_day", accepted="0 or more, and a share from 0 to 1")


def check_plan(params: PlanParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    _between(params.target_fmr, "target_fmr", 0, 1)
    _between(params.target_fnmr, "target_fnmr", 0, 1)
    if not 1 <= params.groups <= 200:
        raise InputError("this is no number of groups", column="groups", accepted="1 to 200")
    if not (params.design_effect >= 1 and math.isfinite(params.design_effect)):
        raise InputError("a design effect is at least 1", column="design_effect", accepted="1 or more")


def _between(value: float, name: str, low: float, high: float) -> None:
    if not low < value < high:
        raise InputError("this is no rate", column=name, accepted=f"a number between {low} and {high}")


def _choice(direction: str) -> None:
    if direction not in DIRECTIONS:
        raise InputError("this is no direction", column="direction", accepted=", ".join(DIRECTIONS))
