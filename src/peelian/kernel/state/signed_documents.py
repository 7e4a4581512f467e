"""Signed documents: read by their digest, and checked against the log before anything rests on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.kernel.model.archive_partitions import homes
from peelian.kernel.model.documents import (
    Admission,
    Approval,
    Authorization,
    Correction,
    D,
    Decision,
    Document,
    Enrolment,
    EventPermit,
    Evidence,
    ExerciseRecord,
    Handover,
    OpenedSet,
    Permit,
    PlanConfirmation,
    PlannedEvent,
    Proposal,
    Publication,
    Refusal,
    Request,
    StandingPermit,
    StandingRequest,
    ZoneCount,
    digest_of,
    from_bytes,
)
from peelian.kernel.model.people import signature_holds
from peelian.kernel.state.known import Known
from peelian.kernel.state.missing_documents import destroyed, lost

if TYPE_CHECKING:
    from peelian.kernel.state.case_history import CaseHistory
    from peelian.kernel.state.kernel import Kernel


KINDS: Mapping[type[Document], str] = {
    Enrolment: "ENROLLED",
    Admission: "ADMITTED",
    Authorization: "ISSUED",
    Request: "ASKED",
    Permit: "PERMITTED",
    Evidence: "RAN",
    OpenedSet: "OPENED_SET",
    Decision: "DECIDED",
    Publication: "PUBLISHED",
    Correction: "CORRECTED",
    Refusal: "WARRANT_REFUSED",
    Proposal: "PROPOSED",
    Approval: "APPROVED",
    StandingRequest: "WATCH_ASKED",
    StandingPermit: "WATCH_STANDING",
    EventPermit: "EVENT_PERMITTED",
    PlannedEvent: "EVENT_PLANNED",
    PlanConfirmation: "EVENT_PLAN_CONFIRMED",
    ExerciseRecord: "EVENT_EXERCISED",
    ZoneCount: "EVENT_COUNTED",
    Handover: "HANDED_OVER",
}


def archived(kernel: Kernel, digest: str, kind: type[D]) -> D:
    """The archived document with this digest; OutOfOrder where it was destroyed as its retention asks, IntegrityError
    where the archive holds something else under it, or lacks one that the log names."""
    try:
        found = kernel.stores.archive.get(digest)
    except (InputError, OutOfOrder) as error:
        raise why_none(kernel, digest, kind.__name__.lower()) or error from None
    return _whole(found, digest, kind)


def all_archived(kernel: Kernel, digests: Collection[str], kind: type[D]) -> dict[str, D]:
    """Several of one kind by their digests, read together; errors as for `archived`."""
    found = kernel.stores.archive.several(digests)
    return {
        digest: _whole(found[digest], digest, kind) if digest in found else archived(kernel, digest, kind)
        for digest in digests
    }


def _whole(found: bytes, digest: str, kind: type[D]) -> D:
    document = from_bytes(found, kind)
    if digest_of(document) != digest:
        raise IntegrityError(f"The archive holds an altered {kind.__name__.lower()}.", of=f"document {digest}")
    return document


def still_archived(kernel: Kernel, digest: str, kind: type[D]) -> D | None:
    """The same, and None where it was destroyed as its retention asks, or lost in a restoration; errors where it is
    missing otherwise."""
    try:
        return archived(kernel, digest, kind)
    except OutOfOrder:
        if destroyed_on(kernel, digest) or was_lost(kernel, digest):
            return None
        raise


def read_into(known: Known[D], kernel: Kernel, digest: str, kind: type[D], *, key: str = "") -> None:
    """Put a document under its digest, or under `key`, among those that are known; one that is damaged is known as
    that, and nothing is put where it was destroyed as its retention asks, or lost in a restoration."""
    try:
        document = still_archived(kernel, digest, kind)
    except IntegrityError as fault:
        known.damaged(key or digest, fault)
        return
    if document is not None:
        known.put(key or digest, document)


def why_none(kernel: Kernel, digest: str, what: str) -> PeelianError | None:
    """Why there is no document with this digest: destroyed as its retention asks, or lost; None where no entry has
    it."""
    if day := destroyed_on(kernel, digest):
        return destroyed(day)
    if was_lost(kernel, digest):
        return OutOfOrder("This document was lost when two people restored the log from a backup.")
    entries = [entry for _, entry in kernel.stores.log.found("document", digest)]
    return lost(kernel.stores.archive, entries, what) if entries else None


def must_not_be_destroyed(kernel: Kernel, digest: str) -> None:
    """OutOfOrder where the log says that the document with this digest ("": of none) was destroyed."""
    if digest and (day := destroyed_on(kernel, digest)):
        raise destroyed(day)


def destroyed_on(kernel: Kernel, digest: str) -> str:
    """The day on which the log says that the partition of this document was destroyed; "" where it does not say so."""
    destroyed_at = kernel.state.partitions.destroyed
    for _, entry in kernel.stores.log.found("document", digest):
        for partition in homes(entry):
            if partition in destroyed_at:
                return destroyed_at[partition][:10]
    return ""


def was_lost(kernel: Kernel, digest: str) -> bool:
    """Whether every entry that names this document was restored without it, from the published log."""
    known = kernel.state.partitions
    found = kernel.stores.log.found("document", digest) if known.restored else []
    return bool(found) and all(known.came_alone(index) for index, _ in found)


def office_key(kernel: Kernel, digest: str) -> str:
    """The public key that signed for the office when this document was logged. O(replacements of the key)."""
    if not kernel.state.duties.log_keys:
        return kernel.office.public_key
    at = next((index for index, _ in kernel.stores.log.found("document", digest)), kernel.stores.log.size())
    replaced = list(kernel.stores.log.read(kinds=["LOG_KEY_REPLACED"]))
    return next((str(one["old"]) for index, one in replaced if at < index), str(replaced[-1][1]["new"]))


def verify_against_log(kernel: Kernel, document: Document, signer: str | None = None) -> str:
    """The document's digest, once the log is found to hold it and the signer's key (None: the office's) to have signed
    it; else OutOfOrder."""
    kind, digest = type(document), digest_of(document)
    signer = office_key(kernel, digest) if signer is None else signer
    history = kernel.state.histories.get(getattr(document, "case", ""))
    entries = [entry for _, entry in history.entries] if history else []
    if any(entry["kind"] == "ERASED" for entry in entries):
        raise OutOfOrder("The findings of this case were destroyed. Its warrant was refused, or was not confirmed.")
    if next((entry["kind"] for entry in entries if entry.get("document") == digest), "") != KINDS[kind]:
        raise OutOfOrder(f"This {kind.__name__.lower()} was altered, or was not made in this office.")
    if not signature_holds(signer, document.signature, digest.encode()):
        raise OutOfOrder(f"This {kind.__name__.lower()} is not signed by its author.")
    return digest


def decided(kernel: Kernel, decision: Decision) -> tuple[str, CaseHistory]:
    """The digest of a genuine decision, and its case. OutOfOrder where it is altered, or its author has left."""
    decider = kernel.state.people.get(decision.by)
    if decider is None:
        raise OutOfOrder("The decider is no longer enrolled. Have the case decided again.")
    return verify_against_log(kernel, decision, decider.public_key), kernel.state.histories[decision.case]


def request_behind(kernel: Kernel, evidence: Evidence) -> Request:
    """What was asked for, by the permit that the evidence follows; errors as for `archived`."""
    return archived(kernel, archived(kernel, evidence.before, Permit).before, Request)
