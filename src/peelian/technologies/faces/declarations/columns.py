"""Columns that stand in several tables of faces."""

from __future__ import annotations

from peelian.kernel.model.tables import TableColumn, amount, count, group, level, rate

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


def interval(*, percent: bool = False) -> dict[str, TableColumn]:
    """Both ends of an interval."""
    return {
        "low": amount("Interval, lower end", percent=percent),
        "high": amount("Interval, upper end", percent=percent),
    }
