"""The report of what sensors counted, by place and time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
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
from peelian.measure.table import Kind

COLUMNS = {
    "area": Kind.PLACE,
    "day": Kind.TIME,
    "areas": Kind.COUNT,
    "homes": Kind.COUNT,
    "kwh": Kind.AMOUNT,
}


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


DAYS = {
    "area": Kind.PLACE,
    "day": Kind.TIME,
    "measure": Kind.LEVEL,
    "count": Kind.COUNT,
    "level": Kind.AMOUNT,
    "kwh": Kind.AMOUNT,
    "hours": Kind.COUNT,
    "shown": Kind.LEVEL,
}
PROFILE = {"area": Kind.PLACE, "measure": Kind.LEVEL, "hour": Kind.AMOUNT, "typical": Kind.AMOUNT, "days": Kind.COUNT}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportParams:
    """Period and neighbours of the report; all days by default."""

    from_day: str = field(
        default="", metadata={"help": "First day, for example 2026-03-01. Default: first available", "day": (0, 0)}
    )
    to_day: str = field(
        default="", metadata={"help": "Last day, for example 2026-03-31. Default: last available", "day": (0, 0)}
    )
    neighbours: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Neighbouring areas, for example North~Centre. Areas with too few homes are merged for energy"
        },
    )
    fewest_days: int = field(default=15, metadata={"help": "Fewest days for a typical hour", "unit": "days"})


def _titled(params: Mapping[str, Any]) -> str:
    """The days of the report, as far as they are given."""
    first, last = params["from_day"] or sentence("first day"), params["to_day"] or sentence("last day")
    return sentence("Sensor counts and levels, %(first)s to %(last)s", first=first, last=last)


def check(params: ReportParams) -> None:
    """InputError where a day is invalid, or the last day is before the first."""
    days = [day_in(text, name) for text, name in ((params.from_day, "from_day"), (params.to_day, "to_day")) if text]
    if len(days) == 2 and days[0] > days[1]:
        raise InputError("last day before the first", column="to_day", accepted="a day after from_day")
    neighbours_of(params.neighbours)
    if not 1 <= params.fewest_days <= 3_660:
        raise InputError("out of range", column="fewest_days", accepted="1 to 3,660 days")


def day_in(text: str, name: str) -> date:
    """The day that a parameter names; InputError where it is no whole ISO day."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise InputError("not a day", column=name, accepted="a day such as 2026-03-01")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("not a day", column=name, accepted="a day such as 2026-03-01") from None


REPORT = Capability(
    id="sensors.report",
    warrant="No warrant needed, because it sums enough homes or people. A single home’s record takes one.",
    title="Sensor counts and levels report",
    about="Sums counts, sound levels and energy by day and typical hour, and suppresses small values.",
    asks=Asks(
        params=ReportParams,
        titled=_titled,
        check=check,
        purposes=frozenset({Purpose.SAFETY, Purpose.AUDIT, Purpose.OVERSIGHT}),
        askers=frozenset({Role.ANALYST, Role.COMMANDER, Role.DISPATCHER}),
        deciders=frozenset({Role.PRIVACY_OFFICER, Role.BOARD}),
    ),
    needs=(Need(kind=AuthorizationKind.IMPACT_ASSESSMENT),),
    reads=(Read(role="windows", title="windows", shape="windows"),),
    emits=(
        Emit(table="days", columns=DAYS),
        Emit(table="profile", columns=PROFILE, by=("area", "measure", "hour")),
        Emit(table="energy", columns=COLUMNS, once="areas"),
    ),
    arithmetic=deferred("peelian.technologies.sensors.reporting:ARITHMETIC"),
)
