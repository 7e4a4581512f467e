"""Recording a warrant: from the court's paper, by one person, and confirmed against it by a second of another unit.

1. A privacy officer seals the paper (`court_papers.seal_paper`) and states what stands on it (`record`). Times, scope
   and number of uses are checked against the law that the technology declares and against the registers.
2. A confirmed warrant is a proposal until somebody of another unit has opened the sealed paper and states the file
   number that they read there (`confirm`). They sign the warrant. Until then there is none.
3. A provisional one is in force at once, for 48 hours, with its urgency stated and the application sealed. It only
   collects: what it brings stays sealed and unread (`the_provisional_warrant_only_collects`) until 1 and 2 were done
   with the court's order, which names it (`provisional`).

None of this is stopped by a suspension: a court that was asked answers within 48 hours, and nothing is collected or
opened meanwhile. A warrant of an earlier version, without paper, opens nothing: the same two steps with
`provisional` naming it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from peelian.errors import InputError, OutOfOrder, Refused, out_of_range, sentence
from peelian.kernel.identity import dual_control
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Scalar
from peelian.kernel.model.documents import Authorization, Proposal
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.people import Operator
from peelian.kernel.model.policy_port import ISSUERS, SIGNERS
from peelian.kernel.model.technology import Technology
from peelian.kernel.model.warrants import (
    CONFIRMED,
    PAPER,
    PROVISIONAL,
    PROVISIONAL_DAYS,
    SCOPE,
    WarrantLaw,
    faults_of_a_warrant,
    is_over,
    is_provisional,
    root_of,
    scope_of,
)
from peelian.kernel.policy.authorize import must_be_allowed, must_hold_role
from peelian.kernel.records.label_register import adopted
from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import still_archived
from peelian.kernel.verbs.authorizations import (
    signed_authorization,
    technology_served,
    why_not_again,
)
from peelian.kernel.verbs.court_papers import object_of, was_read

WARRANT = AuthorizationKind.WARRANT
ISSUE = "the_issuer_may_issue"
WORDS = "as the sealed paper of the court says"
FEWEST_WORDS, LONGEST_TEXT = 3, 200
TEXTS = ("reference", "court", "judge", "urgency", "unit")
FACTS = frozenset({*TEXTS, *SCOPE, "status", "paper", "issued", "ends", "count", "dataset", "provisional"})
"""What may be stated of a warrant; the office adds who recorded it. A body names no other fact but digests of data."""
DIGEST_OF_DATA = "_sha256"
OF_ORDER = ("court", "reference", "issued")


@act
def record(
    kernel: Kernel, by: Operator, *, serves: str, purposes: tuple[Purpose, ...], body: Mapping[str, Scalar]
) -> str:
    """Record what stands on a court's sealed paper (its SHA-256 is the body's `paper`). The digest of the proposal that
    a second person confirms; of a provisional one the warrant's own.

    InputError, OutOfOrder or Refused where something is missing, or goes beyond the paper's times, the law or the
    registers. O(entries) for a provisional one.
    """
    with kernel.lock:
        person = must_hold_role(kernel, by, ISSUERS[WARRANT], ISSUE)
        stated = {name: value for name, value in body.items() if value != ""} | {"recorded_by": person.token}
        if not purposes:
            raise InputError("no purpose stated", column="purpose", accepted=", ".join(Purpose))
        technology = technology_served(kernel, serves)
        must_be_recordable(kernel, technology, serves, stated)
        _must_be_the_first(kernel, stated)
        if stated["status"] == PROVISIONAL:
            return _provisional(kernel, by, serves, purposes, stated)
        whole = {**stated, "serves": serves, "purposes": ",".join(str(one) for one in purposes)}
        return dual_control.propose(kernel, by, dual_control.WARRANT, words=WORDS, body=whole)


@act
def confirm(kernel: Kernel, by: Operator, proposal: str, *, reference: str) -> Authorization:
    """Confirm a recorded warrant against its paper, and sign it: it is in force from now until the paper's last day.

    `reference` is the court's file number, as this person read it on the paper. Refused for whoever recorded it, for
    their unit, and without a fresh step-up; OutOfOrder where they have not opened the paper, or it says another number.
    """
    with kernel.lock:
        made = dual_control.open_proposal(kernel, proposal)
        if made.what != dual_control.WARRANT:
            raise OutOfOrder("This proposal is about no warrant. Approve it: `peelian proposals approve`")
        roles, rule = SIGNERS[WARRANT], "the_approver_may_approve"
        person = must_be_allowed(kernel, by, "approve", roles=roles, rule=rule, first=(made.by, made.unit))
        _must_be_recorded_by_who_may(kernel, made)
        body = {name: value for name, value in made.body.items() if name not in ("serves", "purposes")}
        technology = technology_served(kernel, serves := str(made.body.get("serves", "")))
        purposes = tuple(str(made.body.get("purposes", "")).split(","))
        must_be_recordable(kernel, technology, serves, body)
        _must_be_read(kernel, person.token, proposal, body, reference)
        before = str(body.pop("provisional", ""))
        first = root_of(kernel.state.authorizations[before]) if before else ""
        digest, authorization, said = signed_authorization(
            kernel,
            by,
            WARRANT,
            serves=serves,
            purposes=purposes,
            ends=last_moment(body),
            body=body,
            before=first,
        )
        kernel.record_all(
            [dual_control.signed_approval(kernel, by, person, proposal), (digest, authorization, said)],
        )
        return authorization


def must_be_recordable(kernel: Kernel, technology: Technology, serves: str, body: Mapping[str, Scalar]) -> None:
    """Whatever a warrant needs before somebody relies on it, but for the second person. InputError, OutOfOrder or
    Refused with the first fault."""
    law = technology.warrants
    if faults := tuple(faults_of_a_warrant(body)):
        raise Refused(faults)
    _must_be_stated(kernel, body)
    _must_be_in_time(kernel, law, body)
    if int(body["count"]) > law.uses:
        raise out_of_range("count", 1, law.uses)
    _must_be_registered(kernel, body)
    if before := str(body.get("provisional", "")):
        _must_go_on_from(kernel, before, serves, body)


def last_moment(body: Mapping[str, Scalar]) -> datetime:
    """When the last day of the paper is over (UTC)."""
    return datetime.combine(_day(body, "ends") + timedelta(days=1), time(), UTC)


def unconfirmed_warrants(kernel: Kernel) -> Iterable[tuple[str, Proposal]]:
    """Recorded warrants that no second person has confirmed yet, by digest, oldest first."""
    every = dual_control.open_proposals(kernel)
    return tuple((digest, made) for digest, made, _ in every if made.what == dual_control.WARRANT)


def _provisional(
    kernel: Kernel, by: Operator, serves: str, purposes: tuple[Purpose, ...], body: Mapping[str, Scalar]
) -> str:
    if reasons := tuple(why_not_again(kernel, serves, body)):
        raise Refused(reasons)
    named, ends = tuple(str(one) for one in purposes), timedelta(days=PROVISIONAL_DAYS)
    digest, authorization, said = signed_authorization(
        kernel, by, WARRANT, serves=serves, purposes=named, ends=ends, body=body, before=""
    )
    kernel.record_all([(digest, authorization, said)])
    return digest


def _must_be_stated(kernel: Kernel, body: Mapping[str, Scalar]) -> None:
    if strange := sorted(name for name in body if name not in FACTS | {"recorded_by"} and not _is_of_data(name)):
        raise InputError("not a fact of a warrant", column=strange[0][:40], accepted=", ".join(sorted(FACTS)))
    confirmed = body["status"] == CONFIRMED
    for name in ("court", "judge") if confirmed else ("court", "urgency"):
        if not str(body.get(name, "")).strip():
            raise InputError("missing on the warrant", column=name, accepted="what stands on the court's paper")
    for name in TEXTS:
        text = str(body.get(name, ""))
        if len(text) > LONGEST_TEXT or not text.isprintable():
            accepted = sentence("1 to %(most)s characters", most=str(LONGEST_TEXT))
            raise InputError("text too long, or not printable", column=name, accepted=accepted)
    if not confirmed and len(str(body["urgency"]).split()) < FEWEST_WORDS:
        raise InputError("no reason for the urgency", column="urgency", accepted="at least three words")
    paper = str(body.get("paper", ""))
    if not PAPER.fullmatch(paper) or not object_of(kernel, paper):
        raise InputError("the court's paper is not sealed here", column="paper", accepted="a file of the paper")


def _is_of_data(name: str) -> bool:
    return name.endswith(DIGEST_OF_DATA)


def _must_be_in_time(kernel: Kernel, law: WarrantLaw, body: Mapping[str, Scalar]) -> None:
    today, issued = kernel.now().astimezone(UTC).date(), _day(body, "issued")
    if issued > today:
        raise InputError("issued in the future", column="issued", accepted="today or an earlier day")
    if body["status"] == PROVISIONAL:
        return
    ends = _day(body, "ends")
    if ends < issued:
        raise InputError("it ends before it was issued", column="ends", accepted="a day after it was issued")
    if (ends - issued).days > law.days:
        accepted = sentence("at most %(n)d days after it was issued", n=law.days)
        raise InputError("longer than the law allows", column="ends", accepted=accepted)
    if ends < today:
        raise InputError("the warrant has ended", column="ends", accepted="today or a later day")


def _day(body: Mapping[str, Scalar], name: str) -> date:
    try:
        return date.fromisoformat(str(body.get(name, "")))
    except ValueError:
        raise InputError("not a day", column=name, accepted="YYYY-MM-DD, as on the paper") from None


def _must_be_registered(kernel: Kernel, body: Mapping[str, Scalar]) -> None:
    """Every sensor named is in the register and has not ended; every place is an adopted area; data are kept here."""
    scope, register, today = scope_of(body), the_register(kernel), kernel.now().date()
    for sensor in sorted(scope.sensors):
        if sensor not in register or register[sensor].state(today) != "registered":
            raise InputError("a sensor that is not registered", column="sensors", accepted="sensors of the register")
    labels = adopted(kernel) if scope.cells else None
    for cell in sorted(scope.cells):
        if labels is None or labels.find(LabelKind.AREA, cell) is None:
            raise InputError("a place that is not registered", column="cells", accepted="adopted areas of the town")
    data = {str(value) for name, value in body.items() if _is_of_data(name)}
    if data - {one.digest for one in kernel.state.datasets.values()}:
        raise InputError("data that the office does not keep", column="item_sha256", accepted="a kept dataset's")


def _must_be_the_first(kernel: Kernel, body: Mapping[str, Scalar]) -> None:
    """One paper is one warrant, however often it was scanned, or one for each recording that it names. It neither waits
    for its second person nor was it recorded: what a court withdrew does not come back. But one that was revoked unused
    may be recorded again, right. O(warrants that ever were), each decrypted."""
    if any(_is_the_same(made.body, body) for _, made in unconfirmed_warrants(kernel)):
        raise OutOfOrder("A warrant with this paper is recorded already.")
    ended = {str(e["before"]): e["kind"] for _, e in kernel.stores.log.read(kinds=("REVOKED", "WARRANT_REFUSED"))}
    for _, entry in kernel.stores.log.read(kinds=("ISSUED",)):
        digest = str(entry["document"])
        if entry.get("authorization") != WARRANT or digest == body.get("provisional"):
            continue
        made = still_archived(kernel, digest, Authorization)
        if made is None or not _is_the_same(made.body, body):
            continue
        if ended.get(digest) == "WARRANT_REFUSED":
            raise OutOfOrder("A court refused or withdrew the warrant with this paper. Record its new order.")
        if ended.get(digest) != "REVOKED" or _was_used(kernel, root_of(made)):
            raise OutOfOrder("A warrant with this paper is recorded already.")


def _is_the_same(one: Mapping[str, Scalar], other: Mapping[str, Scalar]) -> bool:
    """Whether two bodies rest on one paper, the same file or an order of one court, file number and day, and name the
    same data, if any."""
    if any(one.get(name) != other.get(name) for name in {*one, *other} if _is_of_data(name)):
        return False
    if one.get("paper") == other.get("paper"):
        return True
    orders = one.get("status") == CONFIRMED == other.get("status")
    return orders and all(_spelled(str(one.get(name, ""))) == _spelled(str(other.get(name, ""))) for name in OF_ORDER)


def _was_used(kernel: Kernel, root: str) -> bool:
    return bool(kernel.state.used.get(root, 0) or kernel.state.collected.get(root, 0))


def _must_go_on_from(kernel: Kernel, before: str, serves: str, body: Mapping[str, Scalar]) -> None:
    """The court's order about a provisional warrant within its 48 hours, or the paper of an earlier version's: each of
    exactly its scope, and no more uses."""
    made = kernel.state.authorizations.get(before)
    if made is None or made.kind is not WARRANT or body["status"] != CONFIRMED:
        raise OutOfOrder("no valid provisional warrant with this digest")
    if is_provisional(made) and is_over(made, kernel.now()):
        raise OutOfOrder("The 48 hours have passed. The data collected must be destroyed: see `peelian doctor`")
    if not is_provisional(made) and PAPER.fullmatch(str(made.body.get("paper", ""))):
        raise OutOfOrder("This warrant is confirmed already.")
    if made.serves != serves or scope_of(made.body) != scope_of(body):
        raise OutOfOrder("The court's order has another scope. Refuse the provisional warrant, then record the order.")


def _must_be_recorded_by_who_may(kernel: Kernel, made: Proposal) -> None:
    first = kernel.state.people.get(made.by)
    if first is None or not first.roles & ISSUERS[WARRANT] or made.body.get("recorded_by") != made.by:
        raise OutOfOrder("Whoever proposed this no longer holds the role for it. Propose it again.")


def _must_be_read(kernel: Kernel, person: str, proposal: str, body: Mapping[str, Scalar], reference: str) -> None:
    """This person opened the sealed paper since it was recorded, and says which file number stands on it."""
    recorded = next(iter(kernel.stores.log.found("document", proposal)))[0]
    if not was_read(kernel, person, str(body["paper"]), after=recorded):
        raise OutOfOrder("Read the court's paper first: `peelian warrant read`")
    if _spelled(reference) != _spelled(str(body["reference"])):
        raise InputError(
            "not the file number that was recorded", column="reference", accepted="as on the court's paper"
        )


def _spelled(reference: str) -> str:
    return " ".join(reference.split()).casefold()
