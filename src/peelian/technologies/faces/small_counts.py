"""What the public register may not show: rates on few errors, and others that would tell them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from peelian.measure.table import Column, Table, Values
from peelian.technologies.faces.measure.scores import EVERYBODY, WITHIN

SMALLEST = 11
"""IPC Ontario, De-identification Guidelines for Structured Data (2025): cells of at least 11 at low invasiveness."""


def hidden_rates(rates: Table, counts: str = "errors") -> frozenset[tuple[str, str, str, str]]:
    """The rates to leave out because of the column `counts`, as `keys` names them."""
    found: dict[tuple[str, str], dict[tuple[str, str], int]] = {}
    for (policy, measure, *pair), errors in zip(keys(rates), rates[counts].tolist(), strict=True):
        found.setdefault((policy, measure), {})[(pair[0], pair[1])] = int(errors)
    hidden: set[tuple[str, str, str, str]] = set()
    for (policy, measure), cells in found.items():
        totals = {pair for pair in cells if pair[0] in (EVERYBODY, WITHIN)}
        gone = _small(cells, cells.keys() - totals)
        within = {pair for pair in cells.keys() - totals if pair[0] == pair[1]}
        for parts, total in ((within, (WITHIN, WITHIN)), (cells.keys() - totals, (EVERYBODY, EVERYBODY))):
            gone |= _complement(cells, parts, gone, total)
        gone |= _small(cells, totals)
        hidden |= {(policy, measure, *pair) for pair in gone}
    return frozenset(hidden)


def keys(rates: Table) -> list[tuple[str, str, str, str]]:
    """Policy (or measure where there is none), measure, group and other group of each row."""
    first, last = ("policy" if "policy" in rates else "measure"), ("other_group" if "other_group" in rates else "group")
    return list(zip(*(rates[name].tolist() for name in (first, "measure", "group", last)), strict=True))


def blanked(rows: Table, few: Values, blank: Sequence[str], without: Sequence[str]) -> Table:
    """The table with gaps in the columns `blank` where `few`, and without the columns `without`."""
    made = with_values(rows, {name: np.where(few, math.nan, rows[name]) for name in blank})
    return Table(name=made.name, columns=tuple(c for c in made.columns if c.name not in without))


def _small(cells: dict[tuple[str, str], int], among: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {pair for pair in among if 0 < cells[pair] < SMALLEST}


def _complement(
    cells: dict[tuple[str, str], int],
    parts: Iterable[tuple[str, str]],
    gone: set[tuple[str, str]],
    total: tuple[str, str],
) -> set[tuple[str, str]]:
    """What else must go so that the total tells nothing: one more part, or the total itself where none is left."""
    parts = set(parts)
    more = {pair for pair in parts if pair in gone}
    if not more or total not in cells:
        return set()
    rest = sorted((p for p in parts - more if cells[p] > 0), key=lambda p: (cells[p], p))
    while len(more) < 2 or sum(cells[p] for p in more) < SMALLEST:
        if not rest:
            return more | {total}
        more.add(rest.pop(0))
    return more


def with_values(table: Table, changed: dict[str, Values]) -> Table:
    """The table with some columns' values replaced."""
    columns = tuple(
        Column(name=c.name, kind=c.kind, values=changed[c.name], unit=c.unit, n=c.n) if c.name in changed else c
        for c in table.columns
    )
    return Table(name=table.name, columns=columns)
