"""Register pages as panels: sensors, types, registration periods and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from peelian.kernel.model.sensors import KINDS, PURPOSES, SPEAKING
from peelian.pictures.charts import Bars, Series, Span, bars, lines, timeline
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Picture, Say, tabled
from peelian.technologies.sensors.chain import LICENCE, chain
from peelian.technologies.sensors.open_data import Shown, register_table
from peelian.technologies.sensors.release import FEWEST, GAP, UNDER, Released, count_as_text

STATES = {"registered": "registered", "expired": "expired", "ended": "ended"}
MOST_DRAWN = 24
PROMISE = (
    "Noise in the counts hides any single event. It does not protect the habits of someone who passes "
    "often, because passages are not linked to persons."
)


def register_panels(entries: Sequence[Shown], say: Say, listed: Sequence[Shown] | None = None) -> Panels:
    """The register: sensors with owner, purpose and end date; only those `listed` stand in the table. O(entries)."""
    listed = entries if listed is None else listed
    panels: list[Panel] = [
        Paragraph(text=say("Every town sensor, police included, must be listed here before it sends data.")),
        Paragraph(
            text=say(
                "Only counts and levels are accepted. Pictures, sound, plates, device identifiers and movement "
                "traces are refused."
            ),
            tone="good",
        ),
    ]
    if not entries:
        return [*panels, Paragraph(text=say("No sensors registered."))]
    return [
        *panels,
        _list(listed, say),
        Heading(text=say("Sensor types")),
        _kinds(entries, say),
        *([Heading(text=say("Registration periods")), _spans(listed, say)] if listed else ()),
        Heading(text=say("Limits of this register")),
        Paragraph(text=say("Unregistered sensors are not listed. If you find one, ask the town."), tone="limit"),
        Paragraph(text=say(PROMISE), tone="limit"),
    ]


def sensor_panels(shown: Shown, released: Sequence[Released], say: Say) -> Panels:
    """One sensor: its chain; the latest day of its counts window by window, and every day's total, once released."""
    panels: list[Panel] = [
        Heading(text=say("Data chain")),
        Grid(
            caption=say("Digital Trust for Places & Routines (taxonomy: %(licence)s)", licence=LICENCE),
            titles=(say("Category"), say("Element"), say("Description")),
            rows=tuple((e.category, e.id or "–", e.says or "–") for e in chain(shown.sensor)),
        ),
    ]
    if not released:
        none = say("No counts released yet.") if _counts(shown) else say("This sensor does not send counts.")
        return [*panels, Heading(text=say("Counts")), Paragraph(text=none)]
    last = max(released, key=lambda each: each.day)
    under = sum(last.spoken(i).startswith(UNDER) for i in range(len(last.windows)))
    told = say(
        "%(day)s: %(total)s in total. %(under)d of %(n)d time windows are under 15 and shown as <15.",
        day=last.day.isoformat(),
        total=count_as_text(last.total),
        under=under,
        n=len(last.windows),
    )
    return [
        *panels,
        Heading(text=say("Counts")),
        Paragraph(text=told),
        _day(last, say),
        _windows(last, say),
        *_missing(last, say),
        *([_totals(released, say)] if sum(each.total is not None for each in released) > 1 else []),
        Paragraph(text=say(PROMISE), tone="limit"),
    ]


def facts_of(shown: Shown, say: Say) -> list[tuple[str, str]]:
    """An entry as names and values for the head of its page."""
    s = shown.sensor
    place = f"{s.place}, {s.area}" if s.place else s.area
    return [
        (say("State"), say(STATES[shown.state])),
        (say("Type"), say(KINDS[s.kind])),
        (say("Purpose"), say(PURPOSES[s.purpose])),
        (say("Reason"), s.why),
        (say("Owner"), s.owner),
        (say("Location"), place),
        (say("Personal data"), say("yes") if s.personal_data else say("no")),
        (say("Retention"), say("%(n)d days", n=s.retention_days)),
        (say("Registered since"), shown.since[:10]),
        (say("Registered until"), s.ends),
        *([(say("Alarms allowed from"), shown.proven_from)] if s.format and shown.proven_from else []),
        (say("Renewed"), say("%(n)d times", n=shown.renewals)),
        *_declared(shown, say),
        *_firmware(shown, say),
        (say("Questions and complaints"), s.contact),
    ]


def _declared(shown: Shown, say: Say) -> list[tuple[str, str]]:
    """What a sensor sends, as the register declares it: its format, its fields, and those that are read past."""
    s = shown.sensor
    fields = ", ".join(f"{name} → {held}" for name, held in s.columns.items())
    told = (
        (say("Format"), s.format),
        (say("Fields accepted"), fields),
        (say("Fields dropped unread"), ", ".join(s.drop)),
        (say("Time zone"), s.zone),
    )
    return [(name, text) for name, text in told if text]


def _firmware(shown: Shown, say: Say) -> list[tuple[str, str]]:
    """The version it runs, when that was last updated or checked, and until when it is to be again."""
    s, due = shown.sensor, shown.sensor.update_due
    late = say("overdue since %(day)s", day=due) if shown.overdue else due and say("by %(day)s", day=due)
    told = ((say("Firmware"), s.firmware), (say("Last updated or checked"), s.updated), (say("Next update"), late))
    return [(name, text) for name, text in told if text]


def _counts(shown: Shown) -> bool:
    return shown.sensor.kind in SPEAKING and bool(shown.sensor.format)


def _list(entries: Sequence[Shown], say: Say) -> Grid:
    return tabled(
        entries,
        (
            (say("Sensor"), lambda e: e.sensor.title),
            (say("Type"), lambda e: say(KINDS[e.sensor.kind])),
            (say("Purpose"), lambda e: say(PURPOSES[e.sensor.purpose])),
            (say("Owner"), lambda e: e.sensor.owner),
            (say("Area"), lambda e: e.sensor.area),
            (say("Personal data"), lambda e: say("yes") if e.sensor.personal_data else say("no")),
            (say("State"), lambda e: say(STATES[e.state])),
            (say("Until"), lambda e: e.sensor.ends),
        ),
        caption=say("Town sensors"),
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
        caption=say("Registered sensors by type"),
        alternative=say("Registered sensors by type, with and without personal data."),
        label_title=say("Type"),
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
        caption=say("Registrations by end date"),
        alternative=say("Registration period of each sensor."),
        say=say,
    )


def _day(released: Released, say: Say) -> Picture:
    counts = np.array([np.nan if count is None else count for count in released.windows], dtype=np.float64)
    hours = np.arange(len(counts)) * 24 / len(counts)
    return lines(
        [Series(name=say("count"), x=hours, y=counts)],
        x_title=say("Hour of the day (UTC)"),
        y_title=say("Count per time window"),
        reference=float(FEWEST),
        reference_name=count_as_text(None),
        caption=say("Counts of %(day)s, with noise", day=released.day.isoformat()),
        alternative=say("Counts over the day. Time windows under %(n)d are not drawn.", n=FEWEST),
        y_range=(0, None),
        x_range=(0, 24),
        say=say,
    )


def _missing(released: Released, say: Say) -> list[Panel]:
    if not released.gaps:
        return []
    told = say(
        "Messages of this day are missing for %(n)d minutes. Counts of a window with * are too low. Counts of a window "
        "marked gap do not exist.",
        n=-(-sum(released.gaps) // 60),
    )
    return [Paragraph(text=told, tone="warning")]


def _windows(released: Released, say: Say) -> Grid:
    """The day's windows as text, an hour in each row: a count under 15 reads "<15", one that was not heard "gap"."""
    per_hour = len(released.windows) // 24
    minutes = [f":{60 // per_hour * part:02d}" for part in range(per_hour)]
    rows = tuple(
        (f"{hour:02d}", *(released.spoken(hour * per_hour + part) for part in range(per_hour))) for hour in range(24)
    )
    return Grid(
        caption=say("Counts of %(day)s, with noise", day=released.day.isoformat()),
        titles=(say("Hour of the day (UTC)"), *minutes),
        rows=rows,
        numeric=frozenset(range(1, per_hour + 1)),
    )


def _cell(text: str, say: Say) -> str:
    return say("gap") if text == GAP else text


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
        y_title=say("Daily count"),
        caption=say("Daily totals released, with noise"),
        alternative=say("Daily totals. Days under %(n)d are not drawn.", n=FEWEST),
        x_scale="time",
        y_range=(0, None),
        say=say,
    )
