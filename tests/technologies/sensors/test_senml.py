"""SenML: base fields carry on, times may be relative, and only declared names come in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sensing import a_sensor

from peelian.errors import InputError, PeelianError, Refused
from peelian.technologies.sensors.senml import decode_senml

METER = a_sensor(kind="sound_meter", format="senml", columns={"level": "laeq", "urn:x:peak": "lamax"})
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def take(*pack: Any, received: datetime | None = NOW) -> Any:
    return decode_senml(json.dumps(pack).encode(), METER, received)


def test_base_name_and_base_time_carry_on() -> None:
    (reading,) = take({"bn": "urn:x:", "bt": 1772359200, "n": "level", "u": "dBspl", "v": 50}, {"n": "peak", "v": 61.5})
    assert reading.values == {"laeq": 50.0, "lamax": 61.5} and reading.time.hour == 10


def test_a_small_time_is_told_from_receipt() -> None:
    first, second = take({"n": "level", "v": 50, "t": -60}, {"n": "level", "v": 51})
    assert (first.time, second.time) == (NOW - timedelta(seconds=60), NOW)
    with pytest.raises(InputError):
        take({"n": "level", "v": 50}, received=None)


@pytest.mark.parametrize(
    "record", [{"n": "plate", "v": 1}, {"n": "level", "v": 1, "mac": "x"}, {"n": "level", "vs": "ABC"}]
)
def test_other_names_fields_and_text_are_refused(record: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        take(record)
    assert "ABC" not in str(refused.value)


@pytest.mark.parametrize(
    "pack",
    [
        [{"n": "level", "v": "50"}], [{"n": "level", "v": True}],
        [{"n": 5, "v": 1}], [7], [{"n": "level"}], [{"bn": "a" * 999}],
        [{"n": "level", "v": 1e9}], [{"n": "level", "v": 50, "t": 1e300}], [{"n": "level", "v": 1}] * 501,
    ],
)  # fmt: skip
def test_hostile_packs(pack: list[Any]) -> None:
    with pytest.raises(PeelianError):
        take(*pack)
