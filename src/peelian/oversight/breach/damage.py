"""Damage: what the office finds damaged opens an incident by itself, once for each thing, as an act of the office."""

from __future__ import annotations

import dataclasses
import json
import logging
from dataclasses import asdict

from peelian.errors import IntegrityError, PeelianError
from peelian.kernel.model.archive_partitions import class_of
from peelian.kernel.model.documents import digest_of
from peelian.kernel.records.office_records import OfficeRecord
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.known import stays, why_damaged
from peelian.kernel.state.record_index import RECORDS
from peelian.measure.canonical import spelled
from peelian.oversight.breach.incident import Incident, completed, entry, people_counted, register
from peelian.oversight.breach.report import Report, touching
from peelian.oversight.review.people import made_as

KIND = "record_damaged"
_log = logging.getLogger("peelian.faults")


def damaged_record(kernel: Kernel, fault: IntegrityError, *, at: str) -> Report:
    """The report that a fault is: nobody knows who saw what, or since when."""
    of = fault.of or str(fault)
    whole = frozenset({of}) if made_as(kernel, of) else frozenset()
    return Report(kind=KIND, ended=at, known_since=at, exposure={of: "unknown"}, whole=whole)


def open_incidents(kernel: Kernel) -> tuple[Incident, ...]:
    """Enter each fault that was met into the register of incidents; those that are new, each of which is an alarm on
    the service's log. One that cannot be entered now is left for the next time. O(faults + incidents)."""
    found = []
    for fault in kernel.state.unreported():
        try:
            if kernel.registrar is not None:
                report_damage(kernel, fault.of)
                kernel.state.reported(fault)
                continue
            incident = _entered(kernel, damaged_record(kernel, fault, at=kernel.now().isoformat()))
        except PeelianError:  # the log itself may be what is damaged
            continue
        kernel.state.reported(fault)
        if incident is not None:
            _log.error("%s (%s): %s", incident.id, fault.of, fault)
            found.append(incident)
    return tuple(found)


@act
def report_damage(kernel: Kernel, of: str) -> None:
    """Enter what a program of a divided office met (a fault's `of`), where whoever holds the log finds it damaged,
    too: nobody's bare word opens an incident."""
    if isinstance(fault := why_damaged(kernel, of), IntegrityError) and stays(fault):
        kernel.state.notice(fault)
        open_incidents(kernel)


def _entered(kernel: Kernel, report: Report) -> Incident | None:
    """The incident that the office opens; None where it is known."""
    with kernel.lock:
        if any(touching(report, ((one.id, one.reports) for one in register(kernel)))):
            return None
        now = kernel.now()
        incident, body = entry(completed(kernel, report), now)
        record = OfficeRecord(record="incident", body=spelled(body), by="office", at=now.isoformat())
        digest = digest_of(record)
        record = dataclasses.replace(record, signature=kernel.office.sign(digest.encode()).hex())
        document = json.dumps(asdict(record), ensure_ascii=False).encode()
        kind = RECORDS["incident"]
        kernel.stores.archive.put(digest, document, partition=kernel.partition(class_of(kind)))
        kernel.append(kind, document=digest, by="office", incident=incident.id, **people_counted(incident))
        return incident
