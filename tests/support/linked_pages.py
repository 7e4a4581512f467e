"""Every page and file that links lead to, from a person's first page on: what a reader who follows all of them gets."""

from __future__ import annotations

import html
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from fastapi.routing import APIRoute
from starlette.routing import Match

LINK = re.compile(r"""(?:href|src|action|formaction)\s*=\s*["']([^"']+)["']|["'](/[a-z][^"'\s<>\\]*)["']""")
NO_PAGES = ("/static/", "/api/openapi")  # scripts and styles; what the API is, without data
ENDLESS = ("progress", "console/events")


def answers(app: Any, client: Any, starts: Sequence[str], most: int) -> Iterator[tuple[str, Any]]:
    """Every address that is reached, with what is answered. Of one route at most `most` addresses are asked, and as
    many more with a query; of log entries, which are alike, those that `starts` name. O(pages)."""
    known, asked, waiting = set(starts), Counter[tuple[str, bool]](), deque(starts)
    while waiting:
        address = waiting.popleft()
        of = (route_of(app, address), "?" in address)
        asked[of] += 1
        if not of[0] or asked[of] > most:
            continue
        got = client.get(address)
        yield address, got
        found = [got.headers["location"]] if "location" in got.headers else links(got)
        for link in found:
            whole = urlsplit(urljoin(str(client.base_url) + address, html.unescape(link)))
            to = whole.path + ("?" + whole.query if whole.query else "")
            if whole.netloc == urlsplit(str(client.base_url)).netloc and to not in known and not is_left(to):
                known.add(to)
                waiting.append(to)


def links(got: Any) -> list[str]:
    kind = got.headers.get("content-type", "")
    if not kind.startswith(("text/", "application/json", "application/xml", "application/atom", "application/geo")):
        return []
    return [one or other for one, other in LINK.findall(got.text)]


def is_left(address: str) -> bool:
    return address.startswith(NO_PAGES) or address.partition("?")[0].endswith(ENDLESS)


def route_of(app: Any, address: str) -> str:
    """The pattern of the route that answers an address; "" where none does."""
    scope = {"type": "http", "method": "GET", "path": unquote(address.partition("?")[0]), "root_path": ""}
    for route in app.routes:
        if route.matches(scope)[0] is Match.FULL:
            return str(route.path)
    return ""


def without_parts(app: Any) -> list[str]:
    """The addresses of routes that are read and have no part but the language."""
    found = [route.path for route in app.routes if isinstance(route, APIRoute) and "GET" in route.methods]
    return sorted(
        {
            path.replace("{language}", language).replace("{kind}", kind)
            for path in found
            for language in ("en", "fr")
            for kind in ("csv", "json", "geojson")
            if not re.search(r"\{(?!language|kind)", path) and not is_left(path)
        }
    )
