"""Piles: rows on their way in, put in order of month and region with flat memory.

At most a million rows are held. They are put in order and written as one run to a scratch file, which is encrypted
under a key that only this process's memory knows. At the end each partition is read back from all runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from peelian.errors import InputError
from peelian.kernel.model.partitions import MOST_ROWS, regions_of
from peelian.measure.coded import Coded
from peelian.measure.geoparquet import EAST, NORTH
from peelian.measure.table import Column, Kind, Table, text_column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HELD_ROWS = 1_000_000
MOST_WORDS = 32_000  # of one text column: an intake hands over fewer, or it was taken over
Key = tuple[str, str]  # month and region


@dataclass(slots=True, kw_only=True)
class Piles:
    """Rows by the month of their first TIME column and by region. `scratch` is read and written here alone."""

    scratch: BinaryIO
    name: str = ""  # of the table
    columns: tuple[Column, ...] = ()  # of the first part, without its rows: what each column is
    words: dict[str, dict[str, int]] = field(default_factory=dict)  # of each text column, in order of appearance
    kept: dict[str, frozenset[str]] = field(default_factory=dict)  # column → the words that stay; others become ""
    runs: dict[Key, list[tuple[int, int]]] = field(default_factory=dict)  # where rows lie: byte, how many
    rows: int = 0
    _held: list[NDArray[np.void]] = field(default_factory=list)
    _end: int = 0

    def add(self, part: Table) -> None:
        """Take in a part; InputError where its columns are not those of the first one. O(rows)."""
        import numpy as np

        if not self.columns:
            self.name, self.columns = part.name, part.take(np.arange(0)).columns
        if _described(part.columns) != _described(self.columns):
            raise InputError("a part of the file has other columns")
        self._held.append(self._packed(part))
        self.rows += len(part)
        if sum(map(len, self._held)) >= HELD_ROWS:
            self._put()

    def pieces(self, most: int, group: Callable[[Key], Any]) -> Iterator[tuple[Key, Table]]:
        """The rows by month and region, within one in the order of the file, at most `most` (at least a million) and of
        one `group` at a time; each with the key of its first row. O(rows)."""
        self._put()
        first, held = ("", ""), list[Any]()
        for key in sorted(self.runs):
            for at, n in self.runs[key]:
                if held and (group(key) != group(first) or sum(map(len, held)) + n > most):
                    yield first, self._table(held)
                    held = []
                first = first if held else key
                held.append(self._read(at, n))
        if held:
            yield first, self._table(held)

    def months(self) -> dict[str, int]:
        """How many rows each month has, in order. O(partitions)."""
        self._put()
        months: dict[str, int] = {}
        for (month, _), runs in sorted(self.runs.items()):
            months[month] = months.get(month, 0) + sum(n for _, n in runs)
        return months

    def _dtype(self) -> np.dtype[np.void]:
        import numpy as np

        return np.dtype([(c.name, "<i2" if c.name in self.words else c.dtype) for c in self.columns])

    def _packed(self, part: Table) -> NDArray[np.void]:
        """The rows as records: texts by their number."""
        import numpy as np

        for column in part.columns:
            if column.dtype.kind == "O":
                self.words.setdefault(column.name, {})
        records = np.empty(len(part), self._dtype())
        for column in part.columns:
            if column.name not in self.words:
                records[column.name] = column.values
                continue
            known, (words, codes) = self.words[column.name], column.coded()
            place = np.array([known.setdefault(str(word), len(known)) for word in words], dtype=np.int32)
            if len(known) > MOST_WORDS:
                raise InputError("too many different words", column=column.name, accepted=f"at most {MOST_WORDS:,}")
            records[column.name] = place[codes]
        return records

    def _put(self) -> None:
        """Write what is held as one run, in order of its keys; what is equal stays in the order of the file."""
        import numpy as np

        if not self._held:
            return
        records = np.concatenate(self._held)
        self._held.clear()
        time = next(c.name for c in self.columns if c.kind is Kind.TIME)
        month = records[time].astype("datetime64[M]")
        if bool(np.isnat(month).any()) or not bool(np.isfinite(records[EAST] + records[NORTH]).all()):
            raise InputError("a row without time or place", column=time)
        numbers = np.stack([month.astype(np.int32), *regions_of(records[EAST], records[NORTH]).T])
        order = _in_order(numbers)
        numbers, records = numbers.take(order, axis=1), records.take(order)  # far faster than by index
        starts = [0, *(np.flatnonzero((numbers[:, 1:] != numbers[:, :-1]).any(axis=0)) + 1).tolist()]
        self.scratch.seek(self._end)
        self.scratch.write(records.view(np.uint8).data)
        for start, end in zip(starts, [*starts[1:], len(records)], strict=True):
            key = (str(month[order[start]]), f"{numbers[1, start]}:{numbers[2, start]}")
            for n in range(start, end, MOST_ROWS):
                at = self._end + n * records.itemsize
                self.runs.setdefault(key, []).append((at, min(end - n, MOST_ROWS)))
        self._end += records.nbytes

    def _read(self, at: int, n: int) -> NDArray[np.void]:
        import numpy as np

        dtype = self._dtype()
        self.scratch.seek(at)
        return np.frombuffer(self.scratch.read(n * dtype.itemsize), dtype=dtype)

    def _table(self, held: list[Any]) -> Table:
        import numpy as np

        records, made = np.concatenate(held), []
        for column in self.columns:
            values = np.ascontiguousarray(records[column.name])
            more = {"unit": column.unit, "n": column.n}
            if column.name in self.words:
                kept = self.kept.get(column.name, self.words[column.name])
                words = [word if word in kept else "" for word in self.words[column.name]]
                codes = Coded(words, values.astype(np.int32))
                made.append(text_column(column.name, Kind(column.kind), codes, **more))
            else:
                made.append(Column(name=column.name, kind=column.kind, values=values, **more))
        return Table(name=self.name, columns=tuple(made))


def _in_order(numbers: NDArray[np.int32]) -> NDArray[np.intp]:
    """Which row comes where by its month and region (int32[3, n]), equal ones as they came. O(n) for up to 65,536
    different ones in the smallest box around them, as in any town, else O(n log n)."""
    import numpy as np

    box = (numbers.max(axis=1) - numbers.min(axis=1).astype(np.int64) + 1).tolist()
    if math.prod(box) > 1 << 16:
        return np.lexsort(numbers[::-1])
    at = np.ravel_multi_index(tuple(numbers - numbers.min(axis=1, keepdims=True)), box)
    return np.argsort(at.astype(np.uint16), kind="stable")


def _described(columns: Iterable[Column]) -> list[Any]:
    return [(c.name, c.kind, c.dtype, c.unit, c.n) for c in columns]
