"""Proves plans follow from the log: the newest confirmed version is in force, those after it wait."""

from __future__ import annotations

from typing import Any

from event_plans import plan_body

from peelian.kernel.model.documents import ExerciseRecord, PlanConfirmation, PlannedEvent
from peelian.kernel.state.plan_state import PlanState

AT = "2026-03-01T10:00:00+00:00"


def folded(*entries: tuple[str, str, Any], state: PlanState | None = None) -> PlanState:
    """A state after entries of this kind, digest and document (None: destroyed)."""
    state = state or PlanState()
    for kind, digest, document in entries:
        entry = {"v": 1, "t": "2026-03-01T10:00:00.00Z", "kind": kind, "document": digest, "plan": "fete-2026"}
        state.fold(entry, lambda _, kind, found=document: found)
    return state


def planned(**changes: Any) -> PlannedEvent:
    return PlannedEvent(plan="fete-2026", body=plan_body(**changes), unit="u", by="ann", at=AT)


def word(digest: str) -> PlanConfirmation:
    return PlanConfirmation(plan="fete-2026", before=digest, unit="u", by="ben", at=AT)


HELD = ExerciseRecord(
    plan="fete-2026", before="d1", by="ben", at=AT, body={"title": "Evacuation", "held": AT, "roles": ["first aid"]}
)


def test_the_newest_confirmed_version_is_in_force_and_those_after_it_wait() -> None:
    state = folded(
        ("EVENT_PLANNED", "d1", planned()),
        ("EVENT_PLANNED", "d2", planned(attendance=5)),
        ("EVENT_PLAN_CONFIRMED", "c1", word("d1")),
        ("EVENT_EXERCISED", "e1", HELD),
        ("EVENT_PLANNED", "d3", planned(attendance=6)),
    )
    filed = state.plans["fete-2026"]
    assert filed.in_force and (filed.in_force.digest, filed.in_force.confirmed_by) == ("d1", "ben")
    assert [one.title for one in filed.in_force.plan.exercises] == ["Evacuation"]
    assert [one.digest for one in filed.waiting()] == ["d3", "d2"]
    assert set(filed.digests()) == {"d1", "d2", "d3", "c1", "e1"}
    assert state.version("d2") and state.version("d9") is None


def test_what_was_destroyed_is_left_out() -> None:
    gone = folded(("EVENT_PLANNED", "d1", None), ("EVENT_PLAN_CONFIRMED", "c1", None), ("EVENT_EXERCISED", "e1", None))
    assert gone.plans == {}
    assert folded(("EVENT_PLAN_CONFIRMED", "c1", word("d1"))).plans == {}


def test_a_plan_goes_with_the_partition_of_its_newest_entry_once_its_event_is_over() -> None:
    state = folded(("EVENT_PLANNED", "d1", planned()))
    gone = {"v": 1, "kind": "PARTITION_DESTROYED", "partition": "alarms.2026q1", "n": 1}
    state.fold({**gone, "t": "2026-03-02T10:00:00.00Z"}, lambda *_: None)
    assert state.plans, "its event is not over"
    state.fold({**gone, "t": "2028-06-02T10:00:00.00Z"}, lambda *_: None)
    assert state.plans == {}
