"""The papers that were issued and not taken back: by mark, and for those who judge by kind and by what they serve."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, KeysView, Mapping
from dataclasses import dataclass, field
from heapq import merge
from operator import attrgetter
from types import MappingProxyType

from peelian.governance.capability import Paper
from peelian.governance.documents import Authority
from peelian.governance.steady import Steady

Service = tuple[Paper, str]
"""A kind of paper, and what one of it serves."""

_AT = attrgetter("at")


@dataclass(frozen=True, slots=True)
class Issued:
    """Papers as they stand at a moment.

    A town issues papers for years, and each use needs two or three: they are found without a look at the others.
    """

    served: Mapping[Service, tuple[Authority, ...]] = field(default_factory=dict)  # oldest first

    def __iter__(self) -> Iterator[Authority]:
        return (paper for some in self.served.values() for paper in some)

    def __len__(self) -> int:
        return sum(map(len, self.served.values()))

    def of(self, kind: Paper, serves: Iterable[str]) -> list[Authority]:
        """Those of a kind that serve one of these, newest first. O(such papers)."""
        found = [reversed(some) for one in serves if (some := self.served.get((kind, one)))]
        return list(found[0] if len(found) == 1 else merge(*found, key=_AT, reverse=True))


def issued(papers: Iterable[Authority]) -> Issued:
    """These papers, in the order in which they were issued. O(papers)."""
    served: dict[Service, tuple[Authority, ...]] = {}
    for paper in papers:
        _file(served, paper)
    return Issued(served)


class ByMark(Steady[Authority]):
    """Papers by mark. What those who judge are given is one and the same until a paper comes or goes."""

    def __init__(self) -> None:
        super().__init__()
        self._issued: Issued | None = None
        self._served: dict[Service, tuple[Authority, ...]] = {}
        self._roots: dict[str, int] = {}  # of warrants, and how many have it

    def __setitem__(self, mark: str, paper: Authority) -> None:
        self.pop(mark, None)
        super().__setitem__(mark, paper)
        self._issued = None
        _file(self._served, paper)
        if paper.paper is Paper.WARRANT:
            root = paper.before or mark
            self._roots[root] = self._roots.get(root, 0) + 1

    def __delitem__(self, mark: str) -> None:
        paper = self[mark]
        super().__delitem__(mark)
        self._issued = None
        service = (paper.paper, paper.serves)
        if others := tuple(one for one in self._served.pop(service) if one is not paper):
            self._served[service] = others
        if paper.paper is Paper.WARRANT:
            root = paper.before or mark
            self._roots[root] -= 1
            if not self._roots[root]:
                del self._roots[root]

    def issued(self) -> Issued:
        """All of them, as they stand. O(what papers serve) after one came or went, else O(1)."""
        if self._issued is None:
            self._issued = Issued(MappingProxyType(self._served.copy()))
        return self._issued

    def roots(self) -> KeysView[str]:
        """The marks under which uses of these warrants are counted (`warrants.root_of`). O(1)."""
        return self._roots.keys()


def _file(served: dict[Service, tuple[Authority, ...]], paper: Authority) -> None:
    """Put a paper where it belongs, as a rule last. O(papers of its kind that serve the same)."""
    service = (paper.paper, paper.serves)
    there = served.get(service, ())
    place = bisect_left(there, paper.at, key=_AT)
    served[service] = (*there[:place], paper, *there[place:])
