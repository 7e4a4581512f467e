"""A drill counts by what its players signed: three people in three roles of two units, to its end, signed by two."""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk, desk
from drill_record import LESSON, TOWN_KEY, counted_drill, opened_drill, played_as

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.people import Operator
from peelian.kernel.records.drill_records import (
    DrillSeat,
    abandon_drill,
    close_lesson,
    countersign_drill,
    course_of,
    courses,
    lacks,
    open_drill,
    report_drill,
    step_drill,
    take_seat,
)

NAME = "lost-laptop-drill-1"


@pytest.fixture
def at() -> Desk:
    return desk()


def players(at: Desk) -> dict[str, Operator]:
    """The first of them leads."""
    people = at.people
    return {"privacy_officer": people["privacy-officer"], "board": people["board"], "clerk": people["clerk"]}


def reported(at: Desk, by: str, names: list[str], **more: Any) -> str:
    lessons = more.pop("lessons", [{**LESSON, "owner": at.people["board"].person.token}])
    return report_drill(at.kernel, at.people[by], NAME, played_as(names, **more), lessons)


def test_a_drill_counts_once_a_second_player_signed_and_not_before(at: Desk) -> None:
    names = opened_drill(at.kernel, players(at))
    assert at.kernel.state.duties.drill_open == NAME
    reported(at, "privacy-officer", names)
    duties = at.kernel.state.duties
    assert (duties.drill_open, duties.drilled) == ("", "") and not courses(at.kernel)[0].counts
    countersign_drill(at.kernel, at.people["clerk"], NAME)
    assert at.kernel.state.duties.drilled and courses(at.kernel)[0].counts
    said = [e for _, e in at.kernel.stores.log.read() if str(e["kind"]).startswith("DRILL_")]
    assert said[-2]["town"] == "A" * 44 and said[-1]["counts"] == 1 and said[-1]["before"] == said[-2]["document"]
    with pytest.raises(OutOfOrder):
        countersign_drill(at.kernel, at.people["board"], NAME)


@pytest.mark.parametrize("who", ["privacy-officer", "council"])
def test_neither_the_leader_nor_somebody_who_was_not_there_countersigns(at: Desk, who: str) -> None:
    reported(at, "privacy-officer", opened_drill(at.kernel, players(at)))
    with pytest.raises(Refused, match="another player"):
        countersign_drill(at.kernel, at.people[who], NAME)


def test_who_did_nothing_in_the_town_does_not_count(at: Desk) -> None:
    names = opened_drill(at.kernel, players(at))
    reported(at, "privacy-officer", names[:2])
    course = course_of(at.kernel, NAME)
    assert course.lacking == ("too_few_roles",) and course.report is not None
    assert course.report.body["idle"] == ["clerk"] and len(course.report.body["participants"]) == 2
    with pytest.raises(Refused, match="another player"):
        countersign_drill(at.kernel, at.people["clerk"], NAME)
    countersign_drill(at.kernel, at.people["board"], NAME)
    assert not at.kernel.state.duties.drilled and at.kernel.state.duties.drill_missed


def test_one_person_in_three_roles_or_one_unit_does_not_count() -> None:
    def seats(*told: tuple[str, str, str]) -> tuple[DrillSeat, ...]:
        return tuple(DrillSeat(person=p, role=r, unit=u, name=f"desk-{p}-{r}") for p, r, u in told)

    three = seats(("a", "clerk", "x"), ("b", "board", "x"), ("c", "custodian", "y"))
    assert lacks(three, affected=1) == () and lacks(three, affected=0) == ("nobody_concerned",)
    same = seats(("a", "clerk", "x"), ("a", "board", "x"), ("a", "custodian", "y"))
    assert "too_few_roles" in lacks(same, affected=5)
    assert lacks(seats(("a", "clerk", "x"), ("b", "clerk", "y"), ("c", "board", "y")), affected=5) == ("too_few_roles",)
    unit = seats(("a", "clerk", "x y"), ("b", "board", "x-y"), ("c", "custodian", "x y"))
    assert lacks(unit, affected=5) == ("one_unit",)


def test_nobody_takes_two_seats_or_a_role_of_somebody_else(at: Desk) -> None:
    opened_drill(at.kernel, players(at))
    with pytest.raises(OutOfOrder, match="One person plays one role"):
        take_seat(at.kernel, at.people["clerk"], NAME, "clerk")
    with pytest.raises(InputError, match="role that you hold"):
        take_seat(at.kernel, at.people["auditor"], NAME, "custodian")
    with pytest.raises(OutOfOrder, match="enrolled after"):
        take_seat(at.kernel, at.people["auditor"], NAME, "auditor")


@pytest.mark.parametrize(
    ("by", "more", "says"),
    [
        ("board", {}, "somebody else leads"),
        ("privacy-officer", {"ended": ""}, "not over"),
        ("privacy-officer", {"town": {"key": "8" * 64, "size": 1, "root": "A"}}, "not the one of this drill"),
        ("privacy-officer", {"lessons": []}, "no lesson"),
        ("privacy-officer", {"lessons": [{**LESSON, "owner": "nobody"}]}, "without an owner"),
    ],
)
def test_a_report_before_the_end_or_of_another_town_or_without_a_lesson_is_refused(
    at: Desk, by: str, more: dict[str, Any], says: str
) -> None:
    names, size = opened_drill(at.kernel, players(at)), at.kernel.stores.log.size()
    with pytest.raises((Refused, OutOfOrder, InputError), match=says):
        reported(at, by, names, **more)
    assert at.kernel.stores.log.size() == size and at.kernel.state.duties.drill_open == NAME


def test_a_drill_left_in_the_middle_is_kept_as_abandoned_and_opens_nothing(at: Desk) -> None:
    names = opened_drill(at.kernel, players(at))
    with pytest.raises(OutOfOrder, match="being played"):
        opened_drill(at.kernel, players(at), name="another")
    with pytest.raises(InputError, match="few words"):
        abandon_drill(at.kernel, at.people["board"], NAME, reason="no")
    abandon_drill(at.kernel, at.people["board"], NAME, reason="a real incident came in")
    course = course_of(at.kernel, NAME)
    assert course.abandoned is not None and not course.counts and not course.is_open
    with pytest.raises(OutOfOrder, match="over, or was abandoned"):
        reported(at, "privacy-officer", names)
    assert not at.kernel.state.duties.drilled
    counted_drill(at.kernel, players(at), name="another")
    assert [(one.name, one.counts) for one in courses(at.kernel)] == [("another", True), (NAME, False)]


def test_a_lesson_stays_open_until_its_owner_or_a_leader_of_drills_closes_it(at: Desk) -> None:
    counted_drill(at.kernel, players(at))
    ((n, lesson),) = course_of(at.kernel, NAME).open_lessons
    assert (n, lesson["owner"]) == (1, at.people["board"].person.token)
    with pytest.raises(Refused):
        close_lesson(at.kernel, at.people["clerk"], NAME, 1, words="it was done today")
    with pytest.raises(OutOfOrder, match="No open lesson"):
        close_lesson(at.kernel, at.people["board"], NAME, 2, words="it was done today")
    close_lesson(at.kernel, at.people["board"], NAME, 1, words="it was done today")
    assert course_of(at.kernel, NAME).open_lessons == ()


def test_a_drill_without_anybody_concerned_or_by_a_clerk_is_not_opened(at: Desk) -> None:
    body = {"drill": "d", "card": "insider", "affected": 0, "key": TOWN_KEY, "seats": {}, "number": 1}
    with pytest.raises(InputError, match="concerns nobody"):
        open_drill(at.kernel, at.people["board"], body)
    with pytest.raises(Refused):
        open_drill(at.kernel, at.people["clerk"], {**body, "affected": 3})


def test_a_step_of_play_is_taken_in_a_drill_town_alone(at: Desk) -> None:
    with pytest.raises(OutOfOrder, match="no drill town"):
        step_drill(at.kernel, at.people["board"], "started", {"factor": 0})
