"""What an outsider works out who has several releases that differ by one person: scored people, files of them, and the
subtraction. Knows nothing of how releases are compared."""

from __future__ import annotations

import csv
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files

import numpy as np

from peelian.kernel.model.capability import Dataset, Findings
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.shared import CROSSED, EVERYONE

AXES = ("race", "sex", "age_cat")
Cell = tuple[str, str, str, int, int]  # race, sex, age, score, outcome
People = Mapping[Cell, int]
Told = dict[tuple[str, str], tuple[int, int, int]]  # people, with the outcome and without, by axis and group


def of_scored() -> People:
    """ProPublica's cohort: 7,214 people by race, sex, age, score and outcome."""
    with (files("peelian.technologies.risk") / "examples" / "compas_two_year_tally.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = Counter[Cell]()
    for row in rows:
        race, sex, age = (row[name] for name in AXES)
        found[race, sex, age, int(row["decile_score"]), int(row["two_year_recid"])] += int(row["n"])
    return found


def a_file(people: People, *axes: str, called: Mapping[str, str] | None = None, backwards: bool = False) -> Dataset:
    """A tally of these people by these columns, under these labels, as a new file."""
    chosen, words = axes or AXES, called or {}
    cells = Counter[tuple[object, ...]]()
    for cell, n in people.items():
        labels = [words.get(cell[AXES.index(axis)], cell[AXES.index(axis)]) for axis in chosen]
        cells[*labels, float(cell[3]), cell[4]] += n
    rows = sorted(((*key, n) for key, n in cells.items() if n), reverse=backwards)
    *groups, score, outcome, n = zip(*rows, strict=True)
    columns: dict[str, tuple[Kind, object]] = {
        "score": (Kind.AMOUNT, np.array(score)),
        "outcome": (Kind.COUNT, np.array(outcome)),
        "n": (Kind.COUNT, np.array(n)),
    }
    for axis, labels in zip(chosen, groups, strict=True):
        columns[words.get(axis, axis)] = (Kind.GROUP, np.array(labels, dtype=object))
    made = table("tally", columns, n="people")  # type: ignore[arg-type]
    named = [words.get(axis, axis) for axis in chosen]
    labels = [EVERYONE, CROSSED, *named, *sorted({str(label) for some in groups for label in some})]
    facts: dict[str, int | float | str | bool] = {
        "people": int(sum(n)),
        "axes": ",".join(named),
        "groups": ",".join(dict.fromkeys(labels)),
        "window_days": 0,
    }
    return Dataset(id="file", format="risk-tally", digest=made.digest(), table=made, facts=facts)


def but(people: People, *cells: Cell, by: int = 1) -> People:
    """The same people but one (or `by`) of each of these cells; some more where `by` is negative."""
    return {cell: n - by * cells.count(cell) for cell, n in people.items()}


def with_a_second_column(data: Dataset, name: str, labels: Mapping[str, str]) -> Dataset:
    """The same file, its first column there a second time under another name and other labels."""
    column = next(c for c in data.table.columns if c.kind is Kind.GROUP)
    words = np.array([labels[value] for value in column.values.tolist()], dtype=object)
    made = Table(name="tally", columns=(*data.table.columns, replace(column, name=name, values=words)))
    groups = ",".join((str(data.facts["groups"]), name, *sorted(set(labels.values()))))
    facts = {**data.facts, "axes": f"{data.facts['axes']},{name}", "groups": groups}
    return replace(data, table=made, digest=made.digest(), facts=facts)


def only(people: People, *labels: object) -> People:
    """Those who are in one of these groups."""
    return {cell: n for cell, n in people.items() if set(cell[:3]) & set(labels)}


def told_by(one: Findings) -> Told:
    """How many people of each group a release counts, with the outcome and without; nothing where it is left out."""
    rows = one.table("verdicts").rows()
    return {(axis, group): (n, events, others) for axis, group, n, events, others, *_ in rows if n}


def quadrants(one: Findings) -> dict[tuple[str, str, str], int]:
    """Every count of people behind a public rate, by group: what it is of, and its share of that."""
    found: dict[tuple[str, str, str], int] = {}
    for axis, group, metric, at, rate, *_, den, _ in one.table("rates").rows():
        if den and not math.isnan(rate):
            found |= {(axis, group, f"{metric} {at} of"): den, (axis, group, f"{metric} {at}"): round(rate * den)}
    return found


def subtracted(releases: Sequence[Findings], same: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    """Every number of people from 1 to 10 that follows from two or three releases: any count less the same one of
    another release, or less the sum of it in two others. `same`: which labels are known to mean the same."""
    every = [_numbers(one, same) for one in releases]
    for a, b in itertools.combinations(range(len(every)), 2):
        yield from (("less", a, b, key) for key in _few(every[a], every[b]))
        for (one, mine), (other, theirs) in itertools.product(*(told_by(releases[i]).items() for i in (a, b))):
            off = [abs(n - m) for n, m in zip(mine, theirs, strict=True)]
            if any(off) and max(off) < LOW:  # a group alone in its file, or under a second name
                yield "another row", a, b, one, other
    for a, b, c in itertools.permutations(range(len(every)), 3):
        if b < c:
            both = {key: every[b][key] + every[c][key] for key in every[b].keys() & every[c].keys()}
            yield from (("less both", a, b, c, key) for key in _few(every[a], both))


def _numbers(one: Findings, same: Mapping[str, str]) -> dict[tuple[str, ...], int]:
    """What a release tells, with labels as the outsider reads them; groups that are one to them are added up, and what
    is left of everyone without the groups of an axis is a group, too."""
    found = Counter[tuple[str, ...]]()
    whole = told_by(one).get((EVERYONE, EVERYONE))
    by: dict[str, list[int]] = {}
    for (axis, group), counts in told_by(one).items():
        for name, n in zip(("n", "events", "others"), counts, strict=True):
            found[same.get(axis, axis), same.get(group, group), name] += n
        if axis != EVERYONE:
            by[axis] = [a + b for a, b in zip(by.get(axis, [0, 0, 0]), counts, strict=True)]
    for axis, sums in by.items() if whole else ():
        for name, n, part in zip(("n", "events", "others"), whole or (), sums, strict=True):
            found[same.get(axis, axis), "(the rest)", name] = n - part
    for (axis, group, metric), n in quadrants(one).items():
        found[same.get(axis, axis), same.get(group, group), metric] += n
    return found


def _few(one: Mapping[tuple[str, ...], int], other: Mapping[tuple[str, ...], int]) -> Iterable[tuple[str, ...]]:
    return [key for key in one.keys() & other.keys() if 0 < abs(one[key] - other[key]) < LOW]
