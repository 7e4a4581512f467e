"""Parts done in this process: one after the other, each telling its own progress."""

from __future__ import annotations

from peelian.kernel.model.fan_out import InProcess, Progress


def doubled(shared: int, part: int, progress: Progress) -> int:
    progress("half", 0.5)
    return shared * part


def test_in_this_process_every_part_tells_its_own_progress() -> None:
    told: list[tuple[str, float]] = []
    assert InProcess()(doubled, 2, [1, 2], lambda *one: told.append(one), "Parts") == [2, 4]
    assert told == [("half", 0.25), ("half", 0.75)]
