"""Compare two scores of the same people: AUC, error rates at each one's cut-off, and expected shares, by group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.risk.assessments import assessed
from peelian.technologies.risk.compare import words as w
from peelian.technologies.risk.compare.declared import COMPARISON, METRICS, CompareParams
from peelian.technologies.risk.compare.page import view
from peelian.technologies.risk.example import invented
from peelian.technologies.risk.measure.counts import Floats, Mask, Wholes, axes_of
from peelian.technologies.risk.measure.jackknife import FEWEST_GROUPS, NOMINAL, judge
from peelian.technologies.risk.measure.paired import (
    Difference,
    Promise,
    area_difference,
    promise_difference,
    rate_difference,
)
from peelian.technologies.risk.measure.promises import promised
from peelian.technologies.risk.measure.study import Study, study
from peelian.technologies.risk.measure.suppression import FEWEST
from peelian.technologies.risk.publication import SMALLEST_PUBLIC, everyone_in_public, few
from peelian.technologies.risk.shared import BARE, SHOWN, Plan

TESTED = ("auc", "fpr", "fnr", "expected")
MOST_SAID = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both scores' studies, and the cells: people [C, 2] without and with the outcome, high scores [C], promises."""

    first: Study
    second: Study
    scores: tuple[Floats, Floats]
    people: Floats
    high: tuple[Mask, Mask]
    promise: tuple[Promise, Promise]
    mine: tuple[Mask, ...]  # of each node, which cells are in it
    fold: Wholes | None  # of each cell, its replicate group of persons, where some person has several assessments

    @property
    def open_(self) -> Mask:
        """Nodes with 30 events and 30 others whose figures may show under both scores."""
        return self.first.whole & self.second.whole


def run(params: CompareParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Every paired difference of the table in the role "pair". O(nodes x cells log cells)."""
    context.progress("Counting", 0.0)
    data = datasets["pair"]
    pair = paired(data.table, params)
    rows = [row for node in range(len(pair.mine)) for row in _rows(pair, node)]
    tests = judge(rows, (w.HIGHER, w.LOWER, w.NO_DIFFERENCE))
    facts = {"cut": float(pair.first.cut), "cut_2": float(pair.second.cut), "tests": tests, "nominal": NOMINAL}
    made = COMPARISON.of_rows(rows)
    told = rows[0]["suppressed"] != SHOWN or rows[0]["verdict"] != w.TOO_FEW
    again, counted = assessed(data, told=told)
    return Findings(tables=(made,), notes=(*_notes(pair, rows, params), *again), facts=facts | counted)


def paired(pair: Table, params: CompareParams) -> Pair:
    """Both scores of one table, counted. O(cells log cells)."""
    axes = axes_of(pair)
    sign = -1.0 if params.low_is_high_risk else 1.0
    studies, scores, high, promises = [], [], [], []
    for name, cut in (("score", params.cut), ("score_2", params.cut_2)):
        plan = Plan(crossed=False, cut=cut, low_is_high_risk=params.low_is_high_risk)
        try:
            own = study(_single(pair, name), plan)
        except InputError as fault:  # a study knows one score and one cut-off
            column = fault.column + "_2" * (name == "score_2" and fault.column in ("score", "cut"))
            raise type(fault)(fault.wrong, column=column, accepted=fault.accepted) from None
        values = sign * pair[name].astype(np.float64)
        share = promised(own, probability=params.probability)
        level = np.searchsorted(own.levels.scores, values, side="right") - 1
        studies.append(own)
        scores.append(values)
        high.append(values >= sign * own.cut)
        promises.append(Promise(share=values) if params.probability else Promise(share=share[level], level=level))
    n, events = pair["n"].astype(np.float64), pair["outcome"] == 1
    nodes = zip(studies[0].nodes.axis, studies[0].nodes.group, strict=True)
    return Pair(
        first=studies[0],
        second=studies[1],
        scores=(scores[0], scores[1]),
        people=np.stack([np.where(events, 0, n), np.where(events, n, 0)], axis=1),
        high=(high[0], high[1]),
        promise=(promises[0], promises[1]),
        mine=tuple(np.ones(len(n), bool) if axis not in axes else pair[axis] == group for axis, group in nodes),
        fold=pair["fold"].astype(np.int64) if "fold" in pair else None,
    )


def _single(pair: Table, score: str) -> Table:
    """One score's tally of the pair."""
    kept = [c for c in pair.columns if c.name not in ("score", "score_2")]
    return Table(name="tally", columns=(Column(name="score", kind=Kind.AMOUNT, values=pair[score]), *kept))


def _rows(pair: Pair, node: int) -> Iterator[dict[str, Any]]:
    """The rows of one group: every metric, or one that says why there is none."""
    nodes = pair.first.nodes
    row: dict[str, Any] = {
        "axis": nodes.axis[node],
        "group": nodes.group[node],
        "n": 0,
        "people": 0,
        "verdict": w.TOO_FEW,
    }
    if not pair.open_[node]:
        why = pair.first.shown.why[node]
        yield row | {"metric": "auc", "suppressed": BARE if why == SHOWN else why}
        return
    row["people"] = pair.first.different[node]
    for metric, n, found in _differences(pair, node):
        ends = {"first": found.first, "second": found.second, "difference": found.value}
        made = row | ends | {"metric": metric, "lo": found.low, "hi": found.high, "n": int(n), "verdict": ""}
        made["suppressed"] = SHOWN
        if metric in TESTED and found.groups < FEWEST_GROUPS:
            made["verdict"] = w.TOO_FEW
        elif metric in TESTED and n >= FEWEST and np.isfinite(found.p):
            made |= {"p": found.p, "error": found.error, "groups": found.groups, "above": found.value > 0}
        yield made


def _differences(pair: Pair, node: int) -> Iterator[tuple[str, float, Difference]]:
    mine, people = pair.mine[node], pair.people[pair.mine[node]]
    fold = None if pair.fold is None else pair.fold[mine]
    others, events = people.T
    yield "auc", float(people.sum()), area_difference(pair.scores[0][mine], pair.scores[1][mine], people, fold)
    first, second = (high[mine] for high in pair.high)
    for metric, n, one, two in (
        ("high_share", others + events, first, second),
        ("fpr", others, first, second),
        ("fnr", events, ~first, ~second),
    ):
        yield metric, float(n.sum()), rate_difference(one, two, n, fold)
    if pair.promise[0].level is not None and mine.all():
        return  # of everyone, both scores promise what happened: the promise was estimated from these people
    promise = promise_difference(*pair.promise, pair.people, mine, pair.fold)
    yield "expected", float(people.sum()), promise
    happened = float(events.sum() / people.sum())
    none = float("nan")
    ratios = {"first": happened / promise.first, "second": happened / promise.second}
    yield (
        "observed_over_expected",
        float(people.sum()),
        Difference(**ratios, low=none, high=none, error=none, p=none),
    )


def _notes(pair: Pair, rows: Sequence[Mapping[str, Any]], params: CompareParams) -> Iterator[Note]:
    """What is said: the answer, how sure it is, whom it touches, what is not known."""
    auc = rows[0]
    if auc["suppressed"] != SHOWN:
        yield Note(text=w.UNKNOWN_TO_US)
    else:
        yield from _answer(auc, rows)
        tests = sum("p" in row for row in rows)
        n = int(auc["n"])
        yield Note(text=w.HOLM, values={"n": n, "tests": tests, "percent": 100 * NOMINAL}, kind="explanation")
        if np.isfinite(auc.get("detectable", np.nan)):
            yield Note(text=w.WOULD_SEE, values={"auc": auc["detectable"]}, kind="explanation")
        yield from _moved(pair)
    cuts = {"cut": float(pair.first.cut), "cut_2": float(pair.second.cut)}
    yield Note(text=w.CHOSEN_CUTS if params.cut is None or params.cut_2 is None else w.CUTS, values=cuts, kind="caveat")
    for text in w.CAVEATS:
        yield Note(text=text, kind="caveat")


def _answer(auc: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterator[Note]:
    if auc["verdict"] != w.TOO_FEW:
        text = {w.HIGHER: w.AUC_BETTER, w.LOWER: w.AUC_WORSE}.get(auc["verdict"], w.AUC_SAME)
        yield Note(text=text, values={name: float(auc[name]) for name in ("first", "second", "lo", "hi")})
    said = [row for row in rows if row["verdict"] in (w.HIGHER, w.LOWER) and row is not auc]
    for row in sorted(said, key=lambda row: -abs(row["difference"]) * row["n"])[:MOST_SAID]:
        scale = 1.0 if row["metric"] == "auc" else 100.0
        numbers = {name: scale * row[name] for name in ("first", "second", "lo", "hi")}
        yield Note(text=w.DIFFERS[row["metric"]], values={"group": row["group"], **numbers})
    if not said and any("p" in row for row in rows if row is not auc):
        yield Note(text=w.NOTHING_BY_GROUP)


def _moved(pair: Pair) -> Iterator[Note]:
    """How many people of 1,000 only one of the scores calls high, unless these are too few to tell of."""
    n = pair.people.sum(axis=1)
    only = [a & ~b & (n > 0) for a, b in (pair.high, pair.high[::-1])]
    counted = [float(n[mask].sum()) if pair.fold is None else len(set(pair.fold[mask].tolist())) for mask in only]
    if not any(0 < people < SMALLEST_PUBLIC for people in counted):
        first, second = (1_000 * float(n[mask].sum() / n.sum()) for mask in only)
        yield Note(text=w.MOVED, values={"first": first, "second": second})
    yield Note(text=w.BY_GROUP)


def example() -> Example:
    """Invented people: 4,000 of two groups, and a second score that is a little better for one of them."""
    rng = np.random.default_rng(4)
    n = 4_000
    woman = rng.random(n) < 0.4
    risk = rng.normal(size=n)
    outcome = (rng.random(n) < 1 / (1 + np.exp(0.6 - risk))).astype(int)
    first = np.clip(np.round(5.5 + 1.6 * (risk + rng.normal(size=n) * np.where(woman, 1.8, 1.0))), 1, 10)
    second = np.clip(np.round(5.5 + 1.8 * (risk + rng.normal(size=n))), 1, 10)
    data = invented(
        "pair",
        {
            "score": (Kind.AMOUNT, first),
            "score_2": (Kind.AMOUNT, second),
            "outcome": (Kind.COUNT, outcome),
            "sex": (Kind.GROUP, np.where(woman, "Female", "Male").astype(object)),
        },
    )
    return Example(params=CompareParams(cut=6.0, cut_2=6.0), datasets={"pair": data})


def public(findings: Findings) -> Findings:
    """Everyone's figures, and of groups the verdicts only; no rate whose people are 1 to 10."""

    def may(rows: Table) -> Mask:
        rate = np.isin(rows["metric"], ("high_share", "fpr", "fnr"))
        return ~(rate & (few(rows["first"], rows["n"]) | few(rows["second"], rows["n"])))

    return everyone_in_public(findings, may, frozenset({w.DIFFERS["fpr"], w.DIFFERS["fnr"]}))


ARITHMETIC = Arithmetic(
    run=run,
    example=example,
    messages=w.MESSAGES,
    vocabulary=w.VOCABULARY | frozenset(METRICS),
    public=public,
    shows=Shows(view=view),
)
