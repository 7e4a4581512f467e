"""The office's own records beside its cases, and accesses to the records of people: encrypted, their marks in the log.

A staff list, a duty roster, a review, an incident: each is one signed document in the archive. An access to a record
that concerns a person is one log entry with the person as a keyed token, so that a review can ask why it happened and
the person can be told; neither name nor identifier ever stands in the log.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from peelian.errors import InputError, IntegrityError, OutOfOrder, Refused, out_of_range
from peelian.governance.acts import must_be_allowed, must_hold, no
from peelian.governance.capability import Role
from peelian.governance.documents import new_salt
from peelian.governance.filed import RECORDS
from peelian.governance.house import House, destroyed_on, log_word, why_none
from peelian.governance.people import Operator
from peelian.governance.ports import Sealed
from peelian.governance.shelving import class_of
from peelian.governance.signed_entries import acted, shown
from peelian.governance.tokens import ADDRESS, SUBJECT
from peelian.measure.canonical import digest, spelled

_LISTERS = frozenset({Role.CUSTODIAN, Role.PRIVACY_OFFICER, Role.AUDITOR, Role.CLERK})
_REVIEWERS = frozenset({Role.AUDITOR, Role.PRIVACY_OFFICER})
_PEERS = frozenset({Role.AUDITOR, Role.BOARD})
_DRILLERS = frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR, Role.BOARD, Role.CUSTODIAN})
_REGISTRARS = frozenset({Role.CUSTODIAN, Role.PRIVACY_OFFICER})
MAKERS: Mapping[str, frozenset[Role]] = {
    "staff": _LISTERS,
    "roster": _LISTERS,
    "subjects": _LISTERS,
    "assignment": frozenset({Role.COMMANDER, Role.BOARD}),
    "pledge": _REVIEWERS,
    "sample": _REVIEWERS,
    "review": _REVIEWERS,
    "answer": frozenset({Role.CLERK, Role.PRIVACY_OFFICER}),
    "incident": frozenset(Role),  # anybody of the office may report what they saw
    "amendment": frozenset(Role),
    "drill_begun": _DRILLERS,
    "drill": _DRILLERS,
    "sensor": _REGISTRARS,
    "sensor_end": _REGISTRARS,
    "sensor_release": frozenset({Role.BOARD, Role.CLERK, Role.PRIVACY_OFFICER}),
    "assessment": frozenset({Role.PRIVACY_OFFICER}),
    "peer_review": _PEERS,
    "explanation": frozenset({Role.PRIVACY_OFFICER, Role.CLERK}),
    "approval": frozenset({Role.COMMANDER, Role.BOARD, Role.COUNCIL}),
    "tool": frozenset({Role.CUSTODIAN, Role.COMMANDER, Role.PRIVACY_OFFICER, Role.BOARD}),
    "drift": frozenset(Role),  # whoever may ask for the proof again: the case that it is says so
    "rights": frozenset({Role.PRIVACY_OFFICER}),
    "vendor": frozenset({Role.CUSTODIAN, Role.PRIVACY_OFFICER, Role.COUNCIL}),
    "privileges": _PEERS,
    "produced": frozenset({Role.PRIVACY_OFFICER, Role.BOARD, Role.COUNCIL, Role.AUDITOR, Role.CUSTODIAN}),
    "passkey": frozenset(Role),
}
"""Who may make which record at all; what it says may ask for more."""

ACTIONS = frozenset({"read", "search", "print", "export"})
OUTCOMES = frozenset({"shown", "refused", "none"})
READERS = frozenset(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRecord:
    """One record of the office: what kind, its content (plain JSON), who made it, and the record it goes on from."""

    record: str
    body: Mapping[str, Any]
    by: str
    at: str
    before: str = ""
    salt: str = field(default_factory=new_salt)
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Which people's records one act concerned, and how: what the log is told of it."""

    dataset: str
    subjects: Sequence[str]  # keyed tokens (`subject_token`)
    action: str  # one of ACTIONS
    session: str  # a token of the log-on
    address: str = ""  # a keyed token of where it came from
    case: str = ""  # the case, plan or warrant it is said to serve
    cell: str = ""  # the place it concerns, where it concerns one
    outcome: str = "shown"


def record_mark(record: OfficeRecord) -> str:
    """SHA-256 over every field but the signature."""
    body = dataclasses.asdict(record)
    del body["signature"]
    return digest({"kind": "OfficeRecord", **body})


def keep(
    house: House, by: Operator, record: str, body: Mapping[str, Any], *, before: str = "", **fields: str | int
) -> str:
    """Sign a record, archive it encrypted and log its mark with `fields`; returns the mark.

    Refused where the policy does not let them keep such a record (`MAKERS`); what more the act behind it asks for is
    for the caller to check. InputError: a kind of record nobody declared.
    """
    if record not in RECORDS:
        raise InputError("unknown kind of record", accepted=", ".join(sorted(RECORDS)))
    must_hold(house, by, MAKERS[record], "the_maker_may_keep")
    made = OfficeRecord(
        record=record,
        body=spelled_body(body),
        by=by.person.token,
        at=house.now().isoformat(),
        before=before,
    )
    mark = record_mark(made)
    made = dataclasses.replace(made, signature=by.sign(mark.encode()).hex())
    document = json.dumps(dataclasses.asdict(made), ensure_ascii=False).encode()
    house.archive.put(mark, document, shelf=house.shelf(class_of(RECORDS[record])))
    more = {"before": before} if before else {}
    acted(house, by, RECORDS[record], mark=mark, **more, **fields)
    return mark


def kept(house: House, mark: str) -> OfficeRecord:
    """The record with this mark; OutOfOrder where it was destroyed as its retention asks, IntegrityError where the
    archive holds something else under it."""
    try:
        record = OfficeRecord(**json.loads(house.archive.get(mark)))
    except (TypeError, json.JSONDecodeError):
        raise OutOfOrder("not a record of the office") from None
    except (InputError, OutOfOrder) as error:
        raise why_none(house, mark, "record") or error from None
    if record_mark(record) != mark:
        raise IntegrityError(f"The archive holds an altered record ({record.record[:20]}).")
    return record


def still_kept(house: House, mark: str) -> OfficeRecord | None:
    """The same, and None where it was destroyed as its retention asks."""
    try:
        return kept(house, mark)
    except OutOfOrder:
        if destroyed_on(house, mark):
            return None
        raise


def entries_of(house: House, record: str) -> tuple[tuple[int, str], ...]:
    """The log indexes and marks of all records of one kind, oldest first, of destroyed ones as well. O(such records).

    Under the house's lock, and so in step with what other programs of the office append.
    """
    with house.lock:
        return tuple(house.book.filed.records.get(RECORDS[record], ()))


def records_of(house: House, record: str) -> Iterator[tuple[int, OfficeRecord]]:
    """Every record of one kind that is not past its time, with its log index, oldest first. O(such records)."""
    for index, mark in entries_of(house, record):
        if found := still_kept(house, mark):
            yield index, found


def latest(house: House, record: str) -> OfficeRecord | None:
    """The newest record of one kind; None where there is none. O(such records), one decryption."""
    known = entries_of(house, record)
    return still_kept(house, known[-1][1]) if known else None


def subject_token(house: House, identifier: str) -> str:
    """The keyed token of the person an identifier names: case and blanks at its ends do not matter.

    InputError where there is no identifier.
    """
    plain = " ".join(identifier.split()).casefold()
    if not plain:
        raise InputError("person not identified", accepted="the identifier their records carry")
    return house.token(plain, of=SUBJECT)


def address_token(house: House, address: str) -> str:
    """The keyed token of a network address."""
    return house.token(address, of=ADDRESS) if address else ""


def note_access(house: House, by: Operator, seen: Seen) -> list[int]:
    """Log that people's records are being looked at, one entry a person, before anything is shown; their indexes.

    All entries of one act share its `batch`. Refused where the person is not enrolled, has not proved within five
    minutes that they are at the desk (`step_up.prove`), or where the session was ended.
    O(subjects).
    """
    if seen.action not in ACTIONS or seen.outcome not in OUTCOMES:
        raise InputError("not an access", accepted=", ".join((*sorted(ACTIONS), *sorted(OUTCOMES))))
    if not seen.subjects:
        raise InputError("access without a person", accepted="at least one person's token")
    action = "open_record" if seen.outcome == "shown" else "deed"  # what is shown takes a fresh step-up
    person = must_be_allowed(house, by, action, roles=READERS, rule="the_reader_may_read")
    if seen.session in house.book.ended:
        raise Refused([no("the_session_is_open", "session ended", "Log on again.")])
    more = {"address": seen.address, "under": seen.case, "cell": seen.cell}
    common: dict[str, str | int] = {
        "unit": log_word(person.unit),
        "dataset": seen.dataset,
        "action": seen.action,
        "outcome": seen.outcome,
        **({} if by.session else {"session": seen.session}),
        "batch": secrets.token_hex(6),
        **{key: value for key, value in more.items() if value},
    }
    return [shown(house, by, "ACCESSED", **{**common, "subject": subject}) for subject in seen.subjects]


def hold(house: House, by: Operator, dataset: str, content: bytes) -> str:
    """Seal records about people as they are and log SEALED; returns the object's name. Nothing remains on failure."""
    must_hold(house, by, frozenset({Role.CLERK, Role.CUSTODIAN}), "the_admitter_may_admit")
    with house.vault.seal(dataset) as file:
        file.write(content)
    sealed: Sealed = cast(Any, file).sealed  # the port promises it on the context's value
    what, n = {"dataset": dataset, "object": sealed.object, "digest": sealed.digest}, sealed.size
    acted(house, by, "SEALED", **what, size=n)
    return sealed.object


def assign(house: House, by: Operator, case: str, *, unit: str, cells: Sequence[str], days: int) -> str:
    """Give a decided case to a unit as its plan, for named places and a time: accesses under it are then explained."""
    must_hold(house, by, MAKERS["assignment"], "the_assigner_may_assign")
    track = house.book.tracks.get(case)
    if track is None or not track.marks("DECIDED"):
        raise OutOfOrder("A plan must be a decided case. Have it decided, then assign it.")
    if not 1 <= days <= 366:
        raise out_of_range("days", 1, 366)
    body = {"case": case, "unit": log_word(unit), "cells": list(cells), "days": days}
    return keep(house, by, "assignment", body, unit=log_word(unit), under=case)


def spelled_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as plain JSON values; InputError for what has no canonical spelling (a float is spelled as text)."""
    plain: dict[str, Any] = spelled(body)
    return plain
