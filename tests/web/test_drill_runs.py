"""A self-test is started at the pages, followed there to its signed record, and never run twice at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authentication import at_pages, logged_on, seated, send
from browser import gates, served, visit
from desk import desk
from playwright.sync_api import Browser, expect

from peelian.errors import OutOfOrder
from peelian.kernel.model.capability import Role
from peelian.operations.office import Office, new_office
from peelian.oversight.drills.due import self_tests
from peelian.web.app import make_app
from peelian.web.drills import runs as drill_runs

RUN = "/en/drills/run"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with new_office(tmp_path / "office", name="A town") as office:
        it = office.enrol("it", name="IT", unit="it", roles={Role.CUSTODIAN})
        office.enrol("pia", name="Pia", unit="privacy", roles={Role.PRIVACY_OFFICER}, by=it)
        office.enrol("ann", name="Ann", unit="analysis", roles={Role.ANALYST}, by=it)
        yield office


@pytest.fixture
def app(office: Office) -> Any:
    return make_app(office)


def test_a_drill_is_played_to_its_record(office: Office, app: Any) -> None:
    officer = logged_on(app, office, "pia")
    assert "Start the self-test" in officer.get("/en/drills").text
    assert send(officer, RUN, scenario="snooping", seed="3").headers["location"] == RUN
    again = send(officer, RUN, scenario="snooping", seed="4")
    assert again.status_code in (303, 409), "while one is played there is no other"
    while (got := officer.get(RUN)).status_code == 200 and "http-equiv" in got.text:
        assert "progress" in got.text
    assert got.headers["location"] == "/en/drills/snooping-3"
    (drill,) = self_tests(office.kernel)
    assert drill.criteria_met and office.kernel.state.people[drill.by].name == "Pia"
    assert "All targets were met" in at_pages(app).get("/en/drills/snooping-3").text
    assert send(officer, RUN, scenario="snooping", seed="3").status_code == 303
    while (got := officer.get(RUN)).status_code == 200 and "http-equiv" in got.text:
        pass
    assert got.status_code == 409 and "Choose another seed" in got.text


@pytest.mark.parametrize("told", [{"scenario": "<script>"}, {"seed": "-1"}, {"seed": "9" * 5_000}, {"law": "none"}])
def test_a_slip_starts_nothing(office: Office, app: Any, told: dict[str, str]) -> None:
    officer = logged_on(app, office, "pia")
    got = send(officer, RUN, **{"scenario": "snooping", "seed": "1"} | told)
    assert got.status_code == 400 and 'role="alert"' in got.text and "<script>" not in got.text
    assert officer.get(RUN).headers["location"] == "/en/drills" and not self_tests(office.kernel)


def test_laws_are_offered_by_their_titles(office: Office, app: Any) -> None:
    page = logged_on(app, office, "pia").get("/en/drills").text
    for word, title in (
        ("office", "Rule of the office"),
        ("quebec", "Quebec: Law 25"),
        ("gdpr", "European Union: GDPR"),
    ):
        assert f'<option value="{word}">{title}</option>' in page


def test_who_may_not_play_sees_no_form(office: Office, app: Any) -> None:
    analyst = logged_on(app, office, "ann")
    assert "Start the self-test" not in analyst.get("/en/drills").text
    assert send(analyst, RUN, scenario="snooping", seed="1").status_code == 403
    assert at_pages(app).post(RUN).status_code == 401 and at_pages(app).get("/en/drills").status_code == 200
    memory = desk(()).office
    board = logged_on(make_app(memory), memory, "board")
    assert "Start the self-test" not in board.get("/en/drills").text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_passes_every_gate(browser: Browser, office: Office, app: Any, language: str) -> None:
    with served(app) as here, visit(browser, f"{here}/{language}/drills", **seated(app, office, "pia")) as seen:
        assert not gates(seen, own=(here,))


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_of_a_job_passes_every_gate_and_follows_it_to_its_end(
    browser: Browser, office: Office, app: Any, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    half, over = threading.Event(), threading.Event()

    def played(office: Any, by: Any, script: Any, tell: Any) -> None:
        tell("Reading", 0.25)
        half.wait(60)
        tell("Reading", 0.5)
        over.wait(60)
        raise OutOfOrder("Choose another seed.")

    monkeypatch.setattr(drill_runs, "_played", played)
    send(logged_on(app, office, "pia"), f"/{language}/drills/run", scenario="snooping", seed="1")
    by = seated(app, office, "pia")
    with served(app) as here, visit(browser, f"{here}/{language}/drills/run", reduced_motion="reduce", **by) as seen:
        bar = seen.page.locator("main progress")
        expect(bar).to_have_attribute("value", "0.250")
        half.set()
        expect(bar).to_have_attribute("value", "0.500")
        assert [url for url in seen.requests if url.endswith("/drills/run")] != [], "looked at again, not loaded again"
        assert gates(seen, own=(here,)) == {"scripts": 1}, "its own, which looks again"
        over.set()
        expect(bar).to_have_count(0)
