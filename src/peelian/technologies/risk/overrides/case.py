"""Overrides: how often decisions depart from the score, in which direction, for whom, and what happened then.

An override upward is a strict decision on a low score; downward, a lenient one on a high score. Groups are compared
with everyone at the same score, so that a group is not found to differ because its scores lie nearer to the cut-off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows
from peelian.measure.table import Kind, Table, Values
from peelian.technologies.risk.assessments import assessed
from peelian.technologies.risk.example import invented
from peelian.technologies.risk.measure.counts import Floats, Mask, Share, Wholes, quadrants, with_outcome
from peelian.technologies.risk.measure.jackknife import FEWEST_GROUPS, NOMINAL, judge, members, share_ends
from peelian.technologies.risk.measure.stratified import AtEqualScore, at_equal_score
from peelian.technologies.risk.measure.study import Study, study
from peelian.technologies.risk.measure.suppression import FEWEST, SMALLEST
from peelian.technologies.risk.overrides import words as w
from peelian.technologies.risk.overrides.declared import AFTERWARDS, BY_GROUP, BY_SCORE, OverrideParams
from peelian.technologies.risk.overrides.page import view
from peelian.technologies.risk.publication import everyone_in_public, few
from peelian.technologies.risk.shared import BARE, EVERYONE, SHOWN, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """Overrides in one direction: people who were overruled and who could be, per node [N], and at equal score [N].

    `left` are the same without each replicate group of persons [F, N], where some person has several assessments.
    """

    name: str
    share: Share
    left: Share | None
    compared: AtEqualScore


def run(params: OverrideParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Overrides of the table in the role "overrides". O(nodes x levels)."""
    context.progress("Counting", 0.0)
    data = datasets["overrides"]
    made = data.table
    decided = study(
        with_outcome(made, made["decision"]),
        Plan(crossed=False, cut=params.cut, low_is_high_risk=params.low_is_high_risk),
    )
    both = directions(decided)
    rows = [row for one in both for row in _rows(decided, one)]
    tests = judge(rows, (w.MORE, w.LESS, w.NO_DIFFERENCE))
    after = list(_after(made, decided))
    tables = (
        BY_GROUP.of_rows(rows),
        BY_SCORE.of_rows(_bands(decided)),
        AFTERWARDS.of_rows(after),
    )
    facts: dict[str, int | float | str | bool] = {"cut": float(decided.cut), "tests": tests, "nominal": NOMINAL}
    again = decided.replicates
    said, counted = assessed(data, told=not again or again.count >= FEWEST_GROUPS)
    notes = (*_notes(decided, rows, after, params), *said)
    return Findings(tables=tables, notes=notes, facts=facts | counted)


def directions(decided: Study) -> tuple[Direction, Direction]:
    """Upward and downward overrides of every node. O(nodes x levels)."""
    cells, place, again = decided.people, decided.place, decided.replicates
    q, left = quadrants(cells, place), quadrants(again.levels, place) if again else None
    each = cells - again.levels if again else None

    def compared(part: slice, turn: int) -> AtEqualScore:
        mine = cells[:, part, ::turn]
        apart = None if each is None else each[:, :, part, ::turn]
        return at_equal_score(mine, mine[0], None if apart is None else (apart, apart[:, :1]))

    return (
        Direction(
            name=w.UP,
            share=(q.false_low, q.low),
            left=(left.false_low, left.low) if left else None,
            compared=compared(slice(place), 1),
        ),
        Direction(
            name=w.DOWN,
            share=(q.false_high, q.high),
            left=(left.false_high, left.high) if left else None,
            compared=compared(slice(place, None), -1),
        ),
    )


def _rows(decided: Study, one: Direction) -> Iterator[dict[str, Any]]:
    """One row for each group in one direction."""
    nodes, may = decided.nodes, decided.shown.people & decided.shown.outcomes & decided.shown.highs
    (overruled, exposed), (low, high) = one.share, share_ends(one.share, one.left)
    for i, (axis, group) in enumerate(zip(nodes.axis, nodes.group, strict=True)):
        row: dict[str, Any] = {"axis": axis, "group": group, "direction": one.name, "verdict": w.TOO_FEW}
        if not (may[i] and exposed[i] >= FEWEST):
            why = decided.shown.why[i]
            yield row | {"n": 0, "people": 0, "suppressed": BARE if why == SHOWN else why}
            continue
        row["people"] = decided.different[i]
        share = float(overruled[i] / exposed[i])
        row |= {"value": share, "lo": float(low[i]), "hi": float(high[i]), "n": int(exposed[i]), "verdict": ""}
        if axis != EVERYONE:
            row |= _compared(one.compared, i)
        yield row | {"suppressed": SHOWN}


def _compared(found: AtEqualScore, i: int) -> dict[str, Any]:
    """A group's ratio to everyone at equal score, and its test where there are people enough."""
    ratio, (low, high) = float(found.ratio[i]), found.interval()
    if not (found.expected[i] >= 5 and found.variance[i] > 0):
        return {"verdict": w.TOO_FEW}
    row = {"ratio": ratio, "ratio_lo": float(low[i]), "ratio_hi": float(high[i]), "verdict": w.TOO_FEW}
    if found.groups[i] < FEWEST_GROUPS:
        return row
    test = {"p": float(found.p[i]), "error": float(found.error[i]), "groups": float(found.groups[i])}
    return row | test | {"above": ratio > 1}


def _bands(decided: Study) -> Iterator[dict[str, Any]]:
    """The share decided high of everyone in each score band that may be shown."""
    edges = np.flatnonzero(decided.shown.edges[0]) if decided.shown.detail[0] else np.zeros(0, np.int64)
    if not len(edges):
        return
    cells = np.add.reduceat(decided.people[0], edges, axis=0)
    again, share = decided.replicates, (cells[:, 1], cells.sum(axis=1))
    left = np.add.reduceat(again.levels[:, 0], edges, axis=1) if again else None
    without = None if left is None else (left[..., 1], left.sum(axis=-1))
    low, high = share_ends(share, without)
    persons = share[1] if without is None else members(share[1], without[1])
    for i, place in enumerate(edges.tolist()):
        n = int(cells[i].sum())
        if n >= FEWEST and persons[i] >= SMALLEST:
            ends = {"lo": float(low[i]), "hi": float(high[i])}
            yield {"at": float(decided.at[place]), "value": float(cells[i, 1] / n), "n": n, **ends}


def _after(made: Table, decided: Study) -> Iterator[dict[str, Any]]:
    """The outcome of everyone after each score and decision, where it is known of 30 people and more."""
    n = made["n"] * made["outcome_known"] if "outcome_known" in made else made["n"]
    sign = decided.counts.sign
    scored = sign * made["score"] >= sign * decided.cut
    fold = made["fold"].astype(np.int64) if "fold" in made else None
    for score, decision in ((False, False), (False, True), (True, False), (True, True)):
        mine = (scored == score) & ((made["decision"] == 1) == decision)
        counts = np.array([(n * made["outcome"])[mine].sum(), n[mine].sum()], dtype=np.float64)
        left = None if fold is None else np.array([_without(fold, c, mine) for c in (n * made["outcome"], n)])
        persons = counts[1] if left is None else members(counts[1], left[1])
        if counts[1] >= FEWEST and persons >= SMALLEST:
            low, high = share_ends((counts[0], counts[1]), None if left is None else (left[0], left[1]))
            row = {"score": "high" if score else "low", "decision": "high" if decision else "low", "n": int(counts[1])}
            yield row | {"value": counts[0] / counts[1], "lo": float(low), "hi": float(high)}


def _without(fold: Wholes, n: Values, mine: Mask) -> Floats:
    """People of `mine` without each replicate group [F]."""
    each = np.bincount(fold[mine], weights=n[mine], minlength=int(fold.max()) + 1)
    return np.asarray(each.sum() - each, dtype=np.float64)


def _notes(
    decided: Study, rows: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], params: OverrideParams
) -> Iterator[Note]:
    """What is said: the answer, how sure it is, whom it touches, what is not known."""
    whole = {row["direction"]: row for row in rows if row["axis"] == EVERYONE and row["suppressed"] == SHOWN}
    if len(whole) < 2:
        yield Note(text=w.UNKNOWN_TO_US)
    else:
        up, down = whole[w.UP], whole[w.DOWN]
        values = {"up": 100 * up["value"], "up_n": up["n"], "down": 100 * down["value"], "down_n": down["n"]}
        yield Note(text=w.OVERALL, values=values)
        overruled = round(up["value"] * up["n"]) + round(down["value"] * down["n"])
        people = up["n"] + down["n"]
        yield Note(text=w.AGREES, values={"share": 100 * (1 - overruled / people), "n": people})
    yield from _by_group(rows)
    tested = [row for row in rows if "p" in row]
    yield Note(text=w.HOLM, values={"tests": len(tested), "percent": 100 * NOMINAL}, kind="explanation")
    if tested:
        largest = max(tested, key=lambda row: row["detectable"])
        values = {"group": largest["group"], "percent": 100 * largest["detectable"]}
        yield Note(text=w.WOULD_SEE, values=values, kind="explanation")
    cells = {(row["score"], row["decision"]): row for row in after}
    if ("high", "low") in cells and ("low", "low") in cells:
        let, low = cells["high", "low"], cells["low", "low"]
        yield Note(text=w.OUTCOMES, values={"down": 100 * let["value"], "low": 100 * low["value"], "n": let["n"]})
    text = w.CUT_CHOSEN if params.cut is None else w.CUT
    yield Note(text=text, values={"cut": float(decided.cut)}, kind="caveat")
    for text in w.CAVEATS:
        yield Note(text=text, kind="caveat")


def _by_group(rows: Sequence[Mapping[str, Any]]) -> Iterator[Note]:
    found = [row for row in rows if row["verdict"] in (w.MORE, w.LESS)]
    for row in sorted(found, key=lambda row: -abs(row["ratio"] - 1) * row["value"] * row["n"]):
        text = (w.MORE_OFTEN if row["verdict"] == w.MORE else w.LESS_OFTEN)[row["direction"]]
        ratio = {"ratio": row["ratio"], "low": row["ratio_lo"], "high": row["ratio_hi"]}
        yield Note(text=text, values={"group": row["group"], **ratio})
        people = {"n": row["n"], "share": 100 * row["value"]}
        yield Note(text=w.TOUCHED[row["direction"]], values={"group": row["group"], **people})
    if not any("p" in row for row in rows):
        yield Note(text=w.NO_GROUPS)
    elif not found:
        yield Note(text=w.NONE_DIFFERS)


def example() -> Example:
    """Invented decisions on 5,000 people: high scores of women are overruled downward more often than those of men."""
    rng = np.random.default_rng(44)
    n = 5_000
    score = rng.integers(1, 11, n)
    woman = rng.random(n) < 0.4
    strict = np.where(score >= 6, np.where(woman, 0.65, 0.8), 0.1)
    decision = (rng.random(n) < strict).astype(int)
    outcome = (rng.random(n) < 0.05 + 0.06 * score).astype(int)
    known = np.where(decision == 1, 0, 1)  # of people who are held, nobody learns what they would have done
    counts = {"decision": decision, "outcome": outcome * known, "outcome_known": known}
    data = invented(
        "overrides",
        {
            "score": (Kind.AMOUNT, score.astype(float)),
            **{name: (Kind.COUNT, values) for name, values in counts.items()},
            "sex": (Kind.GROUP, np.where(woman, "Female", "Male").astype(object)),
        },
    )
    return Example(params=OverrideParams(cut=6.0), datasets={"overrides": data})


def public(findings: Findings) -> Findings:
    """Everyone's figures, and of groups the verdicts only; no rate whose people are 1 to 10."""

    def may(rows: Table) -> Mask:
        return ~few(rows["value"], rows["n"])

    return everyone_in_public(findings, may, frozenset({w.OVERALL, w.AGREES, w.OUTCOMES}))


ARITHMETIC = Arithmetic(
    run=run,
    example=example,
    messages=w.MESSAGES,
    vocabulary=w.VOCABULARY,
    public=public,
    shows=Shows(view=view),
)
