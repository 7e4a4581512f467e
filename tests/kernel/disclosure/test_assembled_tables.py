"""Rows stand again as earlier releases show them; an amount of homes is published once a place and day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from released import edition, emit_of

from peelian.kernel.disclosure.assembled_tables import Source, amounts_once, assembled
from peelian.kernel.model.capability import Findings
from peelian.measure.table import Kind, Table, table

Row = tuple[str, str, int, int, float]


def energy(*rows: Row) -> Table:
    area, day, areas, homes, kwh = zip(*rows, strict=True) if rows else ((),) * 5
    columns = {
        "area": (Kind.PLACE, list(area)),
        "day": (Kind.TIME, np.array(day, dtype="datetime64[D]")),
        "areas": (Kind.COUNT, np.array(areas, dtype=np.int64)),
        "homes": (Kind.COUNT, np.array(homes, dtype=np.int64)),
        "kwh": (Kind.AMOUNT, np.array(kwh, dtype=np.float64)),
    }
    return table("energy", columns, areas="places", homes="residents", kwh="kWh")


FIRST, NEXT = "2026-03-01", "2026-03-02"
ALL_HOMES: Row = ("North", FIRST, 1, 120, 2420.0)
EMITS = {"energy": emit_of(energy(ALL_HOMES), once="areas")}


def after(now: Table, *before: Table, stands: bool = True) -> tuple[list[Row], int]:
    found = [Findings(tables=(one,)) for one in before]
    earlier = [edition(one, EMITS, index, stands=stands, sure=False) for index, one in enumerate(found)]
    made, waiting = amounts_once(now, EMITS["energy"], earlier, Source(lambda one: found[one.index], {}))
    return [(a, str(d), areas, homes, kwh) for a, d, areas, homes, kwh in made.rows()], waiting


@pytest.mark.parametrize("row", [("North", FIRST, 1, 119, 2400.0), ("NORTH", FIRST, 1, 120, 2400.0)])
def test_an_amount_that_was_published_stands_again(row: Row) -> None:
    """The same area with 120 homes, and with 119 of them: their difference was one household's day."""
    assert after(energy(row), energy(ALL_HOMES)) == ([ALL_HOMES], 1)


def test_another_day_or_another_place_is_new() -> None:
    later, other = ("North", NEXT, 1, 119, 2400.0), ("South", FIRST, 1, 130, 2500.0)
    assert after(energy(later, other), energy(ALL_HOMES)) == ([later, other], 0)


def test_nothing_stands_in_the_place_of_what_was_withdrawn() -> None:
    assert after(energy(("North", FIRST, 1, 119, 2400.0)), energy(ALL_HOMES), stands=False) == ([], 1)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (ALL_HOMES, ("East", FIRST, 2, 150, 3000.0)),  # with North in it, it would tell the 30 homes of East
        (("East", FIRST, 2, 150, 3000.0), ALL_HOMES),
        (("East", FIRST, 2, 150, 3000.0), ("Centre", FIRST, 3, 300, 6000.0)),
    ],
)
def test_of_areas_that_were_merged_or_are_nothing_else_of_that_day_is_new(before: Row, now: Row) -> None:
    assert after(energy(now), energy(before)) == ([], 1)


def test_rows_keep_their_order_and_one_with_other_columns_is_left_out() -> None:
    one, two = energy(ALL_HOMES, ("South", FIRST, 1, 130, 9.5)), energy(("East", FIRST, 1, 140, 1.5))
    other = table("energy", {"area": (Kind.PLACE, ["West"])})
    chosen: Sequence[tuple[Table, int] | None] = [(two, 0), (one, 1), None, (other, 0), (one, 0)]
    assert assembled(one, chosen)["area"].tolist() == ["East", "South", "North"]
