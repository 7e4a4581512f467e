"""Every role finds its own numbers, each a link that lets it in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from authentication import logged_on

from peelian.web.app import make_app
from peelian.web.desk.duties import DUTIES

SHOWN = {
    "analyst": "cases of your unit awaiting a decision",
    "commander": "cases awaiting a decision",
    "board": "within 30 days",
    "privacy_officer": "since the last access review",
    "clerk": "decided, not yet published",
    "custodian": "on legal hold",
    "dispatcher": "at fault",
}


@pytest.mark.parametrize("role", SHOWN)
def test_a_role_s_numbers_lead_to_pages_that_let_it_in(town: Any, role: str) -> None:
    if role not in town.desk.people:
        pytest.skip("nobody of the toy town has this role")
    client = logged_on(make_app(town.desk.office), town.desk.office, role)
    page = client.get("/en/desk").text
    tiles = re.findall(r'<a class="tile" href="([^"]*)"><b>(\d+)</b> ([^<]*)</a>', page)
    assert any(SHOWN[role].removeprefix("cases ") in text for _, _, text in tiles)
    for address, n, text in tiles:
        got = client.get(address.replace("&amp;", "&"))
        assert got.status_code == 200, text
        if "/cases?" in address:
            assert f">{n} case" in got.text, "the number is that of the list it leads to"
    assert "Newest decisions" in page or role == "dispatcher"
    assert client.get("/fr/desk").status_code == 200


def test_whoever_decides_is_told_of_no_fewer_cases_than_are_listed_below(town: Any) -> None:
    client = logged_on(make_app(town.desk.office), town.desk.office, "commander")
    page = client.get("/en/desk").text
    told = re.search(r"<b>(\d+)</b> cases? awaiting a decision", page)
    listed = page.partition('id="decide"')[2].partition("</ul>")[0].count("<li>")
    assert told and int(told[1]) >= listed > 0


def test_no_number_is_for_everybody() -> None:
    assert all(duty.roles for duty in DUTIES)
