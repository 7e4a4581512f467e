"""Times as devices write them; what is ambiguous or has no zone is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.sensors.times import moment

AT = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "more"),
    [
        (1772359200, {}), (1772359200.0, {}), (1772359200000, {}), ("1772359200", {}), ("1772359200000", {}),
        ("2026-03-01T10:00:00Z", {}), ("2026-03-01T05:00:00-0500", {}), ("2026-03-01 10:00:00+00:00", {}),
        ("2026-03-01T10:00:00.000000000Z", {}), ("2026-03-01 05:00:00", {"zone": "America/Toronto"}),
        ("20260301050000", {"zone": "America/Toronto"}), ("01/03/2026T10:00:00", {"zone": "UTC", "order": "dmy"}),
        ("01/03/2026T11:00:00CET", {"order": "dmy"}), ("03/01/2026 10:00", {"zone": "UTC", "order": "mdy"}),
        ("01/03/2026T05:00:00-0500", {"order": "dmy"}),
    ],
)  # fmt: skip
def test_one_time_in_many_spellings(value: Any, more: dict[str, str]) -> None:
    assert moment(value, "at", **more) == AT


@pytest.mark.parametrize(
    ("value", "more"),
    [
        ("2026-03-01T10:00:00", {}), ("20260301050000", {}), ("01/03/2026 10:00:00", {"zone": "UTC"}), (True, {}),
        (17, {}), (1e300, {}),
        (float("nan"), {}), (-1772359200, {}), ("31/02/2026 10:00:00", {"zone": "UTC", "order": "dmy"}),
        ("13/13/2026 10:00:00", {"zone": "UTC", "order": "mdy"}), ("01/03/2026T10:00:00PST", {"order": "dmy"}),
        ("01/03/2026T10:00:00+9900", {"order": "dmy"}), ("20261340250000", {"zone": "UTC"}), ("", {}), ("now", {}),
        ("2026-11-01 01:30:00", {"zone": "America/Toronto"}), ("2026-03-08 02:30:00", {"zone": "America/Toronto"}),
    ],
)  # fmt: skip
def test_what_is_no_time_or_could_be_two(value: Any, more: dict[str, str]) -> None:
    with pytest.raises(InputError) as error:
        moment(value, "at", **more)
    assert error.value.column == "at" and error.value.accepted


@given(
    value=st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    order=st.sampled_from(["", "dmy"]),
)
def test_anything_else_is_told(value: Any, order: str) -> None:
    try:
        at = moment(value, "at", zone="Europe/Paris", order=order)
    except InputError:
        return
    assert 1999 <= at.year <= 2200
