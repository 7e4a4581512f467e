"""Small text tables as the door in hands them to formats, and files of hostile bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from peelian.measure.table import Column, Kind, Table


def text_rows(**columns: list[str]) -> Table:
    """A text table whose rows start below the header; underscores in names stand for blanks where doubled."""
    n = len(next(iter(columns.values())))
    made = [Column(name="row", kind=Kind.COUNT, values=np.arange(2, n + 2, dtype=np.int64))]
    for name, values in columns.items():
        array = np.empty(n, dtype=object)
        array[:] = values
        made.append(Column(name=name.replace("__", " "), kind=Kind.PERSONAL, values=array))
    return Table(name="text", columns=tuple(made))


def csv_file(folder: Path, *lines: str, name: str = "town.csv", encoding: str = "utf-8") -> Path:
    """A CSV file with these lines."""
    path = folder / name
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path
