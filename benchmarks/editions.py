"""Releases as editions: a year of weekly year-to-date tables with late corrections, and one release against 10,000.

uv run python benchmarks/editions.py [--quick] [--json FILE]. The year is Toronto's 2019 of ../shared/data; without them
an invented year of the same size is taken, and the figures say so.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from figures import Figure, at_most, finish, flags, plain, show

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from differencing import differenced
from released import edition, emit_of

from peelian.kernel.disclosure import edition_piles as kept
from peelian.kernel.disclosure.editions import beside_earlier, earlier_editions
from peelian.kernel.disclosure.published_counts import Edition, laid_out, told_of
from peelian.kernel.disclosure.repeated_rows import FIGURES_FROM
from peelian.kernel.model.capability import Findings, Note
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, Table, table
from peelian.storage.database import memory_database
from peelian.storage.document_rows import DocumentRows
from peelian.storage.key_store import memory_key_store
from peelian.storage.schema import METADATA

INCIDENTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "toronto" / "toronto_mci_2014_2021.parquet"
YEAR, WEEKS = 2019, 52
TOLD = "%(n)d in all."
Ints = NDArray[np.int64]


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    weeks = 12 if asked.quick else WEEKS
    areas, categories, day, source = a_year()
    figures = [show(plain(f"weekly releases are of {source}", len(day), "incidents"))]
    figures += year(areas, np.zeros_like(areas), day, weeks, "by neighbourhood")
    figures += year(areas, categories, day, weeks, "by neighbourhood and category")
    figures += many(992 if asked.quick else 9_984)
    finish(figures, asked.json)


def a_year() -> tuple[Ints, Ints, Ints, str]:
    """The area, category and day of the year of each incident."""
    if not INCIDENTS.exists():
        rng = np.random.default_rng(YEAR)
        n = 38_000
        return (
            rng.zipf(1.3, n) % 140,
            rng.choice(5, n, p=[0.55, 0.2, 0.13, 0.09, 0.03]),
            rng.integers(0, 365, n),
            "made",
        )
    import pyarrow.parquet as pq

    rows = pq.read_table(INCIDENTS, columns=["occurrencedate", "MCI", "Neighbourhood"])
    at = np.asarray(rows["occurrencedate"]).astype("datetime64[D]")
    of = at.astype("datetime64[Y]") == np.datetime64(f"{YEAR}", "Y")
    names = [
        np.unique(np.asarray(rows[c].to_pylist(), dtype=str), return_inverse=True)[1] for c in ("Neighbourhood", "MCI")
    ]
    day = (at - np.datetime64(f"{YEAR}-01-01")).astype(np.int64)
    return names[0][of], names[1][of], day[of], f"Toronto, {YEAR}"


def to_date(areas: Ints, categories: Ints, day: Ints, weeks: int) -> Iterator[Ints]:
    """Counts [areas, categories] as they are known at the end of each week: a third of the reports come days or weeks
    late, 1 in 100 turns out to be none, and 1 in 100 is coded anew, weeks later."""
    rng = np.random.default_rng(7)
    n = len(day)
    late = np.where(rng.random(n) < 2 / 3, 0, rng.geometric(0.08, n))
    known, gone = day + late, np.where(rng.random(n) < 0.01, day + rng.integers(7, 90, n), 10_000)
    moved, other = np.where(rng.random(n) < 0.01, day + rng.integers(7, 90, n), 10_000), rng.permutation(categories)
    shape = (int(areas.max()) + 1, int(categories.max()) + 1)
    for week in range(1, weeks + 1):
        end = 7 * week
        there = (known < end) & (gone >= end)
        coded = np.where(moved < end, other, categories)
        counts = np.zeros(shape, np.int64)
        np.add.at(counts, (areas[there], coded[there]), 1)
        yield counts


def counted(counts: Ints) -> Table:
    area, category = np.divmod(np.arange(counts.size), counts.shape[1])
    columns = {
        "area": (Kind.PLACE, np.array([f"area {n}" for n in area], dtype=object)),
        "category": (Kind.CATEGORY, np.array([f"category {n}" for n in category], dtype=object)),
        "n": (Kind.COUNT, counts.ravel()),
    }
    return table("counts", columns)


EMITS = {"counts": emit_of(counted(np.zeros((1, 1), np.int64)))}


def release(counts: Ints, earlier: Sequence[Edition], before: Sequence[Findings]) -> Findings | None:
    """What is published of these counts after these releases; None where nothing may be."""
    full = counted(counts)
    found = Findings(tables=(full,), notes=(Note(text=TOLD, values={"n": int(counts.sum())}),))
    public = Findings(tables=(full.take(full["n"] >= LOW),), notes=found.notes)
    made, faults = beside_earlier(
        found, public, earlier, EMITS, unpacked=lambda one: before[one.index], told=told_of(public)
    )
    return None if faults else made.findings


def told_in(published: Findings) -> int | None:
    return next((int(note.values["n"]) for note in published.notes if note.text == TOLD), None)


def year(areas: Ints, categories: Ints, day: Ints, weeks: int, what: str) -> list[Figure]:
    """A year of weekly releases: how many are refused, which cells are repeated, how wrong these are, and what the
    attacker finds who kept all of them."""
    before: list[Findings] = []
    earlier: list[Edition] = []
    rows: list[tuple[int, int]] = []  # what is shown, and what is true
    refused = 0
    start = time.process_time()
    for counts in to_date(areas, categories, day, weeks):
        made = release(counts, earlier, before)
        if made is None:
            refused += 1
            continue
        true = dict(zip(((a, c) for a, c, _ in counted(counts).rows()), counts.ravel().tolist(), strict=True))
        rows += [(n, true[a, c]) for a, c, n in made.table("counts").rows()]
        earlier.append(edition(made, EMITS, len(before)))
        before.append(made)
    took = (time.process_time() - start) / weeks
    kept = [({f"{a} {c}": n for a, c, n in one.table("counts").rows()}, told_in(one)) for one in before]
    return [
        show(at_most(f"{what}: weekly releases refused, of {weeks}", refused, "releases", 0)),
        *errors(np.array(rows), what),
        show(at_most(f"{what}: differences of 1 to 10 among all pairs", len(differenced(kept, LOW)), "differences", 0)),
        show(plain(f"{what}: one release, beside those before", took, "s CPU")),
    ]


def errors(rows: Ints, what: str) -> list[Figure]:
    """How wrong the cells [cells, shown and true] are that are repeated: those told as figures, and those told as
    ranges of k - 1 to either side."""
    shown, off = rows[:, 0], np.abs(rows[:, 0] - rows[:, 1])
    share, figure, again = 100 * off / np.maximum(rows[:, 1], 1), shown >= FIGURES_FROM, off > 0
    large = quantile(share[again & figure])
    return [
        show(plain(f"{what}: cells repeated, of {len(rows):,} shown", 100 * float(again.mean()), "%")),
        show(plain(f"{what}: error of a repeated cell, median", float(np.median(share[again])), "%")),
        show(plain(f"{what}: error of a repeated cell, 95th percentile", quantile(share[again]), "%")),
        show(at_most(f"{what}: the same, of cells of {FIGURES_FROM} and more", large, "%", 12)),
        show(plain(f"{what}: cells under {FIGURES_FROM}, told as ranges", 100 * float((~figure).mean()), "%")),
        show(at_most(f"{what}: ranges without the true count", int((off[~figure] >= LOW).sum()), "cells", 0)),
        show(plain(f"{what}: error of all cells, 95th percentile", quantile(share), "%")),
    ]


def quantile(share: NDArray[Any]) -> float:
    return float(np.quantile(share, 0.95)) if len(share) else 0.0


def many(n: int) -> list[Figure]:
    """One release of 700 cells against `n` earlier ones of its subject, read from what the office keeps of them."""
    rng = np.random.default_rng(5)
    first = rng.integers(20, 2_000, 700)
    every = [first + 12 * i + rng.integers(0, 3, 700) for i in range(n)]
    kernel, size = an_office_with(every)
    now = counted((every[-1] + 5).reshape(140, 5))
    found = Findings(tables=(now,), notes=(Note(text=TOLD, values={"n": int(now["n"].sum())}),))
    mine = kept.Question(subject="a.b", of={}, asked="same", first="", last="")
    last = Findings(tables=(counted(every[-1].reshape(140, 5)),))
    took, made = [], None
    for _ in range(3):
        start = time.process_time()
        earlier = earlier_editions(kernel, mine, "c-now")
        made, _ = beside_earlier(found, found, earlier, EMITS, unpacked=lambda one: last, told=told_of(found))
        took.append(time.process_time() - start)
    assert made is not None and len(earlier) == n
    return [
        show(at_most(f"one release of 700 cells against {n:,} earlier ones", min(took), "s CPU", 0.5)),
        show(plain(f"kept of {n:,} releases of 700 cells, so that none is unpacked", size / 1e6, "MB")),
        show(plain("rows of it that wait, of 700", made.waiting, "rows")),
    ]


def an_office_with(every: Sequence[Ints]) -> tuple[Any, int]:
    """As much of an office as comparing takes, with what it keeps of these releases, and how many bytes that is."""
    archive, size = DocumentRows(memory_database(METADATA), memory_key_store()), 0
    layout, _ = laid_out(counted(every[0].reshape(140, 5)), EMITS["counts"]) or (None, None)
    assert layout is not None
    for n, start in enumerate(range(0, len(every) - len(every) % kept.PILE, kept.PILE)):
        some = list(enumerate(every[start : start + kept.PILE], start))
        pile = kept._Pile(
            layouts=[msgspec.msgpack.encode(layout)],
            releases=[released_as(index, counts) for index, counts in some],
            entries=len(some),
            last=some[-1][0],
        )
        packed = msgspec.msgpack.encode(pile)
        archive.put(kept._name(n), packed, partition="register.2026q4")
        size += len(packed)
    entry = {"document": "d" * 64}
    log = SimpleNamespace(size=lambda: len(every), entry=lambda index: entry, read=lambda *a, **how: iter(()))
    return SimpleNamespace(stores=SimpleNamespace(archive=archive, log=log)), size


def released_as(index: int, counts: Ints) -> kept.Release:
    return kept.Release(
        index=index, publication="d" * 64, case=f"c-{index}", findings="f", subject="a.b", of={}, asked="same",
        first="", last="", tables={"counts": (0, kept._packed(counts[:, None]))},
        told={f"note {TOLD} n": int(counts.sum())},
    )  # fmt: skip


if __name__ == "__main__":
    main()
