"""Drift: AUC, observed over expected and the share scored high by quarter, each tested for a change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows
from peelian.measure.multiplicity import holm
from peelian.measure.rates import delong, placements
from peelian.measure.table import Kind, Table
from peelian.technologies.risk.assessments import assessed
from peelian.technologies.risk.drift import words as w
from peelian.technologies.risk.drift.declared import CHANGES, METRICS, QUARTERLY, DriftParams
from peelian.technologies.risk.drift.page import view
from peelian.technologies.risk.example import invented
from peelian.technologies.risk.measure.change import FEWEST_QUARTERS, Change, change, covariance
from peelian.technologies.risk.measure.counts import Floats, Mask, Wholes
from peelian.technologies.risk.measure.jackknife import FEWEST_GROUPS
from peelian.technologies.risk.measure.promises import promised
from peelian.technologies.risk.measure.study import Study, study
from peelian.technologies.risk.measure.suppression import FEWEST, SMALLEST
from peelian.technologies.risk.publication import everyone_in_public, few
from peelian.technologies.risk.shared import BARE, FEW, SHOWN, Plan

FALSE_ALARMS = 0.05
"""Chance of any alarm in a whole series without drift, over all figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One figure by quarter [Q], its variance without a change [Q], its n [Q], and where it may be shown and tested.

    `each` [F, Q] is what each replicate group of persons adds to its distance from the whole period's figure.
    """

    metric: str
    value: Floats
    variance: Floats
    n: Floats
    usable: Mask
    each: Floats | None

    @property
    def groups(self) -> float:
        """How many replicate groups of persons there are; infinite where nobody has several assessments."""
        return np.inf if self.each is None else len(self.each)

    @property
    def spread(self) -> Floats:
        """The covariance of the usable quarters without a change."""
        return covariance(self.variance[self.usable], None if self.each is None else self.each[:, self.usable])


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """The rows of a series: place of the quarter and of the score, people, outcome, and group of persons, all [R].

    `fold` is None where nobody has several assessments.
    """

    quarters: int
    at: Wholes
    place: Wholes
    n: Floats
    outcome: Wholes
    fold: Wholes | None

    def people(self, mine: Mask) -> Floats:
        """People of these rows by quarter [Q]: assessments, or their groups of persons where these are under 10."""
        n = np.bincount(self.at[mine], weights=self.n[mine], minlength=self.quarters).astype(np.float64)
        if self.fold is None:
            return n
        pairs = np.unique(self.at[mine] + self.quarters * self.fold[mine])
        persons = np.bincount(pairs % self.quarters, minlength=self.quarters)
        return np.where(persons < SMALLEST, np.minimum(persons, n), n)

    def each(self, added: Floats, mine: Mask) -> Floats | None:
        """Sums of what rows of `mine` [R] add, `added` [R], by group of persons and quarter [F, Q]."""
        if self.fold is None:
            return None
        made = np.zeros((int(self.fold.max()) + 1, self.quarters))
        np.add.at(made, (self.fold[mine], self.at[mine]), (self.n * added)[mine])
        return made


def run(params: DriftParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Each figure by quarter with control limits, and a verdict on each. O(cells + draws x quarters^2)."""
    context.progress("Counting", 0.0)
    data = datasets["quarters"]
    when, people, found = figures(data.table, params)
    changes = {
        one.metric: change(
            one.value[one.usable], one.spread, seed=context.seed + i, level=FALSE_ALARMS / len(found), groups=one.groups
        )
        for i, one in enumerate(found)
        if one.usable.sum() >= FEWEST_QUARTERS and one.groups >= FEWEST_GROUPS
    }
    adjusted = dict(zip(changes, holm([one.p for one in changes.values()]).tolist(), strict=True))
    rows = [row for one in found for row in _by_quarter(one, when, changes.get(one.metric))]
    verdicts = [_verdict(one, when, changes, adjusted) for one in found]
    facts: dict[str, int | float | str | bool] = {"quarters": len(when), "false_alarms": FALSE_ALARMS}
    tables = (
        CHANGES.of_rows(verdicts),
        QUARTERLY.of_rows([*_volume(when, people), *rows]),
    )
    again, counted = assessed(data, told=min(one.groups for one in found) >= FEWEST_GROUPS)
    return Findings(tables=tables, notes=(*_notes(verdicts, rows, people), *again), facts=facts | counted)


def figures(quarters: Table, params: DriftParams) -> tuple[Any, Floats, list[Series]]:
    """The quarters [Q], their people [Q], and each figure by quarter. Expected shares are those of the whole period.

    Variances without a change come from the whole period, too. O(cells).
    """
    tally = study(quarters, Plan(cut=params.cut, low_is_high_risk=params.low_is_high_risk))
    sign = tally.counts.sign
    when, at = np.unique(quarters["quarter"], return_inverse=True)
    score = sign * quarters["score"].astype(np.float64)
    rows = Assessed(
        quarters=len(when),
        at=at,
        place=np.searchsorted(tally.counts.scores, score, side="right") - 1,
        n=quarters["n"].astype(np.float64),
        outcome=quarters["outcome"].astype(np.int64),
        fold=quarters["fold"].astype(np.int64) if "fold" in quarters else None,
    )
    known = quarters["outcome_known"] == 1 if "outcome_known" in quarters else np.ones(len(at), bool)
    known = known & (rows.place >= 0)
    cells = np.zeros((len(when), len(tally.counts.scores), 2))
    np.add.at(cells, (at[known], rows.place[known], rows.outcome[known]), rows.n[known])
    parts = (
        _areas(rows, known, cells),
        _ratios(tally, rows, known, cells, params),
        _shares(rows, score >= sign * tally.cut),
    )
    return when, rows.people(rows.n > 0), list(parts)


def _areas(rows: Assessed, known: Mask, cells: Floats) -> Series:
    """AUC by quarter; its variance from the placements of the whole period (DeLong)."""
    value = delong(cells[..., 1], cells[..., 0]).value
    whole, by_outcome = cells.sum(axis=0), cells.sum(axis=1)
    placed = np.stack(placements(whole[:, 1], whole[:, 0])[::-1], axis=1)  # of people without and with the outcome
    with np.errstate(divide="ignore", invalid="ignore"):
        n = whole.sum(axis=0)
        centred = placed - (whole * placed).sum(axis=0) / n
        variance = ((whole * centred**2).sum(axis=0) / (n - 1) / by_outcome).sum(axis=1)
        added = (centred[rows.place] / by_outcome[rows.at])[np.arange(len(rows.at)), rows.outcome]
    fewest = np.minimum(*(rows.people(known & (rows.outcome == k)) for k in (0, 1)))
    people = rows.people(known)
    usable = (fewest >= SMALLEST) & (people >= FEWEST)
    return Series(metric="auc", value=value, variance=variance, n=people, usable=usable, each=rows.each(added, known))


def _ratios(tally: Study, rows: Assessed, known: Mask, cells: Floats, params: DriftParams) -> Series:
    """Observed over expected by quarter."""
    share = promised(tally, probability=params.probability)
    level = np.searchsorted(tally.levels.scores, tally.counts.scores, side="right") - 1
    promise = tally.counts.scores if params.probability else share[level]
    n, events = cells.sum(axis=2), cells[..., 1].sum(axis=1)
    expected = (n * promise).sum(axis=1)
    whole = events.sum() / expected.sum()
    happens = np.minimum(promise * whole, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value, variance = events / expected, (n * happens * (1 - happens)).sum(axis=1) / expected**2
        added = (rows.outcome - whole * promise[rows.place]) / expected[rows.at]
    people = rows.people(known)
    return Series(
        metric="observed_over_expected",
        value=value,
        variance=variance,
        n=people,
        usable=(people >= FEWEST) & (expected >= SMALLEST),
        each=rows.each(added, known),
    )


def _shares(rows: Assessed, high: Mask) -> Series:
    """The share scored high by quarter."""
    total = np.bincount(rows.at, weights=rows.n, minlength=rows.quarters)
    everyone = rows.n > 0
    share = float(rows.n[high].sum() / total.sum())
    people = rows.people(everyone)
    return Series(
        metric="high_share",
        value=np.bincount(rows.at, weights=rows.n * high, minlength=rows.quarters) / total,
        variance=share * (1 - share) / total,
        n=people,
        usable=people >= FEWEST,
        each=rows.each((high - share) / total[rows.at], everyone),
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
            row |= {"limit_low": low, "limit_high": high, "verdict": w.INSIDE if inside else w.OUTSIDE}
        yield row


def _verdict(series: Series, when: Any, changes: Mapping[str, Change], adjusted: Mapping[str, float]) -> dict[str, Any]:
    few = w.TOO_FEW if series.groups >= FEWEST_GROUPS else w.TOO_FEW_PEOPLE
    usable = int(series.usable.sum())
    row: dict[str, Any] = {"metric": series.metric, "quarters": usable, "since": when[0], "verdict": few}
    found = changes.get(series.metric)
    if found is None:
        return row
    p, gap = adjusted[series.metric], found.after - found.before
    row |= {"since": when[series.usable][found.at], "before": found.before, "after": found.after, "p": p}
    row |= {"lo": gap - found.half, "hi": gap + found.half, "detectable": found.detectable}
    return row | {"verdict": w.NO_DRIFT if p > FALSE_ALARMS else w.CHANGED if found.lasting else w.STANDS_OUT}


def _notes(verdicts: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], people: Floats) -> Iterator[Note]:
    """What is said: the answer, how sure it is, whom it touches, what is not known."""
    changed = [row for row in verdicts if row["verdict"] == w.CHANGED]
    tested = [row for row in verdicts if "p" in row]
    yield from _answer(verdicts)
    outside = sum(row["verdict"] == w.OUTSIDE for row in rows)
    if outside:
        yield Note(text=w.ALARMS, values={"n": outside})
    yield Note(text=w.TRIED, values={"percent": 100 * FALSE_ALARMS}, kind="explanation")
    for row in tested:
        shift = _scale(row) * row["detectable"]
        yield Note(text=w.WOULD_SEE[row["metric"]], values={"shift": shift}, kind="explanation")
    shown = people[people >= SMALLEST]
    yield Note(text=w.SIZE, values={"n": int(shown.sum()), "quarters": len(shown)})
    for row in changed[:1]:
        since = [r for r in rows if r["metric"] == "high_share" and r["quarter"] >= row["since"]]
        yield Note(text=w.TOUCHED, values={"n": sum(r["n"] for r in since), "since": str(row["since"])})
    for text in w.CAVEATS:
        yield Note(text=text, kind="caveat")


def _answer(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[Note]:
    for row in verdicts:
        if row["verdict"] == w.CHANGED:
            values = {name: _scale(row) * row[name] for name in ("before", "after", "lo", "hi")}
            yield Note(text=w.SHIFTED[row["metric"]], values={"since": str(row["since"]), **values})
        elif row["verdict"] == w.STANDS_OUT:
            yield Note(text=w.ODD[row["metric"]])
        elif row["verdict"] == w.TOO_FEW:
            yield Note(text=w.NOT_TESTED[row["metric"]], values={"n": FEWEST_QUARTERS})
    said = {row["verdict"] for row in verdicts}
    if w.NO_DRIFT in said and not said & {w.CHANGED, w.STANDS_OUT}:
        yield Note(text=w.NO_DRIFT_FOUND)


def _scale(row: Mapping[str, Any]) -> float:
    """Shares are told in per cent."""
    return 100.0 if row["metric"] == "high_share" else 1.0


def example() -> Example:
    """Invented people: twelve quarters of 300, and from the seventh on the outcome is more frequent than before."""
    rng = np.random.default_rng(21)
    quarter, score = np.repeat(np.arange(12), 300), rng.integers(1, 11, 3_600)
    outcome = rng.random(3_600) < (0.1 + 0.05 * score) * np.where(quarter >= 6, 1.3, 1.0)
    data = invented(
        "quarters",
        {
            "score": (Kind.AMOUNT, score.astype(float)),
            "outcome": (Kind.COUNT, outcome.astype(np.int64)),
            "outcome_known": (Kind.COUNT, np.ones(3_600, dtype=np.int64)),
            "quarter": (Kind.TIME, (np.datetime64("2019-01", "M") + 3 * quarter).astype("datetime64[D]")),
        },
    )
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
    messages=w.MESSAGES,
    vocabulary=w.VOCABULARY | frozenset(METRICS),
    public=public,
    shows=Shows(view=view),
    counts={w.TOUCHED: ("n",)},
)
