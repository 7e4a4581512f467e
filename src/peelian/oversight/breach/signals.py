"""What may be a breach: signals from the log's accesses, from the log itself, and from what people report.

A signal says what was seen, not what was planned: nothing here knows of a drill's scenario.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from peelian.kernel.model.partitions import lists_partitions
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.state import OPENS
from peelian.oversight.breach.report import SEEN, Report
from peelian.oversight.review.accesses import Access, accesses
from peelian.oversight.review.explanations import grounds_of, unexplained
from peelian.oversight.review.patterns import Pattern, patterns
from peelian.oversight.review.people import concerned_by, lists_of

ALWAYS: Mapping[str, str] = {"borrowed_session": "session_misused", "wrong_address": "account_leaked"}
UNLESS_EXPLAINED: Mapping[str, str] = {
    "crowding": "records_snooped",
    "self": "records_snooped",
    "bulk_print": "records_taken",
    "bulk_read": "records_taken",
}
HOLD_OBJECTS = frozenset({"ADMITTED", "SEALED", "DERIVED", "PARTS_KEPT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of the office's files that was found or is missing: the objects in it, and those its keys open."""

    objects: frozenset[str]
    opens: frozenset[str]
    found: str  # ISO time


def signals_in(kernel: Kernel, seen: Sequence[Access] | None = None) -> tuple[Report, ...]:
    """The signals in what was accessed: of the whole log, or of the accesses given. O(entries)."""
    found = accesses(kernel) if seen is None else tuple(seen)
    lists = lists_of(kernel)
    open_ones = {access.index for access in unexplained(found, grounds_of(kernel))}
    by_index = {access.index: access for access in found}
    raised: dict[str, set[int]] = {}
    for pattern in patterns(found, lists):
        for kind, entries in _raised(pattern, open_ones):
            raised.setdefault(kind, set()).update(entries)
    return tuple(_merged(raised, by_index))


def lost_export(kernel: Kernel, batch: str, *, at: str) -> Report | None:
    """Somebody reports that an export is lost: everybody in that batch is concerned. None: there is no such batch.

    A whole dataset that was handed over has no batch: it is named by the index of its entry, DELIVERED, in the log.
    """
    found = [a for a in accesses(kernel) if a.batch == batch or (a.kind == "DELIVERED" and str(a.index) == batch)]
    signal = _signal("export_lost", found, ended=at) if found else None
    if signal is None:
        return None
    concerned = lists_of(kernel).concerned
    whole = frozenset(access.dataset for access in found if not access.subject)
    people = [concerned_by(kernel, name, concerned) for name in whole]
    return replace(signal, subjects=signal.subjects.union(*people), whole=whole)


def lost_copy(kernel: Kernel, copy: Copy) -> Report:
    """A copy of sealed objects is out: whom they concern, and whether the keys in it open them. O(entries)."""
    concerned = lists_of(kernel).concerned
    datasets: dict[str, str] = {}
    subjects: set[str] = set()
    entries = []
    for index, entry in kernel.stores.log.read():
        if entry["kind"] in HOLD_OBJECTS and (held := _held_by(kernel, entry)) & copy.objects:
            for name in _told_of(kernel, entry):
                readable = held & copy.opens or datasets.get(name) == "readable"
                datasets[name] = "readable" if readable else "encrypted"
                subjects |= concerned_by(kernel, name, concerned)
            entries.append(index)
    return Report(
        kind="copy_lost",
        started="",  # nobody knows when it was taken: it was found then
        ended=copy.found,
        subjects=frozenset(subjects),
        entries=tuple(entries),
        exposure=datasets,
        whole=frozenset(datasets),
    )


def _told_of(kernel: Kernel, entry: Entry) -> set[str]:
    """The datasets whose content an entry's objects hold: kept parts tell of all that their run had opened."""
    if entry["kind"] != "PARTS_KEPT":
        return {str(entry["dataset"])}
    history = kernel.state.histories[str(entry["case"])]
    opened = {str(one["dataset"]) for _, one in history.entries if one["kind"] in OPENS}
    return opened - {str(entry["dataset"])}


def _held_by(kernel: Kernel, entry: Entry) -> frozenset[str]:
    """The sealed objects that an entry tells of: one, or a dataset's partitions, or those of all it was combined of."""
    object_, dataset, objects = str(entry["object"]), str(entry["dataset"]), kernel.state.objects
    if not lists_partitions(object_):
        return frozenset((object_,))
    return frozenset(one for name in (dataset, *objects.members.get(dataset, ())) for one in objects.of(name))


def altered_log(kept: Iterable[Access], altered: Iterable[int], *, at: str) -> Report:
    """The log was altered: whose accesses stood in the entries that differ from the copy a witness cosigned.

    `kept` are the accesses of that copy, `altered` the indexes that differ.
    """
    wrong = set(altered)
    signal = _signal("log_altered", [access for access in kept if access.index in wrong], ended=at)
    return signal or Report(kind="log_altered", started=at, ended=at, entries=tuple(sorted(wrong)))


def without_people(kind: str, *, started: str, ended: str) -> Report:
    """A signal that concerns nobody's record: the log stopped, or its witness is silent."""
    return Report(kind=kind, started=started, ended=ended)


def _raised(pattern: Pattern, open_ones: set[int]) -> Iterator[tuple[str, Iterable[int]]]:
    if pattern.rule in ALWAYS:
        yield ALWAYS[pattern.rule], pattern.entries
    elif pattern.rule in UNLESS_EXPLAINED:
        open_entries = [entry for entry in pattern.entries if entry in open_ones]
        if 2 * len(open_entries) > len(pattern.entries) or (pattern.rule == "self" and open_entries):
            yield UNLESS_EXPLAINED[pattern.rule], open_entries


def _merged(raised: Mapping[str, set[int]], by_index: Mapping[int, Access]) -> Iterator[Report]:
    """One signal a kind; entries of a misused session or a leaked account are not told of twice."""
    told: set[int] = set()
    for kind in SEEN:
        entries = sorted(raised.get(kind, set()) - told)
        told |= set(entries)
        signal = _signal(kind, [by_index[index] for index in entries])
        if signal:
            yield signal


def _signal(kind: str, found: Sequence[Access], *, ended: str = "") -> Report | None:
    shown = [access for access in found if access.outcome == "shown"]
    if not shown:
        return None
    return Report(
        kind=kind,
        started=shown[0].at.isoformat(),
        ended=ended or shown[-1].at.isoformat(),
        subjects=frozenset(access.subject for access in shown if access.subject),
        entries=tuple(access.index for access in shown),
        exposure={access.dataset: "readable" for access in shown},
        actors=frozenset(access.by for access in shown),
        sessions=frozenset(access.session for access in shown),
        whole=frozenset(access.dataset for access in shown if not access.subject),
    )
