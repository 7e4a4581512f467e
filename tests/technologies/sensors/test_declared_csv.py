"""CSV: exactly the declared columns; a wrong value is told by its row and column."""

from __future__ import annotations

from typing import Any

import pytest

from peelian.errors import InputError, Refused
from peelian.technologies.sensors.declared_csv import check_columns, decode_csv

COLUMNS = {"when": "time", "people": "count"}


def test_every_row_is_a_reading_in_any_order_of_columns(registered: Any) -> None:
    meter = registered("people_counter", columns=COLUMNS)
    data = b"\xef\xbb\xbfpeople,when\r\n3,2026-03-01T10:00:00Z\r\n4,2026-03-01T10:01:00+01:00\r\n"
    assert [r.values["count"] for r in decode_csv(data, meter)] == [3.0, 4.0]


@pytest.mark.parametrize("extra", ["plate", "name", "mac"])
def test_a_column_that_is_not_declared_refuses_the_file(registered: Any, extra: str) -> None:
    data = f"when,people,{extra}\n2026-03-01T10:00:00Z,3,SECRET\n".encode()
    with pytest.raises(Refused, match=extra) as refused:
        decode_csv(data, registered("people_counter", columns=COLUMNS))
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (b"when,people\n2026-03-01T10:00:00Z,three\n", 2),
        (b"when,people\n2026-03-01T10:00:00Z,1\n2026-03-01T10:00:00Z,nan\n", 3),
        (b"when,people\n2026-03-01T10:00:00Z,1\n2026-03-01T10:00:00Z,1.5\n", 3),
        (b"when,people\n2026-03-01T10:00:00Z,1,2\n", 2),
        (b"when,people\nnoon,1\n", 2),
        (b"when\n2026-03-01T10:00:00Z\n", 1),
        (b"when,when,people\n", 1),
    ],
)
def test_bad_input_names_its_row(registered: Any, data: bytes, row: int) -> None:
    with pytest.raises(InputError) as error:
        decode_csv(data, registered("people_counter", columns=COLUMNS))
    assert error.value.row == row and error.value.accepted


@pytest.mark.parametrize("data", [b'when,people\n"a', b"\xff\xfe", b"x" * 1_100_000], ids=["quote", "utf-16", "large"])
def test_what_is_no_csv_is_bad_input(registered: Any, data: bytes) -> None:
    with pytest.raises((InputError, Refused)):
        decode_csv(data, registered("people_counter", columns=COLUMNS))


@pytest.mark.parametrize(
    "columns",
    [{}, {"a": "time"}, {"a": "count"}, {"a": "time", "b": "plate"}, {"a": "time", "b": "count", "c": "laeq"},
     {"a": "time", "b": "count", "c": "count"}],
)  # fmt: skip
def test_columns_that_cannot_be_declared(columns: dict[str, str]) -> None:
    with pytest.raises(InputError):
        check_columns(columns)
