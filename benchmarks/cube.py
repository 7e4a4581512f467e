"""What do counts by Ibis cost against a query written by hand, do three engines agree, and what does a back-test of
counts hold in memory? 8 and 50 (not with --quick) million rows, each measurement in a process of its own.

The rows are made: points of Toronto's own file, drawn again with jitter, at made hours. They are as many and as
unevenly spread as real ones. They are no data. With --real they are Toronto's own rows, as often as there are towns.
Bars: at most 1.3 × the query by hand and 2 GB at their peak; equal digests. --agree takes some 15 minutes on two cores
(Spark: about 5 seconds for each of 96 partitions), the rest about 10.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

from figures import Figure, at_least, at_most, finish, flags, plain, show
from mapping_backtest import toronto
from peelian.integrations.count_engines import engine_at
from peelian.integrations.incident_counts import counted, counts, lags, rows
from peelian.integrations.office_counter import AT_ONCE
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset
from peelian.kernel.model.counts import Bins
from peelian.measure.geoparquet import read_points, write_points
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, Table, table
from peelian.technologies.mapping import backtest

REAL = files("peelian.technologies.mapping") / "examples" / "toronto" / "toronto_mci_2014_2021.parquet"
CENTRE = Projection(centre_lon=-79.3832, centre_lat=43.6532)
A_MONTH = 400_000  # rows: one partition
FIRST = np.datetime64("2010-01", "M")
BINS = Bins(cell_metres=250.0)
SPARK = {"spark.sql.shuffle.partitions": "2", "spark.driver.host": "127.0.0.1", "spark.driver.memory": "3g"}
BY_HAND = """
SELECT category, CASE WHEN placed THEN (floor(n/250) + floor((n-125)/250) + 1)::INT END AS r,
    CASE WHEN placed THEN (floor(e/250) + floor((e-125)/250) + 1)::INT END AS c,
    (CASE WHEN once THEN last*24 + 12 ELSE s END)::INT AS s, (CASE WHEN once THEN last*24 + 12 ELSE u END)::INT AS u,
    (CASE WHEN k > CASE WHEN once THEN (last+1)*24 ELSE u END THEN k END)::INT AS k, count(*) AS n
FROM (SELECT *, isfinite(e) AND isfinite(n) AS placed, floor(s/24) AS last, u <= (floor(s/24)+1)*24 AS once FROM (
    SELECT category, geometry.x AS e, geometry.y AS n, epoch(start_hour)/3600 AS s, epoch(end_hour)/3600 AS u,
        ceil(epoch(known_hour)/3600/24)*24 AS k FROM read_parquet('{folder}/*.parquet')))
GROUP BY ALL
"""
LAGS = """SELECT category, (epoch(known_hour) - epoch(end_hour))::BIGINT // 3600 AS hours, count(*) AS n
FROM read_parquet('{folder}/*.parquet') GROUP BY ALL ORDER BY ALL"""


def write_months(folder: Path, n: int) -> None:
    """`n` rows in partitions of one month each: one in eight over several days, nine in ten with a report time."""
    real, rng = pq.read_table(str(REAL)), np.random.default_rng(7)
    east, north = CENTRE.to_metres(np.array(real["Long"]), np.array(real["Lat"]))
    words = np.array(real["MCI"].to_pylist(), dtype=object)
    category = np.array([str(word).lower().replace(" ", "_") for word in np.unique(words.astype(str))], dtype=object)
    number = np.unique(words.astype(str), return_inverse=True)[1]
    for month in range(n // A_MONTH):
        drawn = rng.integers(0, len(real), A_MONTH)
        begins = (FIRST + month).astype("datetime64[h]")
        hours = int(((FIRST + month + 1).astype("datetime64[h]") - begins).astype(int))
        start = begins + rng.integers(0, hours, A_MONTH).astype("timedelta64[h]")
        end = start + rng.choice([0, 0, 0, 0, 1, 3, 8, 30], A_MONTH).astype("timedelta64[h]")
        known = end + rng.geometric(1 / 40, A_MONTH).astype("timedelta64[h]")
        known[rng.random(A_MONTH) < 0.1] = np.datetime64("NaT")
        made = table(
            "incidents",
            {
                "category": (Kind.CATEGORY, category[number[drawn]]),
                "start_hour": (Kind.TIME, start),
                "end_hour": (Kind.TIME, end),
                "known_hour": (Kind.TIME, known),
                "east_metres": (Kind.PERSONAL, east[drawn] + rng.normal(0, 150, A_MONTH)),
                "north_metres": (Kind.PERSONAL, north[drawn] + rng.normal(0, 150, A_MONTH)),
            },
        )
        with (folder / f"{FIRST + month}.parquet").open("wb") as file:
            write_points(made, CENTRE, file)


def write_towns(folder: Path, n: int) -> None:
    """About `n` rows as real ones are shaped: Toronto's own rows, each as often as there are towns, 50 km apart. One
    partition a month, of all towns. Their file tells one hour and no report time."""
    real = pq.read_table(str(REAL))
    east, north = CENTRE.to_metres(np.array(real["Long"]), np.array(real["Lat"]))
    category = np.array([str(word).lower().replace(" ", "_") for word in real["MCI"].to_pylist()], dtype=object)
    start = np.array(real["occurrencedate"]).astype("datetime64[D]").astype("datetime64[h]")
    start = start + np.array(real["occurrencehour"]).astype("timedelta64[h]")
    towns = np.arange(round(n / len(real)))
    month = start.astype("datetime64[M]")
    for one in np.unique(month):
        of = np.flatnonzero(month == one)
        every, town = np.tile(of, len(towns)), np.repeat(towns, len(of))
        made = table(
            "incidents",
            {
                "category": (Kind.CATEGORY, category[every]),
                "start_hour": (Kind.TIME, start[every]),
                "end_hour": (Kind.TIME, start[every]),
                "known_hour": (Kind.TIME, np.full(len(every), np.datetime64("NaT", "h"))),
                "east_metres": (Kind.PERSONAL, east[every] + 50_000.0 * (town % 16 - 8)),
                "north_metres": (Kind.PERSONAL, north[every] + 50_000.0 * (town // 16 - 8)),
            },
        )
        with (folder / f"{one}.parquet").open("wb") as file:
            write_points(made, CENTRE, file)


def months(folder: Path) -> Iterator[Iterator[object]]:
    """The partitions of each month, read one at a time."""
    return ([read_points(path.open("rb"))] for path in sorted(folder.glob("*.parquet")))  # type: ignore[misc]


def awkward(address: str) -> dict[str, str]:
    """The digest of what an engine makes of rows on which engines might differ: borders, no numbers, far away."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
    from counting import adversarial, digest

    with engine_at(address, SPARK) as engine:
        return {"digest": digest(engine(adversarial(), (counts(rows(), BINS), lags(rows()))))}


def count(folder: Path, engine: str) -> dict[str, float | str]:
    """Count all months by an engine, or by a query written by hand; what it took."""
    if engine.startswith("hand"):
        began, cpu = time.monotonic(), _cpu()
        base = duckdb.connect(config={"temp_directory": ""})
        ordered = BY_HAND + ("ORDER BY ALL" if engine == "hand ordered" else "")
        made = len(base.sql(ordered.format(folder=folder)).to_arrow_table())
        base.sql(LAGS.format(folder=folder)).to_arrow_table()
        return {"seconds": time.monotonic() - began, "cpu": _cpu() - cpu, "counts": made} | _peak()
    with engine_at(engine, SPARK, threads=1) as at_work:  # as an office counts
        began, cpu = time.monotonic(), _cpu()
        found = counted(months(folder), BINS, at_work, at_once=1 if engine else AT_ONCE)  # type: ignore[arg-type]
        took = {"seconds": time.monotonic() - began, "cpu": _cpu() - cpu, "counts": len(found.counts)} | _peak()
    return took | {"digest": found.counts.digest() + found.lags.digest()}


def tried(folder: Path, n: int) -> dict[str, float | str]:
    """A back-test that reads counts of these months: its memory above that of counting."""
    data = toronto()
    with engine_at() as engine:
        made = counted(months(folder), BINS, engine)  # type: ignore[arg-type]
    before = _peak()["peak"]
    until = np.datetime64(FIRST + n // A_MONTH, "D") - 1
    facts = {**data["incidents"].facts, "from_day": f"{FIRST}-01", "to_day": str(until), "n": n}
    facts |= {"centre_lon": CENTRE.centre_lon, "centre_lat": CENTRE.centre_lat}
    incidents = replace(data["incidents"], table=Table(name="", columns=()), facts=facts, counts=lambda bins: made)
    example = backtest.proof_example()
    params = replace(example.params, category="assault", shifts=(), shift="all", origins=4, models=("uniform",))
    params = replace(params, model="moving")
    datasets: dict[str, Dataset] = {"incidents": incidents, "areas": data["areas"]}
    criteria = {AuthorizationKind.ACCEPTANCE_CRITERIA: {"min_origins": 4}}
    began = time.monotonic()
    backtest.run(params, datasets, Context(seed=1, progress=lambda says, share: None, authorizations=criteria))
    used = len(made.counts)
    return {"seconds": time.monotonic() - began, "counts": used, "before": before, "n": n} | _peak()


def _peak() -> dict[str, float]:
    return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def in_process(*given: str) -> dict[str, float]:
    """The same in a process of its own."""
    told = subprocess.run([sys.executable, __file__, *given], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return found


def compared(folder: str, n: int) -> tuple[list[Figure], dict[str, float]]:
    """By Ibis against by hand, one after the other, on the same files."""
    million = f"{n // 1_000_000} million rows"
    ours = in_process("--count", folder, "")
    by_hand = {name: in_process("--count", folder, name) for name in ("hand ordered", "hand")}
    ratio = {name: (ours["cpu"] / one["cpu"], ours["seconds"] / one["seconds"]) for name, one in by_hand.items()}
    return [
        show(
            at_most(f"{million}: processor seconds of counts, against by hand in no order", ratio["hand"][0], "×", 1.3)
        ),
        show(plain(f"{million}: seconds of counts, against by hand in no order", ratio["hand"][1], "×")),
        show(plain(f"{million}: processor seconds of counts, against by hand in order", ratio["hand ordered"][0], "×")),
        show(plain(f"{million}: seconds of counts, against by hand in order", ratio["hand ordered"][1], "×")),
        show(at_most(f"{million}: peak memory of counts", ours["peak"] / 1e9, "GB", 2.0)),
        show(plain(f"{million}: peak memory by hand", by_hand["hand ordered"]["peak"] / 1e9, "GB")),
        show(plain(f"{million}: seconds of counts", ours["seconds"], "s")),
        show(plain(f"{million}: processor seconds of counts", ours["cpu"], "s")),
        show(plain(f"{million}: counts", ours["counts"] / 1e6, "million")),
    ], ours


def agreed(folder: str, ours: dict[str, float]) -> list[Figure]:
    """Whether Spark gives the same digest, of these rows and of awkward ones."""
    found, (odd, here) = (
        in_process("--count", folder, "local[2]"),
        (in_process("--awkward", e) for e in ("local[2]", "")),
    )
    same, same_odd = found["digest"] == ours["digest"], odd["digest"] == here["digest"]
    return [
        show(at_least("Spark agrees with DuckDB bit by bit, on awkward rows", same_odd, "", 1)),
        show(at_least("Spark agrees with DuckDB bit by bit", same, "", 1)),
        show(plain("Spark: against DuckDB", found["seconds"] / ours["seconds"], "×")),
    ]


def main() -> None:
    parser = flags(__doc__ or "")
    parser.add_argument("--count", nargs=2, help="for its own processes: a folder and an engine")
    parser.add_argument("--try", nargs=2, dest="tried", help="for its own processes: a folder and rows")
    parser.add_argument("--awkward", help="for its own processes: an engine")
    parser.add_argument("--real", action="store_true", help="Toronto's own rows, as often as there are towns")
    parser.add_argument("--sizes", nargs="*", type=int, default=None, help="millions of rows")
    parser.add_argument("--alone", action="store_true", help="DuckDB only")
    parser.add_argument("--agree", action="store_true", help="only whether engines agree, on the first size")
    asked = parser.parse_args()
    if asked.awkward is not None:
        print(json.dumps(awkward(asked.awkward)))
        return
    if asked.count or asked.tried:
        done = (
            count(Path(asked.count[0]), asked.count[1])
            if asked.count
            else tried(Path(asked.tried[0]), int(asked.tried[1]))
        )
        print(json.dumps(done))
        return
    sizes = [n * 1_000_000 for n in asked.sizes or ((2, 8) if asked.quick else (2, 8, 50))]
    figures, took = [], []
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            (write_towns if asked.real else write_months)(Path(folder), n)
            if asked.agree:
                finish(agreed(folder, in_process("--count", folder, "")), asked.json)
            made, ours = compared(folder, n)
            figures += made + (agreed(folder, ours) if n == 8_000_000 and not asked.alone else [])
            took.append(ours)
            if n <= 8_000_000 and not asked.real:
                found = in_process("--try", folder, str(n))
                name = f"{n // 1_000_000} million rows: a back-test's peak memory above the counts', by count"
                figures.append(show(plain(name, (found["peak"] - found["before"]) / found["counts"], "B")))
                figures.append(show(plain(f"{n // 1_000_000} million rows: back-test", found["seconds"], "s")))
    for what in ("seconds", "cpu", "peak", "counts"):
        ends = took[-1][what] / took[0][what]
        exponent = math.log(ends) / math.log(sizes[-1] / sizes[0]) if len(sizes) > 1 else float("nan")
        figures.append(show(plain(f"growth exponent of {what}", exponent, "")))
    finish(figures, asked.json)


if __name__ == "__main__":
    main()
