"""The page of a comparison of two matchers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from peelian.kernel.model.capability import Findings
from peelian.pictures.columns import Columns, dots
from peelian.pictures.panels import Column, Heading, Panels, Picture, Say, tabled
from peelian.technologies.faces.compare.declared import DIFFERENCES, OPERATING
from peelian.technologies.faces.measure.errors import FMR, FNMR
from peelian.technologies.faces.shown import label


def figures(findings: Findings, say: Say) -> Panels:
    """The panels after the first page."""
    differences, operating = findings.table("differences"), findings.table("operating")
    group = DIFFERENCES.column(say, "group", lambda row: label(row["group"], say))
    captions = {
        FNMR: say("Difference in missed comparisons, second matcher less the first"),
        FMR: say("Difference in false matches within groups, second matcher less the first"),
    }
    rows = {measure: [r for r in differences.records() if r["measure"] == measure] for measure in captions}
    pictures = (_picture(rows[measure], group, caption, say) for measure, caption in captions.items())
    return [
        Heading(text=say("Figures")),
        *(picture for picture in pictures if picture),
        tabled(
            operating.records(),
            OPERATING.shown(say, "matcher", "threshold", "fmr", "fmr_n", "fnmr", "fnmr_n"),
            caption=say("Both matchers at their thresholds"),
            source=operating,
            folded=True,
        ),
        tabled(
            differences.records(),
            (
                DIFFERENCES.column(say, "measure"),
                group,
                *DIFFERENCES.shown(say, "n", "rate", "rate_2", "difference"),
                Columns(say=say, percent=lambda row: True).interval(say("95% interval")),
                *DIFFERENCES.shown(say, "would_see", "verdict"),
            ),
            caption=say("Second matcher less the first, by group"),
            source=differences,
            folded=True,
        ),
    ]


def _picture(rows: Sequence[Mapping[str, Any]], group: Column, caption: str, say: Say) -> Picture | None:
    return dots(
        [row for row in rows if math.isfinite(row["low"])],
        Columns(say=say, percent=lambda row: True),
        group,
        "difference",
        lambda shown: say("A dot and its 95%% interval for each of %(n)d lines.", n=len(shown)),
        value_title=say("difference"),
        caption=caption,
        reference=0.0,
        reference_name=say("no difference"),
    )
