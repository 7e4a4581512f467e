"""The process that reads map files: its limits, its refusals, and what it cuts off."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import children
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pbf import CENTRE, extract, town

from peelian.errors import InputError
from peelian.intake.allowance import Allowance
from peelian.operations import ground_process
from peelian.operations.ground_process import NAMES, TILES, baked

pyogrio = pytest.importorskip("pyogrio", reason="the extra `geo` is not installed")


def made(
    folder: Path, content: bytes, *, name: str = "town.osm.pbf", centres: Any = (), allowance: Allowance | None = None
) -> tuple[dict[str, Any], list[str]]:
    said: list[str] = []
    (folder / name).write_bytes(content)
    order = {"files": [("", str(folder / name))], "folder": str(folder), "attribution": "©", "centres": centres}
    told = baked(order, allowance or Allowance(), lambda says, share: said.append(says))
    return told, said


def test_a_town_is_read_and_drawn_and_its_progress_told(tmp_path: Path) -> None:
    told, said = made(tmp_path, town(), centres=[(0.0, 0.0), CENTRE])
    assert told["counts"] == {"streets": 18, "parks": 1, "water": 1, "areas": 1}
    west, south, east, north = told["bounds"]
    assert west < CENTRE[0] < east and south < CENTRE[1] < north
    assert dict.fromkeys(said) == dict.fromkeys(["Reading the map files", "Drawing the map"])
    assert {name for name, _ in pyogrio.list_layers(tmp_path / TILES)} == {"streets", "parks", "water", "areas"}
    kept = pq.read_table(tmp_path / NAMES)
    assert sorted(set(kept["layer"].to_pylist())) == ["areas", "streets"] and len(kept) == 19


def test_the_streets_of_another_town_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="far from this office's data"):
        made(tmp_path, town(), centres=[(2.35, 48.86)])


def test_a_file_of_more_than_a_town_and_one_without_streets_are_refused(tmp_path: Path) -> None:
    nodes = [(1, -79.0, 43.0, {}), (2, -70.0, 43.0, {})]
    with pytest.raises(InputError, match="more than one town"):
        made(tmp_path, extract(nodes, [({"highway": "primary", "name": "Far Road"}, [1, 2])]))
    with pytest.raises(InputError, match="no named streets found"):
        made(tmp_path, extract(nodes, [({"building": "house", "name": "Jane Doe"}, [1, 2])]))


def test_what_reaches_beyond_the_streets_is_cut_off(tmp_path: Path) -> None:
    far = [(1000, -120.0, 20.0, {}), (1001, -40.0, 20.0, {}), (1002, -40.0, 70.0, {}), (1003, -120.0, 70.0, {})]
    streets = [(1, *CENTRE, {}), (2, CENTRE[0] + 0.01, CENTRE[1] + 0.01, {})]
    ocean = ({"natural": "water", "name": "Ocean"}, [1000, 1001, 1002, 1003, 1000])
    told, _ = made(tmp_path, extract(streets + far, [({"highway": "primary", "name": "Main St"}, [1, 2]), ocean]))
    assert told["counts"]["water"] == 1
    bounds = pyogrio.read_info(tmp_path / TILES, layer="water", force_total_bounds=True)["total_bounds"]
    assert bounds[2] - bounds[0] < 100_000  # metres


def test_an_error_of_the_file_comes_back_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"town\.osm\.pbf: file damaged or cut off") as wrong:
        made(tmp_path, town()[:-30])
    assert wrong.value.file == "town.osm.pbf"


def test_json_that_would_have_gdal_run_a_command_is_not_followed(tmp_path: Path) -> None:
    """The driver that follows it is not there at all, however the file hides what it is."""
    command = f"gdal vector convert {tmp_path / 'secret.csv'}"
    (tmp_path / "secret.csv").write_text("name,WKT\nJane Doe,LINESTRING(0 0,1 1)\n", encoding="utf-8")
    told = b"{" + b" " * 600 + json.dumps({"type": "gdal_streamed_alg", "command_line": command})[1:].encode()
    with pytest.raises(InputError) as wrong:
        made(tmp_path, told, name="a.geojson")
    assert "Doe" not in str(wrong.value)


def test_a_file_that_takes_too_much_memory_or_time_is_refused_and_this_process_lives(tmp_path: Path) -> None:
    n, line = 400_000, shapely.to_wkb(shapely.linestrings([[CENTRE, (CENTRE[0] + 0.01, CENTRE[1])]]))[0]
    told = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    columns = {
        name: pa.DictionaryArray.from_arrays(pa.array([0] * n, pa.int32()), [value])
        for name, value in (("name", "S" * 1_000_000), ("geometry", line))
    }
    columns["geometry"] = columns["geometry"].cast(pa.binary())
    pq.write_table(pa.table(columns).replace_schema_metadata({"geo": json.dumps(told)}), tmp_path / "bomb.parquet")
    bomb = (tmp_path / "bomb.parquet").read_bytes()
    assert len(bomb) < 4 << 20
    with pytest.raises(InputError) as wrong:
        made(tmp_path, bomb, name="bomb.parquet", allowance=Allowance(memory_mib=256, cpu_seconds=60))
    assert "memory" in str(wrong.value)
    streets = resources.files("peelian.technologies.mapping") / "examples" / "toronto" / "streets_osm.parquet"
    with pytest.raises(InputError, match="too much processor time"):
        made(tmp_path, streets.read_bytes(), name="a.parquet", allowance=Allowance(cpu_seconds=1))


def test_a_process_that_breaks_off_is_an_error_that_says_what_to_try(tmp_path: Path) -> None:
    (tmp_path / "town.osm.pbf").write_bytes(town())
    order = {"files": [("", str(tmp_path / "town.osm.pbf"))], "attribution": "©", "centres": []}
    with pytest.raises(
        InputError, match=r"map files unreadable\. Expected: complete files that take at most 4,?096 MiB"
    ):
        baked({**order, "folder": str(tmp_path / "gone")}, Allowance(), lambda says, share: None)


def test_a_process_that_waits_for_ever_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes no time of a processor, so that no limit of that ends it."""
    for name, value in (("IN_ALL", 0), ("AT_LEAST", 0.5), ("main", children.rests)):
        monkeypatch.setattr(ground_process, name, value)
    with pytest.raises(InputError, match="map files unreadable"):
        baked({"files": [], "folder": str(tmp_path)}, Allowance(), lambda says, share: None)
