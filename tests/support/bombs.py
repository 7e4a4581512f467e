"""Files that promise more than they hold, and what a child with little memory and time makes of them at the door in."""

from __future__ import annotations

import contextlib
import gzip
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
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


def same_rows(path: Path, rows: int = 60_000_000) -> None:
    """Parquet: one value in each column, so many times."""
    schema = pa.schema({"date": pa.string(), "longitude": pa.float64(), "latitude": pa.float64()})
    part = 10_000_000
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for _ in range(rows // part):
            codes = pa.nulls(part, pa.int32()).fill_null(0)
            date = pa.DictionaryArray.from_arrays(codes, pa.array(["2024-01-01 00:00"])).cast(pa.string())
            degrees = pa.nulls(part, pa.float64()).fill_null(0.5)
            file.write_table(pa.table([date, degrees, degrees], schema=schema))


def packed(path: Path, begins: bytes, block: bytes, n: int) -> None:
    """Gzip: the same block, so many times."""
    with gzip.open(path, "wb", 9) as file:
        file.write(begins)
        for _ in range(n):
            file.write(block)


def zipped(path: Path) -> None:
    """Zip: a gigabyte of rows."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("a.csv", "w", force_zip64=True) as member:
        member.write(HEADER)
        for _ in range(1_000):
            member.write(ROW * (1_000_000 // len(ROW)))


def _plain(content: bytes) -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(content)


BOMBS: dict[str, Callable[[Path], Any]] = {
    "rows.parquet": same_rows,
    "zeros.csv.gz": lambda path: packed(path, b"", b"0" * 1_000_000, 1_000),
    "nul.csv.gz": lambda path: packed(path, HEADER, b"\0" * 1_000_000, 1_000),
    "rows.csv.gz": lambda path: packed(path, HEADER, ROW * 30_000, 1_000),
    "line.csv.gz": lambda path: packed(path, HEADER, b"0" * 1_000_000, 1_000),
    "rows.zip": zipped,
    "deep.json": _plain(b"[" * 5_000_000),
    "deep_objects.json": _plain(b'{"a":' * 1_000_000),
    "deep.geojson": _plain(b'{"type":"FeatureCollection","features":[{"geometry":' + b"[" * 1_000_000),
    "digits.json": _plain(f'[{{"date": {DIGITS}}}]'.encode()),
    "digits_lines.json": _plain(f'{{"date": 1}}\n{{"date": {DIGITS}}}\n'.encode()),
    "keys.json": _plain(json.dumps([{f"k{n}": 1 for n in range(1_000_000)}]).encode()),
    "cell.csv": _plain(HEADER + b'"' + b"x" * 50_000_000 + b'",1,2,3\n'),
    "open_cell.csv": _plain(HEADER + ROW + b'"' + ROW * 1_000_000),
    "header.csv": _plain(b'"' + b"x" * 200_000 + b'",b,c\n1,2,3\n'),
    "long_header.csv": _plain(b"x" * 50_000_000 + b",b,c\n1,2,3\n"),
    "columns.csv": _plain(b",".join(b"c%d" % n for n in range(40_000)) + b"\n" + b"1," * 39_999 + b"1\n"),
    "digits.csv": _plain(HEADER + DIGITS[:500_000].encode() + b",1,2,3\n"),
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
    asked = json.dumps([str(path), options, memory, seconds])
    child = subprocess.run([sys.executable, __file__], input=asked, capture_output=True, text=True)
    assert child.returncode == 0, f"the child ended with {child.returncode}: {child.stderr[-3000:]}"
    found: dict[str, Any] = json.loads(child.stdout)
    return found


def _main() -> None:
    path, options, memory, seconds = json.load(sys.stdin)
    formats = tuple(format for technology in technologies() for format in technology.formats())
    within = Allowance(memory_mib=memory, cpu_seconds=seconds)
    began, said = time.process_time(), {}
    with contextlib.suppress(InputError):
        try:
            admitted(Path(path), "auto", formats, options, allowance=within)
        except InputError as error:
            said = {"file": error.file, "wrong": error.wrong, "accepted": error.accepted}
            raise
    most = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    json.dump({**said, "seconds": time.process_time() - began, "mib": int(most.split()[1]) >> 10}, sys.stdout)


if __name__ == "__main__":
    _main()
