"""Papers are found by kind and service, newest first, and stand as they stood until one comes or goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container, Iterable, Iterator
from typing import SupportsIndex

import pytest
from desk import Desk, desk
from hypothesis import given
from hypothesis import strategies as st
from toy import COUNT, PROVE, TOY

from peelian.governance import acts
from peelian.governance.capability import Paper
from peelian.governance.documents import Authority
from peelian.governance.house import standing
from peelian.governance.issued import ByMark, Issued, issued

KINDS, SERVICES = (Paper.COUNCIL_APPROVAL, Paper.WARRANT), ("toy.count", "toy.prove", "toy.*")
PAPERS = st.builds(
    lambda kind, serves, at, before: Authority(
        paper=kind, serves=serves, purposes=(), starts="", ends="", body={}, by="", at=f"2026-01-{at:02}", before=before
    ),
    st.sampled_from(KINDS),
    st.sampled_from(SERVICES),
    st.integers(1, 31),
    st.sampled_from(["", "a", "b", "c"]),
)


def looked_for(papers: Iterable[Authority], kind: Paper, serves: Container[str]) -> list[Authority]:
    """Those of a kind that serve one of these, newest first, by a look at each. `papers`: as they were issued."""
    found = [paper for paper in papers if paper.paper is kind and paper.serves in serves]
    return sorted(found, key=lambda paper: paper.at)[::-1]


@given(st.lists(PAPERS, max_size=12, unique_by=lambda paper: paper.at), st.sets(st.sampled_from(SERVICES)))
def test_they_are_found_as_by_looking_at_each(papers: list[Authority], serves: set[str]) -> None:
    made = issued(papers)
    assert all(paper in made for paper in papers) and len(made) == len(papers)
    for kind in KINDS:
        assert made.of(kind, sorted(serves)) == looked_for(papers, kind, serves)


@given(st.lists(PAPERS, max_size=12), st.sampled_from(SERVICES))
def test_of_one_moment_the_one_that_was_issued_last_comes_first(papers: list[Authority], serves: str) -> None:
    made = issued(papers)
    for kind in KINDS:
        assert made.of(kind, [serves]) == looked_for(papers, kind, [serves])
        assert made.only(kind, lambda paper: True) == issued(paper for paper in made if paper.paper is kind)
        later = made.only(kind, lambda paper: paper.at > "2026-01-15")
        assert later.of(kind, [serves]) == [paper for paper in made.of(kind, [serves]) if paper.at > "2026-01-15"]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.none() | PAPERS, st.booleans()), max_size=30))
def test_what_comes_and_goes_is_found_at_once_and_what_was_given_stays_as_it_was(
    steps: list[tuple[str, Authority | None, bool]],
) -> None:
    plain: dict[str, Authority] = {}
    papers = ByMark()
    given_out: list[tuple[Issued, list[Authority]]] = []
    for mark, paper, give in steps:
        plain.pop(mark, None)
        if paper is None:
            papers.pop(mark, None)
        else:
            plain[mark] = papers[mark] = paper
        assert dict(papers) == plain
        assert papers.roots() == {one.before or key for key, one in plain.items() if one.paper is Paper.WARRANT}
        if give:
            given_out.append((papers.issued(), list(plain.values())))
            assert papers.issued() is given_out[-1][0] and papers.issued() == issued(plain.values())
    for made, stood in given_out:
        assert len(made) == len(stood)
        for kind in KINDS:
            for serves in SERVICES:
                assert made.of(kind, [serves]) == looked_for(stood, kind, [serves])


def test_they_stand_until_one_is_issued_or_taken_back() -> None:
    town: Desk = desk((TOY,))
    town.papers(COUNT)
    before = standing(town.house)["papers"]
    assert standing(town.house)["papers"] is before
    more = town.paper(Paper.ACCURACY_CRITERIA, PROVE)
    after = standing(town.house)["papers"]
    assert len(after) == len(before) + 1 and more in after and after != before
    acts.revoke(town.house, town.people["board"], more)
    assert standing(town.house)["papers"] == before and more not in before
    for change in (lambda held: held.update({"x": more}), lambda held: held.pop("x"), lambda held: held.clear()):
        change(town.house.book.papers)
        assert standing(town.house)["papers"] == issued(town.house.book.papers.values())
    assert not len(standing(town.house)["papers"])


@pytest.mark.parametrize("slow", ["who looks", "who changes"])
def test_who_looks_while_papers_come_and_go_is_told_of_them_from_then_on(slow: str) -> None:
    """The gate of the sensors looks from a thread of its own, without the house's lock."""
    first, second = (a_paper(day) for day in (1, 2))
    papers, filed = ByMark(), Slow()
    papers._filed[first.paper, first.serves] = filed  # type: ignore[assignment]  # so that each step takes a while
    for change, there in (
        (lambda: papers.update({"second": second}), [second, first]),
        (lambda: papers.pop("second"), [first]),
    ):
        papers["first"] = first  # nobody was told of it yet
        acts = [papers.issued, change] if slow == "who looks" else [change, papers.issued]
        other = threading.Thread(target=acts[1])
        filed.meanwhile = other.start
        acts[0]()
        other.join()
        assert papers.issued().of(first.paper, [first.serves]) == there


class Slow(list[Authority]):
    """A list of papers that takes a while, once, to be looked through or changed: something else begins meanwhile."""

    meanwhile: Callable[[], None] | None = None

    def __iter__(self) -> Iterator[Authority]:
        there = [self[place] for place in range(len(self))]
        self._wait()
        return iter(there)

    def insert(self, place: SupportsIndex, paper: Authority) -> None:
        self._wait()
        super().insert(place, paper)

    def __delitem__(self, place: SupportsIndex | slice) -> None:
        self._wait()
        super().__delitem__(place)

    def _wait(self) -> None:
        begin, self.meanwhile = self.meanwhile, None
        if begin:
            begin()
            time.sleep(0.05)


def a_paper(day: int) -> Authority:
    at = f"2026-01-{day:02}"
    return Authority(
        paper=Paper.COUNCIL_APPROVAL, serves="toy.count", purposes=(), starts="", ends="", body={}, by="", at=at
    )
