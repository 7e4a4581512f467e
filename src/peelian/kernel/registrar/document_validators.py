"""Document validators: an entry that names a document says what the document says, and it may stand there.

A document is logged once, and only while it is new: what somebody signed is neither logged twice (a revoked
authorization would be in force again) nor kept back for later. Its signature was looked at before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.access import decryption_checks
from peelian.kernel.alarms.operator_desk import PERMITTERS, SHIFT
from peelian.kernel.identity.dual_control import ACTS, APPROVERS, GOOD_FOR, PROPOSERS
from peelian.kernel.identity.enrolment import ENROLLERS, must_be_agreed
from peelian.kernel.identity.session_binding import DRIFT
from peelian.kernel.model.alarms import STEPS
from peelian.kernel.model.authorization_index import warrant_roots
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.model.documents import (
    Admission,
    AlarmStep,
    Approval,
    Authorization,
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
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.model.warrants import PROVISIONAL
from peelian.kernel.policy.authorize import time_must_go_on
from peelian.kernel.policy.signed_entries import must_be_permitted, signer_of
from peelian.kernel.records.office_records import MAKERS, OfficeRecord
from peelian.kernel.registrar.alarm_validators import must_be_next, what_is_said
from peelian.kernel.registrar.append_request import (
    ENVELOPE,
    OFFICE,
    AppendRequest,
    entries_with,
    entry_at,
    must,
    must_be_let,
    must_be_of_their_unit,
)
from peelian.kernel.retention.retention import HOLDERS, HOLDS, LIBRARIANS, TAGGERS, held_as, holds_in, key_of
from peelian.kernel.state.kernel import log_word
from peelian.kernel.state.record_index import RECORDS
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs import ADMITTERS, PUBLISHERS
from peelian.kernel.verbs.custody import KEEPERS
from peelian.kernel.verbs.decision_checks import check_decision

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
    said: Callable[[AppendRequest], Fields]
    judged: Callable[[AppendRequest], object]


def must_follow(append: AppendRequest) -> None:
    """OutOfOrder or Refused unless the entry and its document may stand in the log now. O(entries of its case)."""
    if isinstance(append.document, OfficeRecord):
        _a_record_follows(append)
        return
    rule = RULES.get(append.kind)
    if rule is None or type(append.document) is not rule.document:
        raise OutOfOrder("The log entry names another kind of document.")
    said = rule.said(append)
    for key in append.entry.keys() - ENVELOPE - {"document", "session", "signature", "again"}:
        must(key in said and said[key] == append.entry[key], f"The entry's {key} differs from the document's.")
    for key, value in said.items():
        must(key in append.entry or not value, f"The entry lacks its document's {key}.")
    _it_is_new(append)
    if "signature" in append.entry:
        must(
            signer_of(append.kernel, append.entry).token == append.document.by, "The entry is signed by another person."
        )
    append.session()
    rule.judged(append)


def _it_is_new(append: AppendRequest) -> None:
    must(
        not append.kernel.stores.log.find("document", append.text("document")),
        "This document is already in the log. Make another.",
    )
    try:
        age = append.kernel.now() - datetime.fromisoformat(append.document.at)
    except (ValueError, TypeError):
        raise OutOfOrder("The document states no date.") from None
    must(-DRIFT <= age <= FRESH, "The document is not of the present. Make it again.")


def _a_record_follows(append: AppendRequest) -> None:
    """Signed twice: the record by whoever made it, and the entry with all its fields."""
    record: OfficeRecord = append.document
    must(RECORDS.get(record.record) == append.kind, "The log entry names another kind of document.")
    _it_is_new(append)
    must(
        record.by == append.text("by") and record.before == append.text("before"),
        "The entry's by differs from the document's.",
    )
    must("case" not in append.entry and "warrant" not in append.entry, "A record does not belong to a case.")
    append.signed(MAKERS[record.record], "the_writer_may_write")
    if append.kind in ONCE_A_WEEK:
        must(record.body.get("week") == append.entry.get("week"), "The entry's week differs from the document's.")
        known = (
            entry_at(append.kernel, index) for index, _ in append.kernel.state.records.records.get(append.kind, ())
        )
        must(append.text("week") not in {str(one.get("week", "")) for one in known}, "Already done for that week.")
    if append.kind == "PASSKEY_ENROLLED":
        must(record.body.get("person") == record.by, "Only its owner can enrol an authenticator.")
        session = append.session()
        must_be_permitted(
            append.kernel, record.by, frozenset(Role), "the_reader_may_read", action="open_record", session=session
        )


# Cases.


def _asked(append: AppendRequest) -> None:
    must(not append.kernel.stores.log.find("case", append.document.case), "This case already exists.")
    must_be_of_their_unit(append)


def _permitted(append: AppendRequest) -> None:
    document: Permit = append.document
    history = append.kernel.state.histories.get(document.case)
    follows = history is not None and document.before in history.digests("ASKED")
    first = history is not None and not history.after("PERMITTED", document.before)
    must(follows and first, "A permit needs a logged request.")


def _ran(append: AppendRequest) -> None:
    decryption_checks.the_run_goes_on(append.kernel, append.document.case, append.document.before)


def _decided(append: AppendRequest) -> None:
    document: Decision = append.document
    history = append.kernel.state.histories.get(document.case)
    if history is None or document.before not in history.digests("RAN") or history.after("DECIDED", document.before):
        raise OutOfOrder("A decision needs findings that were logged, and only one decision is possible.")
    must_be_of_their_unit(append)
    declared = append.kernel.capability(history.capability)
    must_be_let(append, declared.asks.deciders, "the_decider_may_decide")
    *_, reasons = check_decision(append.kernel, declared, document, archived(append.kernel, document.before, Evidence))
    if reasons:
        raise Refused(reasons)


def _published(append: AppendRequest) -> None:
    document: Publication = append.document
    history = append.kernel.state.histories.get(document.case)
    if (
        history is None
        or document.before not in history.digests("DECIDED")
        or history.after("PUBLISHED", document.before)
    ):
        raise OutOfOrder("A publication needs a logged decision, and only one publication is possible.")
    must_be_let(append, PUBLISHERS, "the_publisher_may_publish")


# Data.


def _admission_said(append: AppendRequest) -> Fields:
    document: Admission = append.document
    began = append.kernel.state.unfinished.get(document.dataset, {})
    size = {"rows": document.rows} if "rows" in append.entry else {"size": document.size}
    said = {key: getattr(document, key) for key in ("dataset", "object", "shape", "digest", "by")}
    if append.kind == "DERIVED":
        said |= {"case": document.case, "before": began.get("before", ""), "parent": document.parent}
    warrant = {"warrant": append.text("warrant")} if "warrant" in append.entry else {}
    return said | size | warrant


def _admitted(append: AppendRequest) -> None:
    """Whoever began to keep it; what comes under a warrant says under which, so that a refusal finds it."""
    document: Admission = append.document
    began, state = append.kernel.state.unfinished.get(document.dataset, {}), append.kernel.state
    must(document.object not in state.objects.datasets, "This object was already admitted.")
    must(
        not document.parent and not document.case and "case" not in began,
        "This is made in a run and cannot be admitted.",
    )
    must(began.get("by") == document.by, "This person did not start keeping this object.")
    must_be_let(append, ADMITTERS | KEEPERS, "the_admitter_may_admit")
    basis, warrant = str(document.declaration.get("legal_basis", "")), append.text("warrant")
    if warrant or basis.startswith("warrant "):
        must(
            warrant in warrant_roots(state.authorizations) and basis == f"warrant {warrant[:16]}",
            "Data collected under a warrant must name a valid one.",
        )


def _derived(append: AppendRequest) -> None:
    document: Admission = append.document
    began, held = append.kernel.state.unfinished.get(document.dataset, {}), append.kernel.state.objects
    must(document.object not in held.datasets, "This object was already admitted.")
    must(
        document.by == OFFICE and document.case and began.get("case") == document.case,
        "No run has started to make this.",
    )
    decryption_checks.the_run_goes_on(append.kernel, document.case, str(began.get("before", "")))


def _kept_by_act(
    roles: Collection[Role], rule: str, *also: Callable[[AppendRequest], None]
) -> Callable[[AppendRequest], None]:
    """An act of retention: the document holds the words, the entry what is done, and the person signs both."""

    def judged(append: AppendRequest) -> None:
        document: RetentionAct = append.document
        about = key_of(append.kernel, document.about) if append.kind == "CATEGORY" else document.about
        named = {key: append.entry[key] for key in ("category", "dataset", "alarms") if key in append.entry}
        must(document.act == append.kind.lower() and list(named.values()) == [about], "The entry names another action.")
        must("alarms" not in named or append.kind in ("HELD", "RELEASED"), "Alarms can only be held and released.")
        must("signature" in append.entry, "This entry is a person's act. That person must sign it.")
        must(
            "case" not in append.entry and "warrant" not in append.entry,
            "A retention action does not belong to a case.",
        )
        must_be_let(append, roles, rule)
        for one in also:
            one(append)

    return judged


def _held(append: AppendRequest) -> None:
    """What is there, under a name of its own: a second hold of that name would be lifted with the first."""
    taken = {name for holds in holds_in(append.kernel).values() for names in holds.values() for name in names}
    must(
        held_as(append.kernel, append.document.about) in append.entry, "The entry names another kind of object on hold."
    )
    must(
        append.text("why") in HOLDS and append.text("hold") not in {"", *taken}, "unknown hold, or hold still in place"
    )


def _released(append: AppendRequest) -> None:
    found = [holds.get(append.text(key), {}) for key, holds in holds_in(append.kernel).items()]
    must(any(append.text("hold") in names for names in found), "no such hold here")


def _act_said(append: AppendRequest) -> Fields:
    fields = ("dataset", "alarms", "category", "days", "access", "categories", "hold", "why")
    return {"by": append.document.by} | {key: append.entry[key] for key in fields if key in append.entry}


# People, authorizations, and acts that take two.


def _enrolment_said(append: AppendRequest) -> Fields:
    """Where it takes two people, what they agreed on; and whether one alone entrusted somebody, at the founding."""
    document: Enrolment = append.document
    alone, before = (must_be_agreed(append.kernel, document, append.text("before")), append.text("before"))
    said = {"person": document.person, "unit": log_word(document.unit), "by": document.by}
    return {**said, "before": before, "founding": int(alone)}


def _enrolled(append: AppendRequest) -> None:
    document: Enrolment = append.document
    must(bool(document.unit.strip()), "The unit has no name.")
    if document.by == OFFICE:
        return  # the first one; the office's signature was looked at
    must_be_let(append, ENROLLERS, "the_enroller_may_enrol")
    there = append.kernel.state.people.get(document.person)
    must(document.person != document.by, "You cannot change your own roles, unit or training.")
    must(
        there is None or there.public_key == document.public_key,
        "A person with this short name is enrolled with another key.",
    )


def _issued(append: AppendRequest) -> None:
    document: Authorization = append.document
    time_must_go_on(append.kernel)
    must_be_let(append, ISSUERS[document.kind], "the_issuer_may_issue")


def _warrant_refused(append: AppendRequest) -> None:
    made = append.kernel.state.authorizations.get(append.document.warrant)
    provisional = made is not None and made.kind is AuthorizationKind.WARRANT and made.body.get("status") == PROVISIONAL
    must(provisional, "no valid provisional warrant with this digest")
    must_be_let(append, ISSUERS[AuthorizationKind.WARRANT], "the_issuer_may_revoke")


def _proposed(append: AppendRequest) -> None:
    must(append.document.what in ACTS, "This is not a two-person action.")
    must_be_of_their_unit(append)
    must_be_let(append, PROPOSERS, "the_proposer_may_propose")


def _approved(append: AppendRequest) -> None:
    """By the second person, who stepped up where they approve: at the terminal, or in an open session of theirs."""
    document: Approval = append.document
    status, now = append.kernel.state.authorization_status, append.kernel.now()
    made = status.proposals.get(document.before)
    if made is None or document.before in status.approved:
        raise OutOfOrder("This proposal is unknown or already approved.")
    must(now - datetime.fromisoformat(made.at) <= GOOD_FOR, "This proposal is older than a week. Propose it again.")
    must_be_of_their_unit(append)
    must_be_permitted(
        append.kernel,
        document.by,
        APPROVERS,
        "the_approver_may_approve",
        action="approve",
        first=(made.by, made.unit),
        session=append.session(),
    )


def _act_of(append: AppendRequest) -> str:
    made = append.kernel.state.authorization_status.proposals.get(append.document.before)
    return made.what if made else ""


# Watches and their alarms.


def _watch_standing(append: AppendRequest) -> None:
    document: StandingPermit = append.document
    before = entries_with(append.kernel, "document", document.before)
    asked = any(entry["kind"] == "WATCH_ASKED" and entry.get("case") == document.case for entry in before)
    must(asked and document.case not in append.kernel.state.alarms.stands, "This request already started a watch.")


def _watch_said(append: AppendRequest) -> Fields:
    document: StandingPermit = append.document
    request = archived(append.kernel, document.before, StandingRequest)
    return {
        **{key: getattr(document, key) for key in ("case", "before", "watch", "until")},
        "sensors": len(request.sensors),
        "exercise": int(request.exercise),
    }


def _of(*names: str, **more: Callable[[AppendRequest], object]) -> Callable[[AppendRequest], Fields]:
    """What an entry says: these fields of its document, `unit` as one word of the log, and those computed from it."""

    def said(append: AppendRequest) -> Fields:
        own = {name: getattr(append.document, name) for name in names}
        own |= {"unit": log_word(append.document.unit)} if "unit" in own else {}
        return own | {name: value(append) for name, value in more.items()}

    return said


def _known_purpose(append: AppendRequest) -> str:
    return append.document.purpose if append.document.purpose in set(Purpose) else "unknown"


RULES: Mapping[str, Rule] = {
    "ENROLLED": Rule(Enrolment, _enrolment_said, _enrolled),
    "ADMITTED": Rule(Admission, _admission_said, _admitted),
    "DERIVED": Rule(Admission, _admission_said, _derived),
    "ISSUED": Rule(
        Authorization, _of("serves", "by", "before", authorization=lambda append: str(append.document.kind)), _issued
    ),
    "ASKED": Rule(Request, _of("case", "capability", "by", "unit", purpose=_known_purpose), _asked),
    "PERMITTED": Rule(Permit, _of("case", "before", "until", "policy"), _permitted),
    "RAN": Rule(Evidence, _of("case", "before", "findings"), _ran),
    "DECIDED": Rule(Decision, _of("case", "before", "by", "unit", "choice"), _decided),
    "PUBLISHED": Rule(Publication, _of("case", "before", "by"), _published),
    "WARRANT_REFUSED": Rule(Refusal, _of("by", before=lambda append: append.document.warrant), _warrant_refused),
    "PROPOSED": Rule(Proposal, _of("by", "unit", act=lambda append: append.document.what), _proposed),
    "APPROVED": Rule(Approval, _of("before", "by", "unit", act=_act_of), _approved),
    "WATCH_ASKED": Rule(StandingRequest, _of("case", "watch", "by"), _asked),
    "WATCH_STANDING": Rule(StandingPermit, _watch_said, _watch_standing),
    "EVENT_PERMITTED": Rule(
        EventPermit,
        _of("zone", "starts", "ends", "by"),
        lambda append: must_be_let(append, PERMITTERS, "the_event_may_be_permitted"),
    ),
    "HANDED_OVER": Rule(
        Handover, _of("by", "to", "active"), lambda append: must_be_let(append, SHIFT, "the_decider_may_decide")
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
