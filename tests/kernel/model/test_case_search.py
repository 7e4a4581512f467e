"""An empty search asks for nothing, so that it is told from one that finds nothing."""

from __future__ import annotations

from peelian.kernel.model.case_search import CaseSearch, SearchWord


def test_an_empty_search_is_the_same_as_any_other_empty_one() -> None:
    assert CaseSearch() == CaseSearch(words=(), states=(), capabilities=None)
    assert CaseSearch() != CaseSearch(capabilities=[]) and CaseSearch() != CaseSearch(words=(SearchWord(),))
