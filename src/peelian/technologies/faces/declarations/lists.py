"""The audit of candidate lists: wrong people returned, right ones missed."""

from __future__ import annotations

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.measure.table import Kind
from peelian.technologies.faces.declarations.auditing import audit
from peelian.technologies.faces.declarations.shapes import CANDIDATES, MATES, SUBJECTS
from peelian.technologies.faces.params import SearchParams, different_thresholds

SEARCHES = {
    "policy": Kind.LEVEL, "threshold": Kind.AMOUNT, "set_on": Kind.LEVEL, "measure": Kind.LEVEL, "group": Kind.GROUP,
    "errors": Kind.COUNT, "n": Kind.COUNT, "rate": Kind.RATE, "low": Kind.AMOUNT, "high": Kind.AMOUNT,
    "bound": Kind.LEVEL, "method": Kind.LEVEL, "adequacy": Kind.LEVEL,
}  # fmt: skip
PRICES = {
    "policy": Kind.LEVEL, "threshold": Kind.AMOUNT, "returned": Kind.RATE, "returned_n": Kind.COUNT,
    "false_alerts_per_day": Kind.AMOUNT, "searches_with_candidate": Kind.AMOUNT, "price_basis": Kind.LEVEL,
}  # fmt: skip
RANKS = {
    "rank": Kind.COUNT, "n": Kind.COUNT, "rate": Kind.RATE, "low": Kind.AMOUNT, "high": Kind.AMOUNT,
    "adequacy": Kind.LEVEL,
}  # fmt: skip
GALLERIES = {
    "policy": Kind.LEVEL, "gallery": Kind.COUNT, "measure": Kind.LEVEL, "errors": Kind.COUNT, "n": Kind.COUNT,
    "rate": Kind.RATE, "low": Kind.AMOUNT, "high": Kind.AMOUNT, "bound": Kind.LEVEL, "adequacy": Kind.LEVEL,
}  # fmt: skip
LENGTHS = {
    "policy": Kind.LEVEL, "length": Kind.COUNT, "wrong": Kind.AMOUNT, "searches": Kind.COUNT, "errors": Kind.COUNT,
    "n": Kind.COUNT, "rate": Kind.RATE, "low": Kind.AMOUNT, "high": Kind.AMOUNT, "bound": Kind.LEVEL,
    "adequacy": Kind.LEVEL,
}  # fmt: skip
EMITS = (
    Emit(
        table="searches",
        columns=SEARCHES,
        optional=frozenset({"errors"}),
        by=("policy", "measure", "group"),
        whole="all",
    ),
    Emit(table="prices", columns=PRICES),
    Emit(table="ranks", columns=RANKS, by=("rank",)),
    Emit(table="galleries", columns=GALLERIES, optional=frozenset({"errors"}), by=("policy", "gallery", "measure")),
    Emit(table="lengths", columns=LENGTHS, optional=frozenset({"errors"}), by=("policy", "length")),
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
    emits=EMITS,
    arithmetic=deferred("peelian.technologies.faces.lists_view:ARITHMETIC"),
)
