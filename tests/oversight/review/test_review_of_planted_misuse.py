"""Eight planted misuses among ordinary work are in the weekly queue; ordinary work alone leaves it empty."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from precinct import OFFICERS, WEEK, Precinct, ordinary_week, person, precinct

from peelian.oversight.review.week import draw_week, week_review

FRIDAY = "2026-03-06T"


def herself(at: Precinct) -> list[int]:
    return at.look("anna", "S-0", at=FRIDAY + "15:00")


def kin(at: Precinct) -> list[int]:
    return at.look("bela", "K-1", at=FRIDAY + "15:00")


def one_sex(at: Precinct) -> list[int]:
    women = range(0, 52, 2)
    return [i for n in women for i in at.look("carl", person(n), at=f"{FRIDAY}15:{n:02d}")]


def crowd(at: Precinct) -> list[int]:
    return [i for k, who in enumerate(OFFICERS[:5]) for i in at.look(who, person(59), at=f"{FRIDAY}15:0{k}")]


def after_leaving(at: Precinct) -> list[int]:
    return at.look("fred", person(1), at=FRIDAY + "15:00")


def borrowed(at: Precinct) -> list[int]:
    at.look("dora", person(2), session="shared", at=FRIDAY + "15:00")
    return at.look("dora", person(3), session="shared", address="desk of anna", at=FRIDAY + "15:05")


def at_night(at: Precinct) -> list[int]:
    return at.look("emil", person(4), at=FRIDAY + "23:30")


def many_pages(at: Precinct) -> list[int]:
    return at.look("emil", *(person(n) for n in range(30)), action="print", at=FRIDAY + "15:00")


PLANTED: dict[str, Callable[[Precinct], list[int]]] = {
    "self": herself,
    "same_surname": kin,
    "one_sex_skew": one_sex,
    "crowding": crowd,
    "former_employee": after_leaving,
    "borrowed_session": borrowed,
    "off_duty": at_night,
    "bulk_print": many_pages,
}


def town(rule: str = "") -> Precinct:
    at = precinct()
    custodian, clerk = at.desk.people["custodian"], at.desk.people["clerk"]
    from peelian.oversight.review.people import list_staff, list_subjects

    if rule == "former_employee":
        staff = ["person,identifier,surname,gender,left"]
        staff += [f"{w},S-{i},Staff{i},f,{'2026-03-05' if w == 'fred' else ''}" for i, w in enumerate(OFFICERS)]
        list_staff(at.desk.kernel, custodian, "\n".join(staff))
    if rule == "same_surname":
        list_subjects(at.desk.kernel, clerk, "kin", "identifier,name,surname\nK-1,Somebody Staff1,Staff1")
    return at


@pytest.mark.parametrize("rule", sorted(PLANTED))
def test_a_planted_misuse_is_in_the_weekly_queue(rule: str) -> None:
    at = town(rule)
    ordinary_week(at)
    planted = PLANTED[rule](at)
    at.week_over()
    found = [item for item in week_review(at.desk.kernel, WEEK).items if item.rule == rule]
    assert found and set(planted) <= {entry for item in found for entry in item.entries}


def test_ordinary_work_leaves_the_queue_empty_but_for_the_sample() -> None:
    at = town()
    ordinary_week(at)
    at.week_over()
    draw_week(at.desk.kernel, at.desk.people["auditor"], WEEK)
    review = week_review(at.desk.kernel, WEEK)
    assert {item.rule for item in review.items} == {"sample"}
    assert review.explained == review.accesses >= 60 and review.blind == ()
