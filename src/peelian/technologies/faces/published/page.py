"""The page of the published false match rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peelian.kernel.model.capability import Findings
from peelian.pictures import charts
from peelian.pictures.panels import Heading, Panel, Panels, Say
from peelian.technologies.faces.published.declared import PAIRINGS, RATIOS
from peelian.technologies.faces.shown import sentences


def view(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language."""
    return [
        *sentences(findings, say, "finding", words=frozenset(PAIRINGS)),
        _picture(findings.table("published").records(), say),
        Heading(text=say("Limits")),
        *sentences(findings, say, "caveat"),
    ]


def _picture(rows: Sequence[Mapping[str, Any]], say: Say) -> Panel:
    return charts.intervals(
        [
            charts.Interval(
                label=say(row["pairing"]),
                value=row["median_ratio"],
                low=row["low_quartile"],
                high=row["high_quartile"],
                note=say("%(n)d %(n:algorithm|algorithms)", n=row["worse_tenfold_n"]),
            )
            for row in rows
        ],
        value_title=say("false match rate relative to white men (median and middle half of algorithms)"),
        label_title=say(RATIOS.columns["pairing"].title),
        scale="log",
        reference=1.0,
        reference_name=say("white men"),
        caption=say("False matches at a threshold set on white men (NIST, October 2020)"),
        alternative=say(
            "One row per pair of groups. Right of the line, there are more false matches than among white men."
        ),
        say=say,
    )
