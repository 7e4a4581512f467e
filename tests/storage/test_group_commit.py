"""Group commit: every item is written once, in few writes, and a failure reaches everybody it concerns."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import Barrier, Lock, Thread

import pytest

from peelian.errors import IntegrityError
from peelian.storage import group_commit
from peelian.storage.group_commit import GroupCommit


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A leader waits as long as the last write took: on a busy machine threads are back later than in 5 ms."""
    monkeypatch.setattr(group_commit, "LONGEST_PAUSE", 1.0)


def kept_by(writes: list[list[int]], after: Callable[[], None] = lambda: None) -> Callable[[Sequence[int]], list[int]]:
    busy = Lock()

    def write(items: Sequence[int]) -> list[int]:
        assert busy.acquire(blocking=False), "two writes at once"
        first = sum(map(len, writes))
        after()
        writes.append(list(items))
        busy.release()
        return list(range(first, first + len(items)))

    return write


def test_many_threads_share_few_writes_and_each_learns_its_own_place(patient: None) -> None:
    writes: list[list[int]] = []
    commit = GroupCommit(kept_by(writes, lambda: time.sleep(0.01)))
    start = Barrier(16)

    def work(worker: int) -> list[tuple[int, int]]:
        start.wait()
        return [(number, commit.append(number)) for number in range(worker * 50, worker * 50 + 50)]

    with ThreadPoolExecutor(16) as pool:
        told = [pair for pairs in pool.map(work, range(16)) for pair in pairs]
    flat = [number for group in writes for number in group]
    assert sorted(flat) == list(range(800))
    assert all(flat[place] == number for number, place in told)
    assert len(writes) < 400


def test_items_of_one_call_stay_side_by_side() -> None:
    writes: list[list[int]] = []
    commit = GroupCommit(kept_by(writes))
    assert commit.append_all([7, 8, 9]) == [0, 1, 2]
    assert writes == [[7, 8, 9]]


def test_a_failed_write_reaches_every_thread_of_its_group_and_nobody_hangs() -> None:
    start = Barrier(8)

    def write(items: Sequence[int]) -> list[int]:
        time.sleep(0.01)
        raise IntegrityError("the disk failed")

    commit = GroupCommit(write)

    def work(number: int) -> str:
        start.wait()
        with pytest.raises(IntegrityError) as failed:
            commit.append(number)
        return str(failed.value)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(8))) == {"the disk failed"}


def test_an_interrupt_from_the_keyboard_leaves_the_commit_usable() -> None:
    writes: list[list[int]] = []
    kept = kept_by(writes)

    def write(items: Sequence[int]) -> list[int]:
        if 13 in items:
            raise KeyboardInterrupt
        return kept(items)

    commit = GroupCommit(write)
    with pytest.raises(KeyboardInterrupt):
        commit.append(13)
    assert commit.append(14) == 0


def test_whoever_holds_the_turn_keeps_the_writers_out() -> None:
    writes: list[list[int]] = []
    commit = GroupCommit(kept_by(writes))
    with ThreadPoolExecutor(1) as pool:
        with commit.writing:
            waiting = pool.submit(commit.append, 1)
            time.sleep(0.01)
            assert not writes
        assert waiting.result(60) == 0


def _together(commit: GroupCommit[int], threads: int, each: int) -> None:
    def append() -> None:
        for number in range(each):
            commit.append(number)

    crowd = [Thread(target=append) for _ in range(threads)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()


def test_a_leader_waits_for_those_who_were_there_last_time(patient: None) -> None:
    sizes: list[int] = []

    def write(items: Sequence[int]) -> Sequence[int]:
        sizes.append(len(items))
        time.sleep(0.02)
        return range(len(items))

    _together(GroupCommit(write), 8, 20)
    assert sum(sizes) == 160
    assert median(sizes) >= 6, "almost nobody waited for two writes"


def test_a_leader_does_not_wait_for_those_who_do_not_come() -> None:
    commit: GroupCommit[int] = GroupCommit(lambda items: (time.sleep(0.005), range(len(items)))[1])
    _together(commit, 8, 3)
    assert [commit.append(number) for number in range(3)] == [0, 0, 0]
    assert commit._expected == 1, "it waited once, the length of a write, and knows now that they are gone"
