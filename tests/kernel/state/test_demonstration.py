"""The mark of a demonstration office stands first in its log, or nowhere, and on every authorization."""

from __future__ import annotations

import pytest
from desk import desk

from peelian.errors import OutOfOrder
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role
from peelian.kernel.state.demonstration import is_demonstration, mark, marked, unmarked
from peelian.kernel.verbs.authorizations import issue
from peelian.operations.office import memory_office


def approval(office: object, by: object) -> dict[str, object]:
    """The body of a council approval that was just issued."""
    kind, purposes = AuthorizationKind.COUNCIL_APPROVAL, (Purpose.ADVICE,)
    return dict(issue(office.kernel, by, kind, serves="mapping.*", purposes=purposes, days=7).body)  # type: ignore[attr-defined,arg-type]


def test_every_authorization_of_a_marked_office_says_so_and_no_other_does() -> None:
    played, real = memory_office(), desk()
    mark(played.kernel)
    custodian = played.enrol("kim", name="Kim", unit="it", roles={Role.CUSTODIAN})
    council = played.enrol("col", name="Col", unit="council", roles={Role.COUNCIL}, by=custodian)
    assert is_demonstration(played.kernel) and not is_demonstration(real.kernel)
    assert approval(played, council) == {"demonstration": 1}
    assert approval(real.office, real.people["council"]) == {}


def test_an_office_in_use_cannot_be_marked_and_a_later_entry_marks_nothing() -> None:
    town = desk()
    with pytest.raises(OutOfOrder, match="in use"):
        mark(town.kernel)
    town.kernel.append("DEMONSTRATION")
    assert not is_demonstration(town.kernel)


def test_an_office_without_entries_is_not_marked_and_the_mark_is_no_criterion() -> None:
    office = memory_office()
    assert not is_demonstration(office.kernel)
    mark(office.kernel)
    body = marked(office.kernel, {"min_origins": 52})
    assert body == {"min_origins": 52, "demonstration": 1} and unmarked(body) == {"min_origins": 52}
