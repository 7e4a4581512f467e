"""Suspending from the pages: the board alone, after a step-up; every page says it, whichever process did it."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import workers
from authentication import at_pages, form_of, logged_on, seated, send
from browser import gates, served, sideways, visit
from changed import changed
from desk import Desk, desk
from divided import answering, desk_of, peopled
from playwright.sync_api import Browser
from suspending import lift, suspend
from toy import COUNT, TOY

import peelian.operations.office
from peelian.errors import IntegrityError, Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.kernel.model.people import Operator
from peelian.operations import run_worker
from peelian.operations.dividing import divide
from peelian.operations.office import Office, open_office
from peelian.web.app import make_app

STRIP = {"en": 'aria-label="Suspended technologies"', "fr": 'aria-label="Technologies suspendues"'}
SINCE = {"en": "Suspended since 2 March 2026", "fr": "Suspendue depuis le 2 mars 2026"}
BECAUSE = {"en": "a finding of harm or of error.", "fr": "préjudice ou erreur constatés."}
NOTE = {
    "en": "Nothing of it is permitted or run until two people lift the suspension.",
    "fr": "Rien n’en est permis ni exécuté tant que deux personnes n’ont pas levé la suspension.",
}
WITHIN = 1.0  # second of work, however busy the machine is; nothing waits or is tried again


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


@pytest.fixture
def app(town: Desk) -> Any:
    return make_app(town.office)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("who", ["board", "privacy-officer", "auditor"])
def test_each_overseer_suspends_in_two_clicks_from_anywhere_with_a_reason(
    town: Desk, app: Any, who: str, language: str
) -> None:
    one, page = logged_on(app, town.office, who), f"/{language}/suspension"
    assert f'href="{page}"' in one.get(f"/{language}/about").text, "the first click"
    listed = one.get(page).text
    assert f'action="{page}/toy"' in listed and STRIP[language] not in listed
    asked = one.get(f"{page}/toy")
    assert asked.status_code == 200 and all(c.title in asked.text for c in TOY.capabilities)
    assert "toy" not in town.kernel.state.suspended
    for reason in ("", "because"):
        refused = send(one, f"{page}/toy", act="suspend", reason=reason)
        assert refused.status_code == 400 and "misuse" in refused.text, "the reasons are told"
    assert "toy" not in town.kernel.state.suspended
    assert send(one, f"{page}/toy", act="suspend", reason="harm").headers["location"] == page
    assert town.kernel.state.suspended["toy"].reason == "harm"
    shown = one.get(page).text
    assert STRIP[language] in shown and SINCE[language] in shown and BECAUSE[language] in shown
    assert send(one, f"{page}/toy", act="suspend", reason="harm").status_code == 409, "twice"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_two_people_of_different_units_lift_it_at_the_pages(town: Desk, app: Any, language: str) -> None:
    suspend(town.kernel, town.people["board"], "toy")
    auditor, board = logged_on(app, town.office, "auditor"), logged_on(app, town.office, "board")
    page = f"/{language}/suspension/toy"
    assert send(auditor, page, act="resume", why="no").status_code == 409, "a reason has three words"
    proposed = send(auditor, page, act="resume", why="the vendor mended it").headers["location"]
    assert proposed.startswith(f"/{language}/proposals/")
    assert "toy" in town.kernel.state.suspended, "one person lifts nothing"
    assert send(auditor, proposed).status_code == 403 and "toy" in town.kernel.state.suspended
    assert f'href="{proposed}"' in board.get(page).text
    assert send(board, proposed).status_code == 303
    assert not town.kernel.state.suspended and STRIP[language] not in board.get(page).text
    assert town.kinds()[-2:] == ["APPROVED", "RESUMED"]


def test_what_is_said_to_the_public_is_checked_as_statements_are(town: Desk, app: Any) -> None:
    board = logged_on(app, town.office, "board")
    bad = "Call Jane at 416-555-0199"
    assert send(board, "/en/suspension/toy", act="suspend", reason="harm", words=bad).status_code == 400
    assert not town.kernel.state.suspended
    said = "Rows of the third quarter were counted twice."
    assert send(board, "/en/suspension/toy", act="suspend", reason="data", words=said).status_code == 303
    public = at_pages(make_app(town.office, public=True))
    assert said in public.get("/en/inventory").text
    assert send(board, "/en/suspension/toy", act="explain", words=bad).status_code == 400
    assert send(board, "/en/suspension/toy", act="explain", words="They were taken out.").status_code == 303
    shown = public.get("/fr/inventory").text
    assert "They were taken out." in shown and said not in shown
    for shape in ("atrs", "register"):
        told = public.get(f"/data/inventory/{shape}-fr.json").json()["records"][0]
        told = told if shape == "register" else told["tier_2"]["risks_mitigations_and_impact_assessments"]
        made = town.kernel.state.suspended["toy"]
        assert told["suspension"] == {
            "since": made.since, "reason": "données fausses ou manquantes", "text": "They were taken out."
        }  # fmt: skip
        assert told["court_exceptions"] == 0


@pytest.mark.parametrize("who", ["clerk", "analyst", "commander", "council", "custodian", "dispatcher"])
def test_nobody_else_suspends_or_is_shown_the_way(town: Desk, app: Any, who: str) -> None:
    client = logged_on(app, town.office, who)
    for got in (
        client.get("/en/suspension"),
        client.get("/en/suspension/toy"),
        send(client, "/en/suspension/toy", act="suspend", reason="harm"),
    ):
        assert got.status_code == 403
    assert not town.kernel.state.suspended and 'href="/en/suspension"' not in client.get("/en/desk").text
    assert 'href="/en/suspension"' in logged_on(app, town.office, "board").get("/en/desk").text


def test_the_second_click_takes_a_fresh_step_up_and_the_form_of_this_session(town: Desk, app: Any) -> None:
    board = logged_on(app, town.office, "board")
    form = {"form": form_of(board), "act": "suspend", "reason": "harm"}
    assert board.post("/en/suspension/toy", data={**form, "form": "another"}).status_code == 403
    town.clock.days(6 / 24 / 60)
    for got in (board.get("/en/suspension/toy"), board.post("/en/suspension/toy", data=form)):
        assert got.status_code == 403 and 'href="/en/step-up?to=/en/suspension/toy"' in got.text
    assert board.get("/en/suspension").status_code == 200 and not town.kernel.state.suspended
    stranger = at_pages(app)
    assert stranger.get("/en/suspension").status_code == 401
    assert stranger.post("/en/suspension/toy", data={"act": "suspend", "reason": "harm"}).status_code == 401


def test_what_is_no_technology_or_no_act_is_refused(town: Desk, app: Any) -> None:
    board = logged_on(app, town.office, "board")
    for name in ("drones", "toy.count"):
        assert board.get(f"/en/suspension/{name}").status_code == 404
        assert send(board, f"/en/suspension/{name}", act="suspend", reason="harm").status_code == 404
    assert board.get("/de/suspension").status_code == 404
    assert send(board, "/en/suspension/toy", act="destroy").status_code == 400 and not town.kernel.state.suspended


def test_a_clock_behind_the_log_keeps_nobody_from_suspending(town: Desk, app: Any) -> None:
    town.kernel.append("HEARTBEAT", entries=1)
    town.clock.days(-1)
    board, auditor = logged_on(app, town.office, "board"), logged_on(app, town.office, "auditor")
    assert send(board, "/en/suspension/toy", act="suspend", reason="harm").status_code == 303
    proposed = send(auditor, "/en/suspension/toy", act="resume", why="it is mended now").headers["location"]
    refused = send(board, proposed)
    assert refused.status_code == 403 and "toy" in town.kernel.state.suspended, (
        "the step-up is judged by the log's time"
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_says_it_and_those_of_its_uses_say_what_it_means(town: Desk, app: Any, language: str) -> None:
    town.authorizations(COUNT)
    case, analyst = town.ask(COUNT).case, logged_on(app, town.office, "analyst")
    places, start = (f"/{language}/cases/{case}", f"/{language}/ask/{COUNT.id}"), f'/{language}/cases/{case}/run"'
    assert all(NOTE[language] not in analyst.get(page).text for page in places) and start in analyst.get(places[0]).text
    suspend(town.kernel, town.people["board"], "toy")
    for page in (*places, f"/{language}/desk", f"/{language}/none", f"/{language}/alarms"):
        assert STRIP[language] in analyst.get(page).text, page
    assert all(NOTE[language] in analyst.get(page).text for page in places)
    assert start not in analyst.get(places[0]).text, "what cannot be run has no button"
    public = at_pages(make_app(town.office, public=True))
    for page in ("/", "/register", "/log", "/sensors", "/about"):
        text = public.get(f"/{language}{page}").text
        assert STRIP[language] in text and f'href="/{language}/inventory#toy"' in text, page
    assert 'id="toy"' in public.get(f"/{language}/inventory").text
    lift(town.kernel, town.people["privacy-officer"], town.people["board"], "toy")
    assert STRIP[language] not in public.get(f"/{language}/").text


def test_a_log_that_is_damaged_is_still_said_on_a_page(town: Desk, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(state: object) -> set[str]:
        raise IntegrityError("an entry was altered")

    monkeypatch.setattr(type(town.kernel.state), "suspended", property(damaged))
    page = at_pages(app).get("/en/about")
    assert page.status_code == 503 and "Damaged record" in page.text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    peopled(tmp_path / "office")
    return tmp_path / "office"


@pytest.fixture(params=["undivided", "divided"])
def offices(
    request: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Office, Office]]:
    """The same folder opened twice, as by two processes; a divided one's registrar is a third."""
    monkeypatch.setattr(run_worker, "WORK", workers.toy)
    registrar, socket = tmp_path / "registrar", tmp_path / "socket"
    with ExitStack() as closing:
        if request.param == "divided":
            divide(folder, registrar, socket)
            closing.enter_context(answering(registrar, socket))
        yield closing.enter_context(open_office(folder)), closing.enter_context(open_office(folder))


def test_a_suspension_in_another_process_shows_and_refuses_within_a_second(offices: tuple[Office, Office]) -> None:
    first, second = offices
    there = desk_of(first)
    there.authorizations(COUNT)
    permitted, app = there.ask(COUNT), make_app(first)
    analyst, public = logged_on(app, first, "analyst"), at_pages(app)
    asked = {
        "purpose": sorted(COUNT.asks.purposes)[0],
        "param.deepest": "30",
        "data.wells": next(iter(first.kernel.state.datasets)),
    }
    assert STRIP["en"] not in public.get("/en/").text
    form = {"form": form_of(analyst)}
    suspend(second.kernel, second.operator("board"), "toy")
    began = time.process_time()
    assert STRIP["en"] in public.get("/en/").text
    for page, fields in ((f"/en/ask/{COUNT.id}", asked), (f"/en/cases/{permitted.case}/run", {})):
        got = analyst.post(page, data={**fields, **form})
        assert got.status_code == 403 and "is suspended" in got.text
    assert time.process_time() - began < WITHIN
    lift(second.kernel, second.operator("privacy-officer"), second.operator("board"), "toy")
    assert STRIP["en"] not in public.get("/en/").text
    got = send(analyst, f"/en/cases/{permitted.case}/run")
    assert got.status_code == 303, got.text[-6000:]


def test_a_suspension_in_another_process_ends_a_run_without_evidence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thrown while the arithmetic works, in the other office: the run keeps nothing."""
    running, suspended = threading.Event(), threading.Event()

    def run(params: Any, datasets: Mapping[str, Dataset], context: Context) -> Findings:
        running.set()
        assert suspended.wait(30), "the other process waited for the run"
        return COUNT.arithmetic().run(params, datasets, context)

    def stop(other: Office, board: Operator) -> None:
        assert running.wait(30)
        suspend(other.kernel, board, "toy")
        suspended.set()

    slow = changed(COUNT, run=run)
    declared = dataclasses.replace(TOY, capabilities=tuple(slow if c is COUNT else c for c in TOY.capabilities))
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (declared,))
    with open_office(folder) as first, open_office(folder) as second:
        there = desk_of(first)
        there.authorizations(slow)
        permit = there.ask(slow)
        assert not first.kernel.state.suspended, "looked at before"
        thread = threading.Thread(target=stop, args=(second, second.operator("board")))
        thread.start()
        with pytest.raises(Refused, match="suspended during the run"):
            verbs.run(first.kernel, there.people["analyst"], permit)
        thread.join()
        history = second.kernel.state.histories[permit.case]
        assert [str(entry["kind"]) for _, entry in history.entries][-2:] == ["OPENED", "REFUSED"]
        assert not [kind for kind in there.kinds() if kind == "RAN"]


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[str, dict[str, Any], str]]:
    """The served pages of an office in which a technology is suspended, a session of the board, and a case of it."""
    town = desk((TOY, dataclasses.replace(TOY, id="other", title="Another technology", capabilities=(), formats=tuple)))
    town.authorizations(COUNT)
    case, app = town.ask(COUNT).case, make_app(town.office)
    suspend(town.kernel, town.people["board"], "toy")
    with served(app) as where:
        yield where, seated(app, town.office, "board"), case


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_suspended_passes_every_gate(browser: Browser, site: Any, language: str) -> None:
    """At 360 pixels, too; the gates themselves look at 1280, with larger text, and at 320, whatever the width was."""
    address, session, case = site
    for page in ("/suspension", "/suspension/toy", "/suspension/other", f"/cases/{case}", f"/ask/{COUNT.id}", "/"):
        with visit(browser, f"{address}/{language}{page}", width=360, reduced_motion="reduce", **session) as seen:
            assert seen.page.locator(".suspended").get_by_role("link").count() == 1, page
            assert sideways(seen.page) <= 0 and gates(seen, own=(address,)) == {}, page


@pytest.mark.browser
def test_it_is_suspended_without_a_script_by_two_clicks_and_a_reason(browser: Browser, site: Any) -> None:
    address, session, _ = site
    with visit(browser, f"{address}/en/about", script=False, **session) as seen:
        page: Any = seen.page
        page.goto(
            page.get_by_role("link", name="Suspend", exact=True).first.get_attribute("href", timeout=5000)
            and f"{address}/en/suspension"
        )
        page.get_by_label("Reason").select_option("precaution")
        page.get_by_role("button", name="Suspend now: Another technology").click()
        strip = page.get_by_role("region", name="Suspended technologies").inner_text()
        assert "Another technology" in strip and "a precaution while it is reviewed" in strip
