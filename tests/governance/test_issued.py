"""Papers are found by kind and service, newest first, and stand as they stood until one comes or goes."""

from __future__ import annotations

from desk import Desk, desk
from hypothesis import given
from hypothesis import strategies as st
from toy import COUNT, PROVE, TOY

from peelian.governance import acts
from peelian.governance.capability import Paper
from peelian.governance.documents import Authority
from peelian.governance.house import standing
from peelian.governance.issued import Issued

KINDS, SERVICES = (Paper.COUNCIL_APPROVAL, Paper.WARRANT), ("toy.count", "toy.prove", "toy.*")
PAPERS = st.builds(
    lambda kind, serves, at: Authority(
        paper=kind, serves=serves, purposes=(), starts="", ends="", body={}, by="", at=f"2026-01-{at:02}"
    ),
    st.sampled_from(KINDS),
    st.sampled_from(SERVICES),
    st.integers(1, 31),
)


@given(st.lists(PAPERS, max_size=12, unique_by=lambda paper: paper.at), st.sets(st.sampled_from(SERVICES)))
def test_they_are_found_as_by_looking_at_each(papers: list[Authority], serves: set[str]) -> None:
    issued = Issued(tuple(papers))
    assert list(issued) == papers and len(issued) == len(papers)
    for kind in KINDS:
        looked = [paper for paper in papers if paper.paper is kind and paper.serves in serves]
        assert issued.of(kind, sorted(serves)) == sorted(looked, key=lambda paper: paper.at, reverse=True)


def test_they_stand_until_one_is_issued_or_taken_back() -> None:
    town: Desk = desk((TOY,))
    town.papers(COUNT)
    before = standing(town.house)["papers"]
    assert standing(town.house)["papers"] is before
    more = town.paper(Paper.ACCURACY_CRITERIA, PROVE)
    after = standing(town.house)["papers"]
    assert [*after] == [*before, more]
    acts.revoke(town.house, town.people["board"], more)
    assert [*standing(town.house)["papers"]] == [*before]
    for change in (lambda held: held.update({"x": more}), lambda held: held.pop("x"), lambda held: held.clear()):
        change(town.house.book.papers)
        assert [*standing(town.house)["papers"]] == [*town.house.book.papers.values()]
    assert not len(standing(town.house)["papers"])
