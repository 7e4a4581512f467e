"""The matcher audit's page, in the order of a police-commissioned evaluation, with its charts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from peelian.errors import MISSING
from peelian.kernel.model.capability import Findings
from peelian.kernel.model.first_page import by_text, first_page
from peelian.measure.table import Table
from peelian.pictures import charts
from peelian.pictures.columns import Columns
from peelian.pictures.panels import Choice, Grid, Heading, Panel, Panels, Paragraph, Picture, Say, tabled
from peelian.pictures.words import amount, whole
from peelian.technologies.faces.audit.declared import COVARIATES, RATES, SIZES, SUMMARIES, THRESHOLDS, TRIALS
from peelian.technologies.faces.audit.sentences import ANSWER, HOW_SURE, LIMITS, TOUCHES
from peelian.technologies.faces.audit.tables import DIAGNOSIS, NO_GROUP, OPERATING, VOCABULARY
from peelian.technologies.faces.measure.errors import FMR, FNMR
from peelian.technologies.faces.measure.rates import NO_VERDICT
from peelian.technologies.faces.measure.scores import EVERYBODY, WITHIN, Floats
from peelian.technologies.faces.measure.thresholds import OWN_GROUP
from peelian.technologies.faces.measure.uncertainty import (
    AT_LEAST,
    AT_MOST,
    EXACT,
    FEW_ERRORS,
    INDICATIVE,
    MEASURED,
    NOT_DETERMINABLE,
    adequacy_of,
)
from peelian.technologies.faces.shown import Row, label, qualified, rate_text, sentences, translated

MOST_ROWS = 400

TOGETHER = 4  # curves in one frame; more are drawn side by side

Stretches = dict[str, tuple[Floats, Floats]]

Groups = dict[str, dict[str, dict[str, Any]]]  # group → FMR or FNMR → its row


def view(findings: Findings, say: Say) -> Panels:
    """The report's panels, in the reader's language: plain sentences first, then charts, then tables."""
    tables = {t.name: t for t in findings.tables}
    return [
        *first_page(
            by_text(findings.notes, ANSWER, HOW_SURE, TOUCHES, LIMITS),
            say,
            values=partial(translated, say=say, words=VOCABULARY),
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
    yield from sentences(findings, say, "explanation", words=VOCABULARY)
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


def curves(points: Table, say: Say) -> Iterator[Panel]:
    """Detection error trade-off on normal-deviate axes; stretches with fewer than 30 errors are dashed and named so.

    Up to four curves share a frame. More stand side by side on the same axes, each with the curve of all.
    """
    shown = points.take((points["fmr"] > 0) & (points["fmr"] < 1) & (points["fnmr"] > 0) & (points["fnmr"] < 1))
    groups = list(dict.fromkeys(str(group) for group in shown["group"].tolist()))
    held = {group: _stretches(shown, group) for group in groups}
    held = {group: stretches for group, stretches in held.items() if stretches}
    if not held:
        yield Paragraph(
            text=say("Too few errors to draw a trade-off curve (10 of each kind needed)."),
            tone="limit",
        )
        return
    caption = say("Error trade-off, overall and within each group")
    alternative = say(
        "One curve per group. A lower curve means fewer false non-matches at the same false match "
        "rate. Curves far apart mean unequal errors between groups."
    )
    x_title, y_title = say("False match rate"), say("False non-match rate")
    if len(held) <= TOGETHER:
        picture = charts.lines(
            [one for group, stretches in held.items() for one in _named(group, stretches, say)],
            x_title=x_title,
            y_title=y_title,
            x_scale="probit",
            y_scale="probit",
            caption=caption,
            alternative=alternative,
            say=say,
        )
        yield _folded(picture, len(picture.twin.rows) if picture.twin else 0)
        return
    everybody = held.pop(EVERYBODY, {})
    yield charts.multiples(
        [charts.Pane(title=label(group, say), series=_beside(own, everybody, say)) for group, own in held.items()],
        x_title=x_title,
        y_title=y_title,
        x_scale="probit",
        y_scale="probit",
        caption=caption,
        alternative=alternative,
        say=say,
    )


def by_threshold(points: Table, threshold: float, say: Say) -> Iterator[Panel]:
    """Both error rates by threshold, a small chart per group on the same axes; nothing where too few errors tell."""
    panes = []
    for group in dict.fromkeys(str(group) for group in points["group"].tolist()):
        own = points.take(np.asarray(points["group"] == group, dtype=np.bool_))
        rates = [_enough(own, name) for name in ("fmr", "fnmr")]
        known = np.isfinite(np.array(rates)).any(axis=0)
        own, rates = own.take(np.flatnonzero(known)), [rate[known] for rate in rates]
        if all(np.isfinite(rate).any() for rate in rates):
            titles = (say("False match rate"), say("False non-match rate"))
            series = [
                charts.Series(name=title, x=own["threshold"], y=rate, dashed=title == titles[1])
                for title, rate in zip(titles, rates, strict=True)
            ]
            panes.append(charts.Pane(title=label(group, say), series=series))
    if not panes:
        return
    yield charts.multiples(
        panes,
        x_title=say("Threshold"),
        y_title=say("Error rate"),
        x_percent=False,
        y_scale="log",
        at=threshold,
        at_name=say("threshold of the first page"),
        caption=say("Error rates by threshold, overall and within each group"),
        alternative=say(
            "One small chart per group. Moving the threshold trades one error for the other. Groups whose curves lie "
            "apart are treated unequally at any common threshold."
        ),
        say=say,
    )


def _stretches(points: Table, group: str) -> Stretches:
    """A group's curve by how sure it is, each with gaps where the other kind of stretch lies."""
    sure = np.asarray((points["group"] == group) & (points["adequacy"] != NOT_DETERMINABLE), dtype=np.bool_)
    own = points.take(sure)
    found: Stretches = {}
    for adequacy in (MEASURED, INDICATIVE):
        keep = np.asarray(own["adequacy"] == adequacy, dtype=np.bool_)
        if keep.any():
            found[adequacy] = (own["fmr"], np.where(keep, own["fnmr"], math.nan))
    return found


def _named(group: str, stretches: Stretches, say: Say) -> Iterator[charts.Series]:
    name = label(group, say)
    for adequacy, (x, y) in stretches.items():
        indicative = adequacy == INDICATIVE
        yield charts.Series(name=f"{name} ({say(INDICATIVE)})" if indicative else name, x=x, y=y, dashed=indicative)


def _beside(own: Stretches, everybody: Stretches, say: Say) -> list[charts.Series]:
    """A pane's curves: the group's, its stretches of few errors, and that of all to compare with."""
    none = (np.array([math.nan]), np.array([math.nan]))
    names = (say("within the group"), say("within the group, fewer than 30 errors"), say("all"))
    held = (own.get(MEASURED, none), own.get(INDICATIVE, none), everybody.get(MEASURED, none))
    return [charts.Series(name=name, x=x, y=y) for name, (x, y) in zip(names, held, strict=True)]


def _enough(points: Table, name: str) -> Floats:
    """A rate where ten errors or more stand behind it, else nan."""
    rate, n = points[name], points[f"{name}_n"]
    made: Floats = np.where(np.round(rate * n) >= FEW_ERRORS, rate, math.nan)
    return made


def intervals_within(rows: Sequence[Row], measure: str, bar: float, say: Say) -> Iterator[Panel]:
    """A rate by group with its interval against the bar (0: none was set), at the headline threshold; nothing where no
    group has one."""
    named = [r for r in rows if r["measure"] == measure and r["group"] == r["other_group"]]
    named = [r for r in named if r["group"] not in (EVERYBODY, WITHIN)]
    made = [_interval(row, say) for row in named]
    if not any(math.isfinite(one.value) for one in made):
        return
    title = say("False match rate within the group") if measure == FMR else say("False non-match rate")
    yield _folded(
        charts.intervals(
            made,
            value_title=title,
            label_title=say("Group"),
            scale="log",
            reference=bar or None,
            reference_name=say("limit"),
            caption=say("%(rate)s at threshold “%(policy)s”", rate=title, policy=say(str(named[0]["policy"]))),
            alternative=say("One row per group with its 95% interval. The line marks the limit.")
            if bar
            else say("One row per group with its 95% interval."),
            say=say,
        ),
        len(made),
    )


def matrix_of(rows: Sequence[Row], say: Say) -> Iterator[Panel]:
    """False match rates by pair of groups at the headline threshold; nothing with fewer than two groups."""
    pairs = {(r["group"], r["other_group"]): r for r in rows if r["measure"] == FMR}
    groups = list(dict.fromkeys(g for g, _ in pairs if g not in (EVERYBODY, WITHIN)))
    if len(groups) < 2:
        return
    values, text = np.full((len(groups), len(groups)), math.nan), []
    for i, g in enumerate(groups):
        text.append([""] * len(groups))
        for j, h in enumerate(groups):
            row = pairs.get((g, h), pairs.get((h, g)))
            values[i, j], text[i][j] = _cell(row, say)
    labels = [label(g, say) for g in groups]
    yield _folded(
        charts.matrix(
            labels,
            labels,
            values,
            row_title=say("one person's group"),
            column_title=say("the other person's group"),
            colour="log",
            text=text,
            caption=say("False match rate by pair of groups"),
            alternative=say(
                "Diagonal: comparisons within a group. Darker cells: more false matches. Star: fewer than 30 errors. "
                "Question mark: fewer than 10. ≤: none."
            ),
            say=say,
        ),
        len(groups),
    )


def _folded(picture: Picture, rows: int) -> Picture:
    """The picture, its table folded where it has many rows."""
    if picture.twin is None or rows <= TOGETHER:
        return picture
    return replace(picture, twin=replace(picture.twin, folded=True))


def _interval(row: Row, say: Say) -> charts.Interval:
    name, n = label(row["group"], say), row["n"]
    if row["bound"] == AT_MOST:
        note = say("no error in %(n)d %(n:comparison|comparisons): upper bound", n=n)
        return charts.Interval(label=name, value=row["high"], note=note)
    note = say("%(n)d %(n:comparison|comparisons); %(sure)s", n=n, sure=say(row["adequacy"]))
    if row["adequacy"] == NOT_DETERMINABLE:
        return charts.Interval(label=name, value=math.nan, note=note)
    return charts.Interval(label=name, value=row["rate"], low=row["low"], high=row["high"], note=note)


def _cell(row: Row | None, say: Say) -> tuple[float, str]:
    if row is None or not row["n"]:
        return math.nan, "–"
    if row["bound"] == AT_MOST and math.isfinite(row["high"]):
        return math.nan, f"≤ {amount(say, row['high'])}"
    if row["adequacy"] == NOT_DETERMINABLE or math.isnan(row["rate"]):
        return math.nan, "?"
    star = "*" if row["adequacy"] == INDICATIVE else ""
    return float(row["rate"]), amount(say, row["rate"]) + star


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A threshold with the errors of each group; `policy` is that of the audit, "" between its thresholds."""

    policy: str
    threshold: float
    groups: Groups

    def label(self, say: Say) -> str:
        """What the reader chooses: the value, and the policy where it is the audit's own."""
        value = amount(say, self.threshold)
        return f"{say(self.policy)} ({value})" if self.policy else value


def threshold_choice(rates: Table, ladder: Table | None, headline: str, say: Say) -> Choice | None:
    """FMR and FNMR within each group at the audit's thresholds and at those of a ladder, the first page's chosen.

    Thresholds that differ by group are left out, and those of the ladder that read like another. None with fewer than
    two. O(rows).
    """
    own = _own(rates)
    if not any(rung.policy == headline for rung in own):
        return None
    read = {amount(say, rung.threshold): rung for rung in [*_of(ladder), *own]}
    rungs = [*own, *(rung for rung in read.values() if not rung.policy)]
    if len(rungs) < 2:
        return None
    rungs.sort(key=lambda rung: rung.threshold)
    return Choice(
        caption=say("Choose a threshold to see its errors (those with a name are the audit's)"),
        labels=tuple(rung.label(say) for rung in rungs),
        grids=tuple(_grid(rung, say) for rung in rungs),
        chosen=[rung.policy for rung in rungs].index(headline),
    )


def _own(rates: Table) -> list[Rung]:
    found: dict[str, Groups] = {}
    for row in rates.records():
        if row["group"] == row["other_group"] and row["policy"] != OWN_GROUP and row["measure"] in (FMR, FNMR):
            found.setdefault(row["policy"], {}).setdefault(row["group"], {})[row["measure"]] = row
    return [
        Rung(policy=policy, threshold=_first(groups)["threshold"], groups=groups) for policy, groups in found.items()
    ]


def _of(ladder: Table | None) -> list[Rung]:
    found: dict[float, Groups] = {}
    for row in ladder.records() if ladder is not None else ():
        rates = {FMR: _counted(row, "fmr"), FNMR: _counted(row, "fnmr")}
        found.setdefault(row["threshold"], {})[row["group"]] = rates
    return [Rung(policy="", threshold=threshold, groups=groups) for threshold, groups in found.items()]


def _counted(row: dict[str, Any], name: str) -> dict[str, Any]:
    """A rate without an interval, as a row of rates has it; with its bound where there is no error."""
    rate, n = row[name], row[f"{name}_n"]
    errors = round(rate * n)
    bound, high = (EXACT, math.nan) if errors else (AT_MOST, min(1.0, 3 / n))
    return {"rate": rate, "low": math.nan, "high": high, "bound": bound, "adequacy": adequacy_of(errors)}


def _first(groups: Groups) -> dict[str, Any]:
    return next(row for measures in groups.values() for row in measures.values())


def _grid(rung: Rung, say: Say) -> Grid:
    value = amount(say, rung.threshold)
    return Grid(
        caption=say("Errors at threshold “%(policy)s”", policy=say(rung.policy))
        if rung.policy
        else say("Errors at threshold %(threshold)s: all comparisons counted, without intervals", threshold=value),
        titles=(say("Group"), say("False match rate"), say("False non-match rate")),
        rows=tuple(
            (label(group, say), *(rate_text(found[m], say) if m in found else "–" for m in (FMR, FNMR)))
            for group, found in rung.groups.items()
        ),
        numeric=frozenset({1, 2}),
    )
