"""A technology of tests whose files come in part by part: points, counted by month without ever being together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from changed import changed
from toy import COUNT, PROVE, TOY

from peelian.errors import InputError
from peelian.kernel.model.capability import Context, Dataset, Findings, Note, Read
from peelian.kernel.model.formats import Admitted, Emit, Format, Parted
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
