"""Text table: Arrow columns become numpy columns of text, with each row's number in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from peelian.kernel.model.formats import Format
from peelian.measure.arrow_memory import cast, in_memory, missing
from peelian.measure.coded import Coded
from peelian.measure.table import Column, Kind, Table, text_column

WIDEST = 64  # a date longer than this is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The columns to read of one file: the format's own name → the position in the file, and how they may arrive."""

    places: Mapping[str, int]
    packed: frozenset[str]
    numbers: frozenset[str]


def wanted(format: Format, places: Mapping[str, int]) -> Wanted:
    """What `format` wants of a file whose columns stand at `places`."""
    return Wanted(places=places, packed=format.packed, numbers=format.numbers)


def text_table(columns: Mapping[str, Any], rows: NDArray[np.int64], want: Wanted) -> Table:
    """A text table from Arrow columns (chunked or not) and the rows they stand in. O(cells).

    Kind PERSONAL throughout, since nobody has looked at the values yet. Repeated text is one Python string.
    """
    made = [Column(name="row", kind=Kind.COUNT, values=rows)]
    for name, values in columns.items():
        chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
        array = chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks or [pa.array([], type=pa.string())])
        made.append(_column(array, name, want))
    return Table(name="text", columns=tuple(made))


def joined_parts(parts: list[Table]) -> Table:
    """Parts of one file as one table, for formats that convert it whole."""
    if len(parts) == 1:
        return parts[0]
    return Table(
        name="text",
        columns=tuple(
            Column(name=c.name, kind=c.kind, values=np.concatenate([_one_kind(p, c.name, parts) for p in parts]))
            for c in parts[0].columns
        ),
    )


def _one_kind(part: Table, name: str, parts: list[Table]) -> NDArray[Any]:
    """The column as the other parts have it: floats only where every part could be read as numbers."""
    values = part[name]
    kinds = {p[name].dtype.kind for p in parts}
    if len(kinds) == 1:
        return values
    if values.dtype.kind == "f":
        return np.array(["" if np.isnan(v) else repr(float(v)) for v in values.tolist()], dtype=object)
    if values.dtype.kind == "S":
        return np.array([v.decode() for v in values.tolist()], dtype=object)
    return values


def _column(array: Any, name: str, want: Wanted) -> Column:
    if name in want.numbers and pa.types.is_floating(array.type):
        array = cast(array, pa.float64())
        found, gone = in_memory(array, np.float64), missing(array)
        values: NDArray[Any] = found.copy() if gone is None else np.where(gone, np.nan, found)
        return Column(name=name, kind=Kind.PERSONAL, values=values)
    if pa.types.is_dictionary(array.type):
        return text_column(name, Kind.PERSONAL, _trimmed(array))
    text = cast(array, pa.string())
    if name in want.packed:
        return Column(name=name, kind=Kind.PERSONAL, values=packed(text))
    return text_column(name, Kind.PERSONAL, _trimmed(text.dictionary_encode()))


def _trimmed(array: Any) -> Coded:
    """What a dictionary array holds, its texts trimmed; "" for missing."""
    words = [(word or "").strip() for word in cast(array.dictionary, pa.string()).to_pylist()]
    codes, gone = in_memory(cast(array.indices, pa.int32()), np.int32), missing(array.indices)
    if gone is None:
        return Coded(words, codes)
    return Coded([*words, ""], np.where(gone, len(words), codes).astype(np.int32))


def packed(text: Any) -> NDArray[np.bytes_]:
    """An Arrow string array as fixed-width UTF-8 bytes, b"" for missing, cut at 65 bytes. O(bytes).

    >>> packed(pa.array(["ab", None, "abc"])).tolist()
    [b'ab', b'', b'abc']
    """
    n = len(text)
    if n == 0:
        return np.zeros(0, dtype="S1")
    _, offset_buffer, data_buffer = text.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int32)[text.offset : text.offset + n + 1].astype(np.int64)
    lengths = np.diff(offsets)
    if (gone := missing(text)) is not None:
        lengths[gone] = 0
    width = int(min(max(lengths.max(), 1), WIDEST + 1))
    data = np.frombuffer(data_buffer, dtype=np.uint8) if data_buffer is not None else np.zeros(0, np.uint8)
    if bool((lengths == width).all()):
        return data[offsets[0] : offsets[-1]].copy().view(f"S{width}")
    out = np.zeros((n, width), dtype=np.uint8)
    filled = np.arange(width) < np.minimum(lengths, width)[:, None]
    starts = np.repeat(offsets[:-1], np.minimum(lengths, width))
    within = np.broadcast_to(np.arange(width), (n, width))[filled]
    out[filled] = data[starts + within]
    return out.view(f"S{width}").ravel()
