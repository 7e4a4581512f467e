"""The same panels as a PDF, tagged for screen readers (PDF/UA-1): needs the extra `pdf`.

Typst refuses to write PDF/UA where a picture lacks its alternative text: the gate is the writer itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from importlib import resources
from typing import Any

from peelian.errors import InputError, sentence
from peelian.pictures.panels import Choice, Grid, Heading, Panel, Panels, Paragraph, Picture, Say
from peelian.pictures.words import day, english
from peelian.web.framing import Notes, checked, joined, tones

MOST_ROWS = 400  # of one table on paper; the rest is in the exports
SIZES = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
COLUMN, PAGE_WIDTH = 10.5, 16.6  # cm, of a picture and of a broad one: the page between its margins
TALLEST = 21.0  # cm, of a picture: its caption stands on the same page
TALLEST_MAP = 9.2  # cm: the answer and a chart stand on the same page
LONG = re.compile(r"\S{33,}")
MOST_PAGES = 8  # of a report with an annex: what a board reads before a meeting
SHORT = 10  # rows of a table that stays as long as anything longer can fold
PAGE = re.compile(rb"/Type\s*/Page\b")


def pdf(
    title: str,
    panels: Panels,
    *,
    language: str,
    facts: Sequence[tuple[str, str]] = (),
    say: Say = english,
    made: datetime | None = None,
    mark: str = "",
    annex: str = "",
) -> bytes:
    """A report as a tagged PDF (PDF/UA-1, ISO 14289-1), A4, with `mark` on every page.

    `made` is its date, so that equal reports are equal bytes. `annex` names the file that has what is folded: it is
    then left out here, and said to be there, at its place and in the last line.

    InputError: the extra `pdf` is not installed, a picture has no alternative text, or holds what no picture may.
    """
    try:
        import typst  # heavy and an extra
    except ImportError:
        raise InputError("PDF needs the extra pdf", accepted='pip install "peelian[pdf]"') from None
    for panel in panels:
        if isinstance(panel, Picture) and not panel.alternative.strip():
            raise InputError("picture without alternative text", accepted="a sentence or two")
    head = {"title": _literal(title), "language": _literal(language), "mark": _literal(mark)}
    if annex:
        facts = [*facts, (say("Annex"), annex)]
        panels = [*_without_folded(panels, annex, say), _held(panels, annex, say)]
    source = "\n".join(_source(head, panels, facts, say))
    made = made.replace(microsecond=0) if made else None  # a PDF's date is of whole seconds
    try:
        made_of: bytes = typst.compile(source.encode(), format="pdf", pdf_standards=["ua-1"], timestamp=made)
    except typst.TypstError as error:
        raise InputError(sentence("report could not be set as PDF (%(why)s)", why=error.message[:200])) from None
    return made_of


def in_two(title: str, panels: Panels, *, annex: str, say: Say, **shown: Any) -> tuple[bytes, bytes | None]:
    """A report of at most MOST_PAGES pages and its annex (None: nothing is folded). `shown` as for `pdf`.

    Where it is longer, its last long tables and pictures fold, too: the report is set again until it fits.
    """
    if not annexed(panels):
        return pdf(title, panels, say=say, **shown), None
    while True:
        main = pdf(title, panels, say=say, annex=annex, **shown)
        more = _folded(panels)
        if len(PAGE.findall(main)) <= MOST_PAGES or more is panels:
            return main, pdf(say("%(report)s: annex of tables", report=title), annexed(panels), say=say, **shown)
        panels = more


def _folded(panels: Panels) -> Panels:
    """The panels with one more folded: the last long table or picture, else the last of any length."""
    open_ = [(i, one) for i, one in enumerate(panels) if isinstance(one, Grid | Picture) and not one.folded]
    if not open_:
        return panels
    i, one = ([pair for pair in open_ if isinstance(pair[1], Picture) or len(pair[1].rows) > SHORT] or open_)[-1]
    return [*panels[:i], replace(one, folded=True), *panels[i + 1 :]]


def annexed(panels: Panels) -> list[Panel]:
    """What an annex holds: folded pictures and tables, those of pictures among them, under their headings."""
    kept: list[Panel] = []
    for panel in panels:
        grid = panel.twin if isinstance(panel, Picture) and not panel.folded else panel
        if isinstance(grid, Heading):
            while kept and isinstance(kept[-1], Heading) and kept[-1].level >= grid.level:
                kept.pop()
            kept.append(grid)
        elif isinstance(grid, (Grid, Picture)) and grid.folded:
            kept.append(grid)
    while kept and isinstance(kept[-1], Heading):
        kept.pop()
    return kept


def _held(panels: Panels, annex: str, say: Say) -> Paragraph:
    """What an annex holds, in a line: each caption once."""
    captions = dict.fromkeys(panel.caption for panel in annexed(panels) if isinstance(panel, Grid | Picture))
    return Paragraph(text=say("Tables in %(file)s: %(tables)s.", file=annex, tables="; ".join(captions)))


def _without_folded(panels: Panels, annex: str, say: Say) -> list[Panel]:
    """The panels without what is folded and choices; where it stood, a sentence says that the annex has it."""
    kept: list[Panel] = []
    for panel in panels:
        if isinstance(panel, Grid) and panel.folded:
            told = say(
                "Table in %(file)s: %(table)s (%(n)d %(n:row|rows)).",
                file=annex,
                table=panel.caption,
                n=len(panel.rows),
            )
            kept.append(Paragraph(text=told))
        elif isinstance(panel, Picture) and panel.folded:
            kept.append(Paragraph(text=say("Picture in %(file)s: %(picture)s.", file=annex, picture=panel.caption)))
        elif isinstance(panel, Picture) and panel.twin is not None and panel.twin.folded:
            kept.append(replace(panel, twin=None))
        elif not isinstance(panel, Choice):  # what is chosen on a page stands in the other tables, too
            kept.append(panel)
    return kept


def _source(head: Mapping[str, str], panels: Panels, facts: Sequence[tuple[str, str]], say: Say) -> Iterator[str]:
    """Typst source: the template, then one call per part. Text only ever stands in string literals."""
    yield (resources.files("peelian.web") / "templates" / "report.typ").read_text(encoding="utf-8")
    pairs = _array(_array(_literal(text) for text in pair) for pair in facts)
    yield f"#show: report.with({', '.join(f'{name}: {text}' for name, text in head.items())}, facts: {pairs})"
    for part in joined(panels):
        if isinstance(part, Heading):
            yield f"#heading(level: {min(part.level, 4)}, {_literal(part.text)})"
        elif isinstance(part, Grid):
            yield _grid(part, say)
        elif isinstance(part, Choice):
            yield _grid(part.grids[part.chosen], say)
        elif isinstance(part, list):
            yield _notes(part, say)
        else:
            yield from _picture(part, say)


def _notes(notes: Notes, say: Say) -> str:
    tone = notes[0].tone
    if tone == "plain":
        return "\n\n".join(f"#{_literal(note.text)}" for note in notes) + "\n"
    texts = _array(_literal(note.text) for note in notes)
    return f"#note({_literal(tones(say)[tone])}, {_literal(tone)}, {texts})"


def _picture(part: Picture, say: Say) -> Iterator[str]:
    """The picture as SVG, then its table."""
    svg = part.broad or part.svg
    width = f"{_width(svg, PAGE_WIDTH if 'picture wide' in svg or part.broad else COLUMN):.1f}cm"
    told = (_literal(part.caption), _literal(part.alternative), width, _literal(checked(svg)))
    yield f"#drawn({', '.join(told)})"
    if part.twin:
        yield _grid(part.twin, say)


def _width(svg: str, widest: float) -> float:
    """Centimetres: at most `widest`, and never taller than a page, a map than two fifths of one."""
    found, tallest = SIZES.search(svg), TALLEST_MAP if "picture map" in svg else TALLEST
    return min(widest, tallest * float(found[1]) / float(found[2])) if found else widest


def _grid(grid: Grid, say: Say) -> str:
    """A table; beyond MOST_ROWS rows it is cut, and its caption says so."""
    rows, caption = grid.rows, grid.caption
    if len(rows) > MOST_ROWS:
        caption = say("%(caption)s (first %(n)d of %(all)d rows)", caption=caption, n=MOST_ROWS, all=len(rows))
        rows = rows[:MOST_ROWS]
    aligned = _array("right" if i in grid.numeric else "left" for i in range(len(grid.titles)))
    size = f"{max(6.0, 9.5 - 0.45 * max(len(grid.titles) - 4, 0)):g}pt"
    cells = _array(_array(_literal(_breakable(day(say, cell))) for cell in row) for row in rows)
    titles = _array(_literal(text) for text in grid.titles)
    return f"#grid-of({_literal(caption)}, {titles}, {aligned}, {size}, {cells})"


def _breakable(text: str) -> str:
    """Long words (digests) may be broken at every eighth character: a zero-width space tells where."""
    return LONG.sub(lambda match: "\u200b".join(re.findall(".{1,8}", match[0])), text)


def _array(items: Iterator[str] | Sequence[str]) -> str:
    """A Typst array; the comma at the end makes one of a single item too."""
    return "(" + "".join(f"{item}, " for item in items) + ")"


def _literal(text: str) -> str:
    """A Typst string literal: nothing in it is read as markup or code."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
