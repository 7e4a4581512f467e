"""Plans in force, and the runbook and messages of an alarm: the plan's own, or those that its watch declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from peelian.kernel.model.alarms import CITY, Alarm
from peelian.kernel.model.event_plan import EventPlan
from peelian.kernel.model.watch import Watch
from peelian.kernel.state.alarm_state import Stand
from peelian.kernel.state.kernel import Kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbooks:
    """What helps at alarms: plans that two people signed, by name, and what watches declare."""

    plans: Sequence[EventPlan]
    stands: Mapping[str, Stand]
    watches: Mapping[str, Watch]

    def steps(self, alarm: Alarm, now: datetime) -> tuple[str, ...]:
        """The steps for an alarm at a moment: of a plan in force over its place that has any for its type, else of its
        watch (message ids). O(plans)."""
        planned = (plan.runbooks.get(alarm.type, ()) for plan in self._over(alarm, now))
        declared = self._declared(alarm)
        return next(filter(None, planned), declared.runbooks.get(alarm.type, ()) if declared else ())

    def messages(self, alarm: Alarm, now: datetime) -> tuple[str, ...]:
        """The texts to copy for an alarm at a moment, found as its steps are."""
        planned = (plan.messages.get(alarm.type, ()) for plan in self._over(alarm, now))
        declared = self._declared(alarm)
        return next(filter(None, planned), declared.messages.get(alarm.type, ()) if declared else ())

    def at(self, now: datetime) -> tuple[EventPlan, ...]:
        """The plans in force at a moment: from their start to their end."""
        return tuple(plan for plan in self.plans if plan.starts <= now < plan.ends)

    def _over(self, alarm: Alarm, now: datetime) -> list[EventPlan]:
        """Those whose zones or gates hold the alarm's; an incident of many zones is of all of them."""
        return [plan for plan in self.at(now) if alarm.zone == CITY or plan.covers(alarm.zone)]

    def _declared(self, alarm: Alarm) -> Watch | None:
        stand = self.stands.get(alarm.watch)
        return self.watches.get(stand.permit.watch) if stand else None


def runbooks(kernel: Kernel) -> Runbooks:
    """What helps at alarms, as the log says now. O(plans + watches)."""
    found = (filed.in_force for _, filed in sorted(kernel.state.plans.plans.items()))
    return Runbooks(
        plans=tuple(version.plan for version in found if version),
        stands=kernel.state.alarms.stands,
        watches={watch.id: watch for technology in kernel.technologies for watch in technology.watches},
    )


def plans_at(kernel: Kernel, now: datetime) -> tuple[EventPlan, ...]:
    """The plans in force at a moment: of each event the newest version that two people signed, from its start to its
    end. By name. O(plans)."""
    return runbooks(kernel).at(now)
