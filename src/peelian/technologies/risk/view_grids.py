"""Tables of the audit's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from peelian.errors import MISSING
from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.columns import Line
from peelian.pictures.panels import Column, Grid, Say, tabled
from peelian.pictures.words import amount, whole
from peelian.technologies.risk.contest import AT_LEAST, AT_MOST, IS, OTHERWISE
from peelian.technologies.risk.counts import CROSSED, EVERYONE
from peelian.technologies.risk.declarations.columns import FIGURES, LEAKAGE, RATES, RIVALS, RULES, VERDICTS
from peelian.technologies.risk.extract import Row, everyone, has, picked, rows, verdict_rows
from peelian.technologies.risk.page import Columns, columns_of
from peelian.technologies.risk.suppression import PARTNER
from peelian.technologies.risk.view_words import group_name, with_interval
from peelian.technologies.risk.vocabulary import FIGURE_TITLES, RATE_TITLES, SHORT_FIGURES, SHORT_TITLES

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
