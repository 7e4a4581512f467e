"""An error told as plain values is the same where it is raised again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from peelian.errors import (
    ColumnMissing,
    InputError,
    NotEnoughData,
    OutOfOrder,
    PeelianError,
    Reason,
    Refused,
    Sentence,
    Unreachable,
    Unsure,
    sentence,
)
from peelian.told_errors import error_as_values, raised


@pytest.mark.parametrize(
    "error",
    [
        OutOfOrder(sentence("No sensor with this id is registered. Registered sensors: %(n)d", n=3)),
        InputError("not a day", file="a.csv", row=7, column="when", accepted=sentence("%(n)d days", n=4)),
        NotEnoughData("0 rows"),
        Unreachable(sentence("The database (%(name)s) does not answer.", name="state")),
        Unsure("The registrar went away."),
        ColumnMissing("no latitude column found", row=1),
        Refused([Reason(rule="a_rule", says=sentence("%(t)s is suspended", t="toy"), remedy="Ask.", field="x")]),
    ],
)
def test_an_error_is_the_same_on_the_other_side_in_either_language(error: PeelianError) -> None:
    there = raised(json.loads(json.dumps(error_as_values(error))))
    assert type(there) is type(error) and str(there) == str(error)
    if isinstance(error, InputError) and isinstance(there, InputError):
        assert (there.file, there.row, there.column, there.accepted) == (
            error.file, error.row, error.column, error.accepted,
        )  # fmt: skip
    if isinstance(there, Refused):
        assert isinstance(there.reasons[0].says, Sentence) and there.reasons[0].says.values == {"t": "toy"}


@pytest.mark.parametrize(
    "head",
    [{"error": "Refused"}, {"error": "InputError"}, {"error": "SystemExit"}, {"error": "Refused", "reasons": 3}, {}],
)
def test_an_error_that_cannot_be_read_is_an_error_all_the_same(head: dict[str, Any]) -> None:
    assert type(raised(head)) is PeelianError
