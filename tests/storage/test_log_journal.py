"""The journal's framing: a torn end is set apart, a damaged middle is not, zeroes and noise are no entries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import IntegrityError
from peelian.storage.log_journal import Journal, frame_entries, journal_top, read_journal

ENTRIES = tuple(f"entry {number}".encode() * (number + 1) for number in range(6))
TOP = journal_top(100)
GROUPS = (
    frame_entries(ENTRIES[:1], first=100, durable=100)
    + frame_entries(ENTRIES[1:4], first=101, durable=101)
    + frame_entries(ENTRIES[4:], first=104, durable=104)
)


def test_what_was_framed_is_read() -> None:
    assert read_journal(TOP + GROUPS) == Journal(base=100, entries=ENTRIES)
    assert read_journal(TOP) == Journal(base=100, entries=())


def test_cut_anywhere_it_gives_a_beginning_of_the_entries_and_what_is_left() -> None:
    for cut in range(len(GROUPS)):
        journal = read_journal(TOP + GROUPS[:cut])
        assert journal.entries == ENTRIES[: len(journal.entries)]
        whole = frame_entries(journal.entries, first=100, durable=100)
        assert journal.torn == GROUPS[len(whole) : cut].rstrip(b"\0")


def test_a_changed_byte_never_changes_an_entry() -> None:
    """Of all but the last group a later frame says that it was durable; the last may be a torn write."""
    last = len(TOP) + len(GROUPS) - len(frame_entries(ENTRIES[4:], first=104, durable=104))
    for place in range(len(TOP + GROUPS)):
        data = bytearray(TOP + GROUPS)
        data[place] ^= 16
        if place < last:
            with pytest.raises(IntegrityError):
                read_journal(bytes(data))
        else:
            journal = read_journal(bytes(data))
            assert journal.entries == ENTRIES[: len(journal.entries)]


def test_within_one_unsynced_write_later_blocks_may_have_come_first() -> None:
    data = bytearray(TOP + GROUPS)
    hole = len(TOP) + len(frame_entries(ENTRIES[:4], first=100, durable=100)) + 5
    data[hole : hole + 20] = bytes(20)
    assert read_journal(bytes(data)).entries == ENTRIES[:4]


@given(st.integers(0, 5000) | st.binary(max_size=3000))
def test_zeroes_and_noise_at_the_end_are_no_entries(tail: int | bytes) -> None:
    rest = bytes(tail) if isinstance(tail, int) else tail
    assert read_journal(TOP + GROUPS + rest) == Journal(base=100, entries=ENTRIES, torn=rest.rstrip(b"\0"))


def test_frames_of_another_place_are_not_taken() -> None:
    stale = frame_entries(ENTRIES[:2], first=50, durable=50)
    assert read_journal(TOP + GROUPS + stale).entries == ENTRIES
    empty = frame_entries([b""], first=106, durable=106)
    assert read_journal(TOP + GROUPS + empty).entries == ENTRIES


@pytest.mark.parametrize("data", [b"", TOP[:-1], b"x" + TOP[1:], TOP[:-1] + b"\x00", bytes(40)])
def test_what_does_not_begin_as_a_journal_is_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError, match="does not start correctly"):
        read_journal(data)
