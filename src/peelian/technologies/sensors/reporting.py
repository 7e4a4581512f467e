"""Capability `sensors.report`: counts, sound levels and energy of a period, by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.measure.table import Column, Kind, Table, Values, table
from peelian.technologies.sensors import vocabulary as v
from peelian.technologies.sensors.declarations.reporting import DAYS, PROFILE, ReportParams
from peelian.technologies.sensors.energy import Block, may_show
from peelian.technologies.sensors.energy_days import energy_days
from peelian.technologies.sensors.release import FEWEST
from peelian.technologies.sensors.reporting_view import view

MOST_ROWS = 5_000_000


def run(params: ReportParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Days and typical hours of every place, without energy that may not be shown inside the town. O(rows log rows)."""
    windows = _chosen(params, datasets["windows"].table)
    context.progress("Summing days", 0.3)
    days = _days(windows)
    context.progress("Computing typical hours", 0.7)
    energy = energy_days(windows, params.neighbours)
    tables = (days, _profile(windows, params.fewest_days), energy)
    return Findings(
        tables=tables, notes=_notes(windows, days, energy), facts={"fewest": FEWEST, "windows": len(windows)}
    )


def public(findings: Findings) -> Findings:
    """Public findings: no exact count, since a day of a counter is released with noise; energy of at least 100 homes.
    O(rows).

    Beside a noisy number an exact one of the same place and day would tell the noise.
    """
    days, profile = findings.table("days"), findings.table("profile")
    loud = np.isin(days["measure"].astype(str), (*v.COUNTED, v.ENERGY), invert=True)  # in public energy stands merged
    plain, typical = days.take(loud), profile.take(profile["measure"] == v.NOISE)
    notes = tuple(note for note in findings.notes if note.text not in (v.BUSIEST, v.HIDDEN))
    if np.isin(days["measure"].astype(str), v.COUNTED).any():
        notes = (*notes, Note(text=v.WITH_NOISE, kind="caveat"))
    return Findings(tables=(plain, typical, findings.table("energy")), notes=notes, facts=findings.facts)


def _chosen(params: ReportParams, windows: Table) -> Table:
    if len(windows) > MOST_ROWS:
        says = sentence("%(n)d rows", n=len(windows))
        raise InputError(says, accepted=sentence("at most %(most)d: report on fewer places or years", most=MOST_ROWS))
    keep = np.ones(len(windows), dtype=np.bool_)
    day = windows["hour"].astype("datetime64[D]")
    if params.from_day:
        keep &= day >= np.datetime64(params.from_day)
    if params.to_day:
        keep &= day <= np.datetime64(params.to_day)
    if not keep.any():
        raise NotEnoughData("no data in these days")
    return windows.take(keep)


def _grouped(windows: Table, by: Values) -> tuple[Values, Values, Values, Values]:
    """Places, measures and `by` of each group, and the group of each row."""
    areas, area = np.unique(windows["area"].astype(str), return_inverse=True)
    measures, measure = np.unique(windows["measure"].astype(str), return_inverse=True)
    steps, step = np.unique(by, return_inverse=True)
    keys, where = np.unique((area * len(measures) + measure) * len(steps) + step, return_inverse=True)
    rest = keys // len(steps)
    return areas[rest // len(measures)], measures[rest % len(measures)], steps[keys % len(steps)], where


def _days(windows: Table) -> Table:
    area, measure, day, where = _grouped(windows, windows["hour"].astype("datetime64[D]"))
    hours = np.bincount(where)
    count = np.zeros(len(hours), dtype=np.int64)
    np.add.at(count, where, windows["count"])
    sound = np.bincount(where, weights=np.nan_to_num(10 ** (windows["level"] / 10)) * windows["n"])
    heard = np.bincount(where, weights=np.isfinite(windows["level"]) * windows["n"])
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(heard > 0, 10 * np.log10(sound / heard), np.nan)
    kwh = np.where(measure == v.ENERGY, np.bincount(where, weights=np.nan_to_num(windows["kwh"])), np.nan)
    shown = _may_show(windows, measure, kwh, (where, hours))
    inside = shown != v.TOO_FEW
    return DAYS.of(
        {
            "area": area,
            "day": day,
            "measure": measure,
            "count": count,
            "level": level,
            "kwh": np.where(inside, kwh, np.nan),
            "hours": hours,
            "shown": np.where(shown == "inside", v.TOO_FEW, shown),
        }
    )


def _may_show(windows: Table, measure: Values, kwh: Values, groups: tuple[Values, Values]) -> Values:
    """Per day: shown; "inside" for energy that only the town may see; too-few-homes for what nobody may."""
    where, hours = groups
    homes = np.full(len(measure), np.iinfo(np.int64).max)
    np.minimum.at(homes, where, windows["homes"])
    share = np.zeros(len(measure))
    np.maximum.at(share, where, windows["largest_share"])
    made = np.full(len(measure), v.SHOWN, dtype=object)
    for i in np.flatnonzero(measure == v.ENERGY).tolist():
        block = Block(areas=("",), kwh=float(kwh[i]), homes=int(homes[i]), largest_kwh=float(share[i] * kwh[i]))
        span = timedelta(hours=int(hours[i]))
        if not may_show(block, span, public=True):
            made[i] = "inside" if may_show(block, span, public=False) else v.TOO_FEW
    return made


def _profile(windows: Table, fewest: int) -> Table:
    """The median of each hour of the day, where it was measured on enough days; no energy."""
    plain = windows.take(windows["measure"] != v.ENERGY)
    hour = (plain["hour"] - plain["hour"].astype("datetime64[D]")).astype(np.int64)
    area, measure, step, where = _grouped(plain, hour)
    value = np.where(np.isfinite(plain["level"]), plain["level"], plain["count"])
    order = np.lexsort((value, where))
    starts = np.searchsorted(where[order], np.arange(len(step)))
    n = np.bincount(where, minlength=len(step)) if len(where) else np.zeros(0, dtype=np.int64)
    middle = value[order][np.minimum(starts + (n - 1) // 2, max(len(value) - 1, 0))] if len(value) else np.zeros(0)
    keep = n >= fewest
    return PROFILE.of({"area": area, "measure": measure, "hour": step, "typical": middle, "days": n}).take(keep)


def _notes(windows: Table, days: Table, blocks: Table) -> tuple[Note, ...]:
    made = [Note(text=v.READ, values=_read(windows, days))]
    counted = np.isin(days["measure"].astype(str), v.COUNTED)
    if counted.any():
        under = int((days["count"][counted] < FEWEST).sum())
        made.append(Note(text=v.HIDDEN, values={"n": under, "all": int(counted.sum())}))
        top = int(np.argmax(np.where(counted, days["count"], -1)))
        made.append(Note(text=v.BUSIEST, values={"n": int(days["count"][top]), "day": str(days["day"][top])}))
    if np.isfinite(days["level"]).any():
        top = int(np.nanargmax(days["level"]))
        values: dict[str, Scalar] = {"level": float(days["level"][top]), "day": str(days["day"][top])}
        made.append(Note(text=v.LOUDEST, values=values))
    energy = days["measure"] == v.ENERGY
    if energy.any():
        n, several = int(blocks["areas"].sum()), int((blocks["areas"] > 1).sum())
        made.append(Note(text=v.ENERGY_SHOWN, values={"shown": n, "all": int(energy.sum()), "merged": several}))
        made.append(Note(text=v.DECLARED_HOMES, kind="caveat"))
    made.append(Note(text=v.SUMMED, kind="explanation"))
    return (*made, Note(text=v.EVENTS, kind="caveat"), Note(text=v.NO_CAUSE, kind="caveat"))


def _read(windows: Table, days: Table) -> dict[str, Scalar]:
    return {
        "windows": len(windows),
        "places": len(set(windows["area"].tolist())),
        "days": len(np.unique(days["day"])),
        "first": str(days["day"].min()),
        "last": str(days["day"].max()),
    }


def example() -> Example:
    """Twenty days of a counter and a sound meter at a square that does not exist."""
    hour = np.datetime64("2026-03-01T00", "h") + np.arange(24 * 20)
    of_day = np.arange(24 * 20) % 24
    size, nothing = len(hour), np.full(len(hour), np.nan)
    count = np.rint(120 * np.exp(-(((of_day - 14) / 5.0) ** 2)) + np.arange(size) % 7).astype(np.int64)
    level = 45 + 15 * np.exp(-(((of_day - 15) / 6.0) ** 2))
    both = Table(
        name="windows",
        columns=tuple(
            Column(name=a.name, kind=a.kind, values=np.concatenate([a.values, b.values]), unit=a.unit)
            for a, b in zip(
                _made(hour, v.PEOPLE, count, nothing).columns,
                _made(hour, v.NOISE, np.zeros(size, dtype=np.int64), level).columns,
                strict=True,
            )
        ),
    )
    facts: dict[str, Scalar] = {"measure": v.PEOPLE, "places": 2, "from_day": "2026-03-01", "to_day": "2026-03-20"}
    dataset = Dataset(id="square", format="sensor-counts", digest=both.digest(), table=both, facts=facts)
    return Example(params=ReportParams(), datasets={"windows": dataset})


def _made(hour: Values, measure: str, count: Values, level: Values) -> Table:
    size = len(hour)
    return table(
        "windows",
        {
            "area": (Kind.PLACE, np.array([f"Square, {measure}"] * size, dtype=object)),
            "hour": (Kind.TIME, hour),
            "measure": (Kind.GROUP, np.array([measure] * size, dtype=object)),
            "count": (Kind.COUNT, count),
            "level": (Kind.AMOUNT, level),
            "kwh": (Kind.AMOUNT, np.full(size, np.nan)),
            "n": (Kind.COUNT, np.full(size, 4, dtype=np.int64)),
            "homes": (Kind.COUNT, np.ones(size, dtype=np.int64)),
            "largest_share": (Kind.AMOUNT, np.ones(size)),
        },
        level="dB(A)",
        kwh="kWh",
        n="bins",
        homes="residents",
    )


ARITHMETIC = Arithmetic(
    run=run,
    example=example,
    messages=v.MESSAGES,
    vocabulary=v.VOCABULARY,
    public=public,
    shows=Shows(view=view),
)
