"""A real Chromium and the gates of every page: accessibility, reflow, keyboard, no script, no outside request."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright
from sizes import FULL

AXE = Path(__file__).resolve().parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # pages of one window share what was compiled, above all axe-core
]


SOFTWARE = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; the test is skipped, and says so, where it or axe-core is missing."""
    path = program()
    if path is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    if not AXE.is_file():
        pytest.skip("axe-core is missing: npm ci --ignore-scripts --prefix tests/web")
    expect.set_options(timeout=30_000)  # milliseconds: a slow machine fails no test
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def drawing(browser: Browser) -> Iterator[Browser]:
    """Another beside it that has WebGL, drawn in software: a process of tests has one Playwright."""
    flags = [*(flag for flag in FLAGS if flag != "--disable-gpu"), *SOFTWARE]
    with browser.browser_type.launch(executable_path=program(), args=flags) as other:
        yield other


def program() -> str | None:
    """Its engine without a desktop's windows, where that is installed: pages open at a fifth of the cost; else all."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


@contextmanager
def served(app: Any, *, port: int = 0) -> Iterator[str]:
    """The app on `port` (a free one) of this machine, for as long as the block runs; gives its address."""
    if not port:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@dataclass
class Visit:
    """One page open in one browser window, and what it asked for and complained about."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    policy: str = ""


@contextmanager
def visit(
    browser: Browser,
    address: str,
    *,
    width: int = 1280,
    storage_state: dict[str, Any] | None = None,
    reduced_motion: Any = None,
    **more: Any,
) -> Iterator[Visit]:
    """Open `address` in a window of its own; requests and console messages are kept."""
    idle = _IDLE.setdefault(browser, {}).setdefault(tuple(sorted(more.items())), [])
    window = idle.pop() if idle else Window(browser, **more)
    page = window.page(address, (storage_state or {}).get("cookies", ()))
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(reduced_motion=reduced_motion)
    seen = Visit(page=page, address=address)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("response", lambda answer: seen.missing.extend([answer.url] if _is_missing(answer) else []))
    answer = page.goto(address)
    seen.policy = answer.headers.get("content-security-policy", "") if answer else ""
    yield seen
    window.forget()
    idle.append(window)


class Window:
    """A window for one visit after another. Each finds it as a new one: no cookie, no store, no cache, no page.

    An empty page stays open, so that the process that draws the pages of a site lives on: a new one costs a second.
    """

    def __init__(self, browser: Browser, *, script: bool = True, **more: Any) -> None:
        self.context = browser.new_context(java_script_enabled=script, **more)
        self.empty = self.context.new_page()
        self.empty.route("**", lambda route: route.fulfill(body="", content_type="text/html"))
        self.devtools = self.context.new_cdp_session(self.empty)

    def page(self, address: str, cookies: Sequence[Any]) -> Page:
        """A page that begins with these cookies, beside an empty one of the same site."""
        where = urlsplit(address)
        if where.scheme.startswith("http") and urlsplit(self.empty.url).hostname != where.hostname:
            self.empty.goto(f"{where.scheme}://{where.netloc}/")
        self.context.add_cookies(cookies)
        return self.context.new_page()

    def forget(self) -> None:
        """Close what a visit opened, and keep nothing that it left."""
        for page in self.context.pages:
            if page is not self.empty:
                origin = urlsplit(page.url)._replace(path="", query="", fragment="").geturl()
                self.devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
                page.close()
        self.devtools.send("Network.clearBrowserCache")
        self.context.clear_cookies()


_IDLE: WeakKeyDictionary[Browser, dict[Any, list[Window]]] = WeakKeyDictionary()


def _is_missing(answer: Response) -> bool:
    """Whether a script, style or picture that a page names is not there."""
    return answer.status == 404 and answer.request.resource_type in {"script", "stylesheet", "image", "font"}


def gates(seen: Visit, *, own: tuple[str, ...]) -> dict[str, object]:
    """Every gate on an open page, as what each found; empty where the page passes all. `own` begins its addresses.

    The window is left narrow, dark and with large text. At full size (`make test-all`) its pictures, wide and light,
    narrow and dark, stay in SHOTS.
    """
    page = seen.page
    if FULL:
        _shots(seen)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")
    found: dict[str, object] = {
        "outside": [url for url in seen.requests if not url.startswith((*own, "data:"))],
        "complaints": [text for text in seen.complaints if "status of 404" not in text],
        "missing": seen.missing,
        "scripts": page.locator("script").count(),
        "axe": axe_violations(page),
        "keyboard": keyboard_faults(page),
        "no table": pictures_without_table(page),
        "small": small_targets(page),
        "moving": moving_parts(page),
    }
    page.emulate_media(media="print")
    found["printed"] = page.locator(".top nav:visible, .menu:visible, main form:visible").count()
    page.emulate_media(media="screen")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.emulate_media(color_scheme="dark")
    found["dark"] = axe_violations(page, ["color-contrast"])
    page.set_viewport_size({"width": 320, "height": 700})
    found["sideways at 320"] = sideways(page)
    found["narrow"] = small_targets(page) + axe_violations(page, ["scrollable-region-focusable", "target-size"])
    page.set_viewport_size({"width": 1280, "height": 700})
    page.evaluate("document.documentElement.style.fontSize = '212.5%'")
    found["sideways at twice the text"] = sideways(page)
    return {gate: faults for gate, faults in found.items() if faults}


def _shots(seen: Visit) -> None:
    """Keep what is on the screen, wide and light, then narrow and dark, under the page's address."""
    name = re.sub(r"c-[0-9a-f]{10}|[0-9a-f]{64}", "id", urlsplit(seen.address).path).strip("/").replace("/", "-")
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width, scheme in ((360, "dark"), (1280, "light")):
        seen.page.set_viewport_size({"width": width, "height": 800})
        seen.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        seen.page.screenshot(path=SHOTS / f"{name[-80:]}-{width}-{scheme}.jpg", type="jpeg", quality=60)


def axe_violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA and its best practices (or `rules` only): rule and element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": STANDARDS}
    found = page.evaluate("only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only)
    return [f"{v['id']}: {node['html'][:160]}" for v in found["violations"] for node in v["nodes"]]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth"))


FOCUSABLE = "a[href], button:not(:disabled), input, select, textarea, summary, [tabindex]:not([tabindex='-1'])"
_WALK = """q => {
  window.walk = [];
  window.look = () => {
    const e = document.activeElement, s = getComputedStyle(e), b = e.getBoundingClientRect();
    const x = (Math.max(b.left, 0) + Math.min(b.right, innerWidth)) / 2;
    const y = (Math.max(b.top, 0) + Math.min(b.bottom, innerHeight)) / 2;  // middle of what is on the screen of it
    const at = document.elementFromPoint(x, y);
    walk.push({
      index: [...document.querySelectorAll(q)].indexOf(e), tag: e.tagName,
      outlined: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2,
      seen: b.bottom > 0 && b.top < innerHeight && (e.contains(at) || (at && at.contains(e))),
    });
  };
  addEventListener('keydown', look, true);
  // of the radio buttons of a group Tab reaches the chosen one, and the arrows the others
  return [...document.querySelectorAll(q)].filter(e => e.checkVisibility() && (e.type != 'radio' || e.checked)).length;
}"""


def keyboard_faults(page: Page) -> list[str]:
    """Elements that Tab does not reach, or whose focus cannot be seen, walking through the whole page.

    The page itself looks at each element when Tab is pressed on it, and at the last one at the end.
    """
    wanted = page.evaluate(_WALK, FOCUSABLE)
    parts = 3 * page.locator("input[type=date]").count()  # day, month, year and the calendar are a stop each
    parts += 6 * page.locator("input[type=datetime-local]").count()  # and hour, minute, half of the day
    for _ in range(wanted + parts + 2):
        page.keyboard.press("Tab")
    walk = page.evaluate("() => { look(); removeEventListener('keydown', look, true); return walk; }")
    page.evaluate("document.activeElement.blur()")
    faults, reached = [], set()
    for focus in walk[1:]:
        if focus["index"] < 0:
            break
        if focus["index"] not in reached and not (focus["outlined"] and focus["seen"]):
            faults.append(f"{focus['tag']} number {focus['index']}: focus cannot be seen")
        reached.add(focus["index"])
    if len(reached) < wanted:
        faults.append(f"only {len(reached)} of {wanted} elements are reached by keyboard")
    return faults


def small_targets(page: Page, least: int = 24) -> list[str]:
    """Controls smaller than WCAG 2.2 (2.5.8) asks for; links within a sentence are exempt there."""
    return list(
        page.evaluate(
            """([q, least]) => [...document.querySelectorAll(q)].filter(e => {
                const b = e.getBoundingClientRect(), inline = getComputedStyle(e).display === 'inline';
                return e.checkVisibility() && !inline && !e.matches('.skip') && (b.width < least || b.height < least);
            }).map(e => e.outerHTML.slice(0, 120))""",
            [FOCUSABLE, least],
        )
    )


def pictures_without_table(page: Page) -> list[str]:
    """Pictures that have no table beside them."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll('svg.picture, img.shot')]
                .filter(e => !e.closest('figure')?.querySelector('details table'))
                .map(e => e.outerHTML.slice(0, 120))"""
        )
    )


def moving_parts(page: Page) -> int:
    """Animations and transitions on the page."""
    return int(
        page.evaluate(
            """() => document.getAnimations().length + [...document.querySelectorAll('*')]
                .filter(e => parseFloat(getComputedStyle(e).transitionDuration) > 0).length"""
        )
    )


def authenticator(page: Page, *, secrets: bool = False) -> tuple[Any, str]:
    """A virtual authenticator that verifies its person; the CDP session and its id. `secrets`: it has PRF."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "hasPrf": secrets,
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, str(made["authenticatorId"])
