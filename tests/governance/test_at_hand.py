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
from peelian.governance.documents import Decision, Permit, Request
from peelian.governance.house import archived

MARK = "ab" * 32


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


def test_a_run_reads_no_document_twice(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    town.papers(COUNT)
    permit = town.ask(COUNT)
    read, real = Counter(), type(town.house.archive).get
    monkeypatch.setattr(type(town.house.archive), "get", lambda self, mark: read.update([mark]) or real(self, mark))
    flow.run(town.house, town.people["analyst"], permit)
    assert read and set(read.values()) == {1}
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
