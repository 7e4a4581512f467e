"""The audit of human review: what analysts made of candidates, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.tables import count, level, rate
from peelian.kernel.model.titles import Titled
from peelian.technologies.faces.declared import RELIABILITY, REVIEWS, audit, interval

RIGHT, WRONG, UNKNOWN_TRUTH = "right person", "wrong person", "not known whether right"
TRUTHS = (RIGHT, WRONG, UNKNOWN_TRUTH)
MATCH, NO_MATCH, INCONCLUSIVE = "match", "no match", "inconclusive"
VERDICTS_OF_ANALYSTS = (MATCH, NO_MATCH, INCONCLUSIVE)
NO_ACTION = "no action"
ACTED = ("stop", "arrest", "charge")
OUTCOMES = (NO_ACTION, "inquiry", *ACTED, "outcome not recorded")
REVIEW_SHARES = (
    "wrong candidates called a match",
    "right candidates called no match",
    "wrong matches that led to a stop, arrest or charge",
    "candidates called no match that led to a stop, arrest or charge",
)

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
    arithmetic=deferred("peelian.technologies.faces.reviews.case:ARITHMETIC"),
)
