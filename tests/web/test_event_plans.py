"""Proves the pages of event plans show every version, the capacity and the report, to staff only, and download it."""

from __future__ import annotations

import html
from io import BytesIO
from typing import Any

import pytest
from authentication import at_pages, logged_on, seated
from browser import gates, served, visit
from event_plans import plan_body
from playwright.sync_api import Browser
from pypdf import PdfReader
from toy_watch import wells
from watched import Watched, stood

from peelian.kernel.alarms import event_plans
from peelian.web.app import make_app


@pytest.fixture(scope="module")
def at() -> Watched:
    made = stood()
    kernel, people = made.town.kernel, made.town.people
    digest = event_plans.plan_event(kernel, people["dispatcher"], plan_body(title="Fête <du> village"))
    event_plans.confirm_plan(kernel, people["commander"], digest)
    event_plans.plan_event(kernel, people["dispatcher"], plan_body(title="Fête <du> village", attendance=1200))
    event_plans.plan_event(kernel, people["commander"], plan_body(name="market"))
    made.feed(wells([6.0, 6.5]))
    return made


@pytest.fixture(scope="module")
def app(at: Watched) -> Any:
    return make_app(at.town.office)


def test_the_list_and_each_version_are_shown(at: Watched, app: Any) -> None:
    client = logged_on(app, at.town.office, "commander")
    page = client.get("/en/event-plans").text
    assert (
        "/en/event-plans/market" in page and "Fête &lt;du&gt; village" in page and "waits for a second person" in page
    )
    one = html.unescape(client.get("/fr/event-plans/fete-2026").text)
    assert "1 sortie, 264 personnes par minute × 6 minutes, meilleure sortie bloquée" in one
    assert "+1 514 555 0100" in one and "1\u202f500" in one
    waiting = at.town.kernel.state.plans.plans["fete-2026"].waiting()[0].digest
    assert f"?version={waiting}" in one
    other = client.get(f"/en/event-plans/fete-2026?version={waiting}").text
    assert "1,200" in other and "second person must confirm it" in other
    assert "second person must confirm it" in client.get("/en/event-plans/market").text


def test_the_report_is_a_page_a_file_and_a_pdf(at: Watched, app: Any) -> None:
    client = logged_on(app, at.town.office, "commander")
    assert "Without an outcome" in client.get("/en/event-plans/fete-2026/report").text
    read = [entry["read"] for _, entry in at.town.kernel.stores.log.read(kinds=("STAFF_READ",))]
    assert read[-1:] == ["event-report"]
    whole = client.get("/fr/event-plans/fete-2026/report.html")
    assert "Bilan de l’événement" in whole.text and "<script" not in whole.text
    assert 'filename="fete-2026-fr.html"' in whole.headers["content-disposition"]
    paper = client.get("/en/event-plans/fete-2026/report.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(paper.content)).pages)
    assert "After-event report" in text and "Response times" in text


@pytest.mark.parametrize(
    "path",
    ["/en/event-plans/none", "/en/event-plans/none/report", "/en/event-plans/fete-2026/report.docx", "/de/event-plans"],
)
def test_what_is_not_there_is_not_found(at: Watched, app: Any, path: str) -> None:
    assert logged_on(app, at.town.office, "commander").get(path).status_code == 404


def test_a_plan_that_nobody_confirmed_has_no_report(at: Watched, app: Any) -> None:
    assert logged_on(app, at.town.office, "commander").get("/en/event-plans/market/report").status_code == 409


def test_the_public_sees_no_plan(app: Any) -> None:
    for path in ("/en/event-plans", "/en/event-plans/fete-2026", "/en/event-plans/fete-2026/report.html"):
        got = at_pages(app).get(path)
        assert got.status_code in (303, 401, 403) and "514 555" not in got.text


@pytest.mark.browser
@pytest.mark.parametrize("path", ["event-plans", "event-plans/fete-2026", "event-plans/fete-2026/report"])
def test_the_pages_pass_every_gate(browser: Browser, at: Watched, app: Any, path: str) -> None:
    with served(app) as address:
        for language in ("en", "fr"):
            there = f"{address}/{language}/{path}"
            with visit(browser, there, **seated(app, at.town.office, "dispatcher")) as seen:
                assert gates(seen, own=(address,)) == {}
