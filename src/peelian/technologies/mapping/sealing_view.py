"""The page of a sealed trial: what was sealed and its digests, never a forecast."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Heading, Panels, Say, tabled
from peelian.technologies.mapping.declarations.sealing import DIGESTS
from peelian.technologies.mapping.views import answered, data_and_limits, proof_head, records_of, table_of


def sealing_view(findings: Findings, say: Say) -> Panels:
    """What a board needs to know that nothing can be picked afterwards."""
    grid = tabled(
        records_of(findings, "sealed"),
        DIGESTS.shown(say),
        caption=say("Digest (SHA-256) of each model's forecast"),
        source=table_of(findings, "sealed"),
    )
    return [
        *answered(findings, say),
        proof_head(findings, say),
        Heading(text=say("Sealed forecasts")),
        grid,
        *data_and_limits(findings, say),
    ]
