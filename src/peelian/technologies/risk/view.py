"""What a page shows of an audit: sentences, verdicts, tables and pictures, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable

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

Maker = Callable[[Findings, Say], Panel | None]

SECTIONS: tuple[tuple[str, str, tuple[Maker, ...]], ...] = (
    (
        "Validated for whom",
        "A group with too few events or others is not validated: nobody knows how the instrument does there.",
        (verdict_grid, lambda findings, say: Paragraph(text=say(LEGEND))),
    ),
    (
        "Errors at the cut",
        "The same cut, group by group. Every rate has its interval and the number of people it is taken over.",
        (
            lambda findings, say: error_picture(findings, say, "fpr"),
            lambda findings, say: error_picture(findings, say, "fnr"),
            error_grid,
        ),
    ),
    (
        "Calibration",
        "What a score promises against what was observed. Slope and observed/expected are 1, and the intercept is 0, "
        "where a score means the same for the group as for everyone.",
        (calibration_picture, calibration_grid),
    ),
    (
        "Groups compared",
        "Each group beside the reference group of its axis. A ratio of 1 and a difference of 0 are equality.",
        (comparison_grid,),
    ),
    (
        "What no score can do at once",
        "Base rates, PPV, FNR and FPR hang together by arithmetic: where base rates differ, something must differ.",
        (forced_grid,),
    ),
    (
        "Every cut and its price",
        "Moving the cut changes errors for everyone, and the gap between groups. No cut is recommended here.",
        (sweep_picture, price_grid),
    ),
    (
        "If recording differs between groups",
        "How far the findings depend on whose events were recorded.",
        (recording_grid,),
    ),
    (
        "What gives the group away",
        "A score or column that tells the group carries the group with it.",
        (leakage_grid,),
    ),
    (
        "Plain rivals",
        "Rivals learnt on one random half of the people and were judged, like the instrument, on the other half.",
        (rival_grid, rule_grid),
    ),
    ("Other checks", "Follow-up, unknown outcomes and the published point table.", (extra_grid,)),
    (
        "Crossed groups",
        "Groups by all axes at once. Most are small; hidden numbers stay hidden.",
        (crossed_grid,),
    ),
    (
        "How large the next study must be",
        "For each group that is to be validated, taking everyone's rates as the guess.",
        (plan_grid,),
    ),
)
"""Title, introduction, and what makes the section's panels; a section whose panels have no figures is left out."""


def view(findings: Findings, say: Say) -> Panels:
    """The panels of an audit, full or public: sections without figures are left out. O(rows)."""
    panels: list[Panel] = [Heading(text=say("What was found"))]
    panels += [
        Paragraph(text=say(note.text, **note.values), tone="warning" if note.text in WARNINGS else "plain")
        for note in findings.notes
        if note.kind == "finding"
    ]
    for title, about, makers in SECTIONS:
        found = [panel for make in makers if (panel := make(findings, say)) is not None]
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
