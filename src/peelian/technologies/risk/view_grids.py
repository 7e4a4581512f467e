"""Tables of the audit's page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from math import isnan
from typing import Any

from peelian.errors import MISSING
from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.panels import Grid, Say, tabled
from peelian.pictures.words import amount, between
from peelian.technologies.risk.contest import AT_LEAST, AT_MOST, IS, OTHERWISE
from peelian.technologies.risk.counts import CROSSED, EVERYONE
from peelian.technologies.risk.extract import Row, everyone, has, picked, rows, verdict_rows
from peelian.technologies.risk.suppression import PARTNER, SHOWN
from peelian.technologies.risk.view_words import HIDDEN, group_name, whole, with_interval
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
BOUNDED = ("base_rate_bounds", "fpr_bounds", "ppv_bounds")


def verdict_grid(findings: Findings, say: Say) -> Grid | None:
    """Verdict, people, events and others of every group that stands alone."""
    lines = [line for line in verdict_rows(findings) if line["axis"] not in (CROSSED, EVERYONE)]
    if not lines:
        return None
    return tabled(
        lines,
        (
            (say("Axis"), lambda line: line["axis"]),
            (say("Group"), lambda line: line["group"]),
            (say("Discrimination"), lambda line: say(line["discrimination"])),
            (say("Calibration"), lambda line: say(line["verdict"])),
            (say("People"), lambda line: _count(line, "n", say)),
            (say("With outcome"), lambda line: _count(line, "events", say)),
            (say("Without outcome"), lambda line: _count(line, "others", say)),
        ),
        caption=say("Verdicts by group"),
        numeric=range(4, 7),
        source=_source(findings, "verdicts"),
    )


def crossed_grid(findings: Findings, say: Say) -> Grid | None:
    """Verdict and error rates of the crossed groups."""
    cut = float(findings.facts["cut"])
    rates = {m: picked(findings, "rates", m, at=cut, crossed=True) for m in ("fpr", "fnr", "ppv")}
    lines = [line for line in verdict_rows(findings) if line["axis"] == CROSSED]
    made = []
    for line in lines:
        key = (CROSSED, line["group"])
        shares = [with_interval(say, rates[m].get(key), percent=True) for m in rates]
        made.append((line["group"], say(line["verdict"]), _count(line, "n", say), *shares))
    titles = (say("Group"), say("Verdict"), say("People"), *(say(SHORT_TITLES[m]) for m in rates))
    return _grid(
        say("Crossed groups: verdict and errors at the cut-off"), titles, made, numeric=range(2, 6), folded=True
    )


def error_grid(findings: Findings, say: Say) -> Grid | None:
    """Every rate at the cut for everyone and each group."""
    cut = float(findings.facts["cut"])
    found = {m: picked(findings, "rates", m, at=None if m == "base_rate" else cut) for m in HEADLINE}
    caption = say("Rates at cut-off %(cut).6g, with interval and n", cut=cut)
    cell = partial(with_interval, say, percent=True, n=True)
    return _by_group(say, found, SHORT_TITLES, cell, caption=caption, source=_source(findings, "rates"))


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
    return _by_group(say, found, SHORT_FIGURES, partial(with_interval, say), caption=caption)


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
    return _by_group(say, found, SHORT_FIGURES, cell, caption=caption, against=True, source=source)


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
    return _by_group(say, found, SHORT_FIGURES, partial(_factor, say), caption=caption, against=True)


def leakage_grid(findings: Findings, say: Say) -> Grid | None:
    """How well each source tells each group from the others of its axis."""
    if not has(findings, "leakage"):
        return None
    made = [
        (axis, group, source, f"{amount(say, auc)} ({between(say, low, high)})", whole(say, n))
        for axis, group, source, auc, low, high, _, n in findings.table("leakage").rows()
    ]
    titles = (say("Axis"), say("Group"), say("Variable"), say("AUC"), say("People"))
    caption = say("How well a variable tells the group (AUC; 0.5 is guessing)")
    return _grid(caption, titles, made, numeric=range(3, 5), source=_source(findings, "leakage"), folded=True)


def rival_grid(findings: Findings, say: Say) -> Grid | None:
    """AUC of the instrument and of the simple models on test people."""
    if not has(findings, "rivals"):
        return None

    def area(row: dict[str, Any]) -> str:
        return f"{amount(say, row['auc'], decimals=3)} ({between(say, row['lo'], row['hi'])})"

    def gap(row: dict[str, Any]) -> str:
        if isnan(row["difference"]):  # the instrument itself
            return MISSING
        ends = between(say, row["difference_lo"], row["difference_hi"])
        return f"{amount(say, row['difference'], decimals=3)} ({ends})"

    rivals = findings.table("rivals")
    return tabled(
        rivals.records(),
        (
            (say("Model"), lambda row: say(row["rival"])),
            (say("Features"), lambda row: ", ".join(filter(None, (row["feature"], row["second_feature"]))) or MISSING),
            (say("AUC"), area),
            (say("Difference from the instrument"), gap),
            (say("People"), lambda row: whole(say, row["n"])),
        ),
        caption=say("Instrument and two simple models"),
        numeric=range(2, 5),
        source=rivals,
    )


def rule_grid(findings: Findings, say: Say) -> Grid | None:
    """The rule list, line by line."""
    if not has(findings, "rules"):
        return None
    made = []
    for line, feature, test, level, share, low, high, n in findings.table("rules").rows():
        condition = say(CONDITIONS[test], feature=feature, level=level)
        shown = f"{amount(say, share, percent=True)} ({between(say, low, high, percent=True)})" if n else MISSING
        made.append((whole(say, line), condition, shown, whole(say, n)))
    titles = (say("Rule"), say("Condition"), say("Share with the outcome"), say("People"))
    return _grid(say("Three-line rule list"), titles, made, numeric=frozenset({0, 2, 3}))


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
    found: Mapping[str, Mapping[tuple[str, str], Row]],
    titles: Mapping[str, str],
    cell: Callable[[Row | None], str],
    *,
    caption: str,
    against: bool = False,
    source: Table | None = None,
) -> Grid | None:
    """A line for each group that has the first metric of `found`, and a column for each metric."""
    made = []
    for key, row in next(iter(found.values())).items():
        other = (row.against,) if against else ()
        made.append((group_name(say, *key), *other, *(cell(rows.get(key)) for rows in found.values())))
    heads = (say("Group"), *((say("Reference group"),) if against else ()), *(say(titles[m]) for m in found))
    numeric = range(1 + against, len(heads))
    return _grid(caption, heads, made, numeric=numeric, source=source, folded=True)


def _factor(say: Say, row: Row | None) -> str:
    """A factor; none within reach is said in words."""
    if row is None or row.suppressed == PARTNER:
        return with_interval(say, row)
    return amount(say, row.value) if row.shown else say("none possible")


def _count(line: dict[str, object], name: str, say: Say) -> str:
    if line["suppressed"] == SHOWN or (name == "n" and line["n"]):
        return whole(say, float(str(line[name])))
    return say(HIDDEN[str(line["suppressed"])])


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
