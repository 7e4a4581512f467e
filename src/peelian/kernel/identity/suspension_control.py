"""Suspension control: two people lift a suspension, or except one case of it for a court; in force once approved.

To lift takes two of the board, privacy officers and auditors. To except takes one of the board and one privacy officer,
and a court's reference. Each proposal is about one suspension: it is not good for a later one of the same technology.
"""

from __future__ import annotations

from collections.abc import Mapping

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.model.documents import Proposal
from peelian.kernel.model.people import Operator
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.suspension import EXCEPTERS, OVERSEERS, must_be_of
from peelian.kernel.model.vocabulary import AuthorizationKind, Role, Scalar
from peelian.kernel.model.warrants import root_of
from peelian.kernel.policy.authorize import time_must_go_on
from peelian.kernel.policy.signed_entries import entry_by
from peelian.kernel.state.kernel import Kernel
from peelian.measure.contacts import must_hold_no_contact

LIFT, EXCEPT = "resume", "court_exception"
WHO: Mapping[str, frozenset[Role]] = {LIFT: OVERSEERS, EXCEPT: EXCEPTERS}
"""Who may propose and who may approve each; an exception takes one person of each role."""
LONGEST_REFERENCE = 200


def proposed_body(kernel: Kernel, what: str, body: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    """What a proposal to lift (`technology`) or to except (`of`: a case or the digest of a warrant; `reference`) says,
    with the suspension that it is about. InputError or OutOfOrder for anything else."""
    if what == LIFT:
        technology = str(body.get("technology", ""))
        return {"technology": technology, "suspension": must_be_of(kernel.state.suspended, technology).entry}
    of, reference = str(body.get("of", "")).strip(), str(body.get("reference", "")).strip()
    if not reference or len(reference) > LONGEST_REFERENCE or not reference.isprintable():
        accepted = sentence("1 to %(most)s characters", most=str(LONGEST_REFERENCE))
        raise InputError("no file number of a court", column="reference", accepted=accepted)
    must_hold_no_contact(reference)
    of, technology = _excepted(kernel, of)
    made = must_be_of(kernel.state.suspended, technology)
    return {"technology": technology, "suspension": made.entry, "of": of, "reference": reference}


def second_roles(kernel: Kernel, made: Proposal) -> frozenset[Role]:
    """Who may be the second person. OutOfOrder where the first may no longer be the first."""
    first = kernel.state.people.get(made.by)
    held = first.roles & WHO[made.what] if first else frozenset()
    if not held:
        raise OutOfOrder("Whoever proposed this no longer holds the role for it. Propose it again.")
    return WHO[made.what] - held if made.what == EXCEPT and len(held) == 1 else WHO[made.what]


def in_force(kernel: Kernel, by: Operator, proposal: str, made: Proposal) -> Entry:
    """The entry that follows from an approval. OutOfOrder where the suspension it is about is over; Refused to lift
    while the clock is behind the log."""
    technology = str(made.body["technology"])
    if must_be_of(kernel.state.suspended, technology).entry != made.body["suspension"]:
        raise OutOfOrder("The technology was suspended again since. Propose it again.")
    if made.what == LIFT:
        time_must_go_on(kernel)
        return entry_by(kernel, by, "RESUMED", technology=technology, before=proposal)
    return entry_by(kernel, by, "EXCEPTED", technology=technology, of=str(made.body["of"]), before=proposal)


def _excepted(kernel: Kernel, of: str) -> tuple[str, str]:
    """A case, or a warrant in force by the digest under which its uses are counted; and its technology."""
    if (history := kernel.state.histories.get(of)) is not None:
        return of, kernel.past_capability(history.capability).technology
    warrant = kernel.state.authorizations.get(of)
    if warrant is None or warrant.kind is not AuthorizationKind.WARRANT:
        accepted = "a case, or the digest of a valid warrant"
        raise InputError("no case and no valid warrant of this name", column="of", accepted=accepted)
    return root_of(warrant), warrant.serves.partition(".")[0]
