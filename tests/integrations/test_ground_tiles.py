"""Ground tiles: another program reads from the one file what was put in, near and far, few tiles and many."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from peelian.intake.ground_file import AREAS, PARKS, STREETS, WATER, Pieces
from peelian.integrations.ground_tiles import LEAF, ROOT_BYTES, bake, pmtiles, tile_id

pyogrio = pytest.importorskip("pyogrio", reason="the extra `geo` is not installed")


def pieces(shapes: list[shapely.Geometry], names: list[str], kinds: list[str]) -> Pieces:
    return Pieces(*(), shape=np.array(shapes), name=np.array(names, dtype=object), kind=np.array(kinds, dtype=object))


def read(file: Path, layer: str, zoom: int) -> dict[str, set[str]]:
    """Names by kind, as GDAL finds them in the tiles of a zoom."""
    meta, _, shapes, values = pyogrio.raw.read(str(file), layer=layer, ZOOM_LEVEL=str(zoom))
    columns = dict(zip(meta["fields"].tolist(), values, strict=True))
    found: dict[str, set[str]] = {}
    for name, kind, _ in zip(columns["name"], columns["kind"], shapes, strict=True):
        found.setdefault(kind or "", set()).add(name)
    return found


def test_every_layer_is_there_with_names_and_kinds_and_small_streets_only_near(tmp_path: Path) -> None:
    line = shapely.linestrings([[-79.4, 43.6], [-79.39, 43.7]])
    square = shapely.box(-79.41, 43.64, -79.38, 43.66)
    made = {
        STREETS: pieces([line, line, line], ["Main St", "Elm St", "Côte"], ["primary_link", "residential", ""]),
        PARKS: pieces([square], ["<script>alert(1)</script>"], ["park"]),
        WATER: pieces([], [], []),
        AREAS: pieces([square, shapely.Point(-79.4, 43.65)], ["Riverdale", "Old Town"], ["suburb", "suburb"]),
    }
    shares: list[float] = []
    bake(made, tmp_path / "g.pmtiles", "© Somebody", shares.append)
    assert {name for name, _ in pyogrio.list_layers(tmp_path / "g.pmtiles")} == {STREETS, PARKS, AREAS}
    assert read(tmp_path / "g.pmtiles", STREETS, 14) == {
        "primary_link": {"Main St"},
        "residential": {"Elm St"},
        "": {"Côte"},
    }
    assert read(tmp_path / "g.pmtiles", STREETS, 11) == {"primary_link": {"Main St"}, "": {"Côte"}}
    assert read(tmp_path / "g.pmtiles", PARKS, 8) == {"park": {"<script>alert(1)</script>"}}
    assert read(tmp_path / "g.pmtiles", AREAS, 12) == {"suburb": {"Riverdale", "Old Town"}}
    assert shares == sorted(shares) and not [one for one in tmp_path.iterdir() if one.name != "g.pmtiles"]
    content = (tmp_path / "g.pmtiles").read_bytes()
    at, length = (int.from_bytes(content[k : k + 8], "little") for k in (24, 32))
    assert json.loads(gzip.decompress(content[at : at + length]))["attribution"] == "© Somebody"


def test_more_tiles_than_the_first_directory_holds_are_all_found(tmp_path: Path) -> None:
    """A street in each of some thousand tiles, so that readers go through a second directory."""
    lon, lat = (part.ravel() for part in np.meshgrid(np.arange(-80, -78.2, 0.022), np.arange(43, 44.2, 0.016)))
    lines = [shapely.linestrings([[x, y], [x + 0.002, y + 0.001]]) for x, y in zip(lon, lat, strict=True)]
    names = [f"Street {k}" for k in range(len(lines))]
    bake({STREETS: pieces(lines, names, ["residential"] * len(lines))}, tmp_path / "g.pmtiles", "-", lambda share: None)
    content = (tmp_path / "g.pmtiles").read_bytes()
    leaves = int.from_bytes(content[48:56], "little")
    assert leaves > 0 and int.from_bytes(content[16:24], "little") <= ROOT_BYTES
    assert read(tmp_path / "g.pmtiles", STREETS, 14) == {"residential": set(names)} and len(names) > LEAF


def test_tiles_have_numbers_of_their_own_zoom_by_zoom() -> None:
    tiles = [(zoom, x, y) for zoom in range(6) for x in range(1 << zoom) for y in range(1 << zoom)]
    numbers = sorted(tile_id(*tile) for tile in tiles)
    assert numbers == list(range(len(tiles)))
    by_number = {tile_id(*tile): tile for tile in tiles}
    for number in range(tile_id(5, 0, 0), len(tiles) - 1):  # along a Hilbert curve the next tile is a neighbour
        (_, x, y), (_, u, v) = by_number[number], by_number[number + 1]
        assert abs(x - u) + abs(y - v) == 1


def test_the_same_tiles_make_the_same_file() -> None:
    tiles = [((14, 1, 2), b"b"), ((8, 3, 4), b"a")]
    assert pmtiles(tiles, [0, 0, 1, 1], {}) == pmtiles(reversed(tiles), [0, 0, 1, 1], {})
