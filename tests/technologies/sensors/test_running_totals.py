"""Running totals become what was gained: never a total itself, whatever the counter does; and totals are recognised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from made_meters import meter, published, published_as_amounts
from sensing import a_sensor

from peelian.errors import InputError, sentence
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.declared_csv import decode_csv
from peelian.technologies.sensors.running_totals import Total, gain, limit_of, looks_running
from peelian.technologies.sensors.turnstile import Turnstile
from peelian.technologies.sensors.windows import Gathering, close, gather

T = datetime(2026, 3, 1, 9, tzinfo=UTC)
QUARTER = 900.0


def gained(before: float, after: float, *, pace: float = 0.1, what: str = "people", seconds: float = QUARTER) -> float:
    return gain(Total(0.0, before, pace), seconds, after, limit_of(what, homes=100)).gained


def test_a_meter_that_says_381_7_381_8_381_9_used_two_tenths_of_a_kilowatt_hour() -> None:
    """The case that an outsider found: 1,145.4 kWh were published."""
    sensor = a_sensor(
        id="meter-1", kind="energy_area", format="csv", columns={"t": "time", "k": "total_kwh"}, homes=100
    )
    rows = "".join(f"{T + timedelta(minutes=15 * n):%Y-%m-%dT%H:%MZ},{381.7 + n / 10:.1f}\n" for n in range(3))
    into = Gathering()
    gather(into, Turnstile().turned(decode_csv(f"t,k\n{rows}".encode(), sensor), sensor))
    assert sum(one.kwh for one in close(into, T, stopping=True)) == pytest.approx(0.2)


def test_watt_hours_are_told_in_kilowatt_hours() -> None:
    sensor = a_sensor(id="meter-1", kind="energy_area", format="csv", columns={"t": "time", "w": "total_wh"}, homes=100)
    told = decode_csv(b"t,w\n2026-03-01T09:00Z,381700\n2026-03-01T09:15Z,381900\n", sensor)
    (made,) = Turnstile().turned(told, sensor)
    assert made.values == {"kwh": pytest.approx(0.2)}


def test_a_counter_that_fell_began_anew_wrapped_around_was_replaced_or_trembles() -> None:
    assert gained(1_000, 12) == 12, "it began anew"
    assert gained(65_530, 20) == 26, "16 bits: past the last one"
    assert gained(99_990, 15) == 25, "five digits"
    assert gained(50_000, 12_345) == 0, "another one was mounted: its first word is no gain"
    assert gained(1_000, 998) == 0
    still = gain(Total(0.0, 1_000, 0.1), QUARTER, 998, limit_of("people")).total
    assert gain(still, 2 * QUARTER, 1_003, limit_of("people")).gained == 3, "what it trembled by is counted once"
    assert gained(65_530, 60_000) == 0 and gained(5_000, 5) == 5


def test_what_is_older_or_first_says_nothing() -> None:
    assert gain(None, 0.0, 381.7, limit_of("energy")).gained == 0
    told = gain(Total(900.0, 10.0), 900.0, 500.0, limit_of("people"))
    assert told.gained == 0 and told.total == Total(900.0, 10.0)


@pytest.mark.parametrize(("what", "leap"), [("people", 4_501), ("vehicles", 2_501), ("energy", 751)])
def test_a_rise_that_its_kind_cannot_make_is_refused_with_the_remedy_and_counting_goes_on(what: str, leap: int) -> None:
    name, sensor = "total_kwh" if what == "energy" else "total", a_sensor(homes=100)
    at = Turnstile()

    def told(minutes: int, total: float) -> tuple[Reading, ...]:
        time = T + timedelta(minutes=minutes)
        return at.turned((Reading(sensor="s", time=time, what=what, values={name: total}),), sensor)

    told(0, 100.0)
    with pytest.raises(InputError, match="rises too fast") as refused:
        told(15, 100.0 + leap)
    assert refused.value.column == name and "Check the unit" in sentence(refused.value.accepted)
    (made,) = told(30, 110.0 + leap)
    assert sum(made.values.values()) == 10
    assert gained(100, 100 + leap - 1, what=what, pace=0.0) == leap - 1, "and what it can do is taken"


def test_homes_never_use_ten_times_what_they_ever_did_at_once_but_they_may_change() -> None:
    limit, before = limit_of("energy", homes=100), Total(0.0, 1_000.0, 0.01)
    first = gain(before, QUARTER, 1_100.0, limit)
    assert first.steep and first.gained == 0
    assert gain(first.total, 2 * QUARTER, 1_200.0, limit).gained == 100


def test_a_message_with_one_impossible_total_is_refused_whole_and_loses_nothing_before_it() -> None:
    at, sensor = Turnstile(), a_sensor()
    readings = [
        Reading(
            sensor="s", time=T + timedelta(minutes=n), what="people", values={"total_towards": total, "total_away": 0}
        )
        for n, total in enumerate((0.0, 10.0, 90_000.0))
    ]
    at.turned((readings[0],), sensor)
    with pytest.raises(InputError):
        at.turned((readings[1], readings[2]), sensor)
    later = Reading(sensor="s", time=T + timedelta(minutes=4), what="people", values={"total_towards": 90_004.0})
    (made,) = at.turned((later,), sensor)
    assert made.values["towards"] == 4


def test_what_waited_to_be_told_outlives_a_refused_message() -> None:
    at, sensor = Turnstile(), a_sensor()

    def told(second: int, total: float) -> tuple[Reading, ...]:
        time = T + timedelta(seconds=second)
        return at.turned((Reading(sensor="s", time=time, what="people", values={"total_towards": total}),), sensor)

    assert told(0, 0.0) == () == told(5, 10.0)
    with pytest.raises(InputError):
        told(60, 90_000.0)
    (made,) = told(120, 90_004.0)
    assert made.values["towards"] == 14


def test_no_made_meter_has_its_total_published() -> None:
    """A fifth of the benchmark's thousand; of those without a fault everything is counted."""
    assert published_as_amounts(range(200)) == 0
    for seed in range(0, 60, 5):
        made = meter(seed)
        assert published(made) == pytest.approx(sum(made.gains))


def test_amounts_that_are_a_running_total_are_recognised_and_honest_ones_are_not() -> None:
    assert looks_running([381.7, 381.8, 381.9]) and not looks_running([381.7, 381.9])
    assert all(looks_running(meter(seed).totals) for seed in range(0, 300, 5))
    assert all(looks_running(meter(seed).totals) for seed in range(1, 300, 5)), "one that began anew, too"
    assert not any(looks_running(meter(seed).gains) for seed in range(300))
    night = np.round(80 + 30 * np.sin(np.arange(96) * 2 * np.pi / 96), 1).tolist()
    assert not looks_running(night), "smooth as a large town, over a day"
    assert not looks_running([20.0 + hour + day for day in range(21) for hour in range(24)]), "each day rises"
    assert looks_running([60.0 * (hour + 1) for day in range(5) for hour in range(24)]), "begun anew each midnight"
    assert not looks_running([0, 0, 0, 0, 12]) and not looks_running([7.0] * 50)
