"""Overrides: how often decisions depart from the score, in which direction, for whom, and what happened then.

An override upward is a strict decision on a low score; downward, a lenient one on a high score. Groups are compared
with everyone at the same score, so that a group is not found to differ because its scores lie nearer to the cut-off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows
from peelian.measure.multiplicity import holm
from peelian.measure.rates import wilson
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.risk.counts import EVERYONE, Floats, Mask
from peelian.technologies.risk.declarations.overrides import (
    AFTER_COLUMNS,
    BAND_COLUMNS,
    OVERRIDE_COLUMNS,
    OverrideParams,
)
from peelian.technologies.risk.detectable import NOMINAL, detectable
from peelian.technologies.risk.emitted import everyone_in_public, few, table_of
from peelian.technologies.risk.errors_at import quadrants
from peelian.technologies.risk.override_view import view
from peelian.technologies.risk.override_words import (
    AGREES,
    CAVEATS,
    CUT,
    CUT_CHOSEN,
    DOWN,
    HOLM,
    LESS,
    LESS_OFTEN,
    MESSAGES,
    MORE,
    MORE_OFTEN,
    NO_DIFFERENCE,
    NO_GROUPS,
    NONE_DIFFERS,
    OUTCOMES,
    OVERALL,
    TOO_FEW,
    TOUCHED,
    UNKNOWN_TO_US,
    UP,
    VOCABULARY,
    WOULD_SEE,
)
from peelian.technologies.risk.params import Plan
from peelian.technologies.risk.stratified import AtEqualScore, at_equal_score
from peelian.technologies.risk.study import Study, study
from peelian.technologies.risk.suppression import BARE, FEWEST, SHOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """Overrides in one direction: people who could be overruled and who were, per node [N], and at equal score [N]."""

    name: str
    exposed: Floats
    overruled: Floats
    compared: AtEqualScore


def run(params: OverrideParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Overrides of the table in the role "overrides". O(nodes x levels)."""
    context.progress("Counting", 0.0)
    made = datasets["overrides"].table
    decided = study(_tally(made), Plan(crossed=False, cut=params.cut, low_is_high_risk=params.low_is_high_risk))
    both = directions(decided)
    rows = [row for one in both for row in _rows(decided, one)]
    tested = [row for row in rows if "p" in row]
    for row, p in zip(tested, holm([row["p"] for row in tested]).tolist(), strict=True):
        row["p"], row["detectable"] = p, float(detectable(row.pop("error"), len(tested)))
        row["verdict"] = NO_DIFFERENCE if p > NOMINAL else MORE if row["ratio"] > 1 else LESS
    after = list(_after(made, decided))
    tables = (
        table_of("overrides", OVERRIDE_COLUMNS, rows),
        table_of("bands", BAND_COLUMNS, list(_bands(decided))),
        table_of("after", AFTER_COLUMNS, after),
    )
    facts: dict[str, int | float | str | bool] = {"cut": float(decided.cut), "tests": len(tested), "nominal": NOMINAL}
    return Findings(tables=tables, notes=tuple(_notes(decided, rows, after, params)), facts=facts)


def _tally(made: Table) -> Table:
    """The counts with the decision in the place of the outcome, for what the audit counts by score and group."""
    kept = [c for c in made.columns if c.name not in ("decision", "outcome", "outcome_known")]
    return Table(name="tally", columns=(*kept, replace(made.column("decision"), name="outcome")))


def directions(decided: Study) -> tuple[Direction, Direction]:
    """Upward and downward overrides of every node. O(nodes x levels)."""
    q = quadrants(decided.people, decided.place)
    low, high = decided.people[:, : decided.place], decided.people[:, decided.place :, ::-1]
    return (
        Direction(name=UP, exposed=q.low, overruled=q.false_low, compared=at_equal_score(low, low[0])),
        Direction(name=DOWN, exposed=q.high, overruled=q.false_high, compared=at_equal_score(high, high[0])),
    )


def _rows(decided: Study, one: Direction) -> Iterator[dict[str, Any]]:
    """One row for each group in one direction."""
    nodes, may = decided.nodes, decided.shown.people & decided.shown.outcomes & decided.shown.highs
    low, high = wilson(one.overruled, one.exposed)
    ratio_low, ratio_high = one.compared.interval()
    for i, (axis, group) in enumerate(zip(nodes.axis, nodes.group, strict=True)):
        row: dict[str, Any] = {"axis": axis, "group": group, "direction": one.name, "n": 0, "verdict": TOO_FEW}
        if not (may[i] and one.exposed[i] >= FEWEST):
            why = decided.shown.why[i]
            yield row | {"suppressed": BARE if why == SHOWN else why}
            continue
        share = float(one.overruled[i] / one.exposed[i])
        row |= {"value": share, "lo": float(low[i]), "hi": float(high[i]), "n": int(one.exposed[i]), "verdict": ""}
        if axis != EVERYONE and one.compared.expected[i] >= 5 and one.compared.variance[i] > 0:
            row |= {"ratio": float(one.compared.ratio[i]), "p": float(one.compared.p[i])}
            row |= {"ratio_lo": float(ratio_low[i]), "ratio_hi": float(ratio_high[i])}
            row |= {"error": float(one.compared.error[i])}
        elif axis != EVERYONE:
            row["verdict"] = TOO_FEW
        yield row | {"suppressed": SHOWN}


def _bands(decided: Study) -> Iterator[dict[str, Any]]:
    """The share decided high of everyone in each score band that may be shown."""
    edges = np.flatnonzero(decided.shown.edges[0]) if decided.shown.detail[0] else np.zeros(0, np.int64)
    if not len(edges):
        return
    cells = np.add.reduceat(decided.people[0], edges, axis=0)
    low, high = wilson(cells[:, 1], cells.sum(axis=1))
    for i, place in enumerate(edges.tolist()):
        n = int(cells[i].sum())
        if n >= FEWEST:
            ends = {"lo": float(low[i]), "hi": float(high[i])}
            yield {"at": float(decided.at[place]), "value": float(cells[i, 1] / n), "n": n, **ends}


def _after(made: Table, decided: Study) -> Iterator[dict[str, Any]]:
    """The outcome of everyone after each score and decision, where it is known of 30 people and more."""
    n = made["n"] * made["outcome_known"] if "outcome_known" in made else made["n"]
    sign = decided.counts.sign
    scored = sign * made["score"] >= sign * decided.cut
    for score, decision in ((False, False), (False, True), (True, False), (True, True)):
        mine = (scored == score) & ((made["decision"] == 1) == decision)
        known, events = float(n[mine].sum()), float((n * made["outcome"])[mine].sum())
        if known >= FEWEST:
            low, high = wilson(events, known)
            row = {"score": "high" if score else "low", "decision": "high" if decision else "low", "n": int(known)}
            yield row | {"value": events / known, "lo": float(low), "hi": float(high)}


def _notes(
    decided: Study, rows: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], params: OverrideParams
) -> Iterator[Note]:
    """What is said: the answer, how sure it is, whom it touches, what is not known."""
    whole = {row["direction"]: row for row in rows if row["axis"] == EVERYONE and row["suppressed"] == SHOWN}
    if len(whole) < 2:
        yield Note(text=UNKNOWN_TO_US)
    else:
        up, down = whole[UP], whole[DOWN]
        values = {"up": 100 * up["value"], "up_n": up["n"], "down": 100 * down["value"], "down_n": down["n"]}
        yield Note(text=OVERALL, values=values)
        overruled = round(up["value"] * up["n"]) + round(down["value"] * down["n"])
        people = up["n"] + down["n"]
        yield Note(text=AGREES, values={"share": 100 * (1 - overruled / people), "n": people})
    yield from _by_group(rows)
    tested = [row for row in rows if "p" in row]
    yield Note(text=HOLM, values={"tests": len(tested), "percent": 100 * NOMINAL}, kind="explanation")
    if tested:
        largest = max(tested, key=lambda row: row["detectable"])
        values = {"group": largest["group"], "percent": 100 * largest["detectable"]}
        yield Note(text=WOULD_SEE, values=values, kind="explanation")
    cells = {(row["score"], row["decision"]): row for row in after}
    if ("high", "low") in cells and ("low", "low") in cells:
        let, low = cells["high", "low"], cells["low", "low"]
        yield Note(text=OUTCOMES, values={"down": 100 * let["value"], "low": 100 * low["value"], "n": let["n"]})
    text = CUT_CHOSEN if params.cut is None else CUT
    yield Note(text=text, values={"cut": float(decided.cut)}, kind="caveat")
    for text in CAVEATS:
        yield Note(text=text, kind="caveat")


def _by_group(rows: Sequence[Mapping[str, Any]]) -> Iterator[Note]:
    found = [row for row in rows if row["verdict"] in (MORE, LESS)]
    for row in sorted(found, key=lambda row: -abs(row["ratio"] - 1) * row["value"] * row["n"]):
        text = (MORE_OFTEN if row["verdict"] == MORE else LESS_OFTEN)[row["direction"]]
        ratio = {"ratio": row["ratio"], "low": row["ratio_lo"], "high": row["ratio_hi"]}
        yield Note(text=text, values={"group": row["group"], **ratio})
        people = {"n": row["n"], "share": 100 * row["value"]}
        yield Note(text=TOUCHED[row["direction"]], values={"group": row["group"], **people})
    if not any("p" in row for row in rows):
        yield Note(text=NO_GROUPS)
    elif not found:
        yield Note(text=NONE_DIFFERS)


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
    keys, where = np.unique(
        np.stack([score, decision, outcome * known, known, woman], axis=1), axis=0, return_inverse=True
    )
    columns = (
        Column(name="score", kind=Kind.AMOUNT, values=keys[:, 0].astype(float)),
        *(
            Column(name=name, kind=Kind.COUNT, values=keys[:, i].astype(np.int64))
            for i, name in enumerate(("decision", "outcome", "outcome_known"), start=1)
        ),
        Column(name="n", kind=Kind.COUNT, values=np.bincount(where.ravel()), unit="people"),
        Column(name="sex", kind=Kind.GROUP, values=np.where(keys[:, 4] == 1, "Female", "Male").astype(object)),
    )
    made = Table(name="overrides", columns=columns)
    facts: dict[str, int | float | str | bool] = {"people": n, "axes": "sex", "groups": "sex,everyone,Female,Male"}
    data = Dataset(id="invented-overrides", format="risk-overrides", digest=made.digest(), table=made, facts=facts)
    return Example(params=OverrideParams(cut=6.0), datasets={"overrides": data})


def public(findings: Findings) -> Findings:
    """Everyone's figures, and of groups the verdicts only; no rate whose people are 1 to 10."""

    def may(rows: Table) -> Mask:
        return ~few(rows["value"], rows["n"])

    return everyone_in_public(findings, may, frozenset({OVERALL, AGREES, OUTCOMES}))


ARITHMETIC = Arithmetic(
    run=run,
    example=example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public,
    shows=Shows(view=view),
)
