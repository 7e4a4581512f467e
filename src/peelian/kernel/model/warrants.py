"""Warrants: status, scope and number of uses, read from an authorization's body.

A warrant is an authorization (`AuthorizationKind.WARRANT`) whose body holds

    status      "confirmed", or "provisional": asked for after the fact, and nothing after 48 hours unless confirmed
    reference   the court's file number, as it is written on the warrant
    cells       grid cells or named areas it covers, separated by commas; absent: none
    sensors     register ids of sensors it covers, separated by commas; absent: none
    operations  what may be done under it, separated by commas; absent: none
    count       how many times it may be used: a whole number from 1

A capability that needs one says in its `Need.covers` which of `cells`, `sensors` and `operations` a question touches
(the same spelling); every one of them must be named by the warrant. Each run counts as one use of it. An entry of the
log for something collected under a warrant carries `warrant`, the digest `root_of` gives, so that a refusal finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from peelian.errors import Reason, sentence
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.documents import Authorization, digest_of

CONFIRMED, PROVISIONAL = "confirmed", "provisional"
SCOPE = ("cells", "sensors", "operations")
PROVISIONAL_DAYS = 2  # 48 hours
PROVISIONAL_REST_DAYS = 30  # for so long nothing that a provisional one covered is covered by another
MOST_USES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a warrant covers, or what a question touches."""

    cells: frozenset[str] = frozenset()
    sensors: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()


def scope_of(body: Mapping[str, Scalar]) -> Scope:
    """The scope a body (or what a need covers) names.

    >>> sorted(scope_of({"cells": "500:1:2, 500:1:3"}).cells)
    ['500:1:2', '500:1:3']
    """
    return Scope(**{key: listed(body.get(key, "")) for key in SCOPE})


def listed(text: Scalar) -> frozenset[str]:
    """The words of a list separated by commas."""
    return frozenset(word for part in str(text).split(",") if (word := part.strip()))


def root_of(warrant: Authorization) -> str:
    """The digest under which uses of a warrant are counted and what is collected under it is found.

    A warrant that confirms a provisional one goes on from it, so both have the provisional one's.
    """
    return warrant.before or digest_of(warrant)


def partition_of(root: str) -> str:
    """Where the archive keeps what was found under a warrant, so that it can be destroyed by itself; "": with all else.

    >>> shelf_of(""), shelf_of("ab" * 32)
    ('', 'warrant-abababababababababababababababab')
    """
    return f"warrant-{root[:32]}" if root else ""


def faults_of_a_warrant(body: Mapping[str, Scalar]) -> Iterator[Reason]:
    """What a warrant's body lacks before it may be recorded."""
    rule = "a_warrant_says_what_it_covers"
    if body.get("status") not in (CONFIRMED, PROVISIONAL):
        yield Reason(
            rule=rule,
            says="the warrant has no status",
            remedy=sentence("State %(confirmed)s or %(provisional)s.", confirmed=CONFIRMED, provisional=PROVISIONAL),
        )
    if not str(body.get("reference", "")).strip():
        yield Reason(rule=rule, says="the warrant has no reference", remedy="Enter the court's file number.")
    if not listed(body.get("operations", "")):
        yield Reason(
            rule=rule,
            says="the warrant lists no operations",
            remedy="List the permitted operations, separated by commas.",
        )
    count = body.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_USES:
        yield Reason(
            rule=rule, says="the warrant does not state its number of uses", remedy="State a whole number, at least 1."
        )
