"""Panels of the candidate list audit."""

from __future__ import annotations

import math
from collections.abc import Iterator

from peelian.kernel.model.capability import Arithmetic, Example, Findings, Shows
from peelian.measure.table import Table
from peelian.pictures import charts
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Say
from peelian.pictures.words import amount
from peelian.technologies.faces.example import dataset, example_candidates
from peelian.technologies.faces.lists import MESSAGES, public_lists, run
from peelian.technologies.faces.params import SearchParams
from peelian.technologies.faces.uncertainty import NOT_DETERMINABLE
from peelian.technologies.faces.view import TONES, count, rate_text, rows_of
from peelian.technologies.faces.vocabulary import VOCABULARY, label, translated


def view_lists(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language."""
    tables = {t.name: t for t in findings.tables}
    return [
        Heading(text=say("Findings")),
        *_sentences(findings, say, ("finding",)),
        Heading(text=say("Searches and thresholds")),
        _rates(tables["searches"], say),
        _prices(tables["prices"], say),
        *_hits(tables["ranks"], say),
        Heading(text=say("Method and limits")),
        *_sentences(findings, say, ("explanation", "caveat")),
    ]


def _sentences(findings: Findings, say: Say, kinds: tuple[str, ...]) -> Iterator[Panel]:
    for note in findings.notes:
        if note.kind in kinds:
            yield Paragraph(text=say(note.text, **translated(note.values, say)), tone=TONES[note.kind])


def _rates(searches: Table, say: Say) -> Grid:
    return Grid(
        caption=say("Identification error rates by threshold and group"),
        titles=tuple(
            say(t)
            for t in (
                "Threshold",
                "Value",
                "Set on",
                "Rate",
                "Group",
                "Searches",
                "Share",
                "Interval method",
                "Reliability",
            )
        ),
        rows=tuple(
            (
                say(row["policy"]),
                amount(say, row["threshold"]),
                say(row["set_on"]),
                say(row["measure"]),
                label(row["group"], say),
                count(say, row["n"]),
                rate_text(row, say),
                say(row["method"]),
                say(row["adequacy"]),
            )
            for row in rows_of(searches)
        ),
        numeric=frozenset({1, 5, 6}),
        source=searches,
    )


def _prices(prices: Table, say: Say) -> Grid:
    return Grid(
        caption=say("Expected errors by threshold"),
        titles=tuple(
            say(t)
            for t in (
                "Threshold",
                "Test searches returning somebody",
                "False alerts per day",
                "Searches returning somebody",
                "Basis",
            )
        ),
        rows=tuple(
            (
                say(row["policy"]),
                amount(say, row["returned"], percent=True),
                amount(say, row["false_alerts_per_day"], decimals=1),
                amount(say, row["searches_with_candidate"], percent=True),
                say(row["price_basis"]),
            )
            for row in rows_of(prices)
        ),
        numeric=frozenset({1, 2, 3}),
        source=prices,
    )


def _hits(ranks: Table, say: Say) -> Iterator[Panel]:
    rows = [row for row in rows_of(ranks) if row["adequacy"] != NOT_DETERMINABLE and math.isfinite(row["rate"])]
    if not rows:
        return
    banded = all(math.isfinite(row["low"]) for row in rows)
    yield charts.lines(
        [
            charts.Series(
                name="",
                x=[row["rank"] for row in rows],
                y=[row["rate"] for row in rows],
                low=[row["low"] for row in rows] if banded else None,
                high=[row["high"] for row in rows] if banded else None,
            )
        ],
        x_title=say("rank"),
        y_title=say("share of enrolled people found"),
        percent=True,
        x_percent=False,
        caption=say("Hit rate by rank, no threshold (read with FPIR)"),
        alternative=say("Share of enrolled people found, by number of candidates reviewed."),
        say=say,
    )


def _example() -> Example:
    lists = dataset("example-candidates", "peelian-candidates", example_candidates(), {"gallery": 2000})
    return Example(params=SearchParams(thresholds=(0.45,)), datasets={"candidates": lists})


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public_lists,
    shows=Shows(
        view=view_lists,
    ),
)
