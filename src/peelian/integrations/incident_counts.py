"""Counts of incidents by half cell and period: one Ibis expression for DuckDB and Spark.

Every key is a whole number that the engine makes from doubles by the same IEEE operations as `Grid.locate`, so that
engines agree bit by bit. Engines see numbers only: no text, no time zone. Hours are civil hours since 1970, as
admission wrote them, so summer time is settled before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from peelian.kernel.model.counts import MISSING, Bins, CellCounts, missing
from peelian.measure.arrow_memory import to_values
from peelian.measure.categories import CATEGORIES
from peelian.measure.coded import Coded, from_arrow
from peelian.measure.geoparquet import GEOMETRY
from peelian.measure.table import Column, Kind, Table, text_column

if TYPE_CHECKING:
    import ibis.expr.types as ir

Wholes: TypeAlias = NDArray[Any]  # whole numbers of any type
NARROW = (np.int8, np.int16, np.int32, np.int64)
FAR_METRES = 1e8  # what is said to lie 100,000 km away has no place
FAR_HOURS = 1e8  # in 11,000 years
LONGEST_INTERVAL_HOURS = 31 * 24.0  # as `mapping.incidents.LONGEST_INTERVAL_DAYS`: a longer one is too vague to use
HOURS = ("start_hour", "end_hour", "known_hour")
ROWS = {"category": "int32", "start": "float64", "end": "float64", "known": "float64", "east": "float64"} | {
    "north": "float64"
}
KEYS = ("category", "row", "col", "start_hour", "end_hour", "known_hour")
LAG_KEYS = ("category", "hours")


class Engine(Protocol):
    """Answers expressions over a table `rows` (columns `ROWS`, missing numbers NaN)."""

    def __call__(self, rows: pa.Table, asked: Sequence[ir.Table]) -> list[pa.Table]: ...


def rows() -> ir.Table:
    """The table that expressions are over: what an engine calls `rows`."""
    import ibis

    return ibis.table(ROWS, name="rows")


def counts(rows: ir.Table, bins: Bins) -> ir.Table:
    """How many `rows` have each key of `CellCounts.counts`, in any order.

    The half cell is floor(x / size) + floor((x - size/2) / size) + 1: from it follow, exactly, the cell of the grid and
    the cell of the grid moved by half a cell. No engine casts a number that is not finite.
    """
    placed = _known(rows.east, FAR_METRES) & _known(rows.north, FAR_METRES)
    begun = _known(rows.start, FAR_HOURS)
    clear = begun & rows.end.between(rows.start, rows.start + LONGEST_INTERVAL_HOURS)
    start = begun.ifelse(rows.start, 0.0)
    last = _last_day((start / 24.0).floor(), bins)
    once = ~clear | (rows.end <= (last + 1) * 24)  # within one period
    noon, over = last * 24 + 12, (last + 1) * 24
    reported = _known(rows.known, FAR_HOURS)
    midnight = -(-reported.ifelse(rows.known, 0.0) / 24.0).floor() * 24
    late = begun & reported & (midnight > once.ifelse(over, rows.end))
    keys = {
        "category": rows.category,
        "row": _whole(placed, _half_cell(placed.ifelse(rows.north, 0.0), bins)),
        "col": _whole(placed, _half_cell(placed.ifelse(rows.east, 0.0), bins)),
        "start_hour": _whole(begun, once.ifelse(noon, start)),
        "end_hour": _whole(clear, once.ifelse(noon, rows.end)),
        "known_hour": _whole(late, midnight),
    }
    return rows.group_by(**keys).aggregate(n=rows.count())


def lags(rows: ir.Table) -> ir.Table:
    """How many `rows` of each category became known how many whole hours after their end, in any order."""
    both = _known(rows.end, FAR_HOURS) & _known(rows.known, FAR_HOURS)
    keys = {"category": rows.category, "hours": _whole(both, rows.known - rows.end)}
    return rows.group_by(**keys).aggregate(n=rows.count())


def _known(value: Any, most: float) -> Any:
    """Whether a number is there: neither NaN, which engines order above every number, nor beyond all that can be."""
    return value.between(-most, most)


def _last_day(day: Any, bins: Bins) -> Any:
    """The last day of the period that a day lies in."""
    if bins.days == 1:
        return day
    passed = ((day - bins.begins) / float(bins.days)).floor()
    return passed * bins.days + (bins.begins + bins.days - 1)


def _half_cell(metres: Any, bins: Bins) -> Any:
    return (metres / bins.cell_metres).floor() + ((metres - bins.metres) / bins.cell_metres).floor() + 1


def _whole(there: Any, value: Any) -> Any:
    """A whole number as int32, MISSING where it is not there."""
    return there.ifelse(value.cast("float64"), float(MISSING)).cast("int64").cast("int32")


def counted(months: Iterable[Iterable[pa.Table]], bins: Bins, engine: Engine, *, at_once: int = 1) -> CellCounts:
    """Count the partitions of each month, whose files are laid out as `measure/geoparquet` says.

    `at_once` of them are counted while the next one is read: more than one by an engine that several threads may ask.
    Memory of so many partitions and two more, and of the counts. O(rows).
    """
    words, whole, asked = list(CATEGORIES), Months(bins), questions(bins)
    unfinished: deque[Future[list[pa.Table]]] = deque()
    waiting: deque[list[Future[list[pa.Table]]]] = deque()  # months
    with ThreadPoolExecutor(at_once) as threads:
        for month in months:
            waiting.append(found := [])
            for points in month:
                while len(unfinished) > at_once:
                    unfinished.popleft().result()
                found.append(threads.submit(engine, rows_of(points, words), asked))
                unfinished.append(found[-1])
            while len(waiting) > at_once + 1:
                whole.add([one.result() for one in waiting.popleft()])
        for found in waiting:
            whole.add([one.result() for one in found])
    return whole.counted(words)


def questions(bins: Bins) -> tuple[ir.Table, ir.Table]:
    """What an engine is asked of each partition: counts and lags."""
    return counts(rows(), bins), lags(rows())


class Months:
    """Counts put together, month by month."""

    def __init__(self, bins: Bins) -> None:
        self._found, self._late, self._bins = _Columns(KEYS), _Columns(LAG_KEYS), bins

    def add(self, month: Sequence[Sequence[pa.Table]]) -> None:
        """Add the next month: what an engine answered to `questions` of each of its partitions."""
        self._found.add(_summed([one for one, _ in month], KEYS))
        self._late.add(_summed([one for _, one in month], LAG_KEYS))

    def counted(self, words: list[str]) -> CellCounts:
        """All of them; nothing is left here."""
        found, late = self._found.table("counts", words), self._late.table("lags", words)
        return CellCounts(counts=found, lags=late, bins=self._bins)


class _Columns:
    """Tables of one shape one after the other. Each column grows in place, in the narrowest type that holds it."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._whole = {key: np.zeros(0, NARROW[0]) for key in (*keys, "n")}

    def add(self, part: Mapping[str, Wholes]) -> None:
        """Add the rows of one more."""
        for key, whole in self._whole.items():
            self._whole[key] = _appended(whole, part[key])

    def table(self, name: str, words: list[str]) -> Table:
        """All of them, as a table that never leaves the vault; nothing is left here."""
        codes = self._whole.pop("category").astype(np.int32)
        category = text_column("category", Kind.CATEGORY, Coded(words, codes))
        numbers = (Column(name=key, kind=Kind.PERSONAL, values=values) for key, values in self._whole.items())
        return Table(name=name, columns=(category, *numbers))


def _appended(whole: Wholes, more: Wholes) -> Wholes:
    """A column with more at its end. It is made longer where it lies, and copied only where a wider type is needed:
    else it would stand in memory twice, and pieces between others are not given back. O(more), mostly."""
    kind = np.promote_types(whole.dtype, _narrowest(more))
    whole, n = _of_type(whole, kind), len(whole)
    whole.resize(n + len(more), refcheck=False)
    whole[n:] = _of_type(more, kind)
    return whole


def _narrowest(values: Wholes) -> np.dtype[Any]:
    """The narrowest type of these numbers, whose least number is free to stand for MISSING. O(n)."""
    there = values[~missing(values)]
    if not len(there):
        return np.dtype(NARROW[0])
    least, most = int(there.min()), int(there.max())
    return np.dtype(next(one for one in NARROW if np.iinfo(one).min < least and most <= np.iinfo(one).max))


def _of_type(values: Wholes, kind: np.dtype[Any]) -> Wholes:
    if values.dtype == kind:
        return values
    made = values.astype(kind)
    made[missing(values)] = np.iinfo(kind).min
    return made


def rows_of(points: pa.Table, words: list[str]) -> pa.Table:
    """One partition as engines see it; a category is its number in `words`, which grow by those not seen before."""
    kind = points.schema.field("category").type
    category = points.column("category")
    made = category if pa.types.is_dictionary(kind) else category.dictionary_encode()
    text, codes = from_arrow(made.unify_dictionaries().combine_chunks())
    words.extend(word for word in text if word not in words)
    numbers = np.array([words.index(word) for word in text], dtype=np.int32)
    geometry = points.column(GEOMETRY).combine_chunks()
    hours = [_hours(to_values(points.column(name), "h")) for name in HOURS]
    places = [geometry.field(axis) for axis in ("x", "y")]
    return pa.table([numbers[codes] if len(codes) else codes, *hours, *places], names=list(ROWS))


def _hours(times: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.where(np.isnat(times), np.nan, times.astype(np.int64).astype(np.float64))


def _summed(parts: Sequence[pa.Table], keys: Sequence[str]) -> dict[str, Wholes]:
    """Counts of one partition, or of several added up, in order of the keys: engines give them in any. O(n log n)."""
    whole = {key: np.concatenate([to_values(one.column(key)) for one in parts]) for key in (*keys, "n")}
    order = _order([whole[key] for key in keys])
    whole = {key: values[order] for key, values in whole.items()}
    if len(parts) == 1:  # an engine gives each key once
        return whole
    new = np.any([whole[key][1:] != whole[key][:-1] for key in keys], axis=0)
    first = np.flatnonzero(np.append(True, new)[: len(order)])
    return {key: whole[key][first] for key in keys} | {"n": np.add.reduceat(whole["n"], first)}


def _order(columns: Sequence[Wholes]) -> NDArray[np.intp]:
    """What puts rows in order of these columns. O(n log n), on one number a row where 64 bits hold all columns."""
    packed, bits = np.zeros(len(columns[0]), np.uint64), 0
    for values in columns:
        gone = missing(values)
        least = values[~gone].min(initial=np.iinfo(values.dtype).max)
        placed = np.where(gone, 0, values.astype(np.int64) - least + 1).astype(np.uint64)
        width = int(placed.max(initial=0)).bit_length()
        bits += width
        if bits > 64:
            return np.lexsort(columns[::-1])
        packed = packed << np.uint64(width) | placed
    return np.argsort(packed)
