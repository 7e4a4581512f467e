"""Handing the public register out in bulk: two people agree, a third reading of the policy, all of it or nothing.

A proposal "export" names the recipient's public key and the cases ("register": every published one). Once approved,
one person proves that they are at the desk; BULK_BEGUN uses the approval up, BULK_EXPORTED says what left. Where it
fails on the way, BULK_UNDONE says so, nothing lies outside, and the approval serves again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from peelian.errors import InputError, OutOfOrder
from peelian.governance import proposals
from peelian.governance.acts import must_be_allowed
from peelian.governance.capability import Scalar
from peelian.governance.exporting import EXPORTERS
from peelian.governance.house import House
from peelian.governance.people import Operator
from peelian.governance.signed_entries import acted
from peelian.governance.tokens import RECIPIENT

REGISTER = "register"
MOST_CASES = 100_000
_CASE = re.compile(r"c-[0-9a-f]{4,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What two people agreed to hand out, and to whom."""

    proposal: str
    cases: tuple[str, ...]
    recipient: str  # a public key


def body_of(cases: tuple[str, ...], recipient: str) -> Mapping[str, Scalar]:
    """What a proposal to export says. InputError for what names no case."""
    if wrong := [case for case in cases if not _CASE.fullmatch(case)]:
        raise InputError(
            "not a case", column=f"--case {wrong[0][:20]}", accepted="c-… as `peelian cases` lists them"
        )
    return {"recipient": recipient, "cases": ",".join(cases) or REGISTER}


def begin(house: House, by: Operator, proposal: str) -> Bulk:
    """Use an approved proposal up and log that handing out begins; Refused or OutOfOrder with nothing done.

    O(cases). The caller writes the file, then says `done` or `undone`.
    """
    with house.lock:
        must_be_allowed(house, by, "export", roles=EXPORTERS, rule="the_exporter_may_export")
        made = proposals.approved(house, by, "export", proposal)
        bulk = Bulk(
            proposal=proposal, cases=_cases(house, str(made.body["cases"])), recipient=str(made.body["recipient"])
        )
        proposals.carry_out(house, by, "export", proposal)
        recipient = house.token(bulk.recipient, of=RECIPIENT)
        acted(house, by, "BULK_BEGUN", before=proposal, cases=len(bulk.cases), recipient=recipient)
        return bulk


def done(house: House, by: Operator, bulk: Bulk, *, digest: str, size: int) -> int:
    """Log what left: the digest and the size of the encrypted file; the entry's index."""
    return acted(house, by, "BULK_EXPORTED", before=bulk.proposal, digest=digest, size=size)


def undone(house: House, by: Operator, proposal: str, *, error: str) -> None:
    """Log that nothing left; the approval serves again. It is signed: nobody else gives an approval back."""
    acted(house, by, "BULK_UNDONE", before=proposal, error=error)


def cleared(house: House) -> int:
    """What an interruption left: an export that began and has no end is undone. How many."""
    left = sorted(house.book.orders.handing_out)
    for proposal in left:
        house.append("BULK_UNDONE", before=proposal, error="Interrupted")
    return len(left)


def _cases(house: House, named: str) -> tuple[str, ...]:
    public = [track.case for track in house.book.tracks.values() if track.marks("PUBLISHED")]
    wanted = public if named == REGISTER else named.split(",")
    if unpublished := sorted(set(wanted) - set(public)):
        raise OutOfOrder(
            f"{len(unpublished)} of the cases are not published, the first is {unpublished[0]}. Publish them first."
        )
    if not 1 <= len(wanted) <= MOST_CASES:
        raise OutOfOrder("No published case yet. Nothing to export.")
    return tuple(wanted)
