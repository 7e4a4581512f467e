"""The live page's content: values of 15 minutes, silence, gaps, and the chart that was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor
from suspending import suspend

from peelian.kernel.records.sensor_register import counts_lost, listening
from peelian.operations.office import technologies
from peelian.oversight.sensors.board import board
from peelian.oversight.sensors.live import Health, Listening, keep_health, keep_live
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.sensors.windows import Window

T = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def town() -> Desk:
    made = desk(technologies())
    for id in ("square-1", "square-2"):
        register_in_area(made.kernel, made.people, a_sensor(id=id, title=f"Counter {id}"))
    some = [(0, 42), (15, 4), (30, 77)]
    keep_live(
        made.kernel,
        [Window(sensor="square-1", measure="people", start=T + timedelta(minutes=m), n=1, count=c) for m, c in some],
    )
    return made


def cells(town: Desk) -> dict[str, tuple[str, ...]]:
    (grid,) = [one for one in board(town.kernel, english).sensors if isinstance(one, Grid)]
    return {row[0]: row for row in grid.rows}


def test_the_newest_value_and_the_health_of_each_sensor_are_told(town: Desk) -> None:
    now = town.kernel.now()
    heard = {
        "square-1": Health(heard="2026-03-02T08:45+00:00", refused=3),
        "square-2": Health(heard="2026-03-02T07:00"),
    }
    heard["square-2"] = Health(heard="2026-03-02T07:00+00:00")
    keep_health(town.kernel, Listening(at=now, connected=True, sensors=heard))
    made = cells(town)
    assert made["Counter square-1"][3:] == ("2 March 2026 at 08:30: 77 people", "–", "Sending", "3")
    assert made["Counter square-2"][3:] == ("–", "–", "Silent since 2 March 2026 at 07:00", "0")
    assert board(town.kernel, english).listening
    town.clock.now += timedelta(minutes=10)
    assert not board(town.kernel, english).listening, "a listener that says nothing is not taken for one that listens"


def test_while_sensors_are_suspended_no_value_is_shown_but_what_crowds_watch_is_not_theirs(town: Desk) -> None:
    assert board(town.kernel, english).choices
    suspend(town.kernel, town.people["board"], "crowd")
    assert board(town.kernel, english).choices
    suspend(town.kernel, town.people["board"], "sensors")
    made = board(town.kernel, english)
    assert "Sensors are suspended" in made.told and made.choices == () and made.chart == ()
    assert cells(town)["Counter square-1"][3] == "–"


def test_a_town_without_a_listener_says_so(town: Desk) -> None:
    made = board(town.kernel, english)
    assert not made.listening and "has never run" in made.told
    assert cells(town)["Counter square-1"][5] == "No message yet"


def test_what_is_drawn_is_chosen_and_small_counts_are_not_in_it(town: Desk) -> None:
    made = board(town.kernel, english, of="sensor/square-1/people")
    (picture,) = [one for one in made.chart if isinstance(one, Picture)]
    assert picture.twin is not None
    assert picture.twin.rows == (("2026-03-02 08:30", "77"), ("2026-03-02 08:00", "42"))
    assert dict(made.choices)["area/Centre/people"] == "Area Centre: people"
    other = board(town.kernel, english, of="sensor/nobody/people", period="century")
    assert (other.chosen, other.period) == ("sensor/square-1/people", "day")


@pytest.mark.parametrize("period", ["week", "month"])
def test_longer_periods_are_drawn_too(town: Desk, period: str) -> None:
    old = Window(sensor="square-1", measure="people", start=T - timedelta(days=5), n=1, count=500)
    keep_live(town.kernel, [old])
    (picture,) = [one for one in board(town.kernel, english, period=period).chart if isinstance(one, Picture)]
    assert picture.twin is not None and "500" in {row[1] for row in picture.twin.rows}


def test_gaps_are_listed_with_their_reasons(town: Desk) -> None:
    listening(town.kernel, town.people["custodian"], "begun")
    now = town.kernel.now()
    since, until = (now - timedelta(minutes=m) for m in (40, 35))
    counts_lost(
        town.kernel, town.people["custodian"], since.isoformat(), until.isoformat(), "expiry", sensor="square-2"
    )
    (grid,) = [one for one in board(town.kernel, english).gaps if isinstance(one, Grid)]
    assert grid.rows == (("2026-03-02 08:20", "2026-03-02 08:25", "square-2", "messages expired at the broker"),)
    town.clock.now += timedelta(hours=2)
    (grid,) = [one for one in board(town.kernel, english).gaps if isinstance(one, Grid)]
    assert grid.rows[0][1:] == ("still", "all", "the listener is not running")
