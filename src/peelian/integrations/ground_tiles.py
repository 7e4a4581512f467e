"""Ground tiles: streets, parks, water and areas as vector tiles in one PMTiles file, without a tile server.

GDAL cuts the tiles of one layer at a time. Joined end to end (a vector tile is a protobuf) they are one tile with the
layers of both; these are laid down as PMTiles, specification version 3.
"""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely

from peelian.intake.ground_file import MAIN, STREETS, Pieces

FIRST, STREETS_FROM, LAST = 8, 12, 14  # zooms; below STREETS_FROM main streets only
ROOT_BYTES = 16_384 - 127  # of the first directory: readers ask for so much at once
LEAF = 2_048  # tiles of one further directory
Tile = tuple[int, int, int]


def bake(pieces: Mapping[str, Pieces], file: Path, attribution: str, progress: Callable[[float], None]) -> None:
    """Write the pieces as PMTiles, a layer for each kind that has any, with `name` and `kind`. About .2 ms a piece."""
    there = {kind: of for kind, of in pieces.items() if len(of.shape)}
    layers = [{"id": kind, "fields": {"name": "String", "kind": "String"}} for kind in there]
    tiles: dict[Tile, bytes] = {}
    with TemporaryDirectory(dir=file.parent, prefix=".tiles-") as folder:
        for done, (kind, of) in enumerate(there.items()):
            progress(done / len(there))
            for first, last, kept in _zooms(kind, of):
                made = Path(folder) / f"{kind}{first}"
                _cut(of, kept, made, kind, (first, last))
                for part in sorted(made.rglob("*.pbf")):
                    tile = (int(part.parts[-3]), int(part.parts[-2]), int(part.stem))
                    tiles[tile] = tiles.get(tile, b"") + part.read_bytes()
    bounds = shapely.total_bounds(np.concatenate([of.shape for of in there.values()])).tolist()
    file.write_bytes(pmtiles(tiles.items(), bounds, {"attribution": attribution, "vector_layers": layers}))


def _zooms(kind: str, of: Pieces) -> list[tuple[int, int, Any]]:
    """First and last zoom, and which pieces: seen from afar, of streets the main ones and those of no known kind."""
    if kind != STREETS:
        return [(FIRST, LAST, np.ones(len(of.kind), dtype=bool))]
    main = np.array([not word or word.removesuffix("_link") in MAIN for word in of.kind.tolist()])
    far = [(FIRST, STREETS_FROM - 1, main)] if main.any() else []
    return [*far, (STREETS_FROM, LAST, np.ones(len(main), dtype=bool))]


def _cut(of: Pieces, kept: Any, folder: Path, layer: str, zooms: tuple[int, int]) -> None:
    from pyogrio import raw

    raw.write(
        str(folder),
        shapely.to_wkb(of.shape[kept]),
        [of.name[kept], of.kind[kept]],
        ["name", "kind"],
        layer=layer,
        driver="MVT",
        geometry_type="Unknown",
        crs="EPSG:4326",
        dataset_options={"FORMAT": "DIRECTORY", "COMPRESS": "NO", "MINZOOM": str(zooms[0]), "MAXZOOM": str(zooms[1])},
    )


def pmtiles(tiles: Iterable[tuple[Tile, bytes]], bounds: Sequence[float], metadata: Mapping[str, Any]) -> bytes:
    """A PMTiles file of vector tiles by (zoom, column, row); bounds in degrees. O(bytes)."""
    ordered = sorted((tile_id(*tile), gzip.compress(content, mtime=0)) for tile, content in tiles)
    entries, end = [], 0
    for number, content in ordered:
        entries.append((number, 1, end, len(content)))
        end += len(content)
    root, leaves = _directory(entries), b""
    if len(root) > ROOT_BYTES:
        pointers = []
        for start in range(0, len(entries), LEAF):
            leaf = _directory(entries[start : start + LEAF])
            pointers.append((entries[start][0], 0, len(leaves), len(leaf)))
            leaves += leaf
        root = _directory(pointers)
    told = gzip.compress(json.dumps(dict(metadata), ensure_ascii=False).encode(), mtime=0)
    parts = [root, told, leaves, b"".join(content for _, content in ordered)]
    places, at = [], 127
    for part in parts:
        places += [at, len(part)]
        at += len(part)
    west, south, east, north = (round(degrees * 1e7) for degrees in bounds)
    fixed = (1, 2, 2, 1, FIRST, LAST)  # clustered, gzip inside, gzip tiles, vector tiles, zooms
    middle = (FIRST, (west + east) // 2, (south + north) // 2)
    n = len(entries)
    head = struct.pack("<7sB11Q6B4iB2i", b"PMTiles", 3, *places, n, n, n, *fixed, west, south, east, north, *middle)
    return head + b"".join(parts)


def tile_id(zoom: int, column: int, row: int) -> int:
    """A tile's number: those of lower zooms first, then along the Hilbert curve of its own.

    >>> [tile_id(*tile) for tile in ((0, 0, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0), (2, 0, 0))]
    [0, 1, 2, 3, 4, 5]
    """
    number = ((1 << 2 * zoom) - 1) // 3
    for level in reversed(range(zoom)):
        side = 1 << level
        right, low = int(bool(column & side)), int(bool(row & side))
        number += side * side * ((3 * right) ^ low)
        column, row = column & (side - 1), row & (side - 1)
        if not low:
            column, row = (side - 1 - row, side - 1 - column) if right else (row, column)
    return number


def _directory(entries: Sequence[tuple[int, int, int, int]]) -> bytes:
    """Entries (number, run, offset, length) by columns of integers of variable length, compressed."""
    numbers, runs, starts, lengths = zip(*entries, strict=True)
    steps = (b - a for a, b in pairwise((0, *numbers)))
    values = (len(entries), *steps, *runs, *lengths, *(start + 1 for start in starts))
    return gzip.compress(b"".join(map(_varint, values)), mtime=0)


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])
