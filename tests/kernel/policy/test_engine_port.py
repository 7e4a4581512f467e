"""What the kernel asks an engine: instants are UTC to the millisecond, references are entities."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from peelian.kernel.policy.engine_port import entity, moment


def test_an_instant_is_utc_to_the_millisecond() -> None:
    assert moment(datetime(2026, 3, 2, 9, 0, 0, 999_999, tzinfo=UTC)) == "2026-03-02T09:00:00.999Z"
    east = timezone(timedelta(hours=5, minutes=30))
    assert moment(datetime(2026, 3, 2, 0, 15, tzinfo=east)) == "2026-03-01T18:45:00.000Z"


def test_a_reference_is_an_entity() -> None:
    assert entity(("Person", "a")) == {"__entity": {"type": "Person", "id": "a"}}
