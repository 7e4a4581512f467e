"""The audit's page: notes, verdicts, tables and charts."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from peelian.errors import MISSING
from peelian.kernel.model.capability import Findings, Note
from peelian.measure.table import Table
from peelian.pictures.charts import Pane, Series, multiples
from peelian.pictures.columns import Line
from peelian.pictures.panels import Choice, Column, Grid, Heading, Panel, Panels, Paragraph, Picture, Say, tabled
from peelian.pictures.words import amount, between, whole
from peelian.technologies.risk.audit import words as v
from peelian.technologies.risk.audit.declared import FIGURES, LEAKAGE, RATES, RIVALS, RULES, VERDICTS
from peelian.technologies.risk.audit.rows import Row, everyone, has, picked, rows, verdict_rows
from peelian.technologies.risk.audit.words import (
    AT_LEAST,
    AT_MOST,
    FIGURE_TITLES,
    IS,
    NO_BETTER,
    OTHERWISE,
    RATE_TITLES,
    REVERSED,
    SHORT_FIGURES,
    SHORT_TITLES,
    TOO_FEW_TO_TELL,
)
from peelian.technologies.risk.panels import HIDDEN, Columns, columns_of, group_name, picture_of
from peelian.technologies.risk.shared import BARE, CROSSED, EVERYONE, PARTNER

LEGEND = "Hidden are groups of fewer than 10 people, rates with n under 30, and values that would reveal a small group."


def with_interval(say: Say, row: Row | None, *, percent: bool = False, n: bool = False) -> str:
    """ "44.9% (42.6% to 47.2%)", with "n = …" where asked; a hidden figure says why it is hidden."""
    if row is None:
        return MISSING
    if not row.shown:
        return say(HIDDEN.get(row.suppressed, HIDDEN[BARE]))
    text = amount(say, row.value, percent=percent)
    if not (math.isnan(row.low) and math.isnan(row.high)):
        text = f"{text} ({_ends(say, row, percent)})"
    return f"{text}; n = {whole(say, row.den)}" if n else text


def _ends(say: Say, row: Row, percent: bool) -> str:
    if math.isinf(row.high):
        return say("at least %(low)s", low=amount(say, row.low, percent=percent))
    return between(say, row.low, row.high, percent=percent)


HEADLINE = ("base_rate", "high_share", "fpr", "fnr", "ppv", "npv", "accuracy")
CALIBRATION = (
    "auc", "calibration_slope", "calibration_intercept", "observed_over_expected", "brier", "mean_score_others",
    "mean_score_events",
)  # fmt: skip
COMPARED = (
    "fpr_ratio", "fnr_ratio", "ppv_ratio", "high_share_ratio", "auc_difference", "mean_score_others_difference",
    "mean_score_events_difference", "nij_index",
)  # fmt: skip
RECORDING = ("recording_parity_ppv", "recording_parity_fpr", "recording_largest")
PRICES = ("high_per_thousand", "wrongly_high_per_thousand", "wrongly_low_per_thousand")
PLANS = (
    "people_for_events", "people_for_fpr", "people_for_fnr", "people_for_auc", "people_for_ratio", "people_for_slope",
)  # fmt: skip
EXTRAS = (
    "incomplete_events", "incomplete_others", "base_rate_complete", "fpr_complete", "fnr_complete", "ppv_complete",
    "missing_outcome", "recomputed_equal", "recomputed_same_side",
)  # fmt: skip
BOUNDED = ("base_rate_bounds", "fpr_bounds", "ppv_bounds")
CONDITIONS = {
    IS: "if %(feature)s is %(level)s",
    AT_LEAST: "if %(feature)s is %(level)s or more",
    AT_MOST: "if %(feature)s is %(level)s or less",
    OTHERWISE: "otherwise",
}
TITLES = FIGURE_TITLES | SHORT_TITLES | SHORT_FIGURES
Found = Mapping[str, Mapping[tuple[str, str], Row]]  # rows of each metric by (axis, group)
Cell = Callable[[Row | None], str]


def verdict_grid(findings: Findings, say: Say) -> Grid | None:
    """Verdict, people, events and others of every group that stands alone; people beside assessments, where several."""
    lines = [line for line in verdict_rows(findings) if line["axis"] not in (CROSSED, EVERYONE)]
    of = columns_of(findings, say, VERDICTS)
    persons = {
        m: found for m in ("persons", "persons_events", "persons_others") if (found := picked(findings, "figures", m))
    }
    columns = (
        of.shown("axis"),
        of.group,
        of.shown("discrimination"),
        of.shown("verdict"),
        of.people,
        of.shown("events"),
        of.shown("others"),
        *_figures(say, persons, lambda row: whole(say, row.value) if row and row.shown else with_interval(say, row)),
    )
    return _made(lines, columns, say("Verdicts by group"), source=_source(findings, "verdicts"))


def crossed_grid(findings: Findings, say: Say) -> Grid | None:
    """Verdict and error rates of the crossed groups."""
    cut = float(findings.facts["cut"])
    rates = {m: picked(findings, "rates", m, at=cut, crossed=True) for m in ("fpr", "fnr", "ppv")}
    lines = [line for line in verdict_rows(findings) if line["axis"] == CROSSED]
    of = columns_of(findings, say, VERDICTS)
    columns = [
        of.group,
        of.word(say("Verdict"), "verdict"),
        of.people,
        *_figures(say, rates, partial(with_interval, say, percent=True)),
    ]
    return _made(lines, columns, say("Crossed groups: verdict and errors at the cut-off"), folded=True)


def error_grid(findings: Findings, say: Say) -> Grid | None:
    """Every rate at the cut for everyone and each group."""
    cut = float(findings.facts["cut"])
    found = {m: picked(findings, "rates", m, at=None if m == "base_rate" else cut) for m in HEADLINE}
    caption = say("Rates at cut-off %(cut).6g, with interval and n", cut=cut)
    cell = partial(with_interval, say, percent=True, n=True)
    return _by_group(say, found, cell, caption, source=_source(findings, "rates"))


def calibration_grid(findings: Findings, say: Say) -> Grid | None:
    """Area, slope, intercept, observed over expected, Brier score and mean scores per group."""
    found = {metric: picked(findings, "figures", metric) for metric in CALIBRATION}
    return _by_group(say, found, partial(with_interval, say), say("Discrimination, calibration and balance"))


def comparison_grid(findings: Findings, say: Say) -> Grid | None:
    """Ratios of FPR, FNR and PPV, differences of area and of mean scores, each to the reference group."""
    found = {metric: picked(findings, "figures", metric) for metric in COMPARED}
    caption, source = say("Each group compared with its reference group"), _source(findings, "figures")
    return _by_group(say, found, partial(with_interval, say), caption, against=True, source=source)


def forced_grid(findings: Findings, say: Say) -> Grid | None:
    """Base rate, the FPR it implies at the overall PPV and FNR, and the observed FPR."""
    forced = picked(findings, "figures", "forced_fpr")
    base = picked(findings, "rates", "base_rate")
    fpr = picked(findings, "rates", "fpr", at=float(findings.facts["cut"]))
    percent = partial(with_interval, say, percent=True)
    columns = (
        Columns(say=say, emit=RATES).group,
        Column(say("Base rate"), lambda line: percent(base.get((line["axis"], line["group"]))), True),
        Column(say("Implied FPR"), lambda line: percent(forced[line["axis"], line["group"]]), True),
        Column(say("Observed FPR"), lambda line: percent(fpr.get((line["axis"], line["group"]))), True),
    )
    lines = [{"axis": row.axis, "group": row.group} for row in forced.values() if row.shown]
    return _made(lines, columns, say("False positive rates implied by base rates"), folded=True)


def price_grid(findings: Findings, say: Say) -> Grid | None:
    """Per 1,000 people scored, at every cut-off: scored high, false positives, false negatives."""
    by_cut: dict[float, dict[str, Row]] = {}
    for row in rows(findings, "figures"):
        if row.metric in PRICES and row.axis == EVERYONE:
            by_cut.setdefault(row.at, {})[row.metric] = row

    def price(metric: str) -> Column:
        return Column(say(SHORT_FIGURES[metric]), lambda at: with_interval(say, by_cut[at].get(metric)), True)

    columns = [Column(say("Cut-off"), lambda at: amount(say, at), True), *map(price, PRICES)]
    return _made(sorted(by_cut), columns, say("Effect of each cut-off per 1,000 people scored"))


def recording_grid(findings: Findings, say: Say) -> Grid | None:
    """The factors at which PPV or FPR would equal the reference group's, and the largest possible."""
    found = {metric: picked(findings, "figures", metric) for metric in RECORDING}
    caption = say("Under-recording factors that would remove a difference")
    return _by_group(say, found, partial(_factor, say), caption, against=True)


def leakage_grid(findings: Findings, say: Say) -> Grid | None:
    """How well each source tells each group from the others of its axis."""
    of, leakage = columns_of(findings, say, LEAKAGE), _source(findings, "leakage")
    columns = (of.shown("axis"), of.group, of.shown("source"), of.estimated("auc"), of.people)
    caption = say("How well a variable tells the group (AUC; 0.5 is guessing)")
    return _made(leakage.records() if leakage else (), columns, caption, source=leakage, folded=True)


def rival_grid(findings: Findings, say: Say) -> Grid | None:
    """AUC of the instrument and of the simple models on test people."""
    of, rivals = columns_of(findings, say, RIVALS), _source(findings, "rivals")
    columns = (
        of.shown("rival"),
        Column(say("Features"), lambda r: ", ".join(filter(None, (r["feature"], r["second_feature"]))) or MISSING),
        of.estimated("auc"),
        of.estimated("difference", "difference_lo", "difference_hi"),
        of.people,
    )
    return _made(rivals.records() if rivals else (), columns, say("Instrument and two simple models"), source=rivals)


def rule_grid(findings: Findings, say: Say) -> Grid | None:
    """The rule list, line by line."""
    of, rules = columns_of(findings, say, RULES), _source(findings, "rules")
    columns = (
        of.shown("line"),
        Column(of.title("test"), lambda r: say(CONDITIONS[r["test"]], feature=r["feature"], level=r["level"])),
        of.estimated("share"),
        of.people,
    )
    return _made(rules.records() if rules else (), columns, say("Three-line rule list"))


def extra_grid(findings: Findings, say: Say) -> Grid | None:
    """Follow-up, missing outcomes and fidelity."""
    percent = partial(with_interval, say, percent=True)
    made = [
        (say(RATE_TITLES[metric]), group_name(say, axis, group), percent(row, n=True))
        for metric in EXTRAS
        for (axis, group), row in picked(findings, "rates", metric).items()
    ]
    made += [
        (say(FIGURE_TITLES[metric]), say("Everyone"), percent(row))
        for metric in BOUNDED
        if (row := everyone(picked(findings, "figures", metric)))
    ]
    columns = [(title, lambda line, i=i: line[i]) for i, title in enumerate((say("Measure"), say("Group")))]
    return _made(made, (*columns, Column(say("Share"), lambda line: line[2], True)), say("Other checks"))


def plan_grid(findings: Findings, say: Say) -> Grid | None:
    """How many people a group needs for each purpose."""
    found = [row for metric in PLANS if (row := everyone(picked(findings, "figures", metric))) and row.shown]
    columns = (
        Column(say("Goal"), lambda row: say(FIGURE_TITLES[row.metric])),
        Column(say("People"), lambda row: whole(say, row.value), True),
    )
    return _made(found, columns, say("People needed in each group"))


def _by_group(say: Say, found: Found, cell: Cell, caption: str, *, against: bool = False, **given: Any) -> Grid | None:
    """A line for each group that has the first metric of `found`, and a column for each metric."""
    lines = [{"axis": r.axis, "group": r.group, "against": r.against} for r in next(iter(found.values())).values()]
    of = Columns(say=say, emit=FIGURES)
    other = [of.shown("against")] if against else []
    return _made(lines, [of.group, *other, *_figures(say, found, cell)], caption, folded=True, **given)


def _factor(say: Say, row: Row | None) -> str:
    """A factor; none within reach is said in words."""
    if row is None or row.suppressed == PARTNER:
        return with_interval(say, row)
    return amount(say, row.value) if row.shown else say("none possible")


def _figures(say: Say, found: Found, cell: Cell) -> list[Column]:
    """A column for each metric: its figure for the row's group."""

    def shown(rows: Mapping[tuple[str, str], Row]) -> Callable[[Line], str]:
        return lambda line: cell(rows.get((line["axis"], line["group"])))

    return [Column(say(TITLES[metric]), shown(rows), True) for metric, rows in found.items()]


def _made(lines: Sequence[Any], columns: Sequence[Any], caption: str, **given: Any) -> Grid | None:
    """A table, or nothing where it has no lines."""
    return tabled(lines, columns, caption=caption, **given) if lines else None


def _source(findings: Findings, name: str) -> Table | None:
    return findings.table(name) if has(findings, name) else None


# The trade-off of thresholds: a table of errors by group for each cut-off, of which the reader chooses one.

METRICS = ("high_share", "fpr", "fnr", "ppv")
MOST_CUTS = 20


def cut_choice(findings: Findings, say: Say) -> Choice | None:
    """Share scored high, FPR, FNR and PPV by group at up to 20 cut-offs, the audit's own chosen. O(rows)."""
    by_cut: dict[float, dict[tuple[str, str], dict[str, Row]]] = {}
    for row in rows(findings, "rates"):
        if row.metric in METRICS and isfinite(row.at) and row.axis != CROSSED:
            by_cut.setdefault(row.at, {}).setdefault((row.axis, row.group), {})[row.metric] = row
    cut = float(findings.facts["cut"])
    cuts = _thinned(sorted(by_cut), cut)
    if len(cuts) < 2 or cut not in by_cut:
        return None
    return Choice(
        caption=say("Choose a cut-off to see its errors"),
        labels=tuple(amount(say, at) for at in cuts),
        grids=tuple(_grid(at, by_cut[at], say) for at in cuts),
        chosen=cuts.index(cut),
    )


def _thinned(cuts: list[float], cut: float) -> list[float]:
    """At most `MOST_CUTS` of the cut-offs, evenly apart, the audit's own among them.

    >>> len(_thinned([float(n) for n in range(100)], 7.0)), 7.0 in _thinned([float(n) for n in range(100)], 7.0)
    (20, True)
    """
    if len(cuts) <= MOST_CUTS:
        return cuts
    kept = {cuts[round(n * (len(cuts) - 1) / (MOST_CUTS - 2))] for n in range(MOST_CUTS - 1)}
    return sorted({*kept, cut})


def _grid(at: float, groups: dict[tuple[str, str], dict[str, Row]], say: Say) -> Grid:
    return Grid(
        caption=say("Errors at a cut-off of %(cut)s", cut=amount(say, at)),
        titles=(say("Group"), *(say(SHORT_TITLES[metric]) for metric in METRICS)),
        rows=tuple(
            (group_name(say, *key), *(with_interval(say, found.get(metric), percent=True) for metric in METRICS))
            for key, found in groups.items()
        ),
        numeric=frozenset(range(1, len(METRICS) + 1)),
    )


# Charts of the audit's page: error rates by group, calibration curves, rates by cut-off.

MOST_PANES = 18


def error_picture(findings: Findings, say: Say, metric: str) -> Picture | None:
    """One rate per group with its interval, and everyone's as a line."""
    found = picked(findings, "rates", metric, at=float(findings.facts["cut"]))
    shown = [row for key, row in found.items() if row.shown and key[0] != EVERYONE]
    overall = everyone(found)
    if not shown or overall is None or not overall.shown:
        return None
    most, least = (pick(shown, key=lambda row: row.value) for pick in (max, min))
    picture = picture_of(
        [{"axis": r.axis, "group": r.group, "value": r.value, "lo": r.low, "hi": r.high, "n": r.den} for r in shown],
        Columns(say=say, emit=RATES).like("value"),
        say(RATE_TITLES[metric]),
        "value",
        lambda rows: say(
            "From %(least)s (%(group)s) to %(most)s (%(other)s). Everyone: %(all)s.",
            least=amount(say, least.value, percent=True),
            group=least.group,
            most=amount(say, most.value, percent=True),
            other=most.group,
            all=amount(say, overall.value, percent=True),
        ),
        reference=overall.value,
        reference_name=say("Everyone"),
        value_range=(0.0, None),
    )
    return replace(picture, twin=replace(picture.twin, folded=True)) if picture and picture.twin else picture


def calibration_picture(findings: Findings, say: Say) -> Picture | None:
    """Observed against expected share of events by band, a small chart for each group that stands alone."""
    observed, promised = _by_node(findings, "rates", "observed"), _by_node(findings, "figures", "promised")
    probability = bool(findings.facts.get("probability"))
    panes = []
    for key in _largest(observed):
        # Everyone lies on the diagonal by construction where scores are ranks.
        if key[0] == EVERYONE and not probability:
            continue
        there = [(promised[key][at].value, row) for at, row in observed[key].items() if at in promised.get(key, {})]
        points = [(x, row) for x, row in there if row.shown and np.isfinite(x)]
        if len(points) > 1:
            panes.append(Pane(title=group_name(say, *key), series=[_curve(say("Observed"), points)]))
    if not panes:
        return None
    return multiples(
        panes[:MOST_PANES],
        x_title=say("Expected share with the outcome"),
        y_title=say("Observed share with the outcome"),
        caption=say("Calibration curves"),
        alternative=say(
            "Observed and expected shares for %(n)d %(n:group|groups). They are equal on the diagonal.",
            n=len(panes[:MOST_PANES]),
        ),
        reference="diagonal",
        reference_name=say("Observed as expected"),
        percent=True,
        say=say,
    )


def sweep_picture(findings: Findings, say: Say) -> Picture | None:
    """False positive and false negative rate at every cut, a small chart for everyone and each group."""
    found = {metric: _by_node(findings, "rates", metric) for metric in ("fpr", "fnr")}
    panes = []
    for key in _largest(found["fpr"]):
        curves = [sorted((at, row) for at, row in found[metric].get(key, {}).items() if row.shown) for metric in found]
        if min(map(len, curves)) > 1:
            names = (say("False positive rate"), say("False negative rate"))
            series = [_curve(name, points) for name, points in zip(names, curves, strict=True)]
            panes.append(Pane(title=group_name(say, *key), series=series))
    if not panes:
        return None
    return multiples(
        panes[:MOST_PANES],
        x_title=say("Cut-off"),
        y_title=say("Error rate"),
        caption=say("False positive and false negative rates by cut-off"),
        alternative=say(
            "Both error rates of %(n)d %(n:group|groups) at each cut-off. Where one falls, the other rises.",
            n=len(panes[:MOST_PANES]),
        ),
        at=float(findings.facts["cut"]),
        at_name=say("Cut-off of this audit"),
        percent=True,
        x_percent=False,
        say=say,
    )


def _largest(found: Mapping[tuple[str, str], Mapping[float, Row]]) -> list[tuple[str, str]]:
    """Everyone and the groups that stand alone, in order; of more than fit, those of most people."""
    alone = [key for key in found if key[0] != CROSSED]
    size = {key: max((row.den for row in found[key].values()), default=0) for key in alone}
    kept = set(sorted(alone, key=lambda key: (key[0] != EVERYONE, -size[key]))[: MOST_PANES + 1])
    return [key for key in alone if key in kept]


def _curve(name: str, points: Sequence[tuple[float, Row]]) -> Series:
    return Series(
        name=name,
        x=[x for x, _ in points],
        y=[row.value for _, row in points],
        low=[row.low for _, row in points],
        high=[row.high for _, row in points],
    )


def _by_node(findings: Findings, table: str, metric: str) -> dict[tuple[str, str], dict[float, Row]]:
    """Rows of one metric by node and then by score."""
    found: dict[tuple[str, str], dict[float, Row]] = {}
    for row in rows(findings, table):
        if row.metric == metric and np.isfinite(row.at):
            found.setdefault((row.axis, row.group), {})[row.at] = row
    return found


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
