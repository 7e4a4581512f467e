"""When: hours, days and months as intervals of civil hours; offsets carried over; reports count from the day's end."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.formats.drops import BAD_TIME, NO_TIME, Drops, drops_for
from peelian.technologies.mapping.formats.whens import day_of, known_from, ordered, when, whole_day, with_hour

HOW = ("mdy", "America/Toronto")


def column(*texts: str) -> np.ndarray:
    return np.array([*texts, ""], dtype=object)[:-1]


def rows(n: int) -> np.ndarray:
    return np.arange(2, n + 2)


def spans(*texts: str, drops: Drops | None = None) -> list[tuple[str, str]]:
    first, last, kept = when(column(*texts), "day", rows(len(texts)), drops or drops_for("stop"), HOW)
    return [(str(a), str(b)) for a, b, k in zip(first, last, kept, strict=True) if k]


def test_an_hour_a_day_and_a_month_are_intervals() -> None:
    assert spans("2024-02-29 13:45", "02/29/2024", "2024-02") == [
        ("2024-02-29T13", "2024-02-29T13"),
        ("2024-02-29T00", "2024-02-29T23"),
        ("2024-02-01T00", "2024-02-29T23"),
    ]


def test_offsets_are_carried_to_the_towns_clocks() -> None:
    assert spans("2024-07-01T03:30:00Z", "2024-01-01T03:30:00Z", "2024-07-01T03:30:00+02:00") == [
        ("2024-06-30T23", "2024-06-30T23"),
        ("2023-12-31T22", "2023-12-31T22"),
        ("2024-06-30T21", "2024-06-30T21"),
    ]


def test_missing_dates_are_counted_and_impossible_ones_stop() -> None:
    drops = drops_for("drop")
    assert len(spans("", "2024-02-30", "2024-02-28", drops=drops)) == 1
    assert {d.why for d in drops.listed()} == {NO_TIME, BAD_TIME}
    with pytest.raises(InputError, match="row 3, column day: not a date"):
        spans("2024-02-28", "2024-02-30")


def test_what_is_known_on_a_day_is_known_from_its_end() -> None:
    known, kept = known_from(column("2024-02-28", "2024-02-28 10:00", ""), "report", rows(3), drops_for("stop"), HOW)
    assert [str(k) for k in known] == ["2024-02-28T23", "2024-02-28T10", "NaT"] and kept.all()


def test_an_hour_beside_the_day() -> None:
    first, last = whole_day(np.array(["2024-02-28T05", "2024-02-28T05"], dtype="datetime64[h]"))
    a, b, kept = with_hour(first, last, column("7", ""), "hour", (rows(2), drops_for("stop")))
    assert [str(x) for x in (*a, *b)] == ["2024-02-28T07", "2024-02-28T00", "2024-02-28T07", "2024-02-28T23"]
    assert kept.all()
    for wrong in ("24", "-1", "noon", "7.5"):
        with pytest.raises(InputError, match="column hour: not an hour"):
            with_hour(first, last, column("7", wrong), "hour", (rows(2), drops_for("stop")))


def test_an_interval_that_runs_backwards_is_unreadable() -> None:
    first, last = (np.array([day], dtype="datetime64[h]") for day in ("2024-02-28T05", "2024-02-28T04"))
    with pytest.raises(InputError, match="end before date"):
        ordered(first, last, ("date", "end"), rows(1), drops_for("stop"))
    assert ordered(last, first, ("date", "end"), rows(1), drops_for("stop")).all()


def test_days_from_three_columns() -> None:
    parts = (column("2024", "2023", ""), column("2", "2", "2"), column("29", "29", "1"))
    days, kept = day_of(parts, ("year", "month", "day"), rows(3), drops_for("drop"))
    assert str(days[0]) == "2024-02-29" and kept.tolist() == [True, False, False]
    with pytest.raises(InputError, match="no such day") as caught:
        day_of(parts, ("year", "month", "day"), rows(3), drops_for("stop"))
    assert (caught.value.row, caught.value.column) == (3, "day")
