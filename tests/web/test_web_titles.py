"""Titles of cases on pages: in the reader's language, with days as people write them."""

from __future__ import annotations

import dataclasses
from typing import Any

from peelian.oversight.register import case_record
from peelian.web.titles import case_title


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
