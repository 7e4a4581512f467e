"""A warrant opens exactly what it names: every limit is tried at its edge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from peelian.errors import InputError
from peelian.technologies.sensors.warrants import PROVISIONAL, SINGLE_METER, scope_of, why_not

START = datetime(2026, 3, 1, tzinfo=UTC)
BODY: dict[str, Any] = {
    "status": "confirmed",
    "window": "2026-03-01T00:00:00+00:00/2026-03-31T00:00:00+00:00",
    "cells": "Centre,North",
    "sensors": "m-1",
    "operations": SINGLE_METER,
    "count": 10,
    "issuer": "Court",
    "instrument": "ab" * 32,
}
ASKED: dict[str, Any] = {"sensor": "m-1", "cell": "North", "operation": SINGLE_METER, "at": START, "used": 9}


def test_what_lies_within_is_open() -> None:
    assert why_not(scope_of(BODY), **ASKED) == ""


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"sensor": "m-2"}, "other sensors"),
        ({"cell": "South"}, "other places"),
        ({"operation": "another"}, "another operation"),
        ({"at": START - timedelta(seconds=1)}, "another time"),
        ({"at": START + timedelta(days=30)}, "another time"),
        ({"used": 10}, "used up"),
    ],
)
def test_what_lies_outside_is_not(asked: dict[str, Any], says: str) -> None:
    assert says in why_not(scope_of(BODY), **(ASKED | asked))


@pytest.mark.parametrize("status", ["refused", "ended"])
def test_a_warrant_that_is_over_opens_nothing(status: str) -> None:
    assert status in why_not(scope_of(BODY | {"status": status}), **ASKED)
    assert "no warrant" in why_not(None, **ASKED)


def test_a_provisional_warrant_ends_after_48_hours_whatever_it_says() -> None:
    scope = scope_of(BODY | {"status": "provisional"})
    assert scope.ends - scope.starts == PROVISIONAL == timedelta(hours=48)
    assert why_not(scope, **(ASKED | {"at": START + timedelta(hours=47, minutes=59)})) == ""
    assert "time" in why_not(scope, **(ASKED | {"at": START + timedelta(hours=48)}))


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"status": "maybe"}, "status"),
        ({"window": ""}, "window"),
        ({"window": "2026-03-01/2026-03-02"}, "window"),
        ({"window": "2026-03-02T00:00:00Z/2026-03-01T00:00:00Z"}, "window"),
        ({"cells": ""}, "cells"),
        ({"sensors": " , "}, "sensors"),
        ({"operations": "audio"}, "operations"),
        ({"count": 0}, "count"),
        ({"count": True}, "count"),
    ],
)
def test_a_warrant_without_limits_is_none(change: dict[str, Any], column: str) -> None:
    with pytest.raises(InputError) as error:
        scope_of(BODY | change)
    assert error.value.column == column
