"""Panels of the audit's page: notes, verdicts, tables and charts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from peelian.kernel.model.capability import Findings, Note
from peelian.pictures.panels import Heading, Panel, Panels, Paragraph, Say
from peelian.technologies.risk import vocabulary as v
from peelian.technologies.risk.verdicts import NO_BETTER, REVERSED, TOO_FEW_TO_TELL
from peelian.technologies.risk.view_charts import calibration_picture, error_picture, sweep_picture
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
from peelian.technologies.risk.view_tradeoff import cut_choice
from peelian.technologies.risk.view_words import LEGEND

Maker = Callable[[Findings, Say], Panel | None]


def _told(sentences: Collection[str], findings: Findings, say: Say) -> Paragraph | None:
    """The notes of a section as one paragraph."""
    text = " ".join(say(note.text, **note.values) for note in findings.notes if note.text in sentences)
    return Paragraph(text=text) if text else None


SECTIONS: tuple[tuple[str, str, tuple[Maker, ...]], ...] = (
    (
        "Validation by group",
        "The instrument is not validated for groups with too few people with or without the outcome.",
        (verdict_grid, lambda findings, say: Paragraph(text=say(LEGEND))),
    ),
    (
        "Errors at the cut-off",
        "All groups at the same cut-off. Each rate has its interval and n.",
        (
            lambda findings, say: error_picture(findings, say, "fpr"),
            lambda findings, say: error_picture(findings, say, "fnr"),
            error_grid,
        ),
    ),
    (
        "Calibration",
        "Expected and observed share of people with the outcome. Ideal values: slope 1, intercept 0, "
        "observed/expected 1.",
        (calibration_picture, calibration_grid),
    ),
    (
        "Group comparison",
        "Each group compared with the reference group of its axis. A ratio of 1 or a difference of 0 means equality.",
        (comparison_grid,),
    ),
    (
        "Unavoidable trade-offs",
        "Base rate, PPV, FNR and FPR are linked by arithmetic. If base rates differ, at least one of the others "
        "must differ too.",
        (partial(_told, v.FORCED), forced_grid),
    ),
    (
        "Effect of each cut-off",
        "Moving the cut-off changes errors for everyone and the gap between groups. No cut-off is recommended here.",
        (sweep_picture, cut_choice, price_grid),
    ),
    (
        "Unequal recording",
        "How findings would change if a group's outcomes were recorded less often than another's.",
        (partial(_told, v.RECORDED), recording_grid),
    ),
    (
        "Variables that reveal the group",
        "A score or variable that predicts the group can stand in for it (proxy).",
        (partial(_told, (v.LEAKS,)), leakage_grid),
    ),
    (
        "Simple models",
        "Simple models were fitted on four fifths of the people and tested on the last fifth, each fifth in turn.",
        (rival_grid, rule_grid),
    ),
    ("Other checks", "Follow-up, unknown outcomes and the published point table.", (extra_grid,)),
    (
        "Crossed groups",
        "Intersections of all axes. Most groups are small, so many values are hidden.",
        (crossed_grid,),
    ),
    (
        "Sample size for the next study",
        "People needed in each group to validate, assuming the overall rates.",
        (plan_grid,),
    ),
)
"""Title, introduction, and what makes the section's panels; a section whose panels have no figures is left out."""


def view(findings: Findings, say: Say) -> Panels:
    """The answer, then sections of figures (those without any are left out), then limits. O(rows)."""
    panels: list[Panel] = []
    for title, sentences in v.PAGE.items():
        here = [note for note in findings.notes if note.text in sentences]
        if here:
            panels += [Heading(text=say(title), answers=True)] if panels else []
            panels += [_sentence(note, say) for note in here]
    for title, about, makers in SECTIONS:
        found = [panel for make in makers if (panel := make(findings, say)) is not None]
        if found:
            panels += [Heading(text=say(title)), Paragraph(text=say(about)), *found]
    rest = [note for note in findings.notes if note.text in v.LIMITS]
    limits = [Paragraph(text=say(note.text, **note.values), tone="limit") for note in rest]
    return [*panels, Heading(text=say("Limits")), *limits]


def _sentence(note: Note, say: Say) -> Paragraph:
    tone = "limit" if note.text in v.UNKNOWN else "warning" if note.text in WARNINGS else "plain"
    return Paragraph(text=say(note.text, **note.values), tone=tone)


WARNINGS = frozenset(
    {
        *(v.OVERALL[word] for word in (NO_BETTER, TOO_FEW_TO_TELL, REVERSED)),
        *(v.OVERALL_MORE, v.OVERALL_LESS, v.PROMISES_MORE_FOR, v.PROMISES_LESS_FOR, v.NO_BETTER_FOR, v.REVERSED_FOR),
        *(
            v.SLOPE_LESS,
            v.SLOPE_MORE,
            v.FPR_RATIO,
            v.FNR_RATIO,
            v.PPV_RATIO,
            v.TOO_FEW,
            v.TOO_FEW_CROSSED,
            v.ASYMMETRIC,
        ),
    }
)
