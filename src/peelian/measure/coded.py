"""Coded texts: a column as its different values and which one stands in each row, so that millions of rows cost what a
few words do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from peelian.measure.arrow_memory import cast, in_memory, to_array, to_texts

if TYPE_CHECKING:  # heavy: a declaration names kinds and needs it not
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

FEW = 64  # rows that are not worth a dictionary
STEP = 1 << 16  # rows looked at in one go, so that little lies about


class Coded(NamedTuple):
    """Different values, and which one stands in each row (int32[n])."""

    words: list[Any]
    codes: NDArray[np.int32]

    def values(self) -> NDArray[Any]:
        """The value of each row. O(rows)."""
        import numpy as np

        words = np.empty(len(self.words), dtype=object)
        words[:] = self.words
        return words[self.codes]

    def take(self, rows: NDArray[Any]) -> Coded:
        """The rows chosen by a boolean mask or an index array; words that are left without a row stay."""
        return Coded(self.words, self.codes[rows])

    def mapped(self, change: Callable[[Any], Any]) -> Coded:
        """Each value changed; what becomes equal is one value. O(rows)."""
        words = [change(word) for word in self.words]
        return self if words == self.words else in_order(words, self.codes)

    def first_rows(self) -> NDArray[np.int64]:
        """The first row of each value (from 0; int64), the number of rows where there is none. O(rows)."""
        import numpy as np

        n, start, step = len(self.codes), 0, 1 << 10
        first = np.full(len(self.words), n, dtype=np.int64)
        while start < n and bool((first == n).any()):  # most values stand in the first rows
            some = self.codes[start : start + step]
            new = np.flatnonzero(first[some] == n)[::-1]
            first[some[new]] = new + start  # the last that is written is the first row
            start, step = start + step, 2 * step
        return first

    def texts(self) -> Iterator[bytes | pa.Buffer]:
        """The texts of all rows in UTF-8, one after the other, some thousand rows at a time. O(bytes)."""
        import numpy as np

        words = to_texts(self.words, large=True)
        for start in range(0, len(self.codes), STEP):
            if len(self.words) == 1:
                yield self.words[0].encode() * len(self.codes[start : start + STEP])
                continue
            some = words.take(to_array(self.codes[start : start + STEP]))
            end = int(np.frombuffer(some.buffers()[1], dtype=np.int64, count=len(some) + 1)[-1])
            yield some.buffers()[2].slice(0, end) if end else b""


def coded(values: NDArray[Any]) -> Coded:
    """The different values in the order of the rows. Texts through pyarrow's dictionary; few values, or of other kinds,
    one by one. O(rows)."""
    import numpy as np
    import pyarrow as pa

    if len(values) >= FEW:
        try:
            made = pa.array(values.astype(object, copy=False), type=pa.string()).dictionary_encode(
                null_encoding="encode"
            )
            return from_arrow(made)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            pass
    number: dict[Any, int] = {}
    codes = [number.setdefault(value, len(number)) for value in values.tolist()]
    return Coded(list(number), np.array(codes, dtype=np.int32))


def from_arrow(array: pa.DictionaryArray) -> Coded:
    """What an Arrow array without missing values holds."""
    import numpy as np
    import pyarrow as pa

    return Coded(array.dictionary.to_pylist(), in_memory(cast(array.indices, pa.int32()), np.int32))


def in_order(words: list[Any], codes: NDArray[np.int32]) -> Coded:
    """The same rows with each value once, in the order of the rows, and none that stands in no row. O(rows)."""
    import numpy as np

    number = dict(zip(reversed(words), range(len(words) - 1, -1, -1), strict=True))  # of equal ones the first
    if len(number) < len(words):
        codes = np.array([number[word] for word in words], dtype=np.int32)[codes]
    first = Coded(words, codes).first_rows()
    order = np.argsort(first)[: int((first < len(codes)).sum())]
    if len(order) == len(words) and bool((order[1:] > order[:-1]).all()):
        return Coded(words, codes)
    place = np.zeros(len(words), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return Coded([words[word] for word in order.tolist()], place[codes])


def joined(parts: Sequence[Coded]) -> Coded:
    """The rows of all parts, one part after the other. O(rows)."""
    import numpy as np

    number: dict[Any, int] = {}
    codes = []
    for part in parts:
        place = np.array([number.setdefault(word, len(number)) for word in part.words], dtype=np.int32)
        codes.append(place[part.codes])
    return in_order(list(number), np.concatenate(codes))
