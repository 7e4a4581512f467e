"""Files that promise more than they hold, and what a child with little memory and time makes of them at the door in."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from peelian.errors import InputError
from peelian.intake.allowance import Allowance
from peelian.intake.read import admitted
from peelian.operations.office import technologies

HEADER = b"date,longitude,latitude,category\n"
ROW = b"2024-01-01 00:00,-79.4,43.7,theft\n"
DIGITS = "9" * 1_000_000


def same_rows(path: Path) -> None:
    """Parquet: one value in each column, sixty million times."""
    path.write_bytes(_same_rows())


@cache
def _same_rows(rows: int = 60_000_000, part: int = 10_000_000) -> bytes:
    codes, degrees = pa.nulls(part, pa.int32()).fill_null(0), pa.nulls(part, pa.float64()).fill_null(0.5)
    date = pa.DictionaryArray.from_arrays(codes, pa.array(["2024-01-01 00:00"]))
    made = pa.table({"date": date, "longitude": degrees, "latitude": degrees})
    with pq.ParquetWriter(file := io.BytesIO(), made.schema, compression="zstd", store_schema=False) as writer:
        for _ in range(rows // part):
            writer.write_table(made)
    return file.getvalue()


def packed(path: Path, begins: bytes, block: bytes, n: int) -> None:
    """Gzip, one member: the same block, so many times."""
    path.write_bytes(packed_bytes(begins, block, n))


def packed_bytes(begins: bytes, block: bytes, n: int) -> bytes:
    """The same: the block is compressed once, and each copy stands for itself."""
    by, crc = zlib.compressobj(9, wbits=-zlib.MAX_WBITS), zlib.crc32(begins)
    first = by.compress(begins) + by.flush(zlib.Z_FULL_FLUSH)
    again = by.compress(block) + by.flush(zlib.Z_FULL_FLUSH)
    for _ in range(n):
        crc = zlib.crc32(block, crc)
    size = (len(begins) + n * len(block)) & 0xFFFFFFFF
    return b"\x1f\x8b\x08" + bytes(7) + first + again * n + by.flush() + struct.pack("<II", crc, size)


def zipped(path: Path) -> None:
    """Zip: a gigabyte of rows."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("a.csv", "w", force_zip64=True) as member:
        member.write(HEADER)
        for _ in range(1_000):
            member.write(ROW * (1_000_000 // len(ROW)))


def _plain(content: Callable[[], bytes]) -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(content())


BOMBS: dict[str, Callable[[Path], Any]] = {
    "rows.parquet": same_rows,
    "zeros.csv.gz": lambda path: packed(path, b"", b"0" * 1_000_000, 1_000),
    "nul.csv.gz": lambda path: packed(path, HEADER, b"\0" * 1_000_000, 1_000),
    "rows.csv.gz": lambda path: packed(path, HEADER, ROW * 30_000, 1_000),
    "line.csv.gz": lambda path: packed(path, HEADER, b"0" * 1_000_000, 1_000),
    "rows.zip": zipped,
    "deep.json": _plain(lambda: b"[" * 5_000_000),
    "deep_objects.json": _plain(lambda: b'{"a":' * 1_000_000),
    "deep.geojson": _plain(lambda: b'{"type":"FeatureCollection","features":[{"geometry":' + b"[" * 1_000_000),
    "digits.json": _plain(lambda: f'[{{"date": {DIGITS}}}]'.encode()),
    "digits_lines.json": _plain(lambda: f'{{"date": 1}}\n{{"date": {DIGITS}}}\n'.encode()),
    "keys.json": _plain(lambda: json.dumps([{f"k{n}": 1 for n in range(1_000_000)}]).encode()),
    "cell.csv": _plain(lambda: HEADER + b'"' + b"x" * 50_000_000 + b'",1,2,3\n'),
    "open_cell.csv": _plain(lambda: HEADER + ROW + b'"' + ROW * 1_000_000),
    "header.csv": _plain(lambda: b'"' + b"x" * 200_000 + b'",b,c\n1,2,3\n'),
    "long_header.csv": _plain(lambda: b"x" * 50_000_000 + b",b,c\n1,2,3\n"),
    "columns.csv": _plain(lambda: b",".join(b"c%d" % n for n in range(40_000)) + b"\n" + b"1," * 39_999 + b"1\n"),
    "digits.csv": _plain(lambda: HEADER + DIGITS[:500_000].encode() + b",1,2,3\n"),
}
DESCRIPTIONS = {
    "digits.toml": f"zone = {DIGITS}",
    "digits_hex.toml": f"zone = 0x{'f' * 900_000}",
    "dotted.toml": "a." * 400_000 + "a = 1",
    "deep.toml": "a = " + "[" * 900_000,
    "inline.toml": "a = " + "{a=" * 300_000,
}
MEMORY, CPU = 1_500, 30  # MiB, seconds: of each child


def kept_of(path: Path, options: dict[str, str], memory: int = MEMORY, seconds: int = CPU) -> dict[str, Any]:
    """What the door in says of a file, in a child with an allowance: its error, CPU seconds and largest memory."""
    door = _door()
    assert door.stdin and door.stdout
    door.stdin.write(json.dumps([str(path), options, memory, seconds]) + "\n")
    door.stdin.flush()
    found: dict[str, Any] = json.loads(door.stdout.readline())
    assert "ended" not in found, f"the child ended with {found['ended']}"
    return found


@cache
def _door() -> subprocess.Popen[str]:
    """A process that has read the program once, and has a child for each file. It ends with ours."""
    return subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _main() -> None:
    formats = tuple(format for technology in technologies() for format in technology.formats())
    for line in sys.stdin:
        if not os.fork():
            path, options, memory, seconds = json.loads(line)
            _answer(_said(Path(path), formats, options, memory, seconds))
            os._exit(0)
        if ended := os.wait()[1]:
            _answer({"ended": ended})


def _answer(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _said(path: Path, formats: Any, options: dict[str, str], memory: int, seconds: int) -> dict[str, Any]:
    within = Allowance(memory_mib=memory, cpu_seconds=seconds)
    began, said = time.process_time(), {}
    try:
        admitted(path, "auto", formats, options, allowance=within)
    except InputError as error:
        said = {"file": error.file, "wrong": error.wrong, "accepted": error.accepted}
    most = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return {**said, "seconds": time.process_time() - began, "mib": int(most.split()[1]) >> 10}


if __name__ == "__main__":
    _main()
