"""Entry validators: fields and preconditions of every kind of entry without a document.

Three sorts. What a person does, they sign (or do in a session they have proven), in a role that the policy knows. What
a run, a watch or the daily job does belongs to a permit or is due by the log. And a short list tells what happened to
the program: it gives nobody anything, and names no case, no dataset and no warrant. A kind without a rule is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.access import decryption_checks
from peelian.kernel.access.access_classes import found_as, held_too_close, why_not_see
from peelian.kernel.alarms.watch import watch_named
from peelian.kernel.identity.dual_control import PROPOSERS, agreed
from peelian.kernel.identity.enrolment import must_not_be_the_last
from peelian.kernel.identity.revocation import CLOSERS, FORGETTERS
from peelian.kernel.identity.session_binding import the_proof_holds, the_session_may_begin
from peelian.kernel.identity.sessions import ENDINGS
from peelian.kernel.model.capability import AuthorizationKind, Role
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.model.technology import ids_of
from peelian.kernel.model.vocabulary import NOISE_DRAWN, NOISE_SPENT
from peelian.kernel.policy.signed_entries import actor_of, must_be_permitted, signer_of
from peelian.kernel.records.office_records import ACTIONS, OUTCOMES, READERS
from peelian.kernel.records.sensor_register import REGISTRARS
from peelian.kernel.registrar.append_request import ENVELOPE, AppendRequest, entries_with, must
from peelian.kernel.registrar.destruction_validators import (
    may_be_collected,
    may_be_destroyed,
    may_be_drawn,
    may_be_erased,
    may_be_paid,
    may_be_queued,
    may_be_said_of_partitions,
    may_be_shredded,
    may_shred_a_partition,
)
from peelian.kernel.state.demonstration import MARK
from peelian.kernel.state.kernel import log_word
from peelian.kernel.verbs import ADMITTERS
from peelian.kernel.verbs.custody import KEEPERS
from peelian.kernel.verbs.delivery import was_opened
from peelian.kernel.verbs.export import EXPORTERS

BOARD, CUSTODIAN = frozenset({Role.BOARD}), frozenset({Role.CUSTODIAN})
EVERYBODY = frozenset(Role)
_PIECE = re.compile(r"_[0-9]{1,2}$")
Judged = Callable[[AppendRequest], object]


@dataclass(frozen=True, slots=True)
class Rule:
    """The fields an entry of a kind may have besides version, time and kind; and what must hold."""

    fields: frozenset[str]
    judged: Judged


def must_hold_its_rule(append: AppendRequest) -> None:
    """OutOfOrder or Refused unless an entry that names no document may stand in the log now."""
    rule = RULES.get(append.kind)
    if rule is None:
        raise OutOfOrder("The log has no such kind of entry, or this kind belongs to a document.")
    known = rule.fields | ({"again"} if "signature" in rule.fields else set())
    if rule.judged is not _own and any(_PIECE.sub("", key) not in known for key in append.entry.keys() - ENVELOPE):
        raise OutOfOrder("This kind of entry has no such field.")
    rule.judged(append)


def rule(fields: str, judged: Judged) -> Rule:
    """A rule; a field may come in numbered pieces ("client_0", "client_1")."""
    return Rule(frozenset(fields.split()), judged)


def by_person(fields: str, roles: Collection[Role], named: str, *also: Judged, action: str = "act") -> Rule:
    """What a person signs, in one of these roles; the policy refuses it under `named`."""

    def judged(append: AppendRequest) -> None:
        append.signed(roles, named, action=action)
        for one in also:
            one(append)

    return rule(f"{fields} by session signature", judged)


# Runs, and what is opened for whom.


def _start(append: AppendRequest) -> None:
    """Whoever asked begins it, and signs that they do: a permit that waits is nobody else's to use."""
    decryption_checks.the_start_is_permitted(append.kernel, append.entry)
    asker = append.kernel.state.histories[append.text("case")].by
    must(signer_of(append.kernel, append.entry).token == asker, "Only the requester can run this permit.")
    append.session()


def _opening(append: AppendRequest) -> None:
    decryption_checks.the_opening_is_permitted(append.kernel, append.entry)


def _goes_on(append: AppendRequest) -> None:
    decryption_checks.the_run_goes_on(append.kernel, append.text("case"), append.text("before"))


def _refusal(append: AppendRequest) -> None:
    """Of a document of its case; it ends a run, and permits nothing."""
    before = entries_with(append.kernel, "document", append.text("before"))
    must(any(entry.get("case") == append.text("case") for entry in before), "No such use of this case is logged.")


def _keeping(append: AppendRequest) -> None:
    """An intake is its person's, who signs; a derivative is its run's."""
    state, dataset = append.kernel.state, append.text("dataset")
    must(dataset not in {**state.datasets, **state.queued, **state.destroyed, **state.unfinished}, "name already taken")
    must(not state.alarms.knows(dataset), "name already taken")  # a hold on an alarm would be one on the dataset
    if "case" not in append.entry:
        append.signed(ADMITTERS | KEEPERS, "the_keeper_may_keep")
        return
    _goes_on(append)
    history = state.histories[append.text("case")]
    must(append.kernel.capability(history.capability).makes, "Runs of this capability make no objects.")


def _turned_away(append: AppendRequest) -> None:
    began = append.kernel.state.unfinished.get(append.text("dataset"), {})
    same = all(began.get(key) == append.entry.get(key) for key in ("case", "before"))
    must(began and same, "No custody of this object was started.")


def _delivered(append: AppendRequest) -> None:
    history = append.kernel.state.histories.get(append.text("case"))
    opened = history is not None and was_opened(history, append.text("before"), append.text("dataset"))
    must(opened, "Nothing of this case was opened for delivery.")
    if history is not None and append.kind == "DELIVERED":
        append.signed(append.kernel.capability(history.capability).asks.askers, "the_one_who_delivers_may_deliver")


def _exported(append: AppendRequest) -> None:
    person = append.shown(EXPORTERS, "the_exporter_may_export", action="export")
    kernel, case, dataset = append.kernel, append.text("case"), append.text("dataset")
    item = tuple(found_as(kernel, dataset))
    must(case in kernel.state.histories if case else item, "no case or dataset with this name")
    if reasons := (*why_not_see(kernel, person, case), *held_too_close(kernel, person, item)):
        raise Refused(reasons)


def _accessed(append: AppendRequest) -> None:
    """The session is the log-on it happened in: at the terminal that is no session of the pages."""
    must(append.entry.get("action") in ACTIONS and append.entry.get("outcome") in OUTCOMES, "not an access")
    must(append.text("session") not in append.kernel.state.ended, "Session ended. Log on again.")
    person = actor_of(append.kernel, append.entry)
    action = "open_record" if append.text("outcome") == "shown" else "act"
    session = append.session() if append.text("session") in append.kernel.state.authorization_status.seated else ""
    must_be_permitted(append.kernel, person.token, READERS, "the_reader_may_read", action=action, session=session)
    must(append.text("unit") == log_word(person.unit), "The entry's unit differs from the person's.")


# People, sessions and the keys.


def _session_ended(append: AppendRequest) -> None:
    """The office ends what is over, a person their own, and whoever may close accounts somebody else's."""
    status, session = append.kernel.state.authorization_status, append.text("session")
    if append.is_the_offices():
        must(session in status.seated and append.text("why") in ENDINGS, "unknown or ended session")
    elif status.seated.get(session) != append.text("by"):
        must(session not in append.kernel.state.ended, "This session has already ended.")
        append.shown(CLOSERS, "the_closer_may_close")


def _passkey_ended(append: AppendRequest) -> None:
    known = append.kernel.state.authorization_status.passkeys.get(append.text("credential"))
    must(known, "unknown authenticator")
    own = known is not None and known.person == append.text("by")
    append.shown(EVERYBODY if own else CLOSERS, "the_closer_may_close")


def _leaves(append: AppendRequest) -> None:
    must(append.text("person") in append.kernel.state.people, "no person with this short name is enrolled")
    must(append.text("person") != append.text("by"), "You cannot close your own account. Ask someone else to close it.")
    must_not_be_the_last(append.kernel, append.text("person"))


def _left(append: AppendRequest) -> None:
    there = append.text("person") in append.kernel.state.people
    must(not there, "This person is still enrolled. Close their account first.")


def _allowed(append: AppendRequest) -> None:
    state = append.kernel.state
    must(append.text("dataset") in state.datasets and append.text("person") in state.people, "unknown dataset")


def _rotated(append: AppendRequest) -> None:
    must(append.kernel.state.objects.rotating, "No key rotation is logged.")


def _sealed(append: AppendRequest) -> None:
    """Records as they are, or anew: then in the place of an object of the same dataset."""
    held, before = append.kernel.state.objects, append.text("before")
    must(append.text("object") not in held.datasets, "This object was already admitted.")
    if before:
        must(held.datasets.get(before) == append.text("dataset"), "The previous object belonged to another dataset.")
        must(before not in held.gone, "The previous object was destroyed.")
        append.signed(CUSTODIAN, "the_closer_may_close")


def _key_destroyed(append: AppendRequest) -> None:
    held, object = append.kernel.state.objects, append.text("object")
    same = held.datasets.get(object) == append.text("dataset")
    must(same and object in held.gone, "Only the key of re-encrypted data can be destroyed this way.")


# Authorizations, technologies, and acts that take two people.


def _suspended(append: AppendRequest) -> None:
    known = ids_of(append.kernel.technologies)
    must(append.text("technology") in known, "unknown technology")


def _revoked(append: AppendRequest) -> None:
    """By whoever issues such authorizations; by the office where a check against newer data found that its
    acceptance criteria are missed."""
    authorization, before = (append.kernel.state.authorizations.get(append.text("before")), append.text("before"))
    must(
        authorization is not None and authorization.kind == append.text("authorization"), "no such valid authorization"
    )
    if not append.is_the_offices():
        append.signed(ISSUERS[AuthorizationKind(append.text("authorization"))], "the_issuer_may_revoke")
        return
    found = [
        entry
        for entry in entries_with(append.kernel, "document", append.text("because"))
        if entry["kind"] == "DRIFT_CHECKED"
    ]
    missed = any(entry.get("before") == before and entry.get("holds") == 0 for entry in found)
    must(missed, "No check of this report found missed acceptance criteria.")


def _carried_out(append: AppendRequest) -> None:
    agreed(append.kernel, append.text("act"), append.text("before"))


def _bulk_begun(append: AppendRequest) -> None:
    kinds = [str(entry["kind"]) for entry in entries_with(append.kernel, "before", append.text("before"))]
    last = [kind for kind in kinds if kind in ("CARRIED_OUT", "BULK_BEGUN")][-1:]
    made = append.kernel.state.authorization_status.proposals.get(append.text("before"))
    must(made is not None and made.what == "export" and last == ["CARRIED_OUT"], "no such export was carried out")


def _bulk_goes_on(append: AppendRequest) -> None:
    must(
        append.text("before") in append.kernel.state.authorization_status.handing_out, "No such export is in progress."
    )


# Watches and the program.


def _of_a_watch(append: AppendRequest) -> None:
    watching, case = append.kernel.state.alarms, append.text("case")
    must(case in watching.stands and case not in watching.ended, "this office has no such watch")


def _watch_ended(append: AppendRequest) -> None:
    _of_a_watch(append)
    known = append.kernel.state.alarms.stands[append.text("case")]
    declared = watch_named(append.kernel, known.permit.watch)
    append.signed(declared.asks.askers | declared.asks.deciders, "the_asker_may_ask")
    must(append.text("before") == known.digest, "The entry's before is not the watch permit.")


def _told(append: AppendRequest) -> None:
    """Nothing more is asked: it gives nobody anything."""


def _own(append: AppendRequest) -> None:
    must(False, "Only the holder of the log writes this entry.")


def _first_of_all(append: AppendRequest) -> None:
    """The mark of a demonstration begins a log, or is not in it."""
    must(append.kernel.stores.log.size() == 0, "An office that is in use cannot become a demonstration.")


RULES: Mapping[str, Rule] = {
    MARK: rule("", _first_of_all),
    "STARTED": rule("case before params warrant by session signature", _start),
    "OPENED": rule("case before object dataset by session signature", _opening),
    "FAILED": rule("case before error", _goes_on),
    "WITHHELD": rule("case before rules", _goes_on),
    "REFUSED": rule("case before rules policies policy reasons", _refusal),
    "KEEPING": rule("dataset format case before by session signature", _keeping),
    "TURNED_AWAY": rule("dataset error case before", _turned_away),
    "DELIVERED": rule("case before dataset recipient until digest size by session signature", _delivered),
    "UNDELIVERED": rule("case before dataset error", _delivered),
    "TRIED": by_person("technology format rows data", EVERYBODY, "the_person_may_try"),
    "EXPORTED": rule("what case dataset by session signature", _exported),
    "ACCESSED": rule("subject by unit dataset action outcome session batch address under cell signature", _accessed),
    "PROVED": rule(
        "by session signature nonce code at pass passkey counter challenge client authenticator answer",
        lambda append: the_proof_holds(append.kernel, append.entry, append.authenticator),
    ),
    "SESSION_BEGAN": rule("session by how", lambda append: the_session_may_begin(append.kernel, append.entry)),
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
    "REVOKED": rule("before authorization because by session signature", _revoked),
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
    "KEPT_FOR": rule("retention days", may_be_said_of_partitions),
    "CARRIED": rule("partition n digests", may_be_said_of_partitions),
    "PARTITION_DESTROYED": rule("partition n by", may_be_said_of_partitions),
    "PARTITION_SHREDDED": rule("partition by", may_shred_a_partition),
    "WATCH_ENDED": rule("case before by session signature", _watch_ended),
    "SENSOR_FAULT": rule("case sensor why", _of_a_watch),
    "SENSOR_WELL": rule("case sensor", _of_a_watch),
    "REHEARSED": rule("case readings steps", _of_a_watch),
    NOISE_SPENT: rule("dataset term period question milli_epsilon left witnessed", may_be_paid),
    NOISE_DRAWN: rule("dataset term question answer", may_be_drawn),
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
    "SWEPT": rule("queued destroyed partitions waited by", _told),  # each of what it did is judged by itself
    # What nobody else says: the holder of the log does, of its own accord, or no office that is used does.
    "HEARTBEAT": rule("", _own),
    "WITNESSED": rule("", _own),
    "UNWITNESSED": rule("", _own),
    "WITNESS_CHOSEN": rule("", _own),
    "WARRANT_LAPSED": rule("", _own),
    "RESTORED": rule("", _own),
    "DRILL": rule("", _own),  # an office made for a drill says so first of all
    "PROBED": rule("", _own),
}
