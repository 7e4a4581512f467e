"""Files of a study: incidents of a town's own export or a GIS file, areas, and entries of cells with `hotspot` 0/1."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from peelian.errors import InputError, PeelianError
from peelian.intake.allowance import allowance_in
from peelian.intake.map_file import map_by_child
from peelian.operations.outside_uses import entered
from peelian.places.forecasting import MODEL_NAMES
from peelian.places.incidents import Incidents
from peelian.places.research import library

MAPS = (".gpkg", ".shp", ".geojson")
STREETS = (*MAPS, ".parquet", ".osm", ".osm.pbf")
HEADS = (b"{", b"SQLite format 3\0", b"\x00\x00\x27\x0a")
"""What files of map data begin with: GDAL's other formats follow what a file says to other files and the network."""
OSM_HEAD = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<\?xml[^<>]{0,100}\?>\s*)?<osm[\s>]"  # XML
    rb"|\x00\x00[\x00-\x0f].\x0a\x09OSMHeader",  # protocol buffers
    re.DOTALL,
)
OTHER_XML = re.compile(rb"<ogr|opengis|<kml|<gpx", re.IGNORECASE)
NO_STREETS = ("proposed", "construction", "razed", "abandoned")


def read_map(path: Path) -> Any:
    """A GeoPackage, shapefile or GeoJSON file as a GeoDataFrame. InputError: another file, damaged, or no CRS."""
    entered("mapping")
    return map_of(path)


def map_of(path: Path) -> Any:
    """What `read_map` gives, where it was asked already whether something may come in."""
    head = _head(path, MAPS)
    if path.suffix.lower() not in MAPS or b"gdal_streamed" in head or not head.lstrip().startswith(HEADS):
        raise InputError("not a file of map data", file=_shown(path), accepted=", ".join(MAPS))
    frame = _frame(path)
    if frame.crs is None:
        accepted = "a file that states its coordinate system (a shapefile's .prj)"
        raise InputError("the file states no CRS", file=_shown(path), accepted=accepted)
    return frame


def read_streets(path: Path) -> Any:
    """The lines of a street file as a GeoDataFrame: GeoPackage, shapefile, GeoJSON, GeoParquet or OpenStreetMap.

    Where a column `highway` says the class, lines without one (rivers, railways) and those that are not there (yet) are
    left out. InputError: another file, damaged or cut off, without a CRS, or without a street. O(bytes).
    """
    entered("mapping")
    name = path.name.lower()
    osm = name.endswith((".osm", ".osm.pbf"))
    frame = _of_osm(path) if osm else _of_parquet(path) if name.endswith(".parquet") else map_of(path)
    if getattr(frame, "crs", None) is None:
        accepted = "a file that states its coordinate system"
        raise InputError("the file states no CRS", file=_shown(path), accepted=accepted)
    if "highway" in frame.columns:
        kind = frame["highway"].fillna("").astype(str).str.strip().str.lower()
        frame = frame[(kind != "") & ~kind.isin(NO_STREETS)]
    if not len(frame):
        raise InputError("no streets left", file=_shown(path), accepted="at least one line")
    return frame


def _of_osm(path: Path) -> Any:
    if not OSM_HEAD.match(head := _head(path, STREETS)) or OTHER_XML.search(head):
        raise InputError("not a file of map data", file=_shown(path), accepted=", ".join(STREETS))
    return _frame(path, layer="lines", columns=["name", "highway"])


def _of_parquet(path: Path) -> Any:
    if not _head(path, STREETS).startswith(b"PAR1"):
        raise InputError("not a file of map data", file=_shown(path), accepted=", ".join(STREETS))
    return _frame(path)


def _head(path: Path, accepted: Sequence[str]) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(4_096)
    except OSError:
        raise InputError("file cannot be read", file=_shown(path), accepted=", ".join(accepted)) from None


def _frame(path: Path, **what: Any) -> Any:
    """A layer that the child read, as a GeoDataFrame. InputError: damaged, or a coordinate system that is none."""
    geopandas, pandas = library("geopandas"), library("pandas")
    try:
        read = map_by_child(path, allowance_in(os.environ), **what)
    except InputError as fault:
        raise fault.of_file(_shown(path)) from None
    rows = read.columns.to_pandas()
    for name in read.dates:
        rows[name] = _moments(pandas, rows[name])
    try:
        shapes = geopandas.GeoSeries.from_wkb(read.shapes.to_pandas(), crs=read.crs or None)
    except Exception:  # shapely's errors and pyproj's have no common class, and their text may hold data
        raise InputError("file damaged or cut off", file=_shown(path), accepted="a complete file") from None
    return geopandas.GeoDataFrame(rows, geometry=shapes)


def _moments(pandas: Any, texts: Any) -> Any:
    """Times as GDAL spells them: naive ones, those of one zone, or of several zones in UTC; other text as it is."""
    for zone in ({}, {"utc": True}):
        try:
            return pandas.to_datetime(texts, format="ISO8601", **zone)
        except (ValueError, TypeError):
            continue
    return texts


def read_incidents(path: Path, *, time: str = "", category: str = "") -> Incidents:
    """Incidents of a file: a map file of points, or any table that `peelian try mapping` reads.

    Of a map file, `time` and `category` name columns; where `time` is "" it is the only column of dates or times.
    InputError names file, row and column, never a value. O(bytes).
    """
    entered("mapping")
    try:
        return _of_map(path, time, category) if path.suffix.lower() in MAPS else _of_table(path)
    except InputError as fault:
        raise fault.of_file(_shown(path)) from None


def read_entries(paths: Sequence[Path]) -> dict[str, Any]:
    """Entries of a challenge, by the names of their files; signs that a table could take for a formula fall away."""
    found: dict[str, Any] = {}
    if paths:
        entered("mapping")
    for number, path in enumerate(paths, 1):
        name = re.sub(r"[^\w .()-]", "_", path.stem).lstrip("-+ .")[:60] or "entry"
        found[name if name not in (*found, *MODEL_NAMES) else f"{name} ({number})"] = map_of(path)
    return found


def _of_map(path: Path, time: str, category: str) -> Incidents:
    pandas = library("pandas")
    frame = map_of(path)
    dated = [name for name in frame.columns if pandas.api.types.is_datetime64_any_dtype(frame[name])]
    time = time or (str(dated[0]) if len(dated) == 1 else "")
    if time not in frame.columns:
        raise InputError("no such column", column=time[:60] or "time", accepted="the name of a column of dates")
    if time not in dated:
        try:
            frame[time] = pandas.to_datetime(
                frame[time], format="ISO8601"
            )  # another order of day and month would be a guess
        except (ValueError, TypeError):
            raise InputError("not dates or times", column=time[:60], accepted="dates such as 2017-03-01") from None
    return Incidents.from_frame(frame, time=time, category=category or None)


def _of_table(path: Path) -> Incidents:
    from peelian.intake.child import admitted_by_child
    from peelian.measure.projection import Projection

    try:
        _, taken = admitted_by_child(path, "auto", _formats, {}, allowance=allowance_in(os.environ))
    except InputError:
        raise
    except PeelianError as fault:
        raise InputError(str(fault)) from None
    facts, rows = taken.facts, taken.table
    here = Projection(centre_lon=float(facts["centre_lon"]), centre_lat=float(facts["centre_lat"]))
    lon, lat = here.to_degrees(rows["east_metres"], rows["north_metres"])
    located = np.isfinite(lon) & np.isfinite(lat)
    hours: dict[str, Any] = {
        name: np.asarray(rows[f"{name}_hour"], dtype="datetime64[h]")[located] for name in ("start", "end", "known")
    }
    label = np.asarray(rows["category"], dtype=object)[located]
    return Incidents(lon=lon[located], lat=lat[located], label=label, zone=str(facts.get("zone", "")), **hours)


def _formats() -> Sequence[Any]:
    """The formats of incidents: the child calls this, so that it loads them itself."""
    from peelian.operations.technology_folders import technologies

    formats = next(one for one in technologies() if one.id == "mapping").formats()
    return [one for one in formats if one.shape == "incidents"]


def _shown(path: Path) -> str:
    from peelian.intake.sources import shown_name

    return shown_name(path.name)
