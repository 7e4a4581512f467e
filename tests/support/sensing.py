"""A registered sensor for tests: a counter at a square, or whatever of it a test says otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from peelian.kernel.disclosure.noisy_release import NoisePorts
from peelian.kernel.model.contexts import ReleasePorts
from peelian.kernel.model.sensors import Sensor
from peelian.oversight.sensors.release import release

if TYPE_CHECKING:
    from desk import Desk

FEED = (
    b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>a</id><title>Area</title>'
    b'<entry><link rel="self" href="Area/7/UsagePoint/1"/><content><UsagePoint xmlns="http://naesb.org/espi">'
    b"<ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint></content></entry>"
    b'<entry><content><ReadingType xmlns="http://naesb.org/espi"><powerOfTenMultiplier>3</powerOfTenMultiplier>'
    b"<uom>72</uom></ReadingType></content></entry>"
    b'<entry><content><IntervalBlock xmlns="http://naesb.org/espi"><interval><duration>7200</duration>'
    b"<start>1772359200</start></interval>"
    b"<IntervalReading><timePeriod><duration>3600</duration><start>1772359200</start></timePeriod>"
    b"<value>81</value></IntervalReading>"
    b"<IntervalReading><timePeriod><duration>3600</duration><start>1772362800</start></timePeriod>"
    b"<value>79</value></IntervalReading></IntervalBlock></content></entry></feed>"
)
"""Green Button: two hours of 81 and 79 kWh, from 1 March 2026, 10:00 UTC."""


def a_sensor(**more: Any) -> Sensor:
    """The facts of one sensor, all of them right, under a number as if the office had drawn it."""
    facts: dict[str, Any] = {
        "id": "square-1",
        "kind": "people_counter",
        "title": "Counter at the square",
        "owner": "Public works",
        "contact": "works@town.invalid",
        "purpose": "safety",
        "why": "So that a crush is seen before it happens.",
        "area": "Centre",
        "personal_data": False,
        "retention_days": 90,
        "ends": "2026-12-31",
        "format": "ngsi-ld",
        "drawn": True,
    }
    return Sensor(**(facts | more))


class Kept(dict[str, tuple[int, ...]]):
    """Kept answers in memory."""

    def find(self, digest: str) -> tuple[int, ...] | None:
        return self.get(digest)

    def keep(self, digest: str, answer: tuple[int, ...]) -> None:
        self[digest] = answer


def draw(counts: Sequence[int], *, sensitivity: int, milli_epsilon: int) -> tuple[int, ...]:
    return tuple(count + 1 for count in counts)


def publish(town: Desk, counts: list[int], who: str = "clerk", **ports: Any) -> Any:
    day = town.kernel.now().date() - timedelta(days=1)
    noise = NoisePorts(**{"answers": Kept(), "draw": draw} | ports)
    kernel = dataclasses.replace(town.kernel, release=ReleasePorts(noise=noise))
    return release(kernel, town.people[who], "square-1", day, counts)
