"""The page of the audit of human review."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.columns import Columns
from peelian.pictures.panels import Heading, Panels, Say, tabled
from peelian.technologies.faces.reviews.declared import SHARES, TALLIES


def figures(findings: Findings, say: Say) -> Panels:
    """The panels after the first page."""
    tables = {t.name: t for t in findings.tables}
    share = Columns(say=say, percent=lambda row: True)
    shares = tabled(
        tables["shares"].records(),
        (
            *SHARES.shown(say, "share", "n", "rate"),
            share.interval(say("95% interval")),
            SHARES.column(say, "adequacy"),
        ),
        caption=say("How analysts judged candidates"),
        source=tables["shares"],
    )
    tallies = [
        tabled(
            tables["reviews"].records(),
            TALLIES.shown(say),
            caption=say("Candidates by truth, analyst verdict and outcome"),
            source=tables["reviews"],
            folded=True,
        )
        for _ in range("reviews" in tables)
    ]
    return [
        Heading(text=say("Review of candidates")),
        shares,
        *tallies,
    ]
