"""The tables of an audit of a matcher, column by column."""

from __future__ import annotations

from peelian.kernel.model.capability import Emit
from peelian.measure.table import Kind
from peelian.technologies.faces.declarations.shapes import BOUNDS, HISTOGRAM

RATES = {
    "policy": Kind.LEVEL, "threshold": Kind.AMOUNT, "measure": Kind.LEVEL, "group": Kind.GROUP,
    "other_group": Kind.GROUP, "errors": Kind.COUNT, "n": Kind.COUNT, "rate": Kind.RATE, "low": Kind.AMOUNT,
    "high": Kind.AMOUNT, "bound": Kind.LEVEL, "method": Kind.LEVEL, "adequacy": Kind.LEVEL, "verdict": Kind.LEVEL,
    "design_effect": Kind.AMOUNT, "subjects": Kind.COUNT, "low_bound": Kind.AMOUNT, "high_bound": Kind.AMOUNT,
    "needed_subjects": Kind.COUNT,
}  # fmt: skip
THRESHOLDS = {
    "policy": Kind.LEVEL, "group": Kind.GROUP, "threshold": Kind.AMOUNT, "set_on": Kind.LEVEL, "use": Kind.LEVEL,
    "fmr": Kind.RATE, "fmr_n": Kind.COUNT, "fmr_adequacy": Kind.LEVEL,
    "fmr_check_low": Kind.AMOUNT, "fmr_check_high": Kind.AMOUNT,
    "worst_fmr": Kind.AMOUNT, "worst_fmr_bound": Kind.LEVEL, "worst_fmr_group": Kind.GROUP,
    "worst_fmr_adequacy": Kind.LEVEL,
    "fnmr": Kind.RATE, "fnmr_n": Kind.COUNT, "fnmr_adequacy": Kind.LEVEL,
    "worst_fnmr": Kind.AMOUNT, "worst_fnmr_bound": Kind.LEVEL, "worst_fnmr_group": Kind.GROUP,
    "worst_fnmr_adequacy": Kind.LEVEL,
    "max_geomean": Kind.AMOUNT, "false_alerts_per_day": Kind.AMOUNT, "searches_with_candidate": Kind.AMOUNT,
    "price_basis": Kind.LEVEL,
}  # fmt: skip
SUMMARIES = {
    "policy": Kind.LEVEL, "measure": Kind.LEVEL, "of": Kind.LEVEL, "value": Kind.AMOUNT, "low": Kind.AMOUNT,
    "high": Kind.AMOUNT, "bound": Kind.LEVEL, "groups": Kind.COUNT, "adequacy": Kind.LEVEL,
}  # fmt: skip
TRIALS = {
    "group": Kind.GROUP, "other_group": Kind.GROUP, "subjects": Kind.COUNT, "impostor": Kind.COUNT,
    "genuine": Kind.COUNT, "failed": Kind.COUNT, "failure_rate": Kind.RATE, "failure_rate_n": Kind.COUNT,
}  # fmt: skip
CURVES = {
    "group": Kind.GROUP, "threshold": Kind.AMOUNT, "fmr": Kind.RATE, "fmr_n": Kind.COUNT, "fnmr": Kind.RATE,
    "fnmr_n": Kind.COUNT, "adequacy": Kind.LEVEL,
}  # fmt: skip
SIZES = {
    "policy": Kind.LEVEL, "target": Kind.AMOUNT, "needed_pairs": Kind.COUNT, "needed_subjects": Kind.COUNT,
    "pairs": Kind.COUNT, "smallest_group_pairs": Kind.COUNT, "size": Kind.LEVEL, "smallest_group_size": Kind.LEVEL,
}  # fmt: skip
HISTOGRAMS = {
    "genuine": Kind.COUNT, "group": Kind.GROUP, "other_group": Kind.GROUP, "score": Kind.AMOUNT, "n": Kind.COUNT,
}  # fmt: skip
COVARIATES = {
    "policy": Kind.LEVEL, "covariate": Kind.LEVEL, "bin": Kind.LEVEL, "measure": Kind.LEVEL, "errors": Kind.COUNT,
    "n": Kind.COUNT, "rate": Kind.RATE, "low": Kind.AMOUNT, "high": Kind.AMOUNT, "bound": Kind.LEVEL,
    "adequacy": Kind.LEVEL,
}  # fmt: skip
BOUNDS_KEPT = {
    "genuine": Kind.COUNT, "group": Kind.GROUP, "score": Kind.AMOUNT, "subjects": Kind.COUNT, "low": Kind.AMOUNT,
    "high": Kind.AMOUNT,
}  # fmt: skip
EMITS = (
    Emit(table="trials", columns=TRIALS, optional=frozenset({"failed"}), whole="all"),
    Emit(table="thresholds", columns=THRESHOLDS, by=("policy", "group")),
    Emit(
        table="rates", columns=RATES, optional=frozenset({"errors"}), by=("policy", "measure", "group", "other_group")
    ),
    Emit(table="summaries", columns=SUMMARIES),
    Emit(table="curves", columns=CURVES, by=("group", "threshold")),
    Emit(table="sizes", columns=SIZES),
    Emit(table="ladder", columns=CURVES, by=("group", "threshold")),
    Emit(table="covariates", columns=COVARIATES, optional=frozenset({"errors"})),
    Emit(table=HISTOGRAM, columns=HISTOGRAMS),
    Emit(table=BOUNDS, columns=BOUNDS_KEPT),
)
