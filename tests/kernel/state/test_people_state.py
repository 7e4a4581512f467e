"""People are who the log enrolled: under the newest name, unit and roles, until they leave; a forgotten name is a
token."""

from __future__ import annotations

from typing import Any

import pytest
from desk import another_program, desk

from peelian.errors import IntegrityError
from peelian.kernel.model.capability import Role
from peelian.kernel.model.ports import Named


def test_the_newest_enrolment_holds_and_whoever_leaves_is_gone() -> None:
    town = desk(())
    state, clerk = town.kernel.state, town.people["clerk"].person
    by, second = town.people["custodian"], town.people["board"]
    was = state.enrolled[clerk.token]
    town.office.enrol("clerk", name="Other name", unit="unit-new", roles={Role.CLERK}, by=by, second=second)
    assert (state.people[clerk.token].name, state.people[clerk.token].unit) == ("Other name", "unit-new")
    assert state.enrolled[clerk.token] != was
    town.kernel.append("RETIRED", person=clerk.token, by=by.person.token)
    assert clerk.token not in state.people and clerk.token not in state.enrolled
    assert another_program(town).state.people == state.people


def test_of_a_forgotten_name_the_token_is_left() -> None:
    town = desk(())
    clerk, directory = town.people["clerk"].person, town.kernel.stores.directory
    directory.forget(clerk.token)
    town.kernel.append("FORGOTTEN", person=clerk.token, by="office")
    again = another_program(town).state
    assert again.people[clerk.token].name == clerk.token and again.forgotten == {clerk.token}


@pytest.mark.parametrize("change", [{"name": "Somebody Else"}, {"salt": "ab" * 16}])
def test_a_name_that_the_enrolment_does_not_commit_to_is_refused(change: dict[str, Any]) -> None:
    town = desk(())
    clerk, directory = town.people["clerk"].person, town.kernel.stores.directory
    digest = town.kernel.state.enrolled[clerk.token]
    known = directory.known(digest)
    assert known is not None
    directory.keep(digest, Named(**{"person": known.person, "name": known.name, "salt": known.salt, **change}))
    people = another_program(town).state.people
    with pytest.raises(IntegrityError, match="differs from the enrolled one"):
        people.get(clerk.token)
    assert clerk.token in people and clerk.token not in people.copy(), "and everybody else is known"
    assert len(people.copy()) == len(people) - 1 > 3
