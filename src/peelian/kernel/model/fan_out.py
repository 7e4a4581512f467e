"""Fan-out: independent parts of one run, done one after the other here or several at a time in other processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

S = TypeVar("S")
P = TypeVar("P")
R = TypeVar("R")
Progress = Callable[[str, float], None]


class Each(Protocol):
    """Does every part of a run. What comes back does not depend on where, when or how often a part was done."""

    @property
    def apart(self) -> bool:
        """Whether parts are done elsewhere, so that many small ones are better than one."""
        ...

    def __call__(
        self, function: Callable[[S, P, Progress], R], shared: S, parts: Sequence[P], progress: Progress, says: str
    ) -> list[R]:
        """`function(shared, part, progress)` of each part, in the order of `parts`.

        `function` belongs to a module; `shared`, the parts and the results can be pickled. `says` is the progress'
        message. An error of a part is raised here. PeelianError where parts cannot be done.
        """
        ...


class InProcess:
    """Answers `Each` in this process, part after part."""

    apart = False

    def __call__(
        self, function: Callable[[S, P, Progress], R], shared: S, parts: Sequence[P], progress: Progress, says: str
    ) -> list[R]:
        """The results, with the progress that each part tells."""
        found = []
        for number, part in enumerate(parts):

            def told(says: str, share: float, number: int = number) -> None:
                progress(says, (number + share) / len(parts))

            found.append(function(shared, part, told))
        return found
