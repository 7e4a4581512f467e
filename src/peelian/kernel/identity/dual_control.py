"""Dual control: one person proposes, one of another unit approves after a step-up, and the act is done once.

For key rotation, a change of policy, administration of the log, bulk exports, who oversees, and what lifts a suspension
(separation of duties, SEC-03).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.identity import custody_grounds, suspension_control
from peelian.kernel.model.capability import Role, Scalar
from peelian.kernel.model.documents import Approval, Proposal, digest_of
from peelian.kernel.model.people import Operator, Person, signature_holds
from peelian.kernel.model.ports import Entry, Rotates
from peelian.kernel.model.suspension import EXCEPTERS
from peelian.kernel.policy.authorize import must_be_allowed, must_hold_role
from peelian.kernel.policy.signed_entries import acted, entry_by
from peelian.kernel.state.acts import act
from peelian.kernel.state.founding_state import APPROVERS as APPROVERS
from peelian.kernel.state.founding_state import PROPOSERS as PROPOSERS
from peelian.kernel.state.kernel import Kernel, log_word, signed

WARRANT = "warrant"
ACTS: Mapping[str, str] = {
    "rotate_keys": "rotate the key encryption key",
    "bylaws": "adopt the town's bylaws from the office's folder",
    "export": "export the public register, or many cases, in bulk",
    "log": "administer the log: choose a witness, replace its key, restore it",
    "enrol": "grant oversight, deciding or enrolling roles",
    "working": "replace the key of sensors, drafts and live levels",
    "renew": "replace the signing keys of all people at once",
    "clock": "accept the present time after the clock ran ahead",
    "vocabulary": "adopt labels of areas, landmarks or groups, or withdraw them",
    "sensors": "register sensors",
    "signs": "admit a file that bears signs of a trace",
    "counts": "choose where incidents are counted",
    WARRANT: "confirm a court's warrant against its paper",
    suspension_control.LIFT: "lift the suspension of a technology",
    suspension_control.EXCEPT: "except one case of a suspension for a court",
    custody_grounds.EXCEPT: "keep recordings for a running case before council approval and assessment",
}
"""What takes two people."""
IN_FORCE_AT_ONCE = frozenset(
    {"bylaws", "clock", "vocabulary", "counts", WARRANT, custody_grounds.EXCEPT, *suspension_control.WHO}
)
"""What is done once it is approved."""

GOOD_FOR = timedelta(days=7)
FEWEST_WORDS = 3
SPARK = re.compile(r"spark://[A-Za-z0-9.:,\[\]-]{1,180}")


@act
def propose(kernel: Kernel, by: Operator, what: str, *, words: str, body: Mapping[str, Scalar] | None = None) -> str:
    """Propose an act; returns the proposal's digest, by which somebody of another unit approves it."""
    if what not in ACTS:
        raise OutOfOrder(f"Unknown action. Two-person actions: {', '.join(ACTS)}")
    if len(words.split()) < FEWEST_WORDS:
        raise OutOfOrder(f"State the reason in at least {FEWEST_WORDS} words.")
    if what == "counts":
        _must_be_spark(str((body or {}).get("address", "")))
    roles = {**suspension_control.WHO, custody_grounds.EXCEPT: EXCEPTERS}.get(what, PROPOSERS)
    person = must_hold_role(kernel, by, roles, "the_proposer_may_propose", now=_now(kernel, what))
    if what == "clock":
        body = {"beyond": minutes} if (minutes := kernel.beyond_server()) else {}
    if what in suspension_control.WHO:
        body = suspension_control.proposed_body(kernel, what, body or {})
    if what == custody_grounds.EXCEPT:
        body = custody_grounds.proposed_body(kernel, body or {}, words)
    document = Proposal(
        what=what,
        body=dict(body or {}),
        words=words.strip(),
        by=person.token,
        unit=person.unit,
        at=kernel.now().isoformat(),
    )
    document = signed(document, by.sign)
    kernel.record(document, act=what, by=person.token, unit=log_word(person.unit))
    return digest_of(document)


@act
def approve(kernel: Kernel, by: Operator, proposal: str) -> Approval:
    """Approve somebody else's proposal, of another unit, after a step-up. Refused with every reason otherwise."""
    with kernel.lock:
        made = open_proposal(kernel, proposal)
        if made.what == WARRANT:
            raise OutOfOrder("Read the court's paper, then confirm the warrant against it: `peelian warrant confirm`")
        of_suspension = made.what in suspension_control.WHO
        person = must_be_allowed(
            kernel,
            by,
            "approve",
            roles=second_roles(kernel, made),
            rule="the_approver_may_approve",
            first=(made.by, made.unit),
            now=_now(kernel, made.what),
        )
        if made.what == custody_grounds.EXCEPT:
            custody_grounds.must_be_needed(kernel, str(made.body["technology"]))
        digest, document, said = signed_approval(kernel, by, person, proposal)
        then = [suspension_control.in_force(kernel, by, proposal, made)] if of_suspension else []
        kernel.record_all([(digest, document, said)], then)
        return document


def signed_approval(
    kernel: Kernel, by: Operator, person: Person, proposal: str
) -> tuple[str, Approval, dict[str, str | int]]:
    """An approval's digest, the approval, signed, and what the log will say of it: to be recorded, alone or with what
    follows from it. OutOfOrder where there is one already."""
    if proposal in kernel.state.dual_control.approved:
        raise OutOfOrder("this proposal is already approved")
    what = kernel.state.dual_control.proposals[proposal].what
    document = Approval(before=proposal, by=person.token, unit=person.unit, at=kernel.now().isoformat())
    document = signed(document, by.sign, digest := digest_of(document))
    said: dict[str, str | int] = {"before": proposal, "act": what, "by": person.token, "unit": log_word(person.unit)}
    return digest, document, said | ({"session": by.session} if by.session else {})  # in which the step-up was made


@act
def carry_out(
    kernel: Kernel, by: Operator, what: str, proposal: str, *, body: Mapping[str, Scalar] | None = None
) -> Mapping[str, Scalar]:
    """Log that an approved act is carried out, once; the caller then does it. Returns what it was proposed with, which
    must be `body` where that is given."""
    with kernel.lock:
        made = approved(kernel, by, what, proposal)
        if body is not None and dict(made.body) != dict(body):
            raise OutOfOrder("This proposal is for another action. Propose this exact one.")
        acted(kernel, by, "CARRIED_OUT", before=proposal, act=what)
        return made.body


def carrying_out(kernel: Kernel, by: Operator, what: str, proposal: str, *, body: Mapping[str, Scalar]) -> Entry:
    """The entry that an act is carried out, which was proposed with exactly this, to be logged with what follows."""
    made = approved(kernel, by, what, proposal)
    if dict(made.body) != dict(body):
        raise OutOfOrder("This proposal is for another action. Propose this exact one.")
    return entry_by(kernel, by, "CARRIED_OUT", before=proposal, act=what)


@act
def rotate_keys(kernel: Kernel, by: Operator, proposal: str) -> None:
    """Give every sealed object and document a new wrapping key, as two people agreed."""
    if not isinstance(kernel.stores.vault, Rotates):
        raise OutOfOrder("An office in memory has no keys to rotate.")
    carry_out(kernel, by, "rotate_keys", proposal)
    kernel.stores.vault.rotate_keys()
    acted(kernel, by, "ROTATED", before=proposal)


def approved(kernel: Kernel, by: Operator, what: str, proposal: str) -> Proposal:
    """The proposal, where this person may carry it out now; OutOfOrder or Refused otherwise."""
    must_hold_role(kernel, by, PROPOSERS, "the_proposer_may_propose")
    return agreed(kernel, what, proposal)[0]


def agreed(kernel: Kernel, what: str, proposal: str) -> tuple[Proposal, Approval]:
    """The proposal and its approval, where it may be carried out now by whoever may; OutOfOrder otherwise."""
    made = open_proposal(kernel, proposal)
    if made.what != what:
        raise OutOfOrder(f"This proposal is for another action: to {ACTS[made.what]}")
    approval = kernel.state.dual_control.approved.get(proposal)
    if approval is None or not _genuine(kernel, approval):
        raise OutOfOrder("Not approved. Ask someone in another unit to approve it first.")
    if proposal in kernel.state.dual_control.carried_out:
        raise OutOfOrder("Already carried out. Propose it again.")
    return made, approval


def second_roles(kernel: Kernel, made: Proposal) -> frozenset[Role]:
    """Who may be the second person of a proposal."""
    if made.what == custody_grounds.EXCEPT:
        return custody_grounds.second_roles(kernel, made)
    return suspension_control.second_roles(kernel, made) if made.what in suspension_control.WHO else APPROVERS


def place_of_counts(address: str) -> dict[str, Scalar]:
    """What a proposal of where incidents are counted says: the Spark at this address, or "" for the run's own
    process."""
    return {"engine": "spark", "address": address} if address else {"engine": "duckdb"}


def _must_be_spark(address: str) -> None:
    if address and not SPARK.fullmatch(address):
        raise InputError("not the address of a Spark", accepted="spark://host:7077, or nothing (DuckDB in the run)")


def open_proposals(kernel: Kernel) -> tuple[tuple[str, Proposal, bool], ...]:
    """Proposals of the last week that were not carried out: digest, proposal, whether it is approved; oldest first."""
    status, now = kernel.state.dual_control, kernel.now()
    return tuple(
        (digest, made, digest in status.approved)
        for digest, made in status.proposals.items()
        if digest not in status.carried_out
        and now - datetime.fromisoformat(made.at) <= GOOD_FOR
        and not (made.what in IN_FORCE_AT_ONCE and digest in status.approved)
    )


def open_proposal(kernel: Kernel, proposal: str) -> Proposal:
    """The proposal with this digest, of the last week; OutOfOrder otherwise."""
    made = kernel.state.dual_control.proposals.get(proposal)
    if made is None:
        raise OutOfOrder("No proposal has this digest. Two people are needed: propose it first.")
    if made.what != "clock":
        kernel.must_know_the_time()
    if (_now(kernel, made.what) or kernel.latest()) - datetime.fromisoformat(made.at) > GOOD_FOR:
        raise OutOfOrder("This proposal is older than a week. Propose it again.")
    return made


def _now(kernel: Kernel, what: str) -> datetime | None:
    """By what time an act is judged: the clock's where that is to be put right, else the log's where it is later."""
    return kernel.now() if what == "clock" else None


def _genuine(kernel: Kernel, approval: Approval) -> bool:
    approver = kernel.state.people.get(approval.by)
    digest = digest_of(approval).encode()
    return approver is not None and signature_holds(approver.public_key, approval.signature, digest)
