"""The papers that were issued and not taken back: by mark, and for those who judge by kind and by what they serve."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping
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

    served: Mapping[Service, tuple[Authority, ...]] = field(default_factory=dict)  # the last one issued last

    def __iter__(self) -> Iterator[Authority]:
        return (paper for some in self.served.values() for paper in some)

    def __len__(self) -> int:
        return sum(map(len, self.served.values()))

    def of(self, kind: Paper, serves: Iterable[str]) -> list[Authority]:
        """Those of a kind that serve one of these, newest first. O(such papers)."""
        found = [reversed(some) for one in serves if (some := self.served.get((kind, one)))]
        return list(found[0] if len(found) == 1 else merge(*found, key=_AT, reverse=True))

    def only(self, kind: Paper, wanted: Callable[[Authority], bool]) -> Issued:
        """Those of a kind that are wanted, in the order in which they are. O(papers of that kind)."""
        kept = {place: tuple(filter(wanted, some)) for place, some in self.served.items() if place[0] is kind}
        return Issued({place: some for place, some in kept.items() if some})


def issued(papers: Iterable[Authority]) -> Issued:
    """These papers, in the order in which they were issued. O(papers)."""
    filed: dict[Service, list[Authority]] = {}
    for paper in papers:
        _file(filed, paper)
    return Issued({service: tuple(some) for service, some in filed.items()})


class ByMark(Steady[Authority]):
    """Papers by mark. What those who judge are given is one and the same until a paper comes or goes."""

    def __init__(self) -> None:
        super().__init__()
        self._filed: dict[Service, list[Authority]] = {}
        self._served: dict[Service, tuple[Authority, ...]] = {}  # the same, but for what changed since it was given
        self._issued: Issued | None = None
        self._roots: dict[str, int] = {}  # of warrants, and how many have it

    def __setitem__(self, mark: str, paper: Authority) -> None:
        with self._changing:
            self.pop(mark, None)
            super().__setitem__(mark, paper)
            self._changed(_file(self._filed, paper))
            if paper.paper is Paper.WARRANT:
                root = paper.before or mark
                self._roots[root] = self._roots.get(root, 0) + 1

    def __delitem__(self, mark: str) -> None:
        with self._changing:
            paper = self[mark]
            super().__delitem__(mark)
            service = _service(paper)
            there = self._filed[service]
            place = bisect_left(there, paper.at, key=_AT)
            while there[place] is not paper:  # of one moment
                place += 1
            del there[place]
            self._changed(service)
            if paper.paper is Paper.WARRANT:
                root = paper.before or mark
                self._roots[root] -= 1
                if not self._roots[root]:
                    del self._roots[root]

    def _changed(self, service: Service) -> None:
        self._served.pop(service, None)
        self._issued = None

    def issued(self) -> Issued:
        """All of them, as they stand. O(what papers serve, and papers that serve the same as one that came or went)."""
        with self._changing:
            if self._issued is None:
                for service in self._filed.keys() - self._served.keys():
                    self._served[service] = tuple(self._filed[service])
                self._issued = Issued(MappingProxyType({place: some for place, some in self._served.items() if some}))
            return self._issued

    def roots(self) -> KeysView[str]:
        """The marks under which uses of these warrants are counted (`warrants.root_of`). O(1)."""
        return self._roots.keys()


def _service(paper: Authority) -> Service:
    return paper.paper, paper.serves


def _file(filed: dict[Service, list[Authority]], paper: Authority) -> Service:
    """Put a paper where it belongs, as a rule last, and say where. O(log papers that serve the same)."""
    there = filed.setdefault(service := _service(paper), [])
    there.insert(bisect_right(there, paper.at, key=_AT), paper)
    return service
