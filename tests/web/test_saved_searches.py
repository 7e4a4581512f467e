"""A list is saved under a name, opened from My work and deleted there; nobody's search for a person is kept."""

from __future__ import annotations

import re
from typing import Any

import pytest
from authentication import HERE, form_of, logged_on, seated, send
from browser import gates, served, visit
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from peelian.oversight.saved_searches import saved_searches
from peelian.web.app import make_app
from peelian.web.desk.saved_searches import LISTS


@pytest.fixture(scope="module")
def app(own_town: Any) -> Any:
    return make_app(own_town.desk.office)


def saves(client: TestClient, page: str, query: str, name: str = "mine") -> Any:
    return send(client, "/en/desk/searches", list=page, query=query, name=name)


def kept(own_town: Any, short: str) -> list[tuple[str, str, str]]:
    desk = own_town.desk
    found = saved_searches(desk.kernel, desk.people[short].person.token)
    return [(one.name, one.page, one.query) for one in found]


def ids(client: TestClient) -> list[str]:
    return re.findall(r'name="id" value="(\w+)"', client.get("/en/desk").text)


def test_a_search_is_saved_from_its_list_opened_and_deleted(own_town: Any, app: Any) -> None:
    clerk = logged_on(app, own_town.desk.office, "clerk")
    before = own_town.desk.kinds()
    page = clerk.get("/en/cases?q=wells&state=refused&sort=oldest&before=9999").text
    query = re.search(r'name="query" value="([^"]*)"', page)
    assert query and "Save this search" in page and "Save this search" not in clerk.get("/en/cases").text
    got = saves(clerk, "/cases", query[1].replace("&amp;", "&"), "Refused <b>")
    assert got.status_code == 303 and got.headers["location"] == "/en/desk#searches"
    assert kept(own_town, "clerk") == [("Refused <b>", "/cases", "q=wells&state=refused&sort=oldest")]
    desk = clerk.get("/fr/desk").text
    assert "Recherches enregistrées" in desk and "Refused &lt;b&gt;" in desk and "Refused <b>" not in desk
    link = re.search(r'href="(/fr/cases\?[^"]*)"', desk)
    assert link and own_town.refused in clerk.get(link[1].replace("&amp;", "&")).text
    saves(clerk, "/register", "decision=adopt", "two")
    both = ids(clerk)
    got = clerk.post("/en/desk/searches/end", data={"id": both, "form": form_of(clerk)})
    assert len(both) == 2 and got.status_code == 303 and kept(own_town, "clerk") == []
    assert set(own_town.desk.kinds()[len(before) :]) <= {"STAFF_READ"}, "a private convenience is not in the log"


def test_a_search_for_a_person_is_not_saved(own_town: Any, app: Any) -> None:
    clerk = logged_on(app, own_town.desk.office, "clerk")
    people = own_town.desk.kernel.state.people.values()
    for n, person in enumerate(people):
        words = " ".join(word for word in person.name.split() if word not in person.unit)
        page = list(LISTS)[n % len(LISTS)]
        got = saves(clerk, page, f"q={words or person.token}")
        assert got.status_code == 400 and "Not done" in got.text, (words, page)
    assert len(people) > 5 and kept(own_town, "clerk") == []


NOT_OFFERED = (
    ("/tasks/people-list", "q=wells"),
    ("/log", "q=wells"),
    ("/sessions", "q=a"),
    ("//evil.example", "q=wells"),
    ("", ""),
    ("/cases", ""),
    ("/cases", "sort=oldest"),
    ("/cases", "technology=Jane+Doe"),
    ("/cases", "state=jane"),
    ("/cases", "decision=jane&q=wells"),
    ("/cases", "year=1999"),
    ("/cases", "q=wells+Jane"),
    ("/cases", "q=" + "w" * 101),
    ("/cases", "q=wells+!!"),
    ("/cases", "q=\U0001f642"),
    ("/cases", "q=" + "+".join(["wells"] * 9)),
    ("/cases", "before=3"),
    ("/cases", "&".join(f"a{n}=1" for n in range(50))),
    ("/inventory", "kind=jane"),
    ("/inventory", "level=jane"),
    ("/inventory", "state=nothing-there"),
)


def test_what_no_list_offers_is_not_saved(own_town: Any, app: Any) -> None:
    clerk = logged_on(app, own_town.desk.office, "clerk")
    for page, query in NOT_OFFERED:
        got = saves(clerk, page, query)
        assert got.status_code == 400 and "Not done" in got.text, (page, query)
    assert kept(own_town, "clerk") == []


def test_an_oversized_name_and_what_is_no_form_of_the_session_are_refused(own_town: Any, app: Any) -> None:
    clerk = logged_on(app, own_town.desk.office, "clerk")
    told = {"list": "/cases", "query": "q=wells", "name": "mine"}
    assert saves(clerk, "/cases", "q=wells", "x" * 61).status_code == 400
    assert saves(clerk, "/cases", "q=wells", "x" * 300_000).status_code in (400, 413)
    assert clerk.post("/en/desk/searches", data=told).status_code == 403, "no token of the session"
    elsewhere = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    carried = told | {"form": form_of(clerk)}
    assert clerk.post("/en/desk/searches", data=carried, headers=elsewhere).status_code == 403
    stranger = TestClient(app, base_url=HERE, follow_redirects=False, headers={"origin": HERE})
    assert stranger.post("/en/desk/searches", data=told).status_code in (303, 401)
    assert kept(own_town, "clerk") == []


def test_a_list_that_is_not_open_to_a_person_is_neither_saved_nor_linked(own_town: Any, app: Any) -> None:
    office = own_town.desk.office
    dispatcher, clerk = (logged_on(app, office, short) for short in ("dispatcher", "clerk"))
    assert saves(dispatcher, "/cases", "q=wells").status_code == 400
    assert saves(dispatcher, "/register", "q=wells", "theirs").status_code == 303
    (id,) = ids(dispatcher)
    assert send(clerk, "/en/desk/searches/end", id=id).status_code == 303 and ids(dispatcher) == [id]
    assert "theirs" not in clerk.get("/en/desk").text
    assert send(clerk, "/en/desk/searches/end").status_code == 400, "nothing selected"
    assert send(dispatcher, "/en/desk/searches/end", id=id).status_code == 303 and not ids(dispatcher)
    assert send(dispatcher, "/en/desk/searches/end", id=id).status_code == 303, "in another tab it is gone already"


def test_without_an_account_the_address_is_what_to_keep(own_town: Any) -> None:
    public = TestClient(make_app(own_town.desk.office, public=True), base_url=HERE)
    page = public.get("/en/register?q=wells").text
    assert "bookmark or copy this page" in page and "Save this search" not in page
    assert "bookmark or copy" not in public.get("/en/register").text


def test_every_list_offers_it_where_it_is_filtered(own_town: Any, app: Any) -> None:
    clerk = logged_on(app, own_town.desk.office, "clerk")
    for page in LISTS:
        shown = clerk.get(f"/en{page}?q=w").text
        assert f'name="list" value="{page}"' in shown or page in ("/sensors", "/assessment"), (
            "of these there are none here"
        )


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate_and_work_without_a_script(
    browser: Browser, own_town: Any, app: Any, language: str
) -> None:
    state = seated(app, own_town.desk.office, "clerk")
    with served(app) as here:
        with visit(browser, f"{here}/{language}/cases?q=wells", script=False, **state) as seen:
            seen.page.locator("details.save summary").click()
            seen.page.locator("#search-name").fill("Puits / wells")
            seen.page.locator("details.save button").click()
            seen.page.locator("#searches ~ form .entry a").click()
            assert "q=wells" in seen.page.url
        with visit(browser, f"{here}/{language}/cases?q=wells", **state) as seen:
            seen.page.evaluate("document.querySelector('details.save').open = true")
            assert not gates(seen, own=(here,))
        with visit(browser, f"{here}/{language}/desk", **state) as seen:
            assert not gates(seen, own=(here,))
            seen.page.locator("#searches ~ form input[type=checkbox]").check()
            seen.page.locator("#searches ~ form button").click()
            assert not seen.page.locator("#searches ~ form .entry").count()
