"""The trial of the counter detector on past hourly counts."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Emit,
    Findings,
    Grant,
    Need,
    Purpose,
    Read,
    Role,
    Scalar,
    deferred,
)
from peelian.kernel.model.criteria import Criterion
from peelian.kernel.model.parameters import day, number
from peelian.kernel.model.tables import amount, category, count, place, time
from peelian.technologies.crowd.declarations.columns import EMITS, SUMMARY

SENSORS = Emit(
    table="sensors",
    title="false alarms by counter",
    columns={"area": place("Counter"), **{name: SUMMARY[name] for name in ("n", "alarms", "per_day")}},
)
DIRECTION = category("Direction", {"rise": "More people", "fall": "Fewer people"})
EVENTS = Emit(
    table="events",
    title="event nights and closures",
    columns={
        "day": time("Day"),
        "direction": DIRECTION,
        "sensors": count("Counters judged", "sensors"),
        "raised": count("Counters with an alarm", "sensors"),
    },
)
DIRECTIONS = Emit(table="directions", title="false alarms by direction", columns={"direction": DIRECTION, **SUMMARY})
HOURS = Emit(
    table="by_hour",
    title="false alarms and counts by hour of the day",
    columns={
        "hours": count("Hour of the day", "hours"),
        "rises": amount("Alarms of more people"),
        "falls": amount("Alarms of fewer people"),
        "counted": amount("Counted", "persons"),
        "expected": amount("Expected", "persons"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterTrialParams:
    """Parameters of the trial: added rises and falls, and days on which alarms are expected."""

    ratio: float = number(3.0, "Size of an added rise, as a multiple of the count. A fall divides by it", 1.1, 100)
    hours: int = number(3, "Duration of an added rise or fall", 1, 24, "h")
    least_expected: int = number(50, "Smallest expected count at which rises and falls are added", 1, 100_000)
    rises: int = number(1_000, "Number of rises added, and of falls", 20, 100_000)
    events: tuple[str, ...] = day((), "Event nights, for example 2024-12-31")
    closures: tuple[str, ...] = day((), "Days with a closure, for example 2024-12-25")


def report_body(params: CounterTrialParams, findings: Findings) -> dict[str, Scalar]:
    """Body of the accuracy report: results and amount of data."""
    return {name: findings.facts[name] for name in REPORTED}


REPORTED = {
    "sensors": "Sensors",
    "sensor_days": "Sensor-days",
    "false_per_sensor_day": "False alarms per sensor-day",
    "recall": "Detection rate of rises",
    "fall_recall": "Detection rate of falls",
    "ratio": "Rise that was tested, as a multiple of the usual count",
    "data_digest": "SHA-256 of the data",
}
CRITERIA = (
    Criterion(
        word="max_false_per_sensor_day",
        title="False alarms per sensor-day (maximum)",
        unit="alarms per sensor-day",
        high=1_440,
    ),
    Criterion(word="min_recall", title="Detection rate of rises (minimum)"),
    Criterion(word="min_fall_recall", title="Detection rate of falls (minimum)"),
    Criterion(word="min_event_share", title="Share of counters with an alarm on named days (minimum)"),
    Criterion(word="min_sensor_days", title="Sensor-days of record (minimum)", unit="sensor-days", high=100_000),
)


COUNTER_TRIAL = Capability(
    id="crowd.counter_trial",
    warrant="No warrant needed, because it counts people at places or measures loudness, and tells of nobody.",
    title="Counter detector trial",
    about="Runs the counter detector on past hourly counts and reports false alarms and detection rates.",
    asks=Asks(
        params=CounterTrialParams,
        purposes=frozenset({Purpose.PROOF}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=(Read(role="counts", title="counts", shape="counts"),),
    emits=(*EMITS, DIRECTIONS, SENSORS, HOURS, EVENTS),
    needs=(Need(kind=AuthorizationKind.ACCEPTANCE_CRITERIA, criteria=CRITERIA),),
    grants=Grant(
        kind=AuthorizationKind.ACCURACY_REPORT,
        serves="crowd.counters",
        body=report_body,
        titles=REPORTED,
        may=lambda findings: bool(findings.facts["criteria_met"]),
    ),
    arithmetic=deferred("peelian.technologies.crowd.counter_trial:ARITHMETIC"),
)
