"""Weather for the console: the newest reading of each station, sealed, let go after two hours, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk import Desk, desk

from peelian.kernel.model.watch import Reading
from peelian.oversight.watches.weather import WEATHER, Weather, keep_weather, weather_now


@pytest.fixture
def town() -> Desk:
    return desk()


def reading(town: Desk, station: str = "roof-1", **values: float) -> Reading:
    return Reading(sensor=station, time=town.clock.now, what="weather", values=values)


def test_the_newest_reading_of_each_station_is_there_for_two_hours(town: Desk) -> None:
    keep_weather(town.kernel, [reading(town, celsius=18.04, wind=6.0, seconds=600)])
    town.clock.now += timedelta(minutes=10)
    now = town.clock.now
    keep_weather(town.kernel, [reading(town, celsius=17.0, gust=11.5, rain=0.4), reading(town, "quay-1", wind=9.0)])
    assert weather_now(town.kernel) == [
        Weather(station="quay-1", at=now, wind=9.0),
        Weather(station="roof-1", at=now, celsius=17.0, gust=11.5, rain=0.4),
    ]
    town.clock.now += timedelta(hours=2, minutes=1)
    assert weather_now(town.kernel) == []
    keep_weather(town.kernel, [reading(town, "quay-1", wind=2.0)])
    assert [key for key, _ in town.kernel.stores.tickets.all(WEATHER)] == ["quay-1"]


def test_what_was_altered_is_not_shown(town: Desk) -> None:
    keep_weather(town.kernel, [reading(town, celsius=18.0)])
    town.kernel.stores.tickets.put_all(WEATHER, {"roof-1": "gAAAAAB"}, town.kernel.now())
    assert weather_now(town.kernel) == []
