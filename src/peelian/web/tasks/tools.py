"""Tools in use before anybody approved them: reported with reasons, then paused, approved or ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from peelian.errors import sentence
from peelian.kernel.model.people import Operator
from peelian.kernel.records.office_records import MAKERS
from peelian.operations.office import Office
from peelian.oversight import tools
from peelian.oversight.tools import REPORTERS
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.inventory import TOOL_LEVELS, TOOL_STATES
from peelian.web.tasks.task import Done, Task, asked

GROUP = "Oversight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    name: str = asked("Name of the tool")
    technology: str = asked("Technology of this office it belongs to", default="")
    level: str = asked("Risk", names=TOOL_LEVELS)
    reason: str = asked("Why it was in use before approval", lines=3)
    plan: str = asked("How it will be paused", lines=3)
    pause_by: str = asked("Day it is paused by, within three months", kind="date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    tool: str = asked("Tool")
    state: str = asked("State from now on", names={one: TOOL_STATES[one] for one in ("paused", "approved", "ended")})


def _report(office: Office, by: Operator, given: Reported) -> Done:
    told = asdict(given)
    tools.report(office.kernel, by, told.pop("name"), **told)
    return Done(says=sentence("Reported. Pause it by %(day)s.", day=given.pause_by), href="/inventory")


def _move(office: Office, by: Operator, given: Moved) -> Done:
    tools.move(office.kernel, by, given.tool, given.state)
    state = sentence(TOOL_STATES[given.state])
    return Done(says=sentence("Recorded: %(tool)s, %(state)s.", tool=given.tool, state=state), href="/inventory")


def _technologies(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    return [(one.id, say(one.title)) for one in office.kernel.technologies]


def _movable(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    known = tools.tools(office.kernel).values()
    return [(t.name, f"{t.name} ({say(TOOL_STATES[t.state])})") for t in known if t.state != "ended"]


def _tools(office: Office, say: Say, language: str) -> Grid | None:
    late = {tool.name for tool in tools.overdue(office.kernel)}
    rows = tuple(
        (
            one.name,
            say(TOOL_LEVELS[one.level]),
            say(TOOL_STATES[one.state]),
            moment(one.pause_by, language),
            say("OVERDUE") if one.name in late else "",
        )
        for one in tools.tools(office.kernel).values()
    )
    titles = (say("Tool"), say("Risk"), say("State"), say("Pause by"), say("Remark"))
    return Grid(caption=say("Tools reported before approval"), titles=titles, rows=rows) if rows else None


def _task(id: str, title: str, about: str, roles: Any, **more: Any) -> Task:
    return Task(id=id, group=GROUP, title=title, about=about, roles=roles, **more)


TASKS = (
    _task(
        "tool-report",
        "Report a tool in use before approval",
        "Of high or moderate risk it must be paused in time. Otherwise its technology is suspended.",
        REPORTERS,
        params=Reported,
        do=_report,
        offered={"technology": _technologies},
        shows=_tools,
    ),
    _task(
        "tool-move",
        "Record that a tool is paused, approved or ended",
        "The oversight board approves. That needs a council approval and an impact assessment in force.",
        MAKERS["tool"],
        params=Moved,
        do=_move,
        offered={"tool": _movable},
        shows=_tools,
    ),
)
