"""Proves that candidate lists are audited: thresholds in use, thresholds set on a half, and no curve without FPIR."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from peelian.errors import NotEnoughData
from peelian.kernel.disclosure.complementary_suppression import faults_of_a_release
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.formats.shapes import admitted_subjects
from peelian.technologies.faces.lists.case import BESIDE, MESSAGES, NO_CURVE, example_candidates, public_lists, run
from peelian.technologies.faces.lists.declared import SearchParams


@pytest.fixture(scope="module")
def lists():
    return dataset("l", "peelian-candidates", example_candidates(), {"gallery": 2000})


def test_rates_are_counted_over_their_own_searches(lists, context):
    found = run(SearchParams(thresholds=(0.45,)), {"candidates": lists}, context)
    rows = found.table("searches")
    first = rows.take(rows["policy"] == "operational 1")
    assert first["measure"].tolist() == ["FPIR", "FNIR", "TPIR"]
    assert first["n"].tolist() == [400, 400, 400]
    assert first["rate"][1] + first["rate"][2] == pytest.approx(1)
    assert found.table("ranks")["rank"].tolist() == list(range(1, 21))
    assert {n.text for n in found.notes} <= MESSAGES
    assert BESIDE in {n.text for n in found.notes}


def test_groups_come_from_the_subjects_searched_for(lists, context):
    digests = np.unique(lists.table["subject"])
    people = admitted_subjects(digests, {"sex": ["female" if d % 2 else "male" for d in digests.tolist()]})
    files = {"candidates": lists, "subjects": dataset("s", "peelian-subjects", people.table, dict(people.facts))}
    rows = run(SearchParams(thresholds=(0.45,)), files, context).table("searches")
    own = rows.take((rows["policy"] == "operational 1") & (rows["measure"] == "FPIR"))
    assert own["group"].tolist() == ["all", "female", "male"]
    assert own["errors"][0] == own["errors"][1:].sum()


def test_only_searches_of_the_enrolled_show_no_curve(lists, context):
    kept = lists.table.take(lists.table["mated"] == 1)
    found = run(SearchParams(thresholds=(0.45,)), {"candidates": dataclasses.replace(lists, table=kept)}, context)
    assert NO_CURVE in {n.text for n in found.notes}
    assert len(found.table("ranks")) == 0
    rows = found.table("searches")
    assert rows["n"][rows["measure"] == "FPIR"].tolist() == [0]


def test_too_few_searches_to_set_a_threshold(lists, context):
    few = lists.table.take(np.arange(1950, 2050))
    with pytest.raises(NotEnoughData, match="too few to set a threshold"):
        run(SearchParams(), {"candidates": dataclasses.replace(lists, table=few)}, context)


def test_what_is_published_holds_no_small_count(lists, context):
    found = run(SearchParams(thresholds=(0.45, 0.55)), {"candidates": lists}, context)
    public = public_lists(found)
    assert not faults_of_a_release(public)
    rows = found.table("searches")
    assert ((rows["errors"] > 0) & (rows["errors"] < 11)).any()
    assert np.isnan(public.table("searches")["rate"]).any()
    hidden = set(rows["policy"][(rows["errors"] > 0) & (rows["errors"] < 11)].tolist())
    assert not hidden & set(public.table("prices")["policy"].tolist())
