"""DNMS: three levels are read, and anything else that the firmware or somebody adds is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from peelian.errors import InputError, Refused
from peelian.technologies.sensors.dnms import decode_dnms

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def message(*values: tuple[str, str], **more: Any) -> bytes:
    rows = [{"value_type": name, "value": value} for name, value in values]
    return json.dumps({"sensordatavalues": rows, **more}).encode()


def test_three_levels_are_read_at_the_time_of_receipt(registered: Any) -> None:
    data = message(("DNMS_noise_LAeq", "45.3"), ("noise_LA_min", "40"), ("DNMS_noise_LA_max", "51.2"), esp8266id="12")
    (reading,) = decode_dnms(data, registered("sound_meter"), NOW)
    assert reading.time == NOW and reading.values == {"laeq": 45.3, "lamin": 40.0, "lamax": 51.2, "seconds": 150.0}


@pytest.mark.parametrize("name", ["temperature", "signal", "noise_voice", "DNMS_noise_LAeq_raw", "GPS_lat"])
def test_other_values_are_refused(registered: Any, name: str) -> None:
    with pytest.raises(Refused, match="DNMS"):
        decode_dnms(message(("noise_LAeq", "45"), (name, "1")), registered("sound_meter"), NOW)


@pytest.mark.parametrize("value", ["loud", "1e5", "", "999", "45.3;drop"])
def test_a_level_that_is_none_is_bad_input(registered: Any, value: str) -> None:
    with pytest.raises(InputError):
        decode_dnms(message(("noise_LAeq", value)), registered("sound_meter"), NOW)


def test_no_level_or_no_time_is_bad_input(registered: Any) -> None:
    with pytest.raises(InputError, match="mean level"):
        decode_dnms(message(("noise_LA_max", "45")), registered("sound_meter"), NOW)
    with pytest.raises(InputError, match="without a time"):
        decode_dnms(message(("noise_LAeq", "45")), registered("sound_meter"), None)
