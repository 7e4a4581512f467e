"""Each of GDAL's switches keeps it from the network by itself; a coordinate system that is stated is no link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import children
import pytest
from linked_maps import geojson, link
from listening import Listening, listening

from peelian.child_process import child
from peelian.intake.gdal import SWITCHES, refuse_links

pytest.importorskip("pyogrio", reason="the extra `geo` is not installed")


@pytest.fixture
def server() -> Iterator[Listening]:
    with listening() as found:
        yield found


def test_an_honest_coordinate_system_is_no_link(tmp_path: Path) -> None:
    for number, crs in enumerate([
        None,
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        {"type": "name", "properties": {"name": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
        {"type": "EPSG", "properties": {"code": 4326}},
    ]):  # fmt: skip
        file = tmp_path / f"{number}.geojson"
        file.write_text(geojson(crs).replace("Main Street", 'crs", "of": "crs'), encoding="utf-8")
        refuse_links(file)


WITHOUT = {
    "GDAL_HTTP_PROXY": ("a.geojson", "http"),
    "GDAL_HTTPS_PROXY": ("a.geojson", "https"),
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ("/vsicurl/", "http"),
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_each_switch_of_gdal_holds_alone(tmp_path: Path, server: Listening, switch: str) -> None:
    """No other switch, and no filter: GDAL fetches what the file says unless this one is set."""
    name, scheme = WITHOUT[switch]
    url = f"{scheme}://{server.address}/a.geojson"
    path = name + url if name.startswith("/") else str(tmp_path / name)
    (tmp_path / "a.geojson").write_text(geojson(link(url)), encoding="utf-8")
    with child(children.has_gdal_read, (path, {switch: SWITCHES[switch]}), sealed=True) as connection:
        connection.recv()
    assert server.heard == []
    with child(children.has_gdal_read, (path, {}), sealed=True) as connection:
        connection.recv()
    assert server.heard, "this file does not show that the switch is needed"
