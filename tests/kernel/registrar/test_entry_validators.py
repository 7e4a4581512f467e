"""Every kind of entry has a rule, and each rule refuses what a program without keys would like to say."""

from __future__ import annotations

import ast
import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from desk import founded
from judged import Court, away, court, without
from kinds import kinds_in, kinds_of_the_product
from toy import COUNT, TOY

from peelian.errors import OutOfOrder, PeelianError
from peelian.kernel import verbs
from peelian.kernel.access import access_classes
from peelian.kernel.identity import dual_control, passkeys, revocation, step_up
from peelian.kernel.identity.session_binding import pass_of
from peelian.kernel.identity.sessions import Sessions
from peelian.kernel.identity.step_up import pass_text
from peelian.kernel.model.documents import digest_of
from peelian.kernel.policy.signed_entries import signed_entry
from peelian.kernel.records import office_records
from peelian.kernel.records.office_records import Seen, note_access
from peelian.kernel.registrar import document_validators, entry_validators
from peelian.kernel.state.record_index import RECORDS
from peelian.kernel.state.state import OfficeState
from peelian.kernel.verbs import authorizations, bulk_export, export

PERSONS = (
    "SUSPENDED RESUMED RETIRED FORGOTTEN ALLOWED DISALLOWED ROTATING ROTATED SEALED KEY_DESTROYED CARRIED_OUT "
    "BULK_BEGUN BULK_EXPORTED BULK_UNDONE BACKED_UP BROKER_WRITTEN LISTENING WINDOW_LOST WEEK_CLOSED"
)


@pytest.fixture
def there() -> Court:
    made = court((TOY,))
    made.town.authorizations(COUNT)
    return made


def test_every_kind_that_the_product_makes_has_a_rule_and_no_rule_is_of_none() -> None:
    """Fails where a new kind is made: give it a rule, or say why it needs none, in one of the two tables."""
    made = kinds_of_the_product()
    ruled = {*entry_validators.RULES, *document_validators.RULES, *RECORDS.values()}
    assert set(made) == ruled, {kind: place for kind, place in made.items() if kind not in ruled}
    assert set(RECORDS) == set(office_records.MAKERS)
    both = set(entry_validators.RULES) & {*document_validators.RULES, *RECORDS.values()}
    assert both == {"QUEUED"}, "by a person it names a document, by the office none"


def test_a_new_kind_is_noticed_however_it_is_spelled() -> None:
    made = """
kernel.append("NEW_ONE", x=1)
self.kernel.append("A" if x else "NEW_TWO")
acted(office.kernel, by, "NEW_THREE")
logged(kernel, document, kind="NEW_FOUR")
"""
    found = set(kinds_in(ast.parse(made.replace('"A"', '"NEW_A"'))))
    assert found == {"NEW_ONE", "NEW_A", "NEW_TWO", "NEW_THREE", "NEW_FOUR"}
    with pytest.raises(AssertionError, match="say in"):
        list(kinds_in(ast.parse("kernel.append(found[0])")))


def test_a_kind_nobody_ruled_and_a_field_nobody_foresaw_are_refused(there: Court) -> None:
    there.refuses(there.entry("NEW_ONE"), "no such kind of entry")
    there.refuses(there.entry("GATEWAY_CUT", connection="broker", why="gone", case="c-1"), "no such field")
    there.refuses(there.by("board", "SUSPENDED", technology="toy", dataset="wells"), "no such field")
    there.judge.may_append(there.entry("GATEWAY_CUT", connection="broker", why="gone"))


def test_an_office_in_use_is_not_marked_as_a_demonstration(there: Court) -> None:
    there.refuses(there.entry("DEMONSTRATION"), "cannot become a demonstration")


@pytest.mark.parametrize("kind", PERSONS.split())
def test_what_a_person_does_is_signed_by_them_and_not_by_the_office(there: Court, kind: str) -> None:
    rule = entry_validators.RULES[kind]
    words = dict.fromkeys(rule.fields - {"by", "session", "signature"}, "x")
    for by in ("office", there.town.people["board"].person.token, there.town.people["custodian"].person.token):
        there.refuses(there.entry(kind, by=by, **words), "That person must sign it|no person with this short name")
    signed = there.by("dispatcher", kind, **words)
    if kind not in ("LISTENING", "WINDOW_LOST"):  # anybody's
        there.refuses(signed, "Your role cannot do this.")
    forged = {**signed, "by": there.town.people["board"].person.token}
    there.refuses(forged, "not signed by the person")


@pytest.mark.parametrize(
    "kind", [kind for kind, rule in entry_validators.RULES.items() if rule.judged is entry_validators._own]
)
def test_what_whoever_holds_the_log_says_by_itself_nobody_tells_it(there: Court, kind: str) -> None:
    there.refuses(there.by("custodian", kind, entries=1), "Only the holder of the log")
    there.refuses(there.entry(kind, by="office"), "Only the holder of the log")


def test_a_whole_life_of_acts_is_found_right_entry_by_entry(there: Court) -> None:
    """Whatever the verbs append was judged by a second kernel first; what a rule refuses raises here."""
    town, kernel = there.town, there.town.kernel
    people = town.people
    case = verbs.run(kernel, people["analyst"], town.ask(COUNT))[0].case
    authorizations.suspend(kernel, people["board"], "toy")
    authorizations.resume(kernel, people["board"], "toy")
    dataset = next(iter(kernel.state.datasets))
    access_classes.allow(kernel, people["privacy-officer"], dataset, people["clerk"].person.token)
    access_classes.allow(kernel, people["privacy-officer"], dataset, people["clerk"].person.token, may=False)
    step_up.prove(kernel, people["clerk"])
    export.exported(kernel, people["clerk"], case, "report", undecided=True)
    seen = Seen(dataset="records", subjects=["s" * 20], action="read", session="desk-7")
    note_access(kernel, people["clerk"], seen)
    office_records.hold(kernel, people["clerk"], "records", b"rows")
    leaver = people["dispatcher"].person.token
    revocation.retire(kernel, people["custodian"], leaver)
    revocation.forget(kernel, people["custodian"], leaver)
    authorization = next(
        authorization
        for authorization in kernel.state.authorizations.values()
        if authorization.kind == "council_approval"
    )
    authorizations.revoke(kernel, people["council"], authorization)
    assert {"SUSPENDED", "EXPORTED", "ACCESSED", "SEALED", "FORGOTTEN", "REVOKED"} <= set(town.kinds())


def test_an_act_of_two_people_is_done_once_by_the_one_who_signs(there: Court) -> None:
    kernel, people = there.town.kernel, there.town.people
    digest = dual_control.propose(kernel, people["custodian"], "rotate_keys", words="the yearly rotation is due")
    there.refuses(
        there.by("custodian", "CARRIED_OUT", before=digest, act="rotate_keys"),
        "Not approved. Ask someone in another unit",
    )
    there.refuses(there.by("custodian", "ROTATED", before=digest), "No key rotation is logged")
    step_up.prove(kernel, people["board"])
    dual_control.approve(kernel, people["board"], digest)
    there.refuses(there.by("custodian", "CARRIED_OUT", before=digest, act="bylaws"), "for another action")
    there.refuses(there.entry("CARRIED_OUT", before=digest, act="rotate_keys", by="office"), "That person must sign it")
    there.refuses(there.by("auditor", "CARRIED_OUT", before=digest, act="rotate_keys"), "Your role cannot")
    dual_control.carry_out(kernel, people["custodian"], "rotate_keys", digest)
    there.refuses(there.by("custodian", "CARRIED_OUT", before=digest, act="rotate_keys"), "Already carried out")


def test_a_bulk_export_begins_once_and_nobody_gives_its_approval_back_unsigned(there: Court) -> None:
    town, kernel, people = there.town, there.town.kernel, there.town.people
    evidence, _ = verbs.run(kernel, people["analyst"], town.ask(COUNT))
    words = {"reasons": "it fits the area", "other_evidence": "the records of the works"}
    decision = verbs.decide(kernel, people["commander"], evidence, choice="accept", **words)
    verbs.publish(kernel, people["clerk"], decision)
    body = bulk_export.body_of((evidence.case,), "age1x")
    digest = dual_control.propose(kernel, people["custodian"], "export", words="the archive asked for it", body=body)
    for short in ("board", "custodian"):
        step_up.prove(kernel, people[short])
    dual_control.approve(kernel, people["board"], digest)
    begun = bulk_export.begin(kernel, people["custodian"], digest)
    there.refuses(
        there.by("custodian", "BULK_BEGUN", before=digest, cases=1, recipient="r"), "no such export was carried out"
    )
    there.refuses(there.entry("BULK_UNDONE", before=digest, error="OSError"), "That person must sign it")
    bulk_export.done(kernel, people["custodian"], begun, digest="d", size=1)
    there.refuses(
        there.by("custodian", "BULK_UNDONE", before=digest, error="OSError"), "No such export is in progress."
    )


def test_a_run_says_only_what_belongs_to_it(there: Court) -> None:
    town, kernel = there.town, there.town.kernel
    permit = town.ask(COUNT)
    what: dict[str, Any] = {"case": permit.case, "before": digest_of(permit)}
    for kind in ("FAILED", "WITHHELD"):
        there.refuses(there.entry(kind, **what), "no run in progress")
    there.refuses(there.entry("KEEPING", dataset="made-1", **what), "no run in progress")
    there.refuses(there.entry("REFUSED", **{**what, "case": "c-other"}, rules="r"), "No such use")
    there.refuses(there.entry("TURNED_AWAY", dataset="made-1", error="e"), "No custody of this object")
    there.refuses(there.entry("STARTED", **what, by=town.people["analyst"].person.token), "That person must sign it")
    there.refuses(there.by("clerk", "STARTED", **what), "Only the requester")
    kernel.take(there.by("analyst", "STARTED", **what))
    there.refuses(there.by("analyst", "STARTED", **what), "used up|already")
    there.refuses(there.entry("KEEPING", dataset="made-1", **what), "make no objects")
    there.refuses(there.entry("KEEPING", dataset=next(iter(kernel.state.datasets)), **what), "name already taken")
    there.judge.may_append(there.entry("FAILED", **what, error="E"))
    there.refuses(there.entry("KEEPING", dataset="in-1", format="f", by="office"), "That person must sign it")
    there.judge.may_append(there.by("clerk", "KEEPING", dataset="in-1", format="f"))
    there.refuses(there.entry("UNDELIVERED", **what, dataset="wells", error="E"), "Nothing of this case was opened")


def test_what_leaves_and_what_is_looked_at_takes_a_fresh_step_up(there: Court) -> None:
    town, kernel, clerk = there.town, there.town.kernel, there.town.people["clerk"]
    case = town.ask(COUNT).case
    look = {"subject": "s", "unit": "unit-clerk", "dataset": "d", "action": "read", "outcome": "shown", "session": "t"}
    for entry in (there.by("clerk", "EXPORTED", what="map", case=case), there.by("clerk", "ACCESSED", **look)):
        there.refuses(entry, "Identity not confirmed")
    step_up.prove(kernel, clerk)
    there.judge.may_append(there.by("clerk", "EXPORTED", what="map", case=case))
    there.judge.may_append(there.by("clerk", "ACCESSED", **look))
    there.refuses(there.by("clerk", "EXPORTED", what="map", case="c-none"), "no case")
    there.refuses(there.by("clerk", "ACCESSED", **{**look, "unit": "it"}), "unit differs from the person's")
    there.refuses(without(there.by("clerk", "ACCESSED", **look), "signature"), "That person must sign it")
    town.clock.now += timedelta(minutes=6)
    there.refuses(there.by("clerk", "EXPORTED", what="map", case=case), "Identity not confirmed")


def test_a_session_that_proved_nothing_or_ended_stands_for_nobody(there: Court) -> None:
    town, kernel, clerk = there.town, there.town.kernel, there.town.people["clerk"]
    case = town.ask(COUNT).case
    sessions = Sessions(kernel)
    _, claimed = sessions.begin(clerk.person, "provider", proof=None)  # the pages' word alone
    said = {"what": "map", "case": case, "by": clerk.person.token, "session": claimed.session}
    there.refuses(there.entry("EXPORTED", **said), "dentity (not confirmed|of the person starting)")
    at, nonce, hashed = kernel.now().isoformat(), "n" * 64, "c" * 64
    proof = pass_of(nonce, hashed, at, clerk.sign(pass_text(kernel.office.public_key, nonce, hashed, at)).hex())
    _, seat = sessions.begin(clerk.person, "key", proof=proof)
    said["session"] = seat.session
    there.judge.may_append(there.entry("EXPORTED", **said))
    export.exported(kernel, away(clerk, seat.session), case, "map", undecided=True)
    there.refuses(
        there.entry("EXPORTED", **{**said, "by": town.people["board"].person.token}), "That person must sign it"
    )
    sessions.end(seat, "off", clerk.person.token)
    there.refuses(there.entry("EXPORTED", **said), "That person must sign it")
    there.refuses(there.by("clerk", "EXPORTED", what="map", case=case, session=seat.session), "not open")


def test_sessions_are_ended_by_the_office_by_their_own_person_or_by_whoever_may(there: Court) -> None:
    kernel, clerk = there.town.kernel, there.town.people["clerk"].person
    _, seat = Sessions(kernel).begin(clerk, "provider", proof=None)
    ended: dict[str, Any] = {"session": seat.session}
    there.judge.may_append(there.entry("SESSION_ENDED", **ended, why="idle", by="office"))
    there.judge.may_append(there.entry("SESSION_ENDED", **ended, why="off", by=clerk.token))
    there.judge.may_append(there.by("custodian", "SESSION_ENDED", **ended))
    there.refuses(there.entry("SESSION_ENDED", **ended, why="mischief", by="office"), "unknown or ended session")
    custodian = there.town.people["custodian"].person.token
    there.refuses(there.entry("SESSION_ENDED", **ended, by=custodian), "That person must sign it")
    there.refuses(there.by("analyst", "SESSION_ENDED", **ended), "Your role cannot")
    revocation.end_session(kernel, there.town.people["custodian"], seat.session)
    there.refuses(there.entry("SESSION_ENDED", **ended, why="idle", by="office"), "unknown or ended session")
    there.refuses(there.by("custodian", "SESSION_ENDED", **ended), "already ended")


def test_passkeys_are_enrolled_and_ended_by_their_own_person(there: Court) -> None:
    kernel, clerk = there.town.kernel, there.town.people["clerk"]
    step_up.prove(kernel, clerk)
    made = passkeys.NewPasskey(id="aWQ", public_key="cGs", counter=0)
    passkeys.enrol_passkey(kernel, clerk, made, place="localhost")
    credential = passkeys.digest_of("aWQ")
    there.refuses(
        there.entry("PASSKEY_ENDED", credential=credential, by=clerk.person.token), "That person must sign it"
    )
    there.refuses(there.by("analyst", "PASSKEY_ENDED", credential=credential), "Your role cannot")
    there.refuses(there.by("clerk", "PASSKEY_ENDED", credential="none"), "unknown authenticator")
    passkeys.end_passkey(kernel, clerk, credential)


def test_a_authorization_is_taken_back_by_its_issuer_or_for_a_check_that_was_missed(there: Court) -> None:
    kernel = there.town.kernel
    digest, authorization = next(
        (digest, one) for digest, one in kernel.state.authorizations.items() if one.kind == "accuracy_report"
    )
    taken: dict[str, Any] = {"before": digest, "authorization": "accuracy_report"}
    there.refuses(there.by("council", "REVOKED", **taken), "Your role cannot")
    there.refuses(there.entry("REVOKED", **taken, by="office"), "No check of this report")
    analyst = there.town.people["analyst"]
    kept = office_records.keep(kernel, analyst, "drift", {"report": digest}, before=digest, holds=1)
    there.refuses(there.entry("REVOKED", **taken, by="office", because=kept), "No check of this report")
    missed = office_records.keep(kernel, analyst, "drift", {"report": digest}, before=digest, holds=0)
    there.judge.may_append(there.entry("REVOKED", **taken, by="office", because=missed))
    authorizations.revoke(kernel, there.town.people["board"], authorization)
    there.refuses(there.by("board", "REVOKED", **taken), "no such valid authorization")


def test_signed_words_are_not_said_twice_and_not_after_the_registrar_began_anew(there: Court) -> None:
    kernel = there.town.kernel
    entry = there.by("board", "SUSPENDED", technology="toy")
    kernel.take(entry)
    there.refuses(entry, "already in the log")
    there.refuses({**entry, "signature": str(entry["signature"]).upper()}, "already in the log")
    anew = dataclasses.replace(there.judge.kernel, state=OfficeState())
    with pytest.raises(OutOfOrder, match="already"):
        dataclasses.replace(there.judge, kernel=anew).may_append(entry)


def test_an_entry_of_another_office_is_signed_by_nobody(there: Court) -> None:
    other = founded((TOY,))
    entry = signed_entry(other.kernel, there.town.people["board"], there.by("board", "SUSPENDED", technology="toy"))
    with pytest.raises(PeelianError, match="not signed"):
        there.judge.may_append(without(entry) | {"signature": entry["signature"]})
