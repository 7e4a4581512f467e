"""Day or month first: what the whole column settles is read, what it leaves open is asked, and nothing is guessed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.mapping.formats.date_order import ORDERS, order_of
from peelian.technologies.mapping.formats.times import stamps


def settled(*texts: str, known: tuple[str, ...] = ()) -> str:
    columns = {"date": np.array([*texts, ""], dtype=object)[:-1]}
    if known:
        columns["known"] = np.array([*known, ""], dtype=object)[:-1]
    return order_of(columns, np.arange(2, len(texts) + 2))


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (("2024-01-02", "5-Mar-21", "March 5, 2021", ""), ""),
        (("not a date", "at all"), ""),
        (("01/02/2024", "01/31/2024"), "mdy"),
        (("01/02/2024", "2024-05-31", "31.01.2024 23:10"), "dmy"),
        (("01/02/24", "01/31/24"), "mdy"),
        (("01/02/24", "99-12-31"), "ymd"),
        (("25/03/69",), "dmy"),
    ],
)
def test_one_row_decides_for_all(texts: tuple[str, ...], order: str) -> None:
    assert settled(*texts) == order


def test_a_row_far_down_decides_too() -> None:
    assert settled(*["01/02/2024"] * 60_000, "13/02/2024") == "dmy"


@pytest.mark.parametrize("text", ["01/02/2024", "01/02/24", "25/03/21", "05/05/2021"])
def test_what_no_row_decides_is_asked_with_row_and_column(text: str) -> None:
    with pytest.raises(InputError, match="ambiguous date order") as caught:
        settled("2024-05-31", text, text)
    assert (caught.value.row, caught.value.column) == (3, "date")
    assert "option order" in caught.value.accepted


def test_another_column_may_decide() -> None:
    assert settled("01/02/2024", known=("13/02/2024",)) == "dmy"


def test_two_rows_at_odds_are_both_named() -> None:
    with pytest.raises(InputError, match="from row 3, column date") as caught:
        settled("01/02/2024", "25/02/2024", "nonsense", "02/25/2024")
    assert (caught.value.row, caught.value.column) == (5, "date")
    with pytest.raises(InputError, match="from row 2, column date") as caught:
        settled("25/02/2024", known=("02/25/2024",))
    assert (caught.value.row, caught.value.column) == (2, "known")


@given(st.integers(0, 30_000), st.sampled_from(ORDERS), st.sampled_from("/-."), st.integers(1, 60))
def test_what_is_settled_reads_as_it_was_written(first: int, order: str, between: str, n: int) -> None:
    days = np.datetime64("1970-01-01") + np.int64(first) + np.arange(0, 3 * n, 3)
    form = {"mdy": "%m{0}%d{0}%y", "dmy": "%d{0}%m{0}%y", "ymd": "%y{0}%m{0}%d"}[order].format(between)
    texts = [day.item().strftime(form) for day in days]
    try:
        found = settled(*texts)
    except InputError:
        return  # asked, not guessed
    read = stamps(np.array(texts, dtype=object), order=found)
    assert (read.minutes == days.astype("datetime64[m]").astype(np.int64)).all()
