"""Trial of the noise detector on a town's past record. It yields the accuracy report that the watch needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from peelian.errors import InputError, sentence
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
from peelian.kernel.model.watch import Level
from peelian.measure.table import Table
from peelian.technologies.crowd import example, trials
from peelian.technologies.crowd.declarations.columns import MET, MISSED
from peelian.technologies.crowd.declarations.noise_rules import RULES
from peelian.technologies.crowd.declarations.noise_trial import COURSE, CRITERIA, RAISED, NoiseTrialParams, covered
from peelian.technologies.crowd.noise_record import (
    INJECTING,
    Heard,
    Record,
    found_rises,
    listened,
    raised_by_short_sounds,
)
from peelian.technologies.crowd.trials import (
    Injected,
    Outcome,
    all_met,
    check_criteria,
    outcomes,
    per_day,
    trial_tables,
    verdict,
)
from peelian.technologies.crowd.trials_view import noise_view

LISTENED = (
    "%(alarms)d false %(alarms:alarm|alarms) in %(days).2f sensor-days, with one level every %(period)d s: "
    "%(rate).2f per sensor-day (95%% interval %(low).2f to %(high).2f)."
)
FOUND = (
    "Detected %(ten).1f%% of %(n)d steady sounds 10 dB above background, with a median delay of %(delay)d "
    "s, and %(six).1f%% of those 6 dB above."
)
LIFTED = (
    "With all levels raised by 6 dB, it detected %(six).1f%%. In moments quieter than the last hour, that "
    "is less than 6 dB above background."
)
SHORT = "%(raised)d of %(n)d passing sirens and bangs raised an alarm."
FAULTY = "Meter faults: %(n)d (flat, clipping, jumping or silent). Faults raise no alarm."
TAKEN_AS_FALSE = (
    "Every alarm in the record counts as false, because nobody logged what happened. The added sounds are simulated."
)
NO_SHOTS = "By design, it does not detect bangs, gunshots or speech. It receives sound levels, never sound."
GETS_USED = (
    "After about half an hour, a lasting noise becomes part of the background. The alarm marks its start, "
    "not its duration."
)
ONE_PLACE = "Results apply to this place and season. A meter elsewhere needs its own trial."
INJECTED = ("rise_6_db", "rise_10_db", "lift_6_db", "lift_10_db", "short_sounds")


def run(params: NoiseTrialParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Run the detector on the record as it is and with additions. O(readings + (rises + short sounds) · minutes)."""
    criteria = context.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA]
    check_criteria(criteria, CRITERIA, covered(params))
    record = record_of(datasets["levels"], params.period_seconds)
    heard = listened(record, context.progress)
    context.progress(INJECTING, 0.5)
    injected = list(found_rises(record, heard, params.rises, context.seed))
    injected.append(raised_by_short_sounds(record, heard, params.short_sounds, context.seed))
    by_word = {one.word: one for one in injected}
    bars = outcomes(criteria, CRITERIA, _reached(record, heard, by_word))
    start = int(datasets["levels"].facts["start_second"])
    return Findings(
        tables=(
            *trial_tables(len(heard.raised), record.days, injected, bars),
            _course(heard, start),
            _raised(heard, start),
        ),
        notes=(*_notes(record, heard, by_word, bars), *_caveats(by_word["lift_6_db"])),
        facts=_facts(params, record, heard, by_word, bars) | {"data_digest": datasets["levels"].digest},
    )


def record_of(dataset: Dataset, period_seconds: int) -> Record:
    """The record of a dataset of levels; InputError where its meter is of another kind."""
    if dataset.facts["period_seconds"] != period_seconds:
        says = sentence("the record has a level every %(n)s seconds", n=dataset.facts["period_seconds"])
        raise InputError(says, accepted=f"period_seconds={dataset.facts['period_seconds']}")
    return Record(
        second=dataset.table["second"].astype(np.int64), level=dataset.table["laeq_db"], rule=RULES[period_seconds]
    )


def _reached(record: Record, heard: Heard, injected: Mapping[str, Injected]) -> dict[str, float]:
    six = injected["rise_6_db"], injected["lift_6_db"]
    both = Injected(word="6_db", n=sum(one.n for one in six), delays=tuple(d for one in six for d in one.delays))
    return {
        "max_false_per_sensor_day": len(heard.raised) / record.days,
        # the harder of both ways to put a rise in; the delay of the smaller rises, both ways together
        "min_recall_6_db": min(injected["rise_6_db"].share, injected["lift_6_db"].share),
        "min_recall_10_db": min(injected["rise_10_db"].share, injected["lift_10_db"].share),
        "max_median_delay_seconds": both.median_delay,
        "max_short_sounds_raised": injected["short_sounds"].share,
        "min_sensor_days": record.days,
    }


def _notes(record: Record, heard: Heard, injected: Mapping[str, Injected], bars: Sequence[Outcome]) -> list[Note]:
    rate, low, high = per_day(len(heard.raised), record.days)
    listened_to: dict[str, Scalar] = {
        "days": record.days,
        "period": record.rule.period_seconds,
        "alarms": len(heard.raised),
        "rate": rate,
        "low": low,
        "high": high,
    }
    ten, six, short = injected["rise_10_db"], injected["rise_6_db"], injected["short_sounds"]
    found: dict[str, Scalar] = {"n": ten.n, "ten": 100 * ten.share, "delay": ten.median_delay, "six": 100 * six.share}
    told = [
        Note(text=LISTENED, values=listened_to),
        Note(text=FOUND, values=found),
        Note(text=SHORT, values={"raised": len(short.delays), "n": short.n}),
    ]
    faults = sum(heard.faults.values())
    told += [Note(text=FAULTY, values={"n": faults})] if faults else []
    return [*told, verdict(bars)]


def _caveats(six: Injected) -> tuple[Note, ...]:
    lifted = Note(text=LIFTED, values={"six": 100 * six.share}, kind="caveat")
    return (lifted, *(Note(text=text, kind="caveat") for text in (TAKEN_AS_FALSE, NO_SHOTS, GETS_USED, ONE_PLACE)))


def _facts(
    params: NoiseTrialParams, record: Record, heard: Heard, injected: Mapping[str, Injected], bars: Sequence[Outcome]
) -> dict[str, Scalar]:
    return {
        **covered(params),
        "sensor_days": record.days,
        "alarms": len(heard.raised),
        "faults": sum(heard.faults.values()),
        "false_per_sensor_day": len(heard.raised) / record.days,
        "recall_6_db": injected["rise_6_db"].share,
        "recall_10_db": injected["rise_10_db"].share,
        "lifted_6_db": injected["lift_6_db"].share,
        "lifted_10_db": injected["lift_10_db"].share,
        "median_delay_seconds": injected["rise_10_db"].median_delay,
        "short_sounds_raised": injected["short_sounds"].share,
        "criteria_met": all_met(bars),
    }


def _course(heard: Heard, start: int) -> Table:
    hours = (start // 3_600 + heard.hour).astype("datetime64[h]")
    return COURSE.of({"hour": hours, "l90_db": heard.level, "background_db": heard.background})


def _raised(heard: Heard, start: int) -> Table:
    hours = np.array([(start + one.second) // 3_600 for one in heard.raised], dtype=np.int64)
    return RAISED.of(
        {
            "hour": hours.astype("datetime64[h]"),
            "level": [str(one.level) for one in heard.raised],
            "above_db": [one.above_db for one in heard.raised],
            "l90_db": [one.level_db for one in heard.raised],
            "background_db": [one.background_db for one in heard.raised],
        }
    )


def trial_example() -> Example:
    """An invented day of a square, with criteria that the detector meets."""
    bars: dict[str, Scalar] = {"max_false_per_sensor_day": 8.0, "min_recall_10_db": 0.9}
    return Example(
        params=NoiseTrialParams(rises=20, short_sounds=20),
        datasets={"levels": example.levels()},
        authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: bars},
    )


ARITHMETIC = Arithmetic(
    run=run,
    example=trial_example,
    messages=frozenset(
        {
            LISTENED,
            FOUND,
            LIFTED,
            SHORT,
            FAULTY,
            trials.ALL_MET,
            trials.NONE_SET,
            trials.SOME_MISSED,
            TAKEN_AS_FALSE,
            NO_SHOTS,
            GETS_USED,
            ONE_PLACE,
        }
    ),
    vocabulary=frozenset({*INJECTED, *(bar.word for bar in CRITERIA), MET, MISSED, *(str(v) for v in Level)}),
    public=all_public,
    shows=Shows(view=noise_view),
)
