"""Map files of a study, read in the intake child: rows as Arrow, shapes as WKB, the coordinate system as text.

No file of somebody else's is read by GDAL in the user's own process: it runs C code on what the file says.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peelian.errors import InputError, PeelianError
from peelian.intake.allowance import Allowance, keep_memory, limit_processor, metered
from peelian.intake.child import AT_LEAST, IN_ALL, Absent, content_of, cut_short, line_of
from peelian.intake.confined_child import beside, confined_child
from peelian.intake.gdal import refuse_links, switched_off, unwanted
from peelian.intake.sources import PARQUET
from peelian.told_errors import error_as_values, raised

LONGEST_SYSTEM = 100_000  # characters of a coordinate system
DAMAGED = "file damaged or cut off"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapTable:
    """A layer: its columns but for the shapes (an Arrow table), the shapes as WKB, and its coordinate system or "".

    `dates` are the columns of times that are still text, as the file spells them.
    """

    columns: Any
    shapes: Any
    crs: str
    dates: tuple[str, ...]


def map_by_child(path: Path, allowance: Allowance, *, layer: str = "", columns: Sequence[str] = ()) -> MapTable:
    """A GeoPackage, shapefile, GeoJSON, OpenStreetMap or GeoParquet file (by its content), read in a sealed child.

    InputError: damaged, a file that points to something outside itself, or reading took too much memory or time.
    O(bytes).
    """
    skipped = unwanted()
    until = time.monotonic() + IN_ALL * allowance.cpu_seconds + AT_LEAST
    whole = path.resolve()
    with TemporaryDirectory(prefix="peelian-") as room:  # for the places of an OpenStreetMap file beyond 100 MB
        asked = (str(whole), (layer, list(columns)), (skipped, room), allowance)
        with confined_child(_reads, asked, readable=_seen(whole), writable=[Path(room)]) as connection:
            try:
                line = line_of(connection, until)
                if "error" in line:
                    raise raised(line)
                return _read_back(line, content_of(connection, int(line["bytes"]), allowance.memory_mib << 20))
            except PeelianError:
                raise
            except (EOFError, OSError, ValueError, KeyError, TypeError, RecursionError):
                raise cut_short("", allowance) from None


def _seen(path: Path) -> list[Path]:
    """The file, those of its shapefile, and the write-ahead log of a GeoPackage."""
    written = [path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal")]
    return [*beside(path), *written]


def _read_back(line: Mapping[str, Any], content: bytearray) -> MapTable:
    """The child's answer as values of ours; ValueError, KeyError or TypeError for anything else. O(bytes)."""
    import pyarrow as pa

    table = pa.ipc.open_stream(content).read_all()
    table.validate(full=True)
    crs, dates = str(line["crs"]), tuple(map(str, line["dates"]))
    if not table.num_columns or not pa.types.is_binary(table.schema.types[-1]) or len(crs) > LONGEST_SYSTEM:
        raise ValueError
    last = table.num_columns - 1
    return MapTable(columns=table.remove_column(last), shapes=table.column(last), crs=crs, dates=dates)


def _reads(connection: Connection, asked: tuple[str, tuple[str, list[str]], tuple[str, str], Allowance]) -> None:
    """In the child: the file's layer, sent as an Arrow stream behind a line of JSON, or what is wrong with it."""
    path, part, (skipped, room), allowance = asked
    limit_processor(allowance)
    keep_memory()
    sys.meta_path.insert(0, Absent("pandas", "geopandas"))  # which take two seconds to load, and do nothing here
    switched_off(skipped, GDAL_DISABLE_READDIR_ON_OPEN="TRUE", CPL_TMPDIR=room)
    try:
        with metered("", allowance):
            content, line = _packed(*_layer(path, *part))
    except InputError as fault:
        connection.send_bytes(json.dumps(error_as_values(fault)).encode())
        return
    connection.send_bytes(json.dumps({**line, "bytes": content.size}).encode())
    with open(connection.fileno(), "wb", closefd=False) as to:
        to.write(content)


def _packed(table: Any, crs: str, dates: list[str]) -> tuple[Any, dict[str, Any]]:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue(), {"crs": crs, "dates": dates}


def _layer(path: str, layer: str, columns: list[str]) -> tuple[Any, str, list[str]]:
    """The table whose last column are the shapes, the coordinate system, and the columns of times as text."""
    try:
        with open(path, "rb") as file:
            head = file.read(512)
        if head.startswith(PARQUET):
            return _geoparquet(path)
        refuse_links(Path(path))
        return _gdal(path, layer, columns)
    except (MemoryError, InputError):
        raise
    except Exception:  # errors of GDAL and Arrow have no common class, and their text may hold data
        raise InputError(DAMAGED, accepted="a complete file") from None


def _gdal(path: str, layer: str, columns: list[str]) -> tuple[Any, str, list[str]]:
    import pyarrow as pa
    from pyogrio import raw

    # not as Arrow, which passes over damage
    read: Any = raw.read(path, layer=layer or None, columns=columns or None, datetime_as_string=True)
    meta, _, shapes, values = read
    names = [str(name) for name in meta["fields"]]
    dates = [name for name, kind in zip(names, meta["dtypes"], strict=True) if "[D]" not in kind and kind[:4] == "date"]
    made = {name: _column(one) for name, one in zip(names, values, strict=True)}
    shapes = pa.array([None] * _rows(values) if shapes is None else shapes, type=pa.binary())
    return pa.table([*made.values(), shapes], names=[*made, ""]), str(meta["crs"] or ""), dates


def _rows(values: Sequence[Any]) -> int:
    return len(values[0]) if len(values) else 0


def _column(values: Any) -> Any:
    """A column of GDAL's as Arrow: days as times, and what is neither number, text nor bytes as text."""
    import pyarrow as pa

    if values.dtype.kind == "M":
        return pa.array(values.astype("datetime64[ms]"))
    try:
        return pa.array(values)
    except pa.ArrowException:
        return pa.array([None if one is None else str(one) for one in values])


def _geoparquet(path: str) -> tuple[Any, str, list[str]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    geo = json.loads((file.schema_arrow.metadata or {})[b"geo"])
    shape = str(geo["primary_column"])
    about = geo["columns"][shape]
    if about.get("encoding") != "WKB":
        raise InputError("not GeoParquet with outlines as WKB", accepted="outlines as WKB, as geopandas writes them")
    table = file.read().replace_schema_metadata(None)
    shapes = table[shape].cast(pa.binary())
    kept = [name for name in table.column_names if name != shape and not name.startswith("__index_level_")]
    crs = about.get("crs", "OGC:CRS84")
    table = pa.table([*(table[name] for name in kept), shapes], names=[*kept, ""])
    return table, crs if isinstance(crs, str) else json.dumps(crs) if crs else "", []
