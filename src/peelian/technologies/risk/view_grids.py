"""Tables of the audit's page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from peelian.errors import MISSING
from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.panels import Grid, Say, tabled
from peelian.pictures.words import amount
from peelian.technologies.risk.contest import AT_LEAST, AT_MOST, IS, OTHERWISE
from peelian.technologies.risk.counts import CROSSED, EVERYONE
from peelian.technologies.risk.extract import Row, everyone, has, picked, rows, verdict_rows
from peelian.technologies.risk.page import Column, Columns, Line
from peelian.technologies.risk.suppression import PARTNER
from peelian.technologies.risk.view_words import group_name, whole, with_interval
from peelian.technologies.risk.vocabulary import FIGURE_TITLES, RATE_TITLES, SHORT_FIGURES, SHORT_TITLES

HEADLINE = ("base_rate", "high_share", "fpr", "fnr", "ppv", "npv", "accuracy")
PLANS = (
    "people_for_events",
    "people_for_fpr",
    "people_for_fnr",
    "people_for_auc",
    "people_for_ratio",
    "people_for_slope",
)
EXTRAS = (
    "incomplete_events",
    "incomplete_others",
    "base_rate_complete",
    "fpr_complete",
    "fnr_complete",
    "ppv_complete",
    "missing_outcome",
    "recomputed_equal",
    "recomputed_same_side",
)
CONDITIONS = {
    IS: "if %(feature)s is %(level)s",
    AT_LEAST: "if %(feature)s is %(level)s or more",
    AT_MOST: "if %(feature)s is %(level)s or less",
    OTHERWISE: "otherwise",
}
TITLES = FIGURE_TITLES | SHORT_TITLES | SHORT_FIGURES
Found = Mapping[str, Mapping[tuple[str, str], Row]]  # rows of each metric by (axis, group)
Cell = Callable[[Row | None], str]
BOUNDED = ("base_rate_bounds", "fpr_bounds", "ppv_bounds")


def verdict_grid(findings: Findings, say: Say) -> Grid | None:
    """Verdict, people, events and others of every group that stands alone; people beside assessments, where several."""
    lines = [line for line in verdict_rows(findings) if line["axis"] not in (CROSSED, EVERYONE)]
    if not lines:
        return None
    of = _columns(findings, say)
    persons = {m: found for m in ("persons_events", "persons_others") if (found := picked(findings, "figures", m))}
    columns = (
        (say("Axis"), lambda line: line["axis"]),
        of.group,
        of.word(say("Discrimination"), "discrimination"),
        of.word(say("Calibration"), "verdict"),
        of.count(of.people[0], "n"),
        of.count(say("With outcome"), "events"),
        of.count(say("Without outcome"), "others"),
        *_figures(say, persons, lambda row: whole(say, row.value) if row and row.shown else with_interval(say, row)),
    )
    source = _source(findings, "verdicts")
    return tabled(lines, columns, caption=say("Verdicts by group"), numeric=range(4, len(columns)), source=source)


def crossed_grid(findings: Findings, say: Say) -> Grid | None:
    """Verdict and error rates of the crossed groups."""
    cut = float(findings.facts["cut"])
    rates = {m: picked(findings, "rates", m, at=cut, crossed=True) for m in ("fpr", "fnr", "ppv")}
    lines = [line for line in verdict_rows(findings) if line["axis"] == CROSSED]
    of = _columns(findings, say)
    columns = [of.group, of.verdict, of.count(of.people[0], "n")]
    columns += _figures(say, rates, partial(with_interval, say, percent=True))
    caption = say("Crossed groups: verdict and errors at the cut-off")
    return tabled(lines, columns, caption=caption, numeric=range(2, 6), folded=True) if lines else None


def error_grid(findings: Findings, say: Say) -> Grid | None:
    """Every rate at the cut for everyone and each group."""
    cut = float(findings.facts["cut"])
    found = {m: picked(findings, "rates", m, at=None if m == "base_rate" else cut) for m in HEADLINE}
    caption = say("Rates at cut-off %(cut).6g, with interval and n", cut=cut)
    cell = partial(with_interval, say, percent=True, n=True)
    return _by_group(say, found, cell, caption=caption, source=_source(findings, "rates"))


def calibration_grid(findings: Findings, say: Say) -> Grid | None:
    """Area, slope, intercept, observed over expected, Brier score and mean scores per group."""
    metrics = (
        "auc",
        "calibration_slope",
        "calibration_intercept",
        "observed_over_expected",
        "brier",
        "mean_score_others",
        "mean_score_events",
    )
    found = {metric: picked(findings, "figures", metric) for metric in metrics}
    caption = say("Discrimination, calibration and balance")
    return _by_group(say, found, partial(with_interval, say), caption=caption)


def comparison_grid(findings: Findings, say: Say) -> Grid | None:
    """Ratios of FPR, FNR and PPV, differences of area and of mean scores, each to the reference group."""
    metrics = (
        "fpr_ratio",
        "fnr_ratio",
        "ppv_ratio",
        "high_share_ratio",
        "auc_difference",
        "mean_score_others_difference",
        "mean_score_events_difference",
        "nij_index",
    )
    found = {metric: picked(findings, "figures", metric) for metric in metrics}
    caption, cell = say("Each group compared with its reference group"), partial(with_interval, say)
    source = _source(findings, "figures")
    return _by_group(say, found, cell, caption=caption, against=True, source=source)


def forced_grid(findings: Findings, say: Say) -> Grid | None:
    """Base rate, the FPR it implies at the overall PPV and FNR, and the observed FPR."""
    forced = picked(findings, "figures", "forced_fpr")
    base = picked(findings, "rates", "base_rate")
    fpr = picked(findings, "rates", "fpr", at=float(findings.facts["cut"]))
    made = [
        (
            group_name(say, *key),
            with_interval(say, base.get(key), percent=True),
            with_interval(say, row, percent=True),
            with_interval(say, fpr.get(key), percent=True),
        )
        for key, row in forced.items()
        if row.shown
    ]
    titles = (say("Group"), say("Base rate"), say("Implied FPR"), say("Observed FPR"))
    caption = say("False positive rates implied by base rates")
    return _grid(caption, titles, made, numeric=range(1, 4), folded=True)


def price_grid(findings: Findings, say: Say) -> Grid | None:
    """Per 1,000 people scored, at every cut-off: scored high, false positives, false negatives."""
    metrics = ("high_per_thousand", "wrongly_high_per_thousand", "wrongly_low_per_thousand")
    by_cut: dict[float, dict[str, Row]] = {}
    for row in rows(findings, "figures"):
        if row.metric in metrics and row.axis == EVERYONE:
            by_cut.setdefault(row.at, {})[row.metric] = row
    made = [
        (amount(say, at), *(with_interval(say, found.get(m)) for m in metrics)) for at, found in sorted(by_cut.items())
    ]
    titles = (say("Cut-off"), *(say(SHORT_FIGURES[m]) for m in metrics))
    return _grid(say("Effect of each cut-off per 1,000 people scored"), titles, made, numeric=range(4))


def recording_grid(findings: Findings, say: Say) -> Grid | None:
    """The factors at which PPV or FPR would equal the reference group's, and the largest possible."""
    metrics = ("recording_parity_ppv", "recording_parity_fpr", "recording_largest")
    found = {metric: picked(findings, "figures", metric) for metric in metrics}
    caption = say("Under-recording factors that would remove a difference")
    return _by_group(say, found, partial(_factor, say), caption=caption, against=True)


def leakage_grid(findings: Findings, say: Say) -> Grid | None:
    """How well each source tells each group from the others of its axis."""
    if not has(findings, "leakage"):
        return None
    of = _columns(findings, say)
    columns = (
        (say("Axis"), lambda row: row["axis"]),
        of.group,
        (say("Variable"), lambda row: row["source"]),
        of.estimate(say("AUC"), "auc"),
        of.people,
    )
    caption, leakage = say("How well a variable tells the group (AUC; 0.5 is guessing)"), findings.table("leakage")
    return tabled(leakage.records(), columns, caption=caption, numeric=range(3, 5), source=leakage, folded=True)


def rival_grid(findings: Findings, say: Say) -> Grid | None:
    """AUC of the instrument and of the simple models on test people."""
    if not has(findings, "rivals"):
        return None
    of, rivals = _columns(findings, say), findings.table("rivals")
    columns = (
        of.word(say("Model"), "rival"),
        (say("Features"), lambda row: ", ".join(filter(None, (row["feature"], row["second_feature"]))) or MISSING),
        of.estimate(say("AUC"), "auc", decimals=3),
        of.estimate(say("Difference from the instrument"), "difference", "difference_lo", "difference_hi", decimals=3),
        of.people,
    )
    caption = say("Instrument and two simple models")
    return tabled(rivals.records(), columns, caption=caption, numeric=range(2, 5), source=rivals)


def rule_grid(findings: Findings, say: Say) -> Grid | None:
    """The rule list, line by line."""
    if not has(findings, "rules"):
        return None
    of = _columns(findings, say, percent=lambda row: True)
    columns = (
        of.count(say("Rule"), "line"),
        (say("Condition"), lambda row: say(CONDITIONS[row["test"]], feature=row["feature"], level=row["level"])),
        of.estimate(say("Share with the outcome"), "share"),
        of.count(of.people[0], "n"),
    )
    return tabled(findings.table("rules").records(), columns, caption=say("Three-line rule list"), numeric=(0, 2, 3))


def extra_grid(findings: Findings, say: Say) -> Grid | None:
    """Follow-up, missing outcomes and fidelity."""
    made = []
    for metric in EXTRAS:
        for (axis, group), row in picked(findings, "rates", metric).items():
            shown = with_interval(say, row, percent=True, n=True)
            made.append((say(RATE_TITLES[metric]), group_name(say, axis, group), shown))
    for metric in BOUNDED:
        row_or_none = everyone(picked(findings, "figures", metric))
        if row_or_none is not None:
            shown = with_interval(say, row_or_none, percent=True)
            made.append((say(FIGURE_TITLES[metric]), say("Everyone"), shown))
    return _grid(say("Other checks"), (say("Measure"), say("Group"), say("Share")), made, numeric=frozenset({2}))


def plan_grid(findings: Findings, say: Say) -> Grid | None:
    """How many people a group needs for each purpose."""
    made = []
    for metric in PLANS:
        row = everyone(picked(findings, "figures", metric))
        if row is not None and row.shown:
            made.append((say(FIGURE_TITLES[metric]), whole(say, row.value)))
    return _grid(say("People needed in each group"), (say("Goal"), say("People")), made, numeric=frozenset({1}))


def _by_group(
    say: Say,
    found: Found,
    cell: Cell,
    *,
    caption: str,
    against: bool = False,
    source: Table | None = None,
) -> Grid | None:
    """A line for each group that has the first metric of `found`, and a column for each metric."""
    lines = [{"axis": r.axis, "group": r.group, "against": r.against} for r in next(iter(found.values())).values()]
    other = [(say("Reference group"), lambda line: line["against"])] if against else []
    columns = [Columns(say=say).group, *other, *_figures(say, found, cell)]
    numeric = range(1 + against, len(columns))
    return tabled(lines, columns, caption=caption, numeric=numeric, source=source, folded=True) if lines else None


def _factor(say: Say, row: Row | None) -> str:
    """A factor; none within reach is said in words."""
    if row is None or row.suppressed == PARTNER:
        return with_interval(say, row)
    return amount(say, row.value) if row.shown else say("none possible")


def _columns(findings: Findings, say: Say, **given: Any) -> Columns:
    """Columns whose numbers are of people, or of assessments where some person has several."""
    return Columns(say=say, counted="Assessments" if "assessments" in findings.facts else "People", **given)


def _figures(say: Say, found: Found, cell: Cell) -> list[Column]:
    """A column for each metric: its figure for the row's group."""

    def shown(rows: Mapping[tuple[str, str], Row]) -> Callable[[Line], str]:
        return lambda line: cell(rows.get((line["axis"], line["group"])))

    return [(say(TITLES[metric]), shown(rows)) for metric, rows in found.items()]


def _grid(
    caption: str,
    titles: tuple[str, ...],
    made: Sequence[tuple[str, ...]],
    *,
    numeric: Iterable[int],
    source: Table | None = None,
    folded: bool = False,
) -> Grid | None:
    """A grid, or nothing where it has no rows; the page links `source` as data. A folded one is the annex's."""
    if not made:
        return None
    return Grid(
        caption=caption, titles=titles, rows=tuple(made), numeric=frozenset(numeric), source=source, folded=folded
    )


def _source(findings: Findings, name: str) -> Table | None:
    return findings.table(name) if has(findings, name) else None
