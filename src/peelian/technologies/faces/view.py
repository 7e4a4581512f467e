"""Panels of the matcher audit's page, in the order of a police-commissioned evaluation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from peelian.errors import MISSING
from peelian.kernel.model.capability import Findings, told
from peelian.kernel.model.first_page import by_text, first_page
from peelian.measure.table import Table
from peelian.pictures.columns import Columns
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Say, tabled
from peelian.pictures.words import amount, whole
from peelian.technologies.faces.answers import ANSWER, HOW_SURE, TOUCHES
from peelian.technologies.faces.declarations.tables import COVARIATES, RATES, SIZES, SUMMARIES, THRESHOLDS, TRIALS
from peelian.technologies.faces.notes import LIMITS
from peelian.technologies.faces.rates import FMR, FNMR, NO_VERDICT
from peelian.technologies.faces.tables import DIAGNOSIS, NO_GROUP, OPERATING
from peelian.technologies.faces.thresholds import OWN_GROUP
from peelian.technologies.faces.uncertainty import AT_LEAST, AT_MOST, NOT_DETERMINABLE
from peelian.technologies.faces.view_charts import (
    by_threshold,
    curves,
    intervals_within,
    matrix_of,
    qualified,
    rate_text,
)
from peelian.technologies.faces.view_tradeoff import threshold_choice
from peelian.technologies.faces.vocabulary import label, translated

MOST_ROWS = 400


def view(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language: plain sentences first, then charts, then tables."""
    tables = {t.name: t for t in findings.tables}
    return [
        *first_page(
            by_text(findings.notes, ANSWER, HOW_SURE, TOUCHES, LIMITS), say, values=partial(translated, say=say)
        ),
        *_planned(findings, say),
        *_system(findings, say),
        *_trials(tables["trials"], findings, say),
        *_thresholds(tables["thresholds"], say),
        *_rates(tables, findings, say),
        *_summaries(tables["summaries"], findings, say),
        *(_covariates(tables["covariates"], say) if "covariates" in tables else ()),
        *_size(tables["sizes"], say, grouped=len(set(tables["trials"]["group"].tolist())) > 1),
        *_method(findings, say),
    ]


def sentences(findings: Findings, say: Say, *kinds: str) -> list[Panel]:
    """The notes of these kinds as paragraphs, groups and other words in the reader's language."""
    return told(findings.notes, say, *kinds, values=lambda values: translated(values, say))


def _planned(findings: Findings, say: Say) -> Iterator[Panel]:
    yield Heading(text=say("Planned use"))
    yield Paragraph(
        text=say(
            "Expected errors assume %(searches).0f searches a day in a gallery of %(gallery)d people, "
            "%(share).0f%% of them for an enrolled person.",
            searches=findings.facts["searches_per_day"],
            gallery=findings.facts["gallery"],
            share=100 * float(findings.facts["mated_share"]),
        )
    )


def _system(findings: Findings, say: Say) -> Iterator[Panel]:
    yield Heading(text=say("System, images and people"))
    digest = findings.facts.get("system_digest")
    if digest:
        yield Paragraph(text=say("SHA-256 digest of the tested matcher: %(digest)s", digest=digest))
    else:
        yield Paragraph(text=say("No matcher digest given: figures are not tied to a version."), tone="warning")
    yield Paragraph(
        text=say(
            "The data's declaration at admission states source and legal basis. Only the digest identifies "
            "the matcher and its version."
        )
    )


def _trials(trials: Table, findings: Findings, say: Say) -> Iterator[Panel]:
    yield Heading(text=say("Groups, subjects and comparisons"))
    yield Paragraph(
        text=say(
            "A group is all subjects with the same labels. Most false matches are between two people of "
            "one group. A pair of groups pools both directions."
        )
    )
    yield tabled(
        [row for row in trials.records() if row["group"] == row["other_group"]],
        (
            TRIALS.column(say, "group", lambda row: label(row["group"], say)),
            TRIALS.column(
                say, "subjects", lambda row: whole(say, row["subjects"]) if row["subjects"] else say("not known")
            ),
            *TRIALS.shown(say, "impostor", "genuine", "failed", "failure_rate"),
        ),
        caption=say("Subjects and comparisons by group"),
        source=trials,
        folded=True,
    )


def _thresholds(thresholds: Table, say: Say) -> Iterator[Panel]:
    yield Heading(text=say("Thresholds and expected errors"))
    yield Paragraph(
        text=say(
            "No threshold is tested on the comparisons that set it. Group-specific thresholds are "
            "diagnostic only: do not use different thresholds for different people."
        )
    )
    for use, caption in (
        (OPERATING, say("Error rates by threshold, overall and worst group")),
        (DIAGNOSIS, say("Error rates at group-specific thresholds (diagnostic only)")),
    ):
        rows = [row for row in thresholds.records() if row["use"] == use]
        if rows:
            yield _threshold_grid(rows, caption, thresholds, say)
    yield _prices(thresholds, say)


def _threshold_grid(rows: Sequence[dict[str, Any]], caption: str, source: Table, say: Say) -> Grid:
    operating, column = rows[0]["use"] == OPERATING, partial(THRESHOLDS.column, say)
    return tabled(
        rows,
        (
            column("policy", lambda row: _threshold_name(row, say)),
            *THRESHOLDS.shown(say, "threshold", "set_on"),
            column("fmr", lambda row: _of_threshold(row, "fmr", say)),
            column("worst_fmr", lambda row: _worst(row, "fmr", say))._replace(numeric=False),
            column("fnmr", lambda row: _of_threshold(row, "fnmr", say)),
            column("worst_fnmr", lambda row: _worst(row, "fnmr", say))._replace(numeric=False),
        ),
        caption=caption,
        source=source if operating else None,
        folded=not operating,
    )


def _prices(thresholds: Table, say: Say) -> Grid:
    return tabled(
        [row for row in thresholds.records() if row["use"] != DIAGNOSIS],
        (
            THRESHOLDS.column(say, "policy", lambda row: _threshold_name(row, say)),
            *THRESHOLDS.shown(say, "max_geomean", "false_alerts_per_day", "searches_with_candidate", "price_basis"),
        ),
        caption=say("Expected errors by threshold, with differences between groups"),
    )


def _threshold_name(row: dict[str, Any], say: Say) -> str:
    if row["use"] == DIAGNOSIS:
        value = f"{label(row['group'], say)} ({say(DIAGNOSIS)})"
        return say("%(name)s: %(value)s", name=say(row["policy"]), value=value)
    return say(row["policy"])


def _rates(tables: dict[str, Table], findings: Findings, say: Say) -> Iterator[Panel]:
    yield Heading(text=say("Error rates"))
    yield from curves(tables["curves"], say)
    yield from by_threshold(tables["curves"], float(findings.facts["headline_threshold"]), say)
    headline = str(findings.facts["headline"])
    if choice := threshold_choice(tables["rates"], tables.get("ladder"), headline, say):
        yield choice
    rows = [row for row in tables["rates"].records() if row["policy"] == headline]
    yield from intervals_within(rows, FMR, float(findings.facts["limit_fmr"]), say)
    yield from intervals_within(rows, FNMR, float(findings.facts["limit_fnmr"]), say)
    yield from matrix_of(rows, say)
    shown = [row for row in tables["rates"].records() if row["group"] == row["other_group"]]
    shown = [row for row in shown if row["policy"] != OWN_GROUP][:MOST_ROWS]
    yield tabled(
        shown,
        (
            *RATES.shown(say, "policy", "measure"),
            RATES.column(say, "group", lambda row: label(row["group"], say)),
            *RATES.shown(say, "errors", "n"),
            RATES.column(say, "rate", lambda row: rate_text(row, say)),
            *RATES.shown(say, "method", "adequacy"),
            RATES.column(say, "verdict", lambda row: say(row["verdict"]) if row["verdict"] != NO_VERDICT else MISSING),
            RATES.column(say, "high_bound"),
            RATES.column(
                say, "needed_subjects", lambda row: whole(say, n) if (n := row["needed_subjects"]) else MISSING
            ),
        ),
        caption=say("Error rates by threshold and group"),
        source=tables["rates"],
        folded=True,
    )
    yield Paragraph(
        text=say(
            "95% intervals allow for repeated subjects (dyadic cluster-robust, log-odds scale). Fewer than "
            "30 errors are indicative. Fewer than 10 determine nothing. A verdict rests on that interval from 30 "
            "errors over 10 subjects, else on a Clopper-Pearson bound over subjects."
        )
    )


def _summaries(summaries: Table, findings: Findings, say: Say) -> Iterator[Panel]:
    headline = str(findings.facts["headline"])
    rows = [row for row in summaries.records() if row["policy"] == headline]
    if not rows:
        return
    yield Heading(text=say("Differences between groups"))
    yield tabled(
        rows,
        (
            *SUMMARIES.shown(say, "measure", "of"),
            SUMMARIES.column(say, "value", lambda row: _bounded(row, say)),
            Columns(say=say).interval(say("Interval")),
            *SUMMARIES.shown(say, "groups", "adequacy"),
        ),
        caption=say("Summary measures over groups"),
        source=summaries,
    )
    yield Paragraph(
        text=say(
            "Intervals hold for all groups at once (max-t, 97.5% for each error rate). Where the interval of "
            "maximum/geometric mean holds 1, all groups may be equal."
        )
    )


def _covariates(rows: Table, say: Say) -> Iterator[Panel]:
    if not len(rows):
        return
    yield Heading(text=say("Images"))
    yield tabled(
        rows.records(),
        (
            *COVARIATES.shown(say, "covariate", "bin", "measure", "n"),
            COVARIATES.column(say, "rate", lambda row: rate_text(row, say)),
        ),
        caption=say("Error rates by property of the images, at the threshold of the first page"),
        source=rows,
    )


def _bounded(row: dict[str, Any], say: Say) -> str:
    if math.isnan(row["value"]):
        return say(NOT_DETERMINABLE)
    sign = {AT_LEAST: "≥ ", AT_MOST: "≤ "}.get(row["bound"], "") if math.isfinite(row["value"]) else ""
    return sign + amount(say, row["value"])


def _size(sizes: Table, say: Say, *, grouped: bool) -> Iterator[Panel]:
    """Comparisons needed and there; those of the smallest group where there are groups."""
    smallest = ("smallest_group_pairs", "smallest_group_size") if grouped else ()
    yield Heading(text=say("Sample size"))
    yield tabled(
        sizes.records(),
        SIZES.shown(say, "policy", "needed_pairs", "needed_subjects", "pairs", "size", *smallest),
        caption=say("Impostor comparisons needed (rule of 30) and available"),
        source=sizes,
    )


def _method(findings: Findings, say: Say) -> Iterator[Panel]:
    yield Heading(text=say("Method"))
    yield from sentences(findings, say, "explanation")
    yield Heading(text=say("Sign-off"))
    yield Paragraph(
        text=say(
            "The decision of this case records who accepted or declined the audit, with reasons and other "
            "evidence. The requester cannot decide."
        )
    )


def _of_threshold(row: dict[str, Any], name: str, say: Say) -> str:
    """A threshold's rate: its bound where nothing was seen, in words where it rests on too little."""
    rate, n = row[name], row[f"{name}_n"]
    if rate == 0 and n:
        return f"≤ {amount(say, min(1.0, 3 / n))}"
    return qualified(amount(say, rate), row[f"{name}_adequacy"], say) if n else "–"


def _worst(row: dict[str, Any], name: str, say: Say) -> str:
    group, value = row[f"worst_{name}_group"], row[f"worst_{name}"]
    if group == NO_GROUP or math.isnan(value):
        return "–"
    if row[f"worst_{name}_bound"] == AT_MOST:
        shown = f"≤ {amount(say, value)}"
    else:
        shown = qualified(amount(say, value), row[f"worst_{name}_adequacy"], say)
    return say("%(name)s: %(value)s", name=label(group, say), value=shown)
