"""The tables of an audit of a matcher, column by column."""

from __future__ import annotations

from peelian.kernel.model.tables import Emit, TableColumn, amount, count, group, level, rate
from peelian.technologies.faces.declarations.columns import (
    BASIS,
    BOUND,
    COMPARISONS,
    ERRORS,
    FAILED,
    FALSE_ALERTS_PER_DAY,
    FMR,
    FNMR,
    GENUINE,
    GROUP,
    IMPOSTOR,
    METHOD,
    NEEDED_COMPARISONS,
    NEEDED_SUBJECTS,
    OTHER_GROUP,
    PEOPLE,
    POLICY,
    RELIABILITY,
    THRESHOLD,
    VERDICT,
    WITH_CANDIDATE,
    interval,
)
from peelian.technologies.faces.declarations.shapes import BOUNDS, HISTOGRAM

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
