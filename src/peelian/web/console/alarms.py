"""Alarm pages for staff: open alarms, the steps of each, and outcomes by month.

Nothing is acted on here: the console is where an operator answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from peelian.errors import OutOfOrder
from peelian.kernel.model.alarms import Alarm, Floor, State, counted_alarms
from peelian.kernel.model.documents import AlarmStep
from peelian.kernel.state.alarm_state import monthly, move_of, precision
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import archived, must_not_be_destroyed
from peelian.operations.office import Office
from peelian.pictures.moments import stamp
from peelian.pictures.panels import Grid, Panel, Paragraph, Say
from peelian.web.console.words import CHOICES, DISPOSITIONS, LEVELS, MARKS, STATES, alarm_in_words, titles_of
from peelian.web.framing import frame
from peelian.web.pages import LANGUAGES
from peelian.wording.labels import KINDS, worded

Show = Callable[..., HTMLResponse]
MOST_CLOSED, MOST_MONTHS = 100, 12
ALL_STATES: Mapping[str, str] = {
    **STATES,
    "closed": "Closed",
    "silent": "Recorded silently during the testing period",
}


def add_alarm_pages(app: FastAPI, office: Office, show: Show) -> None:
    """The list of alarms, and each with its life."""

    @app.get("/{language}/alarms", include_in_schema=False)
    def alarms(request: Request, language: str) -> Response:
        say, floor = office.say(_known(language)), office.kernel.state.alarms.floor
        closed = sorted(
            (alarm for alarm in floor.alarms.values() if alarm.state is State.CLOSED),
            key=lambda alarm: alarm.changed_at,
            reverse=True,
        )
        values = {
            "title": say("Alarms"),
            "open": [_line(office, alarm, say) for alarm in reversed(floor.not_closed())],
            "closed": [_line(office, alarm, say) for alarm in closed[:MOST_CLOSED]],
            "more": max(0, len(closed) - MOST_CLOSED),
            "months": frame([*_months(floor, say)], say).html,
            "gone": len(office.kernel.state.alarms.gone),
            "held": office.kernel.state.alarms.held(),
            "damaged": floor.damaged,
        }
        return show(request, "alarms.html", **values)

    @app.get("/{language}/alarms/{alarm}", include_in_schema=False)
    def one(request: Request, language: str, alarm: str) -> Response:
        say = office.say(_known(language))
        try:
            found = office.kernel.state.alarms.floor.at(alarm)
        except OutOfOrder:
            must_not_be_destroyed(office.kernel, office.kernel.state.alarms.gone.get(alarm, ""))
            raise HTTPException(404) from None
        line = _line(office, found, say)
        values = {"title": say("Alarm: %(type)s, %(zone)s", type=line["type"], zone=line["zone"]), "alarm": line}
        values["held"] = office.kernel.state.alarms.held()
        life = frame([_life(office.kernel, found, say)], say).html
        return show(request, "alarm.html", section="/alarms", life=life, **values)


def _line(office: Office, alarm: Alarm, say: Say) -> dict[str, Any]:
    """One alarm as the console shows it, with days beside the times."""
    told = alarm_in_words(alarm, titles_of(office.kernel), say, office.kernel.now())
    state = say(ALL_STATES.get(str(alarm.state), str(alarm.state)))
    times = {"opened": stamp(say, alarm.opened_at.isoformat()), "changed": stamp(say, alarm.changed_at.isoformat())}
    return told | times | {"state_text": state, "mark": MARKS[str(alarm.level)], "watch": alarm.watch}


def _life(kernel: Kernel, alarm: Alarm, say: Say) -> Grid:
    """Every step of an alarm, as signed. O(its steps)."""
    rows = []
    for mark in kernel.state.alarms.steps.get(alarm.id, ()):
        index, entry = kernel.stores.log.found("document", mark)[0]
        step = archived(kernel, mark, AlarmStep)
        rows.append(
            (
                str(index),
                stamp(say, str(entry["t"])),
                worded(KINDS, str(entry["kind"]), say),
                say(ALL_STATES.get(str(entry["state"]), str(entry["state"]))),
                say(LEVELS[str(entry["level"])]),
                _who(kernel, step, say),
                say("; ").join(_details(step, say)),
            )
        )
    titles = (say("Entry"), say("Time (UTC)"), say("Event"), say("State"), say("Level"), say("By"), say("With"))
    return Grid(caption=say("Steps"), titles=titles, rows=tuple(rows), numeric=frozenset({0}))


def _who(kernel: Kernel, step: AlarmStep, say: Say) -> str:
    person = kernel.state.people.get(step.by)
    return f"{person.name}, {step.unit}" if person else say("program (time or signal)")


def _details(step: AlarmStep, say: Say) -> Iterator[str]:
    move = move_of(step)
    for name, value in sorted(move.detail.items()):
        text = str(value)
        known = CHOICES.get(text) or DISPOSITIONS.get(text) or (text if name == "item" else "")
        title = say(DETAILS.get(name, name.replace("_", " ")))
        yield say("%(name)s: %(value)s", name=title, value=say(known) if known else text)


DETAILS: Mapping[str, str] = {
    "choice": "decision",
    "reason": "reason",
    "disposition": "outcome",
    "minutes": "minutes",
    "until": "until",
    "rung": "call",
    "incident": "incident",
    "event": "planned event",
    "item": "runbook step",
}


def _months(floor: Floor, say: Say) -> Iterator[Panel]:
    """By month: closed alarms, what they were, and the share that found danger of those whose truth is known."""
    months = sorted({f"{alarm.changed_at:%Y-%m}" for alarm in counted_alarms(floor)}, reverse=True)[:MOST_MONTHS]
    rows = []
    for month in months:
        tally: dict[str, int] = {}
        for zone in monthly(floor, month).values():
            for disposition, n in zone.items():
                tally[disposition] = tally.get(disposition, 0) + n
        n, share = sum(tally.values()), precision(tally, sum(tally.values()))
        what = ", ".join(f"{say(DISPOSITIONS.get(name, name))} {many}" for name, many in sorted(tally.items()))
        known = n - tally.get("unknown", 0)
        told = say("%(share).0f %% of %(n)d", share=100 * share, n=known) if share is not None else "–"
        rows.append((month, str(n), told, what))
    if not rows:
        yield Paragraph(text=say("No alarm closed yet."))
        return
    titles = (
        say("Month"),
        say("Closed"),
        say("Danger confirmed, share of alarms whose cause is known"),
        say("Outcomes"),
    )
    yield Grid(caption=say("Closed alarms by month"), titles=titles, rows=tuple(rows), numeric=frozenset({1}))


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
