"""The register: what this town uses, what each case did, what was published, what was refused. Read-only views.

Reading a case's documents decrypts the archive, never a dataset. O(entries of the case) per case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from peelian.errors import OutOfOrder
from peelian.governance.capability import Capability, Findings
from peelian.governance.documents import Authority, Decision, Evidence, Permit, Publication, Request, mark_of
from peelian.governance.findings import unpack
from peelian.governance.house import House, Track, archived, still_archived

STATES: Mapping[str, str] = {
    "ASKED": "asked",
    "REFUSED": "refused",
    "PERMITTED": "permitted",
    "OPENED": "running",
    "STARTED": "running",
    "RAN": "ran",
    "FAILED": "failed",
    "WITHHELD": "withheld",
    "DECIDED": "decided",
    "ISSUED": "decided",
    "PUBLISHED": "published",
    "KEEPING": "running",
    "TURNED_AWAY": "running",
    "DERIVED": "running",
    "ERASED": "erased",
    "DELIVERED": "delivered",
    "UNDELIVERED": "decided",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One log entry of a case: its index, time, kind, and a short outcome."""

    index: int
    at: str
    kind: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """One line of the list of cases; nothing is decrypted for it."""

    case: str
    capability: str
    title: str
    purpose: str
    unit: str
    state: str
    asked_at: str
    last_at: str
    choice: str  # of the decision, "" before there is one
    rules: tuple[str, ...]  # why it was refused or withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """Everything about one case: its documents, the papers it leaned on, its findings and its history."""

    summary: CaseSummary
    capability: Capability
    request: Request
    asker: str
    permit: Permit | None
    papers: tuple[Authority, ...]
    evidence: Evidence | None
    findings: Findings | None
    decision: Decision | None
    decider: str
    publication: Publication | None
    public: Findings | None
    history: tuple[HistoryLine, ...]
    homes: tuple[tuple[str, str, int], ...] = ()  # energy: dataset, who declared its homes, and how many


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One line of the inventory: a capability, what it needs, whether it may be used now, and how often it was."""

    capability: Capability
    suspended: bool
    asked: int
    refused: int
    decided: int
    papers: tuple[Authority, ...]


def summaries(house: House) -> tuple[CaseSummary, ...]:
    """All cases, newest first. O(entries)."""
    return tuple(_summary(house, track) for track in reversed(house.book.tracks.values()))


def published(house: House) -> tuple[CaseSummary, ...]:
    """The cases in the public register, newest first: adopted or rejected."""
    return tuple(summary for summary in summaries(house) if summary.state == "published")


def refusals(house: House) -> Mapping[tuple[str, str], int]:
    """How often each capability was refused by each rule: (capability, rule) → n."""
    tally: Counter[tuple[str, str]] = Counter()
    for track in house.book.tracks.values():
        for _, entry in track.entries:
            if entry["kind"] == "REFUSED":
                tally.update((track.capability, rule) for rule in str(entry["rules"]).split(","))
    return dict(sorted(tally.items()))


def inventory(house: House) -> tuple[System, ...]:
    """Every capability the town has, used or not."""
    tracks = list(house.book.tracks.values())
    return tuple(
        System(
            capability=capability,
            suspended=technology.id in house.book.suspended,
            asked=sum(track.capability == capability.id for track in tracks),
            refused=sum(track.capability == capability.id and bool(_of(track, "REFUSED")) for track in tracks),
            decided=sum(track.capability == capability.id and bool(_of(track, "DECIDED")) for track in tracks),
            papers=tuple(
                paper for paper in house.book.papers.values() if paper.serves in (capability.id, f"{technology.id}.*")
            ),
        )
        for technology in house.technologies
        for capability in technology.capabilities
    )


def case_record(house: House, case: str) -> CaseRecord:
    """One case, whole; OutOfOrder where there is none of that name."""
    if case not in house.book.tracks:
        raise OutOfOrder("no case with this name")
    track = house.book.tracks[case]
    request = archived(house, track.marks("ASKED")[0], Request)
    permit = _last(house, track, "PERMITTED", Permit)
    evidence = _last(house, track, "RAN", Evidence)
    decision = _last(house, track, "DECIDED", Decision)
    publication = _last(house, track, "PUBLISHED", Publication)
    papers = (still_archived(house, mark, Authority) for mark in permit.papers) if permit else ()
    return CaseRecord(
        summary=_summary(house, track),
        capability=house.capability(track.capability),
        request=request,
        asker=_name(house, request.by),
        permit=permit,
        papers=tuple(paper for paper in papers if paper),
        evidence=evidence,
        findings=unpack(house.archive.get(evidence.findings)) if evidence and not _of(track, "ERASED") else None,
        decision=decision,
        decider=_name(house, decision.by) if decision else "",
        publication=publication,
        public=unpack(house.archive.get(publication.findings)) if publication else None,
        history=tuple(
            HistoryLine(index=index, at=str(entry["t"]), kind=str(entry["kind"]), outcome=_outcome(entry))
            for index, entry in track.entries
        ),
        homes=tuple(_declared_homes(house, request)),
    )


def _declared_homes(house: House, request: Request) -> Iterator[tuple[str, str, int]]:
    book = house.book
    for name in sorted(set(request.datasets.values())):
        one = book.datasets.get(name) or book.queued.get(name) or book.destroyed.get(name)
        if one is not None and "declared_homes" in one.facts:
            yield name, _name(house, one.by), int(one.facts["declared_homes"])


def earned(house: House, decision: Decision) -> tuple[Authority, ...]:
    """The papers in force that this decision became."""
    mark = mark_of(decision)
    return tuple(paper for paper in house.book.papers.values() if paper.before == mark)


def _last(house: House, track: Track, kind: str, document: type[Any]) -> Any:
    marks = track.marks(kind)
    return archived(house, marks[-1], document) if marks else None


def _of(track: Track, kind: str) -> list[str]:
    return [str(entry["kind"]) for _, entry in track.entries if entry["kind"] == kind]


def _name(house: House, token: str) -> str:
    person = house.book.people.get(token)
    return person.name if person else token


def _summary(house: House, track: Track) -> CaseSummary:
    entries = [entry for _, entry in track.entries]
    rules = [str(e["rules"]).split(",") for e in entries if e["kind"] in ("REFUSED", "WITHHELD")]
    choices = [str(e["choice"]) for e in entries if e["kind"] == "DECIDED"]
    return CaseSummary(
        case=track.case,
        capability=track.capability,
        title=house.capability(track.capability).title,
        purpose=track.purpose,
        unit=house.book.people[track.by].unit if track.by in house.book.people else track.unit,
        state="published" if track.marks("PUBLISHED") else STATES.get(track.state, track.state.lower()),
        asked_at=str(entries[0]["t"]),
        last_at=str(entries[-1]["t"]),
        choice=choices[-1] if choices else "",
        rules=tuple(rules[-1]) if rules else (),
    )


def _outcome(entry: Mapping[str, str | int]) -> str:
    for key in ("rules", "choice", "dataset", "until", "error", "paper", "capability"):
        if key in entry:
            return str(entry[key])
    return ""
