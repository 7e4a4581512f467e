"""The library and an item's page: in both languages, from the log alone, and never to the public."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from authentication import logged_on, seated
from browser import gates, served, visit
from playwright.sync_api import Browser
from recordings import NOBODY, known_life, life
from starlette.testclient import TestClient

import peelian.web.footage.library as pages
from peelian.catalogues import catalogue
from peelian.kernel.access.access_classes import allow
from peelian.kernel.identity.step_up import prove
from peelian.kernel.retention.retention import define, tag
from peelian.kernel.verbs.delivery import deliver
from peelian.oversight.footage.items import SAID
from peelian.pictures.moments import moment
from peelian.web.app import make_app
from peelian.web.footage.library import _who


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


def test_the_office_and_a_person_are_told_apart_in_a_history() -> None:
    say = known_life().town.office.say("fr")
    assert [_who(name, say) for name in ("office", "c3d4")] == ["le bureau", "c3d4"]


def test_a_history_is_printed(client: TestClient) -> None:
    done = client.get(f"/fr/items/{known_life().item}/pdf")
    assert done.status_code == 200 and done.content.startswith(b"%PDF")
    assert "attachment" in done.headers["content-disposition"]
    last = [entry for _, entry in known_life().town.kernel.stores.log.read()][-1]
    clerk = known_life().town.people["clerk"].person.token
    assert (last["kind"], last["what"], last["by"], last["dataset"]) == (
        "EXPORTED",
        "history",
        clerk,
        known_life().item,
    )


def test_a_delivery_is_listed_with_who_when_and_until() -> None:
    made = life()
    clerk = made.town.people["clerk"]
    page = logged_on(make_app(made.town.office), made.town.office, "clerk", "http://localhost")
    assert "Nothing of this item was handed over." in page.get(f"/en/items/{made.item}").text
    prove(made.town.kernel, clerk)
    handed = deliver(made.town.kernel, clerk, made.decision, lambda file, to: file.read())
    shown = page.get(f"/fr/items/{made.item}").text
    assert "Remis par" in shown and NOBODY in shown and f"/fr/items/{made.package}" in shown
    assert moment(handed.until, "fr") in shown


def test_the_public_sees_no_item() -> None:
    public = TestClient(make_app(known_life().town.office, public=True), base_url="http://localhost")
    assert public.get("/en/items").status_code == 404
    assert "/items" not in public.get("/en/").text


def test_every_word_of_the_lists_has_its_french() -> None:
    known = catalogue("fr", ("peelian.web",))
    lists = (pages.STATES, pages.KEPT_BY, pages.ACCESS, SAID)
    assert [word for part in lists for word in part.values() if word not in known] == []
    assert pages.WHAT_IT_PROVES in known
    assert ast.parse(Path(pages.__file__).read_text(encoding="utf-8"))


@pytest.mark.browser
@pytest.mark.parametrize("page", ["/en/items", "/fr/items", "/en/items/{item}", "/fr/items/{package}"])
def test_the_pages_pass_every_gate(browser: Browser, page: str) -> None:
    made = known_life()
    where = page.format(item=made.item, package=made.package)
    app = make_app(made.town.office)
    with (
        served(app) as address,
        visit(browser, f"{address}{where}", reduced_motion="reduce", **seated(app, made.town.office, "clerk")) as seen,
    ):
        assert gates(seen, own=(address,)) == {}


def test_what_is_held_close_is_neither_listed_nor_shown_nor_printed_for_others() -> None:
    """Nor what a case found in it: whoever may not use a recording learns not even that it is there."""
    made = life()
    town, kernel = made.town, made.town.kernel
    officer, clerk = town.people["privacy-officer"], town.people["clerk"]
    define(kernel, officer, "informant", days=90, access="confidential", words="as the bylaw says")
    tag(kernel, officer, made.item, ("informant",), words="as the bylaw says")
    client = logged_on(make_app(town.office), town.office, "clerk", "http://localhost")
    listed = client.get("/en/items").text
    cases = [case for case, history in kernel.state.histories.items() if history.digests("RAN")]
    for name in (made.item, made.redacted, made.package):
        assert name not in listed
        assert client.get(f"/en/items/{name}").status_code == 403
        assert client.get(f"/en/items/{name}/pdf").status_code == 403
    assert "Reproduce this run" not in client.get(f"/en/cases/{cases[-1]}").text
    assert client.get(f"/en/cases/{cases[-1]}/report").status_code == 403
    allow(kernel, officer, made.item, clerk.person.token)
    assert made.item in client.get("/en/items").text and client.get(f"/en/items/{made.item}").status_code == 200
    assert "Reproduce this run" in client.get(f"/en/cases/{cases[-1]}").text
