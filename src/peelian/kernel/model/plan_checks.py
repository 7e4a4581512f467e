"""Checks of an event plan: what it says against itself, against the watches, and against its safe capacity."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from peelian.errors import InputError, sentence
from peelian.kernel.model.event_plan import OUTSIDE, EventPlan, PlanGate, PlanZone
from peelian.kernel.model.safe_capacity import LIMITS, SafeCapacity, entry_rate, event_capacity, flow, zone_capacity
from peelian.kernel.model.watch import Level

LONGEST_EVENT = timedelta(days=14)
SLACK = 1.05  # an area that was measured on site may be a little larger than its outline's
LEAST_SHARED_M2, LEAST_SHARE = 1.0, 0.01  # neighbours drawn by hand overlap by a strip


def check_plan(plan: EventPlan, *, zones: Collection[str], types: Collection[str], now: datetime) -> None:
    """InputError names the first field that contradicts another, and what would be accepted.

    `zones` are those that watches stand over, `types` the signal types of all watches. O(zones² × points).
    """
    _check_times(plan, now)
    _check_names(plan, zones)
    _check_gates(plan)
    _check_outlines(plan)
    for n, zone in enumerate(plan.zones):
        _must_fit(zone_capacity(plan, zone), zone.capacity, f"zones[{n}].capacity")
        _check_thresholds(plan, zone)
    _must_fit(event_capacity(plan), plan.attendance, "attendance")
    for name, listed in (("runbooks", plan.runbooks), ("messages", plan.messages)):
        if unknown := sorted(set(listed) - set(types)):
            raise InputError(
                "unknown alarm type", column=f"{name}.{unknown[0][:40]}", accepted=", ".join(sorted(types))
            )


def _check_times(plan: EventPlan, now: datetime) -> None:
    if not plan.starts < plan.ends <= plan.starts + LONGEST_EVENT:
        accepted = sentence("after it starts, at most %(n)d days later", n=LONGEST_EVENT.days)
        raise InputError("event must end after it starts", column="ends", accepted=accepted)
    if plan.ends <= now:
        raise InputError("event is over", column="ends", accepted="a time that is still to come")


def _check_names(plan: EventPlan, zones: Collection[str]) -> None:
    names: set[str] = {OUTSIDE}
    listed = [(f"zones[{n}].name", zone.name) for n, zone in enumerate(plan.zones)]
    listed += [(f"gates[{n}].name", gate.name) for n, gate in enumerate(plan.gates)]
    for column, name in listed:
        if name in names:
            raise InputError("name already taken", column=column, accepted="a name of its own for each zone and gate")
        names.add(name)
    for n, zone in enumerate(plan.zones):
        if zone.name not in zones:
            accepted = ", ".join(sorted(zones)[:40]) or "a zone of a watch. Start the watch first"
            raise InputError("no watch covers this zone", column=f"zones[{n}].name", accepted=accepted)
    for zone_name in plan.thresholds:
        if plan.zone(zone_name) is None:
            raise _unknown_zone(plan, f"thresholds.{zone_name[:40]}")


def _check_gates(plan: EventPlan) -> None:
    for n, gate in enumerate(plan.gates):
        _check_gate(plan, gate, f"gates[{n}]")
    if not any(gate.lets_in and entry_rate(gate) for gate in plan.gates):
        raise InputError("no gate lets people in", column="gates", accepted="a gate from outside, direction in or both")
    for n, zone in enumerate(plan.zones):
        if not any(gate.leads_out_of(zone.name) for gate in plan.gates):
            accepted = "a gate out of it, without turnstiles"
            raise InputError("zone without an exit", column=f"zones[{n}]", accepted=accepted)


def _check_gate(plan: EventPlan, gate: PlanGate, place: str) -> None:
    if plan.zone(gate.zone) is None:
        raise _unknown_zone(plan, f"{place}.zone")
    if gate.to == gate.zone or (gate.to != OUTSIDE and plan.zone(gate.to) is None):
        raise _unknown_zone(plan, f"{place}.to", OUTSIDE)
    if gate.lets_in and not (gate.entry_per_hour or gate.turnstiles):
        accepted = "persons per hour as measured or assessed, or the number of turnstiles"
        raise InputError("entry without a rate", column=f"{place}.entry_per_hour", accepted=accepted)
    if gate.entry_per_hour > 60 * flow(gate):
        accepted = sentence("at most %(n)d persons per hour at this width", n=int(60 * flow(gate)))
        raise InputError("more than the gate can pass", column=f"{place}.entry_per_hour", accepted=accepted)


def _check_outlines(plan: EventPlan) -> None:
    from peelian.measure.outlines import area_m2, crosses_itself, shared_m2  # its geometry is slow to import

    sizes = []
    for n, zone in enumerate(plan.zones):
        if crosses_itself(zone.outline):
            accepted = "corners in order around the zone, the first not repeated"
            raise InputError("outline crosses itself", column=f"zones[{n}].outline", accepted=accepted)
        sizes.append(area_m2(zone.outline))
        if zone.area_m2 > SLACK * sizes[n]:
            accepted = sentence("at most %(n)d m², the area of the outline", n=int(SLACK * sizes[n]))
            raise InputError("area larger than the outline", column=f"zones[{n}].area_m2", accepted=accepted)
        for m in range(n):
            shared = shared_m2(plan.zones[m].outline, zone.outline)
            if shared > max(LEAST_SHARED_M2, LEAST_SHARE * min(sizes[m], sizes[n])):
                accepted = sentence("an outline outside zone %(zone)s", zone=plan.zones[m].name)
                raise InputError("zones overlap", column=f"zones[{n}].outline", accepted=accepted)


def _check_thresholds(plan: EventPlan, zone: PlanZone) -> None:
    given = plan.thresholds.get(zone.name, {})
    rising = [given[level] for level in Level if level in given]
    if rising != sorted(set(rising)) or (rising and rising[-1] > zone.capacity):
        accepted = sentence("notice < warning < urgent, at most %(n)d persons", n=zone.capacity)
        raise InputError("thresholds do not rise", column=f"thresholds.{zone.name}", accepted=accepted)


def _must_fit(found: SafeCapacity, persons: int, column: str) -> None:
    """InputError where more are planned than the lowest limit."""
    final = found.final
    if persons <= final.persons:
        return
    if final.name == "emergency":
        accepted = sentence("at most %(n)d persons, or wider exits", n=final.persons)
        raise InputError("exits too narrow for the emergency time", column=column, accepted=accepted)
    wrong = sentence("above the %(limit)s", limit=sentence(LIMITS[final.name]))
    raise InputError(wrong, column=column, accepted=sentence("at most %(n)d persons", n=final.persons))


def _unknown_zone(plan: EventPlan, column: str, *more: str) -> InputError:
    accepted = ", ".join([*(zone.name for zone in plan.zones), *more])
    return InputError("not a zone of the plan", column=column, accepted=accepted)
