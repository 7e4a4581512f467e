"""Unused rights are shown, a yearly review says what becomes of them, and a missing review is overdue."""

from __future__ import annotations

import pytest
from desk import Desk, desk
from suspending import suspend
from toy import TOY

from peelian.errors import InputError, Refused
from peelian.oversight.review.privileges import last_review, overdue, rights_held, sign_off


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_only_those_who_did_nothing_for_long_hold_unused_rights(town: Desk) -> None:
    assert not any(row.unused for row in rights_held(town.kernel))
    town.clock.days(100)
    suspend(town.kernel, town.people["board"], "toy")
    rows = {row.person: row for row in rights_held(town.kernel)}
    board, clerk = (town.people[who].person.token for who in ("board", "clerk"))
    assert not rows[board].unused and rows[clerk].unused and rows[clerk].last_act == ""
    assert rows[clerk].roles == ("clerk",)


def test_a_review_answers_for_all_of_them_and_is_due_again_in_a_year(town: Desk) -> None:
    town.clock.days(100)
    auditor = town.people["auditor"]
    unused = [row.person for row in rights_held(town.kernel) if row.unused]
    with pytest.raises(InputError, match="without an outcome"):
        sign_off(town.kernel, auditor, {})
    with pytest.raises(InputError):
        sign_off(town.kernel, auditor, {**dict.fromkeys(unused, "kept"), "stranger": "kept"})
    with pytest.raises(InputError):
        sign_off(town.kernel, auditor, dict.fromkeys(unused, "shrugged"))
    sign_off(town.kernel, auditor, dict.fromkeys(unused, "withdrawn"))
    assert last_review(town.kernel) is not None and not overdue(town.kernel)


def test_an_office_older_than_a_year_without_review_is_overdue(town: Desk) -> None:
    assert last_review(town.kernel) is None and not overdue(town.kernel)
    town.clock.days(366)
    assert overdue(town.kernel)


def test_an_analyst_reviews_no_rights(town: Desk) -> None:
    with pytest.raises(Refused):
        sign_off(town.kernel, town.people["analyst"], {})
