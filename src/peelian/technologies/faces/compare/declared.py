"""The comparison of two matchers, or two versions of one, on the same comparisons."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.parameters import number
from peelian.kernel.model.tables import amount, count, level, rate
from peelian.kernel.model.titles import Titled
from peelian.technologies.faces.declared import (
    COMPARISONS,
    FAILED,
    FMR,
    FNMR,
    GENUINE,
    GROUP,
    IMPOSTOR,
    P_HOLM,
    PAIRS,
    PEOPLE,
    SUBJECTS,
    VERDICT,
    audit,
    direction,
    grouping,
    interval,
)

OPERATING = Emit(
    table="operating",
    title="matchers at the threshold of one false match rate",
    columns={
        "matcher": level("Matcher"),
        "threshold": amount("Threshold"),
        "target": amount("Target rate"),
        "fmr": FMR,
        "fmr_n": IMPOSTOR,
        "fnmr": FNMR,
        "fnmr_n": GENUINE,
        "failed": FAILED,
    },
    optional=frozenset({"failed"}),
)
DIFFERENCES = Emit(
    table="differences",
    title="differences between two matchers",
    columns={
        "measure": level("Rate"),
        "group": GROUP,
        "n": COMPARISONS,
        "subjects": PEOPLE,
        "errors": count("Errors of the first matcher"),
        "errors_2": count("Errors of the second matcher"),
        "rate": rate("First matcher"),
        "rate_2": rate("Second matcher"),
        "difference": amount("Difference", percent=True),
        **interval(percent=True),
        "p_holm": P_HOLM,
        "would_see": amount("Would have been found", percent=True),
        "verdict": VERDICT,
    },
    optional=frozenset({"errors", "errors_2"}),
    whole="all",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareParams(Titled):
    """At which false match rate the matchers are compared, and in which groups."""

    target_fmr: float = number(
        0.0,
        "False match rate of both matchers (0: the lowest of 1e-4, 1e-3, 1e-2, 0.1 with 30 errors)",
        0,
        0.5,
        ends="[)",
    )
    by: tuple[str, ...] = grouping()
    direction: str = direction()


COMPARE = Capability(
    id="faces.compare",
    warrant="No warrant needed, because it scores results of a matcher under pseudonyms, and searches for nobody.",
    title="Comparison of two face matchers",
    about=(
        "Compares two matchers, or two versions of one, on the same comparisons, each at the threshold with the same "
        "false match rate. It identifies nobody."
    ),
    asks=audit(CompareParams),
    reads=(
        Read(role="pairs", title="paired scores", shape=PAIRS),
        Read(role="subjects", title="subjects", shape=SUBJECTS, optional=True),
    ),
    emits=(OPERATING, DIFFERENCES),
    arithmetic=deferred("peelian.technologies.faces.compare.case:ARITHMETIC"),
)
