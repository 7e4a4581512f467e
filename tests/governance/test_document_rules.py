"""An entry says what its document says; a document is logged once, while it is new, and by whoever may."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest
from judged import Court, court, without
from toy import COUNT, TOY
from toy_watch import TOY_WATCH, wells
from watched import stood

from peelian.governance import acts, flow, proposals, records, retention, step_up
from peelian.governance.access_classes import allow
from peelian.governance.capability import Paper
from peelian.governance.documents import (
    Approval,
    Decision,
    Enrolment,
    Refusal,
    Request,
    RetentionAct,
    mark_of,
    to_bytes,
)
from peelian.governance.house import log_word, signed
from peelian.governance.proofs import pass_of
from peelian.governance.records import OfficeRecord
from peelian.governance.sessions import Sessions, stepped_up
from peelian.governance.signed_entries import signed_entry
from peelian.governance.step_up import pass_text


@pytest.fixture
def there() -> Court:
    made = court((TOY,))
    made.town.papers(COUNT)
    return made


def put(there: Court, document: Any, short: str = "") -> str:
    """The mark of a document, signed by a person and kept in the archive."""
    document = signed(document, there.town.people[short].sign) if short else document
    mark = mark_of(document)
    there.town.house.archive.put(mark, to_bytes(document))
    return mark


def last(there: Court, kind: str) -> dict[str, Any]:
    """The newest entry of a kind."""
    return dict([entry for _, entry in there.town.house.log.read() if entry["kind"] == kind][-1])


def test_a_whole_use_is_found_right_and_no_entry_of_it_twice(there: Court) -> None:
    house, people = there.town.house, there.town.people
    evidence, _ = flow.run(house, people["analyst"], there.town.ask(COUNT))
    words = {"reasons": "it fits the area", "other_evidence": "the records of the works"}
    decision = flow.decide(house, people["commander"], evidence, choice="accept", **words)
    flow.publish(house, people["clerk"], decision, statement="wells were counted")
    assert there.town.kinds()[-1] == "PUBLISHED"
    for entry in [dict(entry) for _, entry in house.log.read() if "mark" in entry]:
        there.refuses(
            {**entry, "t": there.entry("X")["t"]}, "already|once|follows|no run|nothing else|began|by itself|founding"
        )


def test_what_was_taken_back_does_not_come_back_by_its_old_document(there: Court) -> None:
    """A revoked paper, roles that somebody had before, and bylaws of last year are all still in the archive."""
    house, people = there.town.house, there.town.people
    issued = last(there, "ISSUED")
    issuer = next(who for who in people.values() if who.person.token == issued["by"])
    acts.revoke(house, issuer, house.book.papers[issued["mark"]])
    there.refuses({**issued, "t": there.entry("X")["t"]}, "stands in the log already")
    enrolled = last(there, "ENROLLED")
    there.refuses({**enrolled, "t": there.entry("X")["t"]}, "stands in the log already")


def test_what_was_signed_is_not_kept_back_for_later(there: Court) -> None:
    analyst = there.town.people["analyst"].person
    asked = Request(
        case="c-0000000000", capability=COUNT.id, purpose="operations", params={"deepest": 30}, datasets={},
        by=analyst.token, unit=analyst.unit, at=there.town.house.now().isoformat(),
    )  # fmt: skip
    said = {
        "case": asked.case, "capability": COUNT.id, "purpose": "unknown", "by": analyst.token, "unit": "unit-analyst",
        "mark": put(there, asked, "analyst"),
    }  # fmt: skip
    said["purpose"] = asked.purpose if asked.purpose in set(COUNT.purposes) else "unknown"
    there.judge.may_append(there.entry("ASKED", **said))
    there.town.clock.now += timedelta(minutes=11)
    there.refuses(there.entry("ASKED", **said), "not made just now")
    there.town.clock.now -= timedelta(minutes=12)
    there.refuses(there.entry("ASKED", **said), "not made just now")


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
        unit=analyst.unit, at=there.town.house.now().isoformat(),
    )  # fmt: skip
    said = {
        "case": asked.case, "capability": COUNT.id, "purpose": "proof", "by": analyst.token, "unit": "unit-analyst",
        "mark": put(there, asked, "analyst"),
    }  # fmt: skip
    there.judge.may_append(there.entry("ASKED", **said))
    there.refuses(there.entry("ASKED", **{**said, field: value}), f"{field} is not the document's")
    if field in said:
        there.refuses(without(there.entry("ASKED", **said), field), f"does not say its document's {field}")


def test_nobody_signs_for_another_unit_than_their_own(there: Court) -> None:
    """Another unit decides: so whoever asks, decides, proposes or approves does not choose theirs."""
    house, people = there.town.house, there.town.people
    evidence, _ = flow.run(house, people["analyst"], there.town.ask(COUNT))
    commander = people["commander"].person
    decision = Decision(
        case=evidence.case, before=mark_of(evidence), choice="accept", reasons="a b c", other_evidence="d e f",
        by=commander.token, unit="somewhere", at=house.now().isoformat(),
    )  # fmt: skip
    said = {"case": decision.case, "before": decision.before, "by": decision.by, "choice": "accept"}
    mark = put(there, decision, "commander")
    there.refuses(there.entry("DECIDED", **said, unit="somewhere", mark=mark), "another unit than its person's")


def test_whoever_may_not_use_what_a_case_read_decides_nothing_about_it(there: Court) -> None:
    house, people = there.town.house, there.town.people
    evidence, _ = flow.run(house, people["analyst"], there.town.ask(COUNT))
    (dataset,) = house.book.datasets
    retention.define(house, people["board"], "informant", days=90, access="confidential", words="as the bylaw says")
    retention.tag(house, people["clerk"], dataset, ("informant",), words="an informant is in it")
    commander = people["commander"].person
    decision = Decision(
        case=evidence.case, before=mark_of(evidence), choice="accept", reasons="a b c", other_evidence="d e f",
        by=commander.token, unit=commander.unit, at=house.now().isoformat(),
    )  # fmt: skip
    said = {"case": decision.case, "before": decision.before, "by": decision.by, "choice": "accept"}
    wished = {**said, "unit": log_word(commander.unit), "mark": put(there, decision, "commander")}
    there.refuses(there.entry("DECIDED", **wished), "confidential")
    allow(house, people["privacy-officer"], dataset, commander.token)
    there.judge.may_append(there.entry("DECIDED", **wished))


def test_an_approval_counts_a_fresh_step_up_where_it_is_made_and_nowhere_else(there: Court) -> None:
    house, board = there.town.house, there.town.people["board"]
    proposal = proposals.propose(house, there.town.people["custodian"], "rotate_keys", words="the yearly one is due")

    def approval(session: str = "") -> dict[str, Any]:
        made = Approval(before=proposal, by=board.person.token, unit=board.person.unit, at=house.now().isoformat())
        said = {"before": proposal, "act": "rotate_keys", "by": made.by, "unit": "unit-board"}
        more = {"session": session} if session else {}
        return there.entry("APPROVED", **said, **more, mark=put(there, made, "board"))

    def proof() -> dict[str, str | int]:
        at, nonce, hashed = house.now().isoformat(), f"{house.now().timestamp():064f}", "c" * 64
        return pass_of(nonce, hashed, at, board.sign(pass_text(house.public_key, nonce, hashed, at)).hex())

    there.refuses(approval(), "at the desk")
    _, seat = Sessions(house).begin(board.person, "key", proof=proof())
    there.judge.may_append(approval(seat.session))
    there.refuses(approval(), "at the desk")  # at the terminal nobody has stepped up
    there.town.clock.now += timedelta(minutes=6)
    there.refuses(approval(seat.session), "at the desk")
    stepped_up(house, seat, proof())
    there.judge.may_append(approval(seat.session))
    _, other = Sessions(house).begin(there.town.people["clerk"].person, "provider", proof=None)
    there.refuses(approval(other.session), "somebody else's")
    Sessions(house).end(seat, "off", board.person.token)
    there.refuses(approval(seat.session), "not open")  # proven a moment ago, in a session that was ended
    step_up.prove(house, board)
    there.refuses(approval(seat.session), "not open")
    there.judge.may_append(approval())
    there.refuses({**approval(), "act": "clock"}, "act is not the document's")
    proposals.approve(house, board, proposal)
    there.refuses(approval(), "approved already")


def test_an_enrolment_is_by_somebody_else_and_keeps_the_key(there: Court) -> None:
    house, custodian = there.town.house, there.town.people["custodian"].person

    def enrolment(**other: Any) -> dict[str, Any]:
        said: dict[str, Any] = {
            "person": "f" * 20, "name": "n", "unit": "it", "roles": ("clerk",), "public_key": "aa" * 32,
            "trained_until": "2027-01-01", "by": custodian.token, "at": house.now().isoformat(),
        }  # fmt: skip
        made = Enrolment(**{**said, **other})
        mark = put(there, made, "custodian")
        return there.entry("ENROLLED", person=made.person, unit=log_word(made.unit), by=made.by, mark=mark)

    there.judge.may_append(enrolment())
    there.refuses(enrolment(person=custodian.token, public_key=custodian.public_key), "nobody changes their own")
    clerk = there.town.people["clerk"].person
    there.refuses(enrolment(person=clerk.token), "with another key")
    there.judge.may_append(enrolment(person=clerk.token, public_key=clerk.public_key))
    there.refuses(enrolment(by="office"), "not signed")
    there.refuses(enrolment(unit=" "), "a unit that has no name")


def test_data_is_admitted_by_whoever_began_to_keep_it(there: Court) -> None:
    house = there.town.house
    dataset = COUNT.example().datasets["wells"]
    made = there.town.admit(dataset, COUNT.purposes, "wells")
    again = dataclasses.replace(made, dataset="wells-2", object="9" * 32, at=house.now().isoformat())
    mark = put(there, again, "custodian")
    said = {key: getattr(again, key) for key in ("dataset", "object", "shape", "digest", "rows", "by")}
    there.refuses(there.entry("ADMITTED", **said, mark=mark), "nobody of this name began")
    house.take(there.by("clerk", "KEEPING", dataset="wells-2", format="f"))
    there.refuses(there.entry("ADMITTED", **said, mark=mark), "nobody of this name began")
    there.refuses(there.entry("ADMITTED", **said, mark=mark, warrant="0" * 64), "nobody of this name began")
    house.take(there.entry("TURNED_AWAY", dataset="wells-2", error="E"))
    house.take(there.by("custodian", "KEEPING", dataset="wells-2", format="f"))
    there.judge.may_append(there.entry("ADMITTED", **said, mark=mark))
    there.refuses(there.entry("ADMITTED", **said, mark=mark, warrant="0" * 64), "names one in force")
    there.refuses(there.entry("DERIVED", **said, mark=mark), "does not say|no run began")


def test_an_act_of_retention_is_signed_with_all_that_it_does(there: Court) -> None:
    house, board = there.town.house, there.town.people["board"]
    retention.define(house, board, "footage", days=30, words="as the bylaw says")
    made = RetentionAct(
        act="category", about="other", words="as it says", by=board.person.token, at=house.now().isoformat()
    )
    key = retention.key_of(house, "other")
    said = {"category": key, "days": 30, "access": "", "mark": put(there, made, "board")}
    there.judge.may_append(there.by("board", "CATEGORY", **said))
    entry = there.by("board", "CATEGORY", **said)
    there.refuses({**entry, "days": 0}, "not signed")
    there.refuses(without(entry, "signature"), "the person signs it")
    there.refuses(
        there.by("board", "CATEGORY", **{**said, "category": retention.key_of(house, "footage")}), "another act"
    )
    there.refuses(there.by("board", "TAGGED", **said), "another act")
    there.refuses(there.by("privacy-officer", "CATEGORY", **said), "by is not the document's")


def test_a_hold_of_alarms_names_what_is_there_and_is_laid_and_lifted_by_whoever_may() -> None:
    there = court((TOY_WATCH,))
    there.judge.house.book.orders.furthest = ""  # the story of a watch begins before the desk's own clock
    at = stood(town=there.town)
    (move,) = at.feed(wells([6.0, 6.5]))
    house, alarm = there.town.house, move.alarm
    hold = retention.hold(house, there.town.people["clerk"], alarm, words="a court asks for it")
    assert there.judge.house.book.watching.held() == {alarm}

    def act(kind: str, about: str = alarm, short: str = "clerk", **said: str) -> dict[str, Any]:
        """An act of now, signed: of a new hold on this alarm where nothing else is said."""
        by = there.town.people[short].person.token
        told = {"act": kind.lower(), "about": about, "words": "as it says", "by": by, "at": house.now().isoformat()}
        fields = {"alarms": about, "hold": "h-1", **({"why": "legal"} if kind == "HELD" else {}), **said}
        return there.by(short, kind, **fields, mark=put(there, RetentionAct(**told), short))

    there.judge.may_append(act("HELD"))
    there.judge.may_append(act("HELD", at.permit.case))
    there.judge.may_append(act("RELEASED", hold=hold))
    for short in ("analyst", "commander", "dispatcher", "custodian"):
        there.refuses(act("HELD", short=short), "this role may not")
        there.refuses(act("RELEASED", short=short, hold=hold), "this role may not")
    there.refuses(act("HELD", "a-0000000000"), "no such dataset, alarm or watch")
    there.refuses(act("HELD", alarms=at.permit.case), "another act")
    there.refuses(act("HELD", dataset=alarm), "another act")
    there.refuses(without(act("HELD"), "signature"), "the person signs it")
    there.refuses({**act("HELD"), "alarms": at.permit.case}, "another act|not signed")
    there.refuses({**act("HELD"), "why": "case"}, "not signed")
    there.refuses(act("HELD", hold=hold), "it stands")
    there.refuses(act("HELD", why="mine"), "no such hold")
    there.refuses(act("RELEASED"), "no such hold")
    there.refuses(act("RELEASED", at.permit.case, hold=hold), "no such hold")
    there.refuses(act("QUEUED"), "held and released")
    there.refuses(act("TAGGED", categories="ab"), "held and released")
    there.refuses(there.by("custodian", "KEEPING", dataset=alarm, format="toy-wells"), "name already taken")
    there.refuses(there.by("custodian", "KEEPING", dataset=at.permit.case, format="toy-wells"), "name already taken")
    named_as_data = without(act("HELD"), "alarms", "signature") | {"dataset": alarm}
    named_as_data["t"] = there.entry("X")["t"]
    there.refuses(dict(signed_entry(house, there.town.people["clerk"], named_as_data)), "something else")


def test_a_record_is_signed_twice_and_by_whoever_makes_such_records(there: Court) -> None:
    house, auditor = there.town.house, there.town.people["auditor"]

    def record(kind: str, short: str, **other: Any) -> str:
        by = there.town.people[short]
        made = OfficeRecord(record=kind, body={}, by=by.person.token, at=house.now().isoformat(), **other)
        mark = records.record_mark(made)
        made = dataclasses.replace(made, signature=by.sign(mark.encode()).hex())
        house.archive.put(mark, json.dumps(dataclasses.asdict(made)).encode())
        return mark

    assert records.keep(house, auditor, "privileges", {"outcomes": {}}, n=9)
    mark = record("privileges", "auditor")
    there.judge.may_append(there.by("auditor", "PRIVILEGES_REVIEWED", mark=mark, n=9))
    there.refuses(there.entry("PRIVILEGES_REVIEWED", mark=mark, by=auditor.person.token), "the person signs it")
    there.refuses(there.by("auditor", "DRILLED", mark=mark), "something else")
    there.refuses(there.by("board", "PRIVILEGES_REVIEWED", mark=mark), "not the document's")
    there.refuses(there.by("auditor", "PRIVILEGES_REVIEWED", mark=mark, case="c-1"), "of no case")
    there.refuses(there.by("clerk", "PRIVILEGES_REVIEWED", mark=record("privileges", "clerk")), "this role may not")
    there.refuses(there.by("clerk", "PASSKEY_ENROLLED", mark=record("passkey", "clerk"), credential="c"), "whose it is")
    there.refuses(there.by("auditor", "PRIVILEGES_REVIEWED", mark="0" * 64), "archive")


@pytest.mark.parametrize(("kind", "record"), [("PLEDGED", "pledge"), ("SAMPLED", "sample"), ("REVIEWED", "review")])
def test_of_each_week_there_is_one_number_one_sample_and_one_review(there: Court, kind: str, record: str) -> None:
    """Also where two programs of the office keep one each at the same moment."""
    house, auditor = there.town.house, there.town.people["auditor"]
    records.keep(house, auditor, record, {"week": "2026-W10"}, week="2026-W10")

    def wish(week: str, said: Any = None) -> dict[str, Any]:
        made = OfficeRecord(record=record, body={"week": week}, by=auditor.person.token, at=house.now().isoformat())
        mark = records.record_mark(made)
        made = dataclasses.replace(made, signature=auditor.sign(mark.encode()).hex())
        house.archive.put(mark, json.dumps(dataclasses.asdict(made)).encode())
        return there.by("auditor", kind, mark=mark, week=week if said is None else said)

    there.refuses(wish("2026-W10"), "done for that week already")
    for other in ("2026-W11", "x", 10):
        there.refuses(wish("2026-W10", other), "week is not the document's")
    there.judge.may_append(wish("2026-W11"))


def test_a_provisional_warrant_alone_is_refused_by_a_court(there: Court) -> None:
    house, officer = there.town.house, there.town.people["privacy-officer"].person
    mark = next(mark for mark, paper in house.book.papers.items() if paper.paper is Paper.COUNCIL_APPROVAL)
    made = Refusal(warrant=mark, words="it was refused", by=officer.token, at=house.now().isoformat())
    said = {"before": mark, "by": officer.token, "mark": put(there, made, "privacy-officer")}
    there.refuses(there.entry("WARRANT_REFUSED", **said), "no provisional warrant")
