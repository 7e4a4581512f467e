"""An attacker on printed audits: subtracts printed counts from one another, bounds hidden ones by linear programs.

It knows the printed rows and how groups nest, and nothing of how they were hidden.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.audit.figures import bands, rates_at_other_cuts, rates_at_the_cut
from peelian.technologies.risk.audit.rows import rates_table
from peelian.technologies.risk.measure.promises import promised
from peelian.technologies.risk.measure.study import Study, study
from peelian.technologies.risk.shared import Plan

SETS = {
    "accuracy": "n",
    "base_rate": "n",
    "high_share": "n",
    "fpr": "others",
    "fnr": "events",
    "ppv": "high",
    "npv": "low",
}
Node = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Leak:
    """A set of 1 to 9 people that the printed rows give away."""

    how: str
    size: int


def printed(tally: Table, cut: float | None = None) -> tuple[Study, Table]:
    """What an audit prints of a tally in the way of counts."""
    found = study(tally, Plan(cut=cut))
    observed, _ = bands(found, promised(found, probability=False))
    rates = [*rates_at_the_cut(found), *rates_at_other_cuts(found), *observed]
    return found, rates_table(rates, found.nodes, level=0.95)


def leaks(found: Study, rates: Table) -> Iterator[Leak]:
    """Every small set the attacker finds: printed, within a group, between groups, or pinned down by all of it."""
    people = {
        (axis, group): int(n)
        for axis, group, n, may in zip(
            found.nodes.axis, found.nodes.group, found.size.tolist(), found.shown.people.tolist(), strict=True
        )
        if may
    }
    sets: dict[Node, dict[str, int]] = defaultdict(dict)
    for axis, group, metric, at, _, _, _, _num, den, _ in rates.rows():
        if den:
            name = SETS.get(metric, metric)
            at_cut = name in ("high", "low", "observed")
            sets[(axis, group)][f"{name}@{at:g}" if at_cut else name] = den
            # What is over is as good as printed, too.
            if name in ("others", "events", "high", "low") and (axis, group) in people:
                other = {"others": "events", "events": "others", "high": "low", "low": "high"}[name]
                rest = people[(axis, group)] - den
                sets[(axis, group)].setdefault(f"{other}@{at:g}" if at_cut else other, rest)
    for node, n in people.items():
        sets[node]["n"] = n
    yield from _printed_small(sets)
    yield from _bands(sets)
    yield from _between(found, sets)
    yield from _pinned(found, people)


def _printed_small(sets: dict[Node, dict[str, int]]) -> Iterator[Leak]:
    for node, counts in sets.items():
        for name, count in counts.items():
            if 0 < count < 10:
                yield Leak(f"{node} prints {name}", count)


def _cuts(counts: dict[str, int]) -> dict[float, int]:
    """People at or above each printed cut of one group; its n stands at minus infinity, nobody at infinity."""
    cuts = {float(name[5:]): count for name, count in counts.items() if name.startswith("high@")}
    return {**cuts, np.inf: 0, **({-np.inf: counts["n"]} if "n" in counts else {})}


def _bands(sets: dict[Node, dict[str, int]]) -> Iterator[Leak]:
    """People between any two cuts of one group."""
    for node, counts in sets.items():
        for (_, more), (_, fewer) in combinations(sorted(_cuts(counts).items()), 2):
            if 0 < more - fewer < 10:
                yield Leak(f"{node} between two cuts", more - fewer)


def _between(found: Study, sets: dict[Node, dict[str, int]]) -> Iterator[Leak]:
    """A group less its printed parts: for every count, and between any two cuts, whichever parts print them."""
    names = list(zip(found.nodes.axis, found.nodes.group, strict=True))
    matrix = found.nodes.matrix
    for parent, node in enumerate(names):
        for axis in dict.fromkeys(found.nodes.axis):
            parts = [i for i in found.nodes.where(axis) if i != parent and (matrix[i] <= matrix[parent]).all()]
            if not parts or not np.array_equal(matrix[parts].sum(axis=0), matrix[parent]):
                continue
            for name in ("n", "events", "others"):
                shown = [i for i in parts if name in sets[names[i]]]
                rest = sets[node].get(name, 0) - sum(sets[names[i]][name] for i in shown)
                if name in sets[node] and shown and 0 < rest < 10:
                    yield Leak(f"{node} less its parts by {axis}, {name}", rest)
            yield from _bands_between(node, sets, [names[i] for i in parts], axis)


def _bands_between(node: Node, sets: dict[Node, dict[str, int]], parts: list[Node], axis: str) -> Iterator[Leak]:
    cuts = {part: _cuts(sets[part]) for part in (node, *parts)}
    for a, b in combinations(sorted(cuts[node]), 2):
        chosen = [part for part in parts if a in cuts[part] and b in cuts[part]]
        rest = cuts[node][a] - cuts[node][b] - sum(cuts[part][a] - cuts[part][b] for part in chosen)
        if chosen and 0 < rest < 10:
            yield Leak(f"{node} less its parts by {axis}, from {a} to {b}", rest)


def _pinned(found: Study, people: dict[Node, int]) -> Iterator[Leak]:
    """Hidden groups of 1 to 9 people that all printed n together leave only one size."""
    names = list(zip(found.nodes.axis, found.nodes.group, strict=True))
    known = [i for i, name in enumerate(names) if name in people]
    hidden = [i for i, name in enumerate(names) if name not in people and 0 < found.size[i] < 10]
    if not hidden:
        return
    matrix, totals = found.nodes.matrix[known], np.array([people[names[i]] for i in known], dtype=np.float64)
    for i in hidden:
        ends = [_end(sign * found.nodes.matrix[i], matrix, totals) for sign in (1, -1)]
        if round(ends[0]) == round(-ends[1]):
            yield Leak(f"{names[i]} is pinned down", int(found.size[i]))


def _end(goal: NDArray[np.float64], matrix: NDArray[np.float64], totals: NDArray[np.float64]) -> float:
    return float(linprog(goal, A_eq=matrix, b_eq=totals, bounds=(0, None), method="highs").fun)


def random_tally(rng: np.random.Generator) -> Table:
    """A tally of one to three axes with groups of very different sizes, some tiny, some empty."""
    axes = [f"axis{i}" for i in range(int(rng.integers(1, 4)))]
    sizes = [int(rng.integers(2, 5)) for _ in axes]
    levels = int(rng.integers(2, 11))
    share = np.ones(1)
    for size in sizes:
        share = np.outer(share, rng.dirichlet(np.full(size, rng.choice([0.3, 1.0, 3.0])))).ravel()
    n = rng.multinomial(int(rng.choice([120, 600, 3000])), share)
    rows: list[tuple[object, ...]] = []
    for group, count in enumerate(n):
        at = np.unravel_index(group, sizes)
        spread = rng.multinomial(count, rng.dirichlet(np.ones(levels * 2)))
        for cell, people in enumerate(spread):
            if people:
                rows.append((float(cell // 2 + 1), cell % 2, int(people), *(f"g{k}" for k in at)))
    columns = list(zip(*rows, strict=True))
    made = {
        "score": (Kind.AMOUNT, np.array(columns[0])),
        "outcome": (Kind.COUNT, np.array(columns[1])),
        "n": (Kind.COUNT, np.array(columns[2])),
    }
    made |= {name: (Kind.GROUP, np.array(values, dtype=object)) for name, values in zip(axes, columns[3:], strict=True)}
    return table("tally", made)
