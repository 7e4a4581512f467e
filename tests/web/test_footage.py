"""The library and an item's page: in both languages, from the log alone, and never to the public."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from browser import chromium, gates, served, visit
from entrance import logged_on, seated
from recordings import known_life
from starlette.testclient import TestClient

import peelian.web.footage as pages
from peelian.adapters.catalogues import catalogue
from peelian.oversight.items import SAID
from peelian.web.app import make_app


@pytest.fixture(scope="module")
def client() -> TestClient:
    office = known_life().town.office
    return logged_on(make_app(office), office, "clerk", "http://localhost")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_library_and_every_item_are_shown(client: TestClient, language: str) -> None:
    made = known_life()
    page = client.get(f"/{language}/items").text
    for name in (made.item, made.plan, made.redacted, made.package):
        assert name in page
        one = client.get(f"/{language}/items/{name}")
        assert one.status_code == 200 and f'lang="{language}"' in one.text
    assert ("Historique" if language == "fr" else "History") in one.text
    assert client.get(f"/{language}/items/nothing").status_code == 404
    assert client.get("/de/items").status_code == 404


def test_a_history_is_printed(client: TestClient) -> None:
    done = client.get(f"/fr/items/{known_life().item}/pdf")
    assert done.status_code == 200 and done.content.startswith(b"%PDF")
    assert "attachment" in done.headers["content-disposition"]
    last = [entry for _, entry in known_life().town.house.log.read()][-1]
    clerk = known_life().town.people["clerk"].person.token
    assert (last["kind"], last["what"], last["by"], last["dataset"]) == (
        "EXPORTED",
        "history",
        clerk,
        known_life().item,
    )


def test_the_public_sees_no_item() -> None:
    public = TestClient(make_app(known_life().town.office, public=True), base_url="http://localhost")
    assert public.get("/en/items").status_code == 404
    assert "/items" not in public.get("/en/").text


def test_every_word_of_the_lists_has_its_french() -> None:
    known = catalogue("fr", ("peelian.web",))
    lists = (pages.STATES, pages.KEPT_BY, pages.SHAPES, pages.ACCESS, SAID)
    assert [word for part in lists for word in part.values() if word not in known] == []
    assert pages.WHAT_IT_PROVES in known
    assert ast.parse(Path(pages.__file__).read_text(encoding="utf-8"))


@pytest.mark.browser
@pytest.mark.parametrize("page", ["/en/items", "/fr/items", "/en/items/{item}", "/fr/items/{package}"])
def test_the_pages_pass_every_gate(page: str) -> None:
    made = known_life()
    where = page.format(item=made.item, package=made.package)
    app = make_app(made.town.office)
    with (
        served(app) as address,
        chromium() as browser,
        visit(browser, f"{address}{where}", reduced_motion="reduce", **seated(app, made.town.office, "clerk")) as seen,
    ):
        assert gates(seen, own=(address,)) == {}
