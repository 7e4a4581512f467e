"""A run at the pages: started once, followed with and without a script, left and come back to, told when it ended."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import workers
from authentication import form_of, logged_on, seated, send
from broker import until
from browser import gates, served, visit
from desk import Desk, desk
from divided import desk_of, peopled
from playwright.sync_api import Browser
from slow_toy import HERE, SLOW
from starlette.testclient import TestClient
from suspending import suspend

import peelian.operations.office
from peelian.operations import run_worker
from peelian.operations.office import open_office
from peelian.web.app import make_app

SLOW_COUNT = SLOW.capabilities[0]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the test tells the run to go on; at the end every run is told so."""
    made = tmp_path / "of the test"
    made.mkdir()
    monkeypatch.setenv(HERE, str(made))
    yield made
    (made / "go on").touch()


@pytest.fixture
def town(folder: Path) -> Desk:
    town = desk((SLOW,))
    town.authorizations(SLOW_COUNT)
    return town


@pytest.fixture
def app(town: Desk) -> Any:
    return make_app(town.office)


def kinds(town: Desk, case: str) -> list[str]:
    with town.kernel.lock:
        return [str(entry["kind"]) for _, entry in town.kernel.stores.log.found("case", case)]


def ended(town: Desk, case: str) -> bool:
    return until(lambda: kinds(town, case)[-1] in ("RAN", "FAILED", "REFUSED", "WITHHELD"))


def started(client: TestClient, folder: Path, case: str) -> None:
    assert send(client, f"/en/cases/{case}/run").status_code == 303
    assert until((folder / "began").exists)


def test_a_run_is_started_once_however_often_it_is_sent(town: Desk, app: Any, folder: Path) -> None:
    case, client, tab = town.ask(SLOW_COUNT).case, *(logged_on(app, town.office, "analyst") for _ in range(2))
    tokens = [(one, form_of(one)) for one in (client, tab)] * 2
    with ThreadPoolExecutor(4) as pool:
        at = f"/en/cases/{case}/run"
        answers = list(pool.map(lambda one: one[0].post(at, data={"form": one[1]}).status_code, tokens))
    assert answers == [303] * 4
    page = tab.get(f"/en/cases/{case}").text
    assert "<progress" in page and 'value="0.500"' in page and "Waiting" in page and "http-equiv" in page
    assert "Start run" not in page
    (folder / "go on").touch()
    assert ended(town, case)
    assert send(client, f"/en/cases/{case}/run").status_code == 303, "the back button and once more"
    assert kinds(town, case).count("STARTED") == 1 and kinds(town, case)[-1] == "RAN"


def test_whoever_left_is_told_on_their_own_page_until_they_open_the_case(town: Desk, app: Any, folder: Path) -> None:
    case, client = town.ask(SLOW_COUNT).case, logged_on(app, town.office, "analyst")
    started(client, folder, case)
    assert "Runs that ended" not in client.get("/en/desk").text
    (folder / "go on").touch()
    assert ended(town, case) and until(lambda: "Runs that ended" in client.get("/en/desk").text)
    assert case in client.get("/en/desk").text
    again = make_app(town.office)
    assert "Exécutions terminées" in logged_on(again, town.office, "analyst").get("/fr/desk").text, "after a restart"
    assert "Runs that ended" not in logged_on(app, town.office, "commander").get("/en/desk").text, "nobody else's"
    commander = logged_on(app, town.office, "commander")
    commander.get(f"/en/cases/{case}")
    assert "Runs that ended" in client.get("/en/desk").text
    client.get(f"/en/cases/{case}")
    assert "Runs that ended" not in client.get("/en/desk").text


def test_another_process_says_from_the_log_that_it_goes_on(town: Desk, app: Any, folder: Path) -> None:
    case, client = town.ask(SLOW_COUNT).case, logged_on(app, town.office, "analyst")
    started(client, folder, case)
    other = logged_on(make_app(town.office), town.office, "analyst")
    page = other.get(f"/en/cases/{case}").text
    assert (
        "Run in progress" in page and "<progress" in page and "value=" not in page.split("<progress")[1].split(">")[0]
    )
    assert send(other, f"/en/cases/{case}/run").status_code == 303
    (folder / "go on").touch()
    assert ended(town, case) and kinds(town, case).count("STARTED") == 1


def test_the_stream_tells_how_far_it_is_and_ends_with_the_run(town: Desk, app: Any, folder: Path) -> None:
    case, client = town.ask(SLOW_COUNT).case, logged_on(app, town.office, "analyst")
    started(client, folder, case)
    with ThreadPoolExecutor(1) as pool:
        stream = pool.submit(client.get, f"/fr/cases/{case}/progress")
        (folder / "go on").touch()
        got = stream.result(60)
    assert got.headers["content-type"].startswith("text/event-stream")
    assert got.text.endswith("event: ended\ndata: {}\n\n")
    told = [json.loads(line[6:]) for line in got.text.splitlines() if line.startswith('data: {"')]
    assert all(one["share"] is None or 0 <= one["share"] <= 1 for one in told)
    assert client.get("/en/cases/c-none/progress").status_code == 404
    assert client.get(f"/de/cases/{case}/progress").status_code == 404


def test_the_stream_ends_for_whoever_is_logged_off(town: Desk, app: Any, folder: Path) -> None:
    case, client = town.ask(SLOW_COUNT).case, logged_on(app, town.office, "analyst")
    started(client, folder, case)
    form = form_of(client)
    with ThreadPoolExecutor(1) as pool:
        stream = pool.submit(client.get, f"/en/cases/{case}/progress")
        client.post("/en/log-off", data={"form": form})
        assert stream.result(60).status_code in (200, 401, 403)
    assert kinds(town, case)[-1] == "OPENED", "the run itself goes on"


def test_what_a_run_failed_with_is_told_to_its_person(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is suspended meanwhile, and one whose process is killed: in an office on disk, by the worker's end."""
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (SLOW,))
    monkeypatch.setattr(run_worker, "WORK", workers.toy)
    peopled(tmp_path / "office")
    with open_office(tmp_path / "office") as office:
        town, app = desk_of(office), make_app(office)
        town.authorizations(SLOW_COUNT)
        client, board = logged_on(app, office, "analyst"), logged_on(app, office, "board")
        cases = [town.ask(SLOW_COUNT).case for _ in range(2)]
        started(client, folder, cases[0])
        (folder / "crash").touch()
        assert ended(town, cases[0]) and until(lambda: "Runs that ended" in client.get("/en/desk").text)
        page = client.get(f"/en/cases/{cases[0]}").text
        assert "The run was cut short" in page and "same use again" in page
        (again,) = re.findall(r'href="([^"]*)">Request again', page)
        filled = client.get(html.unescape(again))
        (named,) = parse_qs(urlsplit(html.unescape(again)).query)["data.wells"]
        assert filled.status_code == 200 and f'value="{named}" selected' in filled.text, "the form, as it was filled"
        theirs = board.get(f"/en/cases/{cases[0]}").text
        assert "cut short" not in theirs and "Request again" not in theirs
        (folder / "crash").unlink()
        (folder / "began").unlink()
        started(client, folder, cases[1])
        suspend(office.kernel, office.operator("board"), "toy")
        assert ended(town, cases[1]) and kinds(town, cases[1])[-1] == "REFUSED"
        assert until(lambda: "Runs that ended" in client.get("/en/desk").text)
        page = client.get(f"/fr/cases/{cases[1]}").text
        assert "suspendu" in page and "Not done" not in page and 'role="alert"' in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_running_case_passes_every_gate_and_shows_its_end(
    browser: Browser, town: Desk, app: Any, folder: Path, language: str
) -> None:
    case = town.ask(SLOW_COUNT).case
    with (
        served(app) as here,
        visit(browser, f"{here}/{language}/cases/{case}", **seated(app, town.office, "analyst")) as seen,
    ):
        page = seen.page
        page.click(".act button")
        page.wait_for_selector("#running")
        page.wait_for_function("document.querySelector('#running progress').value === 0.5")
        assert "50 %" in page.inner_text("#running").replace("\u00a0", " ")
        seen.address = f"{here}/{language}/cases/running"
        assert not gates(seen, own=(here,)).keys() - {"scripts"}
        (folder / "go on").touch()
        page.wait_for_selector("#running", state="detached", timeout=30_000)
        page.wait_for_selector(".case-answer :text('26')")


def test_without_a_script_the_page_asks_again_by_itself(browser: Browser, town: Desk, app: Any, folder: Path) -> None:
    case = town.ask(SLOW_COUNT).case
    with (
        served(app) as here,
        visit(browser, f"{here}/en/cases/{case}", script=False, **seated(app, town.office, "analyst")) as seen,
    ):
        seen.page.click(".act button")
        seen.page.wait_for_selector("#running")
        (folder / "go on").touch()
        seen.page.wait_for_selector("#running", state="detached", timeout=30_000)
