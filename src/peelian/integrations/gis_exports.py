"""GIS exports: GeoPackage, GeoParquet, GeoJSON and CSV, with their origin in every row."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.model.capability import Shapes
from peelian.measure.legible import harmless
from peelian.storage.durable_files import sync_folder
from peelian.storage.private_files import FILE_MODE, in_plain_words

LAYER = "places"
LEAST_M2 = 10_000.0  # a cell of 100 m by 100 m; smaller ones mark single homes
METRES_A_DEGREE = 111_195.0
ROUNDED = 0.99  # a sphere is no ellipsoid
CRS = "EPSG:4326"


def check_ending(file: Path) -> None:
    """InputError where the file's ending names no format there is."""
    if file.suffix.lower() not in WRITERS:
        raise InputError("unknown map format", accepted=", ".join(WRITERS))


def check_cells(shapes: Shapes) -> None:
    """InputError where a cell covers less than 10,000 m² of ground: such a map would show single homes. O(rows)."""
    if not len(shapes.rings):
        return
    least = float(_ground_m2(shapes.rings).min())
    if not least >= LEAST_M2 * ROUNDED:  # nor where it is no number
        says = sentence("cells of %(m2).0f m² are too small for a map that leaves the office", m2=least)
        raise InputError(says, accepted="cells of 10,000 m² (100 m by 100 m) or more")


def _ground_m2(rings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Square metres within each outline, on the sphere's plane at its own latitude; right to 1 %."""
    east = rings[..., 0] * METRES_A_DEGREE * np.cos(np.radians(rings[..., 1].mean(axis=1, keepdims=True)))
    north = rings[..., 1] * METRES_A_DEGREE
    x, y = east - east[:, :1], north - north[:, :1]
    twice = x[:, :-1] * y[:, 1:] - x[:, 1:] * y[:, :-1]
    return np.asarray(np.abs(twice.sum(axis=1)) / 2, dtype=np.float64)


def write_map(shapes: Shapes, file: Path) -> None:
    """Write the places into the new file, for its owner only; the file's ending chooses the format.

    Every row carries the provenance, so that no part of a copy is without it; GeoPackage, GeoParquet and GeoJSON carry
    it once more as metadata of the whole. The file appears whole or not at all. InputError: cells below 10,000 m², or
    the extra `geo` is missing. O(rows).
    """
    check_ending(file)
    check_cells(shapes)
    if not file.parent.is_dir():
        raise InputError("folder of the map file missing", accepted="a file in a folder that exists")
    if file.exists():
        raise OutOfOrder("A file with this name already exists. Exports never overwrite files.")
    with (
        in_plain_words("the map file was not written"),
        TemporaryDirectory(dir=file.parent, prefix=".export-") as folder,
    ):
        unfinished = Path(folder) / f"map{file.suffix.lower()}"
        WRITERS[file.suffix.lower()](shapes, unfinished)
        unfinished.chmod(FILE_MODE)
        with open(unfinished, "rb") as written:
            os.fsync(written.fileno())
        os.rename(unfinished, file)
        sync_folder(file.parent)


def _geopackage(shapes: Shapes, file: Path) -> None:
    frame = _frame(shapes)
    import pyogrio  # comes with the same extra

    pyogrio.write_dataframe(frame, file, layer=LAYER, driver="GPKG", layer_metadata=_texts(shapes))


def _geoparquet(shapes: Shapes, file: Path) -> None:
    import pyarrow.parquet as pq

    _frame(shapes).to_parquet(file, index=False)
    made = pq.read_table(file)
    whole = {**(made.schema.metadata or {}), b"peelian": json.dumps(_texts(shapes), ensure_ascii=False).encode()}
    pq.write_table(made.replace_schema_metadata(whole), file)


def _geojson(shapes: Shapes, file: Path) -> None:
    """One feature a line, as RFC 7946 has it; the provenance of the whole is a member beside the features."""
    origin = json.dumps(dict(shapes.provenance), ensure_ascii=False)
    with open(file, "w", encoding="utf-8", newline="\n") as out:
        out.write(f'{{"type":"FeatureCollection","provenance":{origin},"features":[')
        for number, (row, ring) in enumerate(_rows(shapes)):
            geometry = {"type": "Polygon", "coordinates": [ring]}
            feature = {"type": "Feature", "properties": row, "geometry": geometry}
            out.write((",\n" if number else "\n") + json.dumps(feature, ensure_ascii=False))
        out.write("\n]}\n")


def _csv(shapes: Shapes, file: Path) -> None:
    """Outlines as well-known text in the column WKT, which map programs find by its name."""
    names = ["WKT", *shapes.table.names, *shapes.provenance]
    with open(file, "w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        for row, ring in _rows(shapes):
            points = ", ".join(f"{lon!r} {lat!r}" for lon, lat in ring)
            cells = {name: harmless(value) for name, value in row.items()}
            writer.writerow({"WKT": f"POLYGON (({points}))", **cells})


def _rows(shapes: Shapes) -> Iterator[tuple[dict[str, Any], list[list[float]]]]:
    """Each place's values with the provenance, and its outline."""
    for values, ring in zip(shapes.table.rows(), shapes.rings, strict=True):
        yield {**dict(zip(shapes.table.names, values, strict=True)), **shapes.provenance}, ring.tolist()


def _frame(shapes: Shapes) -> Any:
    """A GeoDataFrame of the places."""
    try:
        import geopandas  # an extra: only when such a file is asked for
        import shapely
    except ImportError:
        raise InputError(
            "this map format needs the extra `geo`", accepted="pip install 'peelian[geo]', or .geojson or .csv"
        ) from None
    columns = {column.name: column.values for column in shapes.table.columns}
    return geopandas.GeoDataFrame(
        {**columns, **dict(shapes.provenance)}, geometry=shapely.polygons(shapes.rings), crs=CRS
    )


def _texts(shapes: Shapes) -> dict[str, str]:
    return {name: str(value) for name, value in shapes.provenance.items()}


WRITERS: Mapping[str, Callable[[Shapes, Path], None]] = {
    ".gpkg": _geopackage,
    ".parquet": _geoparquet,
    ".geojson": _geojson,
    ".csv": _csv,
}
