"""The audit of human review: what analysts made of candidates, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.tables import count, level, rate
from peelian.kernel.model.titles import Titled
from peelian.technologies.faces.declarations.auditing import audit
from peelian.technologies.faces.declarations.columns import RELIABILITY, interval
from peelian.technologies.faces.declarations.shapes import REVIEWS

TALLIES = Emit(
    table="reviews",
    title="candidates by truth, analyst verdict and outcome",
    columns={
        "truth": level("Candidate"),
        "verdict": level("Analyst verdict"),
        "outcome": level("Outcome"),
        "n": count("Candidates"),
    },
)
SHARES = Emit(
    table="shares",
    title="how analysts judged candidates",
    columns={
        "share": level("Share"),
        "events": count("Such candidates"),
        "n": count("Candidates"),
        "rate": rate("Value"),
        **interval(percent=True),
        "adequacy": RELIABILITY,
    },
    optional=frozenset({"events"}),
)


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
    emits=(TALLIES, SHARES),
    arithmetic=deferred("peelian.technologies.faces.reviews:ARITHMETIC"),
)
