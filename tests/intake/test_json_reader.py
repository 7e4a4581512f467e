"""JSON at the door in: GeoJSON, arrays of objects, lines; damage, depth and size told; odd coordinate systems named."""

from __future__ import annotations

import json
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.intake import json_reader
from peelian.intake.json_reader import Document, document, document_table
from peelian.intake.sources import Limits, Source

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}


def read(value: Any, **limits: int) -> Document:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    source = Source(name="f.json", kind="json", size=len(content), open=partial(BytesIO, content))
    return document(source, Limits(**limits))


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def test_polygons_keep_their_geometry_and_points_become_columns() -> None:
    made = read(collection(feature(SQUARE, name=" A ", n=3), feature(None, name=None)))
    assert made.kind == "geojson" and made.header == ("name", "n", "geometry")
    assert made.rows[0]["name"] == "A" and json.loads(made.rows[0]["geometry"]) == SQUARE
    points = read(collection(feature({"type": "Point", "coordinates": [-79.4, 43.7, 5]}, day="2024-01-01")))
    assert points.header == ("day", "longitude", "latitude")
    assert points.rows[0]["longitude"] == "-79.4"


def test_objects_and_lines_are_tables_and_nested_values_are_left_out() -> None:
    rows = [{"a": 1, "b": {"deep": 1}}, {"a": None, "c": True}]
    for content in (json.dumps(rows).encode(), "\n".join(map(json.dumps, rows)).encode()):
        made = read(content)
        assert made.kind == "json" and made.header == ("a", "c")
    table = document_table(made, {"a": 0, "c": 1})
    assert table["a"].tolist() == ["1", ""] and table["row"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", ""),
        ("urn:ogc:def:crs:EPSG::4326", ""),
        ("EPSG:4326", ""),
        ("EPSG:26917", "EPSG:26917"),
        ("urn:ogc:def:crs:EPSG::26917", "EPSG:26917"),
        ("urn:ogc:def:crs:EPSG:6.9:2019", "EPSG:2019"),
        ("a town's own grid", "unknown"),
    ],
)
def test_the_coordinate_system_is_named(name: str, crs: str) -> None:
    stated = {"type": "name", "properties": {"name": name}}
    assert read(collection(feature(SQUARE), crs=stated)).crs == crs


@pytest.mark.parametrize(
    ("content", "says", "row"),
    [
        (b'{"type": "FeatureCollection", "features": [', "damaged or cut off", 1),
        (b'{"a": 1}\n{"a": \n{"a": 2}', "not JSON", 2),
        (b'{"a":\n\n "\xff"}', "not UTF-8", 3),
        (b"[" * 100_000, "nested too deeply", None),
        (b"[1, 2, 3]", "not a table", None),
        (b"[]", "not a table", None),
        (b'{"type": "FeatureCollection", "features": []}', "without features", None),
        (b'{"type": "FeatureCollection", "features": [3]}', "not a feature", 1),
        (b'{"type": "FeatureCollection", "features": [{"properties": []}, {"properties": 3}]}', "not a feature", 2),
    ],
)
def test_damage_is_told_with_its_row(content: bytes, says: str, row: int | None) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read(content)
    assert caught.value.row == row


def test_large_documents_are_refused() -> None:
    with pytest.raises(InputError, match="too large"):
        read([{"a": "x" * 2000}], document_bytes=1000)
    with pytest.raises(InputError, match="too many"):
        read([{f"k{i}": 1 for i in range(20)}], columns=10)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda c: st.lists(c, max_size=3)))
def test_any_json_is_a_table_or_refused(value: Any) -> None:
    try:
        made = read(collection(feature(value, a=value), feature({"type": "Point", "coordinates": value})))
    except InputError as error:
        assert error.file == "f.json"
    else:
        assert all(isinstance(v, str) for row in made.rows for v in row.values())


def test_a_document_of_too_many_parts_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each empty object is two bytes of text and a hundred of memory: 90 MB of them took 4.7 GB."""
    monkeypatch.setattr(json_reader, "MOST_PARTS", 1_000)
    read([{"a": 1}] * 999)
    for bomb in ([{}] * 1_000, [{"a": [[]] * 500, "b": {}} for _ in range(3)]):
        with pytest.raises(InputError, match="too many parts"):
            read(bomb)


@pytest.mark.parametrize("depth", [500, 900, 970, 980, 990, 1_000, 5_000])
def test_a_shape_nested_deeply_is_told_however_deep(depth: int) -> None:
    content = json.dumps(collection(feature({"type": "Polygon", "coordinates": "@"}))).encode()
    try:
        read(content.replace(b'"@"', b"[" * depth + b"]" * depth))
    except InputError as wrong:
        assert "nested too deeply" in str(wrong)
