"""OpenStreetMap extracts made by hand, for GDAL cannot write them: nodes and ways with tags, as PBF."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence

Way = tuple[Mapping[str, str], Sequence[int]]  # tags, ids of nodes
Node = tuple[int, float, float, Mapping[str, str]]  # id, longitude, latitude, tags


def extract(nodes: Iterable[Node], ways: Iterable[Way]) -> bytes:
    """The bytes of an `.osm.pbf` file."""
    header = _field(4, b"OsmSchema-V0.6") + _field(4, b"DenseNodes")
    return _blob(b"OSMHeader", header) + _blob(b"OSMData", _data(nodes, ways))


def _data(nodes: Iterable[Node], ways: Iterable[Way]) -> bytes:
    words: dict[str, int] = {"": 0}

    def tagged(tags: Mapping[str, str]) -> bytes:
        pairs = [(words.setdefault(k, len(words)), words.setdefault(v, len(words))) for k, v in tags.items()]
        if not pairs:
            return b""
        return _field(2, b"".join(_varint(k) for k, _ in pairs)) + _field(3, b"".join(_varint(v) for _, v in pairs))

    group = b""
    for number, lon, lat, tags in nodes:
        place = _number(8, _zigzag(round(lat * 1e7))) + _number(9, _zigzag(round(lon * 1e7)))
        group += _field(1, _number(1, _zigzag(number)) + tagged(tags) + place)
    for number, (tags, refs) in enumerate(ways, start=1):
        steps = [b - a for a, b in zip([0, *refs], refs, strict=False)]
        group += _field(3, _number(1, number) + tagged(tags) + _field(8, b"".join(_varint(_zigzag(s)) for s in steps)))
    table = b"".join(_field(1, word.encode()) for word in words)
    return _field(1, table) + _field(2, group)


def _blob(kind: bytes, content: bytes) -> bytes:
    blob = _number(2, len(content)) + _field(3, zlib.compress(content))
    head = _field(1, kind) + _number(3, len(blob))
    return struct.pack(">I", len(head)) + head + blob


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


CENTRE = (-79.38, 43.70)
LABELS = {
    1: "<script>alert(1)</script>",
    2: "javascript:alert(1)",
    3: "=cmd|' /C calc'!A0",
    4: "Av\u202eenue \x07of\nSigns",
    5: "Long " * 40,
}


def town(size: int = 8, step: float = 0.004) -> bytes:
    """A town of numbered avenues and streets, with a park, a lake, two neighbourhoods, and what may not be read."""
    lon, lat = (middle - size / 2 * step for middle in CENTRE)
    at = {(x, y): 1 + x + y * (size + 1) for x in range(size + 1) for y in range(size + 1)}
    nodes: list[Node] = [(number, lon + x * step, lat + y * step, {}) for (x, y), number in at.items()]
    nodes.append((90_000, *CENTRE, {"place": "suburb", "name": "Riverdale", "addr:housenumber": "12", "phone": "555"}))
    nodes.append((90_001, CENTRE[0], CENTRE[1] + step, {"place": "farm", "name": "Jane Doe"}))
    nodes.append((90_002, *CENTRE, {"amenity": "doctors", "name": "Dr. Jane Doe"}))
    ways: list[Way] = [
        ({"highway": "residential", "name": LABELS.get(x, f"Avenue {x}")}, [at[x, y] for y in range(size + 1)])
        for x in range(size + 1)
    ]
    ways += [
        ({"highway": "secondary", "name": f"Street {y}"}, [at[x, y] for x in range(size + 1)]) for y in range(size + 1)
    ]
    square = [at[0, 0], at[1, 0], at[1, 1], at[0, 1], at[0, 0]]
    private = [at[2, 2], at[3, 3]]
    ways += [
        ({"leisure": "park", "name": "Old Park"}, square),
        ({"natural": "water", "name": "Lake"}, square),
        ({"leisure": "garden", "name": "Jane Doe's garden"}, square),
        ({"building": "house", "name": "Jane Doe", "addr:street": "Street 1"}, square),
        ({"highway": "service", "name": "Jane Doe's drive"}, private),
        ({"highway": "residential", "access": "private", "name": "Doe Lane"}, private),
        ({"highway": "residential"}, private),
    ]
    return extract(sorted(nodes, key=lambda node: node[0]), ways)


def incidents() -> str:
    """Incidents about the town's centre as CSV, scattered as reports are."""
    lon, lat = CENTRE
    rows = [f"2024-0{1 + k % 9}-01 1{k % 10}:00,burglary,{lat + k % 7 / 1000},{lon + k % 5 / 1000}" for k in range(60)]
    return "\n".join(["date,category,latitude,longitude", *rows])
