"""Bulk export of the public register: two people agree, policy is asked again, all of it or nothing.

A proposal "export" names the recipient's public key and the cases ("register": every published one). Once approved,
one person proves that they are at the desk; cases of a suspended technology do not leave. BULK_BEGUN uses the approval
up, BULK_EXPORTED says what left. Where it fails on the way, BULK_UNDONE says so, nothing lies outside, and the approval
serves again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.identity import dual_control
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.people import Operator
from peelian.kernel.model.pseudonyms import RECIPIENT
from peelian.kernel.policy.authorize import must_be_allowed, must_hold_role, why_stopped
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.export import EXPORTERS

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
            "not a case", column=f"--case {wrong[0][:20]}", accepted="c-… as `peelian case list` lists them"
        )
    return {"recipient": recipient, "cases": ",".join(cases) or REGISTER}


@act
def begin(kernel: Kernel, by: Operator, proposal: str) -> Bulk:
    """Use an approved proposal up and log that handing out begins; Refused or OutOfOrder with nothing done.

    O(cases). The caller writes the file, then says `done` or `undone`.
    """
    with kernel.lock:
        must_be_allowed(kernel, by, "export", roles=EXPORTERS, rule="the_exporter_may_export")
        made = dual_control.approved(kernel, by, "export", proposal)
        bulk = Bulk(
            proposal=proposal, cases=_cases(kernel, str(made.body["cases"])), recipient=str(made.body["recipient"])
        )
        must_not_be_suspended(kernel, bulk.cases)
        dual_control.carry_out(kernel, by, "export", proposal)
        recipient = kernel.office.token(bulk.recipient, of=RECIPIENT)
        acted(kernel, by, "BULK_BEGUN", before=proposal, cases=len(bulk.cases), recipient=recipient)
        return bulk


@act
def done(kernel: Kernel, by: Operator, bulk: Bulk, *, digest: str, size: int) -> int:
    """Log what left: the digest and the size of the encrypted file; the entry's index."""
    with kernel.lock:
        _must_go_on(kernel, by, bulk.proposal)
        must_not_be_suspended(kernel, bulk.cases)
        return acted(kernel, by, "BULK_EXPORTED", before=bulk.proposal, digest=digest, size=size)


def must_not_be_suspended(kernel: Kernel, cases: Iterable[str]) -> None:
    """Refused where one of these cases is of a suspended technology. O(cases)."""
    histories = kernel.state.histories
    suspended = frozenset(kernel.state.suspended)
    stopped = suspended and suspended & {histories[case].capability.partition(".")[0] for case in cases}
    if reasons := tuple(reason for technology in sorted(stopped) for reason in why_stopped(kernel, technology)):
        raise Refused(reasons)


@act
def undone(kernel: Kernel, by: Operator, proposal: str, *, error: str) -> None:
    """Log that nothing left; the approval serves again. It is signed: nobody else gives an approval back."""
    _must_go_on(kernel, by, proposal)
    acted(kernel, by, "BULK_UNDONE", before=proposal, error=error)


def _must_go_on(kernel: Kernel, by: Operator, proposal: str) -> None:
    must_hold_role(kernel, by, EXPORTERS, "the_exporter_may_export")
    if proposal not in kernel.state.dual_control.handing_out:
        raise OutOfOrder("No such export is in progress.")


def cleared(kernel: Kernel) -> int:
    """What an interruption left: an export that began, has no end, and is leased to no living process is undone. How
    many."""
    n = 0
    for proposal in sorted(kernel.state.dual_control.handing_out):
        with kernel.stores.lease(proposal, False) as free, kernel.lock:
            if free and proposal in kernel.state.dual_control.handing_out:
                kernel.append("BULK_UNDONE", before=proposal, error="Interrupted")
                n += 1
    return n


def _cases(kernel: Kernel, named: str) -> tuple[str, ...]:
    public = [history.case for history in kernel.state.histories.values() if history.digests("PUBLISHED")]
    wanted = public if named == REGISTER else named.split(",")
    if unpublished := sorted(set(wanted) - set(public)):
        raise OutOfOrder(
            f"{len(unpublished)} of the cases are not published, the first is {unpublished[0]}. Publish them first."
        )
    if not 1 <= len(wanted) <= MOST_CASES:
        raise OutOfOrder("No published case yet. Nothing to export.")
    return tuple(wanted)
