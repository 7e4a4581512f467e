"""A wish says who acts, and where: a session that it names is open and theirs, or it counts for nothing."""

from __future__ import annotations

import dataclasses

import pytest
from judged import Court, court

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.identity.sessions import Sessions
from peelian.kernel.model.capability import Role
from peelian.kernel.registrar.append_request import AppendRequest, entries_with, entry_at, must


@pytest.fixture
def there() -> Court:
    return court()


def test_a_session_is_open_and_of_the_person_or_it_is_none(there: Court) -> None:
    kernel = there.town.kernel
    clerk, board = there.town.people["clerk"].person, there.town.people["board"].person
    sessions = Sessions(
        dataclasses.replace(kernel, stores=dataclasses.replace(kernel.stores, log=kernel.stores.log._log))
    )  # type: ignore[attr-defined]
    _, seat = sessions.begin(clerk, "key", proof={})
    said = {"kind": "EXPORTED", "by": clerk.token}
    assert AppendRequest(kernel=kernel, entry=said).session() == ""
    assert AppendRequest(kernel=kernel, entry={**said, "session": seat.session}).session() == seat.session
    for wrong in ({"session": "s-none"}, {"by": board.token, "session": seat.session}):
        with pytest.raises(OutOfOrder, match="not open"):
            AppendRequest(kernel=kernel, entry={**said, **wrong}).session()
    other = {"kind": "SESSION_ENDED", "by": board.token, "session": seat.session}
    assert AppendRequest(kernel=kernel, entry=other).session() == "", "an entry about a session is not made in it"
    sessions.end(seat, "off", clerk.token)
    with pytest.raises(OutOfOrder, match="not open"):
        AppendRequest(kernel=kernel, entry={**said, "session": seat.session}).session()


def test_whoever_signs_has_a_role_for_it(there: Court) -> None:
    kernel, roles = there.town.kernel, frozenset({Role.BOARD})
    append = AppendRequest(kernel=kernel, entry=there.by("board", "SUSPENDED", technology="toy"))
    assert append.signed(roles, "the_board_may_suspend").token == there.town.people["board"].person.token
    with pytest.raises(Refused):
        append.signed(roles, "the_board_may_suspend", action="export")  # nobody stepped up
    for other in (there.by("clerk", "SUSPENDED", technology="toy"), there.entry("SUSPENDED", by="office")):
        with pytest.raises((Refused, OutOfOrder)):
            AppendRequest(kernel=kernel, entry=other).signed(roles, "the_board_may_suspend")


def test_the_log_is_looked_up_by_what_it_is_searched_by(there: Court) -> None:
    kernel = there.town.kernel
    digest = str(entry_at(kernel, 0)["document"])
    assert [entry["kind"] for entry in entries_with(kernel, "document", digest)] == ["ENROLLED"]
    assert entries_with(kernel, "before", "") == []
    must("holds", "never said")
    with pytest.raises(OutOfOrder, match="what is wrong"):
        must(None, "what is wrong")
