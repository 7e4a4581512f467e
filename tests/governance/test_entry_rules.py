"""Every kind of entry has a rule, and each rule refuses what a program without keys would like to say."""

from __future__ import annotations

import ast
import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from desk import desk
from judged import Court, away, court, without
from kinds import kinds_in, kinds_of_the_product
from toy import COUNT, TOY

from peelian.errors import OutOfOrder, PeelianError
from peelian.governance import (
    access_classes,
    acts,
    bulk,
    document_rules,
    entry_rules,
    exporting,
    flow,
    passkeys,
    proposals,
    records,
    revocation,
    step_up,
)
from peelian.governance.book import Book
from peelian.governance.documents import mark_of
from peelian.governance.filed import RECORDS
from peelian.governance.house import opened
from peelian.governance.proofs import pass_of
from peelian.governance.records import Seen, note_access
from peelian.governance.sessions import Sessions
from peelian.governance.signed_entries import signed_entry
from peelian.governance.step_up import pass_text

PERSONS = (
    "SUSPENDED RESUMED RETIRED FORGOTTEN ALLOWED DISALLOWED ROTATING ROTATED SEALED KEY_DESTROYED CARRIED_OUT "
    "BULK_BEGUN BULK_EXPORTED BULK_UNDONE BACKED_UP BROKER_WRITTEN LISTENING WINDOW_LOST WEEK_CLOSED"
)


@pytest.fixture
def there() -> Court:
    made = court((TOY,))
    made.town.papers(COUNT)
    return made


def test_every_kind_that_the_product_makes_has_a_rule_and_no_rule_is_of_none() -> None:
    """Fails where a new kind is made: give it a rule, or say why it needs none, in one of the two tables."""
    made = kinds_of_the_product()
    ruled = {*entry_rules.RULES, *document_rules.RULES, *RECORDS.values()}
    assert set(made) == ruled, {kind: place for kind, place in made.items() if kind not in ruled}
    assert set(RECORDS) == set(records.MAKERS)
    both = set(entry_rules.RULES) & {*document_rules.RULES, *RECORDS.values()}
    assert both == {"QUEUED"}, "by a person it names a document, by the office none"


def test_a_new_kind_is_noticed_however_it_is_spelled() -> None:
    made = """
house.append("NEW_ONE", x=1)
self.house.append("A" if x else "NEW_TWO")
acted(office.house, by, "NEW_THREE")
logged(house, document, kind="NEW_FOUR")
"""
    found = set(kinds_in(ast.parse(made.replace('"A"', '"NEW_A"'))))
    assert found == {"NEW_ONE", "NEW_A", "NEW_TWO", "NEW_THREE", "NEW_FOUR"}
    with pytest.raises(AssertionError, match="say in"):
        list(kinds_in(ast.parse("house.append(found[0])")))


def test_a_kind_nobody_ruled_and_a_field_nobody_foresaw_are_refused(there: Court) -> None:
    there.refuses(there.entry("NEW_ONE"), "no entry of this kind")
    there.refuses(there.entry("GATEWAY_CUT", connection="broker", why="gone", case="c-1"), "no such field")
    there.refuses(there.by("board", "SUSPENDED", technology="toy", dataset="wells"), "no such field")
    there.judge.may_append(there.entry("GATEWAY_CUT", connection="broker", why="gone"))


@pytest.mark.parametrize("kind", PERSONS.split())
def test_what_a_person_does_is_signed_by_them_and_not_by_the_office(there: Court, kind: str) -> None:
    rule = entry_rules.RULES[kind]
    words = dict.fromkeys(rule.fields - {"by", "session", "signature"}, "x")
    for by in ("office", there.town.people["board"].person.token, there.town.people["custodian"].person.token):
        there.refuses(there.entry(kind, by=by, **words), "the person signs it|nobody is enrolled")
    signed = there.by("dispatcher", kind, **words)
    if kind not in ("LISTENING", "WINDOW_LOST"):  # anybody's
        there.refuses(signed, "Your role cannot do this.")
    forged = {**signed, "by": there.town.people["board"].person.token}
    there.refuses(forged, "not signed by the person")


@pytest.mark.parametrize("kind", [kind for kind, rule in entry_rules.RULES.items() if rule.judged is entry_rules._own])
def test_what_whoever_holds_the_log_says_by_itself_nobody_tells_it(there: Court, kind: str) -> None:
    there.refuses(there.by("custodian", kind, entries=1), "by itself")
    there.refuses(there.entry(kind, by="office"), "by itself")


def test_a_whole_life_of_acts_is_found_right_entry_by_entry(there: Court) -> None:
    """Whatever the verbs append was judged by a second house first; what a rule refuses raises here."""
    town, house = there.town, there.town.house
    people = town.people
    case = flow.run(house, people["analyst"], town.ask(COUNT))[0].case
    acts.suspend(house, people["board"], "toy")
    acts.resume(house, people["board"], "toy")
    dataset = next(iter(house.book.datasets))
    access_classes.allow(house, people["privacy-officer"], dataset, people["clerk"].person.token)
    access_classes.allow(house, people["privacy-officer"], dataset, people["clerk"].person.token, may=False)
    step_up.prove(house, people["clerk"])
    exporting.exported(house, people["clerk"], case, "report", undecided=True)
    seen = Seen(dataset="records", subjects=["s" * 20], action="read", session="desk-7")
    note_access(house, people["clerk"], seen)
    records.hold(house, people["clerk"], "records", b"rows")
    leaver = people["dispatcher"].person.token
    revocation.retire(house, people["custodian"], leaver)
    revocation.forget(house, people["custodian"], leaver)
    paper = next(paper for paper in house.book.papers.values() if paper.paper == "council_approval")
    acts.revoke(house, people["council"], paper)
    assert {"SUSPENDED", "EXPORTED", "ACCESSED", "SEALED", "FORGOTTEN", "REVOKED"} <= set(town.kinds())


def test_an_act_of_two_people_is_done_once_by_the_one_who_signs(there: Court) -> None:
    house, people = there.town.house, there.town.people
    mark = proposals.propose(house, people["custodian"], "rotate_keys", words="the yearly rotation is due")
    there.refuses(there.by("custodian", "CARRIED_OUT", before=mark, act="rotate_keys"), "nobody of another unit")
    there.refuses(there.by("custodian", "ROTATED", before=mark), "does not say that keys are rotated")
    step_up.prove(house, people["board"])
    proposals.approve(house, people["board"], mark)
    there.refuses(there.by("custodian", "CARRIED_OUT", before=mark, act="bylaws"), "something else")
    there.refuses(there.entry("CARRIED_OUT", before=mark, act="rotate_keys", by="office"), "the person signs it")
    there.refuses(there.by("auditor", "CARRIED_OUT", before=mark, act="rotate_keys"), "this role may not")
    proposals.carry_out(house, people["custodian"], "rotate_keys", mark)
    there.refuses(there.by("custodian", "CARRIED_OUT", before=mark, act="rotate_keys"), "carried out already")


def test_a_bulk_export_begins_once_and_nobody_gives_its_approval_back_unsigned(there: Court) -> None:
    town, house, people = there.town, there.town.house, there.town.people
    evidence, _ = flow.run(house, people["analyst"], town.ask(COUNT))
    words = {"reasons": "it fits the area", "other_evidence": "the records of the works"}
    decision = flow.decide(house, people["commander"], evidence, choice="accept", **words)
    flow.publish(house, people["clerk"], decision)
    body = bulk.body_of((evidence.case,), "age1x")
    mark = proposals.propose(house, people["custodian"], "export", words="the archive asked for it", body=body)
    for short in ("board", "custodian"):
        step_up.prove(house, people[short])
    proposals.approve(house, people["board"], mark)
    begun = bulk.begin(house, people["custodian"], mark)
    there.refuses(there.by("custodian", "BULK_BEGUN", before=mark, cases=1, recipient="r"), "nobody carried")
    there.refuses(there.entry("BULK_UNDONE", before=mark, error="OSError"), "the person signs it")
    bulk.done(house, people["custodian"], begun, digest="d", size=1)
    there.refuses(there.by("custodian", "BULK_UNDONE", before=mark, error="OSError"), "No such export is in progress.")


def test_a_run_says_only_what_belongs_to_it(there: Court) -> None:
    town, house = there.town, there.town.house
    permit = town.ask(COUNT)
    what: dict[str, Any] = {"case": permit.case, "before": mark_of(permit)}
    for kind in ("FAILED", "WITHHELD"):
        there.refuses(there.entry(kind, **what), "no run of this case")
    there.refuses(there.entry("KEEPING", dataset="made-1", **what), "no run of this case")
    there.refuses(there.entry("REFUSED", **{**what, "case": "c-other"}, rules="r"), "no such use")
    there.refuses(there.entry("TURNED_AWAY", dataset="made-1", error="e"), "nothing of this name")
    there.refuses(there.entry("STARTED", **what, by=town.people["analyst"].person.token), "the person signs it")
    there.refuses(there.by("clerk", "STARTED", **what), "only the one who asked")
    house.take(there.by("analyst", "STARTED", **what))
    there.refuses(there.by("analyst", "STARTED", **what), "used up|already")
    there.refuses(there.entry("KEEPING", dataset="made-1", **what), "makes nothing")
    there.refuses(there.entry("KEEPING", dataset=next(iter(house.book.datasets)), **what), "name is taken")
    there.judge.may_append(there.entry("FAILED", **what, error="E"))
    there.refuses(there.entry("KEEPING", dataset="in-1", format="f", by="office"), "the person signs it")
    there.judge.may_append(there.by("clerk", "KEEPING", dataset="in-1", format="f"))
    there.refuses(there.entry("UNDELIVERED", **what, dataset="wells", error="E"), "nothing of this case was opened")


def test_what_leaves_and_what_is_looked_at_takes_a_fresh_step_up(there: Court) -> None:
    town, house, clerk = there.town, there.town.house, there.town.people["clerk"]
    case = town.ask(COUNT).case
    look = {"subject": "s", "unit": "unit-clerk", "dataset": "d", "action": "read", "outcome": "shown", "session": "t"}
    for entry in (there.by("clerk", "EXPORTED", what="map", case=case), there.by("clerk", "ACCESSED", **look)):
        there.refuses(entry, "at the desk")
    step_up.prove(house, clerk)
    there.judge.may_append(there.by("clerk", "EXPORTED", what="map", case=case))
    there.judge.may_append(there.by("clerk", "ACCESSED", **look))
    there.refuses(there.by("clerk", "EXPORTED", what="map", case="c-none"), "no case")
    there.refuses(there.by("clerk", "ACCESSED", **{**look, "unit": "it"}), "unit is not the person's")
    there.refuses(without(there.by("clerk", "ACCESSED", **look), "signature"), "the person signs it")
    town.clock.now += timedelta(minutes=6)
    there.refuses(there.by("clerk", "EXPORTED", what="map", case=case), "at the desk")


def test_a_session_that_proved_nothing_or_ended_stands_for_nobody(there: Court) -> None:
    town, house, clerk = there.town, there.town.house, there.town.people["clerk"]
    case = town.ask(COUNT).case
    sessions = Sessions(house)
    _, claimed = sessions.begin(clerk.person, "provider", proof=None)  # the pages' word alone
    said = {"what": "map", "case": case, "by": clerk.person.token, "session": claimed.session}
    there.refuses(there.entry("EXPORTED", **said), "nobody has proven")
    at, nonce, hashed = house.now().isoformat(), "n" * 64, "c" * 64
    proof = pass_of(nonce, hashed, at, clerk.sign(pass_text(house.public_key, nonce, hashed, at)).hex())
    _, seat = sessions.begin(clerk.person, "key", proof=proof)
    said["session"] = seat.session
    there.judge.may_append(there.entry("EXPORTED", **said))
    exporting.exported(house, away(clerk, seat.session), case, "map", undecided=True)
    there.refuses(there.entry("EXPORTED", **{**said, "by": town.people["board"].person.token}), "the person signs it")
    sessions.end(seat, "off", clerk.person.token)
    there.refuses(there.entry("EXPORTED", **said), "the person signs it")
    there.refuses(there.by("clerk", "EXPORTED", what="map", case=case, session=seat.session), "not open")


def test_sessions_are_ended_by_the_office_by_their_own_person_or_by_whoever_may(there: Court) -> None:
    house, clerk = there.town.house, there.town.people["clerk"].person
    _, seat = Sessions(house).begin(clerk, "provider", proof=None)
    ended: dict[str, Any] = {"session": seat.session}
    there.judge.may_append(there.entry("SESSION_ENDED", **ended, why="idle", by="office"))
    there.judge.may_append(there.entry("SESSION_ENDED", **ended, why="off", by=clerk.token))
    there.judge.may_append(there.by("custodian", "SESSION_ENDED", **ended))
    there.refuses(there.entry("SESSION_ENDED", **ended, why="mischief", by="office"), "no such session")
    custodian = there.town.people["custodian"].person.token
    there.refuses(there.entry("SESSION_ENDED", **ended, by=custodian), "the person signs it")
    there.refuses(there.by("analyst", "SESSION_ENDED", **ended), "this role may not")
    revocation.end_session(house, there.town.people["custodian"], seat.session)
    there.refuses(there.entry("SESSION_ENDED", **ended, why="idle", by="office"), "no such session")
    there.refuses(there.by("custodian", "SESSION_ENDED", **ended), "ended already")


def test_passkeys_are_enrolled_and_ended_by_their_own_person(there: Court) -> None:
    house, clerk = there.town.house, there.town.people["clerk"]
    step_up.prove(house, clerk)
    made = passkeys.NewPasskey(id="aWQ", public_key="cGs", counter=0)
    passkeys.enrol_passkey(house, clerk, made, place="localhost")
    credential = passkeys.digest_of("aWQ")
    there.refuses(there.entry("PASSKEY_ENDED", credential=credential, by=clerk.person.token), "the person signs it")
    there.refuses(there.by("analyst", "PASSKEY_ENDED", credential=credential), "this role may not")
    there.refuses(there.by("clerk", "PASSKEY_ENDED", credential="none"), "no such authenticator")
    passkeys.end_passkey(house, clerk, credential)


def test_a_paper_is_taken_back_by_its_issuer_or_for_a_check_that_was_missed(there: Court) -> None:
    house = there.town.house
    mark, paper = next((mark, one) for mark, one in house.book.papers.items() if one.paper == "accuracy_report")
    taken: dict[str, Any] = {"before": mark, "paper": "accuracy_report"}
    there.refuses(there.by("council", "REVOKED", **taken), "this role may not")
    there.refuses(there.entry("REVOKED", **taken, by="office"), "no check of this paper")
    analyst = there.town.people["analyst"]
    kept = records.keep(house, analyst, "drift", {"report": mark}, before=mark, holds=1)
    there.refuses(there.entry("REVOKED", **taken, by="office", because=kept), "no check of this paper")
    missed = records.keep(house, analyst, "drift", {"report": mark}, before=mark, holds=0)
    there.judge.may_append(there.entry("REVOKED", **taken, by="office", because=missed))
    acts.revoke(house, there.town.people["board"], paper)
    there.refuses(there.by("board", "REVOKED", **taken), "no such paper in force")


def test_signed_words_are_not_said_twice_and_not_after_the_registrar_began_anew(there: Court) -> None:
    house = there.town.house
    entry = there.by("board", "SUSPENDED", technology="toy")
    house.take(entry)
    there.refuses(entry, "stand in the log already")
    there.refuses({**entry, "signature": str(entry["signature"]).upper()}, "stand in the log already")
    anew = opened(dataclasses.replace(there.judge.house, book=Book()))
    with pytest.raises(OutOfOrder, match="already"):
        dataclasses.replace(there.judge, house=anew).may_append(entry)


def test_an_entry_of_another_office_is_signed_by_nobody(there: Court) -> None:
    other = desk((TOY,))
    entry = signed_entry(other.house, there.town.people["board"], there.by("board", "SUSPENDED", technology="toy"))
    with pytest.raises(PeelianError, match="not signed"):
        there.judge.may_append(without(entry) | {"signature": entry["signature"]})
