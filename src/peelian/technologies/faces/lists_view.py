"""Panels of the candidate list audit."""

from __future__ import annotations

import math
from collections.abc import Iterator

from peelian.kernel.model.capability import Arithmetic, Example, Findings, Shows
from peelian.measure.table import Table
from peelian.pictures import charts
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Say, tabled
from peelian.pictures.words import amount
from peelian.technologies.faces.example import dataset, example_candidates
from peelian.technologies.faces.lists import LEFT_OUT, MESSAGES, NO_WORST, WORST, public_lists, run
from peelian.technologies.faces.pages import first_page
from peelian.technologies.faces.params import SearchParams
from peelian.technologies.faces.uncertainty import NOT_DETERMINABLE
from peelian.technologies.faces.view import count
from peelian.technologies.faces.view_charts import rate_text
from peelian.technologies.faces.vocabulary import VOCABULARY, label


def view_lists(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language."""
    tables = {t.name: t for t in findings.tables}
    return [
        *first_page(findings, say, whom={WORST, NO_WORST, LEFT_OUT}, words=VOCABULARY),
        Heading(text=say("Searches and thresholds")),
        _rates(tables["searches"], say),
        _prices(tables["prices"], say),
        *_galleries(tables["galleries"], say),
        *_lengths(tables["lengths"], say),
        *_hits(tables["ranks"], say),
    ]


def _rates(searches: Table, say: Say) -> Grid:
    return tabled(
        searches.records(),
        (
            (say("Threshold"), lambda row: say(row["policy"])),
            (say("Value"), lambda row: amount(say, row["threshold"])),
            (say("Set on"), lambda row: say(row["set_on"])),
            (say("Rate"), lambda row: say(row["measure"])),
            (say("Group"), lambda row: label(row["group"], say)),
            (say("Searches"), lambda row: count(say, row["n"])),
            (say("Share"), lambda row: rate_text(row, say)),
            (say("Interval method"), lambda row: say(row["method"])),
            (say("Reliability"), lambda row: say(row["adequacy"])),
        ),
        caption=say("Identification error rates by threshold and group"),
        numeric={1, 5, 6},
        source=searches,
    )


def _prices(prices: Table, say: Say) -> Grid:
    return tabled(
        prices.records(),
        (
            (say("Threshold"), lambda row: say(row["policy"])),
            (say("Test searches returning somebody"), lambda row: amount(say, row["returned"], percent=True)),
            (say("False alerts per day"), lambda row: amount(say, row["false_alerts_per_day"], decimals=1)),
            (say("Searches returning somebody"), lambda row: amount(say, row["searches_with_candidate"], percent=True)),
            (say("Basis"), lambda row: say(row["price_basis"])),
        ),
        caption=say("Expected errors by threshold"),
        numeric={1, 2, 3},
        source=prices,
    )


def _galleries(galleries: Table, say: Say) -> Iterator[Panel]:
    """FPIR and FNIR over gallery sizes at the first threshold, with their figures; nothing of one size."""
    rows = [row for row in galleries.records() if row["policy"] == galleries["policy"][0]] if len(galleries) else []
    drawn = []
    for measure in dict.fromkeys(row["measure"] for row in rows):
        own = [r for r in rows if r["measure"] == measure and r["adequacy"] != NOT_DETERMINABLE]
        if own:
            x, y = ([row[name] for row in own] for name in ("gallery", "rate"))
            drawn.append(charts.Series(name=say(measure), x=x, y=y, dashed=measure != own[0]["measure"]))
    if drawn:
        yield charts.lines(
            drawn,
            x_title=say("people in the gallery"),
            y_title=say("share of searches"),
            percent=True,
            x_percent=False,
            x_scale="log",
            caption=say("Identification error rates by gallery size"),
            alternative=say("One curve per error rate. False alerts rise with the number of people enrolled."),
            say=say,
        )
    if rows:
        yield tabled(
            galleries.records(),
            (
                (say("Threshold"), lambda row: say(row["policy"])),
                (say("People in the gallery"), lambda row: count(say, row["gallery"])),
                (say("Rate"), lambda row: say(row["measure"])),
                (say("Searches"), lambda row: count(say, row["n"])),
                (say("Share"), lambda row: rate_text(row, say)),
            ),
            caption=say("Identification error rates by threshold and gallery size"),
            numeric={1, 3, 4},
            source=galleries,
            folded=True,
        )


def _lengths(lengths: Table, say: Say) -> Iterator[Panel]:
    if len(lengths):
        yield tabled(
            lengths.records(),
            (
                (say("Threshold"), lambda row: say(row["policy"])),
                (say("Candidates reviewed"), lambda row: count(say, row["length"])),
                (say("Enrolled people missed (FNIR)"), lambda row: rate_text(row, say)),
                (say("Wrong candidates per search"), lambda row: amount(say, row["wrong"])),
            ),
            caption=say("What a longer candidate list finds, and what it costs in review"),
            numeric={1, 2, 3},
            source=lengths,
        )


def _hits(ranks: Table, say: Say) -> Iterator[Panel]:
    rows = [row for row in ranks.records() if row["adequacy"] != NOT_DETERMINABLE and math.isfinite(row["rate"])]
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
    shows=Shows(view=view_lists),
)
