"""What a registrar judges by itself: it holds log, signing key and key ring, and does not do whatever it is told.

The program that people use asks it to append, to sign and to unwrap. The registrar keeps a house of its own, folded
from its own log and archive, and judges each wish by that. It checks who signed a document, that documents follow one
another, that a use is permitted by the policy, that a permit still holds and is not used up, that an opening is of what
the case may read. What it cannot judge is said in docs/decisions: unsigned acts, and whether a purpose is true.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.governance import documents, openings
from peelian.governance.access_classes import held_too_close
from peelian.governance.documents import (
    Admission,
    AlarmStep,
    Approval,
    Authority,
    Decision,
    Document,
    Enrolment,
    Evidence,
    Permit,
    Publication,
    Refusal,
    Request,
    StandingPermit,
    StandingRequest,
    mark_of,
)
from peelian.governance.enrolling import ENROLLERS, must_be_agreed
from peelian.governance.entries import encode_entry, read_time
from peelian.governance.expiry import may_go, may_say_of_shelves
from peelian.governance.flow import params_of
from peelian.governance.house import KINDS, House, archived, standing
from peelian.governance.openings import DRIFT
from peelian.governance.people import signature_holds
from peelian.governance.policy import ISSUERS, Deed, Use
from peelian.governance.proposals import APPROVERS, PROPOSERS
from peelian.governance.records import OfficeRecord, record_mark
from peelian.governance.units import same_unit
from peelian.governance.warrants import shelf_of
from peelian.governance.watch import watch_named

KNOWN: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Document)}
OFFICE = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges wishes by the registrar's own house."""

    house: House

    def may_append(self, entry: Mapping[str, Any]) -> None:
        """Nothing where the entry may stand next in the log; InputError or OutOfOrder says why it may not.

        O(1), and the reading of one or two documents.
        """
        encode_entry(entry)
        if abs(read_time(str(entry["t"])) - self.house.now()) > DRIFT:
            raise OutOfOrder("the entry's time is not the present: set this machine's clock")
        document = self._signed(entry) if "mark" in entry else None
        kind = str(entry["kind"])
        if kind in ("ADMITTED", "DERIVED", "SEALED") and str(entry.get("object")) in self.house.book.held.datasets:
            raise OutOfOrder("this object was sealed as something already")
        if kind in _NEED_DOCUMENT and document is None:
            raise OutOfOrder(f"an entry {kind} names the document that it stands for")
        if document is not None:
            _the_document_follows(self.house, entry, document)
        else:
            self._may_act(kind, entry)

    def _may_act(self, kind: str, entry: Mapping[str, Any]) -> None:
        if kind == "STARTED":
            openings.the_start_is_permitted(self.house, entry)
        elif kind == "OPENED":
            openings.the_opening_is_permitted(self.house, entry)
        elif kind in ("KEPT_FOR", "CARRIED", "SHELF_DESTROYED"):
            may_say_of_shelves(self.house, entry)
        elif kind == "CARRIED_OUT" and str(entry.get("before")) not in self.house.book.orders.approved:
            raise OutOfOrder("nobody of another unit has approved this: have it approved first")

    def may_sign(self, document: Document, given: Document | None) -> None:
        """Nothing where the office may sign this document; OutOfOrder or Refused, with every reason, otherwise."""
        rule = _SIGNED.get(type(document))
        if rule is None:
            raise OutOfOrder(f"the office signs no {type(document).__name__.lower()}: a person does")
        rule(self.house, document, given)

    def may_destroy(self, object: str) -> None:
        """Nothing where the log says that this object goes, or has never heard of it; OutOfOrder otherwise."""
        if self.house.book.held.datasets.get(object) and object not in self.house.book.held.gone:
            raise OutOfOrder("the log does not say that this object is destroyed: say so first")

    def may_destroy_shelf(self, shelf: str) -> None:
        """Nothing where the log says that this shelf goes, or no warrant in force has it."""
        if may_go(self.house, shelf):
            return
        roots = {paper.before or mark for mark, paper in self.house.book.papers.items()}
        if shelf in {shelf_of(root) for root in roots} or not shelf.startswith("warrant-"):
            raise OutOfOrder("the warrant of this shelf is in force: nothing of it is destroyed")

    def may_rotate(self) -> None:
        """Nothing where the log says that keys are being rotated: two people agreed, or a breach is being contained."""
        if not self.house.book.held.rotating:
            raise OutOfOrder("the log does not say that keys are rotated: have it approved and carried out first")

    def _signed(self, entry: Mapping[str, Any]) -> Document | None:
        """The document behind an entry, once its mark, its signature and its kind are found right."""
        mark = str(entry["mark"])
        document: Any = read_document(self.house.archive.get(mark))
        if isinstance(document, OfficeRecord):
            must_be_signed(self.house, document.by, document.signature, record_mark(document), mark)
            return None
        must_be_signed(self.house, document.by, document.signature, mark_of(document), mark, first=document)
        kind = KINDS.get(type(document), "")
        if kind not in ("", str(entry["kind"])) and not (kind == "ADMITTED" and entry["kind"] == "DERIVED"):
            raise OutOfOrder("the entry calls the document something else than what it is")
        for key in ("by", "case", "before", "dataset", "object", "person", "watch"):
            said = getattr(document, key, None)
            if key in entry and said not in (None, "", entry[key]):
                raise OutOfOrder(f"the entry's {key} is not the document's")
        found: Document = document
        return found


def _the_document_follows(house: House, entry: Mapping[str, Any], document: Document) -> None:
    """What its kind asks for beyond being signed; of some kinds nothing more can be judged."""
    rule = _DOCUMENTS.get(type(document))
    if rule is not None:
        rule(house, entry, document)


def read_document(data: bytes) -> Any:
    """The document or record of the office in `data`; OutOfOrder where it is neither."""
    try:
        body = json.loads(data)
        if "record" in body:
            return OfficeRecord(**body)
        kind = KNOWN[body["kind"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OutOfOrder("this is no document of the office") from None
    return documents.from_bytes(data, kind)


def must_be_signed(
    house: House, by: str, signature: str, computed: str, mark: str, *, first: Document | None = None
) -> None:
    """OutOfOrder unless the document has this mark and the enrolled person `by`, or the office, has signed it."""
    if computed != mark:
        raise OutOfOrder("the archive holds something else under this mark")
    person = house.book.people.get(by)
    if by == OFFICE:
        key = house.public_key
    elif person is not None:
        key = person.public_key
    else:
        raise OutOfOrder("the document is signed by nobody who is enrolled")
    if not signature_holds(key, signature, mark.encode()):
        raise OutOfOrder("the document is not signed by the one who made it")
    if by == OFFICE and isinstance(first, Enrolment) and house.book.people:
        raise OutOfOrder("an open office enrols nobody by itself: ask a custodian")


def _must(house: House, token: str, roles: Any, rule: str, *, first: tuple[str, str] = ("", "")) -> None:
    """Refused unless the policy lets this person do such an act; `first`: whom they agree with, after a step-up."""
    deed = Deed(
        action="approve" if first[0] else "deed",
        rule=rule,
        person=house.book.people.get(token),
        roles=frozenset(roles),
        now=house.now(),
        first=first[0],
        first_unit=first[1],
        proved=max((at for key, at in house.book.orders.proved.items() if key.split(" ")[0] == token), default=None),
    )
    if reasons := house.policy.judge_deed(deed):
        raise Refused(reasons)


# What an entry with a document must be, beyond being signed.


def _enrolled(house: House, entry: Mapping[str, Any], document: Enrolment) -> None:
    if document.by != OFFICE:
        _must(house, document.by, ENROLLERS, "the_enroller_may_enrol")
    if must_be_agreed(house, document, str(entry.get("before", ""))) != bool(entry.get("founding", 0)):
        raise OutOfOrder("the entry says of the founding what is not so")


def _issued(house: House, entry: Mapping[str, Any], document: Authority) -> None:
    _must(house, document.by, ISSUERS[document.paper], "the_issuer_may_issue")


def _permitted(house: House, entry: Mapping[str, Any], document: Permit) -> None:
    track = house.book.tracks.get(document.case)
    if track is None or document.before not in track.marks("ASKED") or track.after("PERMITTED", document.before):
        raise OutOfOrder("a permit follows one request that was logged, and nothing else")


def _ran(house: House, entry: Mapping[str, Any], document: Evidence) -> None:
    openings.the_run_goes_on(house, document.case, document.before)


def _decided(house: House, entry: Mapping[str, Any], document: Decision) -> None:
    track = house.book.tracks.get(document.case)
    if track is None or document.before not in track.marks("RAN") or track.after("DECIDED", document.before):
        raise OutOfOrder("a decision follows one evidence that was logged, once")
    if document.by == track.by or same_unit(document.unit, track.unit):
        raise OutOfOrder("somebody of another unit than the asker's decides")
    _must(house, document.by, house.capability(track.capability).deciders, "the_decider_may_decide")


def _published(house: House, entry: Mapping[str, Any], document: Publication) -> None:
    track = house.book.tracks.get(document.case)
    if track is None or document.before not in track.marks("DECIDED"):
        raise OutOfOrder("a publication follows a decision that was logged")
    _must(house, document.by, ("board", "clerk", "privacy_officer"), "the_publisher_may_publish")


def _approved(house: House, entry: Mapping[str, Any], document: Approval) -> None:
    made = house.book.orders.proposals.get(document.before)
    if made is None:
        raise OutOfOrder("the log knows no such proposal")
    _must(house, document.by, APPROVERS, "the_approver_may_approve", first=(made.by, made.unit))


def _proposed(house: House, entry: Mapping[str, Any], document: documents.Proposal) -> None:
    _must(house, document.by, PROPOSERS, "the_proposer_may_propose")


def _refused_warrant(house: House, entry: Mapping[str, Any], document: Refusal) -> None:
    _must(house, document.by, ("privacy_officer",), "the_issuer_may_revoke")


_DOCUMENTS: Mapping[type[Any], Callable[[House, Mapping[str, Any], Any], None]] = {
    Enrolment: _enrolled,
    Authority: _issued,
    Permit: _permitted,
    Evidence: _ran,
    Decision: _decided,
    Publication: _published,
    Approval: _approved,
    documents.Proposal: _proposed,
    Refusal: _refused_warrant,
}
_NEED_DOCUMENT = frozenset(KINDS.values()) | {"DERIVED", "WATCH_ASKED", "WATCH_STANDING"}


# What the office signs.


def _sign_enrolment(house: House, document: Enrolment, given: Document | None) -> None:
    if document.by != OFFICE or house.book.people:
        raise OutOfOrder("an open office enrols nobody by itself: ask a custodian")


def _sign_permit(house: House, document: Permit, given: Document | None) -> None:
    """The request is the asker's own, and the policy permits it: judged here, by the registrar's house."""
    if not isinstance(given, Request) or mark_of(given) != document.before or given.case != document.case:
        raise OutOfOrder("a permit answers a request: show the one it answers")
    must_be_signed(house, given.by, given.signature, mark_of(given), document.before)
    declared = house.capability(given.capability)
    person = house.book.people.get(given.by)
    params = params_of(declared, given.params)
    use = Use(
        capability=declared,
        purpose=given.purpose,
        params=params,
        datasets={role: house.book.datasets.get(name) for role, name in given.datasets.items()},
        person=person,
        now=house.now(),
        **standing(house),
    )
    if reasons := (*house.policy.judge(use), *held_too_close(house, person, use.datasets.values())):
        raise Refused(reasons)
    papers = tuple(mark_of(house.policy.papers(need, use)[0]) for need in declared.needs)
    longest = house.now() + timedelta(days=declared.permit_days) + DRIFT
    if (document.capability, document.runs, document.policy, document.papers) != (
        declared.id,
        declared.runs_per_permit,
        house.policy.digest(),
        papers,
    ) or datetime.fromisoformat(document.until) > longest:
        raise OutOfOrder("the permit says something else than what the policy permits")


def _sign_evidence(house: House, document: Evidence, given: Document | None) -> None:
    """It is of a run that goes on, and of the data that the request named."""
    openings.the_run_goes_on(house, document.case, document.before)
    request = archived(house, archived(house, document.before, Permit).before, Request)
    there = {role: house.book.datasets.get(name) for role, name in request.datasets.items()}
    known = {role: admission.digest for role, admission in there.items() if admission is not None}
    if dict(document.data) != known:
        raise OutOfOrder("the evidence is of other data than the request named")


def _sign_derivative(house: House, document: Admission, given: Document | None) -> None:
    began = house.book.unfinished.get(document.dataset, {})
    if began.get("case") != document.case or not document.case:
        raise OutOfOrder("the office signs only what a run began to make, and says so in the log")


def _sign_standing(house: House, document: StandingPermit, given: Document | None) -> None:
    if not isinstance(given, StandingRequest) or mark_of(given) != document.before:
        raise OutOfOrder("a standing permit answers a request: show the one it answers")
    must_be_signed(house, given.by, given.signature, mark_of(given), document.before)
    watch = watch_named(house, given.watch)
    person = house.book.people.get(given.by)
    params = watch.params(**{k: tuple(v) if isinstance(v, list) else v for k, v in given.params.items()})
    use = Use(
        capability=watch, purpose=given.purpose, params=params, datasets={}, person=person, now=house.now(),
        **standing(house),
    )  # fmt: skip
    if reasons := house.policy.judge(use):
        raise Refused(reasons)
    if datetime.fromisoformat(document.until) > house.now() + timedelta(days=watch.permit_days) + DRIFT:
        raise OutOfOrder("the standing permit holds longer than the policy permits")


def _sign_step(house: House, document: AlarmStep, given: Document | None) -> None:
    """What a watch saw cannot be judged here; that such a watch stands can."""
    if document.by != OFFICE or str(document.move.get("watch", "")) not in house.book.watching.stands:
        raise OutOfOrder("no such watch stands in this office")


_SIGNED: Mapping[type[Any], Callable[[House, Any, Document | None], None]] = {
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
        raise InputError("this is a record and no document", accepted="a document of the office")
    made: Document = found
    return made
