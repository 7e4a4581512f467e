"""Proves what a larger gallery and a longer list do, on lists whose answer is known."""

from __future__ import annotations

import numpy as np

from peelian.technologies.faces.lists.case import by_gallery, by_length, example_candidates
from peelian.technologies.faces.measure.searches import FPIR, gathered_searches
from peelian.technologies.faces.measure.thresholds import GIVEN, Threshold

AT = Threshold(policy="operational 1", value=0.45, set_on=GIVEN)


def test_rates_by_gallery_size_are_those_of_its_searches():
    table = example_candidates()
    searches = gathered_searches(table, None, direction="auto", gallery=0)
    rows = by_gallery(searches, [AT], rank=20).records()
    assert {row["gallery"] for row in rows} == {500, 2000}
    for row in rows:
        if row["measure"] == FPIR:
            mine = (table["gallery"] == row["gallery"]) & (table["mated"] == 0)
            matched = np.unique(table["search"][mine & (table["score"] >= 0.45)])
            assert (row["errors"], row["n"]) == (len(matched), len(np.unique(table["search"][mine])))
    same = gathered_searches(table.take(table["gallery"] == 500), None, direction="auto", gallery=0)
    assert not len(by_gallery(same, [AT], rank=20)), "one size is no curve"


def test_a_longer_list_misses_no_more_and_costs_no_less():
    searches = gathered_searches(example_candidates(), None, direction="auto", gallery=0)
    rows = by_length(searches, [Threshold(policy="operational 1", value=0.2, set_on=GIVEN)]).records()
    assert [row["length"] for row in rows] == [1, 2, 5]
    assert rows[0]["rate"] >= rows[1]["rate"] >= rows[2]["rate"]
    assert rows[0]["wrong"] < rows[1]["wrong"] < rows[2]["wrong"] <= 5
    table = example_candidates()
    counted = ((table["score"] >= 0.2) & (table["hit"] == 0)).sum() / len(np.unique(table["search"]))
    assert rows[2]["wrong"] == counted
