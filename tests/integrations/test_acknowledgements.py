"""Settling: states are kept in slices, and no message is acknowledged before every state that it changed is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from changed import changed
from toy_watch import wells
from watched import MemoryCheckpoints, Watched, stood

from peelian.errors import IntegrityError
from peelian.integrations import acknowledgements
from peelian.integrations.acknowledgements import MOST_UNSETTLED, SLICE, Message, Settling
from peelian.kernel.state.watch_checkpoints import Standing


def _watched(wells: int) -> Watched:
    made = stood(sensors={f"well-{n}": f"zone-{n}" for n in range(1, wells + 1)})
    made.standing.watch = changed(made.declared, refill=None)
    return made


@pytest.fixture
def at() -> Watched:
    return _watched(2)


def _message(done: Callable[[], None], *, repeats: bool = True, came: float = 0.0) -> Message:
    return Message("well-1", "t", b"", done, came, repeats)


def _changed(at: Watched, *names: str) -> list[tuple[Standing, str]]:
    for name in names:
        at.feed(wells([1.0], sensor=name))
    return [(at.standing, name) for name in names]


def test_a_message_waits_until_the_last_state_it_changed_is_kept(at: Watched) -> None:
    settling, done = Settling([at.standing], every=1.0), list[int]()
    settling.processed(_message(lambda: done.append(1)), _changed(at, "well-1", "well-2"), 0.0)
    settling.settle(0.5)
    assert not done and not at.kept.rows and settling.unsettled == 2, "not due"
    settling.settle(1.0, last=True)
    assert done == [1] and set(at.kept.rows[at.permit.case]) == {"well-1", "well-2"} and settling.unsettled == 0
    settling.close()


def test_messages_are_acknowledged_in_the_order_they_came(at: Watched) -> None:
    settling, done = Settling([at.standing], every=9.0), list[int]()
    settling.processed(_message(lambda: done.append(1)), _changed(at, "well-1"), 0.0)
    settling.processed(_message(lambda: done.append(2)), [], 0.0)  # refused: it changed nothing
    settling.processed(_message(lambda: done.append(3), repeats=False), [], 0.0)
    settling.settle(0.0)
    assert done == [3], "what nobody repeats waits for nobody; the others wait for their turn"
    settling.settle(0.0, last=True)
    assert done == [3, 1, 2]
    settling.close()


def test_a_repetition_waits_for_the_state_that_knows_it(at: Watched) -> None:
    settling, done = Settling([at.standing], every=9.0), list[int]()
    heard = _changed(at, "well-1")
    at.standing.changed.clear()  # as if a slice with it were being written
    settling.processed(_message(lambda: done.append(1)), heard, 0.0)
    settling.settle(0.0)
    assert not done and "well-1" in at.standing.changed
    settling.settle(0.0, last=True)
    assert done == [1]
    settling.close()


def test_many_states_are_kept_a_slice_at_a_time_and_the_longest_waiting_first() -> None:
    at = _watched(399)
    settling, done = Settling([at.standing], every=9.0), list[str]()
    names = [f"well-{n}" for n in range(1, 400)]
    for name in names:
        settling.processed(_message(lambda name=name: done.append(name)), _changed(at, name), 0.0)
    assert len(names) >= MOST_UNSETTLED
    settling.settle(0.0)
    settling._saver.submit(int).result()  # the slice before it is written
    kept = list(at.kept.rows[at.permit.case])
    assert kept == names[: len(kept)] and len(kept) in (SLICE, 2 * SLICE), "until few enough wait"
    settling.settle(0.0, last=True)
    assert done == names and len(at.kept.rows[at.permit.case]) == 399
    settling.close()


def test_what_its_watch_must_see_again_is_held_for_its_window(at: Watched) -> None:
    at.standing.watch = at.declared  # it has a window of three seconds
    settling, done = Settling([at.standing], every=0.0), list[int]()
    settling.processed(_message(lambda: done.append(1), came=0.0), _changed(at, "well-1"), 0.0)
    settling.settle(2.0, last=True)
    assert not done and at.kept.rows
    settling.settle(3.0)
    assert done == [1]
    settling.close()


def test_no_more_is_held_than_the_broker_can_bear(at: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    at.standing.watch = at.declared
    monkeypatch.setattr(acknowledgements, "MOST_HELD", 2)
    settling, done = Settling([at.standing], every=0.0), list[int]()
    for n in range(5):
        settling.processed(_message(lambda n=n: done.append(n)), [], 0.0)
    settling.settle(0.0)
    assert done == [0, 1, 2]
    settling.close()


def test_a_disk_that_fails_is_told_and_nothing_is_acknowledged(at: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: MemoryCheckpoints, case: str, changed: object) -> None:
        raise IntegrityError("A checkpoint could not be stored")

    monkeypatch.setattr(MemoryCheckpoints, "save", fails)
    settling, done = Settling([at.standing], every=0.0), list[int]()
    settling.processed(_message(lambda: done.append(1)), _changed(at, "well-1"), 0.0)
    with pytest.raises(IntegrityError):
        settling.settle(0.0, last=True)
    assert not done
    settling.close()


def test_it_says_how_long_nothing_need_be_done(at: Watched) -> None:
    settling = Settling([at.standing], every=0.1)
    assert settling.patience(0.0) == 0.25
    settling.processed(_message(lambda: None), _changed(at, "well-1"), 0.0)
    assert settling.patience(0.04) == pytest.approx(0.06) and settling.patience(9.0) == 0.005
    settling.close()
