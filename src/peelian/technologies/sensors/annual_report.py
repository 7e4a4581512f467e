"""The annual report on the town's sensors: the eleven parts of Oakland's (Municipal Code 9.64.010, 1, A to K)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from peelian.kernel.model.sensors import KINDS
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Say
from peelian.technologies.sensors.impact_report import answer, still_open
from peelian.technologies.sensors.open_data import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One year of the register, from the log."""

    year: int
    entries: tuple[Shown, ...]  # in the register at some time in it
    registered: int = 0
    renewed: int = 0
    ended: int = 0
    released_days: int = 0
    warrants: int = 0
    breaches: int = 0
    suspensions: int = 0
    deliveries: int = 0  # of copies of recordings, which cameras of the register may have made


Facts = Callable[[Year, Say], list[Panel]]


def annual_panels(year: Year, answers: Mapping[str, str], say: Say) -> Panels:
    """The report: each part with facts of log and register, and the town's answer by its letter."""
    left = sum(not answers.get(key, "").strip() for key, _, _ in PARTS)
    panels: list[Panel] = [
        Paragraph(text=say("Year %(year)s", year=str(year.year))),
        still_open(left, len(PARTS), say),
    ]
    for key, title, facts in PARTS:
        panels.append(Heading(text=f"{key}. {say(title)}"))
        panels += facts(year, say)
        panels.append(answer(answers.get(key, ""), say))
    return panels


def _use(year: Year, say: Say) -> list[Panel]:
    tally = Counter(each.sensor.kind for each in year.entries)
    rows = tuple((say(KINDS[kind]), f"{n:,}") for kind, n in tally.most_common())
    told = say(
        "Registered: %(registered)d. Renewed: %(renewed)d. Ended: %(ended)d. Days of counts released: %(days)d.",
        registered=year.registered,
        renewed=year.renewed,
        ended=year.ended,
        days=year.released_days,
    )
    panels: list[Panel] = [Paragraph(text=told)]
    if rows:
        titles = (say("Type"), say("sensors"))
        panels.append(Grid(caption=say("Sensors by type"), titles=titles, rows=rows, numeric=frozenset({1})))
    return panels


def _sharing(year: Year, say: Say) -> list[Panel]:
    return [
        Paragraph(text=say("Warrants for detailed data: %(n)d.", n=year.warrants)),
        Paragraph(text=say("Copies of recordings delivered to recipients: %(n)d.", n=year.deliveries)),
    ]


def _mounts(year: Year, say: Say) -> list[Panel]:
    tally = Counter(each.sensor.mounted_on or say("not stated") for each in year.entries)
    return _tally(tally, say("Mounted on"), say("Sensors by mounting"), say)


def _areas(year: Year, say: Say) -> list[Panel]:
    return _tally(Counter(each.sensor.area for each in year.entries), say("Area"), say("Sensors by area"), say)


def _breaches(year: Year, say: Say) -> list[Panel]:
    return [Paragraph(text=say("Incidents recorded in the log: %(n)d.", n=year.breaches))]


def _suspensions(year: Year, say: Say) -> list[Panel]:
    return [Paragraph(text=say("Suspensions of the technology: %(n)d.", n=year.suspensions))]


def _nothing(year: Year, say: Say) -> list[Panel]:
    return []


def _tally(tally: Counter[str], title: str, caption: str, say: Say) -> list[Panel]:
    rows = tuple((name, f"{n:,}") for name, n in tally.most_common())
    if not rows:
        return []
    return [Grid(caption=caption, titles=(title, say("sensors")), rows=rows, numeric=frozenset({1}))]


PARTS: tuple[tuple[str, str, Facts], ...] = (
    ("A", "Use and volume of data collected", _use),
    ("B", "Data sharing, recipients and reasons", _sharing),
    ("C", "Mounting", _mounts),
    ("D", "Deployment areas", _areas),
    ("E", "Complaints, concerns and adequacy of the use policy", _nothing),
    ("F", "Internal audits and violations", _suspensions),
    ("G", "Breaches and unauthorised access", _breaches),
    ("H", "Effectiveness", _nothing),
    ("I", "Public records requests", _nothing),
    ("J", "Costs and funding", _nothing),
    ("K", "Requested changes to the use policy", _nothing),
)
"""Oakland's letter, the part's title, and what is known of it."""
