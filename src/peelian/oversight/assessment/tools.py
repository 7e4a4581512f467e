"""Tools that were in use before anybody approved them: reported with reasons, paused in time, approved or ended.

A tool of high or moderate risk must be paused within three months (Toronto Police Services Board, policy of 2022). When
the day passes, the office suspends its technology by itself, and says so in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from peelian.errors import InputError, OutOfOrder, Refused, enumerated, sentence
from peelian.kernel.model.capability import AuthorizationKind, Role
from peelian.kernel.model.people import Operator
from peelian.kernel.model.suspension import Why
from peelian.kernel.policy.authorize import must_hold_role, refusal
from peelian.kernel.records.office_records import keep, records_of
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel

LEVELS = ("high", "moderate", "low")
LONGEST_DAYS = 92
MOVES: Mapping[str, frozenset[str]] = {
    "reported": frozenset({"paused", "approved", "ended"}),
    "paused": frozenset({"approved", "ended"}),
    "approved": frozenset({"paused", "ended"}),
    "ended": frozenset(),
}
REPORTERS = frozenset({Role.CUSTODIAN, Role.COMMANDER, Role.PRIVACY_OFFICER})
FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool as it stands: what it is, how risky, why it was in use, until when it must be paused, and its state."""

    name: str
    technology: str  # a technology of this office, "" where it is somebody else's product
    level: str
    reason: str
    plan: str
    pause_by: str  # ISO date
    state: str
    index: int  # of its newest log entry

    def overdue(self, today: date) -> bool:
        """Whether it is still in use without approval after the day it had to be paused."""
        return self.state == "reported" and self.level != "low" and self.pause_by < today.isoformat()


@act
def report(
    kernel: Kernel,
    by: Operator,
    name: str,
    *,
    technology: str = "",
    level: str,
    reason: str,
    plan: str,
    pause_by: str,
) -> str:
    """Report a tool that is in use before approval. InputError: a day beyond three months, a reason or plan missing."""
    must_hold_role(kernel, by, REPORTERS, "the_reporter_may_report")
    today = kernel.now().date()
    if level not in LEVELS:
        raise InputError("unknown risk level", column="level", accepted=", ".join(LEVELS))
    if technology and technology not in {t.id for t in kernel.technologies}:
        raise InputError(
            "unknown technology of this office", column="technology", accepted="one of its technologies, or none"
        )
    for text, what in ((name, "name"), (reason, "reason"), (plan, "plan")):
        if len(text.split()) < (1 if what == "name" else FEWEST_WORDS):
            says = sentence("report without %(what)s", what=sentence(what))
            raise InputError(says, column=what, accepted=sentence("at least %(least)d words", least=FEWEST_WORDS))
    latest = today + timedelta(days=LONGEST_DAYS)
    try:
        day = date.fromisoformat(pause_by)
    except ValueError:
        raise InputError("not a day", column="pause_by", accepted="YYYY-MM-DD") from None
    if not today <= day <= latest:
        accepted = sentence("%(first)s to %(last)s", first=str(today), last=str(latest))
        raise InputError("pause date more than three months away", column="pause_by", accepted=accepted)
    if name.strip() in tools(kernel) and tools(kernel)[name.strip()].state != "ended":
        raise OutOfOrder("This tool is already reported. Change its status instead.")
    body = {
        "name": name.strip(),
        "technology": technology,
        "level": level,
        "reason": reason.strip(),
        "plan": plan.strip(),
        "pause_by": pause_by,
        "state": "reported",
    }
    return keep(kernel, by, "tool", body, state="reported", until=pause_by)


@act
def move(kernel: Kernel, by: Operator, name: str, state: str) -> str:
    """Pause, approve or end a reported tool. Approval wants council's authorization and an assessment in force."""
    known = tools(kernel)
    if name not in known:
        raise OutOfOrder("No tool with this name was reported.")
    tool = known[name]
    if state not in MOVES[tool.state]:
        says = sentence(
            "A tool with status %(state)s can become: %(states)s",
            state=enumerated([tool.state]),
            states=enumerated(sorted(MOVES[tool.state]), "nothing"),
        )
        raise OutOfOrder(says)
    must_hold_role(kernel, by, frozenset({Role.BOARD}) if state == "approved" else REPORTERS, "the_reporter_may_report")
    if state == "approved" and (missing := _missing_authorizations(kernel, tool)):
        says = sentence("Missing: %(list)s", list=enumerated(missing))
        raise Refused(
            [refusal("a_tool_is_approved_with_its_authorizations", says, "Have it assessed and approved first.")]
        )
    body = {field: getattr(tool, field) for field in ("name", "technology", "level", "reason", "plan", "pause_by")}
    return keep(kernel, by, "tool", {**body, "state": state}, state=state)


def tools(kernel: Kernel) -> dict[str, Tool]:
    """Every reported tool as it stands now, by name. O(reports)."""
    found: dict[str, Tool] = {}
    for index, record in records_of(kernel, "tool"):
        body = {key: str(value) for key, value in record.body.items()}
        found[body["name"]] = Tool(index=index, **body)
    return found


def overdue(kernel: Kernel) -> tuple[Tool, ...]:
    """The tools that should have been paused by now."""
    today = kernel.now().date()
    return tuple(tool for tool in tools(kernel).values() if tool.overdue(today))


def close_overdue(kernel: Kernel) -> tuple[str, ...]:
    """Suspend the technologies of overdue tools, as an act of the office itself; returns those newly suspended."""
    closed = []
    for tool in overdue(kernel):
        if tool.technology and tool.technology not in kernel.state.suspended:
            said: dict[str, str | int] = {"technology": tool.technology, "by": "office", "because": tool.index}
            kernel.append("SUSPENDED", **said, reason=str(Why.UNAPPROVED))
            closed.append(tool.technology)
    return tuple(closed)


def _missing_authorizations(kernel: Kernel, tool: Tool) -> list[str]:
    if not tool.technology:
        return []
    now = kernel.now().isoformat()
    held = {
        authorization.kind
        for authorization in kernel.state.authorizations.values()
        if authorization.serves.partition(".")[0] == tool.technology
        and authorization.starts <= now < authorization.ends
    }
    wanted = {
        AuthorizationKind.COUNCIL_APPROVAL: "council approval",
        AuthorizationKind.IMPACT_ASSESSMENT: "impact assessment",
    }
    return [title for authorization, title in wanted.items() if authorization not in held]
