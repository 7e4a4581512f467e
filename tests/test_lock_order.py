"""Locks that are taken both ways round are found, though nobody waited for ever."""

from __future__ import annotations

import threading

from lock_order import Lock, Order, Watched


def test_locks_that_are_taken_both_ways_round_are_found() -> None:
    order = Order()
    a, b, c = (Watched(order, threading.RLock(), Lock(name)) for name in "abc")
    with a, b, a, c:  # the second time it waits for none
        pass
    assert order.both_ways() == [] and set(order.seen) == {("a", "b"), ("a", "c"), ("b", "c")}
    with c, a:
        pass
    found = order.both_ways()
    assert [one.splitlines()[0] for one in found] == [
        "a is held, b waited for:", "a is held, c waited for:", "b is held, c waited for:", "c is held, a waited for:"
    ]  # fmt: skip
    assert "test_lock_order.py" in found[-1]


def test_a_lock_that_is_only_tried_makes_nobody_wait() -> None:
    order = Order()
    a, b = (Watched(order, threading.Lock(), Lock(name)) for name in "ab")
    with a, b:
        pass
    with b:
        assert a.acquire(blocking=False)
        a.release()
    assert order.both_ways() == [] and set(order.seen) == {("a", "b")}
