"""Papers are found by kind and service, newest first; what was given to a judge stays as it was."""

from __future__ import annotations

from collections.abc import Container, Iterable

from desk import Desk, desk
from hypothesis import given
from hypothesis import strategies as st
from toy import COUNT, PROVE, TOY

from peelian.governance import acts
from peelian.governance.capability import Paper
from peelian.governance.documents import Authority
from peelian.governance.house import standing
from peelian.governance.issued import issued, warrant_roots

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


@given(st.dictionaries(st.sampled_from("wxyz"), PAPERS))
def test_uses_of_a_warrant_count_under_the_one_it_confirms(papers: dict[str, Authority]) -> None:
    warrants = {mark: paper for mark, paper in papers.items() if paper.paper is Paper.WARRANT}
    assert warrant_roots(papers) == {paper.before or mark for mark, paper in warrants.items()}


def test_papers_that_come_or_go_change_nothing_for_who_was_given_them_before() -> None:
    town: Desk = desk((TOY,))
    town.papers(COUNT)
    before = standing(town.house)["papers"]
    more = town.paper(Paper.ACCURACY_CRITERIA, PROVE)
    after = standing(town.house)["papers"]
    assert len(after) == len(before) + 1 and more in after and more not in before
    acts.revoke(town.house, town.people["board"], more)
    assert standing(town.house)["papers"] == before and more in after
