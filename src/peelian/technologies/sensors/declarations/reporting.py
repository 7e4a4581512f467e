"""The report of what sensors counted, by place and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Emit,
    Need,
    Purpose,
    Read,
    Role,
    deferred,
)
from peelian.kernel.model.parameters import day, number, parsed
from peelian.kernel.model.tables import amount, count, level, place, time
from peelian.technologies.sensors import vocabulary as v

ENERGY = Emit(
    table="energy",
    title="energy by day, areas of at least 100 homes",
    columns={
        "area": place("Place"),
        "day": time("Day"),
        "areas": count("Areas merged", "places"),
        "homes": count("Homes", "residents"),
        "kwh": amount("Energy", "kWh", 1),
    },
    once="areas",
)


def neighbours_of(pairs: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Neighbouring areas from texts "A~B". InputError where one is not a pair.

    >>> neighbours_of(["A~B"])["B"]
    ['A']
    """
    found: dict[str, list[str]] = {}
    for pair in pairs:
        one, _, other = (part.strip() for part in pair.partition("~"))
        if not one or not other or one == other:
            raise InputError(
                "not a pair of neighbouring areas", column="neighbours", accepted="two areas, such as North~Centre"
            )
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return found


MEASURES = {
    v.PEOPLE: "People counted",
    v.VEHICLES: "Vehicles counted",
    v.OCCUPANTS: "Occupancy",
    v.NOISE: "Sound level",
    v.ENERGY: "Energy",
}
MEASURE = level("Item", MEASURES)
DAYS = Emit(
    table="days",
    title="values by place and day",
    columns={
        "area": place("Place"),
        "day": time("Day"),
        "measure": MEASURE,
        "count": count("Count"),
        "level": amount("Sound level", "dB(A)", 1),
        "kwh": amount("Energy", "kWh", 1),
        "hours": count("Hours measured", "hours"),
        "shown": level("Status", {v.SHOWN: "shown", v.UNDER: "under 15", v.TOO_FEW: "too few homes"}),
    },
)
PROFILE = Emit(
    table="profile",
    title="typical values by hour of the day",
    columns={
        "area": place("Place"),
        "measure": MEASURE,
        "hour": amount("Hour of the day", "h"),
        "typical": amount("Median"),
        "days": count("Days measured", "days"),
    },
    by=("area", "measure", "hour"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportParams:
    """Period and neighbours of the report; all days by default."""

    from_day: str = day("", "First day, for example 2026-03-01. Default: first available", (0, 0))
    to_day: str = day("", "Last day, for example 2026-03-31. Default: last available", (0, 0))
    neighbours: tuple[str, ...] = parsed(
        (),
        "Neighbouring areas, for example North~Centre. Areas with too few homes are merged for energy",
        lambda pair: neighbours_of((pair,)),
    )
    fewest_days: int = number(15, "Fewest days for a typical hour", 1, 3_660, "days")


def _titled(params: Mapping[str, Any]) -> str:
    """The days of the report, as far as they are given."""
    first, last = params["from_day"] or sentence("first day"), params["to_day"] or sentence("last day")
    return sentence("Sensor counts and levels, %(first)s to %(last)s", first=first, last=last)


def in_order(params: ReportParams) -> None:
    """InputError where the last day is before the first."""
    if params.from_day and params.to_day and params.from_day > params.to_day:
        raise InputError("last day before the first", column="to_day", accepted="a day after from_day")


REPORT = Capability(
    id="sensors.report",
    warrant="No warrant needed, because it sums enough homes or people. A single home’s record takes one.",
    title="Sensor counts and levels report",
    about="Sums counts, sound levels and energy by day and typical hour, and suppresses small values.",
    asks=Asks(
        params=ReportParams,
        titled=_titled,
        together=in_order,
        purposes=frozenset({Purpose.SAFETY, Purpose.AUDIT, Purpose.OVERSIGHT}),
        askers=frozenset({Role.ANALYST, Role.COMMANDER, Role.DISPATCHER}),
        deciders=frozenset({Role.PRIVACY_OFFICER, Role.BOARD}),
    ),
    needs=(Need(kind=AuthorizationKind.IMPACT_ASSESSMENT),),
    reads=(Read(role="windows", title="windows", shape="windows"),),
    emits=(DAYS, PROFILE, ENERGY),
    arithmetic=deferred("peelian.technologies.sensors.reporting:ARITHMETIC"),
)
