"""Plans in force, and the runbook and messages of an alarm: the plan's own, or those that its watch declares."""

from __future__ import annotations

from datetime import datetime

from peelian.kernel.model.alarms import CITY, Alarm
from peelian.kernel.model.event_plan import EventPlan
from peelian.kernel.model.technology import technology_of
from peelian.kernel.model.watch import Watch
from peelian.kernel.state.kernel import Kernel


def plans_at(kernel: Kernel, now: datetime) -> tuple[EventPlan, ...]:
    """The plans in force at a moment: of each event the newest version that two people signed, from its start to its
    end. By name. O(plans)."""
    found = (filed.in_force for _, filed in sorted(kernel.state.plans.plans.items()))
    return tuple(version.plan for version in found if version and version.plan.starts <= now < version.plan.ends)


def runbook_of(kernel: Kernel, alarm: Alarm, now: datetime) -> tuple[str, ...]:
    """The steps for an alarm now: of a plan in force over its zone that has any for its type, else of its watch
    (message ids). O(plans)."""
    for plan in _over(kernel, alarm, now):
        if steps := plan.runbooks.get(alarm.type):
            return steps
    declared = _declared(kernel, alarm)
    return declared.runbooks.get(alarm.type, ()) if declared else ()


def messages_of(kernel: Kernel, alarm: Alarm, now: datetime) -> tuple[str, ...]:
    """The texts to copy for an alarm now, found as its runbook is."""
    for plan in _over(kernel, alarm, now):
        if texts := plan.messages.get(alarm.type):
            return texts
    declared = _declared(kernel, alarm)
    return declared.messages.get(alarm.type, ()) if declared else ()


def _over(kernel: Kernel, alarm: Alarm, now: datetime) -> list[EventPlan]:
    """The plans in force whose zones or gates hold the alarm's; an incident of many zones is of all of them."""
    return [plan for plan in plans_at(kernel, now) if alarm.zone == CITY or plan.covers(alarm.zone)]


def _declared(kernel: Kernel, alarm: Alarm) -> Watch | None:
    stand = kernel.state.alarms.stands.get(alarm.watch)
    technology = technology_of(kernel.technologies, stand.permit.watch) if stand else None
    watches = technology.watches if technology else ()
    return next((watch for watch in watches if stand and watch.id == stand.permit.watch), None)
