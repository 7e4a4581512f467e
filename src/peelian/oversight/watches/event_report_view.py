"""The after-event report in words, for pages, files and paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from peelian.kernel.model.alarms import CITY
from peelian.kernel.model.event_plan import PlanExercise
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.watches.event_report import EventReport, Peak
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say, tabled
from peelian.pictures.words import amount

STAGE_WORDS: Mapping[str, str] = {
    "acknowledge": "Raised to acknowledged",
    "decide": "Acknowledged to decided",
    "arrive": "Help dispatched to help arrived",
    "close": "Raised to closed",
}
MISSED_WORDS: Mapping[str, str] = {
    "late": "Acknowledged after more than 60 seconds",
    "called_second": "A second operator was asked for",
    "not_acknowledged": "Never acknowledged",
    "no_outcome": "Without an outcome",
    "no_arrival": "Help dispatched, arrival not recorded",
    "unknown_outcome": "Outcome unknown",
    "reopened": "Reopened after closing",
    "steps_left": "Runbook steps not ticked",
    "sensor_faults": "Sensor faults",
    "connection_cuts": "Gateway connections lost",
    "no_exercise": "No exercise of the plan on record",
}
LEVEL_WORDS: Mapping[str, str] = {"notice": "Notice", "warning": "Warning", "urgent": "Urgent"}
OUTCOMES: Mapping[str, str] = {"crowd normal": "crowd, normal"}
SOURCES: Mapping[str, str] = {"alarms": "alarms", "minutes": "minute means"}
MINUTE_WORDS: Mapping[str, str] = {"inside": "%(value)s persons inside, by the gates"}
MOST_NAMED = 12


def report_facts(report: EventReport, say: Say) -> list[tuple[str, str]]:
    """What stands under the title."""
    facts = [
        (say("Plan or watch"), report.name),
        (say("Starts (UTC)"), _time(report.start)),
        (say("Ends (UTC)"), _time(report.end)),
    ]
    if report.attendance:
        facts.append((say("Expected attendance"), say("%(n)d", n=report.attendance)))
    return facts


def report_panels(kernel: Kernel, report: EventReport, say: Say) -> list[Panel]:
    """The report, section by section."""
    words = _Words(kernel, say)
    return [
        *_summary(report, say),
        Heading(text=say("Share of capacity")),
        _or_none(_fullest(report, say), say("No zone had both a capacity and a count.")),
        Heading(text=say("Alarms")),
        _or_none(_alarms(report, words), say("No alarms.")),
        Heading(text=say("Response times")),
        *_times(report, say),
        Heading(text=say("Peaks by zone")),
        _or_none(_peaks(report, words), say("No values on record.")),
        Heading(text=say("Runbooks")),
        _or_none(_worked(report, words), say("No alarm had a runbook.")),
        Heading(text=say("Exercises")),
        *_exercises(report, say),
        Heading(text=say("What was missed")),
        _or_none(_missed(report, say), say("Nothing of what this report looks for.")),
    ]


class _Words:
    """What zones, alarm types and facts are called."""

    def __init__(self, kernel: Kernel, say: Say) -> None:
        watches = [watch for technology in kernel.technologies for watch in technology.watches]
        self.say = say
        self._titles = {name: title for watch in watches for name, title in watch.titles.items()}
        self._facts = {
            f"{t}.{fact}": title for w in watches for t in w.signals for fact, title in w.fact_titles.items()
        }

    def type(self, name: str) -> str:
        return self.say(self._titles[name]) if name in self._titles else name.replace("_", " ") or "–"

    def zone(self, name: str) -> str:
        return self.say("Many zones") if name == CITY else name

    def value(self, peak: Peak) -> str:
        shown = amount(self.say, peak.value, decimals=len(f"{peak.value:g}".partition(".")[2]))
        letter = "ABCDEFGH"[int(peak.value) - 1] if 1 <= peak.value <= 8 else ""
        known = self._facts.get(f"{peak.type}.{peak.fact}") or MINUTE_WORDS.get(peak.fact)
        return self.say(known, value=shown, letter=letter) if known else f"{peak.fact.replace('_', ' ')} {shown}"


def _alarms(report: EventReport, words: _Words) -> Grid:
    say = words.say
    columns = (
        (say("Alarm"), lambda one: words.type(one.type)),
        (say("Level"), lambda one: say(LEVEL_WORDS[one.level])),
        (say("Outcome"), lambda one: say(OUTCOMES.get(one.disposition, one.disposition)) if one.disposition else "–"),
        (say("Exercise"), lambda one: say("yes") if one.exercise else say("no")),
        (say("Number"), lambda one: say("%(n)d", n=one.n)),
    )
    return tabled(report.alarms, columns, caption=say("Alarms by type, highest level and outcome"), numeric=(4,))


def _fullest(report: EventReport, say: Say) -> Grid:
    columns = (
        (say("Zone"), lambda one: one.zone),
        (say("Highest share of capacity"), lambda one: say("%(share)d%%", share=one.share)),
        (say("95% interval"), lambda one: say("%(low)d to %(high)d%%", low=one.low, high=one.high)),
        (say("People inside"), lambda one: say("%(n)d", n=one.people)),
        (say("Capacity"), lambda one: say("%(n)d", n=one.capacity)),
        (say("Time (UTC)"), lambda one: _time(one.at)),
        (say("Source"), lambda one: say(SOURCES[one.source])),
    )
    caption = say("When each zone was fullest")
    return tabled(report.fullest, columns, caption=caption, numeric=(1, 2, 3, 4))


def _peaks(report: EventReport, words: _Words) -> Grid:
    say = words.say
    columns = (
        (say("Zone"), lambda one: words.zone(one.zone)),
        (say("Alarm"), lambda one: words.type(one.type)),
        (say("Highest value"), words.value),
        (say("Time (UTC)"), lambda one: _time(one.at)),
        (say("Source"), lambda one: say(SOURCES[one.source])),
    )
    return tabled(report.peaks, columns, caption=say("Highest values"))


def _worked(report: EventReport, words: _Words) -> Grid:
    say = words.say
    columns = (
        (say("Alarm"), lambda one: f"{words.type(one.type)} ({one.alarm})"),
        (say("Zone"), lambda one: words.zone(one.zone)),
        (say("Steps done"), lambda one: say("%(done)d of %(n)d", done=one.done, n=one.of)),
    )
    return tabled(report.worked, columns, caption=say("Runbook steps done by alarm"))


def _missed(report: EventReport, say: Say) -> Grid:
    columns = (
        (say("Finding"), lambda one: say(MISSED_WORDS[one.what])),
        (say("Number"), lambda one: say("%(n)d", n=one.n)),
        (say("Which"), lambda one: ", ".join(one.which[:MOST_NAMED]) + " …" * (len(one.which) > MOST_NAMED)),
    )
    return tabled(report.missed, columns, caption=say("Findings for the next event"), numeric=(1,))


def _summary(report: EventReport, say: Say) -> Iterator[Panel]:
    real = [one for one in report.alarms if not one.exercise]
    n, danger = sum(one.n for one in real), sum(one.n for one in real if one.disposition == "danger confirmed")
    text = say("%(n)d real %(n:alarm|alarms), danger confirmed in %(danger)d.", n=n, danger=danger)
    drills = sum(one.n for one in report.alarms if one.exercise)
    yield Paragraph(text=text + (" " + say("Exercise alarms: %(n)d.", n=drills) if drills else ""))
    text = "Zones count people or levels. Nothing here tells of a person. Times are those of signed steps, in UTC."
    yield Paragraph(text=say(text), tone="limit")


def _times(report: EventReport, say: Say) -> Iterator[Panel]:
    columns = (
        (say("Stage"), lambda one: say(STAGE_WORDS[one.stage])),
        (say("Times"), lambda one: say("%(n)d", n=one.n)),
        (say("Median"), lambda one: _duration(one.median, say)),
        (say("Longest"), lambda one: _duration(one.longest, say)),
    )
    grid = tabled(report.responses, columns, caption=say("How long people took"), numeric=(1, 2, 3))
    yield _or_none(grid, say("Nobody answered an alarm."))
    if report.responses and not any(one.stage == "arrive" for one in report.responses):
        yield Paragraph(text=say("No arrival of help was recorded, so its time is not known."))


def _exercises(report: EventReport, say: Say) -> Iterator[Panel]:
    yield _or_none(exercises_grid(report.exercises, say), say("No exercise on record."))


def exercises_grid(exercises: Iterable[PlanExercise], say: Say) -> Grid:
    """The exercises of a plan, in the order in which they were recorded."""
    columns = (
        (say("Exercise"), lambda one: one.title),
        (say("Time (UTC)"), lambda one: _time(one.held)),
        (say("Took part"), lambda one: say("; ").join(one.roles)),
        (say("Findings"), lambda one: say("; ").join(one.findings) or "–"),
    )
    return tabled(exercises, columns, caption=say("Exercises of the plan"))


def _or_none(grid: Grid, otherwise: str) -> Panel:
    return grid if grid.rows else Paragraph(text=otherwise)


def _duration(seconds: float, say: Say) -> str:
    if seconds < 120:
        return say("%(n).0f s", n=seconds)
    return say("%(minutes).1f min", minutes=seconds / 60)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
