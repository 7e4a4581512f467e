"""When a sealed object may be opened, judged by the log alone: one opening a dataset a run, of what was named, now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk import Desk, desk
from toy import COUNT, TOY

from peelian.errors import OutOfOrder
from peelian.governance import acts, flow
from peelian.governance.documents import Permit, mark_of
from peelian.governance.openings import (
    Held,
    the_intent_holds,
    the_opening_is_permitted,
    the_run_goes_on,
    the_start_is_permitted,
)
from peelian.governance.ports import Entry


@pytest.fixture
def town() -> Desk:
    made = desk((TOY,))
    made.papers(COUNT)
    return made


def held(town: Desk) -> Held:
    known = Held()
    for _, entry in town.house.log.read():
        known.fold(entry)
    return known


def begun(town: Desk) -> tuple[Permit, dict[str, str]]:
    """A run that has begun, and the opening it is about to log."""
    permit = town.ask(COUNT)
    data = next(iter(town.house.book.datasets.values()))
    town.house.append("STARTED", case=permit.case, before=mark_of(permit))
    opening = {"case": permit.case, "before": mark_of(permit), "object": data.object, "dataset": data.dataset}
    return permit, opening


def test_a_run_opens_what_its_request_names_once(town: Desk) -> None:
    permit, opening = begun(town)
    the_run_goes_on(town.house, permit.case, mark_of(permit))
    the_opening_is_permitted(town.house, held(town), opening)
    for wrong in ({"object": "0" * 32}, {"dataset": "other"}, {"case": "c-none"}, {"before": "none"}):
        with pytest.raises(OutOfOrder):
            the_opening_is_permitted(town.house, held(town), opening | wrong)
    town.house.append("OPENED", **opening)
    with pytest.raises(OutOfOrder, match="opened it already"):
        the_opening_is_permitted(town.house, held(town), opening)
    with pytest.raises(OutOfOrder, match="used up"):
        the_start_is_permitted(town.house, {"case": permit.case, "before": mark_of(permit)})


def test_before_it_began_and_after_it_ended_nothing_is_opened(town: Desk) -> None:
    permit = town.ask(COUNT)
    data = next(iter(town.house.book.datasets.values()))
    opening = {"case": permit.case, "before": mark_of(permit), "object": data.object, "dataset": data.dataset}
    with pytest.raises(OutOfOrder, match="no run"):
        the_opening_is_permitted(town.house, held(town), opening)
    flow.run(town.house, town.people["analyst"], permit)
    with pytest.raises(OutOfOrder, match="no run"):
        the_opening_is_permitted(town.house, held(town), opening)


def test_a_suspension_and_the_permits_end_close_what_was_open(town: Desk) -> None:
    _, opening = begun(town)
    index = town.house.append("OPENED", **opening)
    entry: Entry = dict(town.house.log.read(index))[index]
    names = {"object": opening["object"], "dataset": opening["dataset"]}
    the_intent_holds(town.house, held(town), entry, **names)
    for wrong in (None, {**entry, "kind": "RAN"}, {**entry, "object": "0" * 32}, {**entry, "dataset": "other"}):
        with pytest.raises(OutOfOrder):
            the_intent_holds(town.house, held(town), wrong, **names)
    acts.suspend(town.house, town.people["board"], "toy")
    with pytest.raises(OutOfOrder, match="suspended"):
        the_intent_holds(town.house, held(town), entry, **names)
    acts.resume(town.house, town.people["board"], "toy")
    town.clock.now += timedelta(minutes=11)
    with pytest.raises(OutOfOrder, match="ten minutes"):
        the_intent_holds(town.house, held(town), entry, **names)
    town.clock.days(30)
    with pytest.raises(OutOfOrder, match="expired"):
        the_opening_is_permitted(town.house, held(town), opening)


def test_outside_a_case_only_a_duty_opens(town: Desk) -> None:
    town.ask(COUNT)
    data = next(iter(town.house.book.datasets.values()))
    for person in ("analyst", "custodian", "board"):
        opening = {"object": data.object, "dataset": data.dataset, "by": town.people[person].person.token}
        with pytest.raises(OutOfOrder, match="ask for a use"):
            the_opening_is_permitted(town.house, held(town), opening)
    town.house.append("SEALED", object="1" * 32, dataset="records", by=town.people["custodian"].person.token)
    opening = {"object": "1" * 32, "dataset": "records", "by": town.people["custodian"].person.token}
    the_opening_is_permitted(town.house, held(town), opening)
    with pytest.raises(OutOfOrder):
        the_opening_is_permitted(town.house, held(town), opening | {"by": town.people["analyst"].person.token})
    town.house.append("KEY_DESTROYED", object="1" * 32, dataset="records")
    with pytest.raises(OutOfOrder, match="destroyed"):
        the_opening_is_permitted(town.house, held(town), opening)


def test_an_intake_may_look_at_what_it_just_sealed_and_at_nothing_else(town: Desk) -> None:
    town.ask(COUNT)
    data = next(iter(town.house.book.datasets.values()))
    town.house.append("KEEPING", dataset="footage-1")
    the_opening_is_permitted(town.house, held(town), {"object": "2" * 32, "dataset": "footage-1"})
    with pytest.raises(OutOfOrder):
        the_opening_is_permitted(town.house, held(town), {"object": data.object, "dataset": "footage-1"})
    with pytest.raises(OutOfOrder):
        the_opening_is_permitted(town.house, held(town), {"object": "2" * 32, "dataset": "footage-2"})
