"""The audit of human review: what analysts made of candidates, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.titles import Titled
from peelian.measure.table import Kind
from peelian.technologies.faces.declarations.auditing import audit
from peelian.technologies.faces.declarations.shapes import REVIEWS

TALLIES = {
    "truth": Kind.LEVEL, "verdict": Kind.LEVEL, "outcome": Kind.LEVEL, "n": Kind.COUNT,
}  # fmt: skip
SHARES = {
    "share": Kind.LEVEL, "events": Kind.COUNT, "n": Kind.COUNT, "rate": Kind.RATE, "low": Kind.AMOUNT,
    "high": Kind.AMOUNT, "adequacy": Kind.LEVEL,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewParams(Titled):
    """No parameters."""


REVIEW = Capability(
    id="faces.review",
    warrant="No warrant needed, because it scores results of a matcher under pseudonyms, and searches for nobody.",
    title="Candidate review audit",
    about="Measures, from tallies, how analysts judge the candidates of searches, and what followed. It names nobody.",
    asks=audit(ReviewParams),
    reads=(Read(role="reviews", title="reviews of candidates", shape=REVIEWS),),
    emits=(
        Emit(table="reviews", columns=TALLIES),
        Emit(table="shares", columns=SHARES, optional=frozenset({"events"})),
    ),
    arithmetic=deferred("peelian.technologies.faces.reviews:ARITHMETIC"),
)
