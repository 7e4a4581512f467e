"""Map files with links fetch nothing: they are refused in words, GDAL's switches are off, and no socket opens.

Each of the three holds alone. A server on this machine listens meanwhile, and must hear nothing.
"""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import children
import pytest
from attempts import attempts
from hypothesis import given
from hypothesis import strategies as st
from linked_maps import STREET, geojson, link
from listening import Listening, listening

from peelian.errors import InputError
from peelian.intake.allowance import Allowance
from peelian.intake.confined_child import confined_child
from peelian.intake.gdal import refuse_links
from peelian.operations.ground_process import baked

pytest.importorskip("pyogrio", reason="the extra `geo` is not installed")


@pytest.fixture
def server() -> Iterator[Listening]:
    with listening() as found:
        yield found


def kml(url: str, inside: str) -> str:
    return f'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside % url}</Document></kml>'


def vrt(url: str, source: str) -> str:
    layer = f'<OGRVRTLayer name="x"><SrcDataSource>{source % url}</SrcDataSource></OGRVRTLayer>'
    return f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"


TEXTS: dict[str, Callable[[str], str]] = {
    "link.geojson": lambda url: geojson(link(url)),
    "kind-of-old.geojson": lambda url: geojson(link(url, "URL", "url")),
    "escaped.geojson": lambda url: geojson(link(url), '"\\u0063r\\u0073"'),
    "upper.geojson": lambda url: geojson(link(url, "LINK"), '"CRS"'),
    "upper-within.geojson": lambda url: geojson({"TYPE": "link", "properties": {"href": url}}),
    "commented.geojson": lambda url: geojson(link(url), '"crs"/**/', one=True),
    "quoted.geojson": lambda url: geojson(link(url), "'crs'", one=True),
    "spaced.geojson": lambda url: geojson(link(url), '"crs"' + " " * 9_000),
    "named.geojson": lambda url: geojson({"type": "name", "properties": {"name": url}}),
    "network-link.kml": lambda url: kml(url, "<NetworkLink><Link><href>%s</href></Link></NetworkLink>"),
    "overlay.kml": lambda url: kml(url, "<GroundOverlay><Icon><href>%s</href></Icon></GroundOverlay>"),
    "curl.vrt": lambda url: vrt(url, "/vsicurl/%s"),
    "drive.vrt": lambda url: vrt(url, "GeoJSON:%s"),
    "called.geojson": lambda url: vrt(url, "/vsicurl_streaming/%s"),
}


def refused(folder: Path, file: Path | str) -> str:
    """What the reading of a map file says of it."""
    made = folder / "made"
    made.mkdir()
    order = {"files": [("streets", str(file))], "folder": str(made), "attribution": "©", "centres": []}
    with pytest.raises(InputError) as wrong:
        baked(order, Allowance(), lambda says, share: None)
    assert wrong.value.accepted and not list(made.glob("*.pmtiles"))
    return str(wrong.value)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_with_a_link_is_refused_and_nothing_is_fetched(tmp_path: Path, server: Listening, name: str) -> None:
    (tmp_path / name).write_text(TEXTS[name](f"http://{server.address}/crs"), encoding="utf-8")
    elsewhere = name.endswith(".geojson") and name != "called.geojson"  # which is no GeoJSON
    expected = "points to something outside itself" if elsewhere else "not a file of map data"
    assert expected in refused(tmp_path, tmp_path / name)
    assert server.heard == []


LETTERS = st.tuples(*(st.sampled_from([c, c.upper(), f"\\u{ord(c):04x}", f"\\u{ord(c.upper()):04X}"]) for c in "crs"))


@attempts(200)
@given(
    LETTERS,
    st.sampled_from(["link", "LINK", "URL", "url", "Link", ""]),
    st.sampled_from(["http://127.0.0.1:9/", "HTTPS://example.org/x", "ftp://example.org", "file:///etc/passwd"]),
    st.sampled_from(["", " ", "\n\t", " " * 5_000]),
    st.booleans(),
)
def test_no_link_however_it_is_written_is_taken(
    tmp_path: Path, letters: tuple[str, ...], kind: str, url: str, space: str, last: bool
) -> None:
    name, crs = "".join(letters), json.dumps({"type": kind, "properties": {"href": url}})
    member, rest = f'"{name}"{space}:{space}{crs}', f'"type":"FeatureCollection","features":[{json.dumps(STREET)}]'
    (tmp_path / "a.geojson").write_text("{" + ",".join([rest, member] if last else [member, rest]) + "}")
    with pytest.raises(InputError, match="points to something outside itself"):
        refuse_links(tmp_path / "a.geojson")


@pytest.mark.parametrize("way", ["zipped.zip", "zipped.geojson", "/vsicurl/"])
def test_a_link_in_an_archive_or_a_name_is_refused_and_nothing_is_fetched(
    tmp_path: Path, server: Listening, way: str
) -> None:
    url = f"http://{server.address}/a.geojson"
    with zipfile.ZipFile(tmp_path / "zipped.zip", "w") as archive:
        archive.writestr("a.vrt", vrt(url, "/vsicurl/%s"))
        archive.writestr("b.geojson", geojson(link(url)))
    (tmp_path / "zipped.geojson").write_bytes((tmp_path / "zipped.zip").read_bytes())
    assert (
        "not a file of map data" in refused(tmp_path, tmp_path / way if way[0] == "z" else way + url) or way[0] == "/"
    )
    assert server.heard == []


MADE = {
    "virtual": ("table", "net", "CREATE VIRTUAL TABLE net USING VirtualOGR('/vsicurl/%s')"),
    "shape": ("table", "net", "CREATE VIRTUAL TABLE net USING VirtualShape('/vsicurl/%s', UTF-8, 4326)"),
    "view": ("view", "net", "CREATE VIEW net AS SELECT gdal_get_pixel_value('/vsicurl/%s', 1, 'pixel', 0, 0) AS name"),
}


@pytest.mark.parametrize("made", MADE)
def test_a_geopackage_that_reads_elsewhere_is_refused_and_nothing_is_fetched(
    tmp_path: Path, server: Listening, made: str
) -> None:
    import numpy as np
    import shapely
    from pyogrio import raw

    file = tmp_path / "a.gpkg"
    shapes = np.array([shapely.to_wkb(shapely.LineString(STREET["geometry"]["coordinates"]))], dtype=object)
    names = [np.array(["Main Street"], dtype=object)]
    raw.write(
        file, shapes, names, ["name"], layer="streets", driver="GPKG", geometry_type="LineString", crs="EPSG:4326"
    )
    refuse_links(file)  # as it is, with its index
    kind, name, sql = MADE[made]
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA writable_schema = ON")
        values = (kind, name, name, sql % f"http://{server.address}/a.geojson")
        database.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, 0, ?)", values)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
            "VALUES ('net', 'features', 'net', 4326)"
        )
        database.execute("INSERT INTO gpkg_geometry_columns VALUES ('net', 'geom', 'LINESTRING', 4326, 0, 0)")
    assert "points to something outside itself" in refused(tmp_path, f"{file}::net")
    assert server.heard == []


def test_the_filter_holds_without_switches_and_words(tmp_path: Path, server: Listening) -> None:
    (tmp_path / "a.geojson").write_text(geojson(link(f"http://{server.address}/")), encoding="utf-8")
    with confined_child(
        children.has_gdal_read, (str(tmp_path / "a.geojson"), {}), readable=[tmp_path / "a.geojson"]
    ) as connection:
        assert connection.recv() == "read"
    assert server.heard == []
