"""Templates into pages: the Jinja environment, the one style sheet, and how times are written."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request

from peelian.pictures.panels import Grid, Say
from peelian.pictures.words import day

LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français"}
FROM_PAGE = re.compile(r"https?://[^/]+/([a-z]{2})/")  # the language of a page by its address
DAY = re.compile(r"(\b\d{4}-\d{2}-\d{2}\b|\b\d{2} h \d{2}\b|`[^`]+`)")
OTHER: Mapping[str, str] = {"en": "fr", "fr": "en"}


def language_for(accepted: str) -> str:
    """French where a browser prefers it to English, else English (RFC 9110, section 12.5.4).

    >>> language_for("fr-CA,fr;q=0.9,en;q=0.8"), language_for("de,en;q=0.5,fr;q=0.3"), language_for("")
    ('fr', 'en', 'en')
    """
    weights = {"en": 0.0, "fr": 0.0}
    for part in accepted.split(","):
        tag, _, weight = part.strip().partition(";q=")
        primary = tag.partition("-")[0].lower()
        if primary in weights:
            try:
                weights[primary] = max(weights[primary], float(weight or 1))
            except ValueError:
                continue
    return "fr" if weights["fr"] > weights["en"] else "en"


def language_of(request: Request) -> str:
    """The language of an address, else of the page that led there, else the one the browser prefers."""
    first, page = request.url.path.split("/")[1], FROM_PAGE.match(request.headers.get("referer", ""))
    if first not in LANGUAGES and page:
        first = page[1]
    return first if first in LANGUAGES else language_for(request.headers.get("accept-language", ""))


@cache
def environment() -> Environment:
    """The templates of the web door; everything is escaped, and an unknown name is an error, not a blank."""
    made = Environment(
        loader=PackageLoader("peelian.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
    )
    made.tests["wide"] = is_wide
    made.globals["asset"] = asset
    made.globals["day"] = day
    made.filters["unbroken"] = unbroken
    made.filters["capital"] = capital
    return made


def capital(text: str) -> str:
    """The text with a capital first letter; the rest stays as it is.

    >>> capital("oversight board"), capital("ATRS record"), capital("")
    ('Oversight board', 'ATRS record', '')
    """
    return text[:1].upper() + text[1:]


def unbroken(text: str) -> Markup:
    """The text with its days (2024-05-31) and French times (09 h 00) held together, as a line would break in them, and
    with its commands, which stand between backticks, as code.

    >>> unbroken("from 2024-05-31 < on: `peelian demo`")
    Markup('from <span class="whole">2024-05-31</span> &lt; on: <code>peelian demo</code>')
    """
    whole, code = Markup('<span class="whole">{}</span>'), Markup("<code>{}</code>")
    return Markup("").join(
        (code.format(part[1:-1]) if part[0] == "`" else whole.format(part)) if i % 2 else escape(part)
        for i, part in enumerate(DAY.split(text))
    )


def is_wide(grid: Grid) -> bool:
    """Whether a table may not fit the narrowest window (320 pixels), so that it must scroll and be reached by keyboard.

    A column is at least as wide as its longest word, a numeric one as its longest cell; some 30 characters fit.
    """
    total = 0
    for i, title in enumerate(grid.titles):
        cells = [row[i] for row in grid.rows]
        words = [word for text in (title, *([] if i in grid.numeric else cells)) for word in text.split()]
        widest = max((len(word) for word in words if len(word) <= 32), default=0)
        widest = max([widest, *(len(cell) for cell in cells if i in grid.numeric)])
        total += max(widest, 11 if i == 0 else 0) + 2
    return total > 30


def macro(template: str, name: str, say: Say) -> Callable[..., Markup]:
    """One macro of a template, to be called from Python."""
    found: Callable[..., Markup] = getattr(environment().get_template(template).make_module({"say": say}), name)
    return found


@cache
def statics() -> frozenset[str]:
    """The names of the files in the static folder: these are served, and nothing else is."""
    return frozenset(file.name for file in (resources.files("peelian.web") / "static").iterdir() if file.is_file())


@cache
def static(name: str) -> bytes:
    """A file of the static folder."""
    return (resources.files("peelian.web") / "static" / name).read_bytes()


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes when the file does, so that browsers may keep what they have."""
    return f"/static/{name}?{digest_of(static(name))}"


def digest_of(content: bytes) -> str:
    """A short digest that changes an address when its content changes."""
    return hashlib.sha256(content).hexdigest()[:12]


def csp_hash(text: str) -> str:
    """The content-security-policy source that allows exactly this inline text (CSP level 3, hash-source)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
