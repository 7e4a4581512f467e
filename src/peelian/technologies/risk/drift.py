"""Drift: AUC, observed over expected and the share scored high by quarter, each tested for a change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows
from peelian.measure.multiplicity import holm
from peelian.measure.rates import delong, placements
from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.change import FEWEST_QUARTERS, Change, change
from peelian.technologies.risk.counts import Floats, Mask
from peelian.technologies.risk.declarations.drift import DRIFT_COLUMNS, QUARTER_COLUMNS, DriftParams
from peelian.technologies.risk.drift_view import view
from peelian.technologies.risk.drift_words import (
    ALARMS,
    CAVEATS,
    CHANGED,
    INSIDE,
    MESSAGES,
    METRICS,
    NO_DRIFT,
    NO_DRIFT_FOUND,
    NOT_TESTED,
    ODD,
    OUTSIDE,
    SHIFTED,
    SIZE,
    STANDS_OUT,
    TOO_FEW,
    TOUCHED,
    TRIED,
    VOCABULARY,
    WOULD_SEE,
)
from peelian.technologies.risk.emitted import everyone_in_public, few, table_of
from peelian.technologies.risk.params import Plan
from peelian.technologies.risk.promises import promised
from peelian.technologies.risk.study import Study, study
from peelian.technologies.risk.suppression import BARE, FEW, FEWEST, SHOWN, SMALLEST

FALSE_ALARMS = 0.05
"""Chance of any alarm in a whole series without drift, over all figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One figure by quarter [Q], its variance without a change [Q], its n [Q], and where it may be shown and tested."""

    metric: str
    value: Floats
    variance: Floats
    n: Floats
    usable: Mask


def run(params: DriftParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Each figure by quarter with control limits, and a verdict on each. O(cells + draws x quarters)."""
    context.progress("Counting", 0.0)
    quarters = datasets["quarters"].table
    when, people, found = figures(quarters, params)
    changes = {
        one.metric: change(
            one.value[one.usable], one.variance[one.usable], seed=context.seed + i, level=FALSE_ALARMS / len(found)
        )
        for i, one in enumerate(found)
        if one.usable.sum() >= FEWEST_QUARTERS
    }
    adjusted = dict(zip(changes, holm([one.p for one in changes.values()]).tolist(), strict=True))
    rows = [row for one in found for row in _by_quarter(one, when, changes.get(one.metric))]
    verdicts = [_verdict(one, when, changes, adjusted) for one in found]
    facts: dict[str, int | float | str | bool] = {"quarters": len(when), "false_alarms": FALSE_ALARMS}
    tables = (
        table_of("drift", DRIFT_COLUMNS, verdicts, quarters="bins"),
        table_of("by_quarter", QUARTER_COLUMNS, [*_volume(when, people), *rows]),
    )
    return Findings(tables=tables, notes=tuple(_notes(verdicts, rows, people)), facts=facts)


def figures(quarters: Table, params: DriftParams) -> tuple[Any, Floats, list[Series]]:
    """The quarters [Q], their people [Q], and each figure by quarter. Expected shares are those of the whole period.

    Variances without a change come from the whole period, too. O(cells).
    """
    tally = study(quarters, Plan(cut=params.cut, low_is_high_risk=params.low_is_high_risk))
    sign = tally.counts.sign
    when, at = np.unique(quarters["quarter"], return_inverse=True)
    score = sign * quarters["score"].astype(np.float64)
    n = quarters["n"].astype(np.float64)
    known = quarters["outcome_known"] == 1 if "outcome_known" in quarters else np.ones(len(n), bool)
    people = np.bincount(at, weights=n, minlength=len(when)).astype(np.float64)
    cells = np.zeros((len(when), len(tally.counts.scores), 2))
    place = np.searchsorted(tally.counts.scores, score, side="right") - 1
    rows = known & (place >= 0)
    np.add.at(cells, (at[rows], place[rows], quarters["outcome"][rows].astype(np.int64)), n[rows])
    high = np.bincount(at, weights=n * (score >= sign * tally.cut), minlength=len(when)).astype(np.float64)
    return when, people, [_areas(cells), _ratios(tally, cells, params), _shares(high, people)]


def _areas(cells: Floats) -> Series:
    """AUC by quarter; its variance from the placements of the whole period (DeLong)."""
    value = delong(cells[..., 1], cells[..., 0]).value
    whole = cells.sum(axis=0)
    spreads = []
    events, others = cells[..., 1].sum(axis=1), cells[..., 0].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        for values, n in zip(placements(whole[:, 1], whole[:, 0]), (whole[:, 1], whole[:, 0]), strict=True):
            mean = (n * values).sum() / n.sum()
            spreads.append((n * (values - mean) ** 2).sum() / (n.sum() - 1))
        variance = spreads[0] / events + spreads[1] / others
    usable = (np.minimum(events, others) >= SMALLEST) & (events + others >= FEWEST)
    return Series(metric="auc", value=value, variance=variance, n=events + others, usable=usable)


def _ratios(tally: Study, cells: Floats, params: DriftParams) -> Series:
    """Observed over expected by quarter."""
    share = promised(tally, probability=params.probability)
    level = np.searchsorted(tally.levels.scores, tally.counts.scores, side="right") - 1
    promise = tally.counts.scores if params.probability else share[level]
    n, events = cells.sum(axis=2), cells[..., 1].sum(axis=1)
    expected = (n * promise).sum(axis=1)
    happens = np.minimum(promise * events.sum() / expected.sum(), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value, variance = events / expected, (n * happens * (1 - happens)).sum(axis=1) / expected**2
    usable = (n.sum(axis=1) >= FEWEST) & (expected >= SMALLEST)
    return Series(metric="observed_over_expected", value=value, variance=variance, n=n.sum(axis=1), usable=usable)


def _shares(high: Floats, people: Floats) -> Series:
    """The share scored high by quarter."""
    share = high.sum() / people.sum()
    return Series(
        metric="high_share",
        value=high / people,
        variance=share * (1 - share) / people,
        n=people,
        usable=people >= FEWEST,
    )


def _volume(when: Any, people: Floats) -> Iterator[dict[str, Any]]:
    """People scored by quarter: counted, not judged."""
    for quarter, n in zip(when, people, strict=True):
        hidden = n < SMALLEST
        row = {"quarter": quarter, "metric": "people", "n": 0 if hidden else int(n), "verdict": ""}
        yield row | {"suppressed": FEW if hidden else SHOWN} | ({} if hidden else {"value": float(n)})


def _by_quarter(series: Series, when: Any, found: Change | None) -> Iterator[dict[str, Any]]:
    places = np.cumsum(series.usable) - 1
    for i, quarter in enumerate(when):
        row: dict[str, Any] = {"quarter": quarter, "metric": series.metric, "n": 0, "verdict": ""}
        if not series.usable[i]:
            yield row | {"suppressed": FEW if series.n[i] < SMALLEST else BARE}
            continue
        row |= {"suppressed": SHOWN, "value": float(series.value[i]), "n": int(series.n[i])}
        if found is not None:
            low, high = float(found.low[places[i]]), float(found.high[places[i]])
            inside = low <= series.value[i] <= high
            row |= {"limit_low": low, "limit_high": high, "verdict": INSIDE if inside else OUTSIDE}
        yield row


def _verdict(series: Series, when: Any, changes: Mapping[str, Change], adjusted: Mapping[str, float]) -> dict[str, Any]:
    usable = int(series.usable.sum())
    row: dict[str, Any] = {"metric": series.metric, "quarters": usable, "since": when[0], "verdict": TOO_FEW}
    found = changes.get(series.metric)
    if found is None:
        return row
    p, gap = adjusted[series.metric], found.after - found.before
    row |= {"since": when[series.usable][found.at], "before": found.before, "after": found.after, "p": p}
    row |= {"lo": gap - 1.96 * found.error, "hi": gap + 1.96 * found.error, "detectable": found.detectable}
    return row | {"verdict": NO_DRIFT if p > FALSE_ALARMS else CHANGED if found.lasting else STANDS_OUT}


def _notes(verdicts: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], people: Floats) -> Iterator[Note]:
    """What is said: the answer, how sure it is, whom it touches, what is not known."""
    changed = [row for row in verdicts if row["verdict"] == CHANGED]
    tested = [row for row in verdicts if row["verdict"] != TOO_FEW]
    yield from _answer(verdicts)
    outside = sum(row["verdict"] == OUTSIDE for row in rows)
    if outside:
        yield Note(text=ALARMS, values={"n": outside})
    yield Note(text=TRIED, values={"percent": 100 * FALSE_ALARMS}, kind="explanation")
    for row in tested:
        shift = _scale(row) * row["detectable"]
        yield Note(text=WOULD_SEE[row["metric"]], values={"shift": shift}, kind="explanation")
    shown = people[people >= SMALLEST]
    yield Note(text=SIZE, values={"n": int(shown.sum()), "quarters": len(shown)})
    for row in changed[:1]:
        since = [r for r in rows if r["metric"] == "high_share" and r["quarter"] >= row["since"]]
        yield Note(text=TOUCHED, values={"n": sum(r["n"] for r in since), "since": str(row["since"])})
    for text in CAVEATS:
        yield Note(text=text, kind="caveat")


def _answer(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[Note]:
    for row in verdicts:
        if row["verdict"] == CHANGED:
            values = {name: _scale(row) * row[name] for name in ("before", "after", "lo", "hi")}
            yield Note(text=SHIFTED[row["metric"]], values={"since": str(row["since"]), **values})
        elif row["verdict"] == STANDS_OUT:
            yield Note(text=ODD[row["metric"]])
        elif row["verdict"] == TOO_FEW:
            yield Note(text=NOT_TESTED[row["metric"]], values={"n": FEWEST_QUARTERS})
    said = {row["verdict"] for row in verdicts}
    if NO_DRIFT in said and not said & {CHANGED, STANDS_OUT}:
        yield Note(text=NO_DRIFT_FOUND)


def _scale(row: Mapping[str, Any]) -> float:
    """Shares are told in per cent."""
    return 100.0 if row["metric"] == "high_share" else 1.0


def example() -> Example:
    """Invented people: twelve quarters of 300, and from the seventh on the outcome is more frequent than before."""
    rng = np.random.default_rng(21)
    rows = []
    for quarter in range(12):
        score = rng.integers(1, 11, 300)
        outcome = rng.random(300) < (0.1 + 0.05 * score) * (1.3 if quarter >= 6 else 1.0)
        start = np.datetime64("2019-01", "M") + 3 * quarter
        rows += [(start, s, int(o)) for s, o in zip(score.tolist(), outcome.tolist(), strict=True)]
    cells = sorted(set(rows))
    counted = dict.fromkeys(cells, 0)
    for row in rows:
        counted[row] += 1
    when, score_, outcome_ = zip(*cells, strict=True)
    made = table(
        "quarters",
        {
            "score": (Kind.AMOUNT, np.array(score_, dtype=float)),
            "outcome": (Kind.COUNT, np.array(outcome_, dtype=np.int64)),
            "outcome_known": (Kind.COUNT, np.ones(len(cells), dtype=np.int64)),
            "quarter": (Kind.TIME, np.array(when, dtype="datetime64[D]")),
            "n": (Kind.COUNT, np.array([counted[cell] for cell in cells])),
        },
        n="people",
    )
    facts: dict[str, int | float | str | bool] = {"people": len(rows), "axes": "", "groups": "everyone,crossed"}
    data = Dataset(id="invented-quarters", format="risk-quarters", digest=made.digest(), table=made, facts=facts)
    return Example(params=DriftParams(cut=6.0), datasets={"quarters": data})


def public(findings: Findings) -> Findings:
    """Everything but numbers that count, or leave out, 1 to 10 people of a quarter."""

    def may(rows: Table) -> Mask:
        if rows.name != "by_quarter":
            return np.ones(len(rows), bool)
        rate = rows["metric"] == "high_share"
        return ~few(np.where(rate, rows["value"], 1.0), rows["n"])

    return everyone_in_public(findings, may)


ARITHMETIC = Arithmetic(
    run=run,
    example=example,
    messages=MESSAGES,
    vocabulary=VOCABULARY | frozenset(METRICS),
    public=public,
    shows=Shows(view=view),
)
