"""GDAL's switches: what of it may run on a stranger's file, and the links in such a file that it would follow.

The process that reads has no network anyway (`confinement`). These say so in GDAL's own words and name the fault: where
GDAL cannot follow a link to a coordinate system, it takes another one in silence.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from peelian.errors import InputError

DRIVERS = frozenset({"OSM", "GPKG", "GeoJSON", "ESRI Shapefile", "MVT", "MEM"})
"""The only parts of GDAL that may run: others follow what a file says to other files and to the network."""
NOWHERE = "http://127.0.0.1:0"
SWITCHES = {
    "GDAL_HTTP_PROXY": NOWHERE,  # whatever GDAL would fetch, it asks of a port that no program can have
    "GDAL_HTTPS_PROXY": NOWHERE,
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",  # no file by a path such as /vsicurl/
}
CRS = re.compile(rb"""["'](?:c|\\u00[46]3)(?:r|\\u00[57]2)(?:s|\\u00[57]3)["']""", re.IGNORECASE)
LONGEST_CRS = 1 << 12
STATED = frozenset({"name", "epsg", "ogc"})  # kinds of a GeoJSON `crs` that state it; "link" and "URL" fetch it
KNOWN_NAMES = ("http://www.opengis.net/def/crs/", "https://www.opengis.net/def/crs/")  # names that GDAL knows by heart
INDEXES = frozenset({"rtree", "rtree_i32", "fts3", "fts4", "fts5"})
VIRTUAL = re.compile(r"\s*create\s+virtual\s+table\b.*?\busing\s+[\"'`\[]?(\w+)", re.IGNORECASE | re.DOTALL)
ACCEPTED = "a file that holds all its data and states its coordinate system itself (such as EPSG:26917)"


def unwanted() -> str:
    """GDAL's other drivers, as `switched_off` takes them. InputError without the extra `geo`."""
    try:
        import pyogrio
    except ImportError:
        raise InputError("streets on the map need the extra `geo`", accepted="pip install 'peelian[geo]'") from None
    return ",".join(sorted(pyogrio.list_drivers().keys() - DRIVERS))


def switched_off(unwanted: str, **settings: str) -> None:
    """In the process that reads, before GDAL is loaded: it runs no other driver and fetches nothing."""
    os.environ.update(SWITCHES, GDAL_SKIP=unwanted, **settings)


def refuse_links(path: Path) -> None:
    """InputError where a GeoJSON file or a GeoPackage points to something outside itself. O(bytes).

    Others are not looked into: of their formats no driver runs (KML, VRT, WFS), or none follows a link.
    """
    with path.open("rb") as stream:
        head = stream.read(16)
    if head.startswith(b"SQLite format 3\0"):
        points = _points_elsewhere(path)
    else:
        points = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and any(map(_is_link, _systems(path)))
    if points:
        raise InputError("the file points to something outside itself", accepted=ACCEPTED)


def _systems(path: Path) -> Iterator[Any]:
    """What stands behind each name "crs"; {} where it is too long to be one, or no JSON (GDAL takes comments)."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for found in CRS.finditer(content):
            text = content[found.end() : found.end() + LONGEST_CRS].decode("utf-8", "replace").lstrip()
            if text.startswith((",", "}", "]")):
                continue  # a value, no name
            try:
                yield json.JSONDecoder().raw_decode(text.removeprefix(":").lstrip())[0]
            except (ValueError, RecursionError):
                yield {}


def _is_link(crs: Any) -> bool:
    if not isinstance(crs, dict):
        return False
    text = json.dumps(crs).lower()
    for known in KNOWN_NAMES:
        text = text.replace(known, "")
    return "://" in text or str(crs.get("type", "")).lower() not in STATED


def _points_elsewhere(path: Path) -> bool:
    """Whether a table or view of this database is read from elsewhere by code of GDAL's or SpatiaLite's."""
    where = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(where, uri=True)) as database:
            made = [str(sql) for (sql,) in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    except sqlite3.Error:
        return False  # GDAL says what is wrong with it
    virtual = [found.group(1).lower() for sql in made if (found := VIRTUAL.match(sql))]
    return bool(set(virtual) - INDEXES) or any("/vsi" in sql.lower() for sql in made)
