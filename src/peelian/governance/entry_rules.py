"""For every kind of entry that names no document: which fields it may have, and what must hold before it is appended.

Three sorts. What a person does, they sign (or do in a session they have proven), in a role that the policy knows. What
a run, a watch or the daily job does belongs to a permit or is due by the log. And a short list tells what happened to
the program: it gives nobody anything, and names no case, no dataset and no warrant. A kind without a rule is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from peelian.errors import OutOfOrder, Refused
from peelian.governance import openings
from peelian.governance.access_classes import found_as, held_too_close, why_not_see
from peelian.governance.capability import Paper, Role
from peelian.governance.custody import KEEPERS
from peelian.governance.delivery import was_opened
from peelian.governance.destruction_rules import (
    may_be_collected,
    may_be_destroyed,
    may_be_drawn,
    may_be_erased,
    may_be_paid,
    may_be_queued,
    may_be_said_of_shelves,
    may_be_shredded,
    may_shred_a_shelf,
)
from peelian.governance.enrolling import must_not_be_the_last
from peelian.governance.exporting import EXPORTERS
from peelian.governance.flow import ADMITTERS
from peelian.governance.house import log_word
from peelian.governance.noise import DRAWN, SPENT
from peelian.governance.policy import ISSUERS
from peelian.governance.proofs import the_proof_holds, the_session_may_begin
from peelian.governance.proposals import PROPOSERS, agreed
from peelian.governance.records import ACTIONS, OUTCOMES, READERS
from peelian.governance.revocation import CLOSERS, FORGETTERS
from peelian.governance.sensor_register import REGISTRARS
from peelian.governance.sessions import ENDINGS
from peelian.governance.signed_entries import actor_of, must_be_permitted, signer_of
from peelian.governance.watch import watch_named
from peelian.governance.wishes import ENVELOPE, Wish, entries_with, must

BOARD, CUSTODIAN = frozenset({Role.BOARD}), frozenset({Role.CUSTODIAN})
EVERYBODY = frozenset(Role)
_PIECE = re.compile(r"_[0-9]{1,2}$")
Judged = Callable[[Wish], object]


@dataclass(frozen=True, slots=True)
class Rule:
    """The fields an entry of a kind may have besides version, time and kind; and what must hold."""

    fields: frozenset[str]
    judged: Judged


def must_hold_its_rule(wish: Wish) -> None:
    """OutOfOrder or Refused unless an entry that names no document may stand in the log now."""
    rule = RULES.get(wish.kind)
    if rule is None:
        raise OutOfOrder("The log has no such kind of entry, or this kind belongs to a document.")
    known = rule.fields | ({"again"} if "signature" in rule.fields else set())
    if rule.judged is not _own and any(_PIECE.sub("", key) not in known for key in wish.entry.keys() - ENVELOPE):
        raise OutOfOrder("This kind of entry has no such field.")
    rule.judged(wish)


def rule(fields: str, judged: Judged) -> Rule:
    """A rule; a field may come in numbered pieces ("client_0", "client_1")."""
    return Rule(frozenset(fields.split()), judged)


def by_person(fields: str, roles: Collection[Role], named: str, *also: Judged, action: str = "deed") -> Rule:
    """What a person signs, in one of these roles; the policy refuses it under `named`."""

    def judged(wish: Wish) -> None:
        wish.signed(roles, named, action=action)
        for one in also:
            one(wish)

    return rule(f"{fields} by session signature", judged)


# Runs, and what is opened for whom.


def _start(wish: Wish) -> None:
    """Whoever asked begins it, and signs that they do: a permit that waits is nobody else's to use."""
    openings.the_start_is_permitted(wish.house, wish.entry)
    asker = wish.house.book.tracks[wish.text("case")].by
    must(signer_of(wish.house, wish.entry).token == asker, "Only the requester can run this permit.")
    wish.session()


def _opening(wish: Wish) -> None:
    openings.the_opening_is_permitted(wish.house, wish.entry)


def _goes_on(wish: Wish) -> None:
    openings.the_run_goes_on(wish.house, wish.text("case"), wish.text("before"))


def _refusal(wish: Wish) -> None:
    """Of a document of its case; it ends a run, and permits nothing."""
    before = entries_with(wish.house, "mark", wish.text("before"))
    must(any(entry.get("case") == wish.text("case") for entry in before), "No such use of this case is logged.")


def _keeping(wish: Wish) -> None:
    """An intake is its person's, who signs; a derivative is its run's."""
    book, dataset = wish.house.book, wish.text("dataset")
    must(dataset not in {**book.datasets, **book.queued, **book.destroyed, **book.unfinished}, "name already taken")
    must(not book.watching.knows(dataset), "name already taken")  # a hold on an alarm would be one on the dataset
    if "case" not in wish.entry:
        wish.signed(ADMITTERS | KEEPERS, "the_keeper_may_keep")
        return
    _goes_on(wish)
    track = book.tracks[wish.text("case")]
    must(wish.house.capability(track.capability).makes, "Runs of this capability make no objects.")


def _turned_away(wish: Wish) -> None:
    began = wish.house.book.unfinished.get(wish.text("dataset"), {})
    same = all(began.get(key) == wish.entry.get(key) for key in ("case", "before"))
    must(began and same, "No custody of this object was started.")


def _delivered(wish: Wish) -> None:
    track = wish.house.book.tracks.get(wish.text("case"))
    opened = track is not None and was_opened(track, wish.text("before"), wish.text("dataset"))
    must(opened, "Nothing of this case was opened for delivery.")
    if track is not None and wish.kind == "DELIVERED":
        wish.signed(wish.house.capability(track.capability).askers, "the_one_who_delivers_may_deliver")


def _exported(wish: Wish) -> None:
    person = wish.shown(EXPORTERS, "the_exporter_may_export", action="export")
    house, case, dataset = wish.house, wish.text("case"), wish.text("dataset")
    item = tuple(found_as(house, dataset))
    must(case in house.book.tracks if case else item, "no case or dataset with this name")
    if reasons := (*why_not_see(house, person, case), *held_too_close(house, person, item)):
        raise Refused(reasons)


def _accessed(wish: Wish) -> None:
    """The session is the log-on it happened in: at the terminal that is no session of the pages."""
    must(wish.entry.get("action") in ACTIONS and wish.entry.get("outcome") in OUTCOMES, "not an access")
    must(wish.text("session") not in wish.house.book.ended, "Session ended. Log on again.")
    person = actor_of(wish.house, wish.entry)
    action = "open_record" if wish.text("outcome") == "shown" else "deed"
    session = wish.session() if wish.text("session") in wish.house.book.orders.seated else ""
    must_be_permitted(wish.house, person.token, READERS, "the_reader_may_read", action=action, session=session)
    must(wish.text("unit") == log_word(person.unit), "The entry's unit differs from the person's.")


# People, sessions and the keys.


def _session_ended(wish: Wish) -> None:
    """The office ends what is over, a person their own, and whoever may close accounts somebody else's."""
    orders, session = wish.house.book.orders, wish.text("session")
    if wish.is_the_offices():
        must(session in orders.seated and wish.text("why") in ENDINGS, "unknown or ended session")
    elif orders.seated.get(session) != wish.text("by"):
        must(session not in wish.house.book.ended, "This session has already ended.")
        wish.shown(CLOSERS, "the_closer_may_close")


def _passkey_ended(wish: Wish) -> None:
    known = wish.house.book.orders.passkeys.get(wish.text("credential"))
    must(known, "unknown authenticator")
    own = known is not None and known.person == wish.text("by")
    wish.shown(EVERYBODY if own else CLOSERS, "the_closer_may_close")


def _leaves(wish: Wish) -> None:
    must(wish.text("person") in wish.house.book.people, "no person with this short name is enrolled")
    must(wish.text("person") != wish.text("by"), "You cannot close your own account. Ask someone else to close it.")
    must_not_be_the_last(wish.house, wish.text("person"))


def _left(wish: Wish) -> None:
    there = wish.text("person") in wish.house.book.people
    must(not there, "This person is still enrolled. Close their account first.")


def _allowed(wish: Wish) -> None:
    book = wish.house.book
    must(wish.text("dataset") in book.datasets and wish.text("person") in book.people, "unknown dataset")


def _rotated(wish: Wish) -> None:
    must(wish.house.book.held.rotating, "No key rotation is logged.")


def _sealed(wish: Wish) -> None:
    """Records as they are, or anew: then in the place of an object of the same dataset."""
    held, before = wish.house.book.held, wish.text("before")
    must(wish.text("object") not in held.datasets, "This object was already admitted.")
    if before:
        must(held.datasets.get(before) == wish.text("dataset"), "The previous object belonged to another dataset.")
        must(before not in held.gone, "The previous object was destroyed.")
        wish.signed(CUSTODIAN, "the_closer_may_close")


def _key_destroyed(wish: Wish) -> None:
    held, object = wish.house.book.held, wish.text("object")
    same = held.datasets.get(object) == wish.text("dataset")
    must(same and object in held.gone, "Only the key of re-encrypted data can be destroyed this way.")


# Papers, technologies, and acts that take two people.


def _suspended(wish: Wish) -> None:
    known = {technology.id for technology in wish.house.technologies}
    must(wish.text("technology") in known, "unknown technology")


def _revoked(wish: Wish) -> None:
    """By whoever issues such papers; by the office where a check against newer data found that its bars are missed."""
    paper, before = wish.house.book.papers.get(wish.text("before")), wish.text("before")
    must(paper is not None and paper.paper == wish.text("paper"), "no such valid authorization")
    if not wish.is_the_offices():
        wish.signed(ISSUERS[Paper(wish.text("paper"))], "the_issuer_may_revoke")
        return
    found = [
        entry for entry in entries_with(wish.house, "mark", wish.text("because")) if entry["kind"] == "DRIFT_CHECKED"
    ]
    missed = any(entry.get("before") == before and entry.get("holds") == 0 for entry in found)
    must(missed, "No check of this report found missed acceptance criteria.")


def _carried_out(wish: Wish) -> None:
    agreed(wish.house, wish.text("act"), wish.text("before"))


def _bulk_begun(wish: Wish) -> None:
    kinds = [str(entry["kind"]) for entry in entries_with(wish.house, "before", wish.text("before"))]
    last = [kind for kind in kinds if kind in ("CARRIED_OUT", "BULK_BEGUN")][-1:]
    made = wish.house.book.orders.proposals.get(wish.text("before"))
    must(made is not None and made.what == "export" and last == ["CARRIED_OUT"], "no such export was carried out")


def _bulk_goes_on(wish: Wish) -> None:
    must(wish.text("before") in wish.house.book.orders.handing_out, "No such export is in progress.")


# Watches and the program.


def _of_a_watch(wish: Wish) -> None:
    watching, case = wish.house.book.watching, wish.text("case")
    must(case in watching.stands and case not in watching.ended, "this office has no such watch")


def _watch_ended(wish: Wish) -> None:
    _of_a_watch(wish)
    known = wish.house.book.watching.stands[wish.text("case")]
    declared = watch_named(wish.house, known.permit.watch)
    wish.signed(declared.askers | declared.deciders, "the_asker_may_ask")
    must(wish.text("before") == known.mark, "The entry's before is not the watch permit.")


def _told(wish: Wish) -> None:
    """Nothing more is asked: it gives nobody anything."""


def _own(wish: Wish) -> None:
    must(False, "Only the holder of the log writes this entry.")


RULES: Mapping[str, Rule] = {
    "STARTED": rule("case before params warrant by session signature", _start),
    "OPENED": rule("case before object dataset by session signature", _opening),
    "FAILED": rule("case before error", _goes_on),
    "WITHHELD": rule("case before rules", _goes_on),
    "REFUSED": rule("case before rules policies policy", _refusal),
    "KEEPING": rule("dataset format case before by session signature", _keeping),
    "TURNED_AWAY": rule("dataset error case before", _turned_away),
    "DELIVERED": rule("case before dataset recipient until digest size by session signature", _delivered),
    "UNDELIVERED": rule("case before dataset error", _delivered),
    "EXPORTED": rule("what case dataset by session signature", _exported),
    "ACCESSED": rule("subject by unit dataset action outcome session batch address under cell signature", _accessed),
    "PROVED": rule(
        "by session signature nonce code at pass passkey counter challenge client authenticator answer",
        lambda wish: the_proof_holds(wish.house, wish.entry, wish.authenticator),
    ),
    "SESSION_BEGAN": rule("session by how", lambda wish: the_session_may_begin(wish.house, wish.entry)),
    "SESSION_ENDED": rule("session why by seat signature", _session_ended),
    "PASSKEY_ENDED": rule("credential by session signature", _passkey_ended),
    "RETIRED": by_person("person", CLOSERS, "the_closer_may_close", _leaves),
    "FORGOTTEN": by_person("person", FORGETTERS, "the_one_who_forgets_may_forget", _left),
    "ALLOWED": by_person("dataset person", frozenset({Role.PRIVACY_OFFICER}), "the_one_who_allows_may_allow", _allowed),
    "DISALLOWED": by_person(
        "dataset person", frozenset({Role.PRIVACY_OFFICER}), "the_one_who_allows_may_allow", _allowed
    ),
    "ROTATING": by_person("", CUSTODIAN, "the_closer_may_close"),
    "ROTATED": by_person("before n", PROPOSERS, "the_proposer_may_propose", _rotated),
    "SEALED": by_person(
        "dataset object digest size before", frozenset({Role.CLERK, Role.CUSTODIAN}), "the_admitter_may_admit", _sealed
    ),
    "KEY_DESTROYED": by_person("dataset object", CUSTODIAN, "the_closer_may_close", _key_destroyed),
    "SUSPENDED": by_person("technology", BOARD, "the_board_may_suspend", _suspended),
    "RESUMED": by_person("technology", BOARD, "the_board_may_suspend", _suspended),
    "REVOKED": rule("before paper because by session signature", _revoked),
    "CARRIED_OUT": by_person("before act", PROPOSERS, "the_proposer_may_propose", _carried_out),
    "BULK_BEGUN": by_person(
        "before cases recipient", EXPORTERS, "the_exporter_may_export", _bulk_begun, action="export"
    ),
    "BULK_EXPORTED": by_person("before digest size", EXPORTERS, "the_exporter_may_export", _bulk_goes_on),
    "BULK_UNDONE": by_person("before error", EXPORTERS, "the_exporter_may_export", _bulk_goes_on),
    "COLLECTED": rule("warrant sensor readings dataset by session signature", may_be_collected),
    "ERASED": rule("case warrant by", may_be_erased),
    "DESTROYED": rule("dataset object warrant why by", may_be_destroyed),
    "QUEUED": rule("dataset why by", may_be_queued),
    "SHREDDED": rule("dataset by", may_be_shredded),
    "KEPT_FOR": rule("retention days", may_be_said_of_shelves),
    "CARRIED": rule("shelf n marks", may_be_said_of_shelves),
    "SHELF_DESTROYED": rule("shelf n by", may_be_said_of_shelves),
    "SHELF_SHREDDED": rule("shelf by", may_shred_a_shelf),
    "WATCH_ENDED": rule("case before by session signature", _watch_ended),
    "SENSOR_FAULT": rule("case sensor why", _of_a_watch),
    "SENSOR_WELL": rule("case sensor", _of_a_watch),
    "REHEARSED": rule("case readings steps", _of_a_watch),
    SPENT: rule("dataset term period question milli_epsilon left witnessed", may_be_paid),
    DRAWN: rule("dataset term question answer", may_be_drawn),
    "BACKED_UP": by_person("keys", CUSTODIAN, "the_custodian_may_back_up"),
    "BROKER_WRITTEN": by_person("sensors certificates", REGISTRARS, "the_registrar_may_register"),
    "LISTENING": by_person("state", EVERYBODY, "the_admitter_may_admit"),
    "WINDOW_LOST": by_person("since", EVERYBODY, "the_admitter_may_admit"),
    "WEEK_CLOSED": by_person("week", frozenset({Role.AUDITOR, Role.PRIVACY_OFFICER}), "the_reviewer_may_review"),
    # What happened to the program, and names nobody.
    "LOG_ON_LOCKED": rule("address", _told),  # somebody guesses codes: no code is taken for a while
    "MESSAGE_REFUSED": rule("sensor field", _told),  # nothing of it was taken
    "GATEWAY_CUT": rule("connection why", _told),
    "GATEWAY_BACK": rule("connection", _told),
    "SWEPT": rule("queued destroyed shelves waited by", _told),  # each of what it did is judged by itself
    # What nobody else says: the holder of the log does, of its own accord, or no office that is used does.
    "HEARTBEAT": rule("", _own),
    "HEADS_KEPT": rule("", _own),
    "WITNESSED": rule("", _own),
    "UNWITNESSED": rule("", _own),
    "WITNESS_CHOSEN": rule("", _own),
    "WARRANT_LAPSED": rule("", _own),
    "RESTORED": rule("", _own),
    "DRILL": rule("", _own),  # an office made for a drill says so first of all
    "PROBED": rule("", _own),
}
