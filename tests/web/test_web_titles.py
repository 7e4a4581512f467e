"""Titles of cases on pages: in the reader's language, with days as people write them."""

from __future__ import annotations

import dataclasses
from typing import Any

from peelian.oversight.transparency.register import case_record
from peelian.web.frame.lists import CaseQuery, case_list
from peelian.web.frame.titles import case_title, public_title


def test_staff_see_which_data_a_case_is_about_and_the_public_the_day(town: Any) -> None:
    """What staff call their data was written for staff."""
    office, summary = town.desk.office, case_record(town.desk.kernel, town.published).summary
    (admission,) = {d.declaration["title"] for d in town.desk.kernel.state.datasets.values()}
    assert admission in case_title(office, summary, "en")
    public = case_title(office, summary, "fr", public=True)
    assert admission not in public and "mars 2026" in public


def test_a_case_whose_request_is_no_more_is_called_by_its_use_and_day(town: Any) -> None:
    office, summary = town.desk.office, case_record(town.desk.kernel, town.published).summary
    later = dataclasses.replace(summary, asked_at="2027-03-01T00:00:00+00:00")
    assert case_title(office, later, "en", public=True).endswith("1 March 2027")


def test_a_word_of_a_published_title_finds_its_case_in_either_language_whatever_its_letters(town: Any) -> None:
    """The month stands in no name of a use: it is found in the case's own title alone."""
    office = town.desk.office
    for q in ("MARCH", "march", "Mars"):
        shown = case_list(office, "en", CaseQuery(q=q), published=True)
        assert [line["case"] for line in shown["cases"]] == [town.published], q
    one = case_record(town.desk.kernel, town.published).summary
    assert public_title(office, one, "en") != public_title(office, one, "fr"), "one opening, worded for each reader"
