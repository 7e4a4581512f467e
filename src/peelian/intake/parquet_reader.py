"""Reads Parquet in batches: only the wanted columns are decoded, and no text before it is known how much it is.

A value that repeats stands once in the file, with a number for every row: a few kilobytes may promise terabytes of
text. Such columns stay packed as they are read, and are measured before they are unpacked. Shapes of a GeoParquet file
(WKB) are read as text (WKT).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from peelian.errors import InputError, sentence
from peelian.intake.csv_reader import Read
from peelian.intake.sources import FREE_BYTES, Limits, Source
from peelian.intake.text_table import Wanted, text_table
from peelian.measure.table import Table

BATCH_ROWS = 1 << 17
VALUE_BYTES = 8  # that a value takes in memory, at least
BATCH_BYTES = 256 << 20  # of one column of text, unpacked
TEXT = (pa.types.is_string, pa.types.is_large_string)
PLAIN = (*TEXT, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating)
BINARY = (pa.types.is_binary, pa.types.is_large_binary)
MOST_TOLD = 1 << 20  # bytes of what a GeoParquet file says of itself
STAMPS = (pa.types.is_date, pa.types.is_timestamp, pa.types.is_decimal, pa.types.is_null)


def parquet_header(source: Source, limits: Limits) -> tuple[str, ...]:
    """The names of a Parquet file's columns; InputError when it is damaged, empty or too large."""
    with closing(source.open()) as stream:
        return tuple(_opened(stream, source, limits).schema_arrow.names)


def parquet_shape(source: Source, limits: Limits) -> tuple[str, str]:
    """The column of a GeoParquet file that holds shapes, and its coordinate system; "" for none and for degrees."""
    with closing(source.open()) as stream:
        return _shape(_opened(stream, source, limits))


def parquet_parts(source: Source, header: tuple[str, ...], want: Wanted, read: Read) -> Iterator[Table]:
    """The rows of a Parquet file as text tables in order; row 2 is the first, as if the names stood in row 1."""
    first = 2
    back = {header[place]: name for name, place in want.places.items()}
    with closing(source.open()) as stream:
        file = _opened(stream, source, read.limits)
        shape, _ = _shape(file)
        for name in back:
            _refuse_type(file.schema_arrow.field(name).type, name, source.name, shape=name == shape)
        _refuse_expansion(file.metadata.num_rows * len(back), source, read.limits)
        try:
            file = pq.ParquetFile(stream, metadata=file.metadata, read_dictionary=_packed(file, back))
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=list(back), use_threads=True):
                rows = np.arange(first, first + batch.num_rows, dtype=np.int64)
                for name in batch.schema.names:
                    _refuse_bomb(batch.column(name), (back[name], first), source.name, read.limits)
                columns = {back[n]: _text(batch.column(n), back[n], want) for n in batch.schema.names}
                first += batch.num_rows
                read.progress(int(source.size * (first - 2) / max(file.metadata.num_rows, 1)))
                yield text_table(columns, rows, want)
        except MemoryError:  # Arrow's is one of its own errors, too: no damage
            raise
        except (pa.ArrowException, OSError) as error:
            raise _damaged(source.name, error) from None


def _opened(stream: Any, source: Source, limits: Limits) -> Any:
    """The Parquet file behind a stream, with its promises checked against the limits."""
    name = source.name
    try:
        file = pq.ParquetFile(stream)
        rows = file.metadata.num_rows
        plain = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(name, error) from None
    if rows == 0:
        raise InputError("columns without rows", file=name, accepted="a table with rows")
    if rows > limits.rows or plain > limits.plain_bytes or file.metadata.num_columns > limits.columns:
        accepted = sentence("%(n)d rows", n=limits.rows)
        raise InputError("file declares more data than allowed", file=name, accepted=accepted)
    return file


def _refuse_expansion(values: int, source: Source, limits: Limits) -> None:
    """InputError where a small file promises many values: equal ones side by side take no room in it at all."""
    most = max(FREE_BYTES, limits.expansion * source.size)
    if values * VALUE_BYTES > most:
        says = sentence("the file expands beyond %(n)d bytes, possibly a decompression bomb", n=most)
        accepted = sentence("at most %(n)d times the compressed size", n=limits.expansion)
        raise InputError(says, file=source.name, accepted=accepted)


def _damaged(name: str, error: Exception) -> InputError:
    return InputError(
        "Parquet file damaged or cut off",
        file=name,
        accepted="a complete file",
    )


def _shape(file: Any) -> tuple[str, str]:
    """As the file's own words have it (GeoParquet 1.1): WKB, longitude first; without a system it is CRS84."""
    raw = (file.schema_arrow.metadata or {}).get(b"geo", b"")
    try:
        told = json.loads(raw) if len(raw) <= MOST_TOLD else {}
        name = told["primary_column"]
        about = told["columns"][name]
    except (KeyError, TypeError, ValueError, RecursionError):
        return "", ""
    if not isinstance(about, dict) or about.get("encoding") != "WKB" or name not in file.schema_arrow.names:
        return "", ""
    return name, _code(about["crs"]) if "crs" in about else ""


def _code(crs: Any) -> str:
    """The code of a system in PROJJSON, "" for degrees."""
    id = crs.get("id") if isinstance(crs, dict) else None
    if not isinstance(id, dict) or not re.fullmatch(
        r"(EPSG:\d{4,6}|OGC:CRS84)", code := f"{id.get('authority')}:{id.get('code')}"
    ):
        return "unknown"
    return "" if code in ("OGC:CRS84", "EPSG:4326") else code


def _refuse_type(kind: Any, column: str, name: str, *, shape: bool) -> None:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not any(test(inner) for test in (*PLAIN, *STAMPS, *(BINARY if shape else ()))):
        raise InputError("column without plain values", file=name, column=column, accepted="text, numbers, dates")


def _packed(file: Any, names: Iterable[str]) -> list[str]:
    """The columns of text or shapes whose values the file keeps once, with a number for every row."""
    meta, schema = file.metadata, file.schema_arrow
    text = [name for name in names if any(is_text(schema.field(name).type) for is_text in (*TEXT, *BINARY))]
    groups = [meta.row_group(i) for i in range(meta.num_row_groups)]
    chunks = [group.column(i) for group in groups for i in range(meta.num_columns)]
    kept = {chunk.path_in_schema for chunk in chunks if any("DICTIONARY" in how for how in chunk.encodings)}
    return [name for name in text if name in kept]


def _refuse_bomb(array: Any, where: tuple[str, int], file: str, limits: Limits) -> None:
    """InputError where a value is longer than a row may be, or the column's text more than memory should hold."""
    long = (*TEXT, *BINARY)
    if not pa.types.is_dictionary(array.type) or not any(is_text(array.type.value_type) for is_text in long):
        return
    column, row = where
    lengths = pc.fill_null(pc.binary_length(array.dictionary), 0)
    most = pc.max(lengths).as_py() or 0
    if most * len(array) <= BATCH_BYTES and most <= limits.record_bytes:
        return
    taken = pc.sum(pc.take(lengths.cast(pa.int64()), pc.drop_null(array.indices))).as_py() or 0
    if most > limits.record_bytes or taken > BATCH_BYTES:
        says = sentence("the column expands to texts of up to %(n)d bytes, possibly a decompression bomb", n=most)
        accepted = sentence("%(n)d bytes of text in %(rows)d rows", n=BATCH_BYTES, rows=BATCH_ROWS)
        raise InputError(says, file=file, row=row, column=column, accepted=accepted)


def _text(array: Any, name: str, want: Wanted) -> Any:
    """The column as text or, where the format takes numbers, as float64."""
    if pa.types.is_dictionary(array.type) and not pa.types.is_string(array.type.value_type):
        array = array.dictionary_decode()
    if any(is_shape(array.type) for is_shape in BINARY):
        return _drawn(array)
    numeric = pa.types.is_floating(array.type) or pa.types.is_integer(array.type)
    if name in want.numbers and numeric:
        return array.cast(pa.float64())
    if pa.types.is_dictionary(array.type):
        return array.dictionary_decode() if name in want.packed else array
    return array.cast(pa.string())


def _drawn(array: Any) -> Any:
    """Shapes as WKT, "" for none; what is no shape becomes a word that no format takes for one."""
    import shapely  # heavy: only for such a file

    known = np.array(array.is_valid())
    wkb = np.array(array.to_pylist(), dtype=object)
    shape = shapely.force_2d(shapely.from_wkb(wkb, on_invalid="ignore"))
    text = shapely.to_wkt(shape, rounding_precision=9, trim=True)
    text[shapely.is_missing(shape)] = "?"
    text[~known] = ""
    return pa.array(text, type=pa.string())
