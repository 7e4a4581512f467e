"""An entry says what its document says; a document is logged once, while it is new, and by whoever may."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest
from desk import set_head
from judged import Court, court, without
from toy import COUNT, TOY
from toy_watch import TOY_WATCH, wells
from watched import stood

from peelian.kernel import verbs
from peelian.kernel.access.access_classes import allow
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.identity.session_binding import pass_of
from peelian.kernel.identity.sessions import Sessions, stepped_up
from peelian.kernel.identity.step_up import pass_text
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import (
    Approval,
    Decision,
    Enrolment,
    Refusal,
    Request,
    RetentionAct,
    digest_of,
    to_bytes,
)
from peelian.kernel.policy.signed_entries import signed_entry
from peelian.kernel.records import office_records
from peelian.kernel.records.office_records import OfficeRecord
from peelian.kernel.retention import retention
from peelian.kernel.state.kernel import log_word, signed
from peelian.kernel.verbs import authorizations


@pytest.fixture
def there() -> Court:
    made = court((TOY,))
    made.town.authorizations(COUNT)
    return made


def put(there: Court, document: Any, short: str = "") -> str:
    """The digest of a document, signed by a person and kept in the archive."""
    document = signed(document, there.town.people[short].sign) if short else document
    digest = digest_of(document)
    there.town.kernel.stores.archive.put(digest, to_bytes(document))
    return digest


def last(there: Court, kind: str) -> dict[str, Any]:
    """The newest entry of a kind."""
    return dict([entry for _, entry in there.town.kernel.stores.log.read() if entry["kind"] == kind][-1])


def test_a_whole_use_is_found_right_and_no_entry_of_it_twice(there: Court) -> None:
    kernel, people = there.town.kernel, there.town.people
    evidence, _ = verbs.run(kernel, people["analyst"], there.town.ask(COUNT))
    words = {"reasons": "it fits the area", "other_evidence": "the records of the works"}
    decision = verbs.decide(kernel, people["commander"], evidence, choice="accept", **words)
    verbs.publish(kernel, people["clerk"], decision, statement="wells were counted")
    assert there.town.kinds()[-1] == "PUBLISHED"
    for entry in [dict(entry) for _, entry in kernel.stores.log.read() if "document" in entry]:
        there.refuses(
            {**entry, "t": there.entry("X")["t"]},
            "[Aa]lready|by itself|only one decision|only one publication"
            "|No run|needs a logged|No custody|Only the holder|founding",
        )


def test_what_was_taken_back_does_not_come_back_by_its_old_document(there: Court) -> None:
    """A revoked authorization, roles that somebody had before, and bylaws of last year are all still in the archive."""
    kernel, people = there.town.kernel, there.town.people
    issued = last(there, "ISSUED")
    issuer = next(who for who in people.values() if who.person.token == issued["by"])
    authorizations.revoke(kernel, issuer, kernel.state.authorizations[issued["document"]])
    there.refuses({**issued, "t": there.entry("X")["t"]}, "already in the log")
    enrolled = last(there, "ENROLLED")
    there.refuses({**enrolled, "t": there.entry("X")["t"]}, "already in the log")


def test_what_was_signed_is_not_kept_back_for_later(there: Court) -> None:
    analyst = there.town.people["analyst"].person
    asked = Request(
        case="c-0000000000", capability=COUNT.id, purpose="operations", params={"deepest": 30}, datasets={},
        by=analyst.token, unit=analyst.unit, at=there.town.kernel.now().isoformat(),
    )  # fmt: skip
    said = {
        "case": asked.case, "capability": COUNT.id, "purpose": "unknown", "by": analyst.token, "unit": "unit-analyst",
        "document": put(there, asked, "analyst"),
    }  # fmt: skip
    said["purpose"] = asked.purpose if asked.purpose in set(COUNT.asks.purposes) else "unknown"
    there.judge.may_append(there.entry("ASKED", **said))
    there.town.clock.now += timedelta(minutes=11)
    there.refuses(there.entry("ASKED", **said), "not of the present")
    there.town.clock.now -= timedelta(minutes=12)
    there.refuses(there.entry("ASKED", **said), "not of the present")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("capability", "toy.prove"), ("purpose", "research"), ("unit", "unit-board"), ("case", "c-1111111111"),
        ("by", "0" * 20), ("dataset", "wells"), ("before", "0" * 64), ("warrant", "0" * 64),
    ],
)  # fmt: skip
def test_an_entry_says_what_its_document_says_and_nothing_besides(there: Court, field: str, value: str) -> None:
    analyst = there.town.people["analyst"].person
    asked = Request(
        case="c-0000000000", capability=COUNT.id, purpose="proof", params={}, datasets={}, by=analyst.token,
        unit=analyst.unit, at=there.town.kernel.now().isoformat(),
    )  # fmt: skip
    said = {
        "case": asked.case, "capability": COUNT.id, "purpose": "proof", "by": analyst.token, "unit": "unit-analyst",
        "document": put(there, asked, "analyst"),
    }  # fmt: skip
    there.judge.may_append(there.entry("ASKED", **said))
    there.refuses(there.entry("ASKED", **{**said, field: value}), f"{field} differs from the document's")
    if field in said:
        there.refuses(without(there.entry("ASKED", **said), field), f"lacks its document's {field}")


def test_nobody_signs_for_another_unit_than_their_own(there: Court) -> None:
    """Another unit decides: so whoever asks, decides, proposes or approves does not choose theirs."""
    kernel, people = there.town.kernel, there.town.people
    evidence, _ = verbs.run(kernel, people["analyst"], there.town.ask(COUNT))
    commander = people["commander"].person
    decision = Decision(
        case=evidence.case, before=digest_of(evidence), choice="accept", reasons="a b c", other_evidence="d e f",
        by=commander.token, unit="somewhere", at=kernel.now().isoformat(),
    )  # fmt: skip
    said = {"case": decision.case, "before": decision.before, "by": decision.by, "choice": "accept"}
    digest = put(there, decision, "commander")
    there.refuses(there.entry("DECIDED", **said, unit="somewhere", document=digest), "another unit than its author's")


def test_whoever_may_not_use_what_a_case_read_decides_nothing_about_it(there: Court) -> None:
    kernel, people = there.town.kernel, there.town.people
    evidence, _ = verbs.run(kernel, people["analyst"], there.town.ask(COUNT))
    (dataset,) = kernel.state.datasets
    retention.define(kernel, people["board"], "informant", days=90, access="confidential", words="as the bylaw says")
    retention.tag(kernel, people["clerk"], dataset, ("informant",), words="an informant is in it")
    commander = people["commander"].person
    decision = Decision(
        case=evidence.case, before=digest_of(evidence), choice="accept", reasons="a b c", other_evidence="d e f",
        by=commander.token, unit=commander.unit, at=kernel.now().isoformat(),
    )  # fmt: skip
    said = {"case": decision.case, "before": decision.before, "by": decision.by, "choice": "accept"}
    wished = {**said, "unit": log_word(commander.unit), "document": put(there, decision, "commander")}
    there.refuses(there.entry("DECIDED", **wished), "confidential")
    allow(kernel, people["privacy-officer"], dataset, commander.token)
    there.judge.may_append(there.entry("DECIDED", **wished))


def test_an_approval_counts_a_fresh_step_up_where_it_is_made_and_nowhere_else(there: Court) -> None:
    kernel, board = there.town.kernel, there.town.people["board"]
    proposal = dual_control.propose(
        kernel, there.town.people["custodian"], "rotate_keys", words="the yearly one is due"
    )

    def approval(session: str = "") -> dict[str, Any]:
        made = Approval(before=proposal, by=board.person.token, unit=board.person.unit, at=kernel.now().isoformat())
        said = {"before": proposal, "act": "rotate_keys", "by": made.by, "unit": "unit-board"}
        more = {"session": session} if session else {}
        return there.entry("APPROVED", **said, **more, document=put(there, made, "board"))

    def proof() -> dict[str, str | int]:
        at, nonce, hashed = kernel.now().isoformat(), f"{kernel.now().timestamp():064f}", "c" * 64
        return pass_of(nonce, hashed, at, board.sign(pass_text(kernel.office.public_key, nonce, hashed, at)).hex())

    there.refuses(approval(), "Identity not confirmed")
    _, seat = Sessions(kernel).begin(board.person, "key", proof=proof())
    there.judge.may_append(approval(seat.session))
    there.refuses(approval(), "Identity not confirmed")  # at the terminal nobody has stepped up
    there.town.clock.now += timedelta(minutes=6)
    there.refuses(approval(seat.session), "Identity not confirmed")
    stepped_up(kernel, seat, proof())
    there.judge.may_append(approval(seat.session))
    _, other = Sessions(kernel).begin(there.town.people["clerk"].person, "provider", proof=None)
    there.refuses(approval(other.session), "belongs to another person")
    Sessions(kernel).end(seat, "off", board.person.token)
    there.refuses(approval(seat.session), "not open")  # proven a moment ago, in a session that was ended
    step_up.prove(kernel, board)
    there.refuses(approval(seat.session), "not open")
    there.judge.may_append(approval())
    there.refuses({**approval(), "act": "clock"}, "act differs from the document's")
    dual_control.approve(kernel, board, proposal)
    there.refuses(approval(), "already approved")


def test_an_enrolment_is_by_somebody_else_and_keeps_the_key(there: Court) -> None:
    kernel, custodian = there.town.kernel, there.town.people["custodian"].person

    def enrolment(**other: Any) -> dict[str, Any]:
        said: dict[str, Any] = {
            "person": "f" * 20, "name": "n", "unit": "it", "roles": ("clerk",), "public_key": "aa" * 32,
            "trained_until": "2027-01-01", "by": custodian.token, "at": kernel.now().isoformat(),
        }  # fmt: skip
        made = Enrolment(**{**said, **other})
        digest = put(there, made, "custodian")
        return there.entry("ENROLLED", person=made.person, unit=log_word(made.unit), by=made.by, document=digest)

    there.judge.may_append(enrolment())
    there.refuses(enrolment(person=custodian.token, public_key=custodian.public_key), "You cannot change your own")
    clerk = there.town.people["clerk"].person
    there.refuses(enrolment(person=clerk.token), "with another key")
    there.judge.may_append(enrolment(person=clerk.token, public_key=clerk.public_key))
    there.refuses(enrolment(by="office"), "not signed")
    there.refuses(enrolment(unit=" "), "The unit has no name")


def test_data_is_admitted_by_whoever_began_to_keep_it(there: Court) -> None:
    kernel = there.town.kernel
    dataset = COUNT.arithmetic().example().datasets["wells"]
    made = there.town.admit(dataset, COUNT.asks.purposes, "wells")
    again = dataclasses.replace(made, dataset="wells-2", object="9" * 32, at=kernel.now().isoformat())
    digest = put(there, again, "custodian")
    said = {key: getattr(again, key) for key in ("dataset", "object", "shape", "digest", "rows", "by")}
    there.refuses(there.entry("ADMITTED", **said, document=digest), "This person did not start keeping")
    kernel.take(there.by("clerk", "KEEPING", dataset="wells-2", format="f"))
    there.refuses(there.entry("ADMITTED", **said, document=digest), "This person did not start keeping")
    there.refuses(
        there.entry("ADMITTED", **said, document=digest, warrant="0" * 64), "This person did not start keeping"
    )
    kernel.take(there.entry("TURNED_AWAY", dataset="wells-2", error="E"))
    kernel.take(there.by("custodian", "KEEPING", dataset="wells-2", format="f"))
    there.judge.may_append(there.entry("ADMITTED", **said, document=digest))
    there.refuses(there.entry("ADMITTED", **said, document=digest, warrant="0" * 64), "must name a valid one")
    there.refuses(there.entry("DERIVED", **said, document=digest), "lacks its|No run has started")


def test_an_act_of_retention_is_signed_with_all_that_it_does(there: Court) -> None:
    kernel, board = there.town.kernel, there.town.people["board"]
    retention.define(kernel, board, "footage", days=30, words="as the bylaw says")
    made = RetentionAct(
        act="category", about="other", words="as it says", by=board.person.token, at=kernel.now().isoformat()
    )
    key = retention.key_of(kernel, "other")
    said = {"category": key, "days": 30, "access": "", "document": put(there, made, "board")}
    there.judge.may_append(there.by("board", "CATEGORY", **said))
    entry = there.by("board", "CATEGORY", **said)
    there.refuses({**entry, "days": 0}, "not signed")
    there.refuses(without(entry, "signature"), "That person must sign it")
    there.refuses(
        there.by("board", "CATEGORY", **{**said, "category": retention.key_of(kernel, "footage")}), "another act"
    )
    there.refuses(there.by("board", "TAGGED", **said), "another act")
    there.refuses(there.by("privacy-officer", "CATEGORY", **said), "by differs from the document's")


def test_a_hold_of_alarms_names_what_is_there_and_is_laid_and_lifted_by_whoever_may() -> None:
    there = court((TOY_WATCH,))
    set_head(there.town.kernel, furthest="")  # the story of a watch begins before the desk's own clock
    at = stood(town=there.town)
    (move,) = at.feed(wells([6.0, 6.5]))
    kernel, alarm = there.town.kernel, move.alarm
    hold = retention.hold(kernel, there.town.people["clerk"], alarm, words="a court asks for it")
    assert there.judge.kernel.state.alarms.held() == {alarm}

    def act(kind: str, about: str = alarm, short: str = "clerk", **said: str) -> dict[str, Any]:
        """An act of now, signed: of a new hold on this alarm where nothing else is said."""
        by = there.town.people[short].person.token
        told = {"act": kind.lower(), "about": about, "words": "as it says", "by": by, "at": kernel.now().isoformat()}
        fields = {"alarms": about, "hold": "h-1", **({"why": "legal"} if kind == "HELD" else {}), **said}
        return there.by(short, kind, **fields, document=put(there, RetentionAct(**told), short))

    there.judge.may_append(act("HELD"))
    there.judge.may_append(act("HELD", at.permit.case))
    there.judge.may_append(act("RELEASED", hold=hold))
    for short in ("analyst", "commander", "dispatcher", "custodian"):
        there.refuses(act("HELD", short=short), "Your role cannot")
        there.refuses(act("RELEASED", short=short, hold=hold), "Your role cannot")
    there.refuses(act("HELD", "a-0000000000"), "The dataset, alarm or watch is unknown")
    there.refuses(act("HELD", alarms=at.permit.case), "another act")
    there.refuses(act("HELD", dataset=alarm), "another act")
    there.refuses(without(act("HELD"), "signature"), "That person must sign it")
    there.refuses({**act("HELD"), "alarms": at.permit.case}, "another act|not signed")
    there.refuses({**act("HELD"), "why": "case"}, "not signed")
    there.refuses(act("HELD", hold=hold), "hold still in place")
    there.refuses(act("HELD", why="mine"), "unknown hold|no such hold")
    there.refuses(act("RELEASED"), "unknown hold|no such hold")
    there.refuses(act("RELEASED", at.permit.case, hold=hold), "unknown hold|no such hold")
    there.refuses(act("QUEUED"), "held and released")
    there.refuses(act("TAGGED", categories="ab"), "held and released")
    there.refuses(there.by("custodian", "KEEPING", dataset=alarm, format="toy-wells"), "name already taken")
    there.refuses(there.by("custodian", "KEEPING", dataset=at.permit.case, format="toy-wells"), "name already taken")
    named_as_data = without(act("HELD"), "alarms", "signature") | {"dataset": alarm}
    named_as_data["t"] = there.entry("X")["t"]
    there.refuses(dict(signed_entry(kernel, there.town.people["clerk"], named_as_data)), "another kind of object")


def test_a_record_is_signed_twice_and_by_whoever_makes_such_records(there: Court) -> None:
    kernel, auditor = there.town.kernel, there.town.people["auditor"]

    def record(kind: str, short: str, **other: Any) -> str:
        by = there.town.people[short]
        made = OfficeRecord(record=kind, body={}, by=by.person.token, at=kernel.now().isoformat(), **other)
        digest = office_records.record_digest(made)
        made = dataclasses.replace(made, signature=by.sign(digest.encode()).hex())
        kernel.stores.archive.put(digest, json.dumps(dataclasses.asdict(made)).encode())
        return digest

    assert office_records.keep(kernel, auditor, "privileges", {"outcomes": {}}, n=9)
    digest = record("privileges", "auditor")
    there.judge.may_append(there.by("auditor", "PRIVILEGES_REVIEWED", document=digest, n=9))
    there.refuses(
        there.entry("PRIVILEGES_REVIEWED", document=digest, by=auditor.person.token), "That person must sign it"
    )
    there.refuses(there.by("auditor", "DRILLED", document=digest), "another kind of document")
    there.refuses(there.by("board", "PRIVILEGES_REVIEWED", document=digest), "differs from the document's")
    there.refuses(there.by("auditor", "PRIVILEGES_REVIEWED", document=digest, case="c-1"), "does not belong to a case")
    there.refuses(there.by("clerk", "PRIVILEGES_REVIEWED", document=record("privileges", "clerk")), "Your role cannot")
    there.refuses(
        there.by("clerk", "PASSKEY_ENROLLED", document=record("passkey", "clerk"), credential="c"), "Only its owner"
    )
    there.refuses(there.by("auditor", "PRIVILEGES_REVIEWED", document="0" * 64), "archive")


@pytest.mark.parametrize(("kind", "record"), [("PLEDGED", "pledge"), ("SAMPLED", "sample"), ("REVIEWED", "review")])
def test_of_each_week_there_is_one_number_one_sample_and_one_review(there: Court, kind: str, record: str) -> None:
    """Also where two programs of the office keep one each at the same moment."""
    kernel, auditor = there.town.kernel, there.town.people["auditor"]
    office_records.keep(kernel, auditor, record, {"week": "2026-W10"}, week="2026-W10")

    def append(week: str, said: Any = None) -> dict[str, Any]:
        made = OfficeRecord(record=record, body={"week": week}, by=auditor.person.token, at=kernel.now().isoformat())
        digest = office_records.record_digest(made)
        made = dataclasses.replace(made, signature=auditor.sign(digest.encode()).hex())
        kernel.stores.archive.put(digest, json.dumps(dataclasses.asdict(made)).encode())
        return there.by("auditor", kind, document=digest, week=week if said is None else said)

    there.refuses(append("2026-W10"), "Already done for that week")
    for other in ("2026-W11", "x", 10):
        there.refuses(append("2026-W10", other), "week differs from the document's")
    there.judge.may_append(append("2026-W11"))


def test_a_provisional_warrant_alone_is_refused_by_a_court(there: Court) -> None:
    kernel, officer = there.town.kernel, there.town.people["privacy-officer"].person
    digest = next(
        digest
        for digest, authorization in kernel.state.authorizations.items()
        if authorization.kind is AuthorizationKind.COUNCIL_APPROVAL
    )
    made = Refusal(warrant=digest, words="it was refused", by=officer.token, at=kernel.now().isoformat())
    said = {"before": digest, "by": officer.token, "document": put(there, made, "privacy-officer")}
    there.refuses(there.entry("WARRANT_REFUSED", **said), "no valid provisional warrant")
