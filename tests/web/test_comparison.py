"""A redacted copy is accepted by whoever looked through it at its page, beside the original, and by nobody else."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from authentication import at_pages, logged_on, seated, send
from browser import gates, served, visit
from desk import Desk
from playwright.sync_api import Browser
from recordings import WORDS, redacted_case

from peelian.web.app import make_app


@pytest.fixture
def copy() -> tuple[Desk, str]:
    return redacted_case()


def left(page: str) -> list[tuple[str, str]]:
    """The frames that the page says are still to be looked at, and those whose sound is to be heard."""
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>.*?>(\d+) of \d+</td><td><a href="[^"]*at=(\d+)"', page)
    return [(what, frame) for what, n, frame in rows if n != "0"]


def look(client: Any, address: str) -> str:
    """Follow what the page says is left to look at, as a person without scripts would."""
    page = client.get(address).text
    for _ in range(200):
        if not (rest := left(page)):
            break
        what, frame = rest[0]
        if what == "sound":
            assert client.get(f"{address}/sound/{frame}.wav").content.startswith(b"RIFF")
        page = client.get(f"{address}?at={frame}").text
    return page


def test_a_copy_is_accepted_only_by_whoever_looked_through_it(copy: tuple[Desk, str]) -> None:
    town, case = copy
    app = make_app(town.office)
    officer, address = logged_on(app, town.office, "privacy-officer"), f"/en/cases/{case}"
    page = officer.get(address).text
    assert "Look through the copy first" in page and 'value="accept"' not in page and 'value="decline"' in page
    refused = send(officer, f"{address}/decide", choice="accept", **WORDS)
    assert refused.status_code == 403 and "not looked through" in refused.text
    assert left(officer.get(f"{address}/review").text), "something is left to look at"
    done = look(officer, f"{address}/review")
    assert "Everything was looked at" in done
    entry = [e for _, e in town.kernel.stores.log.read() if e["kind"] == "VIEWED"]
    assert [(e["by"], e["case"]) for e in entry] == [(town.people["privacy-officer"].person.token, case)]
    assert 'value="accept"' in officer.get(address).text
    board = logged_on(app, town.office, "board")
    assert 'value="accept"' not in board.get(address).text, "nobody looks for somebody else"
    assert send(officer, f"{address}/decide", choice="accept", **WORDS).status_code == 303
    app.state.lobby.close()


def test_frames_and_sound_of_the_original_are_there_for_the_reviewer_alone(copy: tuple[Desk, str]) -> None:
    town, case = copy
    app = make_app(town.office)
    address = f"/en/cases/{case}/review"
    for path in ("", "/original/0.jpg", "/original/0.wav"):
        assert at_pages(app).get(address + path).status_code == 401
        assert logged_on(app, town.office, "analyst").get(address + path).status_code == 403
    officer = logged_on(app, town.office, "privacy-officer")
    assert officer.get(f"{address}/original/0.jpg").content.startswith(b"\xff\xd8")
    assert officer.get(f"{address}/original/0.wav").content.startswith(b"RIFF")
    for path in ("/original/99999.jpg", "/original/99999.wav", "/original/x.jpg", "/picture/-1.jpg"):
        assert officer.get(address + path).status_code in (400, 404), path
    for at in ("99999", "-1", "x", "1e9", "²", "9" * 5000, "<script>"):
        got = officer.get(address, params={"at": at})
        assert got.status_code == 200 and "<script>&" not in got.text, at
    form = unescape(re.findall(r'name="form" value="([^"]+)"', officer.get("/en/desk").text)[0])
    assert officer.post(address, data={"form": form, "looked": "yes"}).status_code == 404, "there is no plan to keep"
    app.state.lobby.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_keys_step_and_play_goes_on_and_the_page_passes_every_gate(
    browser: Browser, copy: tuple[Desk, str], language: str
) -> None:
    town, case = copy
    app = make_app(town.office)
    with served(app) as address:
        page, who = f"{address}/{language}/cases/{case}/review", seated(app, town.office, "privacy-officer")
        with visit(browser, page, reduced_motion="reduce", **who) as seen:
            assert gates(seen, own=(address,)) == {"scripts": 1}
        with visit(browser, page, **who) as seen:
            seen.page.keyboard.press(".")
            seen.page.wait_for_url("**at=1")
            seen.page.keyboard.press("PageDown")
            seen.page.wait_for_url("**at=11")
            seen.page.keyboard.press("PageUp")
            seen.page.wait_for_url("**at=0")
            seen.page.keyboard.press(" ")
            seen.page.wait_for_url("**at=11")  # it plays to the end, and the page is read again there
            assert seen.page.locator("td.number").first.inner_text() in ("0 of 1", "0 sur 1")
            with seen.page.expect_response("**/sound/11.wav") as heard:
                seen.page.keyboard.press("h")
            assert heard.value.status in (200, 206)
    app.state.lobby.close()
