"""Map files of a study, read in the intake child: rows as Arrow, shapes as WKB, the coordinate system as text.

No file of somebody else's is read by GDAL in the user's own process: it runs C code on what the file says.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from peelian.child_process import child
from peelian.errors import InputError, PeelianError
from peelian.intake.allowance import Allowance, limit_processor, metered
from peelian.intake.child import AT_LEAST, IN_ALL, Absent, begins, content_of, cut_short, line_of
from peelian.intake.sources import PARQUET
from peelian.told_errors import raised

DRIVERS = frozenset({"GPKG", "GeoJSON", "ESRI Shapefile", "OSM", "MEM"})
"""The only parts of GDAL that may run."""
BESIDE = (".shx", ".dbf", ".prj", ".cpg")  # files of a shapefile
LONGEST_SYSTEM = 100_000  # characters of a coordinate system
DAMAGED = "file damaged or cut off"
_LETTERS = (rb"(?:c|\\u0063)", rb"(?:r|\\u0072)", rb"(?:s|\\u0073)")
CRS_MEMBER = re.compile(rb'"' + b"".join(_LETTERS) + rb'"\s*:\s*(?=\{)', re.IGNORECASE)


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

    InputError: damaged, a GeoJSON file that names its coordinate system by a link, or reading took too much memory or
    time. O(bytes).
    """
    import pyogrio

    skipped = ",".join(sorted(pyogrio.list_drivers().keys() - DRIVERS))
    until = time.monotonic() + IN_ALL * allowance.cpu_seconds + AT_LEAST
    whole = path.resolve()
    with child(begins, _seen(whole), sealed=True) as connection:
        try:
            connection.send((_reads, (str(whole), (layer, list(columns)), skipped, allowance)))
            line = line_of(connection, until)
            if "error" in line:
                raise raised(line)
            return _read_back(line, content_of(connection, int(line["bytes"]), allowance.memory_mib << 20))
        except PeelianError:
            raise
        except (EOFError, OSError, ValueError, KeyError, TypeError, RecursionError):
            raise cut_short("", allowance) from None


def _seen(path: Path) -> list[str]:
    """The file, and those that belong to it: the other files of a shapefile, the write-ahead log of a GeoPackage."""
    beside = [path.with_suffix(made) for one in BESIDE for made in (one, one.upper())]
    beside += [path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal")]
    return [str(path), *(str(one) for one in beside if one.is_file())]


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


def _reads(connection: Connection, path: str, part: tuple[str, list[str]], skipped: str, allowance: Allowance) -> None:
    """In the child: the file's layer, sent as an Arrow stream behind a line of JSON."""
    import pyarrow as pa

    limit_processor(allowance)
    sys.meta_path.insert(0, Absent("pandas", "geopandas"))  # which take two seconds to load, and do nothing here
    memory = str(allowance.memory_mib // 2)
    os.environ.update(GDAL_SKIP=skipped, GDAL_DISABLE_READDIR_ON_OPEN="TRUE", OSM_MAX_TMPFILE_SIZE=memory)
    with metered("", allowance):
        table, crs, dates = _layer(path, *part)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        content = sink.getvalue()
    connection.send_bytes(json.dumps({"bytes": content.size, "crs": crs, "dates": dates}).encode())
    with open(connection.fileno(), "wb", closefd=False) as to:
        to.write(content)


def _layer(path: str, layer: str, columns: list[str]) -> tuple[Any, str, list[str]]:
    """The table whose last column are the shapes, the coordinate system, and the columns of times as text."""
    try:
        with open(path, "rb") as file:
            head = file.read(512)
        if head.startswith(PARQUET):
            return _geoparquet(path)
        if head.lstrip().startswith(b"{"):
            refuse_links(Path(path).read_bytes())
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


def refuse_links(content: bytes) -> None:
    """InputError where a GeoJSON file names its coordinate system by a link, which GDAL would fetch. O(bytes).

    >>> refuse_links(b'{"crs": {"type": "name", "properties": {"name": "EPSG:32617"}}}')
    >>> refuse_links(b'{"\\\\u0063rs": {"properties": {"href": "http://a.invalid"}, "type": "link"}}')
    Traceback (most recent call last):
    peelian.errors.InputError: the coordinate system is a link. Expected: its name, such as EPSG:26917
    """
    for found in CRS_MEMBER.finditer(content):
        text = content[found.end() : found.end() + LONGEST_SYSTEM].decode("utf-8", "replace")
        try:
            told, _ = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            told = {"type": "link"}  # not even that: GDAL may read more into it
        if _is_link(told):
            raise InputError("the coordinate system is a link", accepted="its name, such as EPSG:26917")


def _is_link(system: Mapping[str, Any]) -> bool:
    """Whether it is named by an address, but for the names that look like one."""
    text = json.dumps(system).lower().replace("://www.opengis.net/def/crs/", "").replace("://opengis.net/def/crs/", "")
    return str(system.get("type", "")).lower() in ("link", "url") or "href" in text or "://" in text
