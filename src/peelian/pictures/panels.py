"""What a page can show, as plain nouns: the web door and the HTML and PDF reports frame them, technologies fill them.

Text in panels is already in the reader's language: a view gets a `Say` and passes every sentence through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from peelian.measure.table import Table

Say = Callable[..., str]
"""`say("%(n)d incidents", n=3)`: the sentence in the reader's language with its values filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A section's title (level 2 or 3; the page owns level 1)."""

    text: str
    level: int = 2
    answers: bool = False  # its section is part of the view's answer, which stands open on the first page
    folded: bool = False  # on a page its section opens at this title; on paper it is whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Plain text; `tone` is plain, good, warning or limit (what the figures cannot tell)."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table for people: captions, column titles and cells as text; numeric columns are right-aligned."""

    caption: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    source: Table | None = None  # where given, the page links it as CSV and JSON
    folded: bool = False  # a long table: on a page it opens at its caption, on paper it is whole


class Column(NamedTuple):
    """A column of a table: its title, what it says of a row, and whether that is a number."""

    title: str
    cell: Callable[[Any], str]
    numeric: bool = False


def tabled(
    rows: Iterable[Any],
    columns: Sequence[Column | tuple[str, Callable[[Any], str]]],
    *,
    caption: str,
    numeric: Iterable[int] = (),
    source: Table | None = None,
    folded: bool = False,
) -> Grid:
    """A Grid with a line for each of `rows`. A column is its title, and what it says of a row; `numeric` are the
    places of columns of numbers that do not say so themselves.

    >>> tabled([{"n": 3}], [("Number", lambda row: str(row["n"]))], caption="Counts").rows
    (('3',),)
    """
    made = [Column(*column) for column in columns]
    return Grid(
        caption=caption,
        titles=tuple(column.title for column in made),
        rows=tuple(tuple(column.cell(row) for column in made) for row in rows),
        numeric=frozenset({*numeric, *(i for i, column in enumerate(made) if column.numeric)}),
        source=source,
        folded=folded,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An inline SVG (no style attributes, no scripts: the pages' strict CSP forbids them) with its text alternative.

    Every picture has its numbers beside it: `twin` is the table that says the same.
    """

    svg: str
    alternative: str
    caption: str
    twin: Grid | None = None
    folded: bool = False  # on a page it opens at its caption; of a report in two files it is in the annex
    broad: str = ""  # the same for a wide window and for paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Tables of the same shape, of which the reader sees one: a cut-off, a year. On paper it is the `chosen` one.

    `labels` name what is chosen between, in an order that makes sense to step through.
    """

    caption: str
    labels: tuple[str, ...]
    grids: tuple[Grid, ...]
    chosen: int = 0


Panel = Heading | Paragraph | Grid | Picture | Choice
Panels = Sequence[Panel]


def parted(panels: Panels) -> tuple[list[Panel], list[Panel], list[Panel]]:
    """A view in three: its answer, its limits (each once), and the rest.

    The answer is all before the first heading that does not answer, and the first picture after its first section.
    Headings that are left with
    nothing under them go. O(panels).

    >>> told = [Paragraph(text="9 of 10"), Heading(text="Limits"), Paragraph(text="x", tone="limit")]
    >>> answer, limits, rest = parted(told)
    >>> [panel.text for panel in answer], [panel.text for panel in limits], rest
    (['9 of 10'], ['x'], [])
    """
    limits = {panel.text: panel for panel in panels if isinstance(panel, Paragraph) and panel.tone == "limit"}
    others = _with_content([one for one in panels if not (isinstance(one, Paragraph) and one.tone == "limit")])
    begins = (i for i, panel in enumerate(others) if isinstance(panel, Heading) and not panel.answers)
    first = next(begins, len(others))
    drawn = next((i for i, one in enumerate(others) if isinstance(one, Picture) and not one.folded), 0)
    if drawn > first:
        at = next((i for i, one in enumerate(others[:first]) if isinstance(one, Heading)), first)
        others.insert(at, others.pop(drawn))
        first += 1
    return others[:first], list(limits.values()), _with_content(others[first:])


def _with_content(panels: Panels) -> list[Panel]:
    kept: list[Panel] = []
    for panel in reversed(panels):
        after = kept[-1] if kept else Heading(text="", level=1)
        if not (isinstance(panel, Heading) and isinstance(after, Heading) and after.level <= panel.level):
            kept.append(panel)
    return kept[::-1]
