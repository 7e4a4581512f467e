"""Same people: counts that two tables of other shapes tell of one group, found by what the group is called.

A comparison of two scores and an audit of one are tables of other columns about the same people. Their rows have no
common names. So what each release tells of a group is written down once more, by the group and by what is counted of
it, whatever table it stands in; and two releases of one technology that share a group are compared by that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from peelian.errors import Reason, Withheld, sentence
from peelian.kernel.disclosure.published_counts import LABELS, Ints, Key, agreed, count_columns, named_rows, shares
from peelian.kernel.model.capability import Emit, Findings
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, Table

PEOPLE = "people"
Group = tuple[str, str]  # what groups are of, and its label; EVERYBODY for all
EVERYBODY: Group = ("", "")
Counts = Mapping[Group, Mapping[str, int]]  # of each group, by what is counted; 0 and less where that is hidden


def people_in(tables: Iterable[Table], emits: Mapping[str, Emit]) -> dict[Group, dict[str, int]]:
    """What these tables tell of each group of people: the largest number of each name, and of each name beside each
    word that says what is measured. Of a table without groups, its sum over places and times. O(rows)."""
    found: dict[Group, dict[str, int]] = {}
    for table in tables:
        emit = emits.get(table.name)
        if emit is None or emit.once or not len(table) or not (columns := _named(table, emit)):
            continue
        for group, words, rows in _rows_of(table, emit):
            known = found.setdefault(group, {})
            for name, values in columns.items():
                n = int(values[rows].sum())
                for told in {name, " ".join((*words, name))}:
                    known[told] = max(known.get(told, 0), n)
    return found


def too_close(mine: Counts, theirs: Counts) -> set[Group]:
    """The groups of which 1 to k - 1 follow from both; all that are named where everybody less the others does.

    >>> a, b = {("", ""): {"people": 90}, ("sex", "men"): {"people": 50}}, {("sex", "men"): {"people": 49}}
    >>> too_close(a, b), too_close(a, {("sex", "men"): {"people": 50}})
    ({('sex', 'men')}, set())
    """
    common = mine.keys() & theirs.keys()
    named = common - {EVERYBODY}
    found = {group for group in common if any(_differ(mine[group], theirs[group], PEOPLE if not named else ""))}
    for axis in {group[0] for group in named}:
        parts = [group for group in named if group[0] == axis]
        for name in _told(mine, [EVERYBODY, *parts]) & _told(theirs, [EVERYBODY, *parts]):
            rest = [one[EVERYBODY][name] - sum(one[group][name] for group in parts) for one in (mine, theirs)]
            if 0 < abs(rest[0] - rest[1]) < LOW:
                found.update(parts or [EVERYBODY])
    return found


def _differ(mine: Mapping[str, int], theirs: Mapping[str, int], only: str) -> Iterator[bool]:
    for name in mine.keys() & theirs.keys():
        if not only or name == only:
            yield mine[name] > 0 and theirs[name] > 0 and 0 < abs(mine[name] - theirs[name]) < LOW


def _told(one: Counts, groups: Sequence[Group]) -> set[str]:
    """What is counted of each of these groups."""
    every = [{name for name, n in one.get(group, {}).items() if n > 0} for group in groups]
    return set.intersection(*every) if every else set()


def _named(table: Table, emit: Emit) -> dict[str, Ints]:
    """Its counts, by what they are of: people, the n of a rate and its share of that, or the column's own name."""
    bases = {column.n for column in table.columns if column.kind is Kind.RATE}
    found: dict[str, Ints] = {}
    for column in count_columns(table):
        if column.name not in emit.keys:
            values = np.asarray(column.values, dtype=np.int64)
            for name in {PEOPLE if column.unit == PEOPLE else column.name, *(["n"] if column.name in bases else [])}:
                found[name] = np.maximum(values, found[name]) if name in found else values
    first = next((values for _, values in shares(table, emit.shares)), None)
    return found if first is None else {**found, "share": first}


def _rows_of(table: Table, emit: Emit) -> Iterator[tuple[Group, Key, Ints]]:
    """The rows that tell of one group and one measure: the group, the words of the measure, and the rows."""
    names = tuple(name for name in emit.keys if name in table)
    kinds = [table.column(name).kind for name in names]
    rows = named_rows(table, names) if names else tuple(() for _ in range(len(table)))
    whole = agreed(emit.whole) if emit.whole else None
    together: dict[tuple[Group, Key, Key], list[int]] = {}
    for row, key in enumerate(rows):
        group = _group([key[i] for i, kind in enumerate(kinds) if kind in LABELS], whole)
        words = tuple(key[i] for i, kind in enumerate(kinds) if kind is Kind.LEVEL)
        apart = tuple(key[i] for i, kind in enumerate(kinds) if kind in (Kind.AMOUNT, Kind.COUNT))
        together.setdefault((group, words, apart), []).append(row)
    for (group, words, _), some in together.items():
        yield group, words, np.array(some, dtype=np.int64)


def _group(labels: Sequence[str], whole: str | None) -> Group:
    """What a row is of: everybody, where all its labels say so."""
    named = [label for label in labels if label != whole]
    return (" ".join(named[:-1]), named[-1]) if named else EVERYBODY


def beside_other_shapes(public: Findings, others: Sequence[Counts], emits: Mapping[str, Emit]) -> Findings:
    """The findings less all that is said of groups of which other shapes tell too nearly the same; Withheld where that
    is everybody. O(rows x releases)."""
    while close := _close(people_in(public.tables, emits), others):
        if EVERYBODY in close:
            raise Withheld([_same_people()])
        labels = {label for _, label in close}
        tables = tuple(_without(t, emits[t.name], close) if t.name in emits else t for t in public.tables)
        notes = tuple(n for n in public.notes if not labels & {agreed(v) for v in n.values.values() if type(v) is str})
        public = replace(public, tables=tables, notes=notes)
    return public


def without_echoes(before: Findings, public: Findings) -> Findings:
    """The findings less the rows, sentences and facts that tell a rate whose row is left out, or stands as it was.

    `before`: the same, before rows went. A rate of nobody or of all is told by any other, too. O(cells).
    """
    gone = _rates(before) - _rates(public)
    gone |= {100 * n for n in gone}
    if not gone:
        return public
    tables = []
    for table in public.tables:
        told = np.zeros(len(table), np.bool_)
        for column in (c for c in table.columns if c.kind is Kind.AMOUNT):
            told |= np.isin(np.asarray(column.values, dtype=np.float64), list(gone))
        tables.append(table.take(~told) if told.any() else table)
    notes = tuple(note for note in public.notes if not _floats(note.values) & gone)
    facts = {name: value for name, value in public.facts.items() if not _floats({name: value}) & gone}
    return replace(public, tables=tuple(tables), notes=notes, facts=facts)


def _rates(findings: Findings) -> set[float]:
    """Every share of people but none and all."""
    named = [(table, name.rpartition(" of ")[0]) for table in findings.tables for name, _ in shares(table)]
    return {n for table, name in named for n in table[name].tolist() if 0 < n < 1}


def _floats(values: Mapping[str, object]) -> set[float]:
    return {value for value in values.values() if type(value) is float}


def _close(mine: Counts, others: Sequence[Counts]) -> set[Group]:
    found: set[Group] = set()
    return found.union(*(too_close(mine, one) for one in others)) & mine.keys()


def _without(table: Table, emit: Emit, groups: set[Group]) -> Table:
    gone = [rows for group, _, rows in _rows_of(table, emit) if group in groups] if len(table) else []
    return table.take(np.setdiff1d(np.arange(len(table)), np.concatenate(gone))) if gone else table


def _same_people() -> Reason:
    return Reason(
        rule="differences_stay_inside",
        says=sentence(
            "Beside a release about the same people in a file of another kind, this one would tell of fewer than "
            "%(n)d of them.",
            n=LOW,
        ),
        remedy=sentence("Give both files the same people, or publish once %(n)d or more differ.", n=LOW),
    )
