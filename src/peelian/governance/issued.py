"""The papers that were issued and not taken back: by mark, and for those who judge by kind and by what they serve."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from peelian.governance.capability import Paper
from peelian.governance.documents import Authority


@dataclass(frozen=True)
class Issued:
    """Papers as they stand at a moment, in the order in which they were issued.

    A town issues papers for years, and each use needs two or three: they are found without a look at the others.
    """

    papers: tuple[Authority, ...] = ()

    def __iter__(self) -> Iterator[Authority]:
        return iter(self.papers)

    def __len__(self) -> int:
        return len(self.papers)

    def of(self, kind: Paper, serves: Iterable[str]) -> list[Authority]:
        """Those of a kind that serve one of these, newest first. O(such papers); the first time O(papers)."""
        found = (paper for one in serves for paper in self._by_service.get((kind, one), ()))
        return sorted(found, key=lambda paper: paper.at, reverse=True)

    @cached_property
    def _by_service(self) -> dict[tuple[Paper, str], list[Authority]]:
        found: dict[tuple[Paper, str], list[Authority]] = {}
        for paper in self.papers:
            found.setdefault((paper.paper, paper.serves), []).append(paper)
        return found


class ByMark(UserDict[str, Authority]):
    """Papers by mark. What those who judge are given is one and the same until a paper comes or goes."""

    _now: Issued | None = None

    def __setitem__(self, mark: str, paper: Authority) -> None:
        self._now = None
        super().__setitem__(mark, paper)

    def __delitem__(self, mark: str) -> None:
        self._now = None
        super().__delitem__(mark)

    def now(self) -> Issued:
        """All of them, as they stand. O(papers) after one came or went, else O(1)."""
        if self._now is None:
            self._now = Issued(tuple(self.values()))
        return self._now
