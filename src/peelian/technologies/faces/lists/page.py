"""The page of the candidate list audit."""

from __future__ import annotations

import math
from collections.abc import Iterator

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures import charts
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Say, tabled
from peelian.technologies.faces.lists.declared import GALLERIES, LENGTHS, PRICES, SEARCHES
from peelian.technologies.faces.measure.uncertainty import NOT_DETERMINABLE
from peelian.technologies.faces.shown import label, rate_text


def figures(findings: Findings, say: Say) -> Panels:
    """The panels after the first page."""
    tables = {t.name: t for t in findings.tables}
    return [
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
            *SEARCHES.shown(say, "policy", "threshold", "set_on", "measure"),
            SEARCHES.column(say, "group", lambda row: label(row["group"], say)),
            SEARCHES.column(say, "n"),
            SEARCHES.column(say, "rate", lambda row: rate_text(row, say)),
            *SEARCHES.shown(say, "method", "adequacy"),
        ),
        caption=say("Identification error rates by threshold and group"),
        source=searches,
    )


def _prices(prices: Table, say: Say) -> Grid:
    return tabled(
        prices.records(),
        PRICES.shown(say, "policy", "returned", "false_alerts_per_day", "searches_with_candidate", "price_basis"),
        caption=say("Expected errors by threshold"),
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
            alternative=say("One curve per error rate, by number of people enrolled."),
            say=say,
        )
    if rows:
        yield tabled(
            galleries.records(),
            (
                *GALLERIES.shown(say, "policy", "gallery", "measure", "n"),
                GALLERIES.column(say, "rate", lambda row: rate_text(row, say)),
            ),
            caption=say("Identification error rates by threshold and gallery size"),
            source=galleries,
            folded=True,
        )


def _lengths(lengths: Table, say: Say) -> Iterator[Panel]:
    if len(lengths):
        yield tabled(
            lengths.records(),
            (
                *LENGTHS.shown(say, "policy", "length"),
                LENGTHS.column(say, "rate", lambda row: rate_text(row, say)),
                LENGTHS.column(say, "wrong"),
            ),
            caption=say("What a longer candidate list finds, and what it costs in review"),
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
