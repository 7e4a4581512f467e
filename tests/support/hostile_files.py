"""A small set of files that no door may take: each ends in words, whichever door it is brought to."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Mapping
from functools import cache

from bombs import HEADER, ROW, packed_bytes
from linked_maps import geojson, link

FORMULAS = b"=cmd|' /C calc'!A0,@SUM(1+1),+1+1\n" * 30
SLIP = "../../../../slip.csv"


@cache
def hostile() -> Mapping[str, bytes]:
    """Each by the name that it comes under."""
    return {
        "empty.csv": b"",
        "nul.csv": HEADER + b"\0" * 2_000 + b"\n",
        "formulas.csv": FORMULAS,
        "utf16.csv": (HEADER + ROW).decode().encode("utf-16-be"),  # and nothing says so
        "bytes.csv": bytes(range(256)) * 8,
        "cell.csv": HEADER + b'"' + b"x" * 300_000 + b'",1,2,3\n',
        "bomb.csv.gz": packed_bytes(HEADER, b"\0" * 1_000_000, 1_000),
        "cut.csv.gz": gzip.compress(HEADER + ROW * 1_000, mtime=0)[:60],
        "slip.zip": zipped(SLIP, b"a,b\n1,2\n"),
        "deep.json": b"[" * 60_000,
        "deep.geojson": b'{"type":"FeatureCollection","features":[{"geometry":' + b"[" * 60_000,
        "link.geojson": geojson(link("http://127.0.0.1:9/crs.txt")).encode(),
        "lies.parquet": b"PAR1" + bytes(40) + b"\xff\xff\xff\x7fPAR1",
        SLIP: b"a,b\n1,2\n",
        "nested.json": json.dumps({"a": [{"$ref": "file:///etc/passwd"}]}).encode(),
    }


def zipped(name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(made := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return made.getvalue()
