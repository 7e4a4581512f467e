"""Office records: signed and encrypted records beside the cases, and accesses to records of people.

A staff list, a duty roster, a review, an incident: each is one signed document in the archive. An access to a record
that concerns a person is one log entry with the person as a keyed token, so that a review can ask why it happened and
the person can be told; neither name nor identifier ever stands in the log.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from peelian.errors import InputError, IntegrityError, OutOfOrder, Refused, out_of_range
from peelian.kernel.model.archive_partitions import class_of
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Document, digest_of
from peelian.kernel.model.people import Operator
from peelian.kernel.model.ports import Sealed
from peelian.kernel.model.pseudonyms import ADDRESS, SUBJECT, one_spelling
from peelian.kernel.policy.authorize import must_be_allowed, must_hold_role, must_not_be_stopped, refusal
from peelian.kernel.policy.signed_entries import acted, shown
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, log_word
from peelian.kernel.state.record_index import MAKERS as MAKERS
from peelian.kernel.state.record_index import RECORDS
from peelian.kernel.state.signed_documents import destroyed_on, why_none
from peelian.measure.canonical import spelled

ACTIONS = frozenset({"read", "search", "print", "export"})
OUTCOMES = frozenset({"shown", "refused", "none"})
READERS = frozenset(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRecord(Document):
    """One record of the office: what kind, its content (plain JSON), who made it, and the record it goes on from."""

    record: str
    body: Mapping[str, Any]
    before: str = ""


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


def keep(
    kernel: Kernel, by: Operator, record: str, body: Mapping[str, Any], *, before: str = "", **fields: str | int
) -> str:
    """Sign a record, archive it encrypted and log its digest with `fields`; returns the digest.

    Refused where the policy does not let them keep such a record (`MAKERS`); what more the act behind it asks for is
    for the caller to check. InputError: a kind of record nobody declared, or a body that has no canonical spelling.
    """
    if record not in RECORDS:
        raise InputError("unknown kind of record", accepted=", ".join(sorted(RECORDS)))
    must_hold_role(kernel, by, MAKERS[record], "the_maker_may_keep")
    if {"case", "warrant"} & fields.keys():
        raise OutOfOrder("A record does not belong to a case.")
    made = OfficeRecord(
        record=record,
        body=spelled(body),
        by=by.person.token,
        at=kernel.now().isoformat(),
        before=before,
    )
    digest = digest_of(made)
    made = dataclasses.replace(made, signature=by.sign(digest.encode()).hex())
    document = json.dumps(dataclasses.asdict(made), ensure_ascii=False).encode()
    kernel.stores.archive.put(digest, document, partition=kernel.partition(class_of(RECORDS[record])))
    more = {"before": before} if before else {}
    acted(kernel, by, RECORDS[record], document=digest, **more, **fields)
    return digest


def kept(kernel: Kernel, digest: str) -> OfficeRecord:
    """The record with this digest; OutOfOrder where it was destroyed as its retention asks, IntegrityError where the
    archive holds something else under it."""
    try:
        record = OfficeRecord(**json.loads(kernel.stores.archive.get(digest)))
    except (TypeError, json.JSONDecodeError):
        raise OutOfOrder("not a record of the office") from None
    except (InputError, OutOfOrder) as error:
        raise why_none(kernel, digest, "record") or error from None
    if digest_of(record) != digest:
        raise IntegrityError(f"The archive holds an altered record ({record.record[:20]}).", of=f"document {digest}")
    return record


def still_kept(kernel: Kernel, digest: str) -> OfficeRecord | None:
    """The same, and None where it was destroyed as its retention asks."""
    try:
        return kept(kernel, digest)
    except OutOfOrder:
        if destroyed_on(kernel, digest):
            return None
        raise


def entries_of(kernel: Kernel, record: str) -> tuple[tuple[int, str], ...]:
    """The log indexes and digests of all records of one kind, oldest first, of destroyed ones as well. O(such records).

    In step with what other programs of the office append.
    """
    kernel.stores.follow()
    return tuple(kernel.state.records.records.get(RECORDS[record], ()))


def records_of(kernel: Kernel, record: str) -> Iterator[tuple[int, OfficeRecord]]:
    """Every record of one kind that is not past its time, with its log index, oldest first. O(such records)."""
    for index, digest in entries_of(kernel, record):
        if found := still_kept(kernel, digest):
            yield index, found


def latest(kernel: Kernel, record: str) -> OfficeRecord | None:
    """The newest record of one kind; None where there is none. O(such records), one decryption."""
    known = entries_of(kernel, record)
    return still_kept(kernel, known[-1][1]) if known else None


def subject_token(kernel: Kernel, identifier: str) -> str:
    """The keyed token of the person an identifier names: case and blanks at its ends do not matter.

    InputError where there is no identifier.
    """
    plain = one_spelling(identifier)
    if not plain:
        raise InputError("person not identified", accepted="the identifier their records carry")
    return kernel.office.token(plain, of=SUBJECT)


def address_token(kernel: Kernel, address: str) -> str:
    return kernel.office.token(address, of=ADDRESS) if address else ""


@act
def note_access(kernel: Kernel, by: Operator, seen: Seen) -> list[int]:
    """Log that people's records are being looked at, one entry a person, before anything is shown; their indexes.

    All entries of one act share its `batch`. Refused where the person is not enrolled, has not proved within five
    minutes that they are at the desk (`step_up.prove`), or where the session was ended.
    O(subjects).
    """
    if seen.action not in ACTIONS or seen.outcome not in OUTCOMES:
        raise InputError("not an access", accepted=", ".join((*sorted(ACTIONS), *sorted(OUTCOMES))))
    if not seen.subjects:
        raise InputError("access without a person", accepted="at least one person's token")
    action = "open_record" if seen.outcome == "shown" else "act"  # what is shown takes a fresh step-up
    person = must_be_allowed(kernel, by, action, roles=READERS, rule="the_reader_may_read")
    if seen.session in kernel.state.ended:
        raise Refused([refusal("the_session_is_open", "session ended", "Log on again.")])
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
    return [shown(kernel, by, "ACCESSED", **{**common, "subject": subject}) for subject in seen.subjects]


def hold(kernel: Kernel, by: Operator, dataset: str, content: bytes) -> str:
    """Seal records about people as they are and log SEALED; returns the object's name. Nothing remains on failure."""
    must_hold_role(kernel, by, frozenset({Role.CLERK, Role.CUSTODIAN}), "the_admitter_may_admit")
    with kernel.stores.vault.seal(dataset) as file:
        file.write(content)
    sealed: Sealed = cast(Any, file).sealed  # the port promises it on the context's value
    sealed_anew(kernel, by, sealed)
    return sealed.object


@act
def sealed_anew(kernel: Kernel, by: Operator, sealed: Sealed, *, before: str = "") -> None:
    """Log that records about people were sealed; `before`: in the place of this object of the same dataset."""
    with kernel.lock:
        held, roles = kernel.state.objects, {Role.CUSTODIAN} if before else {Role.CLERK, Role.CUSTODIAN}
        must_hold_role(kernel, by, frozenset(roles), "the_closer_may_close" if before else "the_admitter_may_admit")
        if sealed.object in held.datasets:
            raise OutOfOrder("This object was already admitted.")
        if before and (held.datasets.get(before) != sealed.dataset or before in held.gone):
            raise OutOfOrder("The previous object was destroyed, or belonged to another dataset.")
        what: dict[str, str | int] = {"dataset": sealed.dataset, "object": sealed.object, "digest": sealed.digest}
        what |= {"before": before} if before else {}
        acted(kernel, by, "SEALED", **what, size=sealed.size)


@act
def assign(kernel: Kernel, by: Operator, case: str, *, unit: str, cells: Sequence[str], days: int) -> str:
    """Give a decided case to a unit as its plan, for named places and a time: accesses under it are then explained."""
    must_hold_role(kernel, by, MAKERS["assignment"], "the_assigner_may_assign")
    history = kernel.state.histories.get(case)
    if history is None or not history.digests("DECIDED"):
        raise OutOfOrder("A plan must be a decided case. Have it decided, then assign it.")
    must_not_be_stopped(kernel, kernel.capability(history.capability).technology)
    if not 1 <= days <= 366:
        raise out_of_range("days", 1, 366)
    body = {"case": case, "unit": log_word(unit), "cells": list(cells), "days": days}
    return keep(kernel, by, "assignment", body, unit=log_word(unit), under=case)


@act
def tried(kernel: Kernel, by: Operator, technology: str, *, format: str, rows: int, data: str) -> None:
    """Log that one of the office's people tried a technology on a file (a keyed token of it), outside the office.

    Refused while the technology (of a capability: `risk.subgroups`) is suspended."""
    must_not_be_stopped(kernel, technology.partition(".")[0])
    must_hold_role(kernel, by, frozenset(Role), "the_person_may_try")
    acted(kernel, by, "TRIED", technology=log_word(technology), format=log_word(format), rows=rows, data=data)


@act
def backed_up(kernel: Kernel, by: Operator, *, keys: bool) -> None:
    """Log that the office is copied, with its keys or without."""
    must_hold_role(kernel, by, frozenset({Role.CUSTODIAN}), "the_custodian_may_back_up")
    acted(kernel, by, "BACKED_UP", keys=int(keys))


@act
def provenance_replaced(kernel: Kernel, by: Operator, *, old: str, new: str, certificate: str) -> None:
    """Log that the key of the office's provenance certificate gives way to another: both public keys, and the
    fingerprint of the certificate before."""
    must_hold_role(kernel, by, frozenset({Role.CUSTODIAN}), "the_custodian_may_replace")
    acted(kernel, by, "PROVENANCE_REPLACED", old=old, new=new, certificate=certificate)


@act
def ground_kept(kernel: Kernel, by: Operator, body: Mapping[str, Any]) -> None:
    """Keep what map files the office shows under its maps, and where they come from."""
    keep(kernel, by, "ground", body, digest=str(body["tiles"]))


@act
def drill_begun(kernel: Kernel, by: Operator, body: Mapping[str, Any]) -> str:
    """Keep what a self-test is about, sealed until its end; the record's digest."""
    return keep(kernel, by, "drill_begun", body, drill=str(body["drill"]))


@act
def self_tested(kernel: Kernel, by: Operator, body: Mapping[str, Any], *, before: str) -> None:
    """Keep the record of a machine run of the breach protocol. It opens nothing: a drill is played by people."""
    told = {
        "recall": int(body["recall_permille"]),
        "extra": int(body["extra_permille"]),
        "ms": int(body["milliseconds"]),
    }
    keep(
        kernel,
        by,
        "self_test",
        body,
        before=before,
        drill=str(body["drill"]),
        **told,
        met=int(bool(body["criteria_met"])),
    )
