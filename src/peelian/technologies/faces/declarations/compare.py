"""The comparison of two matchers, or two versions of one, on the same comparisons."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.parameters import number
from peelian.kernel.model.titles import Titled
from peelian.measure.table import Kind
from peelian.technologies.faces.declarations.auditing import audit
from peelian.technologies.faces.declarations.shapes import SUBJECTS
from peelian.technologies.faces.params import direction, grouping

PAIRS = "face_score_pairs"
OPERATING = {
    "matcher": Kind.LEVEL, "threshold": Kind.AMOUNT, "target": Kind.AMOUNT, "fmr": Kind.RATE, "fmr_n": Kind.COUNT,
    "fnmr": Kind.RATE, "fnmr_n": Kind.COUNT, "failed": Kind.COUNT,
}  # fmt: skip
DIFFERENCES = {
    "measure": Kind.LEVEL, "group": Kind.GROUP, "n": Kind.COUNT, "subjects": Kind.COUNT, "errors": Kind.COUNT,
    "errors_2": Kind.COUNT, "rate": Kind.RATE, "rate_2": Kind.RATE, "difference": Kind.AMOUNT, "low": Kind.AMOUNT,
    "high": Kind.AMOUNT, "p_holm": Kind.AMOUNT, "would_see": Kind.AMOUNT, "verdict": Kind.LEVEL,
}  # fmt: skip


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
    emits=(
        Emit(table="operating", columns=OPERATING, optional=frozenset({"failed"})),
        Emit(table="differences", columns=DIFFERENCES, optional=frozenset({"errors", "errors_2"}), whole="all"),
    ),
    arithmetic=deferred("peelian.technologies.faces.compare_view:ARITHMETIC"),
)
