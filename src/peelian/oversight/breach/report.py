"""A report: one telling of what may be a breach. Reports of one event are joined, in any order, any number of times.

The facts of an incident are the join of its reports: everybody, every dataset and every entry that one of them names,
the earliest beginning, the latest end, and of each dataset the worst that can be read of it. So no order in which
reports arrive, and no repetition, gives other facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from peelian.measure.canonical import canonical_digest

WORST = ("none", "encrypted", "unknown", "readable")
"""What can be read of data, from the best to the worst."""
SEEN = (
    "session_misused",
    "records_snooped",
    "records_taken",
    "account_leaked",
    "export_lost",
    "copy_lost",
    "log_altered",
    "record_damaged",
    "log_stopped",
    "witness_silent",
)
"""Kinds that the program itself sees signs of, or that are read from files."""
FREE = (
    "misdirected",
    "device_lost",
    "paper_lost",
    "vendor_breach",
    "availability_lost",
    "published_by_mistake",
    "viewed_without_need",
    "other",
)
"""Kinds that a person reports in their own words."""
COPIES = frozenset({"copy_lost", "export_lost", "device_lost", "vendor_breach"})
"""Kinds in which a copy of whole datasets is out: two of them that share a dataset are one event."""
UNREACHED = frozenset({"record_damaged", "availability_lost"})
BY_ITSELF = frozenset({"log_stopped", "witness_silent"})
"""Kinds that name neither data nor entries: they are one event while their incident is open."""
_ORDER = (
    *("copy_lost", "published_by_mistake", "vendor_breach", "export_lost", "device_lost", "paper_lost", "misdirected"),
    *("records_taken", "account_leaked", "session_misused", "records_snooped", "log_altered", "viewed_without_need"),
    *("availability_lost", "record_damaged", "log_stopped", "witness_silent", "other"),
)  # fmt: skip
"""The kind that names an incident is the first of these that is reported: the worst. First what may be with strangers,
then what somebody of the office saw, then what could not be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One telling: its kind, the log entries, people and datasets it names, and what can be read of the data.

    Times are ISO, "" where nothing is known. `whole` are the datasets of which every record is concerned; `unlisted`
    those of them of which nobody had listed whose records they are. `people_known` is False where whoever reports says
    that people are concerned whom nobody knows yet.
    """

    kind: str
    started: str = ""
    ended: str = ""
    known_since: str = ""
    subjects: frozenset[str] = frozenset()
    entries: tuple[int, ...] = ()
    exposure: Mapping[str, str] = field(default_factory=dict)  # dataset → a word of `WORST`
    whole: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    people_known: bool = True
    information: frozenset[str] = frozenset()  # shapes of the data; "records" where no dataset is known
    actors: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()
    vendor: str = ""
    words: str = ""
    why_earlier: str = ""  # why it was known before it was recorded

    def body(self) -> dict[str, Any]:
        """As plain values for the archive."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in told.items()}

    @property
    def fingerprint(self) -> str:
        """What a sign is called until it is recorded: of its kind, what it rests on and whom it concerns."""
        return canonical_digest([self.kind, list(self.entries), sorted(self.subjects), sorted(self.exposure)])[:24]


SETS = tuple(one.name for one in fields(Report) if str(one.type).startswith("frozenset"))


def report_of(body: Mapping[str, Any]) -> Report:
    """A report from its plain values."""
    sets: dict[str, Any] = {name: frozenset(body[name]) for name in SETS}
    return Report(**{**body, **sets, "entries": tuple(body["entries"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the reports of one event say together; the fields are those of `Report`."""

    kinds: tuple[str, ...] = ()  # the one that names the event first
    started: str = ""
    ended: str = ""
    known_since: str = ""
    subjects: frozenset[str] = frozenset()
    entries: tuple[int, ...] = ()
    exposure: Mapping[str, str] = field(default_factory=dict)
    unlisted: frozenset[str] = frozenset()
    people_known: bool = True
    information: frozenset[str] = frozenset()
    vendor: str = ""
    words: str = ""


def joined(reports: Iterable[Report]) -> Facts:
    """The join of the reports: the same for every order and repetition. O(their sizes).

    >>> closed = Report(kind="copy_lost", exposure={"files": "encrypted"})
    >>> opened = Report(kind="copy_lost", exposure={"files": "readable"})
    >>> joined([opened, closed, opened]) == joined([closed, opened])
    True
    >>> joined([opened, closed]).exposure
    {'files': 'readable'}
    """
    told = tuple(reports)
    return Facts(
        kinds=tuple(sorted({one.kind for one in told}, key=_ORDER.index)),
        started=min((one.started for one in told if one.started), default=""),
        ended=max((one.ended for one in told), default=""),
        known_since=min((one.known_since for one in told if one.known_since), default=""),
        subjects=frozenset().union(*(one.subjects for one in told)),
        entries=tuple(sorted({entry for one in told for entry in one.entries})),
        exposure=_worst_of(told),
        unlisted=frozenset().union(*(one.unlisted for one in told)),
        people_known=all(one.people_known for one in told),
        information=frozenset().union(*(one.information for one in told)),
        vendor="; ".join(sorted({one.vendor for one in told} - {""})),
        words="\n".join(sorted({one.words for one in told} - {""})),
    )


def _worst_of(reports: Iterable[Report]) -> dict[str, str]:
    worst: dict[str, str] = {}
    for one in reports:
        for name, word in one.exposure.items():
            worst[name] = max(word, worst.get(name, word), key=WORST.index)
    return dict(sorted(worst.items()))


def of_one_event(one: Report, other: Report) -> bool:
    """Whether two reports are of one event: they share entries of the log, or a dataset of which a copy is out or that
    cannot be reached, or they are the same report twice. Which other reports belong together a person says."""
    if set(one.entries) & set(other.entries):
        return True
    if any({one.kind, other.kind} <= family for family in (COPIES, UNREACHED)):
        return bool(one.exposure.keys() & other.exposure.keys()) or _basis(one) == _basis(other)
    return _basis(one) == _basis(other)


def _basis(report: Report) -> tuple[Any, ...]:
    """What makes two reports the same one told twice."""
    exposed = tuple(sorted(report.exposure.items()))
    started = "" if report.kind in BY_ITSELF else report.started
    return report.kind, started, report.entries, report.subjects, exposed, report.vendor, report.words


def is_repeated(report: Report, known: Iterable[Report]) -> bool:
    """Whether one of these reports said the same."""
    return any(_basis(report) == _basis(one) for one in known)


def tells_more(before: Facts, after: Facts) -> bool:
    """Whether what was written of the earlier facts is not true any longer: more can be read, or of more data, or it
    was another kind of event."""
    return (before.kinds[:1], before.exposure, before.information) != (
        after.kinds[:1],
        after.exposure,
        after.information,
    )


def concerns_more(before: Facts, after: Facts) -> bool:
    """Whether more people are concerned, known or not."""
    known = before.people_known and not after.people_known
    return known or bool(after.subjects - before.subjects or after.unlisted - before.unlisted)


def merged_subjects(reports: Iterable[Report]) -> frozenset[str]:
    """Everybody whom any of the reports concerns: the affected set."""
    return frozenset().union(*(report.subjects for report in reports))


def touching(report: Report, known: Iterable[tuple[str, Iterable[Report]]]) -> Iterator[str]:
    """Which of the known incidents, each with its reports, a report is of. O(reports)."""
    return (id for id, reports in known if any(of_one_event(report, one) for one in reports))
