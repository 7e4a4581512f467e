"""Documents at hand: read once in a call, by its thread alone, and gone with it."""

from __future__ import annotations

from collections import Counter
from threading import Thread

import pytest
from desk import Desk
from toy import COUNT

from peelian.errors import OutOfOrder
from peelian.governance import flow
from peelian.governance.at_hand import AtHand
from peelian.governance.documents import Admission, Decision, Permit, Request, mark_of
from peelian.governance.house import archived
from peelian.governance.ports import Leaf

MARK = "ab" * 32


@pytest.fixture
def reads(town: Desk, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each document is read from the archive, by mark."""
    read, kind = Counter[str](), type(town.house.archive)
    real = kind.get
    monkeypatch.setattr(kind, "get", lambda self, mark: read.update([mark]) or real(self, mark))
    return read


def document() -> Decision:
    return Decision(case="c-1", before="", choice="decline", reasons="", other_evidence="", by="", unit="", at="")


def test_what_a_call_has_read_is_known_in_it_and_not_after_it() -> None:
    hand = AtHand()
    hand.keep(MARK, document())
    assert hand.known(MARK) is None, "outside a call nothing is kept"
    with hand.in_one_call():
        hand.keep(MARK, made := document())
        with hand.in_one_call():
            assert hand.known(MARK) is made, "one within another belongs to the outer one"
        assert hand.known(MARK) is made
    assert hand.known(MARK) is None


def test_nothing_is_left_of_a_call_that_fails() -> None:
    hand = AtHand()
    with pytest.raises(ZeroDivisionError), hand.in_one_call():
        hand.keep(MARK, document())
        raise ZeroDivisionError
    assert hand.known(MARK) is None


def test_another_thread_knows_nothing_of_it() -> None:
    hand, seen = AtHand(), []
    with hand.in_one_call():
        hand.keep(MARK, document())
        other = Thread(target=lambda: seen.append(hand.known(MARK)))
        other.start()
        other.join()
    assert seen == [None]


def test_what_a_call_has_archived_is_there_for_it_and_not_after_it() -> None:
    hand, leaf = AtHand(), Leaf(mark=MARK, document=b"{}", shelf="cases")
    hand.wrote([leaf])
    assert hand.written(MARK) is None, "outside a call nothing is kept"
    with hand.in_one_call():
        hand.wrote([leaf])
        assert hand.written(MARK) == b"{}"
    assert hand.written(MARK) is None


def test_what_is_admitted_is_in_the_book_as_the_archive_has_it(town: Desk, reads: Counter[str]) -> None:
    admission = town.admit(COUNT.example().datasets["wells"], COUNT.purposes)
    assert not reads, "what was just written is not read back"
    kept = archived(town.house, mark_of(admission), Admission)
    assert reads == {mark_of(admission): 1} and kept == admission == town.house.book.datasets[admission.dataset]


def test_a_run_reads_no_document_twice(town: Desk, reads: Counter[str]) -> None:
    town.papers(COUNT)
    permit = town.ask(COUNT)
    reads.clear()
    flow.run(town.house, town.people["analyst"], permit)
    assert reads == {permit.before: 1}
    assert town.house.at_hand.known(permit.before) is None


def test_what_is_at_hand_as_another_kind_is_read_as_what_it_is(town: Desk) -> None:
    town.papers(COUNT)
    permit = town.ask(COUNT)
    with town.house.at_hand.in_one_call():
        assert archived(town.house, permit.before, Request).case == permit.case
        with pytest.raises(OutOfOrder, match="no permit"):
            archived(town.house, permit.before, Permit)


def test_what_is_destroyed_is_gone_for_the_next_call(town: Desk) -> None:
    town.papers(COUNT)
    permit = town.ask(COUNT)
    with town.house.at_hand.in_one_call():
        archived(town.house, permit.before, Request)
    for shelf in town.house.archive.shelves():
        town.house.archive.destroy_shelf(shelf)
    with pytest.raises(Exception, match="archive"), town.house.at_hand.in_one_call():
        archived(town.house, permit.before, Request)
