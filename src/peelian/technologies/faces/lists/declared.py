"""The audit of candidate lists: wrong people returned, right ones missed."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.parameters import number
from peelian.kernel.model.tables import amount, count, level, rate
from peelian.technologies.faces.declared import (
    BASIS,
    BOUND,
    CANDIDATES,
    ERRORS,
    FALSE_ALERTS_PER_DAY,
    GROUP,
    MATES,
    METHOD,
    POLICY,
    RELIABILITY,
    SUBJECTS,
    WITH_CANDIDATE,
    UseParams,
    audit,
    different_thresholds,
    grouping,
    interval,
    reviewed,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchParams(UseParams):
    """Parameters of the audit of candidate lists."""

    gallery: int = number(0, "Number of people in the gallery, where the file does not state it", 0, unit="people")
    rank: int = reviewed()
    by: tuple[str, ...] = grouping()


SEARCHES = Emit(
    table="searches",
    title="identification error rates by threshold and group",
    columns={
        "policy": POLICY,
        "threshold": amount("Value"),
        "set_on": level("Set on"),
        "measure": level("Rate"),
        "group": GROUP,
        "errors": ERRORS,
        "n": count("Searches"),
        "rate": rate("Share", percent=False),
        **interval(),
        "bound": BOUND,
        "method": METHOD,
        "adequacy": RELIABILITY,
    },
    optional=frozenset({"errors"}),
    by=("policy", "measure", "group"),
    whole="all",
)
PRICES = Emit(
    table="prices",
    title="expected errors by threshold",
    columns={
        "policy": POLICY,
        "threshold": amount("Value"),
        "returned": rate("Test searches returning somebody"),
        "returned_n": count("Test searches"),
        "false_alerts_per_day": FALSE_ALERTS_PER_DAY,
        "searches_with_candidate": WITH_CANDIDATE,
        "price_basis": BASIS,
    },
)
RANKS = Emit(
    table="ranks",
    title="hit rates by rank",
    columns={
        "rank": count("Rank", "rank"),
        "n": count("Searches"),
        "rate": rate("Share"),
        **interval(percent=True),
        "adequacy": RELIABILITY,
    },
    by=("rank",),
)
GALLERIES = Emit(
    table="galleries",
    title="identification error rates by gallery size",
    columns={
        "policy": POLICY,
        "gallery": count("People in the gallery", "residents"),
        "measure": level("Rate"),
        "errors": ERRORS,
        "n": count("Searches"),
        "rate": rate("Share", percent=False),
        **interval(),
        "bound": BOUND,
        "adequacy": RELIABILITY,
    },
    optional=frozenset({"errors"}),
    by=("policy", "gallery", "measure"),
)
LENGTHS = Emit(
    table="lengths",
    title="enrolled people missed by length of the candidate list",
    columns={
        "policy": POLICY,
        "length": count("Candidates reviewed", "rank"),
        "wrong": amount("Wrong candidates per search"),
        "searches": count("Searches"),
        "errors": ERRORS,
        "n": count("Searches of enrolled people"),
        "rate": rate("Enrolled people missed (FNIR)", percent=False),
        **interval(),
        "bound": BOUND,
        "adequacy": RELIABILITY,
    },
    optional=frozenset({"errors"}),
    by=("policy", "length"),
)

LISTS = Capability(
    id="faces.lists",
    warrant="No warrant needed, because it scores results of a matcher under pseudonyms, and searches for nobody.",
    title="Candidate list audit",
    about=(
        "Measures, from candidate lists, how often searches return wrong people or miss the right one. It "
        "runs no searches."
    ),
    asks=audit(SearchParams, different_thresholds),
    reads=(
        Read(role="candidates", title="candidates", shape=CANDIDATES),
        Read(role="mates", title="mated searches", shape=MATES, optional=True),
        Read(role="subjects", title="subjects", shape=SUBJECTS, optional=True),
    ),
    emits=(SEARCHES, PRICES, RANKS, GALLERIES, LENGTHS),
    arithmetic=deferred("peelian.technologies.faces.lists.case:ARITHMETIC"),
)
