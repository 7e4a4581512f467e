"""Does admission in partitions keep its memory flat? Files of 8, 20 and 50 (not with --quick) million rows, each in a
process of its own.

The rows are made: streets' points and times of Toronto's own file, drawn again with jitter, so that they are as many,
as unevenly spread and as wide as real ones. They are no data. Bars: the same peak at every size within 10 %, and at
most 1.5 GB in the office's process and in its child.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from figures import at_most, finish, flags, plain, show
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Declaration
from peelian.kernel.state.object_state import objects_of
from peelian.operations.office import new_office

REAL = files("peelian.technologies.mapping") / "examples" / "toronto" / "toronto_mci_2014_2021.parquet"
ONCE = 500_000  # rows that are made together
BAR_BYTES, BAR_SPREAD = 1.5e9, 1.1
DECLARATION = Declaration(
    title="Made",
    purposes=("proof",),
    legal_basis="none",
    minimisation="declared columns only",
    retention_days=30,
    source="made up",
)


def write_rows(path: Path, n: int) -> None:
    """`n` rows in Toronto's older header, 90 bytes each, in random order of time: the hardest for partitions."""
    real, rng = pq.read_table(str(REAL)), np.random.default_rng(7)
    lat, lon = np.array(real["Lat"]), np.array(real["Long"])
    with pacsv.CSVWriter(path, _made(real, lat, lon, rng, 1).schema) as file:
        for start in range(0, n, ONCE):
            file.write_table(_made(real, lat, lon, rng, min(ONCE, n - start)))


def _made(real: pa.Table, lat: np.ndarray, lon: np.ndarray, rng: np.random.Generator, n: int) -> pa.Table:
    drawn = rng.integers(0, len(real), n)
    days = np.array(real["occurrencedate"]).astype("datetime64[D]")[rng.integers(0, len(real), n)]
    return pa.table(
        {
            "occurrencedate": pa.array(days),
            "occurrencehour": rng.integers(0, 24, n).astype(np.int8),
            "MCI": real["MCI"].take(pa.array(drawn)).cast(pa.string()),
            "Neighbourhood": pa.array([""] * n),
            "Lat": np.round(lat[drawn] + rng.normal(0, 0.002, n), 8),
            "Long": np.round(lon[drawn] + rng.normal(0, 0.002, n), 8),
        }
    )


def admit(folder: Path, path: Path) -> dict[str, float]:
    """Admit a file in this process; what it took. Made to be run once in a process of its own."""
    with new_office(folder / "office", name="Made").asking(ThrownAway()) as office:
        one = office.enrol("one", name="One", unit="u", roles={Role.ANALYST})
        began, at = _cpu(), time.monotonic()
        made = office.admit(one, path, DECLARATION, partitions=True)
        used, took = _cpu() - began, time.monotonic() - at
        return {
            "rows": made.rows,
            "partitions": len(objects_of(office.kernel, made)),
            "cpu": used,
            "seconds": took,
            "office": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
            "sealed": sum(one.stat().st_size for one in (folder / "office" / "objects").iterdir()),
        }


def _cpu() -> float:
    own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def measured(n: int) -> dict[str, float]:
    """A file of `n` rows, admitted by a new process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.csv"
        write_rows(path, n)
        told = subprocess.run(
            [sys.executable, __file__, "--admit", folder, str(path)], check=True, capture_output=True, text=True
        )
    found: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = flags(__doc__ or "")
    parser.add_argument("--admit", nargs=2, type=Path, help="for its own processes: a folder and a file")
    asked = parser.parse_args()
    if asked.admit:
        print(json.dumps(admit(*asked.admit)))
        return
    sizes = (8_000_000, 20_000_000) if asked.quick else (8_000_000, 20_000_000, 50_000_000)
    found, figures = [], []
    for n in sizes:
        one = measured(n)
        found.append(one)
        name = f"{n / 1e6:.0f}M rows in {one['partitions']:.0f} partitions"
        figures += [
            show(at_most(f"{name}: peak of the office", one["office"] / 1e6, "MB", BAR_BYTES / 1e6)),
            show(at_most(f"{name}: peak of the child", one["child"] / 1e6, "MB", BAR_BYTES / 1e6)),
            show(plain(f"{name}: processor time a million rows", one["cpu"] / n * 1e6, "s")),
            show(plain(f"{name}: sealed bytes a row", one["sealed"] / n, "B")),
        ]
    for who in ("office", "child"):
        peaks = [one[who] for one in found]
        figures.append(
            show(at_most(f"peak of the {who}, largest over smallest", max(peaks) / min(peaks), "", BAR_SPREAD))
        )
    slope = math.log(found[-1]["cpu"] / found[0]["cpu"]) / math.log(sizes[-1] / sizes[0])
    figures.append(show(at_most("growth exponent of processor time", slope, "", 1.1)))
    finish(figures, asked.json)


if __name__ == "__main__":
    main()
