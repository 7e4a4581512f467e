"""The acts around the verbs: enrol people, issue and revoke papers, suspend and resume a technology."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta

from peelian.errors import OutOfOrder, Reason, Refused
from peelian.governance.capability import Paper, Purpose, Role, Scalar
from peelian.governance.documents import Authority, Enrolment, mark_of
from peelian.governance.house import House, log_word, signed
from peelian.governance.people import Operator, Person, signature_holds
from peelian.governance.policy import ISSUERS


def enrol(house: House, person: Person, *, by: Operator | None = None) -> Person:
    """A person joins the office: the first one by the office itself, later ones by a custodian or the council."""
    with house.lock:
        if by is not None:
            must_hold(house, by, frozenset({Role.CUSTODIAN, Role.COUNCIL}), "the_enroller_may_enrol")
        elif house.book.people:
            raise Refused([no("the_enroller_may_enrol", "an open office enrols nobody by itself", "ask a custodian")])
        document = Enrolment(
            person=person.token,
            name=person.name,
            unit=person.unit,
            roles=tuple(sorted(person.roles)),
            public_key=person.public_key,
            trained_until=person.trained_until,
            by=by.person.token if by else "office",
            at=house.now().isoformat(),
        )
        house.record(
            signed(document, by.sign if by else house.sign),
            person=person.token,
            unit=log_word(person.unit),
            by=document.by,
        )
        return house.book.people[person.token]


def issue(
    house: House,
    by: Operator,
    paper: Paper,
    *,
    serves: str,
    purposes: tuple[Purpose, ...],
    days: int,
    body: Mapping[str, Scalar] | None = None,
) -> Authority:
    """Sign a paper. An accuracy report cannot be issued: a case earns it (see `decide`)."""
    if paper is Paper.ACCURACY_REPORT:
        raise Refused(
            [no("an_accuracy_report_is_earned", "an accuracy report is not issued", "prove it, then have it adopted")]
        )
    must_hold(house, by, ISSUERS[paper], "the_issuer_may_issue")
    known = {c.id for t in house.technologies for c in t.capabilities} | {f"{t.id}.*" for t in house.technologies}
    if serves not in known:
        raise OutOfOrder(f"a paper serves a capability or a whole technology: {', '.join(sorted(known))}")
    return sign_paper(house, by, paper, serves=serves, purposes=purposes, days=days, body=body or {}, before="")


def revoke(house: House, by: Operator, authority: Authority) -> None:
    """Take a paper back: from now on it is none."""
    must_hold(house, by, ISSUERS[authority.paper], "the_issuer_may_revoke")
    mark = mark_of(authority)
    if mark not in house.book.papers:
        raise OutOfOrder("there is no such paper in force")
    house.append("REVOKED", before=mark, paper=authority.paper, by=by.person.token)


def suspend(house: House, by: Operator, technology: str) -> None:
    """The kill switch: nothing of this technology is permitted or run until it is resumed."""
    must_hold(house, by, frozenset({Role.BOARD}), "the_board_may_suspend")
    _known_technology(house, technology)
    house.append("SUSPENDED", technology=technology, by=by.person.token)


def resume(house: House, by: Operator, technology: str) -> None:
    """Lift a suspension."""
    must_hold(house, by, frozenset({Role.BOARD}), "the_board_may_suspend")
    _known_technology(house, technology)
    house.append("RESUMED", technology=technology, by=by.person.token)


def who(house: House, by: Operator) -> Person | None:
    """The enrolled person behind the operator, if their key is the enrolled one; None otherwise."""
    person = house.book.people.get(by.person.token)
    challenge = secrets.token_bytes(32)
    if person is None or not signature_holds(person.public_key, by.sign(challenge).hex(), challenge):
        return None
    return person


def must_hold(house: House, by: Operator, roles: frozenset[Role], rule: str) -> Person:
    """The person, if enrolled, trained and in one of the roles; else Refused under the rule's name."""
    person = who(house, by)
    if person is None:
        raise Refused(
            [no(rule, "this person is not enrolled, or this is not their key", "have a custodian enrol them")]
        )
    if not person.roles & roles:
        raise Refused([no(rule, "this role may not do this", f"somebody does it who is: {', '.join(sorted(roles))}")])
    if person.trained_until < house.now().date().isoformat():
        raise Refused([no(rule, "this person's training has expired", "renew the training, then enrol again")])
    return person


def no(rule: str, says: str, remedy: str) -> Reason:
    """One reason to refuse."""
    return Reason(rule=rule, says=says, remedy=remedy)


def sign_paper(
    house: House,
    by: Operator,
    paper: Paper,
    *,
    serves: str,
    purposes: tuple[str, ...],
    days: int,
    body: Mapping[str, Scalar],
    before: str,
) -> Authority:
    """Sign a paper, archive it and log it; the caller has checked that the signer may."""
    now = house.now()
    authority = Authority(
        paper=paper,
        serves=serves,
        purposes=tuple(str(p) for p in purposes),
        starts=now.isoformat(),
        ends=(now + timedelta(days=days)).isoformat(),
        body=dict(body),
        by=by.person.token,
        at=now.isoformat(),
        before=before,
    )
    authority = signed(authority, by.sign)
    fields: dict[str, str | int] = {"paper": str(paper), "serves": serves, "by": authority.by}
    house.record(authority, **fields, **({"before": before} if before else {}))
    return authority


def _known_technology(house: House, technology: str) -> None:
    known = {t.id for t in house.technologies}
    if technology not in known:
        raise OutOfOrder(f"there is no technology of that name; there are: {', '.join(sorted(known))}")
