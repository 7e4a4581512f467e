"""The library for notebooks: what its import costs, and a back-test of a frame of 50,000 incidents of Toronto.

Bars: import <= .5 CPU s; frame of 50,000 rows to a back-test <= 3 CPU s. The peer of the import is geopandas's own.
A challenge on the segments of Toronto's shipped streets is one command: five windows, two areas, all files written.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files

import geopandas as gpd
import pandas as pd

from figures import Figure, at_most, finish, flags, plain, show
from peelian.places import Grid, Incidents, Protocol, backtest


def _import_seconds(module: str, times: int) -> float:
    """The least CPU seconds of a process that imports a module, less those of one that imports nothing."""
    spent = []
    for code in (f"import {module}", "pass"):
        each = []
        for _ in range(times):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", code], check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            each.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        spent.append(min(each))
    return spent[0] - spent[1]


def _challenge(quick: bool) -> tuple[float, float]:
    """CPU seconds and peak MiB of a challenge on street segments, from the files to the files."""
    folder = files("peelian.technologies.mapping") / "examples" / "toronto"
    with tempfile.TemporaryDirectory() as out:
        words = ["challenge", str(folder / "toronto_mci_2014_2021.parquet"), "--category", "break_and_enter"]
        words += ["--streets", str(folder / "streets_osm.parquet"), "--cell", "100 m", "--train-until", "2021-09-30"]
        words += ["--window", "1WK"] if quick else []
        command = [sys.executable, "-m", "peelian", *words, "--out", out]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            _, status, spent = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("the challenge failed")
    return spent.ru_utime + spent.ru_stime, spent.ru_maxrss / 1024


def toronto(n: int) -> gpd.GeoDataFrame:
    """A sample of `n` published incidents, of all categories, as a frame of points."""
    folder = files("peelian.technologies.mapping") / "examples" / "toronto"
    rows = pd.read_parquet(str(folder / "toronto_mci_2014_2021.parquet"))
    rows = rows[rows["Lat"].ne(0)].sample(n, random_state=1)
    when = pd.to_datetime(rows["occurrencedate"]) + pd.to_timedelta(rows["occurrencehour"], unit="h")
    places = gpd.points_from_xy(rows["Long"], rows["Lat"])
    return gpd.GeoDataFrame({"when": when}, geometry=places, crs="EPSG:4326")


def records(*, quick: bool) -> Iterator[Figure]:
    """Every figure."""
    times = 2 if quick else 5
    yield at_most("import peelian.places", _import_seconds("peelian.places", times), "CPU s", 0.5)
    yield plain("import geopandas", _import_seconds("geopandas", times), "CPU s")
    for n in (12_500, 25_000, 50_000):
        frame = toronto(n)
        before = time.process_time()
        incidents = Incidents.from_frame(frame, time="when")
        grid = Grid.enclosing(incidents)
        found = backtest(["decayed"], incidents, Protocol(), grid=grid)
        name = f"frame of {n:,} rows to a back-test ({found.origins} windows, {len(grid):,} cells, default model)"
        spent = time.process_time() - before
        yield at_most(name, spent, "CPU s", 3) if n == 50_000 else plain(name, spent, "CPU s")
    spent, most = _challenge(quick)
    yield plain(
        "challenge on Toronto's street segments in one command, 1 window"
        if quick
        else "challenge on Toronto's street segments in one command, 5 windows",
        spent,
        "CPU s",
    )
    yield plain("the same, largest memory", most, "MiB")
    yield plain("largest memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MiB")


def main() -> None:
    """Print every figure."""
    given = flags(__doc__ or "").parse_args()
    finish([show(figure) for figure in records(quick=given.quick)], given.json)


if __name__ == "__main__":
    main()
