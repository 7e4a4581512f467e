"""The first page: numbers that the log bears out, each a link; the newest findings; who vouches for the log."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from desk import desk
from starlette.testclient import TestClient

from peelian.oversight.transparency.inventory import inventory_of
from peelian.pictures.words import english
from peelian.web.app import make_app
from peelian.web.public.home import home


@pytest.fixture(scope="module")
def public(town: Any) -> TestClient:
    return TestClient(make_app(town.desk.office, public=True), base_url="http://127.0.0.1")


def test_the_tiles_say_what_the_log_says(town: Any) -> None:
    kinds = town.desk.kinds()
    soon = (town.desk.kernel.now() + timedelta(days=30)).isoformat()
    ending = [one for one in town.desk.kernel.state.authorizations.values() if one.ends <= soon]
    tiles = home(town.desk.office, english, "en")["tiles"]
    assert [n for n, _, _ in tiles] == [1, kinds.count("REFUSED"), len(ending), 0, kinds.count("PUBLISHED")]
    assert tiles[0][1] == "technology in use"


def test_authorizations_are_counted_before_they_end_and_not_after(town: Any) -> None:
    office, stood = town.desk.office, []
    for days in (0, 340, 60):
        town.desk.clock.days(days)
        shown = home(office, english, "en")
        stood.append((shown["tiles"][2][0] > 0, shown["technologies"][0]["state"]))
    town.desk.clock.days(-400)
    assert stood == [(True, "in_use"), (True, "closed"), (False, "closed")]


@pytest.mark.parametrize(("language", "finding"), [("en", "26 wells were counted"), ("fr", "26 wells were counted")])
def test_the_newest_case_is_one_click_away_with_its_finding(
    public: TestClient, town: Any, language: str, finding: str
) -> None:
    page = public.get(f"/{language}/")
    assert f'href="/{language}/register/{town.published}"' in page.text and finding in page.text
    assert len(page.content) < 60_000
    for address in re.findall(r'href="(/[^"]*)"', page.text.partition("<main")[2]):
        assert public.get(address).status_code == 200, address


def test_a_reason_of_a_refusal_stands_on_the_first_page(public: TestClient) -> None:
    said = public.get("/en/").text
    assert re.search(r"Required authorization missing or not valid</a> <b>1</b>", said)


def test_it_says_that_no_witness_vouches_for_the_log_and_what_to_do(town: Any) -> None:
    shown = home(town.desk.office, english, "en")["witness"]
    assert "checked against its own key only" in shown["says"] and "peelian machine run-witness" in shown["remedy"]
    french = home(town.desk.office, town.desk.office.say("fr"), "fr")["witness"]
    assert "sa propre clé" in french["says"] and "peelian machine run-witness" in french["remedy"]


def test_home_and_inventory_agree_on_what_is_in_use() -> None:
    """Also where a use needs no authorization: who plans or makes an audit of an instrument does not use it."""
    made = desk()
    made.ask(made.kernel.capability("risk.plan"))
    shown = {one["id"]: one["state"] for one in home(made.office, english, "en")["technologies"]}
    assert shown == {entry.technology.id: entry.state for entry in inventory_of(made.kernel)}
    assert (shown["risk"], shown["sensors"]) == ("audited", "closed")


def test_a_case_says_who_requested_it_so_that_nobody_takes_them_for_who_decided(public: TestClient) -> None:
    said = re.sub(r"<[^>]+>", "", public.get("/en").text)
    assert re.search(r"Requested by [^,]+, \d+ \w+ \d{4} at", said), re.findall("Requested.*", said)
    assert re.search(r"Demandé par.: [^,]+, \d", re.sub(r"<[^>]+>", "", public.get("/fr").text))
