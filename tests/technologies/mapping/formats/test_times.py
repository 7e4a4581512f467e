"""Dates are read by their layout: every common one, nothing impossible, and day or month first only when stated."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.technologies.mapping.formats.times import NO_OFFSET, Stamps, days_from, stamps


def read(*texts: str, order: str = "") -> Stamps:
    return stamps(np.array([*texts, ""], dtype=object)[:-1], order=order)


def moment(text: str, order: str = "") -> str:
    made = read(text, order=order)
    assert not made.bad[0] and not made.empty[0], text
    return str(np.datetime64(int(made.minutes[0]), "m"))


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2024-05-31", "", "2024-05-31T00:00"),
        ("2024/5/1 7:05", "", "2024-05-01T07:05"),
        ("2024-05-31T23:59:59.123Z", "", "2024-05-31T23:59"),
        ("2024.05.31 23:59", "", "2024-05-31T23:59"),
        ("20240531", "", "2024-05-31T00:00"),
        ("20240531 2359", "", "2024-05-31T23:59"),
        ("2024-05", "", "2024-05-01T00:00"),
        ("31-May-2024", "", "2024-05-31T00:00"),
        ("05/31/2024 11:59:00 PM", "mdy", "2024-05-31T23:59"),
        ("5/1/2024 12:00:00 AM", "mdy", "2024-05-01T00:00"),
        ("5/1/2024 12:30 pm", "mdy", "2024-05-01T12:30"),
        ("31.05.2024 23:59", "dmy", "2024-05-31T23:59"),
        ("01/02/2024", "mdy", "2024-01-02T00:00"),
        ("01/02/2024", "dmy", "2024-02-01T00:00"),
        ("2024-05-31 24:00", "", "2024-06-01T00:00"),
        ("  2024-05-31 ", "", "2024-05-31T00:00"),
        ("March 5, 2021", "", "2021-03-05T00:00"),
        ("March 5 2021 11:10 PM", "", "2021-03-05T23:10"),
        ("Mar. 5, 2021, 11:10 PM", "", "2021-03-05T23:10"),
        ("march 05, 21", "", "2021-03-05T00:00"),
        ("Sept. 30, 2021", "", "2021-09-30T00:00"),
        ("March 5th, 2021", "", "2021-03-05T00:00"),
        ("Mar-05-2021", "", "2021-03-05T00:00"),
        ("2021-Mar-05", "", "2021-03-05T00:00"),
        ("5 March 2021", "", "2021-03-05T00:00"),
        ("5 March, 2021", "", "2021-03-05T00:00"),
        ("5-Mar-21", "", "2021-03-05T00:00"),
        ("05-MAR-2021 23:10", "", "2021-03-05T23:10"),
        ("05MAR2021", "", "2021-03-05T00:00"),
        ("5 mars 2021", "", "2021-03-05T00:00"),
        ("1er août 2021 23:10:05", "", "2021-08-01T23:10"),
        ("1ER AOÛT 2021", "", "2021-08-01T00:00"),
        ("28 FÉVRIER 2021", "", "2021-02-28T00:00"),
        ("28 fe\u0301vrier 2021", "", "2021-02-28T00:00"),
        ("28 fevr. 2021", "", "2021-02-28T00:00"),
        ("25-déc-99", "", "1999-12-25T00:00"),
        ("5-Mar-68", "", "2068-03-05T00:00"),
        ("5-Mar-69", "", "1969-03-05T00:00"),
        ("03/05/21 11:10 PM", "mdy", "2021-03-05T23:10"),
        ("05.03.21", "dmy", "2021-03-05T00:00"),
        ("21-03-05 23:10", "ymd", "2021-03-05T23:10"),
        ("1717199940000", "", "2024-05-31T23:59"),
        ("1717199940", "", "2024-05-31T23:59"),
    ],
)
def test_common_layouts(text: str, order: str, expected: str) -> None:
    assert moment(text, order) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-05-32",
        "1850-01-01",
        "9999-12-31",
        "2024-05-31 25:00",
        "2024-05-31 24:01",
        "2024-05-31 23:60",
        "2024-05-31X12:00",
        "31-Foo-2024",
        "05/31/2024 13:00 PM",
        "05/31/2024 00:30 AM",
        "05/31/2024 11:00 XM",
        "2024-05-31T23:59:00B",
        "2024-05-31T23:59:00+19:00",
        "yesterday",
        "31/05",
        "x" * 65,
        "2024-05-31; DROP TABLE",
        "méfait",
        "31-Feb-21",
        "29 février 2021",
        "March 32, 2021",
        "March 0, 2021",
        "Marchember 5, 2021",
        "jui 5, 2021",
        "5-Mar-021",
        "5-Mar-2",
        "March 5",
        "Mar-21",
        "March 5 21",
        "5th 2021 March",
        "5xx March 2021",
        "5 mars-2021",
        "5-Mar-2123:10",
        "210305",
        "32/13/21",
        "March 5, 2021 25:00",
        "\u0663 mars 2021",
        "5 m\u00e4rz 2021",
        "5 \u043c\u0430\u0440 2021",
        "5 mars 2021 \u00e0 23:10",
    ],
)
def test_what_is_no_date_is_bad(text: str) -> None:
    assert read(text, order="mdy").bad.tolist() == [True]


def test_offsets_are_kept_as_written() -> None:
    made = read("2024-05-31T10:00:00+02:00", "2024-05-31T10:00:00-0430", "2024/05/31 10:00:00+00", "2024-05-31 10:00")
    assert made.offset.tolist() == [120, -270, 0, int(NO_OFFSET)]


def test_without_an_order_dates_of_numbers_only_are_bad() -> None:
    assert read("01/02/2024", "01/02/24", "2024-01-02").bad.tolist() == [True, True, False]
    assert read("01/02/2024", "1/2/24", "24/1/2", order="ymd").bad.tolist() == [True, True, True]


def test_years_of_two_digits_are_told_apart() -> None:
    made = read("5-Mar-21", "5-Mar-2021", "01/02/24", "1717199940", order="mdy")
    assert made.short.tolist() == [True, False, True, False] and not made.bad.any()


def test_months_days_and_clocks_are_told_apart() -> None:
    made = read("2024-05", "2024-05-31", "2024-05-31 10:00", "")
    assert made.month.tolist() == [True, False, False, False]
    assert made.clock.tolist() == [False, False, True, False]
    assert made.empty.tolist() == [False, False, False, True]


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2100-12-31")),
            st.sampled_from(range(9)),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_layouts_mixed_in_one_column_agree_with_the_standard_library(rows: list[tuple[datetime, int, bool]]) -> None:
    forms = ["%Y-%m-%d %H:%M", "%m/%d/%Y %I:%M:%S %p", "%Y/%m/%dT%H:%M:%SZ", "%d-%b-%Y %H:%M", "%Y%m%d %H%M"]
    forms += ["%B %d, %Y %H:%M", "%d %B %Y, %I:%M %p", "%b. %d %Y %H:%M", "%Y-%b-%d %H:%M"]
    texts = [
        when.strftime(forms[form]).lower() if low and form == 1 else when.strftime(forms[form])
        for when, form, low in rows
    ]
    made = read(*texts, order="mdy")
    expected = [(when - datetime.fromisoformat("1970-01-01")) // timedelta(minutes=1) for when, _, _ in rows]
    assert made.minutes.tolist() == expected
    assert not made.bad.any()


@given(st.lists(st.binary(max_size=30), max_size=20))
def test_any_bytes_are_a_date_or_not(values: list[bytes]) -> None:
    made = stamps(np.array([*values, b"x"], dtype="S30"), order="dmy")
    assert len(made) == len(values) + 1 and made.bad[-1]


def test_years_of_two_digits_turn_where_the_standard_library_turns_them() -> None:
    days = [f"{day:02}-{month}-{year:02}" for year in range(100) for month in ("Feb", "Dec") for day in (1, 28)]
    expected = [time.strftime("%Y-%m-%d", time.strptime(day, "%d-%b-%y")) for day in days]
    made = read(*days)
    assert [str(np.datetime64(int(minute), "m"))[:10] for minute in made.minutes] == expected and not made.bad.any()


def test_the_calendar_agrees_with_numpy_on_every_day_of_two_centuries() -> None:
    days = np.arange("1900-01-01", "2101-01-01", dtype="datetime64[D]")
    year = days.astype("datetime64[Y]").astype(np.int64) + 1970
    month = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    found, bad = days_from(year, month, day)
    assert not bad.any() and (found == days.astype(np.int64)).all()
