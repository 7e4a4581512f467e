"""Registrar: holds log, signing key and key ring, and judges for itself what it is asked to sign or open.

The program that people use asks it to append, to sign and to unwrap. The registrar keeps a kernel of its own, folded
from its own log and archive, and judges each wish by that. Every kind of entry has a rule, in `document_rules` or in
`entry_rules`; what has none is refused. What it cannot judge is said in docs/decisions (7 and 16).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.access import decryption_checks
from peelian.kernel.access.dataset_access import why_not_use
from peelian.kernel.alarms.watch import watch_named
from peelian.kernel.identity.session_binding import DRIFT, Authenticator, may_make_token
from peelian.kernel.log.entry_schema import encode_entry, read_time
from peelian.kernel.model import documents
from peelian.kernel.model.authorization_index import warrant_roots
from peelian.kernel.model.documents import (
    Admission,
    AlarmStep,
    Document,
    Enrolment,
    Evidence,
    Permit,
    Request,
    StandingPermit,
    StandingRequest,
    digest_of,
)
from peelian.kernel.model.params import params_of
from peelian.kernel.model.people import signature_holds
from peelian.kernel.model.policy_port import Use
from peelian.kernel.model.warrants import partition_of
from peelian.kernel.records.office_records import OfficeRecord, record_digest
from peelian.kernel.registrar.alarm_validators import must_be_a_step_of_the_office
from peelian.kernel.registrar.append_request import OFFICE, AppendRequest
from peelian.kernel.registrar.document_validators import KNOWN, NEED_DOCUMENT, must_follow
from peelian.kernel.registrar.entry_validators import must_hold_its_rule
from peelian.kernel.retention.expiry_job import may_go
from peelian.kernel.state.kernel import Kernel, policy_inputs
from peelian.kernel.state.signed_documents import archived


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges wishes by the registrar's own kernel; `authenticator` checks what passkeys sign."""

    kernel: Kernel
    authenticator: Authenticator | None = None

    def may_append(self, entry: Mapping[str, Any]) -> None:
        """Nothing where the entry may stand next in the log; InputError, OutOfOrder or Refused says why it may not.

        O(1), and the reading of one or two documents, for what a use appends.
        """
        encode_entry(entry)
        if abs(read_time(str(entry["t"])) - self.kernel.now()) > DRIFT:
            raise OutOfOrder("The entry's time is not the present. Set this machine's clock.")
        if self.kernel.state.replay_guard.first(entry, -1) != -1:
            raise OutOfOrder("This signed entry is already in the log. Sign it again.")
        if "document" in entry:
            must_follow(AppendRequest(kernel=self.kernel, entry=entry, document=self._signed(entry)))
            return
        if entry["kind"] in NEED_DOCUMENT:
            raise OutOfOrder(f"An entry {entry['kind']} must name its document.")
        must_hold_its_rule(AppendRequest(kernel=self.kernel, entry=entry, authenticator=self.authenticator))

    def may_make_token(self, text: str, of: str) -> None:
        """Nothing where whoever asks may have a token of this text; OutOfOrder for a challenge that is not of now."""
        may_make_token(self.kernel, text, of)

    def may_sign(self, document: Document, given: Document | None) -> None:
        """Nothing where the office may sign this document; OutOfOrder or Refused, with every reason, otherwise."""
        rule = _SIGNED.get(type(document))
        if rule is None:
            raise OutOfOrder(f"Only a person can sign a {type(document).__name__.lower()}.")
        rule(self.kernel, document, given)

    def may_destroy(self, object: str) -> None:
        """Nothing where the log says that this object goes, or has never heard of it; OutOfOrder otherwise."""
        if self.kernel.state.objects.datasets.get(object) and object not in self.kernel.state.objects.gone:
            raise OutOfOrder("The destruction of this object is not logged. Log it first.")

    def may_destroy_partition(self, partition: str) -> None:
        """Nothing where the log says that this partition goes, or no warrant in force has it."""
        if may_go(self.kernel, partition):
            return
        in_force = {partition_of(root) for root in warrant_roots(self.kernel.state.authorizations)}
        if partition in in_force or not partition.startswith("warrant-"):
            raise OutOfOrder("The warrant of this partition is still valid. Nothing in it can be destroyed.")

    def may_rotate(self) -> None:
        """Nothing where the log says that keys are being rotated: two people agreed, or a breach is being contained."""
        if not self.kernel.state.objects.rotating:
            raise OutOfOrder("No key rotation is logged. Have it approved and carried out first.")

    def _signed(self, entry: Mapping[str, Any]) -> Document | OfficeRecord:
        """The document behind an entry, once its digest and its signature are found right."""
        digest = str(entry["document"])
        document: Any = read_document(self.kernel.stores.archive.get(digest))
        if isinstance(document, OfficeRecord):
            must_be_signed(self.kernel, document.by, document.signature, record_digest(document), digest)
        else:
            must_be_signed(self.kernel, document.by, document.signature, digest_of(document), digest, first=document)
        found: Document | OfficeRecord = document
        return found


def read_document(data: bytes) -> Any:
    """The document or record of the office in `data`; OutOfOrder where it is neither."""
    try:
        body = json.loads(data)
        if "record" in body:
            return OfficeRecord(**body)
        kind = KNOWN[body["document_type"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OutOfOrder("Not a document of this office.") from None
    return documents.from_bytes(data, kind)


def must_be_signed(
    kernel: Kernel, by: str, signature: str, computed: str, digest: str, *, first: Document | None = None
) -> None:
    """OutOfOrder unless the document has this digest and the enrolled person `by`, or the office, has signed it."""
    if computed != digest:
        raise OutOfOrder("The archive holds another document under this digest.")
    person = kernel.state.people.get(by)
    if by == OFFICE:
        key = kernel.office.public_key
    elif person is not None:
        key = person.public_key
    else:
        raise OutOfOrder("The signer of the document is not enrolled.")
    if not signature_holds(key, signature, digest.encode()):
        raise OutOfOrder("The document is not signed by its author.")
    if by == OFFICE and isinstance(first, Enrolment) and kernel.state.people:
        raise OutOfOrder("An open office cannot enrol people by itself. Ask a custodian.")


# What the office signs.


def _sign_enrolment(kernel: Kernel, document: Enrolment, given: Document | None) -> None:
    if document.by != OFFICE or kernel.state.people:
        raise OutOfOrder("An open office cannot enrol people by itself. Ask a custodian.")


def _sign_permit(kernel: Kernel, document: Permit, given: Document | None) -> None:
    """The request is the asker's own, and the policy permits it: judged here, by the registrar's kernel."""
    if not isinstance(given, Request) or digest_of(given) != document.before or given.case != document.case:
        raise OutOfOrder("A permit needs its request.")
    must_be_signed(kernel, given.by, given.signature, digest_of(given), document.before)
    declared = kernel.capability(given.capability)
    person = kernel.state.people.get(given.by)
    params = params_of(declared, given.params)
    use = Use(
        capability=declared,
        purpose=given.purpose,
        params=params,
        datasets={role: kernel.state.datasets.get(name) for role, name in given.datasets.items()},
        person=person,
        now=kernel.now(),
        **policy_inputs(kernel),
    )
    if reasons := (*kernel.policy.judge(use), *why_not_use(kernel, person, use.datasets.values())):
        raise Refused(reasons)
    decryption_checks.the_permit_is_as_declared(document, declared, kernel.now())
    authorizations = tuple(digest_of(next(kernel.policy.authorizations(need, use))) for need in use.needs)
    if (document.policy, document.authorizations) != (kernel.policy.digest(), authorizations):
        raise OutOfOrder("The permit differs from what the policy permits.")


def _sign_evidence(kernel: Kernel, document: Evidence, given: Document | None) -> None:
    """It is of a run that goes on, and of the data that the request named."""
    decryption_checks.the_run_goes_on(kernel, document.case, document.before)
    request = archived(kernel, archived(kernel, document.before, Permit).before, Request)
    there = {role: kernel.state.datasets.get(name) for role, name in request.datasets.items()}
    known = {role: admission.digest for role, admission in there.items() if admission is not None}
    if dict(document.data) != known:
        raise OutOfOrder("The findings are of other data than requested.")
    made = (kernel.state.datasets.get(name) for name in document.made.values())
    if not all(one is not None and one.case == document.case for one in made):
        raise OutOfOrder("The findings name an object this case did not make.")


def _sign_derivative(kernel: Kernel, document: Admission, given: Document | None) -> None:
    began = kernel.state.unfinished.get(document.dataset, {})
    if began.get("case") != document.case or not document.case:
        raise OutOfOrder("The office signs only objects whose making a run has logged.")


def _sign_standing(kernel: Kernel, document: StandingPermit, given: Document | None) -> None:
    if not isinstance(given, StandingRequest) or digest_of(given) != document.before:
        raise OutOfOrder("A watch permit needs its request.")
    must_be_signed(kernel, given.by, given.signature, digest_of(given), document.before)
    watch = watch_named(kernel, given.watch)
    person = kernel.state.people.get(given.by)
    params = watch.asks.params(**{k: tuple(v) if isinstance(v, list) else v for k, v in given.params.items()})
    use = Use(
        capability=watch, purpose=given.purpose, params=params, datasets={}, person=person, now=kernel.now(),
        **policy_inputs(kernel),
    )  # fmt: skip
    if reasons := kernel.policy.judge(use):
        raise Refused(reasons)
    if datetime.fromisoformat(document.until) > kernel.now() + timedelta(days=watch.asks.days) + DRIFT:
        raise OutOfOrder("The watch permit lasts longer than the policy permits.")


def _sign_step(kernel: Kernel, document: AlarmStep, given: Document | None) -> None:
    """What a watch saw cannot be judged here; that such a watch stands can."""
    must_be_a_step_of_the_office(kernel, document)


_SIGNED: Mapping[type[Any], Callable[[Kernel, Any, Document | None], None]] = {
    Enrolment: _sign_enrolment,
    Permit: _sign_permit,
    Evidence: _sign_evidence,
    Admission: _sign_derivative,
    StandingPermit: _sign_standing,
    AlarmStep: _sign_step,
}


def document_of(data: bytes) -> Document:
    """The document in `data`; InputError where it is a record or no document at all."""
    found = read_document(data)
    if isinstance(found, OfficeRecord):
        raise InputError("a record, not a document", accepted="a document of the office")
    made: Document = found
    return made
