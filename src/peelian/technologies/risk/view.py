"""What a page shows of an audit: sentences, verdicts, tables and pictures, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from peelian.governance.capability import Findings
from peelian.pictures.panels import Heading, Panel, Panels, Paragraph, Say
from peelian.technologies.risk import vocabulary as v
from peelian.technologies.risk.view_charts import (
    calibration_picture,
    error_picture,
    sweep_picture,
)
from peelian.technologies.risk.view_grids import (
    calibration_grid,
    comparison_grid,
    crossed_grid,
    error_grid,
    extra_grid,
    forced_grid,
    leakage_grid,
    plan_grid,
    price_grid,
    recording_grid,
    rival_grid,
    rule_grid,
    verdict_grid,
)
from peelian.technologies.risk.view_words import LEGEND

Made = Panel | None


def view(findings: Findings, say: Say) -> Panels:
    """The panels of an audit, full or public: sections without figures are left out. O(rows)."""
    panels: list[Panel] = [Heading(text=say("What was found"))]
    panels += [
        Paragraph(text=say(note.text, **note.values), tone="warning" if note.text in WARNINGS else "plain")
        for note in findings.notes
        if note.kind == "finding"
    ]
    sections: tuple[tuple[str, str, Sequence[Made]], ...] = (
        (
            "Validated for whom",
            "A group with too few events or others is not validated: nobody knows how the instrument does there.",
            [verdict_grid(findings, say), Paragraph(text=say(LEGEND))],
        ),
        (
            "Errors at the cut",
            "The same cut, group by group. Every rate has its interval and the number of people it is taken over.",
            [error_picture(findings, say, "fpr"), error_picture(findings, say, "fnr"), error_grid(findings, say)],
        ),
        (
            "Calibration",
            "What a score promises against what was observed. Slope and observed/expected are 1, and the intercept is 0, "
            "where a score means the same for the group as for everyone.",
            [calibration_picture(findings, say), calibration_grid(findings, say)],
        ),
        (
            "Groups compared",
            "Each group beside the reference group of its axis. A ratio of 1 and a difference of 0 are equality.",
            [comparison_grid(findings, say)],
        ),
        (
            "What no score can do at once",
            "Base rates, PPV, FNR and FPR hang together by arithmetic: where base rates differ, something must differ.",
            [forced_grid(findings, say)],
        ),
        (
            "Every cut and its price",
            "Moving the cut changes errors for everyone, and the gap between groups. No cut is recommended here.",
            [sweep_picture(findings, say), price_grid(findings, say)],
        ),
        (
            "If recording differs between groups",
            "How far the findings depend on whose events were recorded.",
            [recording_grid(findings, say)],
        ),
        (
            "What gives the group away",
            "A score or column that tells the group carries the group with it.",
            [leakage_grid(findings, say)],
        ),
        (
            "Plain rivals",
            "Rivals learnt on one random half of the people and were judged, like the instrument, on the other half.",
            [rival_grid(findings, say), rule_grid(findings, say)],
        ),
        ("Other checks", "Follow-up, unknown outcomes and the published point table.", [extra_grid(findings, say)]),
        (
            "Crossed groups",
            "Groups by all axes at once. Most are small; hidden numbers stay hidden.",
            [crossed_grid(findings, say)],
        ),
        (
            "How large the next study must be",
            "For each group that is to be validated, taking everyone's rates as the guess.",
            [plan_grid(findings, say)],
        ),
    )
    for title, about, made in sections:
        found = [panel for panel in made if panel is not None]
        if found:
            panels += [Heading(text=say(title)), Paragraph(text=say(about)), *found]
    return [*panels, *_limits(findings, say)]


WARNINGS = frozenset({v.TOO_FEW, v.ASYMMETRIC, v.FPR_RATIO, v.FNR_RATIO, v.SLOPE_LESS})


def _limits(findings: Findings, say: Say) -> list[Panel]:
    """How the figures were made, and what they cannot tell."""
    panels: list[Panel] = [Heading(text=say("What this cannot tell"))]
    panels += [
        Paragraph(text=say(note.text, **note.values), tone="limit" if note.kind == "caveat" else "plain")
        for note in findings.notes
        if note.kind != "finding"
    ]
    return panels
