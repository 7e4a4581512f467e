"""The proof of the counter detector on a town's own counts of years: the accuracy report that its watch needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from peelian.errors import InputError, out_of_range
from peelian.governance.capability import (
    Capability,
    Context,
    Dataset,
    Emit,
    Example,
    Findings,
    Grant,
    Need,
    Note,
    Paper,
    Purpose,
    Read,
    Role,
    Scalar,
)
from peelian.measure.table import Kind, Table, table
from peelian.technologies.crowd import example, trials
from peelian.technologies.crowd.counter_record import Event, Record, Seen, by_hour, found_rises, nights, record_of, seen
from peelian.technologies.crowd.formats import DAY
from peelian.technologies.crowd.trials import Bar, Injected, check_criteria, outcomes, per_day, trial_tables, verdict
from peelian.technologies.crowd.trials_view import counters_view

JUDGED = (
    "%(sensors)d counters were judged on %(days).0f sensor-days; the detector would have raised %(alarms)d alarms "
    "outside events: %(rate).3f per sensor-day (in 95 of 100 such records %(low).3f to %(high).3f)."
)
FOUND = (
    "Of %(n)d rises to %(ratio).1f times the count for %(hours)d hours, where at least %(least)d persons were "
    "expected, it found %(share).1f%%."
)
EVENT = "On the night of %(day)s, %(raised)d of %(sensors)d counters told of it."
TAKEN_AS_FALSE = (
    "Every alarm outside the events named is taken as a false one, concerts and parades that nobody named among them. "
    "What was put in is made up."
)
AFTER_THE_HOUR = "A counter tells when its hour is over: this is for planning and for slow gatherings, not for a crush."
TOLD_APART = "It says that more people came than usual. It does not say who they are, why they came, or that it is bad."
TOGETHER = "Alarms of several counters on one day often have one cause; the interval takes each for itself."
BARS = (
    Bar(word="max_false_per_sensor_day", least=False),
    Bar(word="min_recall", least=True),
    Bar(word="min_event_share", least=True),
    Bar(word="min_sensor_days", least=True),
)
SENSORS: Mapping[str, Kind] = {
    "area": Kind.PLACE,
    "n": Kind.COUNT,
    "alarms": Kind.AMOUNT,
    "per_day": Kind.RATE,
}
EVENTS: Mapping[str, Kind] = {"day": Kind.TIME, "sensors": Kind.COUNT, "raised": Kind.COUNT}
HOURS: Mapping[str, Kind] = {
    "hours": Kind.COUNT,
    "alarms": Kind.AMOUNT,
    "counted": Kind.AMOUNT,
    "expected": Kind.AMOUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterTrialParams:
    """What is tried: the rises put in, and the days of events that an alarm should tell of."""

    ratio: float = field(default=3.0, metadata={"help": "a rise is so many times the count"})
    hours: int = field(default=3, metadata={"help": "how long a rise lasts", "unit": "h"})
    least_expected: int = field(default=50, metadata={"help": "rises are put in where so many persons are expected"})
    rises: int = field(default=1_000, metadata={"help": "how many rises are put in"})
    events: tuple[str, ...] = field(default=(), metadata={"help": "days whose night was an event, as 2024-12-31"})


def check(params: CounterTrialParams) -> None:
    """InputError where a parameter cannot be."""
    ranges = {"ratio": (1.1, 100), "hours": (1, 24), "least_expected": (1, 100_000), "rises": (20, 100_000)}
    for name, (low, high) in ranges.items():
        if not low <= getattr(params, name) <= high:
            raise out_of_range(name, low, high)
    for day in params.events:
        if not DAY.fullmatch(day):
            raise InputError("an event has no day", accepted="days as 2024-12-31")
        try:
            np.datetime64(day, "D")
        except ValueError:
            raise InputError("there is no such day", accepted="days as 2024-12-31") from None


def run(params: CounterTrialParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """The record as it is, its events, and rises put in. O(sensors · hours · weeks)."""
    criteria = context.papers[Paper.ACCURACY_CRITERIA]
    check_criteria(criteria, BARS, {})
    if "min_event_share" in criteria and not params.events:
        raise InputError("the criteria ask for events and none is named", accepted="events: days such as 2024-12-31")
    record = record_of(datasets["counts"])
    found = seen(record, params.events, context.progress)
    shape = (params.ratio, params.hours, float(params.least_expected))
    rises = found_rises(record, found, shape, params.rises, context.seed)
    events = nights(record, found, params.events)
    alarms, days = int(found.false.sum()), float(found.days.sum())
    bars = outcomes(criteria, BARS, _reached(alarms, days, rises, events))
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
            "bars_met": all(bar.met for bar in bars),
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


def report_body(params: CounterTrialParams, findings: Findings) -> dict[str, Scalar]:
    """The accuracy report's body: what was reached, and on how much."""
    kept = ("sensors", "sensor_days", "false_per_sensor_day", "recall", "ratio", "data_digest")
    return {name: findings.facts[name] for name in kept}


def everything(findings: Findings) -> Findings:
    """The public may see the whole trial: counts of many, averaged over the record."""
    return findings


def trial_example() -> Example:
    """Two made-up counters, with bars that the detector meets there."""
    bars: dict[str, Scalar] = {"max_false_per_sensor_day": 0.2, "min_recall": 0.7}
    return Example(
        params=CounterTrialParams(rises=100),
        datasets={"counts": example.counts()},
        papers={Paper.ACCURACY_CRITERIA: bars},
    )


COUNTER_TRIAL = Capability(
    id="crowd.counter_trial",
    title="Trial of the counter detector",
    about="Runs the counter detector over past hourly counts: how often it would be wrong, and what it would find.",
    params=CounterTrialParams,
    run=run,
    check=check,
    reads=(Read(role="counts", shape="counts"),),
    emits=(
        *trials.EMITS,
        Emit(table="sensors", columns=SENSORS),
        Emit(table="by_hour", columns=HOURS),
        Emit(table="events", columns=EVENTS),
    ),
    purposes=frozenset({Purpose.PROOF}),
    askers=frozenset({Role.ANALYST}),
    deciders=frozenset({Role.BOARD}),
    view=counters_view,
    public=everything,
    example=trial_example,
    messages=frozenset(
        {JUDGED, FOUND, EVENT, trials.ALL_MET, trials.SOME_MISSED, TAKEN_AS_FALSE, AFTER_THE_HOUR, TOLD_APART, TOGETHER}
    ),
    vocabulary=frozenset({"rise", *(bar.word for bar in BARS), trials.MET, trials.MISSED}),
    needs=(Need(paper=Paper.ACCURACY_CRITERIA),),
    grants=Grant(
        paper=Paper.ACCURACY_REPORT,
        serves="crowd.counters",
        body=report_body,
        may=lambda findings: bool(findings.facts["bars_met"]),
    ),
    choices=("adopt", "reject"),
)
