"""Live levels: sealed in the database, read by any process of the office, and gone within a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from watched import stood

from peelian.operations.office import memory_office
from peelian.oversight.watches import zone_levels
from peelian.oversight.watches.zone_levels import (
    LEVEL,
    TREND,
    GateLevel,
    Minute,
    ZoneBoard,
    ZoneLevel,
    forget_levels,
    minutes_of,
    publish,
    publish_trend,
    seal_of,
)

GATE = GateLevel(
    sensor="gate-1", at="2026-03-02T09:00:00+00:00", entered=400, left=100, from_entered=0, from_left=0,
    metres=4.0, error=0.03, recent=(200, 50), per_minute=(20, 5),
)  # fmt: skip


def a_level(**changes: object) -> ZoneLevel:
    made = {"zone": "north", "exercise": False, "at": GATE.at, "count": 42.0, "per_m2": 0.42, "level_of_service": 2}
    return ZoneLevel(**{**made, "gates": (GATE,), "minutes": 10.0, "reset": GATE.at, **changes})  # type: ignore[arg-type]


def test_what_is_published_is_read_whole_by_another_reader() -> None:
    kernel = stood().town.kernel
    publish(kernel, seal_of(kernel), [a_level(), a_level(exercise=True, count=None)])
    found = ZoneBoard(kernel).levels()
    assert found == {"real north": a_level(), "exercise north": a_level(exercise=True, count=None)}


def test_the_database_alone_tells_no_level() -> None:
    kernel = stood().town.kernel
    publish(kernel, seal_of(kernel), [a_level()])
    publish_trend(kernel, seal_of(kernel), kernel.now(), {"real north": [Minute(at=GATE.at, per_m2=0.42)]})
    for kind in (LEVEL, TREND):
        ((_, body),) = kernel.stores.tickets.all(kind)
        assert "north" not in body and "gate-1" not in body and body.startswith("gAAAA")


def test_what_was_altered_or_sealed_elsewhere_is_not_shown() -> None:
    kernel = stood().town.kernel
    publish(kernel, seal_of(memory_office().kernel), [a_level()])
    kernel.stores.tickets.put(LEVEL, "real south", "gAAAAnonsense", kernel.now())
    assert ZoneBoard(kernel).levels() == {} and minutes_of(kernel, seal_of(kernel)) == {}


def test_a_board_looks_at_most_every_half_second_and_its_version_rises_with_a_change() -> None:
    kernel = stood().town.kernel
    board, seal = ZoneBoard(kernel), seal_of(kernel)
    publish(kernel, seal, [a_level()])
    assert len(board.levels()) == 1 and board.version == 1
    publish(kernel, seal, [a_level(zone="south")])
    assert len(board.levels()) == 1, "not yet"
    board._looked -= zone_levels.LOOKS_EVERY
    assert len(board.levels()) == 2 and board.version == 2
    board._looked -= zone_levels.LOOKS_EVERY
    board.levels()
    assert board.version == 2, "nothing changed"


def test_levels_and_trends_are_deleted_within_a_day() -> None:
    town = stood().town
    kernel, seal = town.kernel, seal_of(town.kernel)
    hour = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    town.clock.now = hour + timedelta(minutes=59)
    publish(kernel, seal, [a_level()])
    publish_trend(kernel, seal, hour, {"real north": [Minute(at=hour.isoformat(), per_m2=0.5)]})
    town.clock.now = hour + timedelta(hours=23, minutes=58)
    forget_levels(kernel)
    assert kernel.stores.tickets.all(LEVEL) and kernel.stores.tickets.all(TREND)
    town.clock.now = hour + timedelta(hours=24)
    forget_levels(kernel)
    assert kernel.stores.tickets.all(LEVEL) and not kernel.stores.tickets.all(TREND), "no minute is a day old"
    town.clock.now = hour + timedelta(hours=25)
    ZoneBoard(kernel).trends()
    assert not kernel.stores.tickets.all(LEVEL), "whoever reads deletes, too"


def test_people_inside_and_the_time_to_capacity_come_from_the_gates() -> None:
    level = a_level(start=100)
    assert level.inside is not None and level.inside.people == 400
    full = level.full(700)
    assert full is not None and full.minutes == 20, "fifteen more each minute"
    assert a_level(gates=()).inside is None and a_level(minutes=0.5).full(700) is None
    assert GATE.per_metre == 25 / 4
