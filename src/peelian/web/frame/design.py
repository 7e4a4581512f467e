"""The design page: every token of the style sheet and every part of a page, made with what the pages themselves use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.operations.office import Office
from peelian.pictures.charts import Bars, Interval, Series, bars, intervals, lines
from peelian.pictures.maps import CellMap, grid_map
from peelian.pictures.panels import Grid, Panels, Paragraph, Say
from peelian.web.framing import frame
from peelian.web.pages import LANGUAGES, static

USES: Mapping[str, str] = {
    "page": "background of a page",
    "card": "background of cards and fields",
    "band": "table heads and the foot",
    "ink": "text",
    "soft": "secondary text",
    "rule": "lines between rows",
    "strong-rule": "edges of fields",
    "head": "background of the page head",
    "head-ink": "text of the page head",
    "accent": "links, buttons, focus",
    "warm": "large figures",
    "good": "met, published",
    "warning": "cautions, faults",
    "limit": "what the figures cannot tell",
    "stop": "suspended, urgent",
    **{f"m{n}": "a series of a chart" for n in range(8)},
}
"""What each colour is for."""

LINES = frozenset({"strong-rule", *(f"m{n}" for n in range(8))})
"""Colours of lines and marks: contrast of 3 or more (WCAG 1.4.11); of text it is 4.5 or more (1.4.3)."""
GROUNDS = frozenset({"page", "card", "band", "rule", "head"})
SCALES = ("text", "space", "round")


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """A colour by day and by night, and its contrast with what it stands on; 0 for what itself is a ground."""

    name: str
    light: str
    dark: str
    contrast: float
    contrast_dark: float


def tokens() -> tuple[dict[str, str], dict[str, str]]:
    """The custom properties of the style sheet, light, and dark where they differ."""
    sheet = static("peelian.css").decode()
    light, dark = (block.partition("}")[0] for block in sheet.split(":root {")[1:3])
    return _properties(light), _properties(dark)


def _properties(block: str) -> dict[str, str]:
    """The custom properties of a block of declarations, by their names without dashes. O(characters)."""
    pairs = (line.strip().partition(": ") for line in block.split(";"))
    return {name.removeprefix("--"): value for name, _, value in pairs if name.startswith("--")}


def colours() -> list[Colour]:
    """Every colour with a use. Contrast is with the band, on which text is read least well; in the head, with it."""
    light, dark = tokens()
    dark = light | dark
    return [
        Colour(
            name=name,
            light=light[name],
            dark=dark[name],
            contrast=_on_its_ground(name, light),
            contrast_dark=_on_its_ground(name, dark),
        )
        for name in USES
    ]


def _on_its_ground(name: str, known: Mapping[str, str]) -> float:
    ground = "head" if name == "head-ink" else "card" if name in LINES else "band"
    return 0.0 if name in GROUNDS else contrast(known[name], known[ground])


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, relative luminance), 1 to 21.

    >>> contrast("#ffffff", "#000000"), round(contrast("#777777", "#ffffff"), 2)
    (21.0, 4.48)
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def add_design_page(app: FastAPI, office: Office, show: Callable[..., Response]) -> None:
    """The page in both languages."""

    @app.get("/{language}/design", include_in_schema=False)
    def page(request: Request, language: str) -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        say = office.say(language)
        light, _ = tokens()
        values = {
            "colours": [(one, say(USES[one.name])) for one in colours()],
            "scales": {scale: [n for n in light if n.startswith(f"{scale}-")] for scale in SCALES},
            "notices": frame(_notices(say), say).html,
            "tables": frame(_tables(say), say).html,
            "charts": frame(_charts(say), say).html,
        }
        return show(request, "design.html", title=say("Design"), **values)


def _notices(say: Say) -> Panels:
    text = say("One fact in a short sentence.")
    return [Paragraph(text=text, tone=tone) for tone in ("good", "limit", "warning")]


def _tables(say: Say) -> Panels:
    titles = (say("Group"), say("Number"), say("Share"))
    rows = (
        ("A", say("%(n)d", n=1204), say("%(share).1f%%", share=61.4)),
        ("B", "757", say("%(share).1f%%", share=38.6)),
    )
    plain = Grid(caption=say("A table"), titles=titles, rows=rows, numeric=frozenset({1, 2}))
    return [plain, Grid(caption=say("A folded table"), titles=titles, rows=rows, folded=True)]


def _charts(say: Say) -> Panels:
    x = np.linspace(0, 1, 21)
    curves = [Series(name="A", x=x, y=x**0.5, low=x**0.6, high=x**0.4), Series(name="B", x=x, y=x**0.8)]
    rows = [Interval(label="A", value=0.2, low=0.1, high=0.3), Interval(label="B", value=0.5, low=0.35, high=0.65)]
    row, col = np.divmod(np.arange(96), 12)
    values = 9 / (1 + np.hypot(row - 3, col - 5))
    cells = CellMap(row=row, col=col, values=values, cell_metres=250.0, marked=[41], marked_title=say("Selected"))
    told: dict[str, Any] = {"alternative": say("Example figures."), "say": say}
    share, number = say("Share"), say("Number")
    return [
        lines(curves, x_title=share, y_title=share, caption=say("Curves with a band"), percent=True, **told),
        intervals(rows, value_title=share, caption=say("Values with intervals"), percent=True, **told),
        bars(["A", "B"], [Bars(name=number, values=[3, 4])], value_title=number, caption=say("Bars"), **told),
        grid_map(cells, value_title=number, statement=say("Example figures."), caption=say("Map and legend"), **told),
    ]
