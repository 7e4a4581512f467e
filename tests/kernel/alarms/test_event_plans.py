"""Proves a plan is in force only by two people's word, a newer one replaces it, and exercises stand with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from event_plans import plan_body
from toy_watch import FIRST
from watched import Watched, stood

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.alarms.event_plans import (
    confirm_plan,
    plan_event,
    plan_named,
    plans_at,
    record_exercise,
    watched_zones,
)
from peelian.kernel.model.documents import PlanConfirmation, PlannedEvent, digest_of
from peelian.kernel.model.people import signature_holds
from peelian.kernel.retention.retention_roots import needed_digests
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.state.state import OfficeState

EXERCISE: dict[str, Any] = {
    "title": "Evacuation of north",
    "held": "2026-03-01T10:00:00+00:00",
    "roles": ["first aid"],
    "findings": ["Gate C was locked."],
}


@pytest.fixture
def at() -> Watched:
    return stood()


def confirmed(at: Watched, **changes: Any) -> str:
    """A plan that the dispatcher entered and the commander confirmed."""
    digest = plan_event(at.town.kernel, at.town.people["dispatcher"], plan_body(**changes))
    confirm_plan(at.town.kernel, at.town.people["commander"], digest)
    return digest


def test_a_plan_is_in_force_once_a_second_person_confirmed_it(at: Watched) -> None:
    kernel, people = at.town.kernel, at.town.people
    digest = plan_event(kernel, people["dispatcher"], plan_body())
    assert plans_at(kernel, FIRST) == () and plan_named(kernel, "fete-2026").in_force is None
    with pytest.raises(OutOfOrder, match="Another person"):
        confirm_plan(kernel, people["dispatcher"], digest)
    with pytest.raises(Refused):
        confirm_plan(kernel, people["analyst"], digest)
    confirm_plan(kernel, people["commander"], digest)
    (plan,) = plans_at(kernel, FIRST)
    assert plan.name == "fete-2026" and plan.runbooks["high_well"][0] == "Look at the picture of gate A."
    assert plans_at(kernel, plan.ends) == () and plans_at(kernel, plan.starts - timedelta(seconds=1)) == ()
    with pytest.raises(OutOfOrder, match="already confirmed"):
        confirm_plan(kernel, people["commander"], digest)


def test_both_words_are_signed_and_the_log_holds_no_text_of_the_plan(at: Watched) -> None:
    digest = confirmed(at)
    entries = [e for _, e in at.town.kernel.stores.log.read() if e.get("plan") == "fete-2026"]
    assert [e["kind"] for e in entries] == ["EVENT_PLANNED", "EVENT_PLAN_CONFIRMED"]
    made = archived(at.town.kernel, digest, PlannedEvent)
    word = archived(at.town.kernel, str(entries[1]["document"]), PlanConfirmation)
    for document, short in ((made, "dispatcher"), (word, "commander")):
        key = at.town.people[short].person.public_key
        assert signature_holds(key, document.signature, digest_of(document).encode())
    assert word.before == digest and "514 555" not in str(entries) and "village" not in str(entries)


def test_a_newer_version_replaces_the_older_one_and_both_stay(at: Watched) -> None:
    kernel, people = at.town.kernel, at.town.people
    first = confirmed(at)
    left = plan_event(kernel, people["dispatcher"], plan_body(attendance=10))
    second = confirmed(at, attendance=900)
    with pytest.raises(OutOfOrder, match="newer version"):
        confirm_plan(kernel, people["commander"], left)
    filed = plan_named(kernel, "fete-2026")
    assert [version.digest for version in filed.versions] == [first, left, second]
    assert [plan.attendance for plan in plans_at(kernel, FIRST)] == [900]
    assert archived(kernel, second, PlannedEvent).before == first


def test_only_operators_and_supervisors_plan_and_only_what_is_watched(at: Watched) -> None:
    kernel, people = at.town.kernel, at.town.people
    for short in ("analyst", "board", "clerk", "custodian"):
        with pytest.raises(Refused):
            plan_event(kernel, people[short], plan_body())
    assert watched_zones(kernel, kernel.now()) == {"north", "south"}
    with pytest.raises(InputError, match="no watch covers this zone"):
        plan_event(kernel, people["dispatcher"], plan_body(zones__1__name="east", gates__1__to="east"))
    with pytest.raises(InputError, match="unknown alarm type"):
        plan_event(kernel, people["dispatcher"], plan_body(runbooks={"song": ["Listen."]}))
    assert "EVENT_PLANNED" not in at.town.kinds()


def test_what_no_longer_fits_when_it_is_to_be_confirmed_is_refused(at: Watched) -> None:
    kernel, people = at.town.kernel, at.town.people
    digest = plan_event(kernel, people["dispatcher"], plan_body())
    at.town.clock.now = FIRST + timedelta(days=2)
    with pytest.raises(InputError, match="event is over"):
        confirm_plan(kernel, people["commander"], digest)


def test_an_exercise_stands_with_the_plan(at: Watched) -> None:
    kernel, commander = at.town.kernel, at.town.people["commander"]
    plan_event(kernel, at.town.people["dispatcher"], plan_body())
    with pytest.raises(OutOfOrder, match="Nobody has confirmed"):
        record_exercise(kernel, commander, "fete-2026", EXERCISE)
    confirmed(at)
    for change in ({"held": "2026-03-09T10:00:00+00:00"}, {"roles": ["mayor"]}, {"roles": []}):
        with pytest.raises(InputError):
            record_exercise(kernel, commander, "fete-2026", EXERCISE | change)
    with pytest.raises(OutOfOrder):
        record_exercise(kernel, commander, "fete-2027", EXERCISE)
    record_exercise(kernel, commander, "fete-2026", EXERCISE)
    (held,) = plans_at(kernel, FIRST)[0].exercises
    assert (held.title, held.findings, held.by) == (EXERCISE["title"], ("Gate C was locked.",), commander.person.token)


def test_the_state_follows_from_the_log_alone(at: Watched) -> None:
    confirmed(at)
    record_exercise(at.town.kernel, at.town.people["commander"], "fete-2026", EXERCISE)
    anew = OfficeState()
    anew.bind(at.town.kernel)
    assert anew.plans.plans == at.town.kernel.state.plans.plans


def test_a_plan_that_is_not_over_is_kept_whole(at: Watched) -> None:
    confirmed(at)
    record_exercise(at.town.kernel, at.town.people["commander"], "fete-2026", EXERCISE)
    digests = set(plan_named(at.town.kernel, "fete-2026").digests())
    assert len(digests) == 3 and digests <= needed_digests(at.town.kernel)
