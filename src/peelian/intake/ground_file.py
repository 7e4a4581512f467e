"""Ground files: named streets, parks, water and neighbourhoods of OpenStreetMap extracts and GIS files, nothing else.

No house number, address, contact, point of interest or private way is asked of a file: no label on a map is anybody's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from peelian.errors import InputError, sentence
from peelian.intake.gdal import refuse_links
from peelian.intake.sources import PARQUET, opened_source, shown_name
from peelian.measure.legible import hidden
from peelian.measure.persons import are_homes, are_names

Texts = NDArray[Any]
STREETS, PARKS, WATER, AREAS = "streets", "parks", "water", "areas"
KINDS = (STREETS, PARKS, WATER, AREAS)
DIMENSIONS = {STREETS: (1,), PARKS: (2,), WATER: (2,), AREAS: (0, 2)}
LONGEST_NAME, MOST_PIECES, MOST_BYTES = 60, 1_000_000, 2 << 30
MAIN = frozenset(["motorway", "trunk", "primary", "secondary", "tertiary"])
PATHS = frozenset(["cycleway", "footway", "path", "bridleway", "steps"])
ROADS = MAIN | PATHS | {f"{one}_link" for one in MAIN}
ROADS |= frozenset(["unclassified", "residential", "living_street", "pedestrian", "road"])
PLACES = frozenset(["suburb", "quarter", "neighbourhood", "borough", "village", "town"])
OSM = (
    (STREETS, "lines", "highway", ROADS),
    (PARKS, "multipolygons", "leisure", {"park", "nature_reserve", "common"}),
    (PARKS, "multipolygons", "landuse", {"forest", "cemetery", "recreation_ground", "village_green"}),
    (WATER, "multipolygons", "natural", {"water", "bay", "strait"}),
    (AREAS, "multipolygons", "place", PLACES),
    (AREAS, "points", "place", PLACES),
)
"""What is read of an OpenStreetMap file: layer, the tag that says what it is, and the words that are taken."""
TAGS = """closed_ways_are_polygons=leisure,landuse,natural,place
[points]
attributes=name,place
other_tags=no
[lines]
attributes=name,highway,access
other_tags=no
[multipolygons]
attributes=name,leisure,landuse,natural,place
other_tags=no
[multilinestrings]
[other_relations]
"""
"""GDAL's settings for such a file: tags that are not named here are not even taken in."""
NAMES = (
    "name, street_name, street_nam, streetname, full_name, fullname, linear_name_full, linear_nam, st_name, road_name, "
    "street, nom, nom_voie, nom_rue, toponyme, area, area_name, neighbourhood, neighborhood, community, district, "
    "ward, quartier"
)
WORDS = ("highway", "fclass")  # columns with OpenStreetMap's words for ways
ACCEPTED = ".osm.pbf, .osm, .gpkg, .geojson, .shp or .parquet (GeoParquet)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """Things of one kind, arrays of one length: shape (degrees), name ("": none), kind (OpenStreetMap's word or "")."""

    shape: Texts
    name: Texts
    kind: Texts
    left_out: int = 0


def read_ground(path: Path, kind: str = "") -> dict[str, Pieces]:
    """What a file holds of the ground, by kind. `kind` says what a GIS file shows, streets where it is "".

    The path may end in `::layer`. InputError names file and row: damaged, cut off, unknown, too large, pointing
    elsewhere, no layer that fits, no column of names, no coordinate system or a wrong one, names of people. O(bytes).
    """
    plain, _, layer = str(path).partition("::")
    try:
        with opened_source(Path(plain)) as (stream, size):
            head = stream.read(512)
    except InputError as fault:
        raise InputError(fault.wrong, file=fault.file, accepted=ACCEPTED) from None
    try:
        if size > MOST_BYTES:
            raise _too_much()
        if b"OSMHeader" in head[:64] or b"<osm" in head:
            return _openstreetmap(plain, kind)
        read = _geoparquet if head.startswith(PARQUET) else _gis
        return {kind or STREETS: read(plain, kind or STREETS, layer, head)}
    except InputError as fault:
        raise fault.of_file(shown_name(Path(plain).name)) from None
    except MemoryError:  # Arrow's is one of its own errors, too: no damage
        raise
    except (RuntimeError, ValueError, OSError, pa.ArrowException):  # what GDAL and Arrow say of damage
        accepted = "a complete file (download it again), OpenStreetMap's sorted by number"
        raise InputError("file damaged or cut off", file=shown_name(Path(plain).name), accepted=accepted) from None


def joined(parts: Sequence[Pieces]) -> Pieces:
    """The pieces of several files of one kind as one. O(pieces)."""
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ("shape", "name", "kind")}
    return Pieces(**columns, left_out=sum(part.left_out for part in parts))


def clean(name: object) -> str:
    """A name as it may be shown: one line of at most 60 characters, none of which hides or turns the others.

    >>> clean("DUNDAS ST W\\n"), clean(None), clean("Ann\u202eeiraM"), len(clean("x" * 99))
    ('DUNDAS ST W', '', 'AnneiraM', 60)
    """
    text = "".join(" " if c.isspace() else c for c in str(name or "")[:1_000])
    text = " ".join("".join(c for c in text if not hidden(c)).split())
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def _openstreetmap(path: str, kind: str) -> dict[str, Pieces]:
    parts: dict[str, list[Pieces]] = {}
    for what, layer, tag, words in OSM:
        if kind in ("", what):
            where = f"{tag} IN ({', '.join(repr(word) for word in sorted(words))})"
            where += " AND (access IS NULL OR access NOT IN ('private', 'no'))" if what == STREETS else ""
            parts.setdefault(what, []).append(_layer(path, what, layer, ("name", tag), where))
    return {what: joined(found) for what, found in parts.items()}


def _gis(path: str, kind: str, layer: str, head: bytes) -> Pieces:
    if b"gdal_streamed" in head or not head.lstrip().startswith((b"{", b"SQLite format 3\0", b"\x00\x00\x27\x0a")):
        raise InputError("not a file of map data", accepted=ACCEPTED)
    import pyogrio

    refuse_links(Path(path))
    words = ("None", "Unknown", "Collection", *(("Point", "Line", "Polygon")[n] for n in DIMENSIONS[kind]))
    layers = [str(name) for name, shape in pyogrio.list_layers(path) if any(word in str(shape) for word in words)]
    if not layers:
        accepted = "lines for streets, polygons for parks, water and areas"
        raise InputError("no such map data in the file", accepted=accepted)
    if layer not in layers and (layer or len(layers) > 1):
        accepted = sentence("FILE::LAYER with one of: %(known)s", known=", ".join(layers)[:300])
        raise InputError("no such layer" if layer else "more than one layer fits", accepted=accepted)
    fields = [str(field) for field in pyogrio.read_info(path, layer=layer or layers[0])["fields"]]
    return _layer(path, kind, layer or layers[0], _columns(fields, kind))


def _columns(fields: Sequence[str], kind: str) -> tuple[str, str]:
    """The columns of names and of what it is ("": none)."""
    known = {field.casefold(): field for field in fields}
    name, word = (next((known[one] for one in usual if one in known), "") for usual in (NAMES.split(", "), WORDS))
    if not name and kind in (STREETS, AREAS):
        raise InputError("no column of names", accepted=sentence("one of: %(known)s", known=NAMES))
    return name, word if kind == STREETS else ""


def _layer(path: str, kind: str, layer: str, columns: tuple[str, str], where: str = "") -> Pieces:
    from pyogrio import raw

    read: Any = raw.read(  # not as Arrow, which passes over damage
        path,
        layer=layer,
        columns=[one for one in columns if one],
        where=where or None,
        force_2d=True,
        max_features=MOST_PIECES + 1,
    )
    meta, _, shapes, values = read
    found = dict(zip((str(field) for field in meta["fields"]), values, strict=True))
    return _pieces(kind, meta["crs"], shapes, [found.get(column) for column in columns])


def _geoparquet(path: str, kind: str, layer: str, head: bytes) -> Pieces:
    file = pq.ParquetFile(path)
    told = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    shape = str(told.get("primary_column", ""))
    about = told.get("columns", {}).get(shape, {})
    if about.get("encoding") != "WKB" or shape not in file.schema_arrow.names:
        raise InputError("not GeoParquet with outlines as WKB", accepted=ACCEPTED)
    plain = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
    if file.metadata.num_rows > MOST_PIECES or plain > MOST_BYTES:
        raise _too_much()
    columns = _columns(file.schema_arrow.names, kind)
    read = file.read(columns=[shape, *(one for one in columns if one)])
    shapes, *values = (_texts(read[one].to_pylist()) if one else None for one in (shape, *columns))
    return _pieces(kind, about.get("crs", "OGC:CRS84"), shapes, values)


def _pieces(kind: str, crs: Any, wkb: Any, columns: Sequence[Texts | None]) -> Pieces:
    """What is kept of a layer: named streets of public kinds, named areas, parks and water."""
    if len(wkb) > MOST_PIECES:
        raise _too_much()
    shape = shapely.from_wkb(wkb, on_invalid="ignore")
    broken = shapely.is_missing(shape) & np.array([one is not None for one in wkb], dtype=bool)
    if bool(broken.any()):
        raise InputError("damaged outline", row=int(broken.argmax()) + 1, accepted="a complete file")
    names, words = (_texts([None] * len(wkb)) if one is None else one for one in columns)
    name, word = _texts([clean(one) for one in names]), _texts([str(one or "") for one in words])
    kept = np.isin(shapely.get_dimensions(shape), DIMENSIONS[kind]) & ~shapely.is_empty(shape)
    if kind in (STREETS, AREAS):
        kept &= name != ""
        if are_names(labels := set(name[kept].tolist())) or are_homes(labels):
            accepted = "names of streets or neighbourhoods"
            raise InputError("names look like names of people or addresses", accepted=accepted)
    if kind == STREETS and columns[1] is not None:
        kept &= np.array([one in ROADS for one in word], dtype=bool)
    left_out = len(wkb) - int(kept.sum())
    return Pieces(shape=_degrees(shape, kept, crs)[kept], name=name[kept], kind=word[kept], left_out=left_out)


def _degrees(shape: Texts, kept: NDArray[np.bool_], crs: Any) -> Texts:
    """The shapes in longitude and latitude (WGS 84)."""
    if not crs:
        raise InputError("no coordinate system stated", accepted="a file that states one (.prj, CRS of the layer)")
    try:
        to = Transformer.from_crs(CRS.from_user_input(crs), "OGC:CRS84", always_xy=True)
    except (CRSError, ProjError):  # the latter: a grid of its own, tied to no place on Earth
        raise InputError("unknown coordinate system", accepted="a code such as EPSG:26917") from None
    moved = shapely.transform(shape, lambda points: np.column_stack(to.transform(points[:, 0], points[:, 1])))
    off = ~(np.abs(shapely.bounds(moved)) <= (180, 90, 180, 90)).all(axis=1) & kept
    if bool(off.any()):
        accepted = "coordinates of the system that the file states"
        raise InputError("coordinates not on Earth", row=int(off.argmax()) + 1, accepted=accepted)
    return np.asarray(moved)


def _texts(values: Sequence[Any]) -> Texts:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _too_much() -> InputError:
    accepted = sentence("an extract of the town: at most %(n)d pieces and 2 GiB", n=MOST_PIECES)
    return InputError("too much map data for one town", accepted=accepted)
