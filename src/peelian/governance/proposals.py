"""Acts that take two people of different units: one proposes, another approves after a step-up, and it is done once.

For key rotation, a change of policy, administration of the log, bulk exports and who oversees (separation of duties,
SEC-03).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from peelian.errors import OutOfOrder
from peelian.governance.acts import must_be_allowed, must_hold
from peelian.governance.capability import Scalar
from peelian.governance.documents import Approval, Proposal, mark_of
from peelian.governance.founding import APPROVERS as APPROVERS
from peelian.governance.founding import PROPOSERS as PROPOSERS
from peelian.governance.house import House, log_word, signed
from peelian.governance.people import Operator, signature_holds
from peelian.governance.signed_entries import acted

ACTS: Mapping[str, str] = {
    "rotate_keys": "give every sealed object and document a new wrapping key",
    "bylaws": "adopt the town's bylaws as they lie in the office's folder",
    "export": "hand the public register, or many cases of it, out in bulk",
    "log": "administer the log: choose another witness, restore it",
    "enrol": "entrust somebody with oversight, with deciding, or with enrolling others",
    "clock": "go on from the present time, because the clock had run ahead",
}
"""What takes two people."""

GOOD_FOR = timedelta(days=7)
FEWEST_WORDS = 3


def propose(house: House, by: Operator, what: str, *, words: str, body: Mapping[str, Scalar] | None = None) -> str:
    """Propose an act; returns the proposal's mark, by which somebody of another unit approves it."""
    if what not in ACTS:
        raise OutOfOrder(f"Unknown action. Two-person actions: {', '.join(ACTS)}")
    if len(words.split()) < FEWEST_WORDS:
        raise OutOfOrder(f"State the reason in at least {FEWEST_WORDS} words.")
    person = must_hold(house, by, PROPOSERS, "the_proposer_may_propose", now=_now(house, what))
    document = Proposal(
        what=what,
        body=dict(body or {}),
        words=words.strip(),
        by=person.token,
        unit=person.unit,
        at=house.now().isoformat(),
    )
    document = signed(document, by.sign)
    house.record(document, act=what, by=person.token, unit=log_word(person.unit))
    return mark_of(document)


def approve(house: House, by: Operator, proposal: str) -> Approval:
    """Approve somebody else's proposal, of another unit, after a step-up. Refused with every reason otherwise."""
    with house.lock:
        made = _open(house, proposal)
        person = must_be_allowed(
            house,
            by,
            "approve",
            roles=APPROVERS,
            rule="the_approver_may_approve",
            first=(made.by, made.unit),
            now=_now(house, made.what),
        )
        if proposal in house.book.orders.approved:
            raise OutOfOrder("this proposal is already approved")
        document = Approval(before=proposal, by=person.token, unit=person.unit, at=house.now().isoformat())
        document = signed(document, by.sign)
        session = {"session": by.session} if by.session else {}  # in which the step-up was made
        unit = log_word(person.unit)
        house.record(document, before=proposal, act=made.what, by=person.token, unit=unit, **session)
        return document


def carry_out(
    house: House, by: Operator, what: str, proposal: str, *, body: Mapping[str, Scalar] | None = None
) -> Mapping[str, Scalar]:
    """Log that an approved act is carried out, once; the caller then does it. Returns what it was proposed with, which
    must be `body` where that is given."""
    with house.lock:
        made = approved(house, by, what, proposal)
        if body is not None and dict(made.body) != dict(body):
            raise OutOfOrder("This proposal is for another action. Propose this exact one.")
        acted(house, by, "CARRIED_OUT", before=proposal, act=what)
        return made.body


def approved(house: House, by: Operator, what: str, proposal: str) -> Proposal:
    """The proposal, where this person may carry it out now; OutOfOrder or Refused otherwise."""
    must_hold(house, by, PROPOSERS, "the_proposer_may_propose")
    return agreed(house, what, proposal)[0]


def agreed(house: House, what: str, proposal: str) -> tuple[Proposal, Approval]:
    """The proposal and its approval, where it may be carried out now by whoever may; OutOfOrder otherwise."""
    made = _open(house, proposal)
    if made.what != what:
        raise OutOfOrder(f"This proposal is for another action: to {ACTS[made.what]}")
    approval = house.book.orders.approved.get(proposal)
    if approval is None or not _genuine(house, approval):
        raise OutOfOrder("Not approved. Ask someone in another unit to approve it first.")
    if proposal in house.book.orders.carried_out:
        raise OutOfOrder("Already carried out. Propose it again.")
    return made, approval


def waiting(house: House) -> tuple[tuple[str, Proposal, bool], ...]:
    """Proposals of the last week that were not carried out: mark, proposal, whether it is approved; oldest first."""
    orders, now = house.book.orders, house.now()
    return tuple(
        (mark, made, mark in orders.approved)
        for mark, made in orders.proposals.items()
        if mark not in orders.carried_out
        and now - datetime.fromisoformat(made.at) <= GOOD_FOR
        and not (made.what in ("bylaws", "clock") and mark in orders.approved)
    )


def _open(house: House, proposal: str) -> Proposal:
    made = house.book.orders.proposals.get(proposal)
    if made is None:
        raise OutOfOrder("No proposal has this digest. Two people are needed: propose it first.")
    if (_now(house, made.what) or house.latest()) - datetime.fromisoformat(made.at) > GOOD_FOR:
        raise OutOfOrder("This proposal is older than a week. Propose it again.")
    return made


def _now(house: House, what: str) -> datetime | None:
    """By what time an act is judged: the clock's where that is to be put right, else the log's where it is later."""
    return house.now() if what == "clock" else None


def _genuine(house: House, approval: Approval) -> bool:
    approver = house.book.people.get(approval.by)
    mark = mark_of(approval).encode()
    return approver is not None and signature_holds(approver.public_key, approval.signature, mark)
