"""The shape "incidents": columns, facts and notes as declared, the same whether the file comes whole or in parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
from rows import text_rows

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake
from peelian.kernel.model.formats import Admitted
from peelian.measure.table import Kind, Table
from peelian.technologies.mapping.formats.drops import AFTER, BAD_TIME, BEFORE, Drops
from peelian.technologies.mapping.formats.incidents import (
    AREAS_LEFT_OUT,
    DISCOVERED_CATEGORY,
    NEVER,
    PEOPLE_LEFT_OUT,
    UNKNOWN_CATEGORY,
    Part,
    Town,
    incidents,
    words_of,
)

TOWN = Town(zone="America/Toronto", source="a test", attribution="nobody")
GENERAL = {"b&e": "break_and_enter", "drugs": "drugs"}


def read(text: Table, options: Mapping[str, str], drops: Drops) -> Part:
    start = np.array(text["day"].tolist(), dtype="datetime64[h]")
    n = len(text)
    return Part(
        row=text["row"],
        code=words_of(text, "code"),
        start=start,
        end=start,
        known=np.full(n, NEVER),
        lon=np.full(n, -79.38) + np.arange(n) / 1000,
        lat=np.full(n, 43.70),
        area=words_of(text, "area"),
    )


def made(
    codes: list[str],
    options: Mapping[str, str] | None = None,
    areas: list[str] | None = None,
    days: list[str] | None = None,
) -> Admitted:
    n = len(codes)
    whole = text_rows(day=days or ["2024-05-31"] * n, code=codes, area=areas or ["Riverdale"] * n)
    return incidents([whole], read, TOWN, GENERAL, options or {})


def test_columns_kinds_and_facts() -> None:
    taken = made(["B&E", "drugs", "robbery"])
    kinds = {c.name: (c.kind, c.unit) for c in taken.table.columns}
    assert kinds == {
        "category": (Kind.CATEGORY, ""),
        "start_hour": (Kind.TIME, ""),
        "end_hour": (Kind.TIME, ""),
        "known_hour": (Kind.TIME, ""),
        "east_metres": (Kind.PERSONAL, "metres"),
        "north_metres": (Kind.PERSONAL, "metres"),
        "area": (Kind.PLACE, ""),
        "hour_known": (Kind.COUNT, ""),
    }
    assert taken.table["category"].tolist() == ["break_and_enter", "drugs", "robbery"]
    assert taken.facts["from_day"] == taken.facts["to_day"] == "2024-05-31"
    assert (taken.facts["n"], taken.facts["zone"], taken.facts["months_only"]) == (3, "America/Toronto", False)
    assert (taken.facts["centre_lon"], taken.facts["centre_lat"]) == (-79.38, 43.7)
    check_at_intake(taken)


def test_parts_and_the_whole_give_the_same_but_for_where_points_lie() -> None:
    codes = ["B&E", "drugs", "new", "B&E"] * 5
    whole = text_rows(day=["2024-05-31"] * 20, code=codes, area=["a", "b"] * 10)
    one = incidents([whole], read, TOWN, GENERAL, {})
    rows = np.arange(20)
    two = incidents([whole.take(rows < 10), whole.take(rows >= 10)], read, TOWN, GENERAL, {})
    for name in ("category", "area", "start_hour", "hour_known"):
        assert one.table[name].tolist() == two.table[name].tolist()
    assert one.notes == two.notes


def test_unknown_codes_are_counted_and_said_and_discovered_ones_are_marked() -> None:
    taken = made(["B&E", "strange", "strange", "odd", "drugs"])
    assert taken.table["category"].tolist()[1:4] == ["other_reported"] * 3
    said = {note.text: dict(note.values) for note in taken.notes}
    assert said[UNKNOWN_CATEGORY] == {"n": 3, "words": 2}
    assert said[DISCOVERED_CATEGORY] == {"n": 1}


def test_texts_that_never_repeat_are_no_categories() -> None:
    with pytest.raises(InputError, match="names or narratives"):
        made([f"person {i}" for i in range(30)])
    assert len(made([f"code {i % 15}" for i in range(60)]).table) == 60


def test_days_asked_for() -> None:
    days = ["2023-12-31T23", "2024-01-01T00", "2024-12-31T23", "2025-01-01T00"]
    taken = made(["B&E"] * 4, {"from_day": "2024-01-01", "to_day": "2024-12-31"}, days=days)
    assert [(d.why, d.n, d.first_row) for d in taken.dropped] == [(BEFORE, 1, 2), (AFTER, 1, 5)]
    with pytest.raises(NotEnoughData, match="no rows left"):
        made(["B&E"], {"from_day": "2030-01-01"})
    with pytest.raises(NotEnoughData):
        incidents([], read, TOWN, GENERAL, {})


def test_addresses_in_the_column_of_areas_do_not_come_in() -> None:
    taken = made(["B&E"] * 600, areas=[f"{i} Elm Street" for i in range(600)])
    assert set(taken.table["area"].tolist()) == {""}
    assert AREAS_LEFT_OUT in {note.text for note in taken.notes}


@pytest.mark.parametrize(
    "areas", [["Jane Doe", "John Smith", "Ali Khan", "Mei Chen"], ["12 Main Street", "14 Main Street"]]
)
def test_a_few_people_or_homes_in_the_column_of_areas_do_not_come_in(areas: list[str]) -> None:
    """A forecast by area would else be one by person, or by household."""
    taken = made(["B&E"] * 600, areas=areas * (600 // len(areas)))
    assert set(taken.table["area"].tolist()) == {""}
    assert PEOPLE_LEFT_OUT in {note.text for note in taken.notes}


def test_a_zone_must_exist() -> None:
    with pytest.raises(InputError, match="unknown time zone"):
        incidents([], read, Town(zone="Mars/Olympus", source="", attribution=""), GENERAL, {})


def test_a_fault_in_reading_waits_for_the_parts_before_it_and_bears_their_file() -> None:
    good = text_rows(day=["2024-05-31"] * 2, code=["B&E"] * 2, area=["Riverdale"] * 2)
    bad = replace(text_rows(day=["2024-05-31", "x"], code=["B&E"] * 2, area=["Riverdale"] * 2), name="second.csv")

    def strict(text: Table, options: Mapping[str, str], drops: Drops) -> Part:
        wrong = np.array([day == "x" for day in text["day"].tolist()])
        drops.unreadable(BAD_TIME, wrong, text["row"], InputError("not a date", column="day"))
        return read(text, options, drops)

    def parts() -> Iterator[Table]:
        yield good
        yield bad
        raise InputError("the row has 7 columns", file="third.csv", row=9)

    with pytest.raises(InputError, match=r"^second.csv, row 3, column day: not a date"):
        incidents(parts(), strict, TOWN, GENERAL, {})
    with pytest.raises(InputError, match=r"^third.csv, row 9: the row has 7 columns"):
        incidents((part for part in parts() if part is not bad), read, TOWN, GENERAL, {})


def test_many_parts_give_what_one_part_gives() -> None:
    whole = text_rows(day=[f"2024-05-{1 + i % 30:02d}" for i in range(18)], code=["B&E"] * 18, area=["Riverdale"] * 18)
    pieces = [whole.take(np.arange(i, min(i + 7, 18))) for i in range(0, 18, 7)]

    def still(text: Table, options: Mapping[str, str], drops: Drops) -> Part:
        part = read(text, options, drops)
        return replace(part, lon=-79.38 + text["row"] / 1000)

    one, many = (incidents(parts, still, TOWN, GENERAL, {}) for parts in ([whole], pieces))
    assert one.table.digest() == many.table.digest() and one.facts == many.facts
