"""The page of a near-repeat test: ratios by distance and delay, and what they cannot tell."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.charts import matrix
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Picture, Say, tabled
from peelian.technologies.mapping.declarations.nearness import PAIRS
from peelian.technologies.mapping.names import category_title
from peelian.technologies.mapping.views import answered, data_and_limits, table_of


def nearness_view(findings: Findings, say: Say) -> Panels:
    """What was tested, the finding, the ratios as a picture and a table, limits."""
    facts = findings.facts
    head = say("%(category)s, n = %(n)d incidents", category=category_title(str(facts["category"]), say), n=facts["n"])
    return [*answered(findings, say), Paragraph(text=head), *_pairs(findings, say), *data_and_limits(findings, say)]


def _pairs(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "near_pairs")
    if found is None:
        return []
    words = say("Chance gives a ratio of 1. The adjusted p accounts for all combinations.")
    return [
        Heading(text=say("Near repeats")),
        Paragraph(text=words),
        _picture(found, say),
        _grid(found, say),
    ]


def _picture(found: Table, say: Say) -> Picture:
    metres, days = (np.unique(found[name]) for name in ("from_metres", "from_days"))
    delays = [_band(say, low, high, "%(low)s to %(high)s days") for low, high in _ends(found, "days", len(days))]
    bands = [_place(say, low, high) for low, high in _ends(found, "metres", len(metres), len(days))]
    ratio = np.asarray(found["ratio"], dtype=np.float64).reshape(len(metres), len(days))
    return matrix(
        bands,
        delays,
        ratio,
        caption=say("Ratio of observed to expected pairs"),
        alternative=say(
            "Table of %(rows)d distance bands by %(columns)d delay bands. The largest ratio is %(most).2f.",
            rows=len(bands),
            columns=len(delays),
            most=float(np.nanmax(ratio)) if bool(np.isfinite(ratio).any()) else float("nan"),
        ),
        row_title=say("Distance"),
        column_title=say("Delay"),
        say=say,
    )


def _ends(found: Table, unit: str, many: int, step: int = 1) -> list[tuple[float, float]]:
    rows = slice(0, many * step, step)
    return list(zip(found[f"from_{unit}"][rows].tolist(), found[f"to_{unit}"][rows].tolist(), strict=True))


def _grid(found: Table, say: Say) -> Grid:
    named = [name for name in ("pairs", "expected", "ratio", "p", "p_holm") if name in found]
    return tabled(
        found.records(),
        (
            (say("Distance"), lambda row: _place(say, row["from_metres"], row["to_metres"])),
            (say("Delay"), lambda row: _band(say, row["from_days"], row["to_days"], "%(low)s to %(high)s days")),
            *PAIRS.shown(say, *named),
        ),
        caption=say("All combinations of distance and delay"),
        source=found,
        folded=True,
    )


def _place(say: Say, low: float, high: float) -> str:
    return say("Same place") if high < 1 else _band(say, low, high, "%(low)s to %(high)s m")


def _band(say: Say, low: float, high: float, words: str) -> str:
    return say(words, low=f"{low:.0f}", high=f"{high:.0f}")
