"""What the pages show: tallies that add up, the log page by page, the checkpoint's own words."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
from starlette.exceptions import HTTPException

from peelian.pictures.words import english
from peelian.web.cases import content
from peelian.web.frame.lists import LogQuery


def test_the_log_can_be_read_page_by_page_without_gap_or_overlap(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "PAGE", 7)
    office, pages, asked = town.desk.office, [], LogQuery()
    while True:
        page = content.log_page(office, english, "en", asked)
        pages.append([entry["index"] for entry in page["entries"]])
        if page["older"] is None:
            break
        asked = LogQuery(**dict(parse_qsl(page["older"])))
    assert [index for page in pages for index in page] == list(range(len(town.desk.kinds())))[::-1]
    for expected in pages[-2::-1]:  # and back again
        page = content.log_page(office, english, "en", LogQuery(**dict(parse_qsl(page["newer"]))))
        assert [entry["index"] for entry in page["entries"]] == expected
    assert page["newer"] is None or page["entries"][0]["index"] < len(town.desk.kinds()) - 1


def test_the_log_is_narrowed_to_an_event_or_a_case(town: Any) -> None:
    office = town.desk.office
    page = content.log_page(office, english, "en", LogQuery(case=town.published))
    said = [entry["what"] for entry in page["entries"] if entry["what"] != "Findings exported"]
    assert said[:2] == ["Case published", "Decision recorded"] and {e["case"] for e in page["entries"]} == {
        town.published
    }
    page = content.log_page(office, english, "en", LogQuery(event="DECIDED"))
    assert [entry["case"] for entry in page["entries"]] == [town.published]
    assert content.log_page(office, english, "en", LogQuery(event="<script>"))["entries"] == []
    table = content.log_table(office, LogQuery(event="REFUSED"))
    assert table["case"].tolist() == [town.refused]


@pytest.mark.parametrize("before", [-1, 0, 10**9])
def test_a_log_page_beyond_the_ends_is_no_error(town: Any, before: int) -> None:
    page = content.log_page(town.desk.office, english, "en", LogQuery(before=before))
    assert page["size"] == len(town.desk.kinds())


def test_an_entry_that_is_not_there_is_said_to_be_missing(town: Any) -> None:
    for index in (-1, len(town.desk.kinds()), 10**30):
        with pytest.raises(HTTPException, match="404"):
            content.entry_page(town.desk.office, english, "en", index)
    assert content.entry_page(town.desk.office, english, "en", len(town.desk.kinds()) - 1)["fields"]


def test_refusals_are_counted_by_rule(town: Any) -> None:
    refused = content.refusal_table(town.desk.office)
    assert dict(zip(refused["rule"].tolist(), refused["n"].tolist(), strict=True)) == {
        "the_authorizations_are_in_order": 1
    }


def test_the_log_page_says_whom_one_alone_entrusted_and_whom_two(town: Any) -> None:
    office = town.desk.office
    for language, alone, two in (
        ("en", "granted by one person at the founding", "by two people"),
        ("fr", "par une seule personne à la fondation", "par deux personnes"),
    ):
        page = content.log_page(office, office.say(language), language, LogQuery(before=40))
        said = [entry["what"] for entry in page["entries"]]
        assert sum(alone in what for what in said) == 3, "custodian, commander, board"
        assert sum(two in what for what in said) == 3, "council, privacy officer, auditor"
