"""The audit of a matcher, from scores or from a histogram of them: parameters, tables, roles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from peelian.kernel.model.capability import Capability, Read, deferred
from peelian.kernel.model.parameters import flag, number, text
from peelian.kernel.model.tables import Emit, TableColumn, amount, count, group, level, rate
from peelian.technologies.faces.declared import (
    BASIS,
    BOUND,
    BOUNDS,
    CANDIDATES,
    COMPARISONS,
    ERRORS,
    FAILED,
    FALSE_ALERTS_PER_DAY,
    FMR,
    FNMR,
    GENUINE,
    GROUP,
    HISTOGRAM,
    IMPOSTOR,
    LEAST_SUBJECTS,
    MATES,
    METHOD,
    NEEDED_COMPARISONS,
    NEEDED_SUBJECTS,
    OTHER_GROUP,
    PEOPLE,
    POLICY,
    RELIABILITY,
    SCORES,
    SUBJECTS,
    THRESHOLD,
    VERDICT,
    WITH_CANDIDATE,
    UseParams,
    audit,
    different_thresholds,
    grouping,
    interval,
    reviewed,
)

TARGET_FMR = 1e-3  # the loosest that thresholds of one-to-many searches are usually set for; a limit is the board's

DIGEST = (re.compile(r"[0-9a-f]{64}"), "64 hexadecimal digits")


def limit(help: str) -> Any:
    """A field: the rate of errors that a board allows; 0 where it set none."""
    return number(0.0, help, 0, 1, ends="[)")


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


TRIALS = Emit(
    table="trials",
    title="subjects and comparisons by group",
    columns={
        "group": GROUP,
        "other_group": OTHER_GROUP,
        "subjects": PEOPLE,
        "impostor": IMPOSTOR,
        "genuine": GENUINE,
        "failed": FAILED,
        "failure_rate": rate("Failure rate"),
        "failure_rate_n": count("Comparisons tried"),
    },
    optional=frozenset({"failed"}),
    whole="all",
)
THRESHOLDS = Emit(
    table="thresholds",
    title="thresholds and expected errors",
    columns={
        "policy": POLICY,
        "group": GROUP,
        "threshold": amount("Value"),
        "set_on": level("Set on"),
        "use": level("Use"),
        "fmr": rate("False match rate (FMR)", percent=False),
        "fmr_n": IMPOSTOR,
        "fmr_adequacy": level("FMR, reliability"),
        "fmr_check_low": amount("FMR, bootstrap interval, lower end"),
        "fmr_check_high": amount("FMR, bootstrap interval, upper end"),
        "worst_fmr": amount("FMR, worst group"),
        "worst_fmr_bound": level("FMR, bound for the worst group"),
        "worst_fmr_group": group("FMR, name of the worst group"),
        "worst_fmr_adequacy": level("FMR, reliability for the worst group"),
        "fnmr": rate("False non-match rate (FNMR)", percent=False),
        "fnmr_n": GENUINE,
        "fnmr_adequacy": level("FNMR, reliability"),
        "worst_fnmr": amount("FNMR, worst group"),
        "worst_fnmr_bound": level("FNMR, bound for the worst group"),
        "worst_fnmr_group": group("FNMR, name of the worst group"),
        "worst_fnmr_adequacy": level("FNMR, reliability for the worst group"),
        "max_geomean": amount("Maximum/geometric mean"),
        "false_alerts_per_day": FALSE_ALERTS_PER_DAY,
        "searches_with_candidate": WITH_CANDIDATE,
        "price_basis": BASIS,
    },
    by=("policy", "group"),
)
RATES = Emit(
    table="rates",
    title="error rates by threshold and group",
    columns={
        "policy": POLICY,
        "threshold": THRESHOLD,
        "measure": level("Rate"),
        "group": GROUP,
        "other_group": OTHER_GROUP,
        "errors": ERRORS,
        "n": COMPARISONS,
        "rate": rate("Value", percent=False),
        **interval(),
        "bound": BOUND,
        "method": METHOD,
        "adequacy": RELIABILITY,
        "verdict": VERDICT,
        "design_effect": amount("Design effect"),
        "subjects": PEOPLE,
        "low_bound": amount("Lower bound of the verdict"),
        "high_bound": amount("Upper bound of the verdict"),
        "needed_subjects": NEEDED_SUBJECTS,
    },
    optional=frozenset({"errors"}),
    by=("policy", "measure", "group", "other_group"),
)
SUMMARIES = Emit(
    table="summaries",
    title="summary measures over groups",
    columns={
        "policy": POLICY,
        "measure": level("Measure"),
        "of": level("Error rate"),
        "value": amount("Value"),
        **interval(),
        "bound": BOUND,
        "groups": count("Groups", "cells"),
        "adequacy": RELIABILITY,
    },
)
POINTS: dict[str, TableColumn] = {
    "group": GROUP,
    "threshold": THRESHOLD,
    "fmr": FMR,
    "fmr_n": IMPOSTOR,
    "fnmr": FNMR,
    "fnmr_n": GENUINE,
    "adequacy": RELIABILITY,
}
CURVES = Emit(table="curves", title="error trade-off curves", columns=POINTS, by=("group", "threshold"))
LADDER = Emit(
    table="ladder", title="error rates of groups at common thresholds", columns=POINTS, by=("group", "threshold")
)
SIZES = Emit(
    table="sizes",
    title="sample size",
    columns={
        "policy": level("Claim"),
        "target": amount("Target rate", percent=True),
        "needed_pairs": NEEDED_COMPARISONS,
        "needed_subjects": NEEDED_SUBJECTS,
        "pairs": count("Comparisons available"),
        "smallest_group_pairs": count("Comparisons in smallest group"),
        "size": level("Overall"),
        "smallest_group_size": level("Smallest group"),
    },
)
COVARIATES = Emit(
    table="covariates",
    title="error rates by property of the images",
    columns={
        "policy": POLICY,
        "covariate": level("Property"),
        "bin": level("Images"),
        "measure": level("Error rate"),
        "errors": ERRORS,
        "n": COMPARISONS,
        "rate": rate("Value", percent=False),
        **interval(),
        "bound": BOUND,
        "adequacy": RELIABILITY,
    },
    optional=frozenset({"errors"}),
)
HISTOGRAMS = Emit(
    table=HISTOGRAM,
    title="score histogram",
    columns={
        "genuine": count("Genuine (1) or impostor (0)"),
        "group": GROUP,
        "other_group": OTHER_GROUP,
        "score": amount("Score"),
        "n": COMPARISONS,
    },
)
BOUNDS_KEPT = Emit(
    table=BOUNDS,
    title="bounds from subjects",
    columns={
        "genuine": count("Genuine (1) or impostor (0)"),
        "group": GROUP,
        "score": amount("Score"),
        "subjects": PEOPLE,
        **interval(),
    },
)
EMITS = (TRIALS, THRESHOLDS, RATES, SUMMARIES, CURVES, SIZES, LADDER, COVARIATES, HISTOGRAMS, BOUNDS_KEPT)

AUDIT = Capability(
    id="faces.audit",
    warrant="No warrant needed, because it scores results of a matcher under pseudonyms, and searches for nobody.",
    title="Face matcher audit",
    about=(
        "Measures a face matcher's error rates by group from score files, with intervals and expected "
        "errors in use. It identifies nobody."
    ),
    asks=audit(AuditParams, different_thresholds),
    reads=(
        Read(role="scores", title="scores", shape=SCORES),
        Read(role="more_scores", title="additional scores", shape=SCORES, optional=True),
        Read(role="subjects", title="subjects", shape=SUBJECTS, optional=True),
        Read(role="calibration", title="calibration", shape=SCORES, optional=True),
        Read(role="candidates", title="candidates", shape=CANDIDATES, optional=True),
        Read(role="mates", title="mated searches", shape=MATES, optional=True),
    ),
    emits=EMITS,
    arithmetic=deferred("peelian.technologies.faces.audit.case:AUDIT_ARITHMETIC"),
)

HISTOGRAM_AUDIT = Capability(
    id="faces.histogram",
    warrant="No warrant needed, because it scores results of a matcher under pseudonyms, and searches for nobody.",
    title="Score histogram audit",
    about=("Repeats a matcher audit at given thresholds from a histogram, after the raw scores were destroyed."),
    asks=audit(HistogramParams, different_thresholds),
    reads=(
        Read(role="histogram", title="histogram", shape=HISTOGRAM),
        Read(role="more_histogram", title="additional histogram", shape=HISTOGRAM, optional=True),
        Read(role="bounds", title="bounds from subjects", shape=BOUNDS, optional=True),
        Read(role="scores", title="scores", shape=SCORES, optional=True),
    ),
    emits=EMITS,
    arithmetic=deferred("peelian.technologies.faces.audit.case:HISTOGRAM_AUDIT_ARITHMETIC"),
)
