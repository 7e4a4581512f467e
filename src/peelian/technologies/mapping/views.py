"""What the pages of mapping share: heads, sentences, figures, and the exposure by group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from peelian.kernel.model.capability import Findings, Note, Scalar, note_paragraphs
from peelian.measure.table import Table
from peelian.pictures.charts import Interval, intervals
from peelian.pictures.panels import Column, Grid, Heading, Panel, Paragraph, Say, tabled
from peelian.pictures.words import amount, between, day, few
from peelian.technologies.mapping.coincidence import SPREAD
from peelian.technologies.mapping.declarations.exposure import EVERYBODY, EXPOSURE
from peelian.technologies.mapping.ground import COVERED
from peelian.technologies.mapping.incidents import IN_PARTS, LATE, READ
from peelian.technologies.mapping.names import category_title, group_title, model_title


def sentences(notes: Sequence[Note], say: Say, kind: str = "finding") -> list[Panel]:
    """The notes of one kind as paragraphs, models and categories by their titles."""
    return note_paragraphs(notes, say, kind, values=partial(_named, say))


def window_head(findings: Findings, say: Say) -> Paragraph:
    """The head of a page on one window: the category, the window, the cells, the model."""
    facts = findings.facts
    text = say(
        "%(category)s from %(start)s to %(until)s, cells of %(metres)d m. Model: %(model)s",
        category=category_title(str(facts["category"]), say),
        start=day(say, facts["start_day"]),
        until=day(say, facts["until_day"]),
        metres=facts["cell_metres"],
        model=model_title(str(facts["model"]), say),
    )
    return Paragraph(text=text)


def proof_head(findings: Findings, say: Say) -> Paragraph:
    """The head of a back-test page: the category, the cells, the windows, the tested model."""
    facts = findings.facts
    text = say(
        "%(category)s, cells of %(metres)d m, windows of %(days)d days. Tested model: %(model)s.",
        category=category_title(str(facts["category"]), say),
        metres=facts["cell_metres"],
        days=facts["window_days"],
        model=model_title(str(facts["model"]), say),
    )
    return Paragraph(text=text)


ON_DATA = frozenset({READ, IN_PARTS, LATE, SPREAD, COVERED})
"""What is said of the data: it follows the figures."""


def answered(findings: Findings, say: Say) -> list[Panel]:
    """The findings that are no remarks on the data."""
    return sentences([note for note in findings.notes if note.text not in ON_DATA], say)


def exposure_line(findings: Findings, say: Say) -> list[Panel]:
    """Whom it touches, in a sentence: the group whose ratio between area halves is farthest from 1; O(groups)."""
    found = records_of(findings, "exposure")
    known = [row for row in found if 0 < row.get("halves", 0) < math.inf]
    if not known:
        return _against_others(found, say)
    row = max(known, key=lambda row: abs(math.log(row["halves"])))
    text = say(
        "Exposure: areas with the highest share of %(group)s have %(ratio)s times as many selected cells per resident "
        "as the other half (95%% interval %(interval)s).",
        group=group_title(str(row["group"]), say),
        ratio=figure(say, row["halves"]),
        interval=interval(say, row["halves_low"], row["halves_high"]),
    )
    return [Paragraph(text=text)]


def _against_others(rows: Sequence[Mapping[str, Any]], say: Say) -> list[Panel]:
    """The same for the public, who see the ratio to all others alone."""
    known = [row for row in rows if "halves" not in row and 0 < row["against_others"] < math.inf]
    if not known:
        return []
    row = max(known, key=lambda row: abs(math.log(row["against_others"])))
    text = say(
        "Exposure: residents of the group %(group)s live in a selected cell %(ratio)s times as often as all others "
        "(95%% interval %(interval)s).",
        group=group_title(str(row["group"]), say),
        ratio=_rounded(say, row["against_others"]),
        interval=interval(say, row["against_others_low"], row["against_others_high"]),
    )
    return [Paragraph(text=text)]


def data_and_limits(findings: Findings, say: Say) -> list[Panel]:
    """The end of a page: what is said of the data, and the caveats."""
    data = sentences([note for note in findings.notes if note.text in ON_DATA], say)
    caveats = sentences(findings.notes, say, "caveat")
    return [
        *((Heading(text=say("Data used")), *data) if data else ()),
        *((Heading(text=say("Limits")), *caveats) if caveats else ()),
    ]


def exposure_panels(findings: Findings, say: Say) -> list[Panel]:
    """Exposure by group of the selected cells: a picture of the shares and the table, if there is one."""
    table = table_of(findings, "exposure")
    if table is None:
        return []
    rows = table.records()
    picture = intervals(
        [
            Interval(
                label=group_title(str(row["group"]), say),
                value=row["exposed"],
                low=row.get("exposed_low", math.nan),
                high=row.get("exposed_high", math.nan),
                digits=0 if "exposed_low" in row else 1,
                note=say("%(n)d residents", n=row["n"]),
            )
            for row in rows
        ],
        value_title=say("Share of the group living in a selected cell"),
        caption=say("Residents of selected cells"),
        alternative=_exposure_words(rows, say),
        label_title=say("Group"),
        percent=True,
        reference=float(rows[0]["exposed"]),
        reference_name=group_title(EVERYBODY, say),
        say=say,
    )
    return [Heading(text=say("Exposure by group")), picture, _exposure_grid(table, rows, say)]


def figure(say: Say, value: float, *, percent: bool = False) -> str:
    """A number for a table cell; a dash where there is none."""
    return amount(say, value, percent=percent) if math.isfinite(value) else "–"


def _rounded(say: Say, value: float, *, percent: bool = False) -> str:
    """A public figure of exposure with the digits that `public_exposure.coarse` left it."""
    return few(say, value, 1 if value < 1 else 2, percent=percent)


def interval(say: Say, low: float, high: float, *, percent: bool = False) -> str:
    """An interval for a table cell, "or more" where it has no upper end; a dash where there is none."""
    if math.isfinite(low) and high == math.inf:
        return say("%(low)s or more", low=amount(say, low, percent=percent))
    return between(say, low, high, percent=percent) if math.isfinite(low) and math.isfinite(high) else "–"


def within(say: Say, stem: str = "", *, percent: bool = False) -> Column:
    """The column of an interval, whose ends are the table's columns `stem`_low and `stem`_high."""
    low, high = (f"{stem}_{end}".lstrip("_") for end in ("low", "high"))
    return Column(say("95% interval"), lambda row: interval(say, row[low], row[high], percent=percent), True)


def table_of(findings: Findings, name: str) -> Table | None:
    """The table of that name, None where the findings do not hold it (the public ones hold fewer)."""
    return next((table for table in findings.tables if table.name == name), None)


def records_of(findings: Findings, name: str) -> list[dict[str, Any]]:
    """The rows of the table of that name; none where the findings do not hold it."""
    table = table_of(findings, name)
    return table.records() if table else []


def _named(say: Say, values: Mapping[str, Scalar]) -> dict[str, object]:
    titles = {"model": model_title, "group": group_title}
    return {key: titles[key](str(value), say) if key in titles else value for key, value in values.items()}


def _exposure_words(rows: Sequence[Mapping[str, float]], say: Say) -> str:
    shown_as = figure if "halves" in rows[0] else _rounded
    everybody = shown_as(say, float(rows[0]["exposed"]), percent=True)
    first = say("%(share)s of all residents live in a selected cell.", share=everybody)
    each = (
        say(
            "Group %(group)s: %(share)s.",
            group=group_title(str(row["group"]), say),
            share=shown_as(say, float(row["exposed"]), percent=True),
        )
        for row in rows[1:]
    )
    return " ".join((first, *each))


def _exposure_grid(table: Table, rows: Sequence[Mapping[str, float]], say: Say) -> Grid:
    """One column for each figure and its interval, as far as the table has them: the public one has fewer."""
    shown_as = figure if "halves" in table.names else _rounded
    columns = {
        "group": EXPOSURE.column(say, "group", lambda row: group_title(str(row["group"]), say)),
        "n": EXPOSURE.column(say, "n"),
        "exposed": EXPOSURE.column(say, "exposed", lambda row: shown_as(say, row["exposed"], percent=True)),
        "exposed_low": within(say, "exposed", percent=True),
        "against_others": EXPOSURE.column(say, "against_others", lambda row: shown_as(say, row["against_others"])),
        "against_others_low": within(say, "against_others"),
        "halves": EXPOSURE.column(say, "halves"),
        "halves_low": within(say, "halves"),
    }
    return tabled(
        rows,
        [column for name, column in columns.items() if name in table.names],
        caption=say("Exposure ratios by group (1: equal; above 1: more exposed than others)"),
        source=table,
        folded=True,
    )
