"""For every kind of entry that names a document: that the entry says what the document says, and nothing besides; that
it follows what it must follow; that whoever made it may, by the policy.

A document is logged once, and only while it is new: what somebody signed is neither logged twice (a revoked paper would
be in force again) nor kept back for later. Its signature was looked at before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from peelian.errors import OutOfOrder, Refused
from peelian.governance import openings
from peelian.governance.acts import time_must_go_on
from peelian.governance.alarm_desk import PERMITTERS, SHIFT
from peelian.governance.alarm_rules import must_be_next, what_is_said
from peelian.governance.alarms import STEPS
from peelian.governance.capability import Paper, Purpose, Role
from peelian.governance.custody import KEEPERS
from peelian.governance.deciding import looked_at
from peelian.governance.documents import (
    Admission,
    AlarmStep,
    Approval,
    Authority,
    Decision,
    Document,
    Enrolment,
    EventPermit,
    Evidence,
    Handover,
    Permit,
    Proposal,
    Publication,
    Refusal,
    Request,
    RetentionAct,
    StandingPermit,
    StandingRequest,
)
from peelian.governance.enrolling import ENROLLERS, must_be_agreed
from peelian.governance.filed import RECORDS
from peelian.governance.flow import ADMITTERS, PUBLISHERS
from peelian.governance.house import archived, log_word
from peelian.governance.issued import warrant_roots
from peelian.governance.policy import ISSUERS
from peelian.governance.proofs import DRIFT
from peelian.governance.proposals import ACTS, APPROVERS, GOOD_FOR, PROPOSERS
from peelian.governance.records import MAKERS, OfficeRecord
from peelian.governance.retention import HOLDERS, HOLDS, LIBRARIANS, TAGGERS, held_as, holds_in, key_of
from peelian.governance.signed_entries import must_be_permitted, signer_of
from peelian.governance.warrants import PROVISIONAL
from peelian.governance.wishes import (
    ENVELOPE,
    OFFICE,
    Wish,
    entries_with,
    entry_at,
    must,
    must_be_let,
    must_be_of_their_unit,
)

KNOWN: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Document)}
FRESH = timedelta(minutes=10)  # a document is logged at once, or made again
ONCE_A_WEEK = frozenset({"PLEDGED", "SAMPLED", "REVIEWED"})
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rule:
    """Which document an entry of a kind names, what the entry says of it, and what else must hold.

    An entry may leave a field out that is "" there, or 0.
    """

    document: type[Any]
    said: Callable[[Wish], Fields]
    judged: Callable[[Wish], object]


def must_follow(wish: Wish) -> None:
    """OutOfOrder or Refused unless the entry and its document may stand in the log now. O(entries of its case)."""
    if isinstance(wish.document, OfficeRecord):
        _a_record_follows(wish)
        return
    rule = RULES.get(wish.kind)
    if rule is None or type(wish.document) is not rule.document:
        raise OutOfOrder("The log entry names another kind of document.")
    said = rule.said(wish)
    for key in wish.entry.keys() - ENVELOPE - {"mark", "session", "signature", "again"}:
        must(key in said and said[key] == wish.entry[key], f"The entry's {key} differs from the document's.")
    for key, value in said.items():
        must(key in wish.entry or not value, f"The entry lacks its document's {key}.")
    _it_is_new(wish)
    if "signature" in wish.entry:
        must(signer_of(wish.house, wish.entry).token == wish.document.by, "The entry is signed by another person.")
    wish.session()
    rule.judged(wish)


def _it_is_new(wish: Wish) -> None:
    must(not wish.house.log.find("mark", wish.text("mark")), "This document is already in the log. Make another.")
    try:
        age = wish.house.now() - datetime.fromisoformat(wish.document.at)
    except (ValueError, TypeError):
        raise OutOfOrder("The document states no date.") from None
    must(-DRIFT <= age <= FRESH, "The document is not of the present. Make it again.")


def _a_record_follows(wish: Wish) -> None:
    """Signed twice: the record by whoever made it, and the entry with all its fields."""
    record: OfficeRecord = wish.document
    must(RECORDS.get(record.record) == wish.kind, "The log entry names another kind of document.")
    _it_is_new(wish)
    must(record.by == wish.text("by") and record.before == wish.text("before"), "The entry's by differs from the document's.")
    must("case" not in wish.entry and "warrant" not in wish.entry, "A record does not belong to a case.")
    wish.signed(MAKERS[record.record], "the_writer_may_write")
    if wish.kind in ONCE_A_WEEK:
        must(record.body.get("week") == wish.entry.get("week"), "The entry's week differs from the document's.")
        known = (entry_at(wish.house, index) for index, _ in wish.house.book.filed.records.get(wish.kind, ()))
        must(
            wish.text("week") not in {str(one.get("week", "")) for one in known}, "Already done for that week."
        )
    if wish.kind == "PASSKEY_ENROLLED":
        must(record.body.get("person") == record.by, "Only its owner can enrol an authenticator.")
        session = wish.session()
        must_be_permitted(
            wish.house, record.by, frozenset(Role), "the_reader_may_read", action="open_record", session=session
        )


# Cases.


def _asked(wish: Wish) -> None:
    must(not wish.house.log.find("case", wish.document.case), "This case already exists.")
    must_be_of_their_unit(wish)


def _permitted(wish: Wish) -> None:
    document: Permit = wish.document
    track = wish.house.book.tracks.get(document.case)
    follows = track is not None and document.before in track.marks("ASKED")
    first = track is not None and not track.after("PERMITTED", document.before)
    must(follows and first, "A permit needs a logged request.")


def _ran(wish: Wish) -> None:
    openings.the_run_goes_on(wish.house, wish.document.case, wish.document.before)


def _decided(wish: Wish) -> None:
    document: Decision = wish.document
    track = wish.house.book.tracks.get(document.case)
    if track is None or document.before not in track.marks("RAN") or track.after("DECIDED", document.before):
        raise OutOfOrder("A decision needs findings that were logged, and only one decision is possible.")
    must_be_of_their_unit(wish)
    declared = wish.house.capability(track.capability)
    must_be_let(wish, declared.deciders, "the_decider_may_decide")
    *_, reasons = looked_at(wish.house, declared, document, archived(wish.house, document.before, Evidence))
    if reasons:
        raise Refused(reasons)


def _published(wish: Wish) -> None:
    document: Publication = wish.document
    track = wish.house.book.tracks.get(document.case)
    if track is None or document.before not in track.marks("DECIDED") or track.after("PUBLISHED", document.before):
        raise OutOfOrder("A publication needs a logged decision, and only one publication is possible.")
    must_be_let(wish, PUBLISHERS, "the_publisher_may_publish")


# Data.


def _admission_said(wish: Wish) -> Fields:
    document: Admission = wish.document
    began = wish.house.book.unfinished.get(document.dataset, {})
    size = {"rows": document.rows} if "rows" in wish.entry else {"size": document.size}
    said = {key: getattr(document, key) for key in ("dataset", "object", "shape", "digest", "by")}
    if wish.kind == "DERIVED":
        said |= {"case": document.case, "before": began.get("before", ""), "parent": document.parent}
    warrant = {"warrant": wish.text("warrant")} if "warrant" in wish.entry else {}
    return said | size | warrant


def _admitted(wish: Wish) -> None:
    """Whoever began to keep it; what comes under a warrant says under which, so that a refusal finds it."""
    document: Admission = wish.document
    began, book = wish.house.book.unfinished.get(document.dataset, {}), wish.house.book
    must(document.object not in book.held.datasets, "This object was already admitted.")
    must(not document.parent and not document.case and "case" not in began, "This is made in a run and cannot be admitted.")
    must(began.get("by") == document.by, "This person did not start keeping this object.")
    must_be_let(wish, ADMITTERS | KEEPERS, "the_admitter_may_admit")
    basis, warrant = str(document.declaration.get("legal_basis", "")), wish.text("warrant")
    if warrant or basis.startswith("warrant "):
        must(
            warrant in warrant_roots(book.papers) and basis == f"warrant {warrant[:16]}",
            "Data collected under a warrant must name a valid one.",
        )


def _derived(wish: Wish) -> None:
    document: Admission = wish.document
    began, held = wish.house.book.unfinished.get(document.dataset, {}), wish.house.book.held
    must(document.object not in held.datasets, "This object was already admitted.")
    must(document.by == OFFICE and document.case and began.get("case") == document.case, "No run has started to make this.")
    openings.the_run_goes_on(wish.house, document.case, str(began.get("before", "")))


def _kept_by_act(roles: Collection[Role], rule: str, *also: Callable[[Wish], None]) -> Callable[[Wish], None]:
    """An act of retention: the document holds the words, the entry what is done, and the person signs both."""

    def judged(wish: Wish) -> None:
        document: RetentionAct = wish.document
        about = key_of(wish.house, document.about) if wish.kind == "CATEGORY" else document.about
        named = {key: wish.entry[key] for key in ("category", "dataset", "alarms") if key in wish.entry}
        must(document.act == wish.kind.lower() and list(named.values()) == [about], "The entry names another action.")
        must("alarms" not in named or wish.kind in ("HELD", "RELEASED"), "Alarms can only be held and released.")
        must("signature" in wish.entry, "This entry is a person's act. That person must sign it.")
        must("case" not in wish.entry and "warrant" not in wish.entry, "A retention action does not belong to a case.")
        must_be_let(wish, roles, rule)
        for one in also:
            one(wish)

    return judged


def _held(wish: Wish) -> None:
    """What is there, under a name of its own: a second hold of that name would be lifted with the first."""
    taken = {name for holds in holds_in(wish.house).values() for names in holds.values() for name in names}
    must(held_as(wish.house, wish.document.about) in wish.entry, "The entry names another kind of object on hold.")
    must(wish.text("why") in HOLDS and wish.text("hold") not in {"", *taken}, "unknown hold, or hold still in place")


def _released(wish: Wish) -> None:
    found = [holds.get(wish.text(key), {}) for key, holds in holds_in(wish.house).items()]
    must(any(wish.text("hold") in names for names in found), "no such hold here")


def _act_said(wish: Wish) -> Fields:
    fields = ("dataset", "alarms", "category", "days", "access", "categories", "hold", "why")
    return {"by": wish.document.by} | {key: wish.entry[key] for key in fields if key in wish.entry}


# People, papers, and acts that take two.


def _enrolment_said(wish: Wish) -> Fields:
    """Where it takes two people, what they agreed on; and whether one alone entrusted somebody, at the founding."""
    document: Enrolment = wish.document
    alone, before = must_be_agreed(wish.house, document, wish.text("before")), wish.text("before")
    said = {"person": document.person, "unit": log_word(document.unit), "by": document.by}
    return {**said, "before": before, "founding": int(alone)}


def _enrolled(wish: Wish) -> None:
    document: Enrolment = wish.document
    must(bool(document.unit.strip()), "The unit has no name.")
    if document.by == OFFICE:
        return  # the first one; the office's signature was looked at
    must_be_let(wish, ENROLLERS, "the_enroller_may_enrol")
    there = wish.house.book.people.get(document.person)
    must(document.person != document.by, "You cannot change your own roles, unit or training.")
    must(there is None or there.public_key == document.public_key, "A person with this short name is enrolled with another key.")


def _issued(wish: Wish) -> None:
    document: Authority = wish.document
    time_must_go_on(wish.house)
    must_be_let(wish, ISSUERS[document.paper], "the_issuer_may_issue")


def _warrant_refused(wish: Wish) -> None:
    made = wish.house.book.papers.get(wish.document.warrant)
    provisional = made is not None and made.paper is Paper.WARRANT and made.body.get("status") == PROVISIONAL
    must(provisional, "no valid provisional warrant with this digest")
    must_be_let(wish, ISSUERS[Paper.WARRANT], "the_issuer_may_revoke")


def _proposed(wish: Wish) -> None:
    must(wish.document.what in ACTS, "This is not a two-person action.")
    must_be_of_their_unit(wish)
    must_be_let(wish, PROPOSERS, "the_proposer_may_propose")


def _approved(wish: Wish) -> None:
    """By the second person, who stepped up where they approve: at the terminal, or in an open session of theirs."""
    document: Approval = wish.document
    orders, now = wish.house.book.orders, wish.house.now()
    made = orders.proposals.get(document.before)
    if made is None or document.before in orders.approved:
        raise OutOfOrder("This proposal is unknown or already approved.")
    must(now - datetime.fromisoformat(made.at) <= GOOD_FOR, "This proposal is older than a week. Propose it again.")
    must_be_of_their_unit(wish)
    must_be_permitted(
        wish.house,
        document.by,
        APPROVERS,
        "the_approver_may_approve",
        action="approve",
        first=(made.by, made.unit),
        session=wish.session(),
    )


def _act_of(wish: Wish) -> str:
    made = wish.house.book.orders.proposals.get(wish.document.before)
    return made.what if made else ""


# Watches and their alarms.


def _watch_standing(wish: Wish) -> None:
    document: StandingPermit = wish.document
    before = entries_with(wish.house, "mark", document.before)
    asked = any(entry["kind"] == "WATCH_ASKED" and entry.get("case") == document.case for entry in before)
    must(asked and document.case not in wish.house.book.watching.stands, "This request already started a watch.")


def _watch_said(wish: Wish) -> Fields:
    document: StandingPermit = wish.document
    request = archived(wish.house, document.before, StandingRequest)
    return {
        **{key: getattr(document, key) for key in ("case", "before", "watch", "until")},
        "sensors": len(request.sensors),
        "exercise": int(request.exercise),
    }


def _of(*names: str, **more: Callable[[Wish], object]) -> Callable[[Wish], Fields]:
    """What an entry says: these fields of its document, `unit` as one word of the log, and those computed from it."""

    def said(wish: Wish) -> Fields:
        own = {name: getattr(wish.document, name) for name in names}
        own |= {"unit": log_word(wish.document.unit)} if "unit" in own else {}
        return own | {name: value(wish) for name, value in more.items()}

    return said


def _known_purpose(wish: Wish) -> str:
    return wish.document.purpose if wish.document.purpose in set(Purpose) else "unknown"


RULES: Mapping[str, Rule] = {
    "ENROLLED": Rule(Enrolment, _enrolment_said, _enrolled),
    "ADMITTED": Rule(Admission, _admission_said, _admitted),
    "DERIVED": Rule(Admission, _admission_said, _derived),
    "ISSUED": Rule(Authority, _of("paper", "serves", "by", "before"), _issued),
    "ASKED": Rule(Request, _of("case", "capability", "by", "unit", purpose=_known_purpose), _asked),
    "PERMITTED": Rule(Permit, _of("case", "before", "until", "policy"), _permitted),
    "RAN": Rule(Evidence, _of("case", "before", "findings"), _ran),
    "DECIDED": Rule(Decision, _of("case", "before", "by", "unit", "choice"), _decided),
    "PUBLISHED": Rule(Publication, _of("case", "before", "by"), _published),
    "WARRANT_REFUSED": Rule(Refusal, _of("by", before=lambda wish: wish.document.warrant), _warrant_refused),
    "PROPOSED": Rule(Proposal, _of("by", "unit", act=lambda wish: wish.document.what), _proposed),
    "APPROVED": Rule(Approval, _of("before", "by", "unit", act=_act_of), _approved),
    "WATCH_ASKED": Rule(StandingRequest, _of("case", "watch", "by"), _asked),
    "WATCH_STANDING": Rule(StandingPermit, _watch_said, _watch_standing),
    "EVENT_PERMITTED": Rule(
        EventPermit,
        _of("zone", "starts", "ends", "by"),
        lambda wish: must_be_let(wish, PERMITTERS, "the_event_may_be_permitted"),
    ),
    "HANDED_OVER": Rule(
        Handover, _of("by", "to", "active"), lambda wish: must_be_let(wish, SHIFT, "the_decider_may_decide")
    ),
    "CATEGORY": Rule(RetentionAct, _act_said, _kept_by_act(LIBRARIANS, "the_librarian_may_define")),
    "TAGGED": Rule(RetentionAct, _act_said, _kept_by_act(TAGGERS, "the_tagger_may_tag")),
    "HELD": Rule(RetentionAct, _act_said, _kept_by_act(HOLDERS, "the_holder_may_hold", _held)),
    "RELEASED": Rule(RetentionAct, _act_said, _kept_by_act(HOLDERS, "the_holder_may_hold", _released)),
    "QUEUED": Rule(RetentionAct, _act_said, _kept_by_act(HOLDERS, "the_one_who_deletes_may_delete")),
    "RECOVERED": Rule(
        RetentionAct, _act_said, _kept_by_act(HOLDERS | {Role.CUSTODIAN}, "the_one_who_recovers_may_recover")
    ),
    **{f"ALARM_{step.upper()}": Rule(AlarmStep, what_is_said, must_be_next) for step in STEPS},
}
NEED_DOCUMENT = frozenset(RULES) - {"QUEUED"} | frozenset(RECORDS.values())
