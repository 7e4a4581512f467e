"""Map files are read in a child: GDAL never runs on them in this process, and no coordinate system is fetched."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio.raw
import pytest
from study import streets, study
from terminal import peelian

from peelian.errors import InputError
from peelian.intake.allowance import Allowance
from peelian.intake.map_file import map_by_child
from peelian.places import read_map, read_streets

TOWN = study(60)


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server's address, and what was asked of it."""
    paths: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/crs", paths
        server.shutdown()
        thread.join()


def linked(path: Path, crs: str) -> Path:
    """A GeoJSON file with this text as its coordinate system."""
    TOWN[["kind", "geometry"]].to_crs(4326).to_file(path, driver="GeoJSON")
    told = json.loads(path.read_text(encoding="utf-8"))
    told.pop("crs", None)
    path.write_text("{" + crs + json.dumps(told)[1:], encoding="utf-8")
    return path


SYSTEMS = {
    "link": '"crs": {"type": "link", "properties": {"href": "%s", "type": "ogcwkt"}},',
    "url": '"crs": {"properties": {"url": "%s"}, "type": "url"},',
    "an address as its name": '"crs": {"type": "name", "properties": {"name": "%s"}},',
    "letters in disguise": '"\\u0063r\\u0073" : {"type": "li\\u006ek", "properties": {"href": "%s"}},',
    "twice": '"crs": {"type": "name", "properties": {"name": "EPSG:4326"}}, "crs": {"type": "link", "properties": {"href": "%s"}},',  # noqa: E501
}


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_a_coordinate_system_that_is_a_link_is_refused_and_never_fetched(
    tmp_path: Path, asked: tuple[str, list[str]], system: str
) -> None:
    file = linked(tmp_path / "a.geojson", system % asked[0])
    for read in (read_map, read_streets):
        with pytest.raises(InputError, match=r"a\.geojson: the file points to something outside itself"):
            read(file)
    done = peelian("challenge", "a.geojson", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2 and "outside itself" in done.stderr and asked[1] == []


def test_names_of_systems_are_no_links(tmp_path: Path) -> None:
    for name in ("EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"):
        named = '"crs": {"type": "name", "properties": {"name": "%s"}},' % name  # noqa: UP031
        assert len(read_map(linked(tmp_path / "a.geojson", named))) == len(TOWN)


def test_nothing_is_read_by_gdal_in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    TOWN.to_file(tmp_path / "a.gpkg")
    TOWN.to_file(tmp_path / "a.geojson")
    streets(step=2_000).to_file(tmp_path / "a.shp")
    streets(step=2_000).to_parquet(tmp_path / "a.parquet")
    whole = gpd.read_file(tmp_path / "a.gpkg")
    for module, name in ((pyogrio.raw, "read"), (pyogrio, "read_dataframe"), (gpd, "read_file"), (gpd, "read_parquet")):
        monkeypatch.setattr(module, name, lambda *given, **more: pytest.fail("read in this process"))
    made = read_map(tmp_path / "a.gpkg")
    assert made.crs == whole.crs and made.geometry.geom_equals(whole.geometry).all()
    assert (made["when"] == whole["when"]).all() and list(made.columns) == list(whole.columns)
    assert len(read_map(tmp_path / "a.geojson")) == len(TOWN)
    assert len(read_streets(tmp_path / "a.shp")) == len(read_streets(tmp_path / "a.parquet")) == 14


def test_a_file_that_another_program_writes_to_is_read(tmp_path: Path) -> None:
    TOWN.to_file(tmp_path / "a.gpkg")
    with sqlite3.connect(tmp_path / "a.gpkg") as writer:
        writer.execute("PRAGMA journal_mode=WAL")
    assert len(read_map(tmp_path / "a.gpkg")) == len(TOWN)


def test_a_file_beyond_the_allowance_is_refused(tmp_path: Path) -> None:
    TOWN.to_file(tmp_path / "a.gpkg")
    with pytest.raises(InputError, match=r"too much|cut short"):
        map_by_child(tmp_path / "a.gpkg", Allowance(memory_mib=0))
