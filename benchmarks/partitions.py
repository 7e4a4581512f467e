"""Does admission in partitions keep its memory flat? Files of 8, 20 and 50 (not with --quick) million rows, each in a
process of its own. With --ten, ten files of 50 million more are admitted by one office, combined and counted.

The rows are made: streets' points and times of Toronto's own file, drawn again with jitter, so that they are as many,
as unevenly spread and as wide as real ones. They are no data. The ten files are ten towns 29 km apart. Bars: the same
peak at every size within 10 %, and at most 1.5 GB in the office's process and in its child; of the 500 million, as many
keys unwrapped as openings used.
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
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

import peelian.operations.office
from figures import Figure, at_most, finish, flags, plain, show
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel import verbs
from peelian.kernel.model.capability import Context, Dataset, Findings, Note, Read, Role
from peelian.kernel.model.counts import Bins
from peelian.kernel.model.documents import Declaration
from peelian.kernel.state.object_state import manifest_of_object, objects_of
from peelian.kernel.verbs.combination import combine
from peelian.operations.office import new_office, open_office

REAL = files("peelian.technologies.mapping") / "examples" / "toronto" / "toronto_mci_2014_2021.parquet"
ONCE = 500_000  # rows that are made together
BAR_BYTES, BAR_SPREAD = 1.5e9, 1.1
TOWNS, OF_A_TOWN = 10, 50_000_000
APART_DEGREES = 0.36  # of longitude between towns: 29 km
OPTIONS = {"centre": "-79.38,43.70", "reach_km": "400"}
WEEKLY = Bins(cell_metres=1_000.0, days=7, begins=4)
DECLARATION = Declaration(
    title="Made",
    purposes=("proof",),
    legal_basis="none",
    minimisation="declared columns only",
    retention_days=30,
    source="made up",
)


def write_rows(path: Path, n: int, town: int = 0) -> None:
    """`n` rows in Toronto's older header, 90 bytes each, in random order of time: the hardest for partitions."""
    real, rng = pq.read_table(str(REAL)), np.random.default_rng(7 + town)
    lat, lon = np.array(real["Lat"]), np.array(real["Long"]) + town * APART_DEGREES
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
        return {
            "rows": made.rows,
            "partitions": len(objects_of(office.kernel, made)),
            "sealed": sum(one.stat().st_size for one in (folder / "office" / "objects").iterdir()),
        } | _taken(began, at)


def _taken(cpu: float, at: float) -> dict[str, float]:
    """Processor and other seconds since then, and the largest memory of this process and of its child."""
    return {
        "cpu": _cpu() - cpu,
        "seconds": time.monotonic() - at,
        "office": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
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


def counting_run(params: Any, datasets: dict[str, Dataset], context: Context) -> Findings:
    """A run that counts a dataset in partitions, and says how many counts there are."""
    given = datasets["wells"]
    assert given.counts is not None
    found = given.counts(WEEKLY).counts
    notes = (Note(text="%(n)d wells were counted.", values={"n": int(np.sum(found["n"]))}),)
    return Findings(tables=(), notes=notes, facts={"criteria_met": True, "deepest": len(found)})


def in_office(folder: Path, act: str, *given: str) -> dict[str, float]:
    """One act of the office of the ten, in this process; what it took."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
    from changed import changed
    from divided import desk_of, peopled
    from own_keys import give_passphrases
    from toy import COUNT, PROVE

    from peelian.kernel.model.technology import Technology

    reads = (Read(role="wells", title="wells", shape="incidents", partitions=True),)
    capability = changed(COUNT, run=counting_run, reads=reads)
    known = peelian.operations.office.technologies
    toy = Technology(id="toy", title="Counting", capabilities=(PROVE, capability))
    peelian.operations.office.technologies = lambda: (*known(), toy)
    give_passphrases()
    if act == "found":
        peopled(folder / "office")
        return {}
    with open_office(folder / "office") as office:
        town = desk_of(office)
        by, began, at = town.people["custodian"], _cpu(), time.monotonic()
        if act == "admit":
            stated = replace(DECLARATION, purposes=("proof", "advice"))
            made = office.admit(by, Path(given[0]), stated, options=OPTIONS, partitions=True)
        elif act == "combine":
            made = combine(office.kernel, by, given, title="Ten towns")
        else:
            town.authorizations(capability)
            asked = {
                "purpose": "advice",
                "datasets": {"wells": given[0]},
                "params": COUNT.arithmetic().example().params,
            }
            permit = verbs.ask(office.kernel, town.people["analyst"], capability.id, **asked)
            vault: Any = office.kernel.stores.vault
            unwrapped, used, began, at = vault.unwraps, used_openings(vault.keys), _cpu(), time.monotonic()
            _, found = verbs.run(office.kernel, town.people["analyst"], permit)
            opened = {"unwraps": vault.unwraps - unwrapped, "used": used_openings(vault.keys) - used}
            return {"counts": found.facts["deepest"], **opened} | _taken(began, at)  # type: ignore[dict-item]
        told = _taken(began, at)
        listed = manifest_of_object(office.kernel, made.object).partitions
        return {"rows": made.rows, "partitions": len(listed), "dataset": made.dataset} | told  # type: ignore[dict-item]


def used_openings(keys: Any) -> int:
    """How many openings were ever used: one by one, and of sets for workers."""
    return len(keys.openings())


def process(*given: str) -> dict[str, Any]:
    """The same in a process of its own."""
    told = subprocess.run([sys.executable, __file__, *given], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


def ten(folder: str, rows: int) -> Iterator[Figure]:
    """Ten towns of `rows` each: admitted one after the other, each file written while the one before is admitted; then
    combined, and the first of them and all ten counted by week in cells of 1 km."""
    process("--in-office", folder, "found")
    paths = [f"{folder}/{town}.csv" for town in range(TOWNS)]

    def writing(town: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, __file__, "--write", paths[town], str(rows), str(town)])

    found, writer = [], writing(0)
    for town, path in enumerate(paths):
        assert writer.wait() == 0
        if town + 1 < TOWNS:
            writer = writing(town + 1)
        found.append(process("--in-office", folder, "admit", path))
        Path(path).unlink()
        print(json.dumps(found[-1]), file=sys.stderr, flush=True)
    for who in ("office", "child"):
        peaks = [one[who] for one in found]
        yield at_most(f"ten admissions: largest peak of the {who}", max(peaks) / 1e6, "MB", BAR_BYTES / 1e6)
        yield at_most(f"ten admissions: largest over smallest peak of the {who}", max(peaks) / min(peaks), "", 1.1)
    cpu = sum(one["cpu"] for one in found)
    yield plain("ten admissions: processor time a million rows", cpu / (TOWNS * rows) * 1e6, "s")
    slope = math.log(cpu / found[0]["cpu"]) / math.log(TOWNS)
    yield at_most("growth exponent of processor time, first to all ten", slope, "", 1.1)
    whole = process("--in-office", folder, "combine", *(str(one["dataset"]) for one in found))
    yield plain("combined: rows", whole["rows"] / 1e6, "million")
    yield plain("combined: partitions", whole["partitions"], "")
    yield plain("combine: seconds", whole["seconds"], "s")
    yield plain("combine: peak", whole["office"] / 1e6, "MB")
    counts = [process("--in-office", folder, "count", str(one["dataset"])) for one in (found[0], whole)]
    for name, one in zip(("one town", "ten towns"), counts, strict=True):
        yield plain(f"{name}, by week in cells of 1 km: counts", one["counts"] / 1e6, "million")
        yield plain(f"{name}: processor time of counting", one["cpu"], "s")
        yield plain(f"{name}: peak of counting", one["office"] / 1e9, "GB")
        yield at_most(f"{name}: keys unwrapped beside used openings", abs(one["unwraps"] - one["used"]), "", 0)
    yield plain("ten towns: openings used", counts[1]["used"], "")
    for what in ("cpu", "office", "counts"):
        slope = math.log(counts[1][what] / counts[0][what]) / math.log(TOWNS)
        yield plain(f"growth exponent of counting, one to ten towns: {what}", slope, "")


def main() -> None:
    parser = flags(__doc__ or "")
    parser.add_argument("--admit", nargs=2, type=Path, help="for its own processes: a folder and a file")
    parser.add_argument("--write", nargs=3, help="for its own processes: a file, rows and a town's number")
    parser.add_argument("--in-office", nargs="+", help="for its own processes: a folder and an act")
    parser.add_argument("--ten", type=Path, help="only ten towns, in this folder of 20 GB")
    asked = parser.parse_args()
    if asked.write:
        write_rows(Path(asked.write[0]), int(asked.write[1]), int(asked.write[2]))
        return
    if asked.admit or asked.in_office:
        done = admit(*asked.admit) if asked.admit else in_office(Path(asked.in_office[0]), *asked.in_office[1:])
        print(json.dumps(done))
        return
    if asked.ten:
        rows = OF_A_TOWN // 250 if asked.quick else OF_A_TOWN
        finish([show(one) for one in ten(str(asked.ten), rows)], asked.json)
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
