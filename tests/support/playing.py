"""Somebody who plays a role in the demonstration town: they follow links, press buttons and fill in fields.

They type no address and read no sentence. What they look for they find by address, id, name or role, so that one
story is played in both languages and at every width.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser import SHOTS, Visit, served, sideways, visit
from demo_town import Built
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

from peelian.demos.switch import playing
from peelian.operations.office import Office

WIDE, NARROW = 1280, 360
MATRIX = bool(os.environ.get("PEELIAN_TESTS_MATRIX"))
"""Whether every story is played in both languages at both widths; else in one language at one width."""

SLOW = 120_000  # milliseconds that a run may take on a slow machine


def in_the_matrix(language: str, width: int) -> pytest.MarkDecorator:
    """The language and width of a story; all four pairs of them where the whole matrix is asked for."""
    pairs = [(one, other) for one in ("en", "fr") for other in (WIDE, NARROW)] if MATRIX else [(language, width)]
    return pytest.mark.parametrize(("language", "width"), pairs)


@dataclass
class Ahead:
    """The machine's clock, and what a story sets it ahead by."""

    by: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


@dataclass
class Player:
    """One window in which roles of the town are played. Every page that opens is looked at as it comes."""

    seen: Visit
    office: Office
    clock: Ahead
    address: str
    language: str
    width: int
    errors: list[str]
    who: str = "nobody"
    pages: int = 0

    @property
    def page(self) -> Page:
        return self.seen.page

    @property
    def at(self) -> str:
        """Where they are, without the language's part: "/desk"."""
        path = re.sub(r"^https?://[^/]+", "", self.page.url)
        return path.removeprefix(f"/{self.language}")

    def find(self, where: str) -> Locator:
        """What they see of it in the page."""
        return self.page.locator(f"main {where}").filter(visible=True)

    def text(self, where: str = "") -> str:
        """What they read there."""
        return self.page.locator(f"main {where}").first.inner_text()

    def sees(self, *where: str) -> None:
        """Each of it is shown."""
        for one in where:
            expect(self.find(one).first, f"{one} at {self.at}").to_be_visible()

    def never_sees(self, *where: str) -> None:
        """None of it is in the page, not even hidden."""
        for one in where:
            assert not self.page.locator(one).count(), f"{one} at {self.at}"

    def plays(self, who: str) -> None:
        """Go on as somebody of the town, or as "nobody", with the switch; they come to their own page."""
        self.who, bar = who, self.page.locator(".play .who")
        if bar.get_attribute("open") is None:
            bar.locator("summary").click()
        self._goes(bar.locator(f"button[value={who}]"))

    def follows(self, to: str) -> None:
        """Follow a link to this address, in the page, its head or the menu; else the page's first that begins so."""
        exact, begins = (f'a[href{how}="/{self.language}{to}"]' for how in ("", "^"))
        for where in (f"main {exact}", f".top {exact}"):
            if (link := self.page.locator(where).filter(visible=True).first).count():
                return self._goes(link)
        if (link := self.page.locator(f".menu {exact}").first).count():
            self.page.locator(".menu summary").click()
            return self._goes(link)
        assert self.find(begins).count(), f"no link from {self.at} to {to}"
        return self._goes(self.find(begins).first)

    def presses(self, where: str) -> None:
        """Press a button, and wait for the page that comes."""
        self._goes(self.find(where).first)

    def opens(self, where: str) -> None:
        """Unfold a part of the page."""
        self.find(f"{where} > summary").first.click()

    def writes(self, **fields: str) -> None:
        """Write into fields, by their names."""
        for name, text in fields.items():
            self.find(f'[name="{name}"]').first.fill(text)

    def chooses(self, name: str, value: str = "") -> None:
        """Choose of a list, or the button or box of this value; of a list the second entry, where no value is told."""
        field = self.find(f'[name="{name}"]').first
        if field.evaluate("e => e.tagName") != "SELECT":
            self.find(f'[name="{name}"]' + (f'[value="{value}"]' if value else "")).first.check()
        elif value:
            field.select_option(value)
        else:
            field.select_option(index=1)

    def of_option(self, part: str) -> str:
        """The whole text of the first entry of a list that holds it."""
        return str(self.page.locator("main option", has_text=part).first.evaluate("e => e.text"))

    def brings(self, file: Path) -> None:
        """Choose a file, send it and wait until it was read: its page shows what was found, or what is wrong."""
        self.page.locator("main input[type=file]").set_input_files(file)
        self.page.locator("form#upload button[type=submit]").click()
        self.page.wait_for_url("**/uploads/*", timeout=SLOW)
        expect(self.page.locator("main progress")).to_have_count(0, timeout=SLOW)
        self._looks(None)

    def sends(self, form: str = "form") -> None:
        """Send a form of the page."""
        self.presses(f"{form} button[type=submit]")

    def confirms(self, who: str) -> None:
        """Confirm who they are where a page asks for it, with a code of their key at the terminal; go on from there."""
        assert self.office.authentication is not None
        self.follows("/step-up?to=")
        self.writes(code=self.office.authentication().passes.leave(who, self.office.keys.of(who)))
        self.sends("form:has([name=code])")

    def waits_for_the_run(self) -> None:
        """Stay with the page of a run until it has ended."""
        expect(self.page.locator("#running")).to_have_count(0, timeout=SLOW)
        self._looks(None)

    def shot(self) -> None:
        """Keep a picture of the page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"c-[0-9a-f]{10}|[0-9a-f]{16,}", "id", self.at.partition("?")[0]).strip("/").replace("/", "-")
        path = SHOTS / f"story-{self.who}-{self.pages:02}-{name[-60:]}-{self.language}-{self.width}.jpg"
        self.page.screenshot(path=path, type="jpeg", quality=60, full_page=True)

    def _goes(self, what: Locator) -> None:
        with self.page.expect_navigation(timeout=SLOW) as came:
            what.click()
        self._looks(came.value)

    def _looks(self, answer: Response | None) -> None:
        """A page is in their language, as wide as their window, and nothing of it broke."""
        self.page.wait_for_load_state()
        self.pages += 1
        assert self.page.locator("html").get_attribute("lang") == self.language, self.at
        if MATRIX:
            self.shot()
        assert sideways(self.page) <= 0, f"{self.at} is {sideways(self.page)} pixels too wide at {self.width}"
        heads = self.page.locator("body:not(.console) > header.top").evaluate_all("all => all.map(e => e.clientHeight)")
        assert self.width < WIDE or max(heads, default=0) < 80, f"the head of {self.at} takes two lines"
        assert answer is None or answer.status < 500, f"{self.at}: {answer.status}"
        assert not self.errors, (self.at, self.errors)
        outside = [url for url in self.seen.requests if not url.startswith((self.address, "data:", "blob:"))]
        assert not outside, (self.at, outside)
        assert not self.seen.missing, (self.at, self.seen.missing)


def _wrong(said: ConsoleMessage) -> list[str]:
    """What the console says is wrong; an answer that refuses is none: the page shows it."""
    return [said.text] if said.type == "error" and "status of 4" not in said.text else []


@contextmanager
def visitor(built: Built, where: Path, browser: Browser, language: str, width: int) -> Iterator[Player]:
    """Somebody at the home page of a copy of the town, who plays nobody yet."""
    clock = Ahead()
    with (
        built.copy(where / "town", clock=clock) as office,
        playing(office) as app,
        served(app) as address,
        visit(browser, f"{address}/{language}/", width=width) as seen,
    ):
        seen.page.set_default_timeout(20_000)
        errors: list[str] = []
        seen.page.on("pageerror", lambda error: errors.append(str(error)))
        seen.page.on("console", lambda said: errors.extend(_wrong(said)))
        yield Player(seen, office, clock, address, language, width, errors)
        seen.page.goto("about:blank")
