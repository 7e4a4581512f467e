"""A technology of tests whose files come in part by part: points, counted by month without ever being together."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from changed import changed
from toy import CAVEAT, COUNT, PROVE, TOY, WellParams
from toy import FOUND as WELLS_FOUND

from peelian.errors import InputError
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset, Example, Findings, Note, Read
from peelian.kernel.model.formats import Admitted, Emit, Format, Parted
from peelian.kernel.model.partitions import Partition
from peelian.kernel.model.technology import Technology
from peelian.measure.table import Kind, Table, table

FOUND = "%(n)d wells were counted."
HOME = 77  # hours east of which all rows are somebody's home


def points(text: Table) -> Table:
    """A part as it is sealed; InputError with its row for a number that is none."""
    rows = {}
    for name in ("east", "north"):
        try:
            rows[name] = text[name].astype(np.float64)
        except ValueError:
            bad = next(n for n, word in enumerate(text[name]) if not word.lstrip("-").isdigit())
            raise InputError("not a number", row=int(text["row"][bad]), column=name, accepted="metres") from None
    columns = {
        "category": (Kind.CATEGORY, np.array(["theft"] * len(text), dtype=object)),
        "start_hour": (Kind.TIME, text["day"].astype("datetime64[h]")),
        "east_metres": (Kind.PERSONAL, rows["east"]),
        "north_metres": (Kind.PERSONAL, rows["north"]),
        "area": (Kind.PLACE, text["area"]),
    }
    return table("points", columns, east_metres="metres", north_metres="metres")


def in_parts(parts: Iterable[Table], options: Mapping[str, str], emit: Emit) -> Admitted:
    n, areas = 0, dict[str, int]()
    for text in parts:
        made = points(text)
        for area, row in made.column("area").first_rows().items():
            areas.setdefault(str(area), int(text["row"][row]))
        n += len(made)
        emit(made)
    labels = {"area": (Kind.PLACE, list(areas)), "row": (Kind.COUNT, list(areas.values()))}
    facts = {"n": n, "centre_lon": -79.38, "centre_lat": 43.7, "zone": "America/Toronto"}
    return Admitted(table=table("points", labels), facts=facts)


def must_hold(rows: Table) -> None:
    if bool((rows["east_metres"] == HOME).all()):
        raise InputError("all rows are one home", accepted="points of many")


def whole(text: Table, options: Mapping[str, str]) -> Admitted:
    return Admitted(table=points(text), facts={"n": len(text), "centre_lon": -79.38, "centre_lat": 43.7})


POINTS = Format(
    id="toy-points",
    title="Points",
    shape="points",
    required=frozenset({"day", "east", "north", "area"}),
    columns=frozenset({"day", "east", "north", "area"}),
    convert=whole,
    parted=Parted(convert=in_parts, must_hold=must_hold),
    words=frozenset({"North", "South"}),
)


def formats() -> tuple[Format, ...]:
    """What it reads: a function of the module, so that an intake child finds it."""
    return (*TOY.formats(), POINTS)


def _dies(parts: Iterable[Table], options: Mapping[str, str], emit: Emit) -> Admitted:
    for text in parts:
        emit(points(text))
        os._exit(1)
    raise AssertionError


def formats_that_die() -> tuple[Format, ...]:
    """The same, of a child that ends after its first part."""
    return (dataclasses.replace(POINTS, parted=Parted(convert=_dies, must_hold=must_hold)),)


def run(params: Any, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Open each partition once and count its rows."""
    given = datasets["wells"].partitions
    assert given is not None
    n = sum(one.num_rows for one in given.opened(given.listed))
    counted = {"area": (Kind.PLACE, ["North"]), "category": (Kind.CATEGORY, ["well"]), "n": (Kind.COUNT, [n])}
    note = Note(text=FOUND, values={"n": n})
    return Findings(tables=(table("wells", counted),), notes=(note,), facts={"criteria_met": True, "deepest": n})


COUNT_POINTS = changed(COUNT, run=run, reads=(Read(role="wells", title="wells", shape="points", partitions=True),))
READ_WHOLE = dataclasses.replace(
    changed(COUNT, reads=(Read(role="wells", title="wells", shape="points"),)), id="toy.whole"
)
PARTED = Technology(id="toy", title="Points", capabilities=(PROVE, COUNT_POINTS, READ_WHOLE), formats=formats)


def write(path: Path, rows: Iterable[tuple[str, int, int, str]]) -> Path:
    """Rows of day, east, north and area as a CSV file."""
    path.write_text("day,east,north,area\n" + "".join(f"{d},{e},{n},{a}\n" for d, e, n, a in rows))
    return path


def some(n: int = 400) -> list[tuple[str, int, int, str]]:
    """Rows of three months and four regions, in no order."""
    months = ("2021-02", "2021-01", "2021-03")
    return [
        (
            f"{months[i % 3]}-{1 + i % 28:02d}",
            (-1) ** i * (10 + i),
            (-1) ** (i // 2) * (10 + i),
            ("North", "South")[i % 2],
        )
        for i in range(n)
    ]


# ---- a technology whose example comes in by partitions: whatever is promised of capabilities is promised of it


class _Announced:
    """The partitions of an example: whoever admits it seals its table in some (`desk.Desk.admit`)."""

    listed: Sequence[Partition] = ()

    def opened(self, chosen: Iterable[Partition]) -> Iterator[pa.Table]:
        return iter(())


def rows_of(rows: Iterable[tuple[str, int, int, str]]) -> Table:
    """Rows as they are once they were read."""
    names = ("day", "east", "north", "area")
    texts = zip(names, zip(*rows, strict=True), strict=True)
    columns = {name: (Kind.PERSONAL, np.array([str(one) for one in values], dtype=object)) for name, values in texts}
    n = len(next(iter(columns.values()))[1])
    return points(table("text", {**columns, "row": (Kind.COUNT, np.arange(2, n + 2))}))


def example() -> Example:
    made = rows_of(some(120))
    facts = {"n": len(made), "centre_lon": -79.38, "centre_lat": 43.7, "zone": "America/Toronto"}
    data = Dataset(
        id="points-1", format=POINTS.id, digest=made.digest(), table=made, facts=facts, partitions=_Announced()
    )
    bodies = {AuthorizationKind.ACCURACY_REPORT: {"deepest": 30}}
    return Example(params=WellParams(), datasets={"wells": data}, authorizations=bodies)


def by_area(params: WellParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Rows by area, from one partition after the other."""
    given, n = datasets["wells"].partitions, dict[str, int]()
    assert given is not None
    for one in given.opened(given.listed):
        for area in one.column("area").to_pylist():
            n[str(area)] = n.get(str(area), 0) + 1
    columns = {
        "area": (Kind.PLACE, sorted(n)),
        "category": (Kind.CATEGORY, ["well"] * len(n)),
        "n": (Kind.COUNT, [n[area] for area in sorted(n)]),
    }
    notes = (
        Note(text=WELLS_FOUND, values={"n": sum(n.values())}),
        Note(text=CAVEAT, kind="caveat"),
        Note(text=WELLS_FOUND, values={"n": max(n.values())}, kind="explanation"),
    )
    return Findings(tables=(table("wells", columns),), notes=notes, facts={"criteria_met": True, "deepest": 30})


COUNT_BY_AREA = dataclasses.replace(
    changed(
        COUNT,
        run=by_area,
        example=example,
        reads=(Read(role="wells", title="wells", shape="points", partitions=True),),
    ),
    id="points.count",
)
IN_PARTITIONS = Technology(
    id="points", title="Points in partitions", capabilities=(COUNT_BY_AREA,), formats=lambda: (POINTS,)
)
