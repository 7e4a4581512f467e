"""Drill scenarios: each does one harm to a drill town and returns the truth, which is sealed at once.

A scenario uses only what a thief, a snoop or an accident would use: a log-on, files on the disk, a byte of the log.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from peelian.errors import IntegrityError
from peelian.kernel.records.office_records import subject_token
from peelian.operations.drill.conditions import (
    FOUND,
    NONE_LEFT,
    bundles,
    fill_disk,
    take_mirror,
    the_disk,
    witness_falls_silent,
)
from peelian.operations.drill.town import VENDOR, DrillClock, Town, reopened_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What really happened: the signal that ought to be raised, whom it concerns, and what can be read of what."""

    kind: str
    subjects: tuple[str, ...]
    exposure: Mapping[str, str]
    report: Mapping[str, str]  # what somebody outside reports, where nobody inside can see it


Scenario = Callable[[Town, DrillClock], Truth]


def session_stolen(town: Town, clock: DrillClock) -> Truth:
    """A thief uses an officer's open session from another place and reads record after record."""
    officer, dataset = town.officers[_any(town, len(town.officers))], _dataset(town)
    session = town.session()
    town.look(officer, dataset, town.some(dataset, 3), session=session)
    taken = town.some(dataset, 20 + _any(town, 20))
    for one in taken:
        _later(clock, 1)
        town.look(officer, dataset, (one,), session=session, address="an unknown place")
    town.look(officer, dataset, town.some(dataset, 1), session=session)
    return _truth(town, "session_misused", taken, {dataset: "readable"})


def snooping(town: Town, clock: DrillClock) -> Truth:
    """An officer looks at one person again and again, with no task that calls for it."""
    officer, dataset = town.officers[_any(town, len(town.officers))], "drill-other-desk"
    (victim,) = town.some(_dataset(town), 1)
    for _ in range(6 + _any(town, 6)):
        _later(clock, 20)
        town.look(officer, dataset, (victim,))
    return _truth(town, "records_snooped", (victim,), {dataset: "readable"})


def export_lost(town: Town, clock: DrillClock) -> Truth:
    """A file made for somebody entitled to it is lost on its way; the carrier tells us."""
    officer, dataset = town.officers[_any(town, len(town.officers))], _dataset(town)
    people = town.some(dataset, 8 + _any(town, 12))
    indexes = town.look(officer, dataset, people, action="export")
    entry = dict(town.kernel.stores.log.read(indexes[0]))[indexes[0]]
    report = {"kind": "export_lost", "batch": str(entry["batch"])}
    return _truth(town, "export_lost", people, {dataset: "readable"}, report)


def copy_with_keys(town: Town, clock: DrillClock) -> Truth:
    """A copy of some sealed files is found outside, with the folder of their keys."""
    return _copied(town, keys=True)


def copy_without_keys(town: Town, clock: DrillClock) -> Truth:
    """A copy of some sealed files is found outside; their keys are not in it."""
    return _copied(town, keys=False)


def vendor_token_leaked(town: Town, clock: DrillClock) -> Truth:
    """A vendor's log-on is used from a place that is not the vendor's, a few records at a time."""
    dataset = _dataset(town)
    people = town.some(dataset, 6 + _any(town, 14))
    for n, one in enumerate(people):
        _later(clock, 7)
        town.look(VENDOR, dataset, (one,), address=f"somewhere else {n % 2}")
        if n % 4 == 0:
            town.look(VENDOR, dataset, town.some(dataset, 1))
    return _truth(town, "account_leaked", people, {dataset: "readable"})


def log_tampered(town: Town, clock: DrillClock) -> Truth:
    """An insider reads a few records, then changes those entries of the log on the disk to hide it."""
    officer, dataset = town.officers[_any(town, len(town.officers))], _dataset(town)
    people = town.some(dataset, 2 + _any(town, 4))
    actor = town.desks[officer].person.token
    for one in people:
        town.look(officer, dataset, (one,))
    town.office.close()
    take_mirror(town.folder)
    other = next(town.desks[short].person.token for short in town.officers if short != officer)
    for path in bundles(town.folder):
        content = path.read_bytes()
        hidden = _told_otherwise(content, {subject_token(town.kernel, one) for one in people}, actor, other)
        if hidden != content:
            path.write_bytes(hidden)
    return _truth(town, "log_altered", people, {dataset: "readable"})


def disk_full(town: Town, clock: DrillClock) -> Truth:
    """The disk of the log is full while an officer works: nothing may be shown that is not logged."""
    officer, dataset = town.officers[_any(town, len(town.officers))], _dataset(town)
    town.office.close()
    reopened_at(town.folder, clock).close()  # what an opening has to say is said, and needs no more room
    fill_disk(town.folder)
    town.office = reopened_at(town.folder, clock)
    with the_disk(town.folder), suppress(IntegrityError):
        while True:  # until the system refuses to let the log grow: nothing is acknowledged from then on
            town.look(officer, dataset, town.some(dataset, 1))
    town.office.close()
    fill_disk(town.folder, room=NONE_LEFT)  # it stays full
    return _truth(town, "log_stopped", (), {})


def witness_down(town: Town, clock: DrillClock) -> Truth:
    """The independent witness of the log no longer answers; the log itself is as it should be."""
    witness_falls_silent(town.folder)
    for _ in range(3):
        _later(clock, 5)
        dataset = _dataset(town)
        town.look(town.officers[0], dataset, town.some(dataset, 1))
    return _truth(town, "witness_silent", (), {})


SCENARIOS: Mapping[str, tuple[str, tuple[Scenario, ...]]] = {
    "stolen-session": ("Stolen session used for bulk reading", (session_stolen,)),
    "snooping": ("Staff member snooping on one person", (snooping,)),
    "export-lost": ("Exported file lost", (export_lost,)),
    "backup-copied": ("Backup copied, with or without its keys", (copy_with_keys, copy_without_keys)),
    "vendor-token": ("Vendor log-on leaked", (vendor_token_leaked,)),
    "log-tampered": ("Log altered", (log_tampered,)),
    "disk-full": ("Log disk full", (disk_full,)),
    "witness-down": ("Witness down", (witness_down,)),
}
"""Scenario → what it is, and its variants: the seed chooses one."""


def variant(scenario: str, seed: int) -> Scenario:
    """The variant of a scenario that this seed plays."""
    variants = SCENARIOS[scenario][1]
    return variants[seed % len(variants)]


def _copied(town: Town, *, keys: bool) -> Truth:
    """Some of the datasets are copied; one of them may have been destroyed before, which its key then cannot open."""
    chosen = sorted(town.objects)[: 1 + _any(town, len(town.objects))]
    found, office = town.folder / FOUND, town.folder / "office"
    found.mkdir()
    for dataset in chosen:
        shutil.copy(office / "objects" / town.objects[dataset], found)
    if keys:
        shutil.copytree(office / "keys" / "store", found / "keys")
    people = {one for dataset in chosen for one in town.people[dataset]}
    exposure = dict.fromkeys(chosen, "readable" if keys else "encrypted")
    return _truth(town, "copy_lost", sorted(people), exposure, {"kind": "copy_lost", "folder": "found"})


def _truth(
    town: Town,
    kind: str,
    people: Iterable[str],
    exposure: Mapping[str, str],
    report: Mapping[str, str] | None = None,
) -> Truth:
    subjects = tuple(sorted({subject_token(town.kernel, one) for one in people}))
    return Truth(kind=kind, subjects=subjects, exposure=dict(exposure), report=dict(report or {}))


def _any(town: Town, many: int) -> int:
    return int(town.rng.integers(many))


def _dataset(town: Town) -> str:
    return sorted(town.people)[_any(town, len(town.people))]


def _later(clock: DrillClock, minutes: int) -> None:
    if clock.set_to is not None:
        clock.set_to += timedelta(minutes=minutes)


def _told_otherwise(content: bytes, subjects: set[str], actor: str, other: str) -> bytes:
    """The entries of a bundle that tell of `actor` looking at `subjects`, telling of `other` instead; same length."""

    def changed(match: re.Match[bytes]) -> bytes:
        entry = match[0]
        if b'"kind":"ACCESSED"' in entry and any(f'"subject":"{token}"'.encode() in entry for token in subjects):
            return entry.replace(f'"by":"{actor}"'.encode(), f'"by":"{other}"'.encode())
        return entry

    return re.sub(rb"\{[^{}]*\}", changed, content)
