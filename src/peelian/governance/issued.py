"""The papers that were issued and not taken back: by mark, and for those who judge by kind and by what they serve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from peelian.governance.capability import Paper
from peelian.governance.documents import Authority
from peelian.governance.steady import Steady


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


class ByMark(Steady[Authority]):
    """Papers by mark. What those who judge are given is one and the same until a paper comes or goes."""

    _issued: tuple[Mapping[str, Authority], Issued] | None = None

    def issued(self) -> Issued:
        """All of them, as they stand. O(papers) after one came or went, else O(1)."""
        now = self.now()
        if self._issued is None or self._issued[0] is not now:
            self._issued = (now, Issued(tuple(now.values())))
        return self._issued[1]
