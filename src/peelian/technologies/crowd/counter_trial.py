"""Trial of the counter detector on a town's past counts. It yields the accuracy report that the watch needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
)
from peelian.measure.table import Table
from peelian.technologies.crowd import example, trials
from peelian.technologies.crowd.counter_record import (
    Event,
    Record,
    Seen,
    by_hour,
    found_changes,
    nights,
    record_of,
    seen,
)
from peelian.technologies.crowd.declarations.columns import MET, MISSED
from peelian.technologies.crowd.declarations.counter_trial import (
    CRITERIA,
    DIRECTIONS,
    EVENTS,
    HOURS,
    SENSORS,
    CounterTrialParams,
)
from peelian.technologies.crowd.trials import (
    Injected,
    all_met,
    check_criteria,
    outcomes,
    per_day,
    trial_tables,
    verdict,
)
from peelian.technologies.crowd.trials_view import counters_view

JUDGED = (
    "%(alarms)d false %(alarms:alarm|alarms) from %(sensors)d %(sensors:counter|counters) in %(days).0f sensor-days "
    "outside events: %(rate).3f per sensor-day (95%% interval %(low).3f to %(high).3f). %(rises)d were rises, "
    "%(falls)d falls."
)
FOUND = (
    "Detected %(share).1f%% of %(n)d simulated rises to %(ratio).1f times the count for %(hours)d hours, "
    "where at least %(least)d persons were expected."
)
FALLS_FOUND = (
    "Detected %(share).1f%% of %(n)d simulated falls to the count divided by %(ratio).1f for %(hours)d hours, "
    "where at least %(least)d persons were expected."
)
EVENT = "On the night of %(day)s, %(raised)d of %(sensors)d counters raised an alarm of more people."
CLOSURE = "On %(day)s, %(raised)d of %(sensors)d counters raised an alarm of fewer people."
TAKEN_AS_FALSE = (
    "Every alarm outside the named days counts as false, including concerts, parades and closures that nobody "
    "named. The added rises and falls are simulated."
)
AFTER_THE_HOUR = (
    "Counters report at the end of each hour. Use them for planning and slow gatherings, not to prevent a crush."
)
TOLD_APART = (
    "An alarm means more people than usual, or fewer. "
    "It does not say who they are, why they came or left, or whether there is a problem."
)
FALLS_ARE = (
    "A fall means fewer people than on the quietest day of the week at that hour. A rush hour that is only as quiet as "
    "a Sunday raises none. An hour with nobody at all is a sensor fault, not a fall."
)
TOGETHER = (
    "Several alarms on one day often share a cause. The interval treats them as independent and may be too narrow."
)


def run(params: CounterTrialParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Run the detector on the record, its events, and added rises and falls. O(sensors · hours · weeks)."""
    criteria = context.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA]
    check_criteria(criteria, CRITERIA, {})
    if "min_event_share" in criteria and not params.events:
        raise InputError(
            "acceptance criteria need events, but none is named", accepted="events: days such as 2024-12-31"
        )
    record = record_of(datasets["counts"])
    found = seen(record, params.events, params.closures, context.progress)
    shape, draw = (params.ratio, params.hours, float(params.least_expected)), (params.rises, context.seed)
    rises, falls = (found_changes(record, found, shape, draw, fall=fall) for fall in (False, True))
    events = (*nights(record, found, params.events), *nights(record, found, params.closures, fall=True))
    alarms, days = int(found.false.sum()), float(found.days.sum())
    bars = outcomes(criteria, CRITERIA, _reached(alarms, days, (rises, falls), events))
    return Findings(
        tables=(
            *trial_tables(alarms, days, [rises, falls], bars),
            _directions(found),
            _by_sensor(record, found),
            _by_hour(record, found),
            _events(events),
        ),
        notes=(*_notes(params, found, (rises, falls), events), verdict(bars), *_caveats()),
        facts={
            "sensors": len(record.sensors),
            "sensor_days": days,
            "alarms": alarms,
            "false_per_sensor_day": alarms / days,
            "recall": rises.share,
            "fall_recall": falls.share,
            "ratio": params.ratio,
            "criteria_met": all_met(bars),
            "data_digest": datasets["counts"].digest,
        },
    )


def _reached(alarms: int, days: float, changes: Sequence[Injected], events: Sequence[Event]) -> dict[str, float]:
    rises, falls = changes
    return {
        "max_false_per_sensor_day": alarms / days,
        "min_recall": rises.share,
        "min_fall_recall": falls.share,
        "min_event_share": min((event.share for event in events), default=float("nan")),
        "min_sensor_days": days,
    }


def _notes(params: CounterTrialParams, found: Seen, changes: Sequence[Injected], events: Sequence[Event]) -> list[Note]:
    rises, falls = (int(found.false_one_way(fall=fall).sum()) for fall in (False, True))
    days = float(found.days.sum())
    rate, low, high = per_day(rises + falls, days)
    judged: dict[str, Scalar] = {
        "sensors": len(found.judged),
        "days": days,
        "alarms": rises + falls,
        "rate": rate,
        "low": low,
        "high": high,
        "rises": rises,
        "falls": falls,
    }
    shape: dict[str, Scalar] = {"ratio": params.ratio, "hours": params.hours, "least": params.least_expected}
    shares = [
        Note(text=text, values={**shape, "n": one.n, "share": 100 * one.share})
        for text, one in zip((FOUND, FALLS_FOUND), changes, strict=True)
    ]
    told = [
        Note(text=CLOSURE if e.fall else EVENT, values={"day": e.day, "raised": e.raised, "sensors": e.sensors})
        for e in events
    ]
    return [Note(text=JUDGED, values=judged), *shares, *told]


def _caveats() -> tuple[Note, ...]:
    return tuple(
        Note(text=text, kind="caveat") for text in (TAKEN_AS_FALSE, AFTER_THE_HOUR, TOLD_APART, FALLS_ARE, TOGETHER)
    )


def _directions(found: Seen) -> Table:
    days = float(found.days.sum())
    alarms = {word: int(found.false_one_way(fall=word == "fall").sum()) for word in ("rise", "fall")}
    rows = [(word, n, max(1, round(days)), *per_day(n, days)) for word, n in alarms.items()]
    return DIRECTIONS.of_rows(dict(zip(DIRECTIONS.columns, row, strict=True)) for row in rows)


def _by_sensor(record: Record, found: Seen) -> Table:
    n = np.round(found.days).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        per = np.where(n > 0, found.false / np.maximum(n, 1), np.nan)
    return SENSORS.of({"area": record.sensors, "n": n, "alarms": found.false, "per_day": per})


def _by_hour(record: Record, found: Seen) -> Table:
    return HOURS.of({"hours": np.arange(24), **by_hour(record, found)})


def _events(events: Sequence[Event]) -> Table:
    return EVENTS.of(
        {
            "day": np.array([event.day for event in events], dtype="datetime64[D]"),
            "direction": ["fall" if event.fall else "rise" for event in events],
            "sensors": [event.sensors for event in events],
            "raised": [event.raised for event in events],
        }
    )


def public(findings: Findings) -> Findings:
    """All but the counts: two trials of which one is a day longer would tell that day, which is released with noise."""
    hours = findings.table("by_hour")
    kept = Table(name=hours.name, columns=tuple(c for c in hours.columns if c.name not in ("counted", "expected")))
    return replace(findings, tables=tuple(kept if t.name == hours.name else t for t in findings.tables))


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
        {
            JUDGED,
            FOUND,
            FALLS_FOUND,
            EVENT,
            CLOSURE,
            trials.ALL_MET,
            trials.NONE_SET,
            trials.SOME_MISSED,
            TAKEN_AS_FALSE,
            AFTER_THE_HOUR,
            TOLD_APART,
            FALLS_ARE,
            TOGETHER,
        }
    ),
    vocabulary=frozenset({"rise", "fall", *(bar.word for bar in CRITERIA), MET, MISSED}),
    public=public,
    shows=Shows(view=counters_view),
)
