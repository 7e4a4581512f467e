"""Whom a warrant concerned is told within the law's days of its end, or a court deferred it: a clock that is shown."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from court import confirmed, recorded, signed_warrant
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.documents import digest_of
from peelian.kernel.model.warrants import root_of
from peelian.kernel.records.owed_notices import Notice, notices
from peelian.kernel.verbs import warrant_lifecycle
from peelian.kernel.verbs.warrant_notices import notify, overdue
from peelian.operations.office import technologies
from peelian.oversight.transparency.warrant_counts import counted, public_count

METER = a_sensor(id="meter-1", kind="energy_meter", personal_data=True, format="green-button")
BODY: dict[str, Any] = {
    "status": "confirmed", "reference": "2026-CR-17", "cells": "Centre", "sensors": "meter-1", "count": 5,
    "operations": "energy-single-meter",
}  # fmt: skip


@pytest.fixture
def town() -> Desk:
    return desk(tuple(technologies()))


def used(town: Desk, **body: Any) -> str:
    """A warrant of which one reading was collected; its root."""
    root = root_of(signed_warrant(town, BODY | {"urgency": "it is deleted tonight"} | body))
    town.kernel.append("COLLECTED", warrant=root, sensor="meter-1", readings=1)
    return root


def the_one(town: Desk) -> Notice:
    (one,) = notices(town.kernel)
    return one


def day(town: Desk, days: int = 0) -> str:
    return (town.kernel.now().date() + timedelta(days=days)).isoformat()


def test_a_notice_is_due_within_90_days_of_the_end_and_then_sent(town: Desk) -> None:
    kernel, officer = town.kernel, town.people["privacy-officer"]
    root = used(town)
    signed_warrant(town, BODY)  # nothing was collected under it: nobody was concerned
    one = the_one(town)
    assert one.state(kernel.now()) == "running" and one.due == (one.ends + timedelta(days=90)).date()
    with pytest.raises(OutOfOrder, match="still in force"):
        notify(kernel, officer, root, sent=day(town), how="by registered mail")
    town.clock.days(31)
    assert the_one(town).state(kernel.now()) == "due" and not overdue(kernel)
    town.clock.days(90)
    assert overdue(kernel) == (the_one(town),)
    with pytest.raises(Refused):
        notify(kernel, town.people["clerk"], root, sent=day(town), how="by registered mail")
    notify(kernel, officer, root, sent=day(town), how="by registered mail")
    assert the_one(town).state(kernel.now()) == "sent" and not overdue(kernel)
    with pytest.raises(OutOfOrder, match="sent already"):
        notify(kernel, officer, root, sent=day(town), how="by registered mail")


def test_a_court_defers_it_for_three_years_at_most_and_may_again(town: Desk) -> None:
    """Each extension is of three years at most, from the day on which notice was due (Criminal Code, 196(3))."""
    kernel, officer = town.kernel, town.people["privacy-officer"]
    root = used(town)
    town.clock.days(31)
    for reference in ("2026-CR-18", "2029-CR-19"):
        last = the_one(town).due + timedelta(days=1_096)
        with pytest.raises(InputError, match="court can defer"):
            notify(kernel, officer, root, until=(last + timedelta(days=1)).isoformat(), reference=reference)
        notify(kernel, officer, root, until=last.isoformat(), reference=reference)
        assert the_one(town).due == last and the_one(town).state(kernel.now()) == "deferred"
    notify(kernel, officer, root, until=day(town, 300), reference="2026-CR-20")
    assert the_one(town).due == date.fromisoformat(day(town, 300)), "a court may also bring it forward"
    town.clock.days(299)
    assert the_one(town).state(kernel.now()) == "deferred"
    town.clock.days(2)
    assert the_one(town).state(kernel.now()) == "overdue"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "neither sent nor deferred"),
        ({"sent": "0", "until": "9", "how": "by mail", "reference": "r"}, "neither sent nor deferred"),
        ({"sent": "0"}, "text missing"),
        ({"sent": "0", "how": "x" * 201}, "text missing"),
        ({"sent": "0", "how": "to jane@town.ca"}, "e-mail"),
        ({"sent": "1", "how": "by mail"}, "since the warrant ended"),
        ({"sent": "-40", "how": "by mail"}, "since the warrant ended"),
        ({"sent": "soon", "how": "by mail"}, "not a day"),
        ({"until": "9"}, "text missing"),
        ({"until": "0", "reference": "2026-CR-18"}, "court can defer"),
        ({"until": "never", "reference": "2026-CR-18"}, "not a day"),
    ],
)
def test_what_says_too_little_is_not_recorded(town: Desk, given: dict[str, str], says: str) -> None:
    root = used(town)
    town.clock.days(31)
    days = {n: day(town, int(v)) if n in ("sent", "until") and v.lstrip("-").isdigit() else v for n, v in given.items()}
    with pytest.raises(InputError, match=says):
        notify(town.kernel, town.people["privacy-officer"], root, **days)
    with pytest.raises(OutOfOrder, match="No notice is owed"):
        notify(town.kernel, town.people["privacy-officer"], "ab" * 32, sent=day(town), how="by mail")
    assert the_one(town).state(town.kernel.now()) == "due"


@pytest.mark.parametrize("way", ["refused", "withdrawn", "lapsed"])
def test_the_clock_runs_from_whatever_ended_it(town: Desk, way: str) -> None:
    root = used(town, **({} if way == "withdrawn" else {"status": "provisional"}))
    officer = town.people["privacy-officer"]
    town.clock.days(1)
    if way == "lapsed":
        town.clock.days(1)
        warrant_lifecycle.let_lapse(town.kernel)
    else:
        warrant_lifecycle.refuse(town.kernel, officer, root, words="the court saw no ground")
    one = the_one(town)
    assert one.state(town.kernel.now()) == "due" and abs(one.ends - town.kernel.now()) < timedelta(minutes=1)
    notify(town.kernel, officer, root, sent=day(town), how="by registered mail")
    assert the_one(town).sent == day(town)


def test_what_became_of_warrants_is_counted_by_year_and_small_counts_are_not_told(town: Desk) -> None:
    kernel, officer = town.kernel, town.people["privacy-officer"]
    for meter, area in (("meter-1", "Centre"), ("meter-2", "North")):
        register_in_area(kernel, town.people, a_sensor(id=meter, area=area, kind="energy_meter", personal_data=True))
    first = recorded(town, BODY | {"status": "provisional"})
    made = confirmed(town, recorded(town, BODY | {"provisional": first}))
    kernel.append("COLLECTED", warrant=root_of(made), sensor="meter-1", readings=1)
    warrant_lifecycle.refuse(kernel, officer, digest_of(made), words="the court withdrew it")
    notify(kernel, officer, root_of(made), until=day(town, 30), reference="2026-CR-18")
    notify(kernel, officer, root_of(made), sent=day(town), how="by registered mail")
    elsewhere = BODY | {"status": "provisional", "sensors": "meter-2", "cells": "North"}
    second = recorded(town, elsewhere)
    warrant_lifecycle.refuse(kernel, officer, second, words="the court saw no ground")
    town.clock.days(20)
    recorded(town, elsewhere, operations="other")
    town.clock.days(2)
    warrant_lifecycle.let_lapse(kernel)
    expected = {"asked": 4, "provisional": 3, "confirmed": 1, "refused": 1, "withdrawn": 1, "lapsed": 1}
    assert counted(kernel, 2026) == expected | {"sent": 1, "deferred": 1}
    assert set(counted(kernel, 2025).values()) == {0}
    assert [public_count(n) for n in (0, 1, 10, 11, 120)] == ["0", "<11", "<11", "11", "120"]
