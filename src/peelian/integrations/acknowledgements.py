"""Acknowledgements: a sensor message is acknowledged once the watch states that it changed are stored.

A state is kept by itself, so a checkpoint need not hold all of them at once: the states that changed longest ago go
first, a few at a time, and are written beside the work. No reading waits while thousands of states are packed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from peelian.kernel.state.watch_checkpoints import Standing, packed

MOST_UNSETTLED, MOST_HELD = 200, 600
"""Messages that the broker holds for us at once: waiting for a checkpoint, and for the end of their watch's window.

Mosquitto searches them one by one and falls behind above some three thousand. So what a watch sees again after a crash
is a whole window of 30 seconds up to 20 readings a second; above that the window gathers anew.
"""
SLICE, MOST_PACKED = 128, 1_024  # states that are packed at once: about two milliseconds; more where many wait


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came; `done` acknowledges it."""

    sensor: str
    topic: str
    body: bytes
    done: Callable[[], None]
    came: float  # monotonic seconds
    repeats: bool  # whether its sender repeats it after a crash, so that it may wait for its watch's window


@dataclass(slots=True, eq=False)
class _Owed:
    """A message, and how many states must be kept before it is done with."""

    message: Message
    left: int


class Settling:
    """Keeps what changed and acknowledges what is kept, in the order it came. For one thread, the gateway's."""

    def __init__(self, standings: Iterable[Standing], *, every: float) -> None:
        self._standings = {id(standing): standing for standing in standings}
        self._window = max(
            (s.watch.window_seconds for s in self._standings.values() if s.watch.reducer().refill), default=0.0
        )
        self._every = every
        self._waiting: dict[tuple[int, str], list[_Owed]] = {}  # standing and state → what waits for it to be kept
        self._in_order: deque[_Owed] = deque()
        self._covered: deque[Message] = deque()  # in a checkpoint, but its watch must see it again after a crash
        self._saver = ThreadPoolExecutor(1, thread_name_prefix="checkpoints")
        self._saving: tuple[Future[None], list[_Owed]] | None = None
        self._oldest: float | None = None  # since when something waits

    @property
    def unsettled(self) -> int:
        """How many states wait to be kept, those being written among them."""
        return len(self._waiting) + (self._saving is not None)

    def patience(self, now: float) -> float:
        """Seconds until `settle` must be called again; at most a quarter."""
        if self._saving is not None:
            return 0.005
        if self._oldest is None:
            return 0.25
        return max(0.005, min(0.25, self._oldest + self._every - now))

    def processed(self, message: Message, heard: Iterable[tuple[Standing, str]], now: float) -> None:
        """A message was worked off. `heard`: the states that took it in; it is done with once all of them are kept.

        Also a repetition waits for the state that knows it: what it repeats may not be kept yet.
        """
        owed = _Owed(message, 0)
        for standing, key in heard:
            standing.changed.setdefault(key)
            self._waiting.setdefault((id(standing), key), []).append(owed)
            owed.left += 1
            self._oldest = now if self._oldest is None else self._oldest
        if message.repeats:
            self._in_order.append(owed)
        elif not owed.left:
            message.done()

    def settle(self, now: float, *, last: bool = False) -> None:
        """Keep a slice when it is due, then acknowledge what is kept and no watch must see again.

        `last`: keep everything, and wait for it. Raises what the disk says. O(slice + acknowledged).
        """
        self._acknowledge_kept(wait=last)
        self._in_turn()
        while self._due(now, last=last):
            self._begin_slice(now)
            self._acknowledge_kept(wait=last)
            self._in_turn()
        while self._covered and (len(self._covered) > MOST_HELD or self._covered[0].came <= now - self._window):
            self._covered.popleft().done()

    def close(self) -> None:
        """End the thread that writes."""
        self._saver.shutdown()

    def _due(self, now: float, *, last: bool) -> bool:
        if self._saving is not None or self._oldest is None:
            return False
        return last or len(self._in_order) >= MOST_UNSETTLED or now >= self._oldest + self._every

    def _begin_slice(self, now: float) -> None:
        rows: list[tuple[Standing, dict[str, str]]] = []
        owed: list[_Owed] = []
        waiting = sum(len(standing.changed) for standing in self._standings.values())
        room = min(MOST_PACKED, max(SLICE, waiting // 8))
        left = waiting - room
        for name, standing in self._standings.items():
            made = packed(standing, room)
            room -= len(made)
            for key in made:
                owed += self._waiting.pop((name, key), ())
            rows.append((standing, made))
        self._saving = (self._saver.submit(_save, rows), owed)
        if left <= SLICE:  # else what is left has waited long enough already
            self._oldest = now if left > 0 else None

    def _acknowledge_kept(self, *, wait: bool) -> None:
        if self._saving is None or not (wait or self._saving[0].done()):
            return
        saved, owed = self._saving
        self._saving = None
        saved.result()  # raises what the disk said
        for each in owed:
            each.left -= 1
            if not each.left and not each.message.repeats:
                each.message.done()

    def _in_turn(self) -> None:
        """What is kept, in the order it came: acknowledged, or held for the window."""
        while self._in_order and not self._in_order[0].left:
            message = self._in_order.popleft().message
            if self._window:
                self._covered.append(message)
            else:
                message.done()


def _save(rows: list[tuple[Standing, dict[str, str]]]) -> None:
    for standing, changed in rows:
        if changed:
            standing.checkpoints.save(standing.permit.case, changed)
