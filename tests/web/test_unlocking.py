"""At the pages a passphrase unlocks a person's key for one session, in memory alone; typed text is kept meanwhile."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from authentication import at_pages, code_for, form_of, logged_on, seated, send
from broker import until
from browser import authenticator, axe_violations, gates, served, visit
from desk import Desk, Hands
from divided import desk_of, peopled
from own_keys import PASSPHRASE
from playwright.sync_api import Browser, Page, expect
from proofs import a_pass
from starlette.testclient import TestClient
from toy import COUNT, TOY
from toy_watch import TOY_WATCH, wells
from watched import Watched, stood

import peelian.operations.office
from peelian.kernel import verbs
from peelian.kernel.alarms import operator_desk
from peelian.kernel.identity.revocation import end_session
from peelian.kernel.identity.sessions import proved_at
from peelian.operations.office import open_office
from peelian.storage.operator_keys import bare_file
from peelian.storage.private_files import put_private
from peelian.web.app import make_app
from peelian.web.identity import unlocking

WORDS = {
    "reasons": 'Because of "A" & B.',
    "public_reason": 'Because of "A" & B.',
    "other.document": "Residents were heard twice.",
}
ASKS = "Passphrase of your signing key"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    monkeypatch.setattr(unlocking, "EVERY", 0.05)
    peopled(tmp_path / "office")
    with open_office(tmp_path / "office") as office:
        yield desk_of(office)


@pytest.fixture
def app(town: Desk) -> Iterator[Any]:
    made = make_app(town.office)
    yield made
    made.state.lobby.close()


@pytest.fixture
def case(town: Desk) -> str:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    return str(evidence.case)


def _came(app: Any, town: Desk, short: str, **more: str) -> TestClient:
    """A browser in which a person logged on, without their passphrase where none is given."""
    client = at_pages(app)
    assert client.post("/en/log-on", data={"code": code_for(app, town.office, short), **more}).status_code == 303
    return client


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return unescape(found[1])


def _unlocked(app: Any) -> frozenset[str]:
    keys = app.state.lobby.unlocking.keys
    assert keys is not None
    return frozenset(keys.sessions())


def test_a_passphrase_on_logging_on_lets_the_session_sign(town: Desk, app: Any, case: str) -> None:
    assert ASKS in at_pages(app).get("/en/log-on").text
    commander = logged_on(app, town.office, "commander")
    assert len(_unlocked(app)) == 1
    assert send(commander, f"/en/cases/{case}/decide", choice="accept", **WORDS).status_code == 303
    assert town.kinds()[-1] == "DECIDED"


def test_where_the_key_is_locked_the_act_asks_for_it_and_what_was_typed_is_sent_after(
    town: Desk, app: Any, case: str
) -> None:
    commander, act = _came(app, town, "commander"), f"/en/cases/{case}/decide"
    commander.get(f"/en/cases/{case}")
    before = town.kinds()
    locked = send(commander, act, choice="accept", **WORDS)
    assert locked.status_code == 403 and ASKS in locked.text and "Your text is kept" in locked.text
    assert town.kinds() == before, "nothing was recorded, no refusal either"
    kept = {name: _hidden(locked.text, name) for name in ("at", "typed", "to")}
    wrong = send(commander, "/en/step-up/passphrase", passphrase="a wrong passphrase", **kept)
    assert wrong.status_code == 400 and "Wrong passphrase" in wrong.text
    assert "a wrong passphrase" not in wrong.text and _hidden(wrong.text, "typed") == kept["typed"]
    again = send(commander, "/en/step-up/passphrase", passphrase=PASSPHRASE, **kept)
    assert again.status_code == 200 and f'action="{act}"' in again.text and WORDS["reasons"] in unescape(again.text)
    assert send(commander, act, choice="accept", **WORDS).status_code == 303 and town.kinds()[-1] == "DECIDED"


@pytest.mark.parametrize(
    ("referer", "to"),
    [("/en/cases", "/en/cases"), ("https://evil.example//evil.example/x", "/en/desk"), ("", "/en/desk")],
)
def test_what_is_not_typed_again_goes_back_to_the_page_of_its_form(
    town: Desk, app: Any, case: str, referer: str, to: str
) -> None:
    commander = _came(app, town, "commander")
    fields = {"form": form_of(commander), "choice": "accept", **WORDS}
    commander.get(f"/en/cases/{case}")
    page = commander.post(f"/en/cases/{case}/decide", data=fields, headers={"referer": referer})
    assert _hidden(page.text, "to") == to


def test_a_wrong_passphrase_on_logging_on_is_asked_again_in_the_session(town: Desk, app: Any) -> None:
    client = at_pages(app)
    code = code_for(app, town.office, "commander")
    page = client.post("/en/log-on", data={"code": code, "passphrase": "wrong", "to": "/en/cases"})
    assert page.status_code == 400 and "Wrong passphrase" in page.text and not _unlocked(app)
    done = send(client, "/en/step-up/passphrase", passphrase=PASSPHRASE, to=_hidden(page.text, "to"))
    assert done.status_code == 303 and done.headers["location"] == "/en/cases" and len(_unlocked(app)) == 1


def test_a_passphrase_confirms_who_is_there_as_their_key_does(town: Desk, app: Any) -> None:
    client = _came(app, town, "board")
    (seat,) = app.state.lobby.sessions.open_seats()
    first = proved_at(town.kernel, seat)
    done = send(client, "/en/step-up/passphrase", passphrase=PASSPHRASE, to="/en/suspension/toy")
    assert done.status_code == 303 and done.headers["location"] == "/en/suspension/toy"
    proved = proved_at(town.kernel, seat)
    assert first is not None and proved is not None and proved > first and town.kinds()[-1] == "PROVED"


def test_what_is_only_shown_or_ended_takes_the_session_alone(town: Desk, app: Any, case: str) -> None:
    decider = town.people["commander"]
    secret, seat = app.state.lobby.sessions.begin(decider.person, "key", proof=a_pass(town.kernel, decider))
    client = at_pages(app)
    client.cookies.set("peelian", secret)
    assert client.get(f"/en/cases/{case}/report").status_code == 200
    (exported,) = [entry for _, entry in town.kernel.stores.log.read(kinds=["EXPORTED"])]
    assert exported["session"] == seat.session and "signature" not in exported
    assert ASKS in client.get(f"/en/cases/{case}/review").text, "a review ends in a signature: asked before it begins"


def test_a_passphrase_is_changed_at_one_s_own_page_and_the_old_one_unlocks_nothing(town: Desk, app: Any) -> None:
    keys, new = town.office.people_keys, "a new phrase of the board"
    assert keys is not None
    client = logged_on(app, town.office, "board")
    assert "Change your passphrase" in client.get("/en/desk").text
    told = {"passphrase": PASSPHRASE, "new": new, "again": new}
    before = (keys.folder / "board.pem").read_bytes()
    for fault, says in (
        ({"new": "", "again": ""}, "No new passphrase"),
        ({"new": "short", "again": "short"}, "too short"),
        ({"again": "another new phrase"}, "Two different"),
        ({"new": PASSPHRASE, "again": PASSPHRASE}, "same passphrase"),
        ({"passphrase": "not the one that holds"}, "Wrong passphrase"),
    ):
        page = send(client, "/en/desk/passphrase", **told | fault)
        assert page.status_code == 400 and says in page.text and new not in page.text, says
    assert (keys.folder / "board.pem").read_bytes() == before
    assert send(client, "/en/desk/passphrase", **told).status_code == 303
    assert send(client, "/en/step-up/passphrase", passphrase=PASSPHRASE).status_code == 400
    assert send(client, "/en/step-up/passphrase", passphrase=new).status_code == 303
    assert at_pages(app).post("/en/desk/passphrase", data=told).status_code == 401


def test_guesses_are_counted_as_wrong_codes_are(town: Desk, app: Any) -> None:
    client = _came(app, town, "board")
    form = form_of(client)
    for _ in range(5):
        page = client.post("/en/step-up/passphrase", data={"form": form, "passphrase": "x" * 12})
        assert page.status_code == 400
    page = client.post("/en/step-up/passphrase", data={"form": form, "passphrase": PASSPHRASE})
    assert page.status_code == 403 and "Wait five minutes" in page.text and not _unlocked(app)


@pytest.mark.parametrize("way", ["log off", "ended by the board", "idle", "closing"])
def test_a_key_is_dropped_when_its_session_is_over(
    town: Desk, app: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(unlocking, "EVERY", 0.05)
    client = logged_on(app, town.office, "commander")
    (session,) = _unlocked(app)
    (seat,) = app.state.lobby.sessions.open_seats()
    acting = town.office.keys.at_session(seat.person, session)
    assert acting.sign(b"x")
    if way == "log off":
        send(client, "/en/log-off")
    elif way == "ended by the board":
        end_session(town.kernel, town.people["board"], session)
    elif way == "idle":
        monkeypatch.setattr(app.state.lobby.sessions, "idle", app.state.lobby.sessions.idle * 0)
    else:
        app.state.lobby.close()
    assert until(lambda: not _unlocked(app))
    with pytest.raises(peelian.errors.KeyLocked):
        acting.sign(b"x")


def test_who_is_still_here_keeps_their_key_when_another_leaves(town: Desk, app: Any) -> None:
    client, _ = logged_on(app, town.office, "commander"), logged_on(app, town.office, "clerk")
    send(client, "/en/log-off")
    assert until(lambda: len(_unlocked(app)) == 1)
    assert not until(lambda: not _unlocked(app), seconds=0.5)
    (seat,) = app.state.lobby.sessions.open_seats()
    assert _unlocked(app) == {seat.session}


def test_where_nobody_can_say_who_is_here_keys_are_dropped_and_later_ones_watched(
    town: Desk, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> Any:
        raise ValueError("whatever")

    whole = app.state.lobby.unlocking._open_seats
    monkeypatch.setattr(app.state.lobby.unlocking, "_open_seats", fails)
    logged_on(app, town.office, "commander")
    assert until(lambda: not _unlocked(app))
    monkeypatch.setattr(app.state.lobby.unlocking, "_open_seats", whole)
    client = logged_on(app, town.office, "clerk")
    assert _unlocked(app)
    send(client, "/en/log-off")
    assert until(lambda: not _unlocked(app))


def test_who_has_no_protected_key_here_is_asked_for_none(town: Desk, app: Any, case: str) -> None:
    """A key without passphrase (no role that oversees), and one that is elsewhere."""
    keys = town.office.people_keys
    assert keys is not None
    put_private(keys.folder / "commander.pem", bare_file(keys.of("commander")))
    client = logged_on(app, town.office, "commander")
    assert not _unlocked(app) and ASKS not in client.get("/en/step-up").text
    assert send(client, f"/en/cases/{case}/decide", choice="accept", **WORDS).status_code == 303
    keys.discard("clerk")
    clerk = app.state.lobby.sessions.begin(town.office.person("clerk"), "provider", proof=None)[1]
    assert not app.state.lobby.unlocking.asks(clerk)


def test_a_board_member_s_key_without_passphrase_signs_nothing_here_either(town: Desk, app: Any) -> None:
    keys = town.office.people_keys
    assert keys is not None
    client = logged_on(app, town.office, "council")
    put_private(keys.folder / "council.pem", bare_file(keys.of("council")))
    (seat,) = app.state.lobby.sessions.open_seats()
    with pytest.raises(peelian.errors.Refused, match="key protect council"):
        town.office.keys.at_session(seat.person, seat.session).sign(b"x")
    assert ASKS not in client.get("/en/step-up").text


def test_a_list_of_people_is_not_carried_over_the_question(town: Desk, app: Any) -> None:
    clerk, before = _came(app, town, "clerk"), town.kinds()
    staff = "person,identifier\nclerk,SIN-4711\n"
    for sent in ({"files": {"people": ("staff.csv", staff.encode())}}, {"data": {"people": staff}}):
        data = {"form": form_of(clerk), **sent.get("data", {})}
        locked = clerk.post("/en/tasks/accesses-staff", data=data, files=sent.get("files"))
        assert locked.status_code == 403 and ASKS in locked.text
        assert "4711" not in locked.text and 'name="typed"' not in locked.text
    assert town.kinds() == before


def test_what_was_chosen_before_a_form_is_kept_with_what_was_typed(town: Desk, app: Any) -> None:
    fields = {"category": "stop", "days": "90", "reason": "as the bylaw says"}
    officer = _came(app, town, "privacy-officer")
    locked = send(officer, "/en/tasks/retention-define?step=2", **fields)
    assert locked.status_code == 403 and _hidden(locked.text, "at") == "/en/tasks/retention-define?step=2"


@pytest.mark.parametrize("typed", ["", "<script>alert(1)</script>", "\ud7ff", "x" * 60_000, "%00"])
def test_what_is_sent_in_its_place_gets_nowhere_and_is_not_shown(town: Desk, app: Any, typed: str) -> None:
    client = _came(app, town, "board")
    page = send(client, "/en/step-up/passphrase", passphrase=typed, to="//evil.example", at="javascript:alert(1)")
    assert page.status_code == 400 and not _unlocked(app) and "<script>alert" not in page.text
    assert "evil.example" not in page.text and "javascript:" not in page.text
    assert at_pages(app).post("/en/step-up/passphrase", data={"passphrase": PASSPHRASE}).status_code == 401
    assert client.post("/en/step-up/passphrase", data={"passphrase": PASSPHRASE}).status_code == 403, "no form of ours"


@pytest.mark.parametrize("secret", ["", "<script>", "\ud7ff", "A" * 43, "x" * 60_000])
def test_a_secret_without_a_passkey_s_answer_unlocks_nothing_and_adds_nothing(
    town: Desk, app: Any, secret: str
) -> None:
    keys = town.office.people_keys
    assert keys is not None
    before = (keys.folder / "board.pem").read_bytes()
    client = _came(app, town, "board")
    locked = send(client, "/en/desk/passkeys/unlock", secret=secret, answer="{}", challenge="00")
    assert locked.status_code == 403 and ASKS in locked.text
    assert send(client, "/en/step-up/passphrase", passphrase=PASSPHRASE).status_code == 303
    for page in ("/en/desk/passkeys/unlock", "/en/step-up/passkey"):
        got = send(client, page, secret=secret, answer="{}", challenge="00")
        assert got.status_code in (403, 404) and "<script>" not in got.text.replace("<script src=", "")
    assert (keys.folder / "board.pem").read_bytes() == before
    assert at_pages(app).post("/en/desk/passkeys/unlock", data={"secret": secret}).status_code == 401


def test_no_page_and_no_log_holds_the_passphrase(
    town: Desk, app: Any, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client = logged_on(app, town.office, "commander")
        pages = [client.get(page).text for page in ("/en/desk", "/en/step-up", "/en/log", f"/en/cases/{case}")]
        send(client, f"/en/cases/{case}/decide", choice="accept", **WORDS)
    told = [caplog.text, *pages, "".join(str(entry) for _, entry in town.kernel.stores.log.read())]
    assert not any(PASSPHRASE in text for text in told)
    assert town.office.path is not None
    for file in (file for file in town.office.path.rglob("*") if file.is_file()):
        assert PASSPHRASE.encode() not in file.read_bytes(), file


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Watched, Any]]:
    """An office on disk in which one alarm is acknowledged, and its pages."""
    hands = Hands()
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY_WATCH,))
    peopled(tmp_path / "office", clock=hands)
    with open_office(tmp_path / "office", clock=hands) as office:
        at = stood(town=dataclasses.replace(desk_of(office), clock=hands))
        at.feed(wells([16.0, 16.5]))
        (alarm,) = at.town.kernel.state.alarms.floor.alarms
        operator_desk.acknowledge(at.town.kernel, at.town.people["dispatcher"], alarm)
        made = make_app(office)
        yield at, made
        made.state.lobby.close()


def test_at_the_console_what_an_operator_typed_outlives_the_question_for_the_passphrase(
    console: tuple[Watched, Any],
) -> None:
    at, app = console
    (alarm,) = at.town.kernel.state.alarms.floor.alarms
    dispatcher, act = _came(app, at.town, "dispatcher"), f"/en/console/alarm/{alarm}"
    words = 'Water at the <b>mill</b> & "bridge".'
    locked = send(dispatcher, act, act="decide", choice="watch", reason=words)
    assert locked.status_code == 403 and ASKS in locked.text and "Your text is kept" in locked.text
    kept = {name: _hidden(locked.text, name) for name in ("at", "typed", "to")}
    again = send(dispatcher, "/en/step-up/passphrase", passphrase=PASSPHRASE, **kept)
    assert again.status_code == 200 and f'action="{act}"' in again.text and ">Decide</button>" in again.text
    assert words in unescape(again.text) and "<b>mill" not in again.text and _hidden(again.text, "act") == "decide"
    done = send(dispatcher, act, act="decide", choice="watch", reason=words)
    assert done.status_code == 303 and done.headers["location"] == "/en/console"
    assert at.town.kernel.state.alarms.floor.alarms[alarm].choice == "watch"


def _come_by_code(page: Page, app: Any, town: Desk, where: str, **more: str) -> None:
    page.goto(f"{where}/en/log-on")
    page.get_by_label("Code from the terminal").fill(code_for(app, town.office, "commander"))
    page.get_by_label(ASKS).fill(more.get("passphrase", ""))
    page.get_by_role("button", name="Log on", exact=True).click()
    page.get_by_role("heading", name="My work").wait_for()


def _passkey_made(page: Page) -> None:
    page.get_by_label("Name of this passkey").fill("Blue key")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("heading", name="Blue key").wait_for()


@pytest.mark.browser
@pytest.mark.slow
def test_a_passkey_unlocks_the_key_once_its_person_let_it_and_until_they_remove_it(
    browser: Browser, town: Desk, app: Any, case: str
) -> None:
    pytest.importorskip("webauthn", reason="webauthn is not installed: uv sync --all-extras")
    assert town.office.people_keys is not None
    file = town.office.people_keys.folder / "commander.pem"
    bare = file.read_bytes()
    with served(app) as address, visit(browser, f"{address}/en/log-on", reduced_motion="reduce") as seen:
        page, where = seen.page, address.replace("127.0.0.1", "localhost")
        authenticator(page, secrets=True)
        _come_by_code(page, app, town, where, passphrase=PASSPHRASE)
        _passkey_made(page)
        with page.expect_request("**/desk/passkeys/unlock") as sent:
            page.get_by_role("button", name="Let a passkey unlock your key").click()
        page.get_by_text("Unlocks your signing key.").wait_for()
        assert axe_violations(page) == []
        secret = parse_qs(str(sent.value.post_data))["secret"][0]
        assert len(secret) == 43 and file.read_bytes().startswith(bare) and len(file.read_bytes()) > len(bare)
        page.get_by_text("Menu", exact=True).click()
        page.get_by_role("button", name="Log off").click()
        assert not _unlocked(app)
        page.get_by_role("button", name="Log on with a passkey").click()
        page.get_by_role("heading", name="My work").wait_for()
        assert len(_unlocked(app)) == 1, "logging on with it unlocks the key, too"
        (seat,) = app.state.lobby.sessions.open_seats()
        app.state.lobby.unlocking.lock(seat)

        page.goto(f"{where}/en/cases/{case}")
        page.locator("[name=choice][value=accept]").check()
        for name, words in WORDS.items():
            page.locator(f"[name='{name}']").fill(words)
        page.locator('form[action$="/decide"] button').click()
        assert axe_violations(page) == []
        page.get_by_role("button", name="Unlock with a passkey").click()
        page.get_by_role("button", name="Send now").click()
        page.wait_for_url(f"**/en/cases/{case}")
        assert town.kinds()[-1] == "DECIDED"
        log = "".join(str(entry) for _, entry in town.kernel.stores.log.read())
        assert secret not in log and secret.encode() not in file.read_bytes()

        page.goto(f"{where}/en/desk")
        page.get_by_role("button", name="Remove passkey: Blue key").click()
        expect(page.get_by_role("heading", name="Blue key")).to_have_count(0)
        assert file.read_bytes() == bare


@pytest.mark.browser
@pytest.mark.slow
def test_an_authenticator_without_secrets_unlocks_nothing_and_the_page_says_so(
    browser: Browser, town: Desk, app: Any
) -> None:
    pytest.importorskip("webauthn", reason="webauthn is not installed: uv sync --all-extras")
    with served(app) as address, visit(browser, f"{address}/en/log-on") as seen:
        page, where = seen.page, address.replace("127.0.0.1", "localhost")
        authenticator(page)
        _come_by_code(page, app, town, where)
        page.goto(f"{where}/en/step-up")
        page.get_by_label(ASKS).fill(PASSPHRASE)
        page.get_by_role("button", name="Confirm with your passphrase").click()
        _passkey_made(page)
        page.get_by_role("button", name="Let a passkey unlock your key").click()
        assert "cannot unlock a key" in page.get_by_role("alert").inner_text()
        assert page.get_by_text("Unlocks your signing key.").count() == 0


@pytest.mark.browser
@pytest.mark.slow
def test_in_a_browser_an_operator_s_reason_outlives_it_too(browser: Browser, console: tuple[Watched, Any]) -> None:
    at, app = console
    with served(app) as where:
        session = seated(app, at.town.office, "dispatcher")
        with visit(browser, f"{where}/fr/console", width=360, reduced_motion="reduce", **session) as seen:
            seen.page.locator("[name=choice][value=watch]").check()
            seen.page.locator(".decide [name=reason]").fill("L’eau monte.")
            seen.page.locator(".decide button").click()
            seen.page.locator("#passphrase").fill(PASSPHRASE)
            seen.page.keyboard.press("Enter")
            seen.page.get_by_role("button", name="Décider").wait_for()
            seen.complaints.clear()  # Chromium's own of answers 403
            assert gates(seen, own=(where,)) == {}
            seen.page.get_by_role("button", name="Décider").click()
            seen.page.wait_for_url(f"{where}/fr/console")
    assert [a.choice for a in at.town.kernel.state.alarms.floor.alarms.values()] == ["watch"]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_in_a_browser_a_decision_outlives_the_question_for_the_passphrase(
    browser: Browser, town: Desk, app: Any, case: str, language: str
) -> None:
    with served(app) as where:
        board = seated(app, town.office, "board")
        for page, session in (("log-on", {}), ("step-up", board), ("desk", board)):
            with visit(browser, f"{where}/{language}/{page}", reduced_motion="reduce", **session) as seen:
                assert seen.page.locator("#passphrase").get_attribute("type") == "password"
                assert gates(seen, own=(where,)) == {}
        session = seated(app, town.office, "commander")
        with visit(browser, f"{where}/{language}/cases/{case}", width=360, reduced_motion="reduce", **session) as seen:
            seen.page.locator("[name=choice][value=accept]").check()
            for name, words in WORDS.items():
                seen.page.locator(f"[name='{name}']").fill(words)
            seen.page.locator('form[action$="/decide"] button').click()
            assert WORDS["reasons"] not in seen.page.locator("main").inner_text()
            seen.complaints.clear()  # Chromium's own of an answer 403
            assert gates(seen, own=(where,)) == {}
            seen.page.locator("#passphrase").fill(PASSPHRASE)
            seen.page.keyboard.press("Enter")
            seen.page.locator('main form[action$="/decide"] button').click()
            seen.page.wait_for_url(f"**/{language}/cases/{case}")
    assert "DECIDED" in town.kinds()
