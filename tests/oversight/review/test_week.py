"""A week is signed by a reviewer who did not look themselves, item by item; unsigned, it becomes overdue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from precinct import WEEK, Precinct, ordinary_week, person, precinct

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.capability import Role
from peelian.oversight.review.week import Item, draw_week, overdue_weeks, sign_off, signed_weeks, week_review, weeks


def reviewed() -> Precinct:
    at = precinct()
    ordinary_week(at)
    at.look("anna", person(1), case="", at="2026-03-06T16:00")
    at.week_over()
    draw_week(at.desk.kernel, at.desk.people["auditor"], WEEK)
    return at


def answers(at: Precinct, choice: str = "justified") -> dict[str, tuple[str, str]]:
    items = week_review(at.desk.kernel, WEEK).items
    return {item.id: (choice, f"Asked the sergeant who confirmed {item.id}.") for item in items}


def test_a_week_is_signed_with_an_outcome_for_every_item() -> None:
    at = reviewed()
    sign_off(at.desk.kernel, at.desk.people["auditor"], WEEK, answers(at, "referred"))
    review = week_review(at.desk.kernel, WEEK)
    assert review.signed_by == (at.desk.people["auditor"].person.token,) and not review.overdue
    assert set(review.outcomes.values()) == {"referred"} and weeks(at.desk.kernel) == (WEEK,)
    with pytest.raises(OutOfOrder, match="signed already"):
        sign_off(at.desk.kernel, at.desk.people["auditor"], WEEK, answers(at))


def test_none_a_stray_an_unreasoned_or_a_repeated_outcome_is_refused() -> None:
    at = reviewed()
    auditor, told = at.desk.people["auditor"], answers(at)
    first = sorted(told)[0]
    for wrong, says in (
        ({}, "no item has an outcome"),
        (told | dict.fromkeys(sorted(told)[:2], ("justified", "All fine  here.")), "same words under several items, 2"),
        (dict.fromkeys(told, ("justified", "all FINE here.")), "same words"),
        (told | {"self-9": ("justified", "a b c")}, "unknown item"),
        (told | {first: ("fine", "Asked the sergeant.")}, "no outcome|not an outcome"),
        (told | {first: ("justified", "ok")}, "no reason"),
    ):
        with pytest.raises(InputError, match=says):
            sign_off(at.desk.kernel, auditor, WEEK, wrong)
    assert "REVIEWED" not in at.desk.kinds()


def test_items_are_answered_singly_and_the_week_ends_with_the_last_of_them() -> None:
    at = reviewed()
    kernel, auditor, told = at.desk.kernel, at.desk.people["auditor"], answers(at)
    first, *rest = told
    sign_off(kernel, auditor, WEEK, {first: told[first]})
    review = week_review(kernel, WEEK)
    assert not review.signed_at and set(review.open) == set(rest) and set(review.outcomes) == {first}
    again = told[first][1].upper()
    with pytest.raises(InputError, match="same words"):
        sign_off(kernel, auditor, WEEK, {rest[0]: ("referred", again)})
    with pytest.raises(InputError, match="unknown item"):
        sign_off(kernel, auditor, WEEK, {first: ("referred", "They say it was another one.")})
    sign_off(kernel, auditor, WEEK, {item: told[item] for item in rest})
    assert week_review(kernel, WEEK).signed_at and set(week_review(kernel, WEEK).outcomes) == set(told)


def test_only_what_a_ground_explains_fits_without_words() -> None:
    at = reviewed()
    at.desk.clock.now += timedelta(minutes=1)
    kernel, auditor = at.desk.kernel, at.desk.people["auditor"]
    by_ground = {
        explained: [i.id for i in week_review(kernel, WEEK).items if i.explained is explained]
        for explained in (True, False)
    }
    assert by_ground[True] and by_ground[False] and all(id.startswith("sample-") for id in by_ground[True])
    for item, choice in (
        (by_ground[False][0], "justified"),
        (by_ground[True][0], "unclear"),
        (by_ground[True][0], "referred"),
    ):
        with pytest.raises(InputError, match="no reason"):
            sign_off(kernel, auditor, WEEK, {item: (choice, "")})
    sign_off(kernel, auditor, WEEK, dict.fromkeys(by_ground[True], ("justified", "")))
    assert set(week_review(kernel, WEEK).outcomes) == set(by_ground[True])


def auditors(at: Precinct, *names: str) -> None:
    custodian, board = at.desk.people["custodian"], at.desk.people["board"]
    for name in names:
        at.officers[name] = at.desk.office.enrol(
            name, name=name.title(), unit="audit", roles={Role.AUDITOR}, by=custodian, second=board
        )


def test_nobody_reviews_themselves() -> None:
    at = precinct()
    auditors(at, "both")
    at.look("both", person(1))
    at.week_over()
    draw_week(at.desk.kernel, at.officers["both"], WEEK)
    for told in (answers(at), {}):
        with pytest.raises(Refused, match="own accesses are part of this review"):
            sign_off(at.desk.kernel, at.officers["both"], WEEK, told)
    assert not week_review(at.desk.kernel, WEEK).signed_by


def test_two_reviewers_who_both_looked_sign_a_week_together() -> None:
    at = precinct()
    auditors(at, "one", "two")
    kernel, one, two = at.desk.kernel, at.officers["one"], at.officers["two"]
    for n, name in enumerate(("one", "two") * 3):
        at.look(name, person(n), case="")
    at.week_over()
    draw_week(kernel, one, WEEK)
    told = answers(at)
    mine = {item: told[item] for item in week_review(kernel, WEEK).left_to(one.person.token)}
    assert 0 < len(mine) < len(told)
    with pytest.raises(Refused, match="own accesses"):
        sign_off(kernel, one, WEEK, told)
    sign_off(kernel, one, WEEK, mine)
    half = week_review(kernel, WEEK)
    assert half.signed_by == (one.person.token,) and not half.signed_at and set(half.outcomes) == set(mine)
    assert signed_weeks(kernel) == frozenset(), "what is left is to be signed too"
    with pytest.raises(Refused, match="own accesses"):
        sign_off(kernel, one, WEEK, {item: told[item] for item in told if item not in mine})
    theirs = {item: told[item] for item in half.left_to(two.person.token)}
    with pytest.raises(InputError, match="unknown item"):
        sign_off(kernel, two, WEEK, theirs | {"sample-9999": told[next(iter(told))]})
    at.desk.clock.now += timedelta(days=8)
    assert overdue_weeks(kernel) == (WEEK,) and week_review(kernel, WEEK).overdue
    sign_off(kernel, two, WEEK, theirs)
    whole = week_review(kernel, WEEK)
    assert whole.signed_at and whole.signed_by == (one.person.token, two.person.token)
    assert set(whole.outcomes) == set(told)
    assert overdue_weeks(kernel) == () and not whole.overdue
    assert signed_weeks(kernel) == {WEEK}


def test_a_week_is_not_signed_before_it_is_over_or_before_its_sample() -> None:
    at = precinct()
    ordinary_week(at)
    with pytest.raises(OutOfOrder, match="is over"):
        sign_off(at.desk.kernel, at.desk.people["auditor"], WEEK, {})
    at.week_over()
    with pytest.raises(OutOfOrder, match="sample"):
        sign_off(at.desk.kernel, at.desk.people["auditor"], WEEK, {})


def test_what_begins_in_one_week_and_is_a_pattern_in_the_next_is_an_item_of_that() -> None:
    at = precinct()
    for day, who in enumerate(("anna", "bela", "carl"), 6):
        at.look(who, person(1), at=f"2026-03-0{day}T10:00")
    at.look("dora", person(1), at="2026-03-09T10:00")
    assert "crowding" not in {item.rule for item in week_review(at.desk.kernel, WEEK).items}
    (crowd,) = (item for item in week_review(at.desk.kernel, "2026-W11").items if item.rule == "crowding")
    assert len(crowd.entries) == 4


def test_an_unsigned_week_is_overdue_a_week_after_its_end() -> None:
    at = reviewed()
    assert overdue_weeks(at.desk.kernel) == ()
    at.desk.clock.now += timedelta(days=8)
    assert overdue_weeks(at.desk.kernel) == (WEEK,) and week_review(at.desk.kernel, WEEK).overdue


def test_a_missing_list_makes_the_review_say_what_it_cannot_see() -> None:
    from desk import desk

    review = week_review(desk().kernel, WEEK)
    assert set(review.blind) == {"self", "same_surname", "former_employee", "one_sex_skew", "off_duty"}
    assert review.items == () and not review.overdue


def test_an_item_carries_no_score() -> None:
    assert not {"score", "rank", "risk", "points"} & set(Item.__slots__)
