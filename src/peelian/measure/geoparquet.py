"""GeoParquet: one partition of incidents as a file that DuckDB, PostgreSQL loaders, Spark and GIS programs read.

GeoParquet 1.1: one row an incident, the columns of the table, and `geometry` in the native encoding "point" (a struct
of x and y: metres east and north in the dataset's own projection, which the "geo" metadata give as PROJJSON). Kinds
and units of the columns travel in the fields' metadata, as in every table of an office.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

from peelian.errors import IntegrityError
from peelian.measure.arrow_memory import to_array
from peelian.measure.table import Column, Kind, Table, Writes

if TYPE_CHECKING:
    import pyarrow as pa

    from peelian.measure.projection import Projection

EAST, NORTH, GEOMETRY = "east_metres", "north_metres", "geometry"


def to_points(table: Table, projection: Projection) -> pa.Table:
    """The table with `geometry` in place of its columns `east_metres` and `north_metres`. O(rows)."""
    import pyarrow as pa

    rest = Table(name=table.name, columns=tuple(c for c in table.columns if c.name not in (EAST, NORTH)))
    found = rest.to_arrow(packed=True)
    axes = [pa.field(name, pa.float64(), nullable=False) for name in ("x", "y")]
    points = pa.StructArray.from_arrays([to_array(table[EAST]), to_array(table[NORTH])], fields=axes)
    described = {"kind": str(Kind.PERSONAL), "unit": "metres", "n": "", "time": ""}
    found = found.append_column(pa.field(GEOMETRY, points.type, nullable=False, metadata=described), points)
    metadata = {**(found.schema.metadata or {}), b"geo": _geo(projection)}
    return found.replace_schema_metadata(metadata)


def write_points(table: Table, projection: Projection, file: Writes) -> None:
    """Write one partition into `file`, as described above; equal tables make equal bytes with the same pyarrow."""
    import pyarrow.parquet as pq

    pq.write_table(to_points(table, projection), file, compression="zstd")


def read_points(file: BinaryIO) -> pa.Table:
    """One partition as it was written, `geometry` a struct of x and y; IntegrityError for any other content."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.read_table(file, use_threads=False)
        points = found.schema.field(GEOMETRY).type
        if b"geo" not in found.schema.metadata or points.get_field_index("x") or points.get_field_index("y") != 1:
            raise KeyError(GEOMETRY)
    except (pa.ArrowException, OSError, KeyError, AttributeError, TypeError):
        raise IntegrityError("A partition is not the file that was sealed.") from None
    return found


def from_points(points: pa.Table) -> Table:
    """The table that `to_points` was given. O(rows)."""
    import numpy as np

    flat = Table.from_arrow(points.drop_columns([GEOMETRY]))
    geometry = points.column(GEOMETRY).combine_chunks()
    x, y = (np.array(geometry.field(axis)) for axis in ("x", "y"))
    columns = list(flat.columns)
    at = next((n + 1 for n, c in enumerate(columns) if c.name == "known_hour"), len(columns))
    columns[at:at] = [
        Column(name=EAST, kind=Kind.PERSONAL, values=x, unit="metres"),
        Column(name=NORTH, kind=Kind.PERSONAL, values=y, unit="metres"),
    ]
    return Table(name=flat.name, columns=tuple(columns))


@lru_cache(maxsize=64)
def _geo(projection: Projection) -> bytes:
    about: dict[str, Any] = {
        "version": "1.1.0",
        "primary_column": GEOMETRY,
        "columns": {
            GEOMETRY: {"encoding": "point", "geometry_types": ["Point"], "crs": json.loads(projection.projjson())}
        },
    }
    return json.dumps(about, sort_keys=True).encode()
