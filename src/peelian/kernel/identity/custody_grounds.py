"""Custody grounds: on what recordings of people are kept: a bylaw that the council approved, or an exception by two.

The council's approval names the bylaw by the SHA-256 of its text, and a privacy assessment is in force beside it. Where
either is missing, one of the board and one privacy officer may except a running case: for 30 days, with a reason that
residents read, and for so few recordings that no office lives on exceptions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peelian.errors import InputError, OutOfOrder, Reason, Refused, sentence
from peelian.kernel.model.documents import Authorization, Proposal
from peelian.kernel.model.suspension import EXCEPTERS
from peelian.kernel.model.technology import ids_of
from peelian.kernel.model.vocabulary import AuthorizationKind, Role, Scalar
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import still_archived
from peelian.measure.contacts import must_hold_no_contact

EXCEPT = "custody_exception"
NEEDED = (AuthorizationKind.COUNCIL_APPROVAL, AuthorizationKind.IMPACT_ASSESSMENT)
BYLAW = "bylaw"  # the fact by which a council approval names the bylaw: the SHA-256 of its text
LASTS = timedelta(days=30)
MOST_RECORDINGS, MOST_A_YEAR = 20, 3  # recordings of one exception, exceptions of a technology within 365 days
LONGEST_REFERENCE, LONGEST_WORDS = 200, 1_000
RULE = "recordings_are_kept_on_a_ground"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What recordings of a technology are kept on now: a bylaw's digest, or the exception's (its proposal)."""

    digest: str
    excepted: bool = False

    @property
    def legal_basis(self) -> str:
        """What their declarations say."""
        return f"{'exception' if self.excepted else BYLAW} {self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excepted:
    """One exception: its digest, technology, the reason for residents, from when until when (ISO), and how many
    recordings were kept under it."""

    digest: str
    technology: str
    words: str
    starts: str
    ends: str
    recordings: int


def ground_of(kernel: Kernel, technology: str) -> Ground:
    """What recordings of a technology are kept on now; Refused with everything that is missing. O(authorizations), and
    O(approvals) where one is missing."""
    reasons = tuple(why_not_keep(kernel, technology))
    if not reasons:
        return Ground(digest=next(_bylaws(kernel, technology)))
    for one in exceptions_of(kernel, technology):
        if _in_force(kernel, one) and one.recordings < MOST_RECORDINGS:
            return Ground(digest=one.digest, excepted=True)
    raise Refused(reasons)


def why_not_keep(kernel: Kernel, technology: str) -> Iterator[Reason]:
    """Why recordings of a technology may not be kept without an exception: each thing that is missing."""
    held = {one.kind for one in _authorizations(kernel, technology)}
    if AuthorizationKind.COUNCIL_APPROVAL not in held:
        yield refusal(RULE, "No council approval in force for these recordings.", "Ask the council to approve them.")
    elif next(_bylaws(kernel, technology), None) is None:
        remedy = (
            "Issue the approval anew with the bylaw's file: `peelian authorization issue council_approval --bylaw FILE`"
        )
        yield refusal(RULE, "The council approval names no bylaw.", remedy)
    if AuthorizationKind.IMPACT_ASSESSMENT not in held:
        says = "No privacy assessment in force for these recordings."
        yield refusal(RULE, says, "Have the assessment answered and signed.")


def exceptions_of(kernel: Kernel, technology: str) -> tuple[Excepted, ...]:
    """A technology's exceptions whose documents are kept, newest first. O(approvals + recordings under them)."""
    found = []
    for _, entry in kernel.stores.log.read(kinds=("APPROVED",)):
        if entry["act"] != EXCEPT:
            continue
        digest, at = str(entry["before"]), datetime.fromisoformat(str(entry["t"]))
        made = still_archived(kernel, digest, Proposal)
        if made is not None and made.body["technology"] == technology:
            kept = sum(one["kind"] == "ADMITTED" for _, one in kernel.stores.log.found("before", digest))
            found.append(
                Excepted(
                    digest=digest,
                    technology=technology,
                    words=made.words,
                    starts=at.isoformat(),
                    ends=(at + LASTS).isoformat(),
                    recordings=kept,
                )
            )
    return tuple(reversed(found))


def proposed_body(kernel: Kernel, body: Mapping[str, Scalar], words: str) -> Mapping[str, Scalar]:
    """What a proposal to except says: `technology` and `reference`, the running case's file number.

    InputError for anything else, or words that residents may not read. OutOfOrder where nothing is missing, one is in
    force already, or the year has had as many as it may.
    """
    technology, reference = str(body.get("technology", "")), str(body.get("reference", "")).strip()
    if technology not in ids_of(kernel.technologies):
        raise InputError("unknown technology", column="technology", accepted=", ".join(ids_of(kernel.technologies)))
    if not reference or len(reference) > LONGEST_REFERENCE or not reference.isprintable():
        accepted = sentence("1 to %(most)s characters", most=str(LONGEST_REFERENCE))
        raise InputError("no file number of the running case", column="reference", accepted=accepted)
    if len(words) > LONGEST_WORDS:
        accepted = sentence("1 to %(most)s characters", most=f"{LONGEST_WORDS:,}")
        raise InputError("reason too long", column="words", accepted=accepted)
    must_hold_no_contact(reference)
    must_hold_no_contact(words)
    must_be_needed(kernel, technology)
    return {"technology": technology, "reference": reference}


def must_be_needed(kernel: Kernel, technology: str) -> None:
    """OutOfOrder where nothing is missing, an exception is in force, or the year has had as many as it may."""
    if not tuple(why_not_keep(kernel, technology)):
        raise OutOfOrder("Council approval and assessment are in force. No exception is needed.")
    had = exceptions_of(kernel, technology)
    if any(_in_force(kernel, one) and one.recordings < MOST_RECORDINGS for one in had):
        raise OutOfOrder("An exception is in force already.")
    year = (kernel.now() - timedelta(days=365)).isoformat()
    if sum(one.starts > year for one in had) >= MOST_A_YEAR:
        raise OutOfOrder("This year has had 3 exceptions. Ask the council to approve the recordings.")


def second_roles(kernel: Kernel, made: Proposal) -> frozenset[Role]:
    """Who may be the second person: of the other of the two roles. OutOfOrder where the first may no longer be it."""
    first = kernel.state.people.get(made.by)
    held = first.roles & EXCEPTERS if first else frozenset()
    if not held:
        raise OutOfOrder("Whoever proposed this no longer holds the role for it. Propose it again.")
    return EXCEPTERS - held if len(held) == 1 else EXCEPTERS


def must_name_a_bylaw(body: Mapping[str, Scalar]) -> None:
    """InputError where an authorization names its bylaw by something that is no SHA-256."""
    if BYLAW in body and not _DIGEST.fullmatch(str(body[BYLAW])):
        raise InputError("not the SHA-256 of a bylaw", column=BYLAW, accepted="64 digits from 0 to f")


def _in_force(kernel: Kernel, one: Excepted) -> bool:
    return one.starts <= kernel.now().isoformat() < one.ends


def _authorizations(kernel: Kernel, technology: str) -> Iterator[Authorization]:
    now = kernel.now().isoformat()
    for one in kernel.state.authorizations.values():
        if one.kind in NEEDED and one.serves.partition(".")[0] == technology and one.starts <= now < one.ends:
            yield one


def _bylaws(kernel: Kernel, technology: str) -> Iterator[str]:
    for one in _authorizations(kernel, technology):
        if one.kind is AuthorizationKind.COUNCIL_APPROVAL and BYLAW in one.body:
            yield str(one.body[BYLAW])
