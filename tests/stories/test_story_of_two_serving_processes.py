"""The story of an office whose pages two processes serve: one session works at both, each obeys at once what was done
at the other, and neither a restart nor a crash of one loses anybody's session.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from authentication import over
from broker import free_port
from divided import RunningRegistrar, desk_of, peopled
from own_keys import PASSPHRASE
from served import REASONS, Pages, pass_at, send
from toy import COUNT, TOY

import peelian.operations.office
from peelian.operations.dividing import divide
from peelian.operations.office import open_office

Both = tuple[Path, Pages, Pages]


@pytest.fixture(scope="module", params=["undivided", "divided"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """An office that one story after the other is told of: to begin its processes costs most of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
        yield from _served(tmp_path_factory.mktemp(request.param), divided=request.param == "divided")


def _served(folder: Path, *, divided: bool) -> Iterator[Both]:
    office, registrar = folder / "office", RunningRegistrar(folder / "registrar", folder / "socket")
    peopled(office)
    if divided:
        divide(office, registrar.folder, registrar.socket)
        registrar.start()
    one, other = Pages(office, free_port()), Pages(office, free_port())
    try:
        one.start()
        other.start()
        yield office, one, other
    finally:
        one.end()
        other.end()
        registrar.end()


def at(pages: Pages, browser: httpx.Client) -> httpx.Client:
    """The same browser, at another process's pages."""
    return pages.visitor(dict(browser.cookies))


def test_one_session_works_at_both_and_a_restart_loses_none(town: Both) -> None:
    office, one, other = town
    with open_office(office) as opened:  # a third process has it open as well
        desk, kernel = desk_of(opened), opened.kernel
        desk.authorizations(COUNT)
        dataset = desk.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells").dataset
    analyst, commander = one.logged_on("analyst"), other.logged_on("commander")
    asked = {"purpose": sorted(COUNT.asks.purposes)[0], "data.wells": dataset, "param.deepest": "30"}
    got = send(analyst, f"/en/ask/{COUNT.id}", **asked)
    assert got.status_code == 303, got.text[-2000:]
    case = got.headers["location"].rsplit("/", 1)[1]
    there, before = at(other, analyst), kernel.stores.log.size()
    locked = send(there, f"/en/cases/{case}/run")
    assert locked.status_code == 403 and "Unlock your signing key" in locked.text, "keys are unlocked in one process"
    assert kernel.stores.log.size() == before, "the run did not begin"
    assert send(there, "/en/step-up/passphrase", passphrase=PASSPHRASE).status_code == 303
    assert send(there, f"/en/cases/{case}/run").status_code == 303, "asked at one, run at the other"
    over(there, case)
    one.end(signal.SIGKILL)
    assert send(commander, f"/en/cases/{case}/decide", choice="accept", **REASONS).status_code == 303
    one.start()
    assert all(
        at(pages, who).get("/en/desk").status_code == 200 for pages in (one, other) for who in (analyst, commander)
    )
    other.end(signal.SIGTERM)
    other.start()
    assert REASONS["reasons"] in at(other, analyst).get(f"/en/cases/{case}").text
    custodian = other.logged_on("custodian")
    with kernel.lock:
        seated, token = kernel.state.seated, desk.people["analyst"].person.token
        session = next(session for session, who in seated.items() if who == token)
    assert send(custodian, "/en/sessions/end", session=session).status_code == 303
    assert analyst.get("/en/desk").status_code == 401, "ended at the other, and over here at once"
    with kernel.lock:
        ended = [dict(entry) for _, entry in kernel.stores.log.read(kinds=["SESSION_ENDED"])]
    assert [entry["session"] for entry in ended] == [session], "and nobody else's"


def test_codes_and_what_the_board_says_count_at_both(town: Both) -> None:
    office, one, other = town
    client = other.visitor()
    assert client.post("/en/log-on", data={"code": pass_at(office, "clerk")}).status_code == 303
    assert at(one, client).get("/en/desk").status_code == 200, "at once"
    assert send(one.logged_on("board"), "/en/log-off").status_code == 303
    assert at(one, client).get("/en/desk").status_code == 200, "one person's leaving is nobody else's"
    assert send(at(one, client), "/en/log-off").status_code == 303
    assert client.get("/en/desk").status_code == 401
