"""Panels as HTML: what technologies put together, framed for pages and reports."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from markupsafe import Markup

from peelian.errors import InputError
from peelian.measure.table import Table
from peelian.pictures.panels import Choice, Grid, Heading, Panel, Paragraph, Picture, Say
from peelian.web.pages import environment

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
class Entry:
    """A line of a page's contents: the section's anchor, its title, and its level (2 or 3)."""

    anchor: str
    text: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Framed:
    """HTML ready for a page, and its contents."""

    html: Markup
    contents: tuple[Entry, ...]


Links = Callable[[Table], Sequence[Link]]


def frame(panels: Sequence[Panel], say: Say, *, links: Links = lambda table: (), anchors: str = "s") -> Framed:
    """The panels in order, as HTML; notes of one tone that follow one another share a frame.

    `links` gives the links beneath a table that has a source; `anchors` begin the names of what can be linked to.
    InputError: a picture holds what no picture may.
    """
    macros = environment().get_template("panels.html").make_module({"say": say, "tones": tones(say)})
    parts: list[Markup] = []
    contents: list[Entry] = []
    folded: Heading | None = None  # whose section goes on
    for number, part in enumerate(joined(panels), start=1):
        anchor = f"{anchors}{number}"
        if isinstance(part, Heading):
            title = Markup('<h{0} id="{1}">{2}</h{0}>').format(part.level, anchor, part.text)
            if folded and part.level <= folded.level:
                parts.append(Markup("</details>"))
                folded = None
            if part.folded:
                folded, title = part, Markup('<details class="part"><summary>{}</summary>').format(title)
            parts.append(title)
            contents.append(Entry(anchor=anchor, text=part.text, level=part.level))
        else:
            parts.append(_one(part, macros, anchor, links))
    parts += [Markup("</details>")] if folded else []
    return Framed(html=Markup("\n").join(parts), contents=tuple(entry for entry in contents if entry.level <= 3))


Notes = list[Paragraph]  # of one tone, following one another


def tones(say: Say) -> dict[str, str]:
    """What a note says it is, by its tone: colour is never the only sign."""
    return {"good": say("Confirmed"), "warning": say("Caution"), "limit": say("Limits")}


def joined(panels: Sequence[Panel]) -> list[Heading | Grid | Picture | Choice | Notes]:
    """The panels with runs of paragraphs of one tone put together."""
    together: list[Heading | Grid | Picture | Choice | Notes] = []
    for panel in panels:
        if not isinstance(panel, Paragraph):
            together.append(panel)
        elif together and isinstance(together[-1], list) and together[-1][0].tone == panel.tone:
            together[-1].append(panel)
        else:
            together.append([panel])
    return together


def _one(part: Grid | Picture | Choice | Notes, macros: object, anchor: str, links: Links) -> Markup:
    folded = isinstance(part, Grid) and part.folded
    macro: Callable[..., Markup] = getattr(macros, "folded" if folded else _MACROS[type(part)])
    if isinstance(part, Grid):
        return macro(part, anchor, list(links(part.source)) if part.source else None)
    if isinstance(part, Picture):
        checked(part.broad)
        return macro(part, checked(part.svg), anchor)
    if isinstance(part, Choice):
        return macro(part, anchor)
    return macro([note.text for note in part], part[0].tone)


_MACROS: dict[type, str] = {Grid: "table", Picture: "picture", Choice: "choice", list: "notes"}


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
