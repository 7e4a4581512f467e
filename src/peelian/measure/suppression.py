"""Which cells of tables with totals must be hidden so that no small count can be read or worked out.

Primary suppression hides every count from 1 to k - 1. Complementary suppression hides further cells until nobody who
knows every shown cell, every sum and that counts are not negative can narrow a small count: for each, there is one
table that fits all that is shown and has at least k there, and another that has 0. The first says "perhaps it is not
small at all", the second "perhaps nobody is in it". Hidden cells carry one mark, whatever they were hidden for.

The witness tables are found by linear programming (Kelly, Golden and Assad 1992; Fischetti and Salazar-González 2000):
the cheapest change, in whole numbers, that keeps all sums and moves the small count; cells that change are hidden.
Tables are joined by their sums, so totals, zoom levels, parts of a count and earlier releases are all one system.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import InputError, Reason, Withheld, sentence

Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Need = tuple[int, int]  # a cell and how far a witness must move it

LOW, MEDIUM, HIGH = 11, 15, 20
"""The smallest count shown of data of low, medium and high invasiveness."""
_WHOLE = 1e-6
_FREE = 1e-6  # what moving a hidden cell costs, so that nothing moves for nothing
_TOTALS_COST = 50.0  # how much dearer a total is than its parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """One total and the cells that add up to it, by their places among all cells."""

    total: int
    parts: tuple[int, ...]


def two_way(rows: int, columns: int) -> tuple[Sum, ...]:
    """The sums of a table with margins: (rows + 1) x (columns + 1) cells, flattened by rows, totals last.

    >>> [(s.total, s.parts) for s in two_way(1, 2)]
    [(2, (0, 1)), (5, (3, 4)), (3, (0,)), (4, (1,)), (5, (2,))]
    """
    place = np.arange((rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
    across = [Sum(total=int(line[-1]), parts=tuple(line[:-1].tolist())) for line in place]
    down = [Sum(total=int(line[-1]), parts=tuple(line[:-1].tolist())) for line in place.T]
    return (*across, *down)


def with_margins(counts: Counts) -> Counts:
    """A 2-d table with its margins, flattened as `two_way` numbers it.

    >>> with_margins(np.array([[1, 2]])).tolist()
    [1, 2, 3, 1, 2, 3]
    """
    wide = np.column_stack([counts, counts.sum(axis=1)])
    return np.vstack([wide, wide.sum(axis=0)]).ravel()


def small(counts: Counts, threshold: int) -> Mask:
    """Where a count is from 1 to threshold - 1: what must not be shown."""
    return (counts > 0) & (counts < threshold)


def shown_cells(counts: Counts, sums: Sequence[Sum], *, threshold: int, public: Mask | None = None) -> Mask:
    """Which cells may be shown. `counts`: all cells, totals among them [N], agreeing with `sums`; `public`: cells that
    were published before and cannot be hidden any more.

    Raises Withheld where a small count is public already or could be worked out whatever is hidden; InputError where
    counts are negative or do not add up. At most two programs of 2 N unknowns for each small count, fewer where one
    witness serves several; then a few for each cell that may turn out to be hidden needlessly.
    """
    counts, known = np.asarray(counts), np.zeros(len(counts), bool) if public is None else np.asarray(public, bool)
    _check(counts, sums, threshold, known)
    primary = small(counts, threshold)
    if (primary & known).any():
        raise Withheld([_worked_out(int((primary & known).sum()))])
    table = _linked(counts, sums)
    smallest_first = np.flatnonzero(primary)[np.argsort(counts[primary], kind="stable")].tolist()
    needs = [(cell, move) for cell in smallest_first for move in (threshold - int(counts[cell]), -int(counts[cell]))]
    changes = _witnessed(table, needs, (), open_=~known, hidden=primary)
    if changes is None:
        raise Withheld([_worked_out(1)])
    return ~_spared(table, needs, changes, primary)


def ranges(counts: Counts, sums: Sequence[Sum], mask: Mask) -> tuple[Floats, Floats]:
    """What can be worked out about every cell from the shown ones: its least and greatest possible value [N], [N].

    The attack itself: two linear programs for each hidden cell. Shown cells have their own value twice.
    """
    values = np.asarray(counts, np.float64)
    low, high = values.copy(), values.copy()
    equations = _equations(len(values), sums)
    hidden = np.flatnonzero(~mask)
    shown_sums = -(equations[:, np.flatnonzero(mask)] @ values[mask])
    for place, cell in enumerate(hidden.tolist()):
        for sign, bound in ((1, low), (-1, high)):
            aim = np.zeros(len(hidden))
            aim[place] = sign
            found = scipy.optimize.linprog(
                aim, A_eq=equations[:, hidden], b_eq=shown_sums, bounds=(0, None), method="highs"
            )
            bound[cell] = sign * (-np.inf if found.fun is None else found.fun)
    return low, high


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linked:
    """All cells, what links them, and what hiding each costs."""

    counts: Counts
    sums_kept: scipy.optimize.LinearConstraint  # on how much each cell rises and falls, one after the other
    price: Floats


def _witnessed(
    table: _Linked, needs: Sequence[Need], changes: Sequence[Floats], *, open_: Mask, hidden: Mask
) -> list[Floats] | None:
    """`changes` and as many more as it takes for every need; None where one cannot be had. Only `open_` cells change,
    those of `hidden`, and those that earlier changes opened, almost for nothing."""
    changes, hidden = list(changes), hidden | _moved(changes, len(hidden))
    most, least = (edge([0 * table.price, *changes], axis=0) for edge in (np.max, np.min))
    for cell, move in needs:
        if least[cell] <= move <= most[cell]:
            continue
        change = _cheapest(table, (cell, move), open_=open_, hidden=hidden)
        if change is None:
            return None
        hidden = hidden | (change != 0)
        for each in (change, _reversed(change, table.counts)):
            changes.append(each)
            most, least = np.maximum(most, each), np.minimum(least, each)
    return changes


def _cheapest(table: _Linked, need: Need, *, open_: Mask, hidden: Mask) -> Floats | None:
    """The cheapest change in whole numbers that keeps all sums, makes no count negative, and moves a cell as needed."""
    (cell, move), n = need, len(table.counts)
    price = np.where(hidden, _FREE, table.price)
    least = np.zeros(2 * n)
    most = np.where(np.tile(open_, 2), np.concatenate([np.full(n, np.inf), table.counts]), 0.0)
    for at, amount in ((cell, max(move, 0)), (cell + n, max(-move, 0))):
        least[at] = most[at] = amount
    for whole in (0, 1):  # two-way tables come out whole by themselves, and faster
        found = scipy.optimize.milp(
            np.concatenate([price, price]),
            constraints=table.sums_kept,
            bounds=scipy.optimize.Bounds(least, most),
            integrality=np.full(2 * n, whole),
        )
        if found.x is None:
            return None
        change = found.x[:n] - found.x[n:]
        if np.abs(change - np.rint(change)).max() < _WHOLE:
            return np.rint(change)
    return None


def _reversed(change: Floats, counts: Counts) -> Floats:
    """The change the other way, as far as it goes in whole numbers without a negative count: a witness for nothing."""
    falls = change > 0
    times = np.floor((counts[falls] / change[falls]).min()) if falls.any() else 0.0
    return -min(times, 1e6) * change


def _spared(table: _Linked, needs: Sequence[Need], changes: list[Floats], primary: Mask) -> Mask:
    """The hidden cells without those that turn out not to be needed, dearest first."""
    hidden = primary | _moved(changes, len(primary))
    extra = np.flatnonzero(hidden & ~primary)
    for cell in extra[np.argsort(-table.price[extra], kind="stable")].tolist():
        without = hidden.copy()
        without[cell] = False
        kept = [change for change in changes if change[cell] == 0]
        anew = _witnessed(table, needs, kept, open_=without, hidden=without)
        if anew is not None:
            changes, hidden = anew, primary | _moved(anew, len(primary))
    return hidden


def _moved(changes: Sequence[Floats], cells: int) -> Mask:
    return np.any([change != 0 for change in changes], axis=0) if len(changes) else np.zeros(cells, bool)


def _linked(counts: Counts, sums: Sequence[Sum]) -> _Linked:
    equations, none = _equations(len(counts), sums), np.zeros(len(sums))
    kept = scipy.optimize.LinearConstraint(
        scipy.sparse.csc_array(scipy.sparse.hstack([equations, -equations])), none, none
    )
    return _Linked(counts=counts, sums_kept=kept, price=_prices(counts, sums))


def _equations(cells: int, sums: Sequence[Sum]) -> Any:
    rows, columns, values = [], [], []
    for row, each in enumerate(sums):
        for at, value in ((each.total, -1.0), *((part, 1.0) for part in each.parts)):
            rows.append(row)
            columns.append(at)
            values.append(value)
    return scipy.sparse.csr_array((values, (rows, columns)), shape=(len(sums), cells))


def _prices(counts: Counts, sums: Sequence[Sum]) -> Floats:
    """What hiding a cell costs: more for larger counts, much more for totals, most for totals of totals."""
    height = np.zeros(len(counts), np.int64)
    for _ in range(len(sums)):
        before = height.copy()
        for each in sums:
            if len(each.parts) > 1:
                height[each.total] = max(height[each.total], 1 + max(height[part] for part in each.parts))
        if (before == height).all():
            break
    return np.asarray((1 + np.log1p(counts)) * _TOTALS_COST**height)


def _check(counts: Counts, sums: Sequence[Sum], threshold: int, public: Mask) -> None:
    if counts.ndim != 1 or counts.dtype.kind not in "iu" or (counts < 0).any() or len(public) != len(counts):
        raise InputError("these are no counts", accepted="whole numbers from 0 on, one for each cell")
    if threshold < 2:
        raise InputError(f"a threshold of {threshold}", accepted="a whole number from 2 on")
    wrong = sum(int(counts[each.total]) != int(counts[list(each.parts)].sum()) for each in sums)
    if wrong:
        raise InputError(f"{wrong} of {len(sums)} totals are not the sum of their parts")


def _worked_out(n: int) -> Reason:
    return Reason(
        rule="small_counts_stay_inside",
        says=sentence("%(n)s small counts could be derived from earlier publications", n=n),
        remedy="Merge cells, or publish for the same areas and groups as before.",
    )
