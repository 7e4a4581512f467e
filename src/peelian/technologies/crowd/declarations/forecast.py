"""The crowd forecast: expected counts of the next hour and week at each counter, and its proof on the same record."""

from __future__ import annotations

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
from peelian.kernel.model.tables import amount, category, count, place, rate, time

LEAST_DAYS = 14  # a week ahead is forecast from what was known before that week
HOUR_AHEAD, WEEK_AHEAD = "hour", "week"
COUNTER = place("Counter")
HORIZON = category("Horizon", {HOUR_AHEAD: "Hour ahead", WEEK_AHEAD: "Week ahead"})
N, ERROR, RIVAL = (
    count("Number (n)", "counts"),
    amount("Mean error", "persons"),
    amount("Same hour last week", "persons"),
)
AHEAD = Emit(
    table="counts_ahead",
    title="expected counts",
    columns={
        "area": COUNTER,
        "horizon": HORIZON,
        "hour": time("Hour"),
        "expected": amount("Expected", "persons", 0),
        "low_80": amount("80% interval, lower end", "persons", 0),
        "high_80": amount("80% interval, upper end", "persons", 0),
        "low_95": amount("95% interval, lower end", "persons", 0),
        "high_95": amount("95% interval, upper end", "persons", 0),
    },
)
PROOF = Emit(
    table="ahead_proof",
    title="forecast errors",
    columns={
        "horizon": HORIZON,
        "n": N,
        "blocks": amount("Blocks of two weeks"),
        "error": ERROR,
        "rival_error": RIVAL,
        "gain": amount("Difference", "persons"),
        "gain_low": amount("95% interval, lower end", "persons"),
        "gain_high": amount("95% interval, upper end", "persons"),
        "covered_80": rate("In 80% interval"),
        "covered_95": rate("In 95% interval"),
        "verdict": category("Verdict"),
    },
)
PLACES = Emit(
    table="ahead_places",
    title="forecast errors by counter",
    columns={"area": COUNTER, "horizon": HORIZON, "n": N, "error": ERROR, "rival_error": RIVAL},
)
PROOF_EMITS = (PROOF, PLACES)


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
    emits=(AHEAD, *PROOF_EMITS),
    needs=(
        Need(kind=AuthorizationKind.COUNCIL_APPROVAL),
        Need(kind=AuthorizationKind.IMPACT_ASSESSMENT),
        Need(kind=AuthorizationKind.ACCURACY_REPORT),
    ),
    arithmetic=deferred("peelian.technologies.crowd.forecast:ARITHMETIC"),
)
