"""The crowd forecast: expected counts of the next hour and week at each counter, and its proof on the same record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from peelian.errors import InputError
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
from peelian.kernel.model.parameters import day, is_day, parsed
from peelian.measure.table import Kind

LEAST_DAYS = 14  # a week ahead is forecast from what was known before that week
AHEAD: Mapping[str, Kind] = {
    "area": Kind.PLACE,
    "horizon": Kind.CATEGORY,
    "hour": Kind.TIME,
    "expected": Kind.AMOUNT,
    "low_80": Kind.AMOUNT,
    "high_80": Kind.AMOUNT,
    "low_95": Kind.AMOUNT,
    "high_95": Kind.AMOUNT,
}
PROOF: Mapping[str, Kind] = {
    "horizon": Kind.CATEGORY,
    "n": Kind.COUNT,
    "blocks": Kind.AMOUNT,
    "error": Kind.AMOUNT,
    "rival_error": Kind.AMOUNT,
    "gain": Kind.AMOUNT,
    "gain_low": Kind.AMOUNT,
    "gain_high": Kind.AMOUNT,
    "covered_80": Kind.RATE,
    "covered_95": Kind.RATE,
    "verdict": Kind.CATEGORY,
}
PLACES: Mapping[str, Kind] = {
    "area": Kind.PLACE,
    "horizon": Kind.CATEGORY,
    "n": Kind.COUNT,
    "error": Kind.AMOUNT,
    "rival_error": Kind.AMOUNT,
}
PROOF_EMITS = (Emit(table="ahead_proof", columns=PROOF), Emit(table="ahead_places", columns=PLACES))


TWO_WEEKS = "each day once, two weeks after the other"


def event_days(text: str) -> tuple[date, date]:
    """The day of an event and the earlier day like it; InputError where they are no days, or too near each other."""
    told = text.split("=")
    if len(told) != 2 or not all(map(is_day, told)):
        raise InputError("no such day", column="events", accepted="two dates such as 2024-12-31=2023-12-31")
    event, like = map(date.fromisoformat, told)
    if (event - like).days < LEAST_DAYS:
        raise InputError("not an event day", column="events", accepted=TWO_WEEKS)
    return event, like


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastParams:
    """Days that are expected to be as quiet as the quietest day of the week, past and to come; and days of events, each
    expected to be as an earlier day was."""

    holidays: tuple[str, ...] = day((), "Public holidays, for example 2024-12-25")
    events: tuple[str, ...] = parsed(
        (), "Event days, each with an earlier day like it, for example 2024-12-31=2023-12-31", event_days
    )


def each_once(params: ForecastParams) -> None:
    """InputError where an event is named twice."""
    days = [event_days(text)[0] for text in params.events]
    if len(set(days)) < len(days):
        raise InputError("not an event day", column="events", accepted=TWO_WEEKS)


FORECAST = Capability(
    id="crowd.forecast",
    warrant="No warrant needed, because it counts people at places or measures loudness, and tells of nobody.",
    title="Crowd forecast",
    about="Expected counts of people at each counter for the next hour and the next week, with intervals.",
    asks=Asks(
        params=ForecastParams,
        together=each_once,
        purposes=frozenset({Purpose.ADVICE}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.COMMANDER}),
    ),
    reads=(Read(role="counts", title="counts", shape="counts"),),
    emits=(Emit(table="counts_ahead", columns=AHEAD), *PROOF_EMITS),
    needs=(
        Need(kind=AuthorizationKind.COUNCIL_APPROVAL),
        Need(kind=AuthorizationKind.IMPACT_ASSESSMENT),
        Need(kind=AuthorizationKind.ACCURACY_REPORT),
    ),
    arithmetic=deferred("peelian.technologies.crowd.forecast:ARITHMETIC"),
)
