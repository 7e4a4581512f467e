"""The page of a search log's audit."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.columns import Columns
from peelian.pictures.panels import Column, Grid, Heading, Panels, Picture, Say, tabled
from peelian.technologies.faces.search_log.declared import (
    BY,
    EVIDENCE,
    NO_EVIDENCE,
    NO_UNIT,
    NOT_STATED,
    OVERALL,
    PURPOSE,
    TOGETHER,
)
from peelian.technologies.faces.shown import label, shares_picture


def figures(findings: Findings, say: Say) -> Panels:
    """The panels after the first page."""
    tables = {t.name: t for t in findings.tables}
    return [
        Heading(text=say("Figures")),
        *_pictures(tables, say),
        _grid(tables["log"], "", say),
        *(_grid(tables[f"log_by_{name}"], name, say) for name in BY if len(tables[f"log_by_{name}"])),
    ]


def _pictures(tables: Mapping[str, Table], say: Say) -> list[Picture]:
    """A picture for each share that is compared, by quarter for purposes and by unit for evidence, where shown."""
    chosen = (
        ("quarter", PURPOSE, NOT_STATED, say("Searches without a stated purpose, by quarter")),
        ("unit", PURPOSE, NOT_STATED, say("Searches without a stated purpose, by unit")),
        ("quarter", EVIDENCE, NO_EVIDENCE, say("Arrests and charges without other evidence, by quarter")),
        ("unit", EVIDENCE, NO_EVIDENCE, say("Arrests and charges without other evidence, by unit")),
    )
    made = []
    for by, question, answer, caption in chosen:
        rows = [r for r in tables[f"log_by_{by}"].records() if (r["question"], r["answer"]) == (question, answer)]
        if len(rows) > 1:
            made.append(shares_picture(rows, _division(by, say), caption, say))
    return [picture for picture in made if picture]


def _division(by: str, say: Say) -> Column:
    return BY[by].column(say, by, lambda row: label(str(row[by]), say, {TOGETHER, NO_UNIT}))


def _grid(shares: Table, by: str, say: Say) -> Grid:
    captions = {
        "": say("All searches"), "quarter": say("Searches by quarter"), "unit": say("Searches by unit"),
        "offence": say("Searches by offence class"),
    }  # fmt: skip
    columns = [
        *([_division(by, say)] if by else []),
        *OVERALL.shown(say, "question", "answer", "count", "n", "rate"),
        Columns(say=say, percent=lambda row: True).interval(say("95% interval")),
        *([OVERALL.column(say, "verdict")] if by else []),
    ]
    return tabled(shares.records(), columns, caption=captions[by], source=shares, folded=True)
