"""The story of a city's server: nginx with TLS, the city's own log-on, pages and registrar, each a process of its own.

An analyst asks in a browser, others decide and publish, everybody reads it; then things go wrong: texts too large, a
registrar killed in the middle of an act, its socket gone, and a visitor who says to be somebody else.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx
import pytest
from authentication import over
from broker import free_port
from browser import chromium, visit
from divided import RunningRegistrar, begun, desk_of, ended, passable, peopled
from line import Line
from nginx import Front, front_in, nginx
from own_keys import PASSPHRASE
from served import REASONS, Pages, send
from toy import COUNT, TOY

import peelian.operations.office
from peelian.operations.dividing import divide
from peelian.operations.office import open_office
from peelian.storage.private_files import put_private

pytest.importorskip("oidc_provider_mock", reason="oidc-provider-mock is not installed: uv sync --all-groups")
REGISTRAR = 61_001 if os.getuid() == 0 else None
SUBJECTS = {"7001": "analyst", "7002": "commander", "7003": "clerk"}
LOG_ON = """
address = "{where}"

[provider]
name = "City of Example"
issuer = "http://localhost:{port}"
client = "peelian"

[provider.people]
"""


@dataclass
class City:
    """The server: its processes, and a dataset to ask about."""

    office: Path
    front: Front
    registrar: RunningRegistrar
    line: Line
    dataset: str

    def visitor(self) -> httpx.Client:
        """Somebody at the address of the city, who checks its certificate."""
        own = {"origin": self.front.where}
        return httpx.Client(base_url=self.front.where, verify=self.front.trust, headers=own, timeout=120)

    def logged_on(self, subject: str) -> httpx.Client:
        """A person whom the city's provider vouched for, their key unlocked."""
        client = self.visitor()
        out = client.post("/en/log-on/provider")
        found = re.search(r'content="0;url=([^"]+)"', out.text)
        assert out.status_code == 200 and found is not None, out.text[-2000:]
        back = httpx.post(unescape(found[1]), data={"sub": subject}, timeout=60).headers["location"]
        assert back.startswith(f"{self.front.where}/log-on/callback?")
        came = client.get(back)
        assert came.status_code == 200, came.text[-2500:]
        got = send(client, "/en/step-up/passphrase", passphrase=PASSPHRASE)
        assert got.status_code == 303, got.text[-2000:]
        return client

    def kinds_of(self, case: str) -> list[str]:
        """What the log says of a case, read at the terminal."""
        with open_office(self.office) as office, office.kernel.lock:
            return [str(entry["kind"]) for _, entry in office.kernel.stores.log.read() if entry.get("case") == case]


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    with passable() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
        office, here, run = folder / "office", folder / "pages.sock", folder / "run"
        front, provider, port = front_in(folder), free_port(), free_port()
        peopled(office)
        people = "".join(f'"{subject}" = "{short}"\n' for subject, short in SUBJECTS.items())
        (office / "log-on.toml").write_text(LOG_ON.format(where=front.where, port=provider) + people)
        put_private(office / "keys" / "provider.secret", b"told by the provider")
        divide(office, folder / "registrar", here, owner=str(REGISTRAR or ""))
        run.mkdir()
        if REGISTRAR:
            os.chown(run, REGISTRAR, REGISTRAR)
        own = (str(os.getuid()),)
        registrar = RunningRegistrar(folder / "registrar", run / "socket", own, user=REGISTRAR, group=REGISTRAR)
        registrar.start()
        line, pages = Line(here, run / "socket"), Pages(office, port, ("--proxy", "127.0.0.1"))
        with open_office(office) as opened:
            desk = desk_of(opened)
            desk.authorizations(COUNT)
            dataset = desk.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells").dataset
        login = [str(Path(sys.executable).with_name("oidc-provider-mock")), "--port", str(provider)]
        vouching = begun(login, lambda: _listens(provider))
        try:
            pages.start()
            with nginx(front, folder, port):
                yield City(office, front, registrar, line, dataset)
        finally:
            pages.end()
            line.close()
            registrar.end()
            ended(vouching)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def asked(city: City, analyst: httpx.Client) -> str:
    """A case that was asked for and run."""
    fields = {"purpose": sorted(COUNT.asks.purposes)[0], "data.wells": city.dataset, "param.deepest": "30"}
    got = send(analyst, f"/en/ask/{COUNT.id}", **fields)
    assert got.status_code == 303, got.text[-2000:]
    case = got.headers["location"].rsplit("/", 1)[1]
    got = send(analyst, f"/en/cases/{case}/run")
    assert got.status_code == 303, got.text[-2000:]
    over(analyst, case)
    return case


@pytest.mark.browser
def test_a_person_asks_in_a_browser_and_everybody_reads_what_was_decided(city: City) -> None:
    where = city.front.where
    with chromium() as browser, visit(browser, f"{where}/en/log-on", ignore_https_errors=True) as seen:
        page = seen.page
        page.get_by_role("button", name="Log on with City of Example").click()
        page.locator("[name=sub]").fill("7001")
        page.locator("[name=sub]").press("Enter")
        page.get_by_role("heading", name="My work").wait_for()
        (cookie,) = [one for one in page.context.cookies() if one["name"] == "__Host-peelian"]
        assert cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "Strict"
        page.goto(f"{where}/en/ask/{COUNT.id}")
        page.locator('[name="data.wells"]').select_option(city.dataset)
        page.locator('main form button[type="submit"]').last.click()
        page.locator("#passphrase").fill(PASSPHRASE)  # the provider's word unlocks no key
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Send now").click()
        page.wait_for_url("**/en/cases/c-*")
        case = page.url.rsplit("/", 1)[1]
        page.locator('form[action$="/run"] button').click()
        page.get_by_role("heading", name="Decision").first.wait_for()
    commander, clerk = city.logged_on("7002"), city.logged_on("7003")
    over(commander, case)
    got = send(commander, f"/en/cases/{case}/decide", choice="accept", **REASONS)
    assert got.status_code == 303, got.text[-2000:]
    assert send(clerk, f"/en/cases/{case}/publish", statement="wells were counted").status_code == 303
    read = city.visitor().get(f"/en/register/{case}")
    assert read.status_code == 200 and "wells were counted" in read.text
    assert read.headers["strict-transport-security"].startswith("max-age=") and "nginx/" not in str(read.headers)
    assert read.headers["content-security-policy"].startswith("default-src 'none'")
    kinds = city.kinds_of(case)
    assert [kinds.count(kind) for kind in ("ASKED", "RAN", "DECIDED", "PUBLISHED")] == [1, 1, 1, 1]


def test_a_text_too_large_for_the_pages_or_for_nginx_is_said_to_be_and_changes_nothing(city: City) -> None:
    case = asked(city, city.logged_on("7001"))
    commander = city.logged_on("7002")
    commander.get(f"/en/cases/{case}")
    before = city.kinds_of(case)
    for size, status, says in (
        (300_000, 400, "256 KiB"),
        (1 << 20, 413, "Trop volumineux"),
        (1 << 26, 413, "Too large"),
    ):
        got = send(commander, f"/en/cases/{case}/decide", choice="accept", reasons="x" * size)
        assert got.status_code == status and says in got.text, got.text[-500:]
    assert city.kinds_of(case) == before
    assert send(commander, f"/en/cases/{case}/decide", choice="accept", **REASONS).status_code == 303


def test_another_name_or_no_tls_gets_nowhere(city: City) -> None:
    plain = httpx.get(f"http://localhost:{city.front.plain_port}/en/log?a=1", timeout=60)
    assert plain.status_code == 308 and plain.headers["location"] == "https://localhost/en/log?a=1"
    other = city.visitor().get("/en/log", headers={"host": "evil.example"})
    assert other.status_code == 421 and "This is not the address" in other.text
    from_elsewhere = city.visitor().post("/en/log-on", data={"code": "x"}, headers={"origin": "https://evil.example"})
    assert from_elsewhere.status_code == 403


@pytest.mark.parametrize("moment", ["before it was signed", "when it was done"])
def test_a_registrar_that_is_killed_in_the_middle_of_an_act_loses_nothing(city: City, moment: str) -> None:
    case = asked(city, city.logged_on("7001"))
    commander, done = city.logged_on("7002"), moment == "when it was done"
    marks = (b'"ok"', b'"choice"') if done else (b'"sign"',)
    city.line.cut = _killing(city.registrar, marks)
    got = send(commander, f"/en/cases/{case}/decide", choice="accept", **REASONS)
    city.line.cut = lambda data: False
    assert city.registrar.process is not None and city.registrar.process.poll() == -signal.SIGKILL
    city.registrar.end(signal.SIGKILL)
    city.registrar.start()
    assert "look there before doing it again" in got.text and got.status_code == 503, got.text[-1500:]
    assert REASONS["reasons"] in got.text, "what was typed is kept"
    assert city.kinds_of(case).count("DECIDED") == done
    again = send(commander, f"/en/cases/{case}/decide", choice="accept", **REASONS)
    assert again.status_code == (409 if done else 303), again.text[-1500:]
    assert city.kinds_of(case).count("DECIDED") == 1
    with open_office(city.office) as office:
        assert office.verdict().ok


def _killing(registrar: RunningRegistrar, marks: tuple[bytes, ...]) -> Callable[[bytes], bool]:
    """Kills the registrar as soon as it answers with these, before the pages read it."""

    def cut(data: bytes) -> bool:
        if not all(mark in data for mark in marks) or registrar.process is None:
            return False
        registrar.process.kill()
        registrar.process.wait()
        return True

    return cut


def test_while_the_registrar_s_socket_is_gone_pages_say_so_and_go_on_when_it_is_back(city: City) -> None:
    case = asked(city, city.logged_on("7001"))
    commander, form = city.logged_on("7002"), ""
    form = _form(commander)
    city.registrar.end(signal.SIGTERM)
    assert not city.registrar.socket.exists()
    got = commander.post(f"/en/cases/{case}/decide", data={"form": form, "choice": "accept", **REASONS})
    assert got.status_code == 503 and "See that its service runs, then do it again" in got.text, got.text[-1500:]
    assert REASONS["reasons"] in got.text, "what was typed is kept"
    city.registrar.start()
    assert city.kinds_of(case).count("DECIDED") == 0
    assert send(commander, f"/en/cases/{case}/decide", choice="accept", **REASONS).status_code == 303


def _form(client: httpx.Client) -> str:
    found = re.search(r'name="form" value="([^"]+)"', client.get("/en/desk").text)
    assert found is not None
    return found[1]


def test_whoever_guesses_codes_is_one_visitor_whatever_they_say_of_themselves(city: City) -> None:
    """The last test: from then on nobody at this address comes in for five minutes."""
    guesses = [
        city.visitor().post("/en/log-on", data={"code": f"AAAA-000{n}"}, headers={"x-forwarded-for": f"203.0.113.{n}"})
        for n in range(6)
    ]
    assert [got.status_code for got in guesses] == [403] * 6
    assert "Wait five minutes" in guesses[-1].text and "Wait five minutes" not in guesses[0].text
