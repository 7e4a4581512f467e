"""The crowd forecast, measured: errors against the same hour last week, coverage, by year, and by simulation.

uv run python benchmarks/crowd_forecast.py [--quick] [--json FILE]. Seven years of Auckland need ../shared/data; without
them, and with --quick, the five months that ship with the product are taken, and the figures say so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise, product

import numpy as np

from crowd import EVES, EXAMPLES, SEVEN_YEARS, admitted
from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.technologies.crowd import forecast_proof
from peelian.technologies.crowd.counter_record import Record, record_of
from peelian.technologies.crowd.declarations.forecast import HOUR_AHEAD, WEEK_AHEAD
from peelian.technologies.crowd.forecast_proof import BETTER, Proof, calendar_of, proven, with_a_week_to_come
from peelian.technologies.crowd.forecasting import RULE, Ahead, ForecastRule, ahead

HORIZONS = (HOUR_AHEAD, WEEK_AHEAD)
# Public holidays of Auckland, by law: fixed days with their Monday in lieu, and the moving ones. The same days as the
# Python package `holidays` lists for New Zealand and Auckland.
FIXED = ("01-01", "01-02", "02-06", "04-25", "12-25", "12-26")
MOVING = {
    2019: ("01-28", "04-19", "04-22", "06-03", "10-28"),
    2020: ("01-27", "04-10", "04-13", "04-27", "06-01", "10-26", "12-28"),
    2021: ("01-04", "02-01", "02-08", "04-02", "04-05", "04-26", "06-07", "10-25", "12-27", "12-28"),
    2022: ("01-03", "01-04", "01-31", "02-07", "04-15", "04-18", "06-06", "06-24", "09-26", "10-24", "12-27"),
    2023: ("01-03", "01-30", "04-07", "04-10", "06-05", "07-14", "10-23"),
    2024: ("01-29", "03-29", "04-01", "06-03", "06-28", "10-28"),
    2025: ("01-27", "04-18", "04-21", "06-02", "06-20", "10-27"),
}
HOLIDAYS = tuple(f"{year}-{day}" for year, moving in MOVING.items() for day in (*FIXED, *moving))


def auckland(record: Record, say: str, *, whole: bool) -> list[Figure]:
    """Errors, gains with intervals, coverage: as it is, and with the public holidays named; and by year."""
    figures = []
    for named, days in (("", ()), (", holidays named", HOLIDAYS)):
        for horizon in HORIZONS:
            began = time.perf_counter()
            one = proven(record, calendar_of(record, days), horizon)
            took = time.perf_counter() - began
            figures += _told(one, f"{say}, {horizon} ahead{named}", whole=whole)
            if not named:
                figures.append(show(plain(f"{say}, {horizon} ahead, proof of the whole record", took, "s")))
                figures += _by_year(record, one, f"{say}, {horizon} ahead")
    return figures


def _told(one: Proof, say: str, *, whole: bool) -> list[Figure]:
    covered = []
    for percent, share, bar in zip((80, 95), one.covered, (0.78, 0.93), strict=True):
        name = f"{say}, counts in the {percent} % interval"
        covered.append(at_least(name, share, "share", bar) if whole else plain(name, share, "share"))
    gain, low, high = one.gain
    better = int(np.sum(np.nanmean(one.rival_errors, axis=1) > np.nanmean(one.errors, axis=1)))
    saved = f"[{low:.2f}, {high:.2f}] by {one.blocks} blocks of two weeks, n {one.n}: {one.verdict}"
    return [
        show(plain(f"{say}, mean absolute error", one.error, "persons")),
        show(plain(f"{say}, that of the same hour last week", one.rival_error, "persons")),
        show(plain(f"{say}, difference {saved}", gain, "persons")),
        show(plain(f"{say}, error saved", gain / one.rival_error, "share")),
        show(plain(f"{say}, counters of {len(one.errors)} with the lower error", better, "counters")),
        *map(show, covered),
    ]


def _by_year(record: Record, one: Proof, say: str) -> list[Figure]:
    hours = (record.first_hour + np.arange(record.counts.shape[1])).astype("datetime64[h]")
    year = hours.astype("datetime64[Y]").astype(int) + 1970
    figures = []
    for now in np.unique(year).tolist():
        mine, rival = (np.nansum(errors[:, year == now]) for errors in (one.errors, one.rival_errors))
        if np.isfinite(one.errors[:, year == now]).sum() < 10_000:
            continue
        inside = [
            np.concatenate([_inside(f.low[at], f.high[at], c, e, year == now) for f, c, e in _each(record, one)]).mean()
            for at in (0, 1)
        ]
        figures.append(show(plain(f"{say} in {now}, error saved", float(1 - mine / rival), "share")))
        figures.append(show(plain(f"{say} in {now}, in the 80 % interval", float(inside[0]), "share")))
        figures.append(show(plain(f"{say} in {now}, in the 95 % interval", float(inside[1]), "share")))
    return figures


def _each(record: Record, one: Proof) -> Iterable[tuple[Ahead, np.ndarray, np.ndarray]]:
    return zip(one.aheads, record.counts, one.errors, strict=True)


def _inside(low: np.ndarray, high: np.ndarray, counts: np.ndarray, errors: np.ndarray, when: np.ndarray) -> np.ndarray:
    judged = when & np.isfinite(errors)
    return (counts[judged] >= low[judged]) & (counts[judged] <= high[judged])


def events(record: Record, say: str) -> list[Figure]:
    """New Year's Eves with a public feast, each named as like the one before: their evenings, with and without."""
    day = (record.first_hour + np.arange(record.counts.shape[1])).astype("datetime64[h]")
    evening = np.isin(day.astype("datetime64[D]"), np.array(EVES[1:], dtype="datetime64[D]"))
    evening &= (day - day.astype("datetime64[D]")).astype(int) >= 20
    named = tuple(f"{now}={then}" for then, now in pairwise(EVES))
    figures = []
    for words, which in (("", ()), (", named", named)):
        one = proven(record, calendar_of(record, events=which), WEEK_AHEAD)
        errors = one.errors[:, evening]
        name = f"{say}, a week ahead, evenings of {len(named)} New Year's Eves{words} (n {np.isfinite(errors).sum()})"
        figures.append(show(plain(name, float(np.nanmean(errors)), "persons")))
    return figures


def longer_blocks(record: Record, say: str) -> list[Figure]:
    """Whether the interval of the gain depends on the length of a block: errors of neighbouring weeks are kin."""
    figures, kept = [], forecast_proof.BLOCK_WEEKS
    for horizon in HORIZONS:
        one = proven(record, calendar_of(record), horizon)
        for weeks in (2, 4, 8):
            forecast_proof.BLOCK_WEEKS = weeks
            (_, low, _), blocks = forecast_proof._gain(one.errors, one.rival_errors)
            name = f"{say}, {horizon} ahead, lower end of the difference by {blocks} blocks of {weeks} weeks"
            figures.append(show(plain(name, low, "persons")))
    forecast_proof.BLOCK_WEEKS = kept
    return figures


def other_rules(record: Record, say: str) -> list[Figure]:
    """Leave one year out: the weights best in the other years, on the year left out; and the rule as shipped."""
    hours = (record.first_hour + np.arange(record.counts.shape[1])).astype("datetime64[h]")
    year = hours.astype("datetime64[Y]").astype(int) + 1970
    figures = []
    for horizon in HORIZONS:
        rules = _rules(horizon)
        sums = {rule: _sums(record, horizon, rule, year) for rule in rules}
        chosen = {}
        for left in range(2019, 2026):
            best = min(rules, key=lambda rule: sum(e for y, e in sums[rule].items() if y != left))
            chosen[left] = sums[best].get(left, 0.0)
        mine = sum(sums[RULE].get(left, 0.0) for left in chosen)
        name = f"{say}, {horizon} ahead, error of the shipped weights over that of weights chosen on the other years"
        figures.append(show(at_most(name, mine / sum(chosen.values()), "times", 1.02)))
    return figures


def _rules(horizon: str) -> list[ForecastRule]:
    if horizon == HOUR_AHEAD:
        weights = product((0.4, 0.5, 0.6, 0.7, 0.8), (0.1, 0.2, 0.3, 0.4))
        return [replace(RULE, last_hour=hour, last_day=day) for hour, day in weights]
    return [replace(RULE, last_week=week) for week in (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)]


def _sums(record: Record, horizon: str, rule: ForecastRule, year: np.ndarray) -> dict[int, float]:
    found: dict[int, float] = {}
    calendar = calendar_of(record)
    for counts in record.counts[::4]:  # every fourth counter is enough to choose by
        error = np.nan_to_num(np.abs(ahead(counts, calendar, horizon, rule).expected - counts))
        for one in np.unique(year).tolist():
            found[one] = found.get(one, 0.0) + float(error[year == one].sum())
    return found


def simulated(times: int) -> list[Figure]:
    """Coverage where the truth is known, and how often "better" is said where last week is all that can be known."""
    generator = np.random.default_rng(5)
    week = np.tile(200 + 150 * np.sin(np.arange(168) * np.pi / 12), 60)

    def weather() -> np.ndarray:
        return generator.poisson(week * np.repeat(np.exp(generator.normal(0, 0.2, 420)), 24)).astype(float)

    def drifting() -> np.ndarray:
        level = np.repeat(np.cumsum(generator.normal(0, 0.03, 60)), 168)
        return generator.poisson(week * np.exp(level)).astype(float)

    def walking() -> np.ndarray:
        return np.exp(5 + np.cumsum(generator.normal(0, 0.3, (60, 168)), axis=0)).reshape(-1)

    worlds: dict[str, Callable[[], np.ndarray]] = {"wet and dry days": weather, "a level that drifts": drifting}
    figures = []
    for name, make in worlds.items():
        for horizon in HORIZONS:
            records = [_one(make()) for _ in range(times)]
            covered = np.mean([proven(one, calendar_of(one), horizon).covered for one in records], 0)
            say = f"crowd forecast: simulated, {name}, {horizon} ahead, n {times} records of a year"
            figures.append(show(at_least(f"{say}, in the 80 % interval", float(covered[0]), "share", 0.78)))
            figures.append(show(at_least(f"{say}, in the 95 % interval", float(covered[1]), "share", 0.93)))
    walks = [_one(walking()) for _ in range(times)]
    said = [proven(one, calendar_of(one), WEEK_AHEAD).verdict == BETTER for one in walks]
    name = f'crowd forecast: simulated, last week is all that can be known, "better" said, n {times} records'
    return [*figures, show(at_most(name, float(np.mean(said)), "share", 0.025))]


def _one(counts: np.ndarray) -> Record:
    return with_a_week_to_come(Record(sensors=("a",), first_hour=0, counts=counts[None, :]))


def main() -> None:
    """Measure, print a record a figure, leave with 1 where a bar does not hold."""
    given = flags(str(__doc__).splitlines()[0]).parse_args()
    whole = SEVEN_YEARS.is_file() and not given.quick
    file = SEVEN_YEARS if whole else EXAMPLES / "auckland_2023_09_2024_01.csv.gz"
    record = with_a_week_to_come(record_of(admitted("auckland-counts", file.read_bytes())))
    say = f"crowd forecast: {'seven years' if whole else 'five months'} of Auckland"
    figures = auckland(record, say, whole=whole)
    if whole:
        figures += [*events(record, say), *longer_blocks(record, say), *other_rules(record, say)]
    finish([*figures, *simulated(50 if whole else 4)], given.json)


if __name__ == "__main__":
    main()
