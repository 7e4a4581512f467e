"""Small OpenStreetMap extracts as a town would download them: XML, and protocol buffers (`.osm.pbf`)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

Nodes = Mapping[int, tuple[float, float]]
Ways = Sequence[tuple[Sequence[int], Mapping[str, str]]]


def block(rows: int = 6) -> tuple[Nodes, Ways]:
    """A lattice of `rows` streets each way, about 110 m apart, a street being built, and a river."""
    nodes = {i * rows + j + 1: (-80 + j * 0.0014, 44 + i * 0.001) for i in range(rows) for j in range(rows)}
    number = [[i * rows + j + 1 for j in range(rows)] for i in range(rows)]
    lines = [*number, *(list(column) for column in zip(*number, strict=True))]
    streets = [(line, {"highway": "residential", "name": f"Street {k}"}) for k, line in enumerate(lines)]
    return nodes, [*streets, ([1, 2 * rows + 3], {"highway": "construction"}), ([1, rows + 2], {"waterway": "river"})]


def xml(nodes: Nodes, ways: Ways) -> bytes:
    """The extract as `.osm`."""
    points = [f'<node id="{k}" version="1" lat="{lat}" lon="{lon}"/>' for k, (lon, lat) in nodes.items()]
    drawn = [
        f'<way id="{k}" version="1">'
        + "".join(f'<nd ref="{node}"/>' for node in line)
        + "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        + "</way>"
        for k, (line, tags) in enumerate(ways, 1)
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">' + "\n".join(points + drawn) + "</osm>"
    ).encode()


def pbf(nodes: Nodes, ways: Ways) -> bytes:
    """The extract as `.osm.pbf`: one block of nodes, one of ways."""
    words = ["", *sorted({word for _, tags in ways for pair in tags.items() for word in pair})]
    dense = _field(1, _packed(_steps(nodes)))
    dense += _field(8, _packed(_steps(round(lat * 1e7) for _, lat in nodes.values())))
    dense += _field(9, _packed(_steps(round(lon * 1e7) for lon, _ in nodes.values())))
    drawn = b"".join(
        _field(
            3,
            _field(1, k)
            + _field(2, _packed(words.index(key) for key in tags))
            + _field(3, _packed(words.index(value) for value in tags.values()))
            + _field(8, _packed(_steps(line))),
        )
        for k, (line, tags) in enumerate(ways, 1)
    )
    table = _field(1, b"".join(_field(1, word.encode()) for word in words))
    head = _field(4, b"OsmSchema-V0.6") + _field(4, b"DenseNodes")
    return _blob("OSMHeader", head) + b"".join(
        _blob("OSMData", table + _field(2, part)) for part in (_field(2, dense), drawn)
    )


def _varint(n: int) -> bytes:
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes([*out, n])


def _field(number: int, data: int | bytes) -> bytes:
    if isinstance(data, int):
        return _varint(number << 3) + _varint(data)
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _packed(values: Iterable[int]) -> bytes:
    return b"".join(_varint(value) for value in values)


def _steps(values: Iterable[int]) -> list[int]:
    """Differences, zigzag: 0, -1, 1, -2 as 0, 1, 2, 3."""
    whole = list(values)
    steps = [b - a for a, b in zip([0, *whole], whole, strict=False)]
    return [2 * step if step >= 0 else -2 * step - 1 for step in steps]


def _blob(kind: str, content: bytes) -> bytes:
    body = _field(2, len(content)) + _field(3, zlib.compress(content))
    head = _field(1, kind.encode()) + _field(3, len(body))
    return len(head).to_bytes(4, "big") + head + body
