"""The acts around the verbs: issue and revoke papers, suspend and resume a technology."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from peelian.errors import OutOfOrder, Reason, Refused, sentence
from peelian.governance.capability import Paper, Purpose, Role, Scalar
from peelian.governance.documents import Authority, mark_of
from peelian.governance.house import House, archived, signed
from peelian.governance.orders import proof_key
from peelian.governance.people import Operator, Person, signature_holds
from peelian.governance.policy import ISSUERS, Deed
from peelian.governance.signed_entries import acted
from peelian.governance.warrants import (
    PROVISIONAL,
    PROVISIONAL_DAYS,
    PROVISIONAL_REST_DAYS,
    faults_of_a_warrant,
    scope_of,
)

JITTER = timedelta(minutes=1)  # that a clock may lie behind the log


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
    """Sign a paper. Two are not issued: a case earns an accuracy report, answers make an impact assessment."""
    if paper is Paper.ACCURACY_REPORT:
        raise Refused(
            [
                no(
                    "an_accuracy_report_is_earned",
                    "A case earns the accuracy report; nobody issues it.",
                    "Test it, then ask the board to adopt it.",
                )
            ]
        )
    if paper is Paper.IMPACT_ASSESSMENT:
        says = "The assessment level is calculated from answers."
        raise Refused([no("an_assessment_is_answered", says, "Answer it, then have it signed: `peelian assess`")])
    must_hold(house, by, ISSUERS[paper], "the_issuer_may_issue")
    if paper is Paper.WARRANT and (faults := tuple(faults_of_a_warrant(body or {}))):
        raise Refused(faults)
    known = {c.id for t in house.technologies for c in t.capabilities}
    known |= {w.id for t in house.technologies for w in t.watches} | {f"{t.id}.*" for t in house.technologies}
    if serves not in known:
        raise OutOfOrder(f"An authorization is for a capability or a technology. Known: {', '.join(sorted(known))}")
    if paper is Paper.WARRANT and (body or {})["status"] == PROVISIONAL:
        days = min(days, PROVISIONAL_DAYS)
        if reasons := tuple(_why_not_again(house, serves, body or {})):
            raise Refused(reasons)
    return sign_paper(house, by, paper, serves=serves, purposes=purposes, days=days, body=body or {}, before="")


def revoke(house: House, by: Operator, authority: Authority) -> None:
    """Take a paper back: from now on it is none."""
    must_hold(house, by, ISSUERS[authority.paper], "the_issuer_may_revoke")
    mark = mark_of(authority)
    if mark not in house.book.papers:
        raise OutOfOrder("no such valid authorization")
    acted(house, by, "REVOKED", before=mark, paper=str(authority.paper))


def suspend(house: House, by: Operator, technology: str) -> None:
    """The kill switch: nothing of this technology is permitted or run until it is resumed."""
    must_hold(house, by, frozenset({Role.BOARD}), "the_board_may_suspend", now=house.now())
    _known_technology(house, technology)
    acted(house, by, "SUSPENDED", technology=technology)


def resume(house: House, by: Operator, technology: str) -> None:
    """Lift a suspension; Refused while the clock is behind the log."""
    must_hold(house, by, frozenset({Role.BOARD}), "the_board_may_suspend")
    time_must_go_on(house)
    _known_technology(house, technology)
    acted(house, by, "RESUMED", technology=technology)


def who(house: House, by: Operator, signed: tuple[str, str] | None = None) -> Person | None:
    """The enrolled person behind the operator, if their key is the enrolled one or the session theirs; else None.

    `signed`: the mark of a document that they have just been given to sign, and their signature. The document's salt is
    new, so this proves their key as well as a challenge does.
    """
    person = house.book.people.get(by.person.token)
    if by.session:  # the door saw the proof when the session began, and the log says whose it is
        return person if house.book.orders.seated.get(by.session) == by.person.token else None
    if person is None:
        return None
    if signed is None:
        challenge = secrets.token_bytes(32)
        return person if signature_holds(person.public_key, by.sign(challenge).hex(), challenge) else None
    mark, signature = signed
    return person if signature_holds(person.public_key, signature, mark.encode()) else None


def must_hold(
    house: House,
    by: Operator,
    roles: frozenset[Role],
    rule: str,
    *,
    now: datetime | None = None,
    signed: tuple[str, str] | None = None,
) -> Person:
    """The person, if enrolled, trained and in one of the roles; else Refused under the rule's name."""
    return must_be_allowed(house, by, "deed", roles=roles, rule=rule, now=now, signed=signed)


def must_be_allowed(
    house: House,
    by: Operator,
    action: str,
    *,
    roles: frozenset[Role],
    rule: str,
    first: tuple[str, str] = ("", ""),
    now: datetime | None = None,
    signed: tuple[str, str] | None = None,
) -> Person:
    """The person, where the policy lets them do an act; else Refused with every reason.

    `signed` is as for `who`. `first` is the token and the unit of whoever asked or proposed: for a second word, decide
    or approve. `now` is the log's furthest time where the clock lies behind it, so that setting it back revives no
    training; but for what puts the clock right, and for what only stops.
    """
    person = who(house, by, signed)
    deed = Deed(
        action=action,
        rule=rule,
        person=person,
        roles=roles,
        now=now or house.latest(),
        first=first[0],
        first_unit=first[1],
        proved=house.book.orders.proved.get(proof_key(by.person.token, by.session)),
    )
    if reasons := house.policy.judge_deed(deed):
        raise Refused((*reasons, *(clock_is_behind(house) if now is None else ())))
    if person is None:  # no policy permits nobody; were there one, it would end here
        raise OutOfOrder("No role can do this.")
    return person


def clock_is_behind(house: House) -> Iterator[Reason]:
    """The reason why nothing is used while the clock lies more than a minute behind the log: papers that have ended,
    training, warrants and retention times would live again. O(1)."""
    behind = house.latest() - house.now()
    if behind > JITTER:
        says = sentence("the clock is %(minutes)s minutes behind the log", minutes=behind // timedelta(minutes=1))
        remedy = "Set the clock. If it ran ahead before, two people must confirm: `peelian propose clock`"
        yield no("time_does_not_go_back", says, remedy)


def time_must_go_on(house: House) -> None:
    """Refused while the clock is behind the log."""
    if behind := tuple(clock_is_behind(house)):
        raise Refused(behind)


def no(rule: str, says: str, remedy: str) -> Reason:
    """One reason to refuse."""
    return Reason(rule=rule, says=says, remedy=remedy)


def why_stopped(house: House, technology: str, *, running: bool = False) -> Iterator[Reason]:
    """The kill switch, as a reason: none where the technology is not suspended. `running`: it was when this began."""
    if technology in house.book.suspended:
        text = "%(technology)s was suspended during the run" if running else "%(technology)s is suspended"
        says = sentence(text, technology=technology)
        yield no("the_technology_is_not_suspended", says, "Ask a board member to lift the suspension.")


def must_not_be_stopped(house: House, technology: str) -> None:
    """Refused where the kill switch is thrown."""
    if reasons := tuple(why_stopped(house, technology)):
        raise Refused(reasons)


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
    """Sign a paper, archive it and log it; the caller has checked that the signer may. Refused as `signed_paper` is."""
    mark, authority, said = signed_paper(
        house, by, paper, serves=serves, purposes=purposes, days=days, body=body, before=before
    )
    house.record_all([(mark, authority, said)])
    return authority


def signed_paper(
    house: House,
    by: Operator,
    paper: Paper,
    *,
    serves: str,
    purposes: tuple[str, ...],
    days: int,
    body: Mapping[str, Scalar],
    before: str,
) -> tuple[str, Authority, dict[str, str | int]]:
    """A paper's mark, the paper, signed, and what the log will say of it: to be recorded, alone or with the decision
    that it follows. Refused while the clock is behind the log: it would begin before what was there already."""
    time_must_go_on(house)
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
    authority = signed(authority, by.sign, mark := mark_of(authority))
    said: dict[str, str | int] = {"paper": str(paper), "serves": serves, "by": authority.by}
    return mark, authority, said | ({"before": before} if before else {})


def _why_not_again(house: House, serves: str, body: Mapping[str, Scalar]) -> Iterator[Reason]:
    """Who asks after the fact has 48 hours once: the same is not covered again by another provisional warrant.

    "The same": an operation on a sensor or place that a provisional one of the last `PROVISIONAL_REST_DAYS` named and
    no court confirmed. O(entries), for an act that is rare.
    """
    asked, since = scope_of(body), (house.now() - timedelta(days=PROVISIONAL_REST_DAYS)).isoformat()
    confirmed = {paper.before for paper in house.book.papers.values() if paper.paper is Paper.WARRANT}
    for _, entry in house.log.read():
        if entry["kind"] == "ISSUED" and entry.get("paper") == Paper.WARRANT and entry["mark"] not in confirmed:
            made = archived(house, str(entry["mark"]), Authority)
            had = scope_of(made.body)
            same = asked.operations & had.operations and (asked.sensors & had.sensors or asked.cells & had.cells)
            if made.serves == serves and made.body["status"] == PROVISIONAL and made.at > since and same:
                says = "Already covered by an unconfirmed provisional warrant."
                yield no("a_provisional_warrant_is_not_renewed", says, "Have the court's own warrant recorded.")
                return


def _known_technology(house: House, technology: str) -> None:
    known = {t.id for t in house.technologies}
    if technology not in known:
        raise OutOfOrder(f"Unknown technology. Known: {', '.join(sorted(known))}")
