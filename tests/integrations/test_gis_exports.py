"""Map files: read back by another program with nothing lost, origin in every row, whole or not at all."""

from __future__ import annotations

import csv
import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.integrations.gis_exports import WRITERS, check_cells, check_ending, write_map
from peelian.kernel.model.capability import Shapes
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, table

N = 6
ORIGIN = {"case": "c-1", "evidence": "e" * 64, "cell_metres": 250, "statement": 'Not "danger", é\nand not persons.'}


def shapes() -> Shapes:
    corner = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * 0.01
    rings = np.stack([corner + np.array([-79.0 + k * 0.01, 43.0]) for k in range(N)]).round(8)
    made = {
        "place": (Kind.PLACE, [f"250:0:{k}" for k in range(N)]),
        "expected": (Kind.AMOUNT, np.arange(N) / 7),
        "named_rank": (Kind.COUNT, np.arange(N)),
    }
    return Shapes(table=table("forecast", made), rings=rings, provenance=ORIGIN)


def needs_geo() -> None:
    pytest.importorskip("geopandas", reason="the extra `geo` is not installed")


@pytest.mark.parametrize("ending", [*WRITERS, ".GPKG"])
def test_geopandas_reads_back_every_row_outline_and_origin(tmp_path: Path, ending: str) -> None:
    needs_geo()
    import geopandas

    file = tmp_path / f"map{ending}"
    write_map(shapes(), file)
    read = geopandas.read_parquet if ending == ".parquet" else geopandas.read_file
    found = read(file)
    assert len(found) == N and found["place"].tolist() == shapes().table["place"].tolist()
    assert found["expected"].astype(float).tolist() == shapes().table["expected"].tolist()
    assert found["named_rank"].astype(int).tolist() == list(range(N))
    for name, value in ORIGIN.items():
        assert set(found[name].astype(str)) == {str(value)}
    assert np.array([shape.exterior.coords for shape in found.geometry]).tolist() == shapes().rings.tolist()
    if ending != ".csv":  # text has no place for a reference system
        assert found.crs.to_epsg() == 4326


def test_the_whole_file_says_its_origin_too(tmp_path: Path) -> None:
    needs_geo()
    import pyarrow.parquet as pq
    import pyogrio

    for ending in (".gpkg", ".parquet", ".geojson"):
        write_map(shapes(), tmp_path / f"map{ending}")
    texts = {name: str(value) for name, value in ORIGIN.items()}
    layer = pyogrio.read_info(tmp_path / "map.gpkg")["layer_metadata"]
    assert texts.items() <= layer.items()
    metadata = pq.read_schema(tmp_path / "map.parquet").metadata
    assert json.loads(metadata[b"peelian"]) == texts and b"geo" in metadata
    assert json.loads((tmp_path / "map.geojson").read_text(encoding="utf-8"))["provenance"] == ORIGIN


def test_text_formats_need_no_extra_and_the_others_name_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("geopandas", "pyogrio"):
        monkeypatch.setitem(sys.modules, name, None)
    write_map(shapes(), tmp_path / "map.csv")
    write_map(shapes(), tmp_path / "map.geojson")
    with open(tmp_path / "map.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == N and {row["statement"] for row in rows} == {ORIGIN["statement"]}
    for ending in (".gpkg", ".parquet"):
        with pytest.raises(InputError, match="geo"):
            write_map(shapes(), tmp_path / f"map{ending}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.csv", "map.geojson"]


@pytest.mark.parametrize("name", ["map.shp", "map", "map.json", ".gpkg", "map.gpkg.zip"])
def test_another_ending_is_refused_with_the_ones_there_are(tmp_path: Path, name: str) -> None:
    for refused in (lambda: check_ending(tmp_path / name), lambda: write_map(shapes(), tmp_path / name)):
        with pytest.raises(InputError) as error:
            refused()
        assert all(ending in error.value.accepted for ending in WRITERS)
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten_no_folder_is_made_and_no_one_else_may_read(tmp_path: Path) -> None:
    write_map(shapes(), tmp_path / "map.csv")
    assert (tmp_path / "map.csv").stat().st_mode & 0o777 == 0o600
    with pytest.raises(OutOfOrder, match="never overwrite"):
        write_map(shapes(), tmp_path / "map.csv")
    with pytest.raises(InputError, match="folder"):
        write_map(shapes(), tmp_path / "no" / "map.csv")


def test_a_full_disk_leaves_no_file_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("peelian.integrations.gis_exports.os.fsync", full)
    with pytest.raises(PeelianError, match="disk is full"):
        write_map(shapes(), tmp_path / "map.geojson")
    assert not list(tmp_path.iterdir())


def test_a_map_without_places_is_still_a_map(tmp_path: Path) -> None:
    none = Shapes(table=shapes().table.take(np.zeros(N, dtype=bool)), rings=np.empty((0, 5, 2)), provenance=ORIGIN)
    write_map(none, tmp_path / "map.geojson")
    assert json.loads((tmp_path / "map.geojson").read_text(encoding="utf-8"))["features"] == []


def test_no_text_of_a_table_file_is_run_as_a_formula(tmp_path: Path) -> None:
    """An office or an area may be called anything; a spreadsheet that opens the file runs none of it."""
    made = shapes()
    origin = {**made.provenance, "office": '=HYPERLINK("http://evil.invalid","x")'}
    write_map(dataclasses.replace(made, provenance=origin), tmp_path / "map.csv")
    with open(tmp_path / "map.csv", encoding="utf-8", newline="") as file:
        cells = {cell for row in csv.DictReader(file) for cell in row.values()}
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


@pytest.mark.parametrize(("side", "fits"), [(1.0, False), (50.0, False), (99.0, False), (100.0, True), (250.0, True)])
@pytest.mark.parametrize("north", [0.0, 45.0, 70.0])
def test_cells_smaller_than_100_metres_leave_in_no_map(tmp_path: Path, side: float, fits: bool, north: float) -> None:
    here = Projection(centre_lon=-79.0, centre_lat=north)
    lon, lat = here.to_degrees(side * np.array([0, 1, 1, 0, 0]), side * np.array([0, 0, 1, 1, 0]))
    small = dataclasses.replace(shapes(), rings=np.stack([np.stack([lon, lat], axis=-1)] * N))
    if fits:
        return check_cells(small)
    with pytest.raises(InputError, match=r"too small for a map.*100 m by 100 m"):
        write_map(small, tmp_path / "map.csv")
    assert list(tmp_path.iterdir()) == []
    return None
