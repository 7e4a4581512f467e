"""Frames of other libraries: read column by column as Arrow, and made again from a table of findings.

pandas, polars and pyarrow are known by name and never imported here unless the caller uses them. Anything else is read
through the Arrow C stream (`__arrow_c_stream__`) or the dataframe interchange protocol (`__dataframe__`). An index is
never read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib import import_module
from numbers import Number
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from peelian.errors import InputError
from peelian.measure.table import Kind, Table

PANDAS, POLARS, ARROW = "pandas", "polars", "pyarrow"
ACCEPTED = "a data frame of pandas, polars or pyarrow, or the path of a file"
ONE_KIND = "text, numbers, dates or yes and no, one of them in a column"
FAMILIES = (("yes or no", bool), ("text", str), ("number", Number), ("date", date))
NOT_CONVERTED = (pa.ArrowException, TypeError, ValueError, OverflowError, RuntimeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A caller's frame: the names of its columns, how many rows, of which library, and how a column is read."""

    called: str
    names: tuple[str, ...]
    rows: int
    library: str
    read: Callable[[int], Any]  # the position of a column → its values as Arrow


def frame_of(given: Any, called: str) -> Frame:
    """The frame behind what a caller gave; InputError where it is none, or names two columns alike."""
    library = library_of(given)
    if library == PANDAS:
        names, rows, read = [str(name) for name in given.columns], len(given), partial(_of_pandas, given, called)
    elif library == POLARS:
        names, rows, read = list(given.columns), given.height, partial(_of_polars, given, called)
    elif hasattr(given, "__arrow_c_stream__"):
        table = _streamed(given, called)
        names, rows, read = table.column_names, table.num_rows, table.column
    elif hasattr(given, "__dataframe__"):
        given = given.__dataframe__()
        names, rows, read = list(given.column_names()), given.num_rows() or 0, partial(_exchanged, given, called)
    else:
        raise InputError("not a data frame", file=called, accepted=ACCEPTED)
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice:
        raise InputError("two columns with this name", file=called, column=twice[0][:60], accepted="different names")
    return Frame(called=called, names=tuple(names), rows=rows, library=library, read=read)


def library_of(given: Any) -> str:
    """Whose frame this is: pandas, polars, or pyarrow for everything else."""
    for kind in type(given).__mro__:
        library = kind.__module__.partition(".")[0]
        if library in (PANDAS, POLARS) and kind.__name__ == "DataFrame":
            return library
    return ARROW


def keep(frame: Frame, wanted: Set[str], path: Path, *, called: Mapping[str, str]) -> None:
    """Write a frame as Parquet. Columns that are not `wanted` keep their name and lose their values. O(wanted cells).

    `called`: column → what it is called in the file. Values of columns that nobody asked for never leave the frame;
    their names do, because a file with a column of names or addresses is refused whole.
    """
    arrays = [_plain(frame.read(i)) if name in wanted else pa.nulls(frame.rows) for i, name in enumerate(frame.names)]
    names = [called.get(name, name) for name in frame.names]
    pq.write_table(pa.Table.from_arrays(arrays, names=names), path)


def made_as(library: str, table: pa.Table) -> Any:
    """An Arrow table in the caller's own kind of frame."""
    if library == PANDAS:
        return table.to_pandas(types_mapper={pa.int64(): import_module(PANDAS).Int64Dtype()}.get)
    return import_module(POLARS).from_arrow(table) if library == POLARS else table


def arrow_of(table: Table) -> pa.Table:
    """A table of findings as Arrow. A number that is hidden, unknown or unbounded is null, never 0 or NaN. O(cells).

    Where a row says that it is `suppressed`, a count of 0 stands for a hidden one.
    """
    hidden = table["suppressed"] != "no" if "suppressed" in table else None
    columns = {}
    for column in table.columns:
        values = column.values
        if hidden is not None and column.kind is Kind.COUNT:
            columns[column.name] = pa.array(values, mask=hidden & (values == 0))
        else:
            columns[column.name] = pa.array(values.tolist() if values.dtype == object else values, from_pandas=True)
    return pa.table(columns)


def _of_pandas(given: Any, called: str, place: int) -> Any:
    values = given.iloc[:, place]
    try:
        return pa.array(values, from_pandas=True)
    except NOT_CONVERTED:
        raise _mixed(called, str(given.columns[place]), _first_other(values)) from None


def _of_polars(given: Any, called: str, place: int) -> Any:
    try:
        return given.to_series(place).to_arrow()
    except NOT_CONVERTED:
        raise _mixed(called, given.columns[place]) from None


def _streamed(given: Any, called: str) -> Any:
    try:
        return pa.table(given)
    except NOT_CONVERTED:
        raise _mixed(called) from None


def _exchanged(given: Any, called: str, place: int) -> Any:
    """A column of the interchange protocol, converted when it is read."""
    from pyarrow.interchange import from_dataframe

    try:
        return from_dataframe(given.select_columns([place])).column(0)
    except NOT_CONVERTED:
        raise _mixed(called, given.column_names()[place]) from None


def _mixed(called: str, column: str = "", row: int | None = None) -> InputError:
    """The error of a column that Arrow cannot hold, in our words: Arrow's would quote a value."""
    return InputError("values of different kinds", file=called, row=row, column=column[:60], accepted=ONE_KIND)


def _first_other(values: Any) -> int | None:
    """The position of the first value that is not of the first value's kind, or of no plain kind. O(rows)."""
    first, there = "", values.notna().to_numpy()
    for place, value in zip(np.flatnonzero(there).tolist(), values[there], strict=True):
        kind = next((name for name, known in FAMILIES if isinstance(value, known)), "")
        first = first or kind
        if not kind or kind != first:
            return int(place)
    return None


def _plain(values: Any) -> Any:
    """A column as the intake takes it: without categories, times of day and NaN. O(rows)."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = pc.cast(values, kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind):  # a day is a day where it was written down
        return pc.cast(pc.local_timestamp(values) if kind.tz else values, pa.date32(), safe=False)
    if pa.types.is_boolean(kind):
        return pc.cast(values, pa.int8())
    if pa.types.is_string_view(kind):
        return pc.cast(values, pa.large_string())
    return pc.if_else(pc.is_nan(values), pa.scalar(None, kind), values) if pa.types.is_floating(kind) else values
