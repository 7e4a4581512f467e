"""GeoParquet of one partition: what is written is read back to the bit, and anything else is refused."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from pyproj import CRS

from peelian.errors import IntegrityError
from peelian.measure.geoparquet import from_points, read_points, to_points, write_points
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, Table, table

HERE = Projection(centre_lon=-79.38, centre_lat=43.7)


def _rows() -> Table:
    return table(
        "incidents",
        {
            "category": (Kind.CATEGORY, ["theft", "assault", "theft"]),
            "start_hour": (Kind.TIME, np.array(["2021-03-14T01", "2021-03-14T03", "1969-12-31T23"], "M8[h]")),
            "known_hour": (Kind.TIME, np.array(["2021-03-14T02", "NaT", "NaT"], "M8[h]")),
            "east_metres": (Kind.PERSONAL, np.array([10.0, -0.0, -24_990.0])),
            "north_metres": (Kind.PERSONAL, np.array([-10.0, 0.0, 1e5])),
            "area": (Kind.PLACE, ["", "Rive-Sud é", ""]),
        },
        east_metres="metres",
        north_metres="metres",
    )


def test_what_is_written_is_read_back() -> None:
    file = io.BytesIO()
    write_points(_rows(), HERE, file)
    again = from_points(read_points(file))
    assert again.digest() == _rows().digest() and again.names == _rows().names


def test_the_file_is_geoparquet_1_1_with_native_points_in_its_own_projection() -> None:
    geo = json.loads(to_points(_rows(), HERE).schema.metadata[b"geo"])
    column = geo["columns"]["geometry"]
    assert (geo["version"], geo["primary_column"], column["encoding"]) == ("1.1.0", "geometry", "point")
    assert CRS.from_json_dict(column["crs"]) == CRS("+proj=laea +lon_0=-79.38 +lat_0=43.7 +datum=WGS84 +units=m")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not a file"])
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(IntegrityError):
        read_points(io.BytesIO(content))


def test_a_table_without_points_is_refused() -> None:
    file = io.BytesIO()
    table("incidents", {"n": (Kind.COUNT, [1])}).to_parquet(file)
    with pytest.raises(IntegrityError):
        read_points(file)
