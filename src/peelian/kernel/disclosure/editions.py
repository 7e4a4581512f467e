"""Editions: a release is compared with every earlier one of its subject, whatever file either of them is of.

The subject is what the records are (technology and shape), what of them is counted, and any common day. An earlier
release that asked the same may stand again, row by row (`repeated_rows`); what is too like another one is left out.
Nothing is stored that the log and the documents do not say: of every `PILE` publications one derived document holds the
counts, so that 10,000 releases are not unpacked one by one. One that is missing is derived anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np

from peelian.errors import IntegrityError, OutOfOrder, Reason, Withheld, sentence
from peelian.kernel.disclosure.complementary_suppression import released
from peelian.kernel.disclosure.published_counts import Edition, TableLayout, Told, counted, laid_out, told_of
from peelian.kernel.disclosure.repeated_rows import FIGURES_FROM, Edited, edited, repeated
from peelian.kernel.model.archive_partitions import REGISTER
from peelian.kernel.model.capability import Capability, Emit, Findings, Note
from peelian.kernel.model.documents import Admission, Decision, Evidence, Permit, Publication, Request
from peelian.kernel.model.findings import RANGES, REPEATED, WAITING, on_editions, unpack
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.technology import capability_of
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.known import stays, unless_damaged
from peelian.kernel.state.signed_documents import archived, still_archived
from peelian.measure.canonical import canonical_digest
from peelian.measure.suppression import LOW
from peelian.measure.vocabularies import plain

PILE = 32  # publications
MOST_TURNS = 8  # of repeating and leaving out
FORMAT = "editions 1"
NOT_TOLD: Mapping[str, Any] = {"of": {}, "first": "", "last": ""}
NAMED = ("instrument", "outcome")  # parameters that two people adopted the words of

DAMAGED = (
    "What case %(case)s published is damaged: nobody can say what a release of its subject and period would tell "
    "beside it. Restore the database from its backup, then publish."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
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
    data: tuple[str, ...] = ()  # the digests of what it read
    damaged: str = ""  # which document of it cannot be read


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pile:
    layouts: list[bytes]  # each packed, so that one that is known is not unpacked again
    releases: list[_Release]
    entries: int  # how many publications it is of, those among them whose documents are destroyed
    last: int  # the index of the newest of them


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What a case asked of which records."""

    subject: str
    of: Mapping[str, str]
    asked: str
    first: str
    last: str
    data: tuple[str, ...] = ()
    people: frozenset[int] = frozenset()  # how many records there were, as its datasets say


def in_editions(
    kernel: Kernel, declared: Capability, evidence: Evidence, found: Findings, public: Findings
) -> Findings:
    """The public findings of a case, as they may stand beside what was published before: what changed too little
    stands again, what gives a small count away is left out, and a sentence says how much waits.

    Withheld where nothing could be left out or repeated that would protect the few. O(rows x releases).
    """
    mine = _question(kernel, declared, evidence)
    noisy = declared.noise.table if declared.noise else ""
    emits = {emit.table: emit for emit in declared.emits if emit.table != noisy}
    if faults := tuple(_nameless(public, emits)):
        raise Withheld(faults)
    made, faults = beside_earlier(
        found,
        public,
        earlier_editions(kernel, mine, evidence.case),
        emits,
        unpacked=reader(kernel),
        told={key: n for key, n in _told(declared, public).items() if n in _people(found, mine)},
        noisy=noisy,
    )
    if faults:
        raise Withheld(faults)
    return _said(kernel, declared, made)


def _nameless(public: Findings, emits: Mapping[str, Emit]) -> Iterator[Reason]:
    """Tables that count people in rows without names of their own: no later release could be compared with them."""
    for table in public.tables:
        emit = emits.get(table.name)
        counts = {column.name for column in counted(table)} - set(emit.keys if emit else ())
        if emit and counts and len(table) and laid_out(table, emit) is None:
            yield Reason(
                rule="differences_stay_inside",
                says=sentence(
                    "Table %(table)s counts people in rows that cannot be told apart, so that no later release could "
                    "be compared with it.",
                    table=table.name,
                ),
                remedy="Ask whoever maintains the technology to declare what names its rows.",
            )


def beside_earlier(
    found: Findings,
    public: Findings,
    earlier: Sequence[Edition],
    emits: Mapping[str, Emit],
    *,
    unpacked: Callable[[Edition], Findings],
    told: Told,
    noisy: str = "",
) -> tuple[Edited, tuple[Reason, ...]]:
    """The public findings beside earlier releases, and why they may not be published, if so.

    Rows are repeated, then left out for small counts; what is left out may tell how the rest changed, so both go on
    until nothing does. Where that fails, the newest release stands again whole: nothing in it is new.
    """
    made, waiting = Edited(findings=public), 0
    for _ in range(MOST_TURNS):
        made = edited(made.findings, found, earlier, emits, unpacked=unpacked, told=told)
        waiting += made.waiting
        if made.stuck:
            return made, (_too_like(),)
        if made.whole:
            return made, ()
        kept, faults = released(found, made.findings, noisy=noisy, earlier=earlier)
        if faults:
            break
        if sum(map(len, kept.tables)) == sum(map(len, made.findings.tables)):
            return replace(made, waiting=waiting), ()
        made = replace(made, findings=kept)
    newest = next((one for one in reversed(earlier) if one.sure and one.stands), None)
    return (made, faults or (_too_like(),)) if newest is None else (repeated(unpacked(newest), newest), ())


def reader(kernel: Kernel) -> Callable[[Edition], Findings]:
    """What reads an earlier release, each once, without what it said of still earlier ones."""
    read: dict[str, Findings] = {}

    def unpacked(one: Edition) -> Findings:
        if one.findings not in read:
            read[one.findings], _ = on_editions(unpack(kernel.stores.archive.get(one.findings)))
        return read[one.findings]

    return unpacked


def earlier_editions(kernel: Kernel, mine: _Question, case: str) -> tuple[Edition, ...]:
    """Releases of other cases that this one may be subtracted from, oldest first; IntegrityError where one of them is
    damaged. O(publications)."""
    withdrawn = {str(entry["case"]) for _, entry in kernel.stores.log.read(kinds=("CORRECTED",))}
    found = []
    for layouts, releases in _all(kernel):
        some = [o for o in releases if o.case != case and o.subject == mine.subject and _comparable(mine, o)]
        for one in some:
            if one.damaged:
                raise IntegrityError(sentence(DAMAGED, case=one.case), of=one.damaged)
        for one, tables in zip(some, _shown(layouts, some), strict=True):
            sure = mine.asked == one.asked and mine.of == one.of
            found.append(
                Edition(
                    index=one.index,
                    findings=one.findings,
                    tables=tables,
                    told=one.told,
                    sure=bool(sure and mine.asked and _mostly_common(mine, one)),
                    stands=one.case not in withdrawn,
                    same=not one.data or not mine.data or one.data == mine.data,
                    same_days=not (one.first and mine.first) or (one.first, one.last) == (mine.first, mine.last),
                )
            )
    return tuple(found)


def earlier_of(kernel: Kernel, declared: Capability, evidence: Evidence) -> tuple[Edition, ...]:
    """Releases of other cases that a case's findings may be subtracted from, oldest first. O(publications)."""
    return earlier_editions(kernel, _question(kernel, declared, evidence), evidence.case)


def facts_of_data(kernel: Kernel, declared: Capability, evidence: Evidence) -> Mapping[str, Any]:
    """The facts that were recorded of the first dataset that a case read; none where its documents are destroyed."""
    permit = still_archived(kernel, evidence.before, Permit)
    request = still_archived(kernel, permit.before, Request) if permit else None
    admitted = _admissions(kernel, declared, request) if request else []
    return admitted[0].facts if admitted else {}


def _comparable(mine: _Question, other: _Release) -> bool:
    """Whether both may count the same: nothing that both say differs, and they have a day in common."""
    same = mine.of == other.of or all(
        not value or not other.of.get(name) or value == other.of[name] for name, value in mine.of.items()
    )
    told = mine.first and mine.last and other.first and other.last
    return same and (not told or (mine.first <= other.last and other.first <= mine.last))


def _mostly_common(mine: _Question, other: _Release) -> bool:
    """Whether half of the shorter period's days, at least, are in both; where no days are told, they are the same."""
    days = [date.fromisoformat(day) if day else None for day in (mine.first, mine.last, other.first, other.last)]
    if None in days:
        return days[:2] == days[2:] == [None, None]
    first, last, begun, ended = (day for day in days if day is not None)
    common = min(last, ended) - max(first, begun) + timedelta(days=1)
    return 2 * common >= min(last - first, ended - begun) + timedelta(days=1)


def _question(kernel: Kernel, declared: Capability, evidence: Evidence) -> _Question:
    """What a case asked; what of it is destroyed is not told."""
    permit = still_archived(kernel, evidence.before, Permit)
    request = still_archived(kernel, permit.before, Request) if permit else None
    subject = _subject(declared)
    if request is None:
        return _Question(subject=subject, of={}, asked="", first="", last="")
    params = request.params
    days = {f.name for f in fields(declared.asks.params) if "day" in f.metadata}
    of = {name: plain(str(params.get(name) or "")) for name in (*declared.asks.counted, *NAMED)}
    own = {k: v for k, v in params.items() if k not in days and k not in of}
    if any(of[name] for name in NAMED):  # else nothing but the title tells one instrument from another
        own.pop("title", None)
    admitted = _admissions(kernel, declared, request)
    first, last = _days(admitted[:1])
    people = {n for one in admitted for n in (one.rows, *one.facts.values()) if isinstance(n, int)}
    return _Question(
        subject=subject,
        of=of,
        asked=canonical_digest([declared.id, sorted(own.items())]),
        first=first,
        last=last,
        data=tuple(sorted(evidence.data.values())),
        people=frozenset(people),
    )


def _subject(declared: Capability) -> str:
    """What the records are: the shape of what it reads first, with the technology that owns the format."""
    return declared.reads[0].of(declared.technology) if declared.reads else declared.technology


def _admissions(kernel: Kernel, declared: Capability, request: Request) -> list[Admission]:
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


def _told(declared: Capability, public: Findings) -> dict[str, int]:
    return told_of(on_editions(public)[0], {f.name for f in fields(declared.asks.params)})


def _people(found: Findings, mine: _Question) -> frozenset[int]:
    """Every number that counts people or incidents: the cells that were found, their totals, and the records."""
    columns = [np.asarray(column.values, np.int64) for table in found.tables for column in counted(table)]
    return mine.people.union(*(values.tolist() for values in columns), (int(values.sum()) for values in columns))


def _said(kernel: Kernel, declared: Capability, made: Edited) -> Findings:
    """The findings with sentences on what waits, and on which counts are ranges for it."""
    n, said = few_people(made.findings, {emit.table: emit for emit in declared.emits}), list[Note]()
    if made.whole and made.of is not None:
        day = str(kernel.stores.log.entry(made.of.index)["t"])[:10]
        said = [Note(text=REPEATED, values={"n": made.rows, "day": day, "k": LOW}, kind="caveat")]
    elif made.waiting:
        said = [Note(text=WAITING, values={"n": made.waiting, "all": made.rows, "k": LOW}, kind="caveat")]
        of = {"n": n, "all": made.rows, "least": FIGURES_FROM, "by": LOW - 1}
        said += [Note(text=RANGES, values=of, kind="caveat")] if n else []
    return replace(made.findings, notes=(*said, *made.findings.notes)) if said else made.findings


def few_people(findings: Findings, emits: Mapping[str, Emit]) -> int:
    """How many rows count so few that each is a range where others wait: which do is not told. O(rows)."""
    laid = [laid_out(t, emits[t.name]) for t in findings.tables if t.name in emits and not emits[t.name].once]
    return sum(int((values.max(axis=1) < FIGURES_FROM).sum()) for _, values in filter(None, laid) if len(values))


def _too_like() -> Reason:
    return Reason(
        rule="differences_stay_inside",
        says=sentence(
            "Beside an earlier release of the same subject, this one would tell of fewer than %(n)d people.", n=LOW
        ),
        remedy="Ask with the parameters of the earlier release, which then stands again, or wait for more records.",
    )


# Piles: what was published, derived from the log and the documents.


def _all(kernel: Kernel) -> Iterator[tuple[list[TableLayout], list[_Release]]]:
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


def _known(kernel: Kernel, index: int, entry: Entry, layouts: dict[TableLayout, int]) -> _Release | None:
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

    def asked() -> _Question:
        return _question(kernel, declared, archived(kernel, ran[-1], Evidence))

    mine = unless_damaged(kernel.state.notice, asked, None)
    known: dict[str, Any] = {name: getattr(mine, name) for name in NOT_TOLD} if mine else {**NOT_TOLD}
    more: dict[str, Any] = {**known, "subject": _subject(declared), "asked": "", "tables": {}, "told": {}}
    return _Release(index=index, publication=publication, case=case, findings="", damaged=damaged, **more)


def _release(kernel: Kernel, index: int, entry: Entry, layouts: dict[TableLayout, int]) -> _Release | None:
    """A publication, as far as its documents are there; None where what was published is destroyed, or is of a
    technology that this program does not have."""
    case = str(entry["case"])
    row = kernel.stores.rows.row("cases", case)
    publication = still_archived(kernel, str(entry["document"]), Publication)
    try:
        declared = capability_of(kernel.technologies, str(row["capability"]) if row else "")
    except OutOfOrder:
        return None
    if publication is None:
        return None
    decision = still_archived(kernel, publication.before, Decision)
    evidence = still_archived(kernel, decision.before, Evidence) if decision else None
    mine = _question(kernel, declared, evidence) if evidence else None
    public = unpack(kernel.stores.archive.get(publication.findings))
    noisy = declared.noise.table if declared.noise else ""
    emits = {emit.table: emit for emit in declared.emits if emit.table != noisy}
    tables = {}
    for table in public.tables:
        if table.name in emits and (laid := laid_out(table, emits[table.name])) is not None:
            tables[table.name] = (layouts.setdefault(laid[0], len(layouts)), _packed(laid[1]))
    return _Release(
        index=index,
        publication=str(entry["document"]),
        case=case,
        findings=publication.findings,
        subject=_subject(declared),
        of=mine.of if mine else {},
        asked=mine.asked if mine else "",
        first=mine.first if mine else "",
        last=mine.last if mine else "",
        tables=tables,
        told=_told(declared, public),
        data=mine.data if mine else (),
    )


def _packed(values: Any) -> bytes:
    """Counts as bytes: four each, or eight where one is larger."""
    small = not len(values) or int(values.max()) < 1 << 31
    return np.ascontiguousarray(values, dtype="<i4" if small else "<i8").tobytes()


def _shown(layouts: Sequence[TableLayout], releases: Sequence[_Release]) -> list[dict[str, tuple[TableLayout, Any]]]:
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
