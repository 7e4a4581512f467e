"""JSON reader: GeoJSON feature collections, arrays of flat objects, and one object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from peelian.errors import InputError, sentence
from peelian.intake.sources import Limits, Source
from peelian.measure.table import Column, Kind, Table

GEOMETRY, LON, LAT = "geometry", "longitude", "latitude"
MOST_DEEP = 64
MOST_PARTS = 8_000_000  # objects and lists in one document: each takes some 100 bytes of memory, however short its text
PLAIN_CRS = re.compile(r"(urn:ogc:def:crs:OGC::?1?\.?3?:CRS84|urn:ogc:def:crs:EPSG:[\d.]*:4326|EPSG:4326)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A JSON file as rows of flat values. GeoJSON rows carry `geometry` as JSON text, but points their longitude
    and latitude; `crs` is the coordinate system that the file states, "" for longitude and latitude."""

    kind: str  # geojson or json
    header: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    crs: str = ""


def document(source: Source, limits: Limits) -> Document:
    """The JSON file whole, since JSON cannot be read in parts; InputError says what is wrong and where."""
    with closing(source.open()) as stream:
        content = b"".join(_bounded(stream, source, limits))
    if content.count(b"{") + content.count(b"[") > MOST_PARTS:
        accepted = sentence("%(n)d objects and lists", n=MOST_PARTS)
        raise InputError("JSON has too many parts", file=source.name, accepted=accepted)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row, accepted = content.count(b"\n", 0, error.start) + 1, "a JSON file in UTF-8"
        raise InputError("JSON is not UTF-8", file=source.name, row=row, accepted=accepted) from None
    value = _loaded(text, source.name)
    if isinstance(value, dict) and value.get("type") in ("FeatureCollection", "Feature"):
        return _features(value, source.name, limits)
    return _objects(value, source.name, limits)


def document_table(read: Document, places: Mapping[str, int]) -> Table:
    """The wanted columns of a document as a text table; rows are numbered from 1, as features have no header."""
    columns = [Column(name="row", kind=Kind.COUNT, values=np.arange(1, len(read.rows) + 1, dtype=np.int64))]
    for name, place in places.items():
        key = read.header[place]
        values = np.array([row.get(key, "") for row in read.rows] + [""], dtype=object)[:-1]
        columns.append(Column(name=name, kind=Kind.PERSONAL, values=values))
    return Table(name="text", columns=tuple(columns))


def _bounded(stream: Any, source: Source, limits: Limits) -> Iterator[bytes]:
    taken = 0
    while chunk := stream.read(1 << 20):
        taken += len(chunk)
        if taken > limits.document_bytes:
            accepted = sentence("%(n)d bytes", n=limits.document_bytes)
            raise InputError("JSON too large", file=source.name, accepted=accepted)
        yield chunk


def _loaded(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise InputError("JSON nested too deeply", file=name, accepted=sentence("%(n)d levels", n=MOST_DEEP)) from None
    except ValueError as error:  # JSONDecodeError, or a number of thousands of digits
        line = getattr(error, "lineno", 1)
        if (line == 2 and "Extra data" in str(error)) or (line > 1 and text.lstrip().startswith("{")):
            return _lines(text, name)
        raise InputError("JSON damaged or cut off", file=name, row=line, accepted="a complete file") from None


def _lines(text: str, name: str) -> list[Any]:
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except (ValueError, RecursionError):
                raise InputError("line is not JSON", file=name, row=number, accepted="one object per line") from None
    return rows


def _features(value: dict[str, Any], name: str, limits: Limits) -> Document:
    features = value.get("features") if value["type"] == "FeatureCollection" else [value]
    if not isinstance(features, list) or not features:
        raise InputError("collection without features", file=name, accepted="at least one feature")
    rows = []
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
            raise InputError("not a feature", file=name, row=number, accepted="features with properties")
        row = _flat(feature.get("properties") or {})
        shape = feature.get("geometry")
        if isinstance(shape, dict) and shape.get("type") == "Point":
            row |= _point(shape.get("coordinates"), row)
        elif isinstance(shape, dict):
            row[GEOMETRY] = _written(shape, name, number)
        rows.append(row)
    return Document(kind="geojson", header=_header(rows, name, limits), rows=tuple(rows), crs=_crs(value))


def _written(shape: Mapping[str, Any], name: str, number: int) -> str:
    try:
        return json.dumps(shape)
    except RecursionError:
        raise InputError("shape nested too deeply", file=name, row=number, accepted="(multi)polygons") from None


def _point(at: Any, row: Mapping[str, str]) -> dict[str, str]:
    """The longitude and latitude of a point, unless the properties have columns of these names."""
    if not isinstance(at, list) or len(at) < 2 or LON in row or LAT in row:
        return {}
    return {LON: _spelled(at[0]), LAT: _spelled(at[1])}


def _objects(value: Any, name: str, limits: Limits) -> Document:
    rows = value if isinstance(value, list) else [value]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError("JSON is not a table", file=name, accepted="GeoJSON, or an array of flat objects")
    flat = [_flat(row) for row in rows]
    return Document(kind="json", header=_header(flat, name, limits), rows=tuple(flat))


def _header(rows: list[dict[str, str]], name: str, limits: Limits) -> tuple[str, ...]:
    header = tuple(dict.fromkeys(key for row in rows for key in row))
    if len(header) > limits.columns or len(rows) > limits.rows:
        accepted = sentence("%(n)d names", n=limits.columns)
        raise InputError("JSON has too many names or rows", file=name, accepted=accepted)
    return header


def _flat(properties: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): _spelled(value) for key, value in properties.items() if not isinstance(value, (dict, list))}


def _spelled(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value)


def _crs(value: Mapping[str, Any]) -> str:
    """The stated coordinate system (GeoJSON 2008; RFC 7946 section 4 did away with it), "" for plain degrees."""
    crs = value.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    named = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(named, str) or PLAIN_CRS.fullmatch(named.strip()):
        return ""
    code = re.search(r"EPSG:(?:[\d.]*:)?(\d{4,6})$", named.strip(), re.I)
    return f"EPSG:{code[1]}" if code else "unknown"
