"""Edition piles: what was published, as later releases are compared with it, derived from the log and the documents.

Nothing is stored that these do not say: of every `PILE` publications one derived document holds the counts, so that
10,000 releases are not unpacked one by one. One that is missing is derived anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import msgspec
import numpy as np

from peelian.errors import IntegrityError, OutOfOrder
from peelian.kernel.disclosure.published_counts import TableLayout, laid_out, told_of
from peelian.kernel.disclosure.same_people import Group, people_in
from peelian.kernel.model.archive_partitions import REGISTER
from peelian.kernel.model.capability import Capability, Findings
from peelian.kernel.model.documents import Admission, Decision, Evidence, Permit, Publication, Request
from peelian.kernel.model.findings import on_editions, unpack
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.technology import capability_of
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.known import stays, unless_damaged
from peelian.kernel.state.signed_documents import archived, still_archived
from peelian.measure.canonical import canonical_digest
from peelian.measure.vocabularies import plain

PILE = 32  # publications
FORMAT = "editions 2"
NOT_TOLD: Mapping[str, Any] = {"of": {}, "first": "", "last": ""}
NAMED = ("instrument", "outcome")  # parameters that two people adopted the words of


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A publication as later ones are compared with it. `of`: what was counted, "" where nobody knows any more;
    `asked`: the digest of all that was asked, "" as well; `first` and `last`: its days, "" where they are not told."""

    index: int
    publication: str
    case: str
    findings: str
    subject: str
    of: Mapping[str, str]
    asked: str
    first: str
    last: str
    tables: Mapping[str, tuple[int, bytes]]  # which layout of the pile, and the counts
    told: Mapping[str, int]
    people: tuple[tuple[Group, Mapping[str, int]], ...] = ()  # what its tables tell of each group
    data: tuple[str, ...] = ()  # the digests of what it read
    damaged: str = ""  # which document of it cannot be read


Pile = tuple[list[TableLayout], list[Release]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pile:
    layouts: list[bytes]  # each packed, so that one that is known is not unpacked again
    releases: list[Release]
    entries: int  # how many publications it is of, those among them whose documents are destroyed
    last: int  # the index of the newest of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a case asked of which records."""

    subject: str
    of: Mapping[str, str]
    asked: str
    first: str
    last: str
    data: tuple[str, ...] = ()
    people: frozenset[int] = frozenset()  # how many records there were, as its datasets say


def every_release(kernel: Kernel) -> Iterator[Pile]:
    """Every publication, in piles; those that are full and were not kept yet are kept. O(publications)."""
    at, n, known = -1, 0, dict[bytes, TableLayout]()  # most tables are laid out as those before

    def layouts(pile: _Pile) -> list[TableLayout]:
        for packed in pile.layouts:
            if packed not in known:
                known[packed] = msgspec.msgpack.decode(packed, type=TableLayout)
        return [known[packed] for packed in pile.layouts]

    for pile in _kept(kernel):
        at, n = pile.last, n + 1
        yield layouts(pile), pile.releases
    entries = list(kernel.stores.log.read(at + 1, kinds=("PUBLISHED",)))
    for some in (entries[start : start + PILE] for start in range(0, len(entries), PILE)):
        pile = _piled(kernel, some)
        if len(some) == PILE and not any(one.damaged for one in pile.releases):
            partition = kernel.partition(REGISTER)
            kernel.stores.archive.put(_name(n), msgspec.msgpack.encode(pile), partition=partition)
        n += 1
        yield layouts(pile), pile.releases


def _kept(kernel: Kernel) -> list[_Pile]:
    """The piles that are kept, from the first on; none where they are not of this log. O(bytes)."""
    piles: list[_Pile] = []
    while True:
        names = [_name(n) for n in range(len(piles), len(piles) + 64)]
        found = kernel.stores.archive.several(names)
        for name in names:
            if name not in found:
                return piles if not piles or _is_of_this_log(kernel, piles[-1]) else []
            piles.append(msgspec.msgpack.decode(found[name], type=_Pile))


def _is_of_this_log(kernel: Kernel, pile: _Pile) -> bool:
    if pile.last >= kernel.stores.log.size() or not pile.releases:
        return False
    newest = pile.releases[-1]
    return kernel.stores.log.entry(newest.index).get("document") == newest.publication


def _name(n: int) -> str:
    return hashlib.sha256(f"{FORMAT} {n}".encode()).hexdigest()


def _piled(kernel: Kernel, entries: Sequence[tuple[int, Entry]]) -> _Pile:
    """A pile of publications, by their entries. O(their documents)."""
    layouts: dict[TableLayout, int] = {}
    releases = [made for index, entry in entries if (made := _known(kernel, index, entry, layouts)) is not None]
    return _Pile(
        layouts=[msgspec.msgpack.encode(one) for one in layouts],
        releases=releases,
        entries=len(entries),
        last=entries[-1][0],
    )


def _known(kernel: Kernel, index: int, entry: Entry, layouts: dict[TableLayout, int]) -> Release | None:
    """The same; where a document of it is damaged its subject by the log, and its period where that can be read."""
    try:
        return _release(kernel, index, entry, layouts)
    except IntegrityError as fault:
        if not stays(fault):
            raise
        kernel.state.notice(fault)
        damaged = fault.of or str(fault)
    case, publication = str(entry["case"]), str(entry["document"])
    told = [one for _, one in kernel.stores.log.found("case", case)]
    declared = capability_of(kernel.technologies, next(str(one["capability"]) for one in told if "capability" in one))
    ran = [str(one["document"]) for one in told if one["kind"] == "RAN"]

    def asked() -> Question:
        return question(kernel, declared, archived(kernel, ran[-1], Evidence))

    mine = unless_damaged(kernel.state.notice, asked, None)
    known: dict[str, Any] = {name: getattr(mine, name) for name in NOT_TOLD} if mine else {**NOT_TOLD}
    more: dict[str, Any] = {**known, "subject": subject(declared), "asked": "", "tables": {}, "told": {}}
    return Release(index=index, publication=publication, case=case, findings="", damaged=damaged, **more)


def _release(kernel: Kernel, index: int, entry: Entry, layouts: dict[TableLayout, int]) -> Release | None:
    """A publication, as far as its documents are there; None where what was published is destroyed, or is of a
    technology or capability that this program does not have."""
    case = str(entry["case"])
    row = kernel.stores.rows.row("cases", case)
    try:
        declared = capability_of(kernel.technologies, str(row["capability"]) if row else "")
    except OutOfOrder:
        return None
    publication = still_archived(kernel, str(entry["document"]), Publication)
    if publication is None:
        return None
    decision = still_archived(kernel, publication.before, Decision)
    evidence = still_archived(kernel, decision.before, Evidence) if decision else None
    mine = question(kernel, declared, evidence) if evidence else None
    public = unpack(kernel.stores.archive.get(publication.findings))
    noisy = declared.noise.table if declared.noise else ""
    emits = {emit.table: emit for emit in declared.emits if emit.table != noisy}
    tables = {}
    for table in public.tables:
        if table.name in emits and (laid := laid_out(table, emits[table.name])) is not None:
            tables[table.name] = (layouts.setdefault(laid[0], len(layouts)), _packed(laid[1]))
    return Release(
        index=index,
        publication=str(entry["document"]),
        case=case,
        findings=publication.findings,
        subject=subject(declared),
        of=mine.of if mine else {},
        asked=mine.asked if mine else "",
        first=mine.first if mine else "",
        last=mine.last if mine else "",
        tables=tables,
        told=numbers_told(declared, public),
        people=tuple(people_in(public.tables, emits).items()),
        data=mine.data if mine else (),
    )


def _packed(values: Any) -> bytes:
    """Counts as bytes: four each, or eight where one is larger."""
    small = not len(values) or int(values.max()) < 1 << 31
    return np.ascontiguousarray(values, dtype="<i4" if small else "<i8").tobytes()


def release_tables(
    layouts: Sequence[TableLayout], releases: Sequence[Release]
) -> list[dict[str, tuple[TableLayout, Any]]]:
    """The tables of each release. Those of one layout are read at once, and are views of one array. O(bytes)."""
    found: list[dict[str, tuple[TableLayout, Any]]] = [{} for _ in releases]
    together: dict[tuple[str, int, int], list[tuple[int, bytes]]] = {}
    for i, one in enumerate(releases):
        for name, (at, values) in one.tables.items():
            together.setdefault((name, at, len(values)), []).append((i, values))
    for (name, at, _), some in together.items():
        for (i, _), counts in zip(some, _counts(layouts[at], [values for _, values in some]), strict=True):
            found[i][name] = (layouts[at], counts)
    return found


def _counts(layout: TableLayout, several: Sequence[bytes]) -> Any:
    """What `_packed` packed, of several releases [releases, rows, counts]."""
    shape = (len(several), len(layout.rows), len(layout.counts))
    values, size = b"".join(several), shape[0] * shape[1] * shape[2]
    return np.frombuffer(values, dtype="<i4" if len(values) == 4 * size else "<i8").reshape(shape)


def question(kernel: Kernel, declared: Capability, evidence: Evidence) -> Question:
    """What a case asked; what of it is destroyed is not told."""
    permit = still_archived(kernel, evidence.before, Permit)
    request = still_archived(kernel, permit.before, Request) if permit else None
    if request is None:
        return Question(subject=subject(declared), of={}, asked="", first="", last="")
    params = request.params
    days = {f.name for f in fields(declared.asks.params) if "day" in f.metadata}
    of = {name: plain(str(params.get(name) or "")) for name in (*declared.asks.counted, *NAMED)}
    own = {k: v for k, v in params.items() if k not in days and k not in of}
    if any(of[name] for name in NAMED):  # else nothing but the title tells one instrument from another
        own.pop("title", None)
    admitted = admissions(kernel, declared, request)
    first, last = _days(admitted[:1])
    people = {n for one in admitted for n in (one.rows, *one.facts.values()) if isinstance(n, int)}
    return Question(
        subject=subject(declared),
        of=of,
        asked=canonical_digest([declared.id, sorted(own.items())]),
        first=first,
        last=last,
        data=tuple(sorted(evidence.data.values())),
        people=frozenset(people),
    )


def subject(declared: Capability) -> str:
    """What the records are: the shape of what it reads first, with the technology that owns the format."""
    return declared.reads[0].of(declared.technology) if declared.reads else declared.technology


def admissions(kernel: Kernel, declared: Capability, request: Request) -> list[Admission]:
    """What is known of the datasets, in the order of the capability's roles."""
    state, found = kernel.state, []
    for read in declared.reads:
        name = request.datasets.get(read.role, "")
        one = state.datasets.get(name) or state.queued.get(name) or state.destroyed.get(name)
        found += [one] if one else []
    return found


def _days(admitted: Sequence[Admission]) -> tuple[str, str]:
    """The first and the last day of the records; "" where they are not told."""
    for one in admitted:
        try:
            first, last = (date.fromisoformat(str(one.facts[name])).isoformat() for name in ("from_day", "to_day"))
        except (KeyError, ValueError):
            continue
        return (first, last) if first <= last else ("", "")
    return "", ""


def numbers_told(declared: Capability, public: Findings) -> dict[str, int]:
    return told_of(on_editions(public)[0], {f.name for f in fields(declared.asks.params)})
