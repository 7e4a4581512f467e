"""The papers that were issued and not taken back, for those who judge: by kind and by what they serve."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

from peelian.governance.capability import Paper
from peelian.governance.documents import Authority


@dataclass(frozen=True, slots=True)
class Issued:
    """Papers as they stand at a moment, in the order in which they were issued."""

    papers: tuple[Authority, ...] = ()

    def __iter__(self) -> Iterator[Authority]:
        return iter(self.papers)

    def __len__(self) -> int:
        return len(self.papers)

    def of(self, kind: Paper, serves: Container[str]) -> list[Authority]:
        """Those of a kind that serve one of these, newest first; of one moment, the last one issued. O(papers)."""
        found = [paper for paper in reversed(self.papers) if paper.paper is kind and paper.serves in serves]
        return sorted(found, key=attrgetter("at"), reverse=True)

    def only(self, kind: Paper, wanted: Callable[[Authority], bool]) -> Issued:
        """Those of a kind that are wanted, in the same order. O(papers)."""
        return Issued(tuple(paper for paper in self.papers if paper.paper is kind and wanted(paper)))


def issued(papers: Iterable[Authority]) -> Issued:
    """These papers, in the order in which they were issued."""
    return Issued(tuple(papers))


def warrant_roots(papers: Mapping[str, Authority]) -> set[str]:
    """Of papers by mark, the marks under which uses of the warrants are counted (`warrants.root_of`). O(papers)."""
    return {paper.before or mark for mark, paper in dict(papers).items() if paper.paper is Paper.WARRANT}
