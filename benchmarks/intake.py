"""How fast and in how much memory files come in: Chicago's header at 10,000 to a million rows, Toronto's eight years.

Beside ours, in the same run, a plain loop over the standard library's csv reader does the same work row by row. Each
figure is the median of five in a process of its own; memory is that process's peak above what its imports take.
"""

from __future__ import annotations

import csv
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from statistics import median

import numpy as np

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.errors import InputError
from peelian.intake.read import admitted
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Declaration
from peelian.measure.projection import Projection
from peelian.operations.office import new_office
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.formats.codes import CHICAGO

HEADER = (
    "ID,Case Number,Date,Block,IUCR,Primary Type,Description,Location Description,Arrest,Domestic,Beat,District,Ward,"
    "Community Area,FBI Code,X Coordinate,Y Coordinate,Year,Updated On,Latitude,Longitude,Location"
)
DECLARATION = Declaration(
    title="Benchmark",
    purposes=("proof",),
    legal_basis="none",
    minimisation="declared columns only",
    retention_days=30,
    source="made up",
)
TYPES = [t.upper() for t in CHICAGO]
TORONTO = "toronto_mci_2014_2021.parquet"


def chicago_rows(n: int, part: int = 0) -> Iterator[str]:
    """`n` rows like the portal's, 240 bytes each; seeded. Each part has rows of its own."""
    rng = np.random.default_rng(7 + part)
    minutes = rng.integers(0, 2 * 365 * 1440, n)
    lat, lon = rng.uniform(41.65, 42.02, n), rng.uniform(-87.9, -87.53, n)
    kinds, areas = rng.integers(0, len(TYPES), n), rng.integers(1, 78, n)
    days = (np.datetime64("2016-01-01T00:00") + minutes).astype(object)
    for i in range(n):
        y, x = f"{lat[i]:.9f}", f"{lon[i]:.9f}"
        yield (
            f"{9_000_000 + part * n + i},HY{i:06d},{days[i]:%m/%d/%Y %I:%M:%S %p},081XX S COLES AVE,1811,"
            f"{TYPES[kinds[i]]},POSS: CANNABIS 30GMS OR LESS,STREET,true,false,0422,004,7,{areas[i]},18,1198273,"
            "1851626,2016,"
            f'02/15/2018 12:43:39 PM,{y},{x},"({y}, {x})"\n'
        )


def textbook(path: Path) -> int:
    """The same work a row at a time: csv, strptime, a dictionary of codes, one projection at the end."""
    hours, places, words = [], [], []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            when = datetime.strptime(row["Date"], "%m/%d/%Y %I:%M:%S %p")  # noqa: DTZ007 - civil time, as in the file
            hours.append(when.replace(minute=0, second=0))
            places.append((float(row["Longitude"]), float(row["Latitude"])))
            words.append(CHICAGO[row["Primary Type"].casefold()])
    lon, lat = np.array(places).T
    Projection(centre_lon=-87.7, centre_lat=41.8).to_metres(lon, lat)
    return len(words)


def one(how: str, path: Path) -> dict[str, float]:
    """Seconds (median of five) and peak MiB above the imports, for this process alone."""
    files("peelian")  # imports are done; a first small projection warms its library up
    Projection(centre_lon=0, centre_lat=0).to_metres([0.0], [0.0])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, cpu = [], []
    for _ in range(5):
        started, used = time.perf_counter(), time.process_time()
        if how == "textbook":
            textbook(path)
        else:
            try:
                admitted(path, "auto", FORMATS, {})
            except InputError as error:
                assert error.row and how == "bad"
        seconds.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"seconds": median(seconds), "cpu": median(cpu), "mib": peak}


def apart(how: str, path: Path) -> dict[str, float]:
    """`one` in a process of its own."""
    run = subprocess.run([sys.executable, __file__, "--one", how, str(path)], check=True, capture_output=True)
    found: dict[str, float] = json.loads(run.stdout)
    return found


def main() -> None:
    parser = flags(__doc__ or "")
    parser.add_argument("--one", nargs=2, metavar=("HOW", "FILE"), help="measure one file in this process")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(asked.one[0], Path(asked.one[1]))))
        return
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for n in (10_000, 100_000) if asked.quick else (10_000, 100_000, 1_000_000):
            figures += sizes(n, Path(folder))
        toronto = apart("ours", Path(str(files("peelian.technologies.mapping") / "examples" / "toronto" / TORONTO)))
        figures.append(show(at_most("Toronto, 239,935 rows of Parquet", toronto["seconds"], "s", 5.0)))
        for n, bar in ((100_000, None),) if asked.quick else ((1_000_000, 1.5), (8_000_000, 12.0)):
            figures += admission(n, bar, Path(folder))
        if not asked.quick:
            figures += bad_row(10_000_000, Path(folder))
    finish(figures, asked.json)


def sizes(n: int, folder: Path) -> list[Figure]:
    """Ours and the textbook's figures for `n` rows."""
    path = folder / f"chicago_{n}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        file.writelines(chicago_rows(n))
    ours = apart("ours", path)
    name = f"Chicago CSV, {n:,} rows"
    made = [show(plain(f"{name}: rows a second", n / ours["seconds"], "rows/s"))]
    whole = at_most(name, ours["seconds"], "s", 1.0) if n == 1_000_000 else plain(name, ours["seconds"], "s")
    made += [show(whole), show(plain(f"{name}: processor time", ours["cpu"], "s"))]
    made.append(show(plain(f"{name}: memory", ours["mib"], "MiB")))
    if n <= 100_000:
        other = apart("textbook", path)
        made.append(show(at_least(f"{name}: times the row-by-row loop", other["seconds"] / ours["seconds"], "x", 3.0)))
    path.unlink()
    return made


def admission(n: int, bar: float | None, folder: Path) -> list[Figure]:
    """Processor time of `Office.admit` of `n` rows on a disk, the child's included: read, checked, sealed, logged."""
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER.replace("Community Area", "Other") + "\n")  # areas would have to be adopted first
        for part in range(n // 1_000_000 or 1):
            file.writelines(chicago_rows(min(n, 1_000_000), part))
    with new_office(folder / f"office-{n}", name="Town").asking(ThrownAway()) as office:
        one, used = office.enrol("one", name="One", unit="a", roles=set(Role)), []
        for _ in range(3):
            began = cpu_seconds()
            office.admit(one, path, DECLARATION, format="chicago")
            used.append(cpu_seconds() - began)
    path.unlink()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    name = f"admission of {n:,} rows: processor time with the child's"
    made = plain(name, median(used), "s") if bar is None else at_most(name, median(used), "s", bar)
    return [show(made), show(plain(f"admission of {n:,} rows: largest child", peak, "MiB"))]


def cpu_seconds() -> float:
    """Of this process and its ended children."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def bad_row(n: int, folder: Path) -> list[Figure]:
    """Time and memory until the one bad row in the middle of `n` is named."""
    path = folder / "bad.csv.gz"
    good = "1,HY1,02/08/2015 11:43:40 PM,0810,THEFT,a narrative of some length about nothing,41.74,-87.55\n" * 1000
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.write("ID,Case Number,Date,IUCR,Primary Type,Description,Latitude,Longitude\n")
        for block in range(n // 1000):
            file.write(good)
            if block == n // 2000:
                file.write(good[:95].replace("02/08", "02/30").splitlines()[0] + "\n")
    found = apart("bad", path)
    return [
        show(plain(f"One bad row in the middle of {n:,}: until it is named", found["seconds"], "s")),
        show(at_most(f"One bad row in the middle of {n:,}: memory", found["mib"], "MiB", 1024)),
    ]


if __name__ == "__main__":
    main()
