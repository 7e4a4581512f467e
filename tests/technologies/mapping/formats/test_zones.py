"""UTC becomes civil time as the time zone database says, also where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.mapping.formats.zones import civil_minutes, usual_longitude, zone_named

EPOCH = datetime.fromisoformat("1970-01-01")
ZONES = ("America/Toronto", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia")


@given(
    moments=st.lists(
        st.datetimes(datetime.fromisoformat("1975-01-01"), datetime.fromisoformat("2037-01-01")),
        min_size=1,
        max_size=30,
    ),
    zone=st.sampled_from(ZONES),
)
def test_every_moment_agrees_with_the_standard_library(moments: list[datetime], zone: str) -> None:
    utc = np.array([(m - EPOCH) // timedelta(minutes=1) for m in moments])
    local = [
        m.replace(tzinfo=UTC, second=0, microsecond=0).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for m in moments
    ]
    assert civil_minutes(utc, zone).tolist() == [(m - EPOCH) // timedelta(minutes=1) for m in local]


def test_the_night_the_clocks_change() -> None:
    utc = np.arange(np.datetime64("2024-11-03T04:30"), np.datetime64("2024-11-03T08:00"), np.timedelta64(30, "m"))
    civil = civil_minutes(utc.astype(np.int64), "America/Toronto").astype("datetime64[m]")
    assert [str(c)[11:] for c in civil] == ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00", "02:30"]


def test_no_rows_no_zone_no_such_zone() -> None:
    assert len(civil_minutes(np.array([], dtype=np.int64), "Europe/London")) == 0
    for name in ("Mars/Olympus", "", "../../etc/passwd", "Toronto"):
        with pytest.raises(InputError, match="unknown time zone"):
            zone_named(name)


def test_a_zone_has_a_usual_longitude_by_its_winter_time() -> None:
    assert usual_longitude("America/Toronto") == -75
    assert usual_longitude("Australia/Sydney") == 150
