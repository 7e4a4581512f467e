"""Parts done in this process: one after the other, each telling its own progress."""

from __future__ import annotations

from peelian.kernel.model.fan_out import NOTHING, InProcess, Keeping, Parts, Progress, Step, keeps_nothing


def doubled(shared: int, part: int, progress: Progress) -> int:
    progress("half", 0.5)
    return shared * part


def test_in_this_process_every_part_tells_its_own_progress() -> None:
    told: list[tuple[str, float]] = []
    asked = Parts(function=doubled, shared=2, parts=[1, 2], progress=lambda *one: told.append(one), says="Parts")
    assert InProcess()(asked) == [2, 4]
    assert told == [("half", 0.25), ("half", 0.75)]


def test_each_call_is_a_step_of_its_own_named_by_its_function_and_its_parts() -> None:
    asked: list[tuple[str, int]] = []

    def kept(says: str, of: int) -> Step:
        asked.append((says, of))
        return NOTHING

    each = Keeping(each=InProcess(), kept=kept)
    for parts, found in (([1, 2], [2, 4]), ([1], [2])):
        assert each(Parts(function=doubled, shared=2, parts=parts, progress=lambda *_: None, says="Parts")) == found
    assert not each.apart
    assert [(says.rpartition(".")[2], of) for says, of in asked] == [("doubled", 2), ("doubled", 1)]
    assert keeps_nothing("step", 2).found(bytes) == {}
