"""The inventory says of every technology how risky it is, what it takes, who may use it, and whether it is in use."""

from __future__ import annotations

import pytest
from answer_sets import complete
from assessed_toy import NEEDED, TOWN
from desk import Desk, desk
from suspending import lift, suspend
from toy import WellParams
from toy_watch import HIGH
from watched import stood

from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.oversight.assessment import signing
from peelian.oversight.transparency.inventory import (
    AUDITED,
    CLOSED,
    FREE,
    IN_USE,
    READY,
    STATES,
    SUSPENDED,
    inventory_of,
)


@pytest.fixture
def town() -> Desk:
    return desk((TOWN,))


def assessed(town: Desk) -> None:
    officer = town.people["privacy-officer"]
    digest = signing.submit(town.kernel, officer, "toy.*", complete(), ((NEEDED.id, WellParams()),))
    signing.approve(town.kernel, town.people["commander"], digest, reasons="it is needed here")
    signing.sign(town.kernel, officer, digest, purposes=(Purpose.ADVICE,))


def state(town: Desk) -> str:
    return {use.capability.id: use.state for use in inventory_of(town.kernel)[0].uses}[NEEDED.id]


def test_a_use_goes_from_closed_to_ready_to_in_use_to_suspended(town: Desk) -> None:
    assert state(town) == CLOSED
    town.authorizations(NEEDED, but=AuthorizationKind.IMPACT_ASSESSMENT)
    assert state(town) == CLOSED
    assessed(town)
    assert state(town) == READY
    town.ask(NEEDED)
    assert state(town) == IN_USE
    suspend(town.kernel, town.people["board"], "toy")
    assert state(town) == SUSPENDED
    lift(town.kernel, town.people["privacy-officer"], town.people["board"], "toy")
    town.clock.days(31)  # the council's authorization has expired
    assert state(town) == CLOSED


def test_level_data_and_authorised_users_are_shown(town: Desk) -> None:
    (entry,) = inventory_of(town.kernel)
    assert entry.level == 0 and entry.obligations is None
    assessed(town)
    (entry,) = inventory_of(town.kernel)
    use = next(use for use in entry.uses if use.capability.id == NEEDED.id)
    assert entry.level == 1 and entry.obligations is not None
    assert use.takes == ("wells",) and use.gives == ("wells",)
    assert use.askers == {"analyst": 1} and use.deciders == {"commander": 1}


def test_refusals_are_counted_for_each_use(town: Desk) -> None:
    from peelian.errors import Refused

    with pytest.raises(Refused):
        town.ask(NEEDED)
    use = next(use for use in inventory_of(town.kernel)[0].uses if use.capability.id == NEEDED.id)
    assert (use.asked, use.refused, use.started) == (1, 1, "")


def test_a_watch_is_a_use_like_any_other() -> None:
    made = desk()
    watches = {watch.id: watch for technology in made.kernel.technologies for watch in technology.watches}
    uses = {use.capability.id: use for entry in inventory_of(made.kernel) for use in entry.uses}
    assert watches and set(watches) <= set(uses)
    for name, watch in watches.items():
        assert uses[name].state == (CLOSED if watch.needs else FREE)
        assert {watch.titles[word] for word in watch.takes} <= set(uses[name].takes)
        assert uses[name].gives == tuple(watch.titles[word] for word in sorted(watch.signals))
        assert (uses[name].asked, uses[name].refused, uses[name].started) == (0, 0, "")


def test_nothing_is_in_use_or_permitted_in_an_office_where_nobody_approved_anything() -> None:
    made = desk()
    states = {entry.technology.id: entry.state for entry in inventory_of(made.kernel)}
    assert len(states) > 1 and set(states.values()) == {CLOSED}, "also where an audit of published figures needs nobody"


def test_an_audit_of_a_matcher_is_no_use_of_face_recognition() -> None:
    made = desk()
    made.ask(made.kernel.capability("faces.plan"))
    states = {entry.technology.id: entry.state for entry in inventory_of(made.kernel)}
    assert states["faces"] == AUDITED and STATES[AUDITED] == "Audited, not used"


def test_a_day_stands_only_where_every_authorization_that_is_needed_is_in_force(town: Desk) -> None:
    def until() -> dict[str, str]:
        return {use.capability.id: use.until for use in inventory_of(town.kernel)[0].uses}

    town.authorizations(NEEDED, but=AuthorizationKind.IMPACT_ASSESSMENT)
    assert set(until().values()) == {""}, "what is not approved, or needs no approval, is valid until no day"
    assessed(town)
    first = until()
    assert first[NEEDED.id] > "2026" and {day for id, day in first.items() if id != NEEDED.id} <= {""}
    town.clock.days(9)
    town.authorizations(NEEDED, but=AuthorizationKind.IMPACT_ASSESSMENT)
    assert until()[NEEDED.id] > first[NEEDED.id], "the renewed authorization counts, not the one that ends first"


@pytest.mark.parametrize("exercise", [True, False])
def test_a_watch_that_only_stood_as_a_drill_is_not_in_use(exercise: bool) -> None:
    made = stood(exercise=exercise).town
    (use,) = (use for entry in inventory_of(made.kernel) for use in entry.uses if use.capability.id == HIGH.id)
    assert (use.asked, use.refused) == (1, 0)
    assert (use.state, bool(use.started)) == ((READY, False) if exercise else (IN_USE, True))
