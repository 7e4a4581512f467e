"""Event plans on record: an operator enters one, a second person confirms it, exercises are recorded with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peelian.errors import InputError, OutOfOrder, enumerated
from peelian.kernel.alarms.operator_desk import SHIFT
from peelian.kernel.alarms.plans_in_force import plans_at as plans_at
from peelian.kernel.model.documents import ExerciseRecord, PlanConfirmation, PlannedEvent, digest_of
from peelian.kernel.model.event_plan import exercise_of, plan_of
from peelian.kernel.model.people import Operator
from peelian.kernel.model.plan_checks import check_plan
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, signed
from peelian.kernel.state.plan_state import FiledPlan

PLANNERS = "the_planner_may_plan"


def plan_named(kernel: Kernel, name: str) -> FiledPlan:
    """The plan with this name, with every version; OutOfOrder where there is none."""
    filed = kernel.state.plans.plans.get(name)
    if filed is None:
        raise OutOfOrder("No event plan has this name. See `peelian watch plans`.")
    return filed


def watched_zones(kernel: Kernel, now: datetime) -> frozenset[str]:
    """The zones of every watch that stands. O(sensors)."""
    watching = kernel.state.alarms
    standing = [stand for case, stand in watching.stands.items() if watching.stands_at(case, now)]
    return frozenset(zone for stand in standing for zone in stand.request.sensors.values())


def alarm_types(kernel: Kernel) -> frozenset[str]:
    """The signal types of every watch."""
    return frozenset(name for technology in kernel.technologies for w in technology.watches for name in w.signals)


@act
def plan_event(kernel: Kernel, by: Operator, body: Mapping[str, Any]) -> str:
    """Put a version of an event's plan on record; its digest, by which somebody else confirms it.

    InputError names what contradicts itself, the watches or the safe capacity (`plan_checks`).
    """
    with kernel.lock:
        person = must_hold_role(kernel, by, SHIFT, PLANNERS)
        plan, now = plan_of(body), kernel.now()
        check_plan(plan, zones=watched_zones(kernel, now), types=alarm_types(kernel), now=now)
        filed = kernel.state.plans.plans.get(plan.name)
        before = filed.in_force if filed else None
        made = PlannedEvent(
            plan=plan.name,
            body=dict(body),
            unit=person.unit,
            before=before.digest if before else "",
            by=person.token,
            at=now.isoformat(),
        )
        made = signed(made, by.sign)
        more = {"before": made.before} if made.before else {}
        times = {"starts": plan.starts.isoformat(), "ends": plan.ends.isoformat()}
        kernel.record(made, plan=plan.name, by=made.by, **times, **more)
        return digest_of(made)


@act
def confirm_plan(kernel: Kernel, by: Operator, digest: str) -> None:
    """Confirm a version of a plan that somebody else entered: from now on it replaces the one before."""
    with kernel.lock:
        person = must_hold_role(kernel, by, SHIFT, PLANNERS)
        version = kernel.state.plans.version(digest)
        if version is None:
            raise OutOfOrder("No event plan has this digest. See `peelian watch plans`.")
        if version.by == person.token:
            raise OutOfOrder("Another person must confirm the plan.")
        filed = plan_named(kernel, version.plan.name)
        if version.confirmed_by:
            raise OutOfOrder("This version is already confirmed.")
        later = filed.versions[filed.versions.index(version) + 1 :]
        if any(one.confirmed_by for one in later):
            raise OutOfOrder("A newer version of this plan is in force.")
        now = kernel.now()
        check_plan(version.plan, zones=watched_zones(kernel, now), types=alarm_types(kernel), now=now)
        word = PlanConfirmation(
            plan=version.plan.name, before=digest, unit=person.unit, by=person.token, at=now.isoformat()
        )
        word = signed(word, by.sign)
        kernel.record(word, plan=word.plan, before=digest, by=word.by)


@act
def record_exercise(kernel: Kernel, by: Operator, plan: str, body: Mapping[str, Any]) -> str:
    """Put an exercise of a plan in force on record: when, which of its functions took part, what was found."""
    with kernel.lock:
        must_hold_role(kernel, by, SHIFT, PLANNERS)
        version = plan_named(kernel, plan).in_force
        if version is None:
            raise OutOfOrder("Nobody has confirmed this plan yet.")
        held, now = exercise_of(body), kernel.now()
        if held.held > now:
            raise InputError("exercise in the future", column="held", accepted="a time that has passed")
        if set(held.roles) - set(version.plan.roles):
            raise InputError("not a function of the plan", column="roles", accepted=enumerated(version.plan.roles))
        made = ExerciseRecord(plan=plan, before=version.digest, body=dict(body), by=by.person.token, at=now.isoformat())
        made = signed(made, by.sign)
        kernel.record(made, plan=plan, before=version.digest, by=made.by)
        return digest_of(made)
