"""Editions: a release is compared with every earlier one of its subject, whatever file either of them is of.

The subject is what the records are (technology and shape), what of them is counted, and any common day. An earlier
release that asked the same may stand again, row by row (`repeated_rows`); what is too like another one is left out.
Releases of other days are compared as far as they make up the same days (`periods_in_parts`), those of other shapes as
far as they tell of the same groups (`same_people`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from peelian.errors import IntegrityError, Reason, Withheld, sentence
from peelian.kernel.disclosure.complementary_suppression import released
from peelian.kernel.disclosure.edition_piles import (
    Pile,
    Question,
    Release,
    admissions,
    every_release,
    numbers_told,
    question,
    release_tables,
)
from peelian.kernel.disclosure.periods_in_parts import PeriodRelease, put_together, span_of
from peelian.kernel.disclosure.published_counts import FACT, Edition, Told, count_columns, laid_out, words_of
from peelian.kernel.disclosure.repeated_rows import FIGURES_FROM, Edited, edited, repeated
from peelian.kernel.disclosure.same_people import Counts, beside_other_shapes, without_echoes
from peelian.kernel.model.capability import Capability, Emit, Findings, Note, Scalar
from peelian.kernel.model.documents import Evidence, Permit, Request
from peelian.kernel.model.findings import RANGES, REPEATED, WAITING, on_editions, unpack
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import still_archived
from peelian.measure.suppression import LOW

MOST_TURNS = 8  # of repeating and leaving out

DAMAGED = (
    "What case %(case)s published is damaged: nobody can say what a release of its subject and period would tell "
    "beside it. Restore the database from its backup, then publish."
)


def in_editions(
    kernel: Kernel, declared: Capability, evidence: Evidence, found: Findings, public: Findings
) -> Findings:
    """The public findings of a case, as they may stand beside what was published before: what changed too little
    stands again, what gives a small count away is left out, and a sentence says how much waits.

    Withheld where nothing could be left out or repeated that would protect the few. O(rows x releases).
    """
    mine = question(kernel, declared, evidence)
    noisy = declared.noise.table if declared.noise else ""
    emits = {emit.table: emit for emit in declared.emits if emit.table != noisy}
    if faults := tuple(_nameless(public, emits)):
        raise Withheld(faults)
    piles = list(every_release(kernel))
    earlier = (*in_parts(piles, mine, evidence.case), *earlier_editions(kernel, mine, evidence.case, piles))
    public = _without_few_alone(public, earlier, declared.arithmetic().counts)
    made, faults = beside_earlier(
        found,
        public,
        earlier,
        emits,
        unpacked=reader(kernel),
        told=_counts_told(declared, found, public, mine),
        noisy=noisy,
    )
    if faults:
        raise Withheld(faults)
    if not made.whole:
        kept = beside_other_shapes(made.findings, _other_shapes(piles, mine, evidence.case), emits)
        made = replace(made, findings=without_echoes(public, kept))
    return _said(kernel, declared, made)


def _nameless(public: Findings, emits: Mapping[str, Emit]) -> Iterator[Reason]:
    """Tables that count people in rows without names of their own: no later release could be compared with them."""
    for table in public.tables:
        emit = emits.get(table.name)
        counts = {column.name for column in count_columns(table)} - set(emit.keys if emit else ())
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
            return made, (_in_parts() if made.part else _too_like(),)
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


def earlier_editions(
    kernel: Kernel, mine: Question, case: str, piles: Iterable[Pile] | None = None
) -> tuple[Edition, ...]:
    """Releases of other cases that this one may be subtracted from, oldest first; IntegrityError where one of them is
    damaged. O(publications)."""
    withdrawn = {str(entry["case"]) for _, entry in kernel.stores.log.read(kinds=("CORRECTED",))}
    found = []
    for layouts, releases in every_release(kernel) if piles is None else piles:
        some = [o for o in releases if o.case != case and o.subject == mine.subject and _comparable(mine, o)]
        for one, tables in zip(some, release_tables(layouts, _whole(some)), strict=True):
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


def in_parts(piles: Iterable[Pile], mine: Question, case: str) -> Iterator[Edition]:
    """What earlier releases of other days make of these days together. O(publications)."""
    days, told = span_of(mine.first, mine.last), list[PeriodRelease]()
    for layouts, releases in piles if days else ():
        some = [o for o in releases if o.case != case and o.subject == mine.subject and _same(mine, o) and o.first]
        for one, tables in zip(some, release_tables(layouts, some), strict=True):
            told += [PeriodRelease(span, tables, one.told)] if (span := span_of(one.first, one.last)) else []
    yield from put_together(days, told) if days else ()


def _other_shapes(piles: Iterable[Pile], mine: Question, case: str) -> list[Counts]:
    """What releases of other shapes of the same technology tell of groups of people. O(publications)."""
    technology = f"{mine.subject.partition('.')[0]}."
    found = list[Counts]()
    for _, releases in piles:
        some = [o for o in releases if o.case != case and o.subject != mine.subject]
        some = [o for o in some if o.subject.startswith(technology) and _comparable(mine, o)]
        found += [dict(one.people) for one in _whole(some)]
    return found


def _whole(some: list[Release]) -> list[Release]:
    """These; IntegrityError where one is damaged."""
    for one in some:
        if one.damaged:
            raise IntegrityError(sentence(DAMAGED, case=one.case), of=one.damaged)
    return some


def earlier_of(kernel: Kernel, declared: Capability, evidence: Evidence) -> tuple[Edition, ...]:
    """Releases of other cases that a case's findings may be subtracted from, oldest first. O(publications)."""
    return earlier_editions(kernel, question(kernel, declared, evidence), evidence.case)


def facts_of_data(kernel: Kernel, declared: Capability, evidence: Evidence) -> Mapping[str, Any]:
    """The facts that were recorded of the first dataset that a case read; none where its documents are destroyed."""
    permit = still_archived(kernel, evidence.before, Permit)
    request = still_archived(kernel, permit.before, Request) if permit else None
    admitted = admissions(kernel, declared, request) if request else []
    return admitted[0].facts if admitted else {}


def _comparable(mine: Question, other: Release) -> bool:
    """Whether both may count the same: nothing that both say differs, and they have a day in common."""
    told = mine.first and mine.last and other.first and other.last
    return _same(mine, other) and (not told or (mine.first <= other.last and other.first <= mine.last))


def _same(mine: Question, other: Release) -> bool:
    return mine.of == other.of or all(
        not value or not other.of.get(name) or value == other.of[name] for name, value in mine.of.items()
    )


def _mostly_common(mine: Question, other: Release) -> bool:
    """Whether half of the shorter period's days, at least, are in both; where no days are told, they are the same."""
    days = [date.fromisoformat(day) if day else None for day in (mine.first, mine.last, other.first, other.last)]
    if None in days:
        return days[:2] == days[2:] == [None, None]
    first, last, begun, ended = (day for day in days if day is not None)
    common = min(last, ended) - max(first, begun) + timedelta(days=1)
    return 2 * common >= min(last - first, ended - begun) + timedelta(days=1)


def _counts_told(declared: Capability, found: Findings, public: Findings, mine: Question) -> Told:
    """The numbers in facts and sentences that count people or incidents: those that a table, or what was found, counts,
    and those that are said to."""
    alone = declared.arithmetic().counts
    also = {f"{words_of(note)} {name}" for note in public.notes for name in alone.get(note.text, ())}
    known = _people(found, mine)
    return {key: n for key, n in numbers_told(declared, public).items() if n in known or key in also}


def _without_few_alone(public: Findings, earlier: Sequence[Edition], alone: Mapping[str, tuple[str, ...]]) -> Findings:
    """The findings less the sentences and facts with a count that no table counts, where that is of 1 to k - 1; facts
    where it changed by so many, too."""
    notes = tuple(note for note in public.notes if not _small(note.values, alone.get(note.text, ())))
    facts = dict(public.facts)
    gone = _small(facts, alone.get("", ()))
    for name in set(alone.get("", ())) & facts.keys() - gone:
        now = int(facts[name])
        gone |= {name} if any(0 < abs(now - one.told.get(FACT + name, now)) < LOW for one in earlier) else set()
    return replace(public, notes=notes, facts={name: value for name, value in facts.items() if name not in gone})


def _small(values: Mapping[str, Scalar], names: Sequence[str]) -> set[str]:
    """Which of these numbers are of 1 to k - 1."""
    found = {name: values[name] for name in names if name in values}
    return {name for name, n in found.items() if isinstance(n, int) and 0 < n < LOW}


def _people(found: Findings, mine: Question) -> frozenset[int]:
    """Every number that counts people or incidents: the cells that were found, their totals, and the records."""
    columns = [np.asarray(column.values, np.int64) for table in found.tables for column in count_columns(table)]
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


def _in_parts() -> Reason:
    return Reason(
        rule="differences_stay_inside",
        says=sentence(
            "Earlier releases and this one look like a file and its parts: together they would tell of fewer than "
            "%(n)d people.",
            n=LOW,
        ),
        remedy="Publish either the whole or its parts. Files without days that only grow may look so by chance: "
        "publish when more was added.",
    )


def _too_like() -> Reason:
    return Reason(
        rule="differences_stay_inside",
        says=sentence(
            "Beside an earlier release of the same subject, this one would tell of fewer than %(n)d people.", n=LOW
        ),
        remedy="Ask with the parameters of the earlier release, which then stands again, or wait for more records.",
    )
