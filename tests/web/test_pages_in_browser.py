"""Every page in a real Chromium passes the gates, in both languages, light and dark."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from authentication import seated
from browser import (
    axe_violations,
    gates,
    keyboard_faults,
    moving_parts,
    pictures_without_table,
    sideways,
    small_targets,
    visit,
)
from fastapi import FastAPI
from fastapi.routing import APIRoute
from playwright.sync_api import Browser

from peelian.web.cases.case import write_pages
from peelian.web.identity.guards import POLICY

pytestmark = pytest.mark.browser
PAGES = [
    "/",
    "/register",
    "/register/{published}",
    "/log-on",
    "/desk",
    "/ask",
    "/ask/toy.count",
    "/step-up",
    "/alarms",
    "/sessions",
    "/cases",
    "/cases/{published}",
    "/cases/{refused}",
    "/cases/{waiting}",
    "/log",
    "/log/5",
    "/about",
    "/design",
    "/vocabularies",
    "/residents",
    "/alarm-months",
    "/no-such-page",
]
ELSEWHERE = {
    "test_played_drill": {"/desk/drill"},
    "test_oversight_in_browser": {
        "/inventory",
        "/assessment",
        "/assessment/form",
        "/assessment/{digest}",
        "/compliance",
    },
    "test_assessment_draft": {"/assessment/draft"},
    "test_authorizations": {
        "/authorizations",
        "/authorizations/new",
        "/authorizations/{digest}",
        "/proposals/{digest}",
    },
    "test_breach": {"/accesses", "/accesses/{week}", "/incidents", "/drills", "/drills/{name}", "/whoaccessed"},
    "test_sensors": {"/sensors", "/sensors/{id}", "/sensor-reports/impact", "/sensor-reports/{year}"},
    "test_sensor_live": {"/sensors/live"},
    "test_footage": {"/items", "/items/{dataset}"},
    "test_footage_public": {"/recordings/{year}"},
    "test_suspension": {"/suspension", "/suspension/{technology}"},
    "test_alarm_pages": {"/alarms/{alarm}"},
    "test_map_in_browser": {"/cases/{case}/map"},
    "test_area_map": {"/map/areas"},
    "test_compare": {"/cases/{case}/compare"},
    "test_receipts": {"/receipt"},
    "test_breach_acts": {"/incidents/new"},
    "test_briefing": {"/cases/{case}/briefing"},
    "test_bylaws": {"/bylaws"},
    "test_contact": {"/contact"},
    "test_drill_runs": {"/drills/run"},
    "test_batches": {"/batch", "/releases"},
    "test_data_uploads": {"/data", "/data/add", "/data/uploads/{upload}", "/data/sets/{dataset}"},
    "test_label_proposals": {"/data/labels", "/data/labels/{proposal}"},
    "tasks/test_task_pages": {"/tasks", "/tasks/{id}"},
    "test_tokens": {"/api", "/desk/tokens"},
    "test_console": {"/console"},
    "test_event_plans": {"/event-plans", "/event-plans/{name}", "/event-plans/{name}/report"},
    "test_console_zones": {"/console/wall"},
    "test_review_in_browser": {"/cases/{case}/review"},
}
"""Pages that pass the same gates in the test module of what they show."""
FILES = (
    "/report",
    "/report.{}",
    "/pdf",
    "/annex",
    "/sign.svg",
    ".atom",
    ".jpg",
    ".wav",
    "/sound.svg",
    "/follow/{}.json",
    "/review/notes",
    "/console/events",
    "/progress",
)
AS_ANOTHER = {
    "/recordings",
    "/incidents/{id}",
    "/incidents/{id}/notice",
    "/map",
    "/register/{case}/map",
    "/register/{case}/compare",
    "/sensors/map",
    "/console/floor",
    "/console/zones",
    "/console/wall/now",
}
"""Another page with this year or the newest case, a form's answer that is a file, the same map of other things."""


@pytest.fixture
def here(app: FastAPI, town: Any) -> dict[str, Any]:
    """A session of a board member."""
    return seated(app, town.desk.office, "board")


@pytest.fixture(params=[(language, page) for language in ("en", "fr") for page in PAGES], ids="".join)
def where(request: pytest.FixtureRequest, address: str, town: Any) -> str:
    language, page = request.param
    page = page.format(published=town.published, refused=town.refused, waiting=town.waiting)
    return f"{address}/{language}{page}"


def test_every_page_passes_every_gate(browser: Browser, where: str, address: str, here: dict[str, Any]) -> None:
    """Accessible in light and dark, by keyboard, at 320 pixels and at twice the text; nothing from outside."""
    session = {} if where.endswith("/log-on") else here
    with visit(browser, where, reduced_motion="reduce", **session) as seen:
        assert seen.policy == POLICY
        assert seen.page.locator("html").get_attribute("lang") == where.removeprefix(address)[1:3]
        assert gates(seen, own=(address,)) == {}


def test_no_page_is_without_gates(app: FastAPI) -> None:
    """A page that somebody adds is in one of the lists, or here it is missed."""
    own = {re.sub(r"\{\w+\}", "{}", page.replace("toy.count", "{}").replace("/5", "/{}")) for page in PAGES}
    listed = own | {re.sub(r"\{\w+\}", "{}", page) for pages in (*ELSEWHERE.values(), AS_ANOTHER) for page in pages}
    pages = {
        re.sub(r"\{\w+\}", "{}", route.path.removeprefix("/{language}"))
        for route in app.router.routes
        if isinstance(route, APIRoute) and route.path.startswith("/{language}/") and "GET" in route.methods
    }
    assert {page for page in pages if not page.endswith(FILES)} - listed == set()
    for module in ELSEWHERE:
        assert "gates(" in (Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8"), module


def test_without_scripts_a_case_says_the_same(browser: Browser, address: str, town: Any) -> None:
    where = f"{address}/en/register/{town.published}"
    with visit(browser, where) as with_scripts, visit(browser, where, script=False) as without:
        said = without.page.locator("main").inner_text()
        assert said == with_scripts.page.locator("main").inner_text() and "Decision" in said


def test_the_switch_leads_to_the_same_page_in_the_other_language(browser: Browser, address: str, town: Any) -> None:
    for page in ("/", "/log", f"/register/{town.published}"):
        with visit(browser, f"{address}/en{page}") as seen:
            seen.page.locator(".own a.languages").click()
            assert seen.page.url == f"{address}/fr{page}"
            seen.page.locator(".own a.languages").click()
            assert seen.page.url == f"{address}/en{page}"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_head_is_one_line_and_its_menu_needs_no_script(
    browser: Browser, address: str, here: dict[str, Any], language: str, width: int
) -> None:
    with visit(browser, f"{address}/{language}/desk", width=width, script=False, **here) as seen:
        head, town, menu = (seen.page.locator(css).bounding_box() for css in (".top", ".town", ".menu summary"))
        assert head and town and menu and head["height"] < 80
        assert town["x"] + town["width"] <= menu["x"] and menu["x"] + menu["width"] <= width
        seen.page.locator(".menu summary").click()
        seen.page.locator(".top a.languages:visible").click()
        assert seen.page.url == f"{address}/{'fr' if language == 'en' else 'en'}/desk"
        seen.page.locator(".menu summary").click()
        seen.page.locator(".menu button").click()
        assert seen.page.url.endswith("/log-on")


def test_the_skip_link_is_first_and_leads_to_the_content(browser: Browser, address: str) -> None:
    with visit(browser, f"{address}/en/") as seen:
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Enter")
        assert seen.page.evaluate("document.activeElement.id") == "main"


@pytest.fixture(scope="module")
def files(town: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_pages(town.desk.office, tmp_path_factory.mktemp("pages"))


def test_report_files_pass_the_same_gates(browser: Browser, files: list[Path], town: Any) -> None:
    shown = [f for f in files if f.name.startswith(("cases-", town.published))]
    assert len(shown) == 4 and not [f for f in files if town.refused in f.name], "what nobody published is no file"
    for file in shown:
        with visit(browser, file.as_uri(), reduced_motion="reduce") as seen:
            assert gates(seen, own=("file:",)) == {}, file.name


def test_a_report_keeps_its_tables_in_itself(browser: Browser, files: list[Path], town: Any) -> None:
    file = next(f for f in files if f.name == f"{town.published}-en.html")
    with visit(browser, file.as_uri()) as seen:
        seen.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        with seen.page.expect_download() as download:
            seen.page.get_by_role("link", name="Download CSV").first.click()
        assert download.value.suggested_filename == "wells.csv"
        assert Path(download.value.path()).read_text(encoding="utf-8").startswith("area,category,n")


def test_a_planted_barrier_outside_request_and_script_are_found(browser: Browser, tmp_path: Path) -> None:
    """The gates themselves: a bad page fails each of them."""
    page = tmp_path / "bad.html"
    page.write_text(
        '<!doctype html><html><body style="width:2000px"><img src="http://127.0.0.1:9/x.png">'
        '<a href="#" style="display:block;width:10px;height:10px;outline:none">x</a>'
        '<figure><svg class="picture"></svg></figure><style>a{transition:all 1s}</style></body></html>',
        encoding="utf-8",
    )
    with visit(browser, page.as_uri(), width=320) as seen:
        assert any("image-alt" in fault for fault in axe_violations(seen.page))
        assert sideways(seen.page) > 1000
        assert small_targets(seen.page) and pictures_without_table(seen.page) and moving_parts(seen.page)
        assert keyboard_faults(seen.page)
        assert any("127.0.0.1:9" in url for url in seen.requests) and seen.complaints
