"""Plans in force, and the runbook and messages of an alarm: the plan's own, or those that its watch declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
        return self._found(alarm, now, lambda one: one.runbooks)

    def messages(self, alarm: Alarm, now: datetime) -> tuple[str, ...]:
        """The texts to copy for an alarm at a moment, found as its steps are."""
        return self._found(alarm, now, lambda one: one.messages)

    def at(self, now: datetime) -> tuple[EventPlan, ...]:
        """The plans in force at a moment: from their start to their end."""
        return tuple(plan for plan in self.plans if plan.starts <= now < plan.ends)

    def _found(
        self, alarm: Alarm, now: datetime, of: Callable[[EventPlan | Watch], Mapping[str, tuple[str, ...]]]
    ) -> tuple[str, ...]:
        """An incident of many zones is of every plan, another alarm of those whose zones or gates hold its own."""
        stand = self.stands.get(alarm.watch)
        declared = self.watches.get(stand.permit.watch) if stand else None
        over = [plan for plan in self.at(now) if alarm.zone == CITY or plan.covers(alarm.zone)]
        planned = (of(one).get(alarm.type, ()) for one in (*over, *((declared,) if declared else ())))
        return next(filter(None, planned), ())


def runbooks(kernel: Kernel) -> Runbooks:
    """What helps at alarms, as the log says now. O(plans + watches)."""
    found = (filed.in_force for _, filed in sorted(kernel.state.plans.plans.items()))
    return Runbooks(
        plans=tuple(version.plan for version in found if version),
        stands=kernel.state.alarms.stands.copy(),
        watches={watch.id: watch for technology in kernel.technologies for watch in technology.watches},
    )


def plans_at(kernel: Kernel, now: datetime) -> tuple[EventPlan, ...]:
    """The plans in force at a moment: of each event the newest version that two people signed, from its start to its
    end. By name. O(plans)."""
    return runbooks(kernel).at(now)
