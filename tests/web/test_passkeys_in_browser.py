"""Passkeys with a real Chromium and a virtual authenticator: enrolled, logged on with, proved with; copies refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from authentication import code_for
from browser import authenticator, axe_violations, served, visit
from desk import Desk
from playwright.sync_api import Browser, Page
from proofs import court

from peelian.integrations.webauthn import answered
from peelian.web.app import make_app

pytest.importorskip("webauthn", reason="webauthn is not installed: uv sync --all-extras")
pytestmark = pytest.mark.browser


@pytest.fixture
def site() -> Iterator[tuple[Desk, Any, str]]:
    town = court(authenticator=answered).town  # each entry is judged as a registrar would, what was signed with it
    app = make_app(town.office)
    with served(app) as where:
        yield town, app, where.replace("127.0.0.1", "localhost")


def come_in(page: Page, site: tuple[Desk, Any, str], who: str) -> None:
    town, app, where = site
    page.goto(f"{where}/en/log-on")
    page.get_by_label("Code from the terminal").fill(code_for(app, town.office, who))
    page.get_by_role("button", name="Log on", exact=True).click()
    page.get_by_role("heading", name="My work").wait_for()


def test_a_passkey_is_enrolled_logs_on_and_proves(browser: Browser, site: tuple[Desk, Any, str]) -> None:
    town, _, where = site
    with visit(browser, f"{where}/en/log-on") as seen:
        page = seen.page
        devtools, device = authenticator(page)
        come_in(page, site, "auditor")
        page.get_by_label("Name of this passkey").fill("Blue key")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_role("heading", name="Blue key").wait_for()
        assert axe_violations(page) == [] and seen.complaints == []
        (key,) = town.kernel.state.passkeys.values()
        assert key.person == town.people["auditor"].person.token

        page.get_by_text("Menu", exact=True).click()
        page.get_by_role("button", name="Log off").click()
        page.get_by_role("button", name="Log on with a passkey").click()
        page.get_by_role("heading", name="My work").wait_for()
        began = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "SESSION_BEGAN"]
        assert [entry["how"] for entry in began] == ["key", "passkey"]

        town.clock.days(6 / 1440)
        page.goto(f"{where}/fr/items/nothing")
        page.get_by_role("link", name="Confirmer votre identité").click()
        page.get_by_role("button", name="Confirmer avec une clé d’accès").click()
        page.wait_for_url(f"{where}/fr/items/nothing")
        assert page.locator("h1").inner_text() == "Page introuvable"
        proved = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "PROVED"]
        assert proved[-1]["passkey"] == key.credential and int(proved[-1]["counter"]) > 0

        # a copy of the authenticator signs with a counter that was there before
        (kept,) = devtools.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
        devtools.send("WebAuthn.removeCredential", {"authenticatorId": device, "credentialId": kept["credentialId"]})
        devtools.send("WebAuthn.addCredential", {"authenticatorId": device, "credential": kept | {"signCount": 0}})
        page.goto(f"{where}/en/step-up")
        page.get_by_role("button", name="Confirm with a passkey").click()
        assert "answer not valid" in page.get_by_role("alert").inner_text()


def test_an_answer_serves_once_and_not_for_another_person(browser: Browser, site: tuple[Desk, Any, str]) -> None:
    town, app, where = site
    with visit(browser, f"{where}/en/log-on") as seen:
        page = seen.page
        authenticator(page)
        come_in(page, site, "auditor")
        page.get_by_label("Name of this passkey").fill("Blue key")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_role("heading", name="Blue key").wait_for()
        page.goto(f"{where}/en/step-up")
        with page.expect_request("**/step-up/passkey") as sent:
            page.get_by_role("button", name="Confirm with a passkey").click()
        page.get_by_role("heading", name="My work").wait_for()
        before = town.kinds().count("PROVED")
        again = page.context.request.post(
            f"{where}/en/step-up/passkey",
            data=sent.value.post_data,
            headers={"origin": where, "content-type": "application/x-www-form-urlencoded"},
        )
        assert again.status == 403 and town.kinds().count("PROVED") == before
        assert app.state.lobby.sessions.open_seats()[0].how == "key"


def test_without_a_script_the_code_from_the_terminal_is_the_way(browser: Browser, site: tuple[Desk, Any, str]) -> None:
    town, app, where = site
    with visit(browser, f"{where}/en/log-on", script=False) as seen:
        come_in(seen.page, site, "clerk")
        town.clock.days(6 / 1440)
        seen.page.goto(f"{where}/en/step-up?to=/en/cases")
        seen.page.get_by_label("Code from the terminal").fill(code_for(app, town.office, "clerk"))
        seen.page.get_by_role("button", name="Confirm").click()
        assert seen.page.url == f"{where}/en/cases"


def test_under_an_ip_address_the_page_says_where_passkeys_are_made(browser: Browser, site: Any) -> None:
    _, _, where = site
    with visit(browser, f"{where.replace('localhost', '127.0.0.1')}/en/log-on") as seen:
        come_in(seen.page, (site[0], site[1], where.replace("localhost", "127.0.0.1")), "clerk")
        assert "as localhost on this computer" in seen.page.locator("main").inner_text()
        assert seen.page.get_by_role("button", name="Add a passkey").count() == 0
