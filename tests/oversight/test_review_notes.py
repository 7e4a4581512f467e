"""Notes of reviewers are sealed, of one case, deleted by whoever wrote them, and gone after a year."""

from __future__ import annotations

import pytest
from desk import Desk, desk
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.oversight.footage import review_notes
from peelian.oversight.footage.review_notes import LASTS, LONGEST, add_note, delete_note, notes_of


@pytest.fixture
def town() -> Desk:
    return desk(())


def token(town: Desk, short: str) -> str:
    return town.people[short].person.token


def texts(town: Desk, case: str) -> list[tuple[int, str]]:
    return [(note.frame, note.text) for note in notes_of(town.kernel, case)]


def test_notes_are_of_one_case_in_frame_order_and_nothing_in_the_database_tells_them(town: Desk) -> None:
    before = town.kernel.stores.log.size()
    add_note(town.kernel, "c-1", token(town, "clerk"), frame=90, text=" The  mirror ")
    add_note(town.kernel, "c-1", token(town, "board"), frame=3, text="a voice off screen")
    add_note(town.kernel, "c-2", token(town, "clerk"), frame=1, text="elsewhere")
    assert texts(town, "c-1") == [(3, "a voice off screen"), (90, "The mirror")] and texts(town, "c-3") == []
    kept = repr(town.kernel.stores.tickets.all(review_notes.TICKET))
    assert "mirror" not in kept and "voice" not in kept and town.kernel.stores.log.size() == before


def test_only_whoever_wrote_a_note_deletes_it(town: Desk) -> None:
    id = add_note(town.kernel, "c-1", token(town, "clerk"), frame=1, text="mine")
    delete_note(town.kernel, "c-1", token(town, "board"), id)
    delete_note(town.kernel, "c-2", token(town, "clerk"), id)
    assert texts(town, "c-1") == [(1, "mine")]
    delete_note(town.kernel, "c-1", token(town, "clerk"), id)
    assert texts(town, "c-1") == []


@pytest.mark.parametrize("text", ["", "   ", "x" * (LONGEST + 1), "a\x00b", "\u202eright to left"])
def test_what_is_no_note_is_refused(town: Desk, text: str) -> None:
    with pytest.raises(InputError):
        add_note(town.kernel, "c-1", token(town, "clerk"), frame=0, text=text)


@given(st.text(max_size=50))
def test_any_text_is_kept_as_it_is_or_refused(text: str) -> None:
    town = desk(())
    try:
        add_note(town.kernel, "c-1", token(town, "clerk"), frame=0, text=text)
    except InputError:
        return
    assert texts(town, "c-1") == [(0, " ".join(text.split()))]


def test_a_year_later_they_are_gone_and_an_altered_one_is_left_out(town: Desk) -> None:
    add_note(town.kernel, "c-1", token(town, "clerk"), frame=1, text="old")
    town.kernel.stores.tickets.put(review_notes.TICKET, "c-1 forged", "gAAAAAB", town.kernel.now())
    assert texts(town, "c-1") == [(1, "old")]
    town.kernel.stores.tickets.forget(review_notes.TICKET, town.kernel.now() + LASTS)
    assert texts(town, "c-1") == []
