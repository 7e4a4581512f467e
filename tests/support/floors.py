"""A floor of alarms driven by hand: signals, minutes and the acts of people, each folded in at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from peelian.kernel.alarms.transitions import on_signal, on_time
from peelian.kernel.model.alarms import Alarm, Floor, Move, Post, apply
from peelian.kernel.model.watch import Level, Signal, Turn

START = datetime(2026, 7, 1, 22, 0, tzinfo=UTC)
POST = Post(watch="w-1", zones=30)


class Town:
    """The floor, its clock and every move so far."""

    def __init__(self, post: Post = POST) -> None:
        self.floor, self.now, self.moves, self.post = Floor(), START, [], post

    def take(self, moves: Move | Iterable[Move]) -> list[Move]:
        made = [moves] if isinstance(moves, Move) else list(moves)
        for move in made:
            apply(self.floor, move)
        self.moves += made
        return made

    def seconds(self, n: float) -> list[Move]:
        self.now += timedelta(seconds=n)
        return self.take(on_time(self.floor, self.now))

    def signal(
        self,
        turn: Turn = Turn.RAISE,
        zone: str = "square",
        level: Level = Level.NOTICE,
        post: Post | None = None,
        sensor: str = "",
    ) -> list[Move]:
        self.now += timedelta(milliseconds=1)
        facts = {"db_above": 9.5}
        signal = Signal(zone=zone, type="noise", turn=turn, level=level, time=self.now, facts=facts, sensor=sensor)
        return self.take(on_signal(self.floor, post or self.post, signal, self.now))

    def alarm(self, zone: str = "square", kind: str = "real") -> Alarm:
        return self.floor.alarms[self.floor.current[zone, "noise", kind]]
