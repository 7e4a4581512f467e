"""Trial of the counter detector on a town's past counts. It yields the accuracy report that the watch needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.capability import (
    Arithmetic,
    AuthorizationKind,
    Context,
    Dataset,
    Example,
    Findings,
    Note,
    Scalar,
    Shows,
    all_public,
)
from peelian.measure.table import Table, table
from peelian.technologies.crowd import example, trials
from peelian.technologies.crowd.counter_record import Event, Record, Seen, by_hour, found_rises, nights, record_of, seen
from peelian.technologies.crowd.declarations.counter_trial import EVENTS, HOURS, SENSORS, CounterTrialParams
from peelian.technologies.crowd.trials import Bar, Injected, check_criteria, outcomes, per_day, trial_tables, verdict
from peelian.technologies.crowd.trials_view import counters_view

JUDGED = (
    "%(alarms)d false alarms from %(sensors)d counters in %(days).0f sensor-days outside events: "
    "%(rate).3f per sensor-day (95%% interval %(low).3f to %(high).3f)."
)
FOUND = (
    "Detected %(share).1f%% of %(n)d simulated rises to %(ratio).1f times the count for %(hours)d hours, "
    "where at least %(least)d persons were expected."
)
EVENT = "On the night of %(day)s, %(raised)d of %(sensors)d counters raised an alarm."
TAKEN_AS_FALSE = (
    "Every alarm outside the named events counts as false, including concerts and parades that nobody "
    "named. The added rises are simulated."
)
AFTER_THE_HOUR = (
    "Counters report at the end of each hour. Use them for planning and slow gatherings, not to prevent a crush."
)
TOLD_APART = (
    "An alarm means more people than usual. It does not say who they are, why they came or whether there is a problem."
)
TOGETHER = (
    "Several alarms on one day often share a cause. The interval treats them as independent and may be too narrow."
)
CRITERIA = (
    Bar(word="max_false_per_sensor_day", least=False),
    Bar(word="min_recall", least=True),
    Bar(word="min_event_share", least=True),
    Bar(word="min_sensor_days", least=True),
)


def run(params: CounterTrialParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Run the detector on the record, its events, and added rises. O(sensors · hours · weeks)."""
    criteria = context.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA]
    check_criteria(criteria, CRITERIA, {})
    if "min_event_share" in criteria and not params.events:
        raise InputError(
            "acceptance criteria need events, but none is named", accepted="events: days such as 2024-12-31"
        )
    record = record_of(datasets["counts"])
    found = seen(record, params.events, context.progress)
    shape = (params.ratio, params.hours, float(params.least_expected))
    rises = found_rises(record, found, shape, params.rises, context.seed)
    events = nights(record, found, params.events)
    alarms, days = int(found.false.sum()), float(found.days.sum())
    bars = outcomes(criteria, CRITERIA, _reached(alarms, days, rises, events))
    return Findings(
        tables=(
            *trial_tables(alarms, days, [rises], bars),
            _by_sensor(record, found),
            _by_hour(record, found),
            _events(events),
        ),
        notes=(*_notes(params, (alarms, days, len(record.sensors)), rises, events), verdict(bars), *_caveats()),
        facts={
            "sensors": len(record.sensors),
            "sensor_days": days,
            "alarms": alarms,
            "false_per_sensor_day": alarms / days,
            "recall": rises.share,
            "ratio": params.ratio,
            "criteria_met": all(bar.met for bar in bars),
            "data_digest": datasets["counts"].digest,
        },
    )


def _reached(alarms: int, days: float, rises: Injected, events: Sequence[Event]) -> dict[str, float]:
    return {
        "max_false_per_sensor_day": alarms / days,
        "min_recall": rises.share,
        "min_event_share": min((event.share for event in events), default=float("nan")),
        "min_sensor_days": days,
    }


def _notes(
    params: CounterTrialParams, told: tuple[int, float, int], rises: Injected, events: Sequence[Event]
) -> list[Note]:
    alarms, days, sensors = told
    rate, low, high = per_day(alarms, days)
    judged: dict[str, Scalar] = {
        "sensors": sensors,
        "days": days,
        "alarms": alarms,
        "rate": rate,
        "low": low,
        "high": high,
    }
    found: dict[str, Scalar] = {
        "n": rises.n,
        "ratio": params.ratio,
        "hours": params.hours,
        "least": params.least_expected,
        "share": 100 * rises.share,
    }
    nights_told = [Note(text=EVENT, values={"day": e.day, "raised": e.raised, "sensors": e.sensors}) for e in events]
    return [Note(text=JUDGED, values=judged), Note(text=FOUND, values=found), *nights_told]


def _caveats() -> tuple[Note, ...]:
    return tuple(Note(text=text, kind="caveat") for text in (TAKEN_AS_FALSE, AFTER_THE_HOUR, TOLD_APART, TOGETHER))


def _by_sensor(record: Record, found: Seen) -> Table:
    n = np.round(found.days).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        per = np.where(n > 0, found.false / np.maximum(n, 1), np.nan)
    columns: dict[str, Any] = {
        "area": np.array(record.sensors, dtype=object),
        "n": n,
        "alarms": found.false.astype(np.float64),
        "per_day": per,
    }
    return table("sensors", {name: (kind, columns[name]) for name, kind in SENSORS.items()}, n="days")


def _by_hour(record: Record, found: Seen) -> Table:
    columns: dict[str, Any] = {"hours": np.arange(24), **by_hour(record, found)}
    return table("by_hour", {name: (kind, columns[name]) for name, kind in HOURS.items()}, hours="hours")


def _events(events: Sequence[Event]) -> Table:
    columns: dict[str, Any] = {
        "day": np.array([event.day for event in events], dtype="datetime64[D]"),
        "sensors": np.array([event.sensors for event in events], dtype=np.int64),
        "raised": np.array([event.raised for event in events], dtype=np.int64),
    }
    kinds = {name: (kind, columns[name]) for name, kind in EVENTS.items()}
    return table("events", kinds, sensors="sensors", raised="sensors")


def trial_example() -> Example:
    """Two invented counters, with criteria that the detector meets."""
    bars: dict[str, Scalar] = {"max_false_per_sensor_day": 0.2, "min_recall": 0.7}
    return Example(
        params=CounterTrialParams(rises=100),
        datasets={"counts": example.counts()},
        authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: bars},
    )


ARITHMETIC = Arithmetic(
    run=run,
    example=trial_example,
    messages=frozenset(
        {JUDGED, FOUND, EVENT, trials.ALL_MET, trials.SOME_MISSED, TAKEN_AS_FALSE, AFTER_THE_HOUR, TOLD_APART, TOGETHER}
    ),
    vocabulary=frozenset({"rise", *(bar.word for bar in CRITERIA), trials.MET, trials.MISSED}),
    public=all_public,
    shows=Shows(view=counters_view),
)
