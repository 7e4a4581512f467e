"""Every page and every entry says where to ask or object."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import gates, served, visit
from desk import desk
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from peelian.oversight.transparency.contact import Contact, state_contact
from peelian.web.app import make_app


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    town = desk()
    state_contact(town.kernel, town.people["custodian"], Contact(postal="1 <b>Main St", email="a@town.example"))
    with served(make_app(town.office, public=True)) as where:
        yield where


def test_the_page_names_the_contact_and_the_entry(address: str) -> None:
    client = TestClient(make_app(desk().office, public=True), base_url="http://127.0.0.1")
    assert "has not published its contact yet" in client.get("/en/contact").text
    for wrong in ("<script>", "x" * 61, "a&subject=b"):
        assert client.get("/en/contact", params={"about": wrong}).status_code == 400
    assert 'href="/en/contact"' in client.get("/en/").text


def test_the_page_on_who_viewed_a_record_says_where_to_write() -> None:
    town = desk()
    client = TestClient(make_app(town.office, public=True), base_url="http://127.0.0.1")
    assert "Write to the town&#39;s clerk" in client.get("/en/whoaccessed").text
    state_contact(town.kernel, town.people["custodian"], Contact(postal="1 <b>Main St", email="a@town.example"))
    said = client.get("/fr/whoaccessed").text
    assert "1 &lt;b&gt;Main St · a@town.example" in said and "1 <b>" not in said


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_passes_every_gate(browser: Browser, address: str, language: str) -> None:
    with visit(browser, f"{address}/{language}/contact?about=c-12", reduced_motion="reduce") as seen:
        assert "c-12" in seen.page.locator("main").inner_text()
        mail = seen.page.get_by_role("link", name="a@town.example").get_attribute("href")
        assert mail and mail.startswith("mailto:a@town.example?subject=") and mail.endswith("c-12")
        assert "1 <b>Main St" in seen.page.locator("main").inner_text()
        assert gates(seen, own=(address,)) == {}
