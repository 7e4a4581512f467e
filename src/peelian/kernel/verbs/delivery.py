"""Delivery: a derivative goes to one named recipient, after its case was accepted and until it expires."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, cast

from peelian.errors import OutOfOrder, Reason, Refused
from peelian.kernel.access.dataset_access import why_not_use
from peelian.kernel.gate import EVERY, WatchedFile
from peelian.kernel.model.capability import Capability
from peelian.kernel.model.custody_declarations import Delivery
from peelian.kernel.model.documents import Admission, Decision, Evidence, digest_of
from peelian.kernel.model.params import params_of
from peelian.kernel.model.people import Operator
from peelian.kernel.model.pseudonyms import RECIPIENT
from peelian.kernel.policy.authorize import must_be_allowed, must_hold_role, refusal, why_stopped
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import CaseHistory, Kernel
from peelian.kernel.state.signed_documents import archived, decided, request_behind
from peelian.kernel.verbs.custody import error_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A derivative that may be handed over: to whom, until when, and what it is."""

    delivery: Delivery
    admission: Admission
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What was handed over: the log entry that says so, to whom, until when it may be used, and its size."""

    index: int
    recipient: str
    until: str
    digest: str  # of the derivative, before it was encrypted to the recipient
    size: int


@act
def ready(kernel: Kernel, by: Operator, decision: Decision) -> Ready:
    """What a decision lets leave the kernel; Refused with every reason where it lets nothing. Nothing is opened.

    Who hands over proved within five minutes that it is they who are at the desk (`step_up.prove`).
    """
    before, history = decided(kernel, decision)
    declared = kernel.capability(history.capability)
    person = must_be_allowed(kernel, by, "export", roles=declared.asks.askers, rule="the_one_who_delivers_may_deliver")
    delivery, admission, until = _what(kernel, declared, decision)
    reasons = (
        *_why_not_deliver(kernel, declared.technology, (decision, admission, until)),
        *why_not_use(kernel, person, [admission]),  # as enrolled: not as whoever comes says they are
    )
    if reasons or admission is None:
        rules = ",".join(dict.fromkeys(reason.rule for reason in reasons))
        kernel.append("REFUSED", case=decision.case, before=before, rules=rules, policy=kernel.policy.digest())
        raise Refused(reasons)
    return Ready(delivery=delivery, admission=admission, until=until)


def _what(kernel: Kernel, declared: Capability, decision: Decision) -> tuple[Delivery, Admission | None, datetime]:
    """To whom, what (None: it is not there) and until when, as the case's request asked."""
    evidence = archived(kernel, decision.before, Evidence)
    request = request_behind(kernel, evidence)
    if declared.delivers is None:
        raise OutOfOrder(f"{declared.id} makes no object that can be delivered.")
    delivery = declared.delivers(params_of(declared, request.params))
    admission = kernel.state.datasets.get(evidence.made.get(delivery.make, ""))
    return delivery, admission, datetime.fromisoformat(decision.at) + timedelta(days=delivery.days)


def deliver(
    kernel: Kernel, by: Operator, decision: Decision, hand_over: Callable[[BinaryIO, Delivery], object]
) -> Handed:
    """Hand a derivative over: `hand_over(file, delivery)` gets a readable file of it, and must take all or nothing.

    In the log: OPENED (before a key is unwrapped), then DELIVERED with a keyed commitment to the recipient, or
    UNDELIVERED. Whether the recipient's key is any good is for the caller to find out before this.
    """
    intent, what = opened_to_deliver(kernel, by, decision)
    made = what.admission
    try:
        with kernel.stores.vault.open(made.object, intent=intent) as file:
            hand_over(_watched(kernel, decision, file), what.delivery)
    except BaseException as error:
        undelivered(kernel, decision.case, digest_of(decision), made.dataset, error=type(error).__name__)
        raise
    return delivered(kernel, by, decision)


def _watched(kernel: Kernel, decision: Decision, file: BinaryIO) -> BinaryIO:
    """The file that is handed over: it gives nothing more once its technology is suspended, but for the excepted
    case."""
    technology = kernel.capability(kernel.state.histories[decision.case].capability).technology
    if kernel.state.excepted.get(decision.case) == technology:
        return file
    return cast(BinaryIO, io.BufferedReader(WatchedFile(kernel, technology, file), EVERY))


@act
def opened_to_deliver(kernel: Kernel, by: Operator, decision: Decision) -> tuple[int, Ready]:
    """Log that a derivative is opened to be handed over, where it may be; the entry's index, and what it is."""
    with kernel.lock:
        what = ready(kernel, by, decision)
        made, of = what.admission, {"case": decision.case, "before": digest_of(decision)}
        return acted(kernel, by, "OPENED", **of, object=made.object, dataset=made.dataset), what


@act
def undelivered(kernel: Kernel, case: str, before: str, dataset: str, *, error: str) -> None:
    """Log that what was opened to be handed over was not taken."""
    with kernel.lock:
        _must_be_opened(kernel, case, before, dataset)
        kernel.append("UNDELIVERED", case=case, before=before, dataset=dataset, error=error_kind(error))


@act
def delivered(kernel: Kernel, by: Operator, decision: Decision) -> Handed:
    """Log that a derivative was handed over, with a keyed commitment to its recipient."""
    with kernel.lock:
        before, history = decided(kernel, decision)
        declared = kernel.capability(history.capability)
        delivery, made, ends = _what(kernel, declared, decision)
        if made is None:
            raise OutOfOrder("Nothing to deliver. It was never made, or it was destroyed.")
        _must_be_opened(kernel, decision.case, before, made.dataset)
        must_hold_role(kernel, by, declared.asks.askers, "the_one_who_delivers_may_deliver")
        until = ends.isoformat()
        recipient = kernel.office.token(delivery.recipient, of=RECIPIENT)
        of = {"case": decision.case, "before": before, "dataset": made.dataset}
        more: dict[str, str | int] = {"until": until, "digest": made.digest, "size": made.size}
        index = acted(kernel, by, "DELIVERED", **of, recipient=recipient, **more)
        return Handed(index=index, recipient=delivery.recipient, until=until, digest=made.digest, size=made.size)


def _must_be_opened(kernel: Kernel, case: str, before: str, dataset: str) -> None:
    history = kernel.state.histories.get(case)
    if history is None or not was_opened(history, before, dataset):
        raise OutOfOrder("Nothing of this case was opened for delivery.")


def was_opened(history: CaseHistory, before: str, dataset: str) -> bool:
    """Whether a case's dataset was opened to be handed over, under this decision. O(entries of the case)."""
    found = (entry for entry in history.after("OPENED", before) if entry.get("dataset") == dataset)
    return before in history.digests("DECIDED") and any(found)


def _why_not_deliver(
    kernel: Kernel, technology: str, what: tuple[Decision, Admission | None, datetime]
) -> Iterator[Reason]:
    decision, admission, until = what
    if kernel.state.excepted.get(decision.case) != technology:
        yield from why_stopped(kernel, technology)
    if decision.choice != "accept":
        says = "case not accepted"
        yield refusal("only_what_was_accepted_leaves", says, "Make a new request and have the new case accepted.")
    if admission is None:
        says = "Nothing to deliver. It was never made, or it was destroyed."
        yield refusal("only_what_was_accepted_leaves", says, "Make a new request and have the new case accepted.")
    if until <= kernel.now():
        yield refusal("a_delivery_has_not_expired", "delivery period ended", "Make a new request.")
