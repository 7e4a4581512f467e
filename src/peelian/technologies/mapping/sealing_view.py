"""The page of a sealed trial: what was sealed and its digests, never a forecast."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Grid, Heading, Panels, Say
from peelian.technologies.mapping.names import model_title
from peelian.technologies.mapping.views import limits, proof_head, sentences, table_of


def sealing_view(findings: Findings, say: Say) -> Panels:
    """What a board needs to know that nothing can be picked afterwards."""
    sealed = table_of(findings, "sealed")
    rows = [dict(zip(sealed.names, row, strict=True)) for row in sealed.rows()] if sealed else []
    grid = Grid(
        caption=say("Digest (SHA-256) of each model's forecast"),
        titles=(say("Model"), say("Digest")),
        rows=tuple((model_title(row["model"], say), row["digest"]) for row in rows),
        source=sealed,
    )
    return [
        proof_head(findings, say),
        *sentences(findings.notes, say),
        Heading(text=say("Sealed forecasts")),
        grid,
        *limits(findings, say),
    ]
