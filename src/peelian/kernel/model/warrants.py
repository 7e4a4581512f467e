"""Warrants: paper, status, scope and number of uses, read from an authorization's body.

A warrant is an authorization (`AuthorizationKind.WARRANT`) whose body holds

    status      "confirmed", or "provisional": asked for after the fact, and nothing after 48 hours unless confirmed
    reference   the court's file number, as it is written on the warrant
    cells       grid cells or named areas it covers, separated by commas; absent: none
    sensors     register ids of sensors it covers, separated by commas; absent: none
    operations  what may be done under it, separated by commas; absent: none
    count       how many times it may be used: a whole number from 1
    paper       SHA-256 of the court's paper, which is sealed in the office; of a provisional one: the application
    court       the court that issued it, or that was applied to
    issued      the day that stands on the paper (ISO)
    recorded_by who recorded it: a token. Whoever signs a confirmed one is somebody else: they read the paper
    judge, ends who issued it and the last day that the paper gives (confirmed)
    urgency     why the court could not be waited for (provisional)

A capability that needs one says in its `Need.covers` which of `cells`, `sensors` and `operations` a question touches
(the same spelling); every one of them must be named by the warrant. Each run counts as one use of it. An entry of the
log for something collected under a warrant carries `warrant`, the digest `root_of` gives, so that a refusal finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peelian.errors import Reason, sentence
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.documents import Authorization, digest_of
from peelian.kernel.model.vocabulary import AuthorizationKind

CONFIRMED, PROVISIONAL = "confirmed", "provisional"
SCOPE = ("cells", "sensors", "operations")
PROVISIONAL_DAYS = 2  # 48 hours
PROVISIONAL_REST_DAYS = 30  # for so long nothing that a provisional one covered is covered by another
MOST_USES = 1_000_000
ON_PAPER = ("court", "issued")
ON_ORDER = ("judge", "ends")
PAPER = re.compile(r"[0-9a-f]{64}")
PAPERS = "paper-"  # a court's paper is sealed under a name that begins so


@dataclass(frozen=True, slots=True, kw_only=True)
class WarrantLaw:
    """What a technology lets a warrant open at most, and when whom it concerned is told."""

    days: int = 60  # the longest that one lasts: as long as a tracking warrant (Criminal Code, 492.1(5))
    uses: int = 10_000
    notice_days: int = 90  # after its end, as for intercepted communications (Criminal Code, section 196(1))
    most_deferred_days: int = 1_096  # each postponement, of which there may be several (the same, section 196(3))


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
    return Scope(**{key: words_of_list(body.get(key, "")) for key in SCOPE})


def words_of_list(text: Scalar) -> frozenset[str]:
    """The words of a list separated by commas."""
    return frozenset(word for part in str(text).split(",") if (word := part.strip()))


def root_of(warrant: Authorization) -> str:
    """The digest under which uses of a warrant are counted and what is collected under it is found.

    A warrant that confirms a provisional one goes on from it, so both have the provisional one's.
    """
    return warrant.before or digest_of(warrant)


def is_provisional(one: Authorization) -> bool:
    """Whether an authorization is a warrant that no court has confirmed yet."""
    return one.kind is AuthorizationKind.WARRANT and one.body.get("status") == PROVISIONAL


def is_over(provisional: Authorization, now: datetime) -> bool:
    """Whether the 48 hours of a provisional warrant have passed."""
    return now - datetime.fromisoformat(provisional.starts) >= timedelta(days=PROVISIONAL_DAYS)


def partition_of(root: str) -> str:
    """Where the archive keeps what was found under a warrant, so that it can be destroyed by itself; "": with all else.

    >>> partition_of(""), partition_of("ab" * 32)
    ('', 'warrant-abababababababababababababababab')
    """
    return f"warrant-{root[:32]}" if root else ""


def name_of_paper(digest: str) -> str:
    """What the log calls the sealed paper with this SHA-256.

    >>> name_of_paper("ab" * 32)
    'paper-abababababababababababababababab'
    """
    return f"{PAPERS}{digest[:32]}"


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
    if not words_of_list(body.get("operations", "")):
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


def has_paper(warrant: Authorization) -> bool:
    """Whether it rests on a sealed paper; a confirmed one also on a second person, who signed it having read that.

    Earlier versions recorded warrants without either. Such a one stays readable and opens nothing.
    """
    body = warrant.body
    confirmed = body.get("status") == CONFIRMED
    stated = (*ON_PAPER, *(ON_ORDER if confirmed else ("urgency",)), "recorded_by")
    if not PAPER.fullmatch(str(body.get("paper", ""))) or not all(str(body.get(one, "")).strip() for one in stated):
        return False
    return (body["recorded_by"] == warrant.by) is not confirmed
