"""Fan-out: independent parts of one run, done one after the other here or several at a time in other processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

S = TypeVar("S")
P = TypeVar("P")
R = TypeVar("R")
Progress = Callable[[str, float], None]


class Step(Protocol):
    """The parts of one step of a run, kept for a later run of the same plan where this one is cut short."""

    def found(self, read: Callable[[bytes], R]) -> dict[int, R]:
        """What an earlier run kept, by the number of the part; what `read` finds damaged is left out."""
        ...

    def keep(self, number: int, write: Callable[[], bytes]) -> None:
        """Keep what a part found; `write` spells it, once it is time to write."""
        ...


Kept = Callable[[str, int], Step]
"""The step of a run that is said so and has so many parts. The same words again are the run's next step."""


class NothingKept:
    """Answers `Step`: nothing was kept, and nothing is."""

    def found(self, read: Callable[[bytes], R]) -> dict[int, R]:
        """None."""
        return {}

    def keep(self, number: int, write: Callable[[], bytes]) -> None:
        """Not kept."""


NOTHING: Step = NothingKept()


def keeps_nothing(says: str, of: int) -> Step:
    """Answers `Kept`: a run that keeps nothing."""
    return NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(Generic[S, P, R]):
    """Parts of a run: `function(shared, part, progress)` does one of them.

    `function` belongs to a module; `shared`, the parts and the results can be pickled. `says` is the progress' message.
    What `step` kept is not done again.
    """

    function: Callable[[S, P, Progress], R]
    shared: S
    parts: Sequence[P]
    progress: Progress
    says: str
    step: Step = NOTHING


class Each(Protocol):
    """Does every part of a run. What comes back does not depend on where, when or how often a part was done."""

    @property
    def apart(self) -> bool:
        """Whether parts are done elsewhere, so that many small ones are better than one."""
        ...

    def __call__(self, asked: Parts[S, P, R]) -> list[R]:
        """What each part found, in their order. An error of a part is raised here. PeelianError where parts cannot be
        done."""
        ...


class InProcess:
    """Answers `Each` in this process, part after part. It keeps nothing: whoever asks makes one part of all."""

    apart = False

    def __call__(self, asked: Parts[S, P, R]) -> list[R]:
        """The results, with the progress that each part tells."""
        found = []
        for number, part in enumerate(asked.parts):

            def told(says: str, share: float, number: int = number) -> None:
                asked.progress(says, (number + share) / len(asked.parts))

            found.append(asked.function(asked.shared, part, told))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Answers `Each` by another one, and has the parts kept."""

    each: Each
    kept: Kept

    @property
    def apart(self) -> bool:
        """As the other one."""
        return self.each.apart

    def __call__(self, asked: Parts[S, P, R]) -> list[R]:
        """The results."""
        named = f"{asked.function.__module__}.{asked.function.__qualname__}"
        return self.each(replace(asked, step=self.kept(named, len(asked.parts))))
