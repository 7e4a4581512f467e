"""Panels as HTML: what technologies put together, framed for pages and reports."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from jinja2 import Environment
from markupsafe import Markup

from peelian.errors import InputError
from peelian.measure.table import Table
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Picture, Raster, Say

DRAWN = frozenset(
    ("svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "title", "desc")
) | {"image"}
"""The elements a picture may consist of: nothing that loads, runs, animates or styles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link beneath a table: where to, what it says, and the file name it is kept under."""

    href: str
    text: str
    download: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framed:
    """HTML ready for a page, and its contents: (anchor, title) of every section."""

    html: Markup
    contents: tuple[tuple[str, str], ...]


Links = Callable[[Table], Sequence[Link]]


def frame(
    panels: Sequence[Panel],
    say: Say,
    *,
    environment: Environment,
    deeper: int = 0,
    prefix: str = "s",
    links: Links = lambda table: (),
) -> Framed:
    """The panels in order; headings go `deeper` levels down and carry anchors that begin with `prefix`.

    `links` gives the links beneath a table that has a source. InputError: a picture holds what no picture may.
    """
    tones = {"good": say("This holds"), "warning": say("Note well"), "limit": say("What this cannot tell")}
    macros = environment.get_template("panels.html").make_module({"say": say, "tones": tones})
    parts: list[Markup] = []
    contents: list[tuple[str, str]] = []
    for number, panel in enumerate(panels, start=1):
        anchor = f"{prefix}{number}"
        if isinstance(panel, Heading):
            level = min(panel.level + deeper, 6)
            parts.append(Markup('<h{0} id="{1}">{2}</h{0}>').format(level, anchor, panel.text))
            if panel.level == 2:
                contents.append((anchor, panel.text))
        else:
            parts.append(_one(panel, macros, anchor, links))
    return Framed(html=Markup("\n").join(parts), contents=tuple(contents))


def _one(panel: Grid | Paragraph | Picture | Raster, macros: object, anchor: str, links: Links) -> Markup:
    """One panel through the macro of its kind."""
    macro: Callable[..., Markup] = getattr(macros, _MACROS[type(panel)])
    if isinstance(panel, Grid):
        return macro(panel, anchor, list(links(panel.source)) if panel.source else None)
    if isinstance(panel, Picture):
        return macro(panel, checked(panel.svg), anchor)
    if isinstance(panel, Raster):
        return macro(panel, data_uri(panel.png, "image/png"), anchor)
    return macro(panel)


_MACROS = {Grid: "table", Picture: "picture", Raster: "raster", Paragraph: "paragraph"}


def data_uri(content: bytes, kind: str) -> str:
    """The content itself as an address: nothing is fetched for it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def checked(svg: str) -> str:
    """The picture as it is, once nothing but drawing is found in it; InputError says what else there is. O(length).

    A picture comes from a technology, and the page's CSP would stop scripts and styles anyway: this is the second lock.
    """
    _Guard().feed(svg)
    return svg


class _Guard(HTMLParser):
    """Refuses every element and attribute a drawing does not need."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in DRAWN:
            raise InputError(f"a picture holds the element {tag[:20]}", accepted=", ".join(sorted(DRAWN)))
        for name, value in attrs:
            if name.startswith("on") or name == "style" or "url(" in (value or ""):
                raise InputError(f"a picture holds the attribute {name[:20]}", accepted="presentation attributes")
            if name in ("href", "xlink:href", "src") and not (value or "").startswith("data:image/png;base64,"):
                raise InputError("a picture refers to something outside itself", accepted="images as data")

    def handle_decl(self, decl: str) -> None:
        raise InputError("a picture holds a declaration", accepted="an svg element")

    def unknown_decl(self, data: str) -> None:
        raise InputError("a picture holds a declaration", accepted="an svg element")

    def handle_pi(self, data: str) -> None:
        raise InputError("a picture holds an instruction", accepted="an svg element")
