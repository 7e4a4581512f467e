"""Crowd management, measured: the noise detector on a real day, counters on seven years, growth in sensors.

uv run python benchmarks/crowd.py [--quick] [--json FILE]. Seven years of Auckland need ../shared/data; without them the
five months that ship with the product are taken, and the figures say so.
"""

from __future__ import annotations

import gzip
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.kernel.model.capability import Dataset
from peelian.measure.rates import wilson
from peelian.measure.table import Kind, table
from peelian.technologies.crowd import meters
from peelian.technologies.crowd.counter_record import Record as CounterRecord
from peelian.technologies.crowd.counter_record import Seen, found_changes, nights, record_of, seen
from peelian.technologies.crowd.declarations.noise_rules import EACH_MINUTE, EACH_SECOND
from peelian.technologies.crowd.formats import FORMATS
from peelian.technologies.crowd.noise_record import Heard, Record, listened, raised_by_short_sounds
from peelian.technologies.crowd.noise_record import found_rises as found_noise_rises

EXAMPLES = resources.files("peelian.technologies.crowd") / "examples"
ELEVEN_DAYS = Path(__file__).resolve().parents[2] / "shared" / "data" / "sound" / "noisemonitor_test_data_laeq1m.csv.gz"
SEVEN_YEARS = Path(__file__).resolve().parents[2] / "shared" / "data" / "crowd" / "akl_hourly_counts_2019_2025.csv.gz"
EVES = ("2019-12-31", "2020-12-31", "2023-12-31", "2024-12-31")  # those with a public feast; 2021 and 2022 had none
# Closures by the public record, listed before the fall was measured: lockdowns (1News' timeline of 2021-03-25, Te Ao
# Maori News of 2021-08-18), a flood, a storm (RNZ of 2023-02-13), a cordon (1News of 2023-07-20), Christmas.
CLOSED = (
    *("2020-03-26", "2020-08-12", "2021-02-28", "2021-08-18", "2023-01-27", "2023-02-13", "2023-07-20"),
    *("2019-12-25", "2024-12-25"),
)
HOLIDAYS = ("2024-03-29", "2023-10-23")  # Good Friday and Labour Day: quiet, and no closure


def admitted(format: str, content: bytes) -> Dataset:
    """A dataset as the door in would make it."""
    lines = gzip.decompress(content).decode().splitlines()
    header, *rows = [line.split(",") for line in lines]
    columns = dict(zip([name.strip() for name in header], zip(*rows, strict=True), strict=True))
    header = list(columns)
    made = next(one for one in FORMATS if one.id == format)
    plain_names = {name.lower(): name for name in header}
    picked = made.pick(tuple(header), {}) if made.pick else {name: plain_names[name] for name in made.columns}
    text: dict[str, Any] = {
        name: (Kind.PERSONAL, np.array(columns[head], dtype=object)) for name, head in picked.items()
    }
    text["row"] = (Kind.COUNT, np.arange(2, len(rows) + 2))
    found = made.convert(table("text", text), {})
    return Dataset(id="", format=format, digest="", table=found.table, facts=found.facts)


def noise(n: int) -> list[Figure]:
    """The real day: false alarms, rises put in, sirens and bangs; the same by halves of the day and by hours."""
    record = _the_day()
    began = time.perf_counter()
    heard = listened(record)
    took = time.perf_counter() - began
    short = raised_by_short_sounds(record, heard, n, 1)
    say = "crowd: noise"
    found = [
        show(at_most(f"{say}, false alarms per sensor-day", len(heard.raised) / record.days, "1/day", 0.5)),
        show(at_most(f"{say}, sirens and bangs of {n} that raise an alarm", short.share, "share", 0.01)),
        show(plain(f"{say}, one reading", 1e6 * took / len(record.second), "µs")),
        *_phases(record),
        *_rises(record, heard, n, say),
    ]
    parts = {
        "0 to 12 h": lambda at: at < 43_200,
        "12 to 24 h": lambda at: at >= 43_200,
        "even hours (the loud spell is in one)": lambda at: at // 3_600 % 2 == 0,
        "odd hours": lambda at: at // 3_600 % 2 == 1,
    }
    for when, within in parts.items():
        part = replace(heard, states=tuple(one for one in heard.states if within(int(record.second[one[0]]))))
        lifted = next(one for one in found_noise_rises(record, part, n // 3, 1) if one.word == "lift_6_db")
        found.append(show(plain(f"{say}, {when}, found where every level is lifted by 6 dB", lifted.share, "share")))
    return found


def _rises(record: Record, heard: Heard, n: int, say: str) -> list[Figure]:
    """Share found with the bounds of Wilson's interval, and the median delay, of each way and size."""
    figures = []
    for one in found_noise_rises(record, heard, n, 1):
        way, _, size = one.word.removesuffix("_db").partition("_")
        what = {"rise": "a steady sound %s dB above the background", "lift": "every level lifted by %s dB"}[way] % size
        low, high = wilson(np.array([len(one.delays)]), np.array([one.n]))
        least = {"6": 0.90, "10": 0.95}[size]
        figures.append(show(at_least(f"{say}, found of {one.n}: {what}", one.share, "share", least)))
        figures.append(show(plain(f"{say}, its interval: {what}, from", float(low[0]), "share")))
        figures.append(show(plain(f"{say}, its interval: {what}, to", float(high[0]), "share")))
        figures.append(show(at_most(f"{say}, median delay: {what}", one.median_delay, "s", 120)))
        figures.append(show(plain(f"{say}, its interval: median delay, {what}, to", _highest_median(one.delays), "s")))
    return figures


def _highest_median(delays: Sequence[float]) -> float:
    """The upper end of the median's 95 % interval: the order statistic that a binomial count seldom passes."""
    rank = len(delays) / 2 + 1.96 * math.sqrt(len(delays)) / 2
    return sorted(delays)[min(math.ceil(rank), len(delays) - 1)]


def _phases(record: Record) -> list[Figure]:
    """False alarms when the meter is switched on a second later, two, … four: the steps fall elsewhere.

    And how far every bar of the rule could be lowered, in all five, before the first false alarm, and the second.
    """
    lowered = [k / 20 for k in range(41)]
    alarms = {}
    for db in lowered:
        rule = replace(record.rule, bars=tuple((level, bar - db, seconds) for level, bar, seconds in record.rule.bars))
        shifted = (Record(second=record.second[k:], level=record.level[k:], rule=rule) for k in range(5))
        alarms[db] = max(len(listened(one).raised) for one in shifted)
        if alarms[db] > 1:
            break
    first, second = (next((db for db in alarms if alarms[db] >= n), math.inf) for n in (1, 2))
    say = "crowd: noise, dB by which the rule could be lowered before"
    return [
        show(at_most("crowd: noise, false alarms in five placings of the steps", alarms[0.0], "alarms", 0)),
        show(plain(f"{say} the first false alarm in any placing", first, "dB")),
        show(plain(f"{say} a second one", second, "dB")),
    ]


def as_calm(record: Record) -> list[Figure]:
    """Whether the real day is calmer than others: the same rule over levels a minute, of the day and of eleven days.

    A minute's mean is above what is exceeded for 90 % of twelve seconds, so this counts more than the detector tells.
    """
    minutes = 10 * np.log10(np.mean(10 ** (record.level[: 1_440 * 60].reshape(-1, 60) / 10), axis=1))
    others = admitted("noisemonitor", ELEVEN_DAYS.read_bytes()).table
    found = []
    for more in (0.0, 2.5, 3.0):
        bars = tuple((level, bar + more, s) for level, bar, s in record.rule.bars if s in (150, 120))
        rule = replace(EACH_MINUTE, z=record.rule.z, bars=bars)
        day = Record(second=60 * np.arange(len(minutes)), level=minutes, rule=rule)
        eleven = Record(second=others["second"], level=others["laeq_db"], rule=rule)
        say = f"crowd: rises of the rule{f' and {more} dB more' if more else ''}, levels a minute"
        for name, one in (("the day", day), ("eleven days", eleven)):
            found.append(show(plain(f"{say}, {name}", len(listened(one).raised) / one.days, "1/day")))
    return found


def minutes(n: int) -> list[Figure]:
    """The rule for meters that tell a level a minute, on eleven real days."""
    if not ELEVEN_DAYS.is_file():
        return [show(plain("crowd: eleven days of one-minute levels need ../shared/data, left out", 0, ""))]
    data = admitted("noisemonitor", ELEVEN_DAYS.read_bytes()).table
    record = Record(second=data["second"], level=data["laeq_db"], rule=EACH_MINUTE)
    heard = listened(record)
    say = f"crowd: one-minute levels, {record.days:.1f} days"
    by_word = {one.word: one for one in found_noise_rises(record, heard, n, 1)}
    return [
        show(at_most(f"{say}, false alarms per sensor-day", len(heard.raised) / record.days, "1/day", 0.5)),
        show(plain(f"{say}, found of {n}: a steady sound 10 dB above", by_word["rise_10_db"].share, "share")),
        show(plain(f"{say}, found of {n}: every level lifted by 10 dB", by_word["lift_10_db"].share, "share")),
        *as_calm(_the_day()),
    ]


def _the_day() -> Record:
    data = admitted("sound-levels", (EXAMPLES / "laeq_1s_24h.csv.gz").read_bytes()).table
    return Record(second=data["second"], level=data["laeq_db"], rule=EACH_SECOND)


def counters(n: int, *, quick: bool) -> list[Figure]:
    """Auckland: false alarms each way, rises and falls put in, named days by direction."""
    whole = SEVEN_YEARS.is_file() and not quick
    file = SEVEN_YEARS if whole else EXAMPLES / "auckland_2023_09_2024_01.csv.gz"
    record = record_of(admitted("auckland-counts", file.read_bytes()))
    say = f"crowd: counters, {'seven years' if whole else 'five months'} of Auckland"
    began = time.perf_counter()
    found = seen(record, ())
    took = time.perf_counter() - began
    figures = [*_false_alarms(record, found, say)]
    for fall, least in ((False, 0.75), (True, 0.75)):
        for ratio, hours, expected in ((3.0, 3, 50.0), (3.0, 1, 50.0), (10.0, 3, 50.0), (10.0, 3, 200.0)):
            one = found_changes(record, found, (ratio, hours, expected), (n, 1), fall=fall)
            low, high = wilson(np.array([len(one.delays)]), np.array([one.n]))
            what = f"{one.word}s {'/' if fall else 'x'} {ratio:g} for {hours} h, {expected:g} expected"
            name = f"{say}, found of {what} [{float(low[0]):.3f}, {float(high[0]):.3f}], n {n}"
            barred = (ratio, hours) == ((10.0, 3) if fall else (3.0, 3)) and expected == 50.0
            figures.append(
                show(at_least(name, one.share, "share", least) if barred else plain(name, one.share, "share"))
            )
    figures.append(show(plain(f"{say}, sensor-days judged a second", float(found.days.sum() / took), "1/s")))
    return figures + _named_days(record, found, say, whole=whole)


def _false_alarms(record: CounterRecord, found: Seen, say: str) -> list[Figure]:
    """Every alarm counted as false, feasts and closures too, with a bootstrap of weeks; and the same by year."""
    hours = record.counts.shape[1]
    known = np.sum([one.known for one in found.judged], axis=0) / 24
    named = seen(record, EVES, CLOSED).event if len(record.counts[0]) > 20_000 else found.event
    told = {
        "rises": np.bincount(np.concatenate(found.raised), minlength=hours),
        "falls": np.bincount(np.concatenate(found.fallen), minlength=hours),
    }
    told["both ways"] = told["rises"] + told["falls"]
    told["both ways outside named days"] = np.where(named, 0, told["both ways"])
    figures = []
    weeks = -(-hours // 168)
    for way, alarms in told.items():
        per_week = [np.bincount(np.arange(hours) // 168, weights=one, minlength=weeks) for one in (alarms, known)]
        drawn = np.random.default_rng(1).integers(0, weeks, (2_000, weeks))
        rates = per_week[0][drawn].sum(axis=1) / per_week[1][drawn].sum(axis=1)
        low, high = np.quantile(rates, (0.025, 0.975))
        name = f"{say}, {way} per sensor-day [{low:.4f}, {high:.4f}] by {weeks} weeks, n {known.sum():.0f} sensor-days"
        rate = float(alarms.sum() / known.sum())
        figures.append(show(at_most(name, rate, "1/day", 0.05) if way == "both ways" else plain(name, rate, "1/day")))
    year = ((record.first_hour + np.arange(hours)).astype("datetime64[h]")).astype("datetime64[Y]").astype(int) + 1970
    for one in np.unique(year[known > 0]).tolist():
        rate = float(told["both ways"][year == one].sum() / known[year == one].sum())
        figures.append(show(plain(f"{say}, both ways per sensor-day in {one}", rate, "1/day")))
    return figures


def _named_days(record: CounterRecord, found: Seen, say: str, *, whole: bool) -> list[Figure]:
    figures = []
    for event in nights(record, found, EVES if whole else ("2023-12-31",)):
        bar = at_least if event.sensors == len(record.sensors) else plain
        name = f"{say}, counters of {event.sensors} that tell more people on the night of {event.day}"
        made = bar(name, event.raised, "counters", 17) if bar is at_least else plain(name, event.raised, "counters")
        figures.append(show(made))
    for days, why in ((CLOSED, "closed"), (HOLIDAYS, "an ordinary holiday")):
        for event in nights(record, found, days if whole else ("2023-12-25",) if days is CLOSED else (), fall=True):
            name = f"{say}, counters of {event.sensors} that tell fewer people on {event.day}, {why}"
            figures.append(show(plain(name, event.raised, "counters")))
    return figures


def growth(sizes: tuple[int, ...]) -> list[Figure]:
    """Readings a second on one core, and what the sensors' states weigh, at three sizes."""
    found = []
    for sensors in sizes:
        seconds = max(12, 200_000 // sensors)
        levels = np.round(50 + np.random.default_rng(0).normal(0, 2, (seconds, 64)), 1)
        states = [_listening(k) for k in range(sensors)]
        began = time.perf_counter()
        for second in range(seconds):
            row = levels[second].tolist()
            for k in range(sensors):
                states[k], _, _ = meters.step(EACH_SECOND, states[k], 4_000 + second, row[k % 64])
        rate = sensors * seconds / (time.perf_counter() - began)
        weight = sum(len(s.noise.window) + len(s.noise.steps) for s in states) / sensors
        say = f"crowd: {sensors:,} meters"
        found.append(show(at_least(f"{say}, readings a second on one core", rate, "1/s", max(sensors, 20_000))))
        found.append(show(plain(f"{say}, packed levels remembered of each", weight, "bytes")))
    return found


def _listening(k: int) -> meters.MeterState:
    """A meter that knows its background, as after an hour."""
    steps = np.round(5_000 + np.random.default_rng(k).normal(0, 150, 260)).astype("<i2").tobytes()
    fresh = meters.NEW.noise
    known = type(fresh)(last=3_999 - 3, stepped=3_995 + k % 5, steps=steps)
    return meters.MeterState(noise=known)


def main() -> None:
    """Measure, print a record a figure, leave with 1 where a bar does not hold."""
    known = flags(str(__doc__).splitlines()[0])
    known.add_argument("--part", choices=("noise", "minutes", "counters", "growth"), help="only this part")
    given = known.parse_args()
    quick = bool(given.quick)
    parts = {
        "noise": lambda: noise(100 if quick else 3_000),
        "minutes": lambda: minutes(100 if quick else 1_000),
        "counters": lambda: counters(2_000, quick=quick),
        "growth": lambda: growth((200, 2_000) if quick else (200, 2_000, 20_000)),
    }
    figures = [figure for name, part in parts.items() if given.part in (None, name) for figure in part()]
    finish(figures, given.json)


if __name__ == "__main__":
    main()
