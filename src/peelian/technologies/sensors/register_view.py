"""The register's pages as panels: every sensor, how they are spread, how long each is registered, and its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from peelian.kernel.model.sensors import KINDS, PURPOSES, SPEAKING
from peelian.pictures.charts import Bars, Series, Span, bars, lines, timeline
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Picture, Say
from peelian.technologies.sensors.chain import LICENCE, chain
from peelian.technologies.sensors.open_data import Shown, register_table
from peelian.technologies.sensors.release import FEWEST, Released, spoken

STATES = {"registered": "registered", "expired": "expired", "ended": "ended"}
MOST_DRAWN = 24
PROMISE = (
    "Counts carry noise that hides any single event. They promise nothing about a person who passes often: without "
    "identifiers nobody knows which events are the same person's."
)


def register_panels(entries: Sequence[Shown], say: Say) -> Panels:
    """The register: what there is, whose, what for, until when. O(entries)."""
    panels: list[Panel] = [
        Paragraph(text=say("Every sensor of the town stands here before it may speak, those of the police included.")),
        Paragraph(
            text=say("Counts and levels come in; pictures, sound, plates, devices and tracks have no way in."),
            tone="good",
        ),
    ]
    if not entries:
        return [*panels, Paragraph(text=say("No sensor is registered so far."))]
    return [
        *panels,
        _list(entries, say),
        Heading(text=say("What they are")),
        _kinds(entries, say),
        Heading(text=say("How long each is registered")),
        _spans(entries, say),
        Heading(text=say("What this register cannot tell")),
        Paragraph(text=say("A sensor that nobody registered is not here: whoever finds one may ask."), tone="limit"),
        Paragraph(text=say(PROMISE), tone="limit"),
    ]


def sensor_panels(shown: Shown, released: Sequence[Released], say: Say) -> Panels:
    """One sensor: its chain; the latest day of its counts window by window, and every day's total, once released."""
    panels: list[Panel] = [
        Heading(text=say("Its data chain")),
        Grid(
            caption=say("Digital Trust for Places & Routines (taxonomy: %(licence)s)", licence=LICENCE),
            titles=(say("Category"), say("Element"), say("In words")),
            rows=tuple((e.category, e.id or "–", e.says or "–") for e in chain(shown.sensor)),
        ),
    ]
    if not released:
        none = say("No counts were released so far.") if _counts(shown) else say("It does not send counts.")
        return [*panels, Heading(text=say("Its counts")), Paragraph(text=none)]
    last = max(released, key=lambda each: each.day)
    under = sum(count is None for count in last.windows)
    told = say(
        "On %(day)s: %(total)s in all; %(under)d of %(n)d windows are under 15 and shown as such.",
        day=last.day.isoformat(),
        total=spoken(last.total),
        under=under,
        n=len(last.windows),
    )
    return [
        *panels,
        Heading(text=say("Its counts")),
        Paragraph(text=told),
        _day(last, say),
        _windows(last, say),
        *([_totals(released, say)] if sum(each.total is not None for each in released) > 1 else []),
        Paragraph(text=say(PROMISE), tone="limit"),
    ]


def facts_of(shown: Shown, say: Say) -> list[tuple[str, str]]:
    """An entry as names and values for the head of its page."""
    s = shown.sensor
    place = f"{s.place}, {s.area}" if s.place else s.area
    return [
        (say("State"), say(STATES[shown.state])),
        (say("What it is"), say(KINDS[s.kind])),
        (say("What it is for"), say(PURPOSES[s.purpose])),
        (say("Reason"), s.why),
        (say("Who is accountable"), s.owner),
        (say("Where"), place),
        (say("Personal data"), say("yes") if s.personal_data else say("no")),
        (say("Kept for"), say("%(n)d days", n=s.retention_days)),
        (say("Registered since"), shown.since[:10]),
        (say("Registered until"), s.ends),
        *([(say("May raise an alarm from"), shown.proven_from)] if s.format and shown.proven_from else []),
        (say("Renewed"), say("%(n)d times", n=shown.renewals)),
        (say("Questions and complaints"), s.contact),
    ]


def _counts(shown: Shown) -> bool:
    return shown.sensor.kind in SPEAKING and bool(shown.sensor.format)


def _list(entries: Sequence[Shown], say: Say) -> Grid:
    rows = tuple(
        (
            e.sensor.title,
            say(KINDS[e.sensor.kind]),
            say(PURPOSES[e.sensor.purpose]),
            e.sensor.owner,
            e.sensor.area,
            say("yes") if e.sensor.personal_data else say("no"),
            say(STATES[e.state]),
            e.sensor.ends,
        )
        for e in entries
    )
    titles = ("Sensor", "What it is", "What it is for", "Who is accountable", "Area", "Personal data", "State", "Until")
    return Grid(
        caption=say("The sensors of the town"),
        titles=tuple(say(title) for title in titles),
        rows=rows,
        source=register_table(entries),
    )


def _kinds(entries: Sequence[Shown], say: Say) -> Picture:
    tally = Counter(e.sensor.kind for e in entries if e.state == "registered")
    personal = Counter(e.sensor.kind for e in entries if e.state == "registered" and e.sensor.personal_data)
    kinds = [kind for kind in KINDS if tally[kind]] or ["other"]
    return bars(
        [say(KINDS[kind]) for kind in kinds],
        [
            Bars(name=say("without personal data"), values=[tally[k] - personal[k] for k in kinds]),
            Bars(name=say("with personal data"), values=[personal[k] for k in kinds]),
        ],
        value_title=say("sensors"),
        caption=say("Registered sensors by kind"),
        alternative=say("How many sensors of each kind are registered, with and without personal data."),
        label_title=say("What it is"),
        say=say,
    )


def _spans(entries: Sequence[Shown], say: Say) -> Picture:
    drawn = sorted(entries, key=lambda e: e.sensor.ends)[:MOST_DRAWN]
    spans = [
        Span(
            lane=e.sensor.title,
            start=np.datetime64(e.since[:10]),
            end=np.datetime64(max(e.sensor.ends, e.since[:10])),
            kind=say(STATES[e.state]),
        )
        for e in drawn
    ]
    return timeline(
        spans,
        time_title=say("Date"),
        lane_title=say("Sensor"),
        caption=say("Registrations, those that end soonest first"),
        alternative=say("From when to when each sensor is registered."),
        say=say,
    )


def _day(released: Released, say: Say) -> Picture:
    counts = np.array([np.nan if count is None else count for count in released.windows], dtype=np.float64)
    hours = np.arange(len(counts)) * 24 / len(counts)
    return lines(
        [Series(name=say("count"), x=hours, y=counts)],
        x_title=say("Hour of the day (UTC)"),
        y_title=say("Counted in a window"),
        reference=float(FEWEST),
        reference_name=spoken(None),
        caption=say("Counts of %(day)s, with noise", day=released.day.isoformat()),
        alternative=say("Counts over the day; windows under %(n)d lie below the line and are not drawn.", n=FEWEST),
        y_range=(0, None),
        x_range=(0, 24),
        say=say,
    )


def _windows(released: Released, say: Say) -> Grid:
    """The day's windows as text, an hour in each row: a count under 15 reads "<15"."""
    per_hour = len(released.windows) // 24
    minutes = [f":{60 // per_hour * part:02d}" for part in range(per_hour)]
    rows = tuple(
        (f"{hour:02d}", *(spoken(count) for count in released.windows[hour * per_hour : (hour + 1) * per_hour]))
        for hour in range(24)
    )
    return Grid(
        caption=say("Counts of %(day)s, with noise", day=released.day.isoformat()),
        titles=(say("Hour of the day (UTC)"), *minutes),
        rows=rows,
        numeric=frozenset(range(1, per_hour + 1)),
    )


def _totals(released: Sequence[Released], say: Say) -> Picture:
    days = sorted((each for each in released), key=lambda each: each.day)
    return lines(
        [
            Series(
                name=say("count"),
                x=np.array([np.datetime64(each.day) for each in days]),
                y=np.array([np.nan if each.total is None else each.total for each in days], dtype=np.float64),
            )
        ],
        x_title=say("Date"),
        y_title=say("Counted in a day"),
        caption=say("Totals of the released days, with noise"),
        alternative=say("The total of each released day; days under %(n)d are not drawn.", n=FEWEST),
        y_range=(0, None),
        say=say,
    )
