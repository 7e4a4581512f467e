"""Subgroups for whom a score promises too much or too little, found on one half of the people, tested on the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Shows
from peelian.measure.table import Kind, Table
from peelian.technologies.risk.assessments import assessed
from peelian.technologies.risk.example import invented
from peelian.technologies.risk.measure.counts import FEATURE, axes_of, encoded, known
from peelian.technologies.risk.measure.jackknife import FEWEST_GROUPS, NOMINAL, judge
from peelian.technologies.risk.measure.search import Cells, Found, search
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan, refuse_weights
from peelian.technologies.risk.subgroups import words as w
from peelian.technologies.risk.subgroups.declared import TESTED, SubgroupParams
from peelian.technologies.risk.subgroups.page import view

MOST_COLUMNS = 10


def run(params: SubgroupParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Search and test the tally in the role "tally". O(sets of columns x cells)."""
    data = datasets["tally"]
    refuse_weights(data.table.names)
    tally = known(data.table)
    context.progress("Counting", 0.0)
    names, words, cells = _cells(tally, params)
    found = search(cells, depth=params.depth, fewest=params.fewest, seed=context.seed)
    rows = _tested(found, cells, (names, words))
    once = np.where(found.testing.sum(axis=1) > 0, tally["distinct"], 0) if "distinct" in tally else None
    for one, row in zip(found.subgroups, rows, strict=True):
        row["people"] = row["n"] if once is None else int(once[cells.members(one)].sum())
    context.progress("Counting", 1.0)
    facts: dict[str, int | float | str | bool] = {
        "columns": len(names),
        "depth": params.depth,
        "searched": found.searched,
        "tested": len(rows),
        "nominal": NOMINAL,
    }
    made = TESTED.of_rows(rows)
    again, counted = assessed(data, told=any("p" in row for row in rows))
    return Findings(tables=(made,), notes=(*_notes(rows, found, cells, params), *again), facts=facts | counted)


def _cells(tally: Table, params: SubgroupParams) -> tuple[list[str], list[list[str]], Cells]:
    """The columns searched, their words, and the tally's cells at the levels of the audit."""
    names = [*axes_of(tally), *(c.name for c in tally.columns if c.name.startswith(FEATURE))]
    # A feature that is a group axis, too, would describe the same people twice.
    names = [name for name in names if name.removeprefix(FEATURE) not in names or not name.startswith(FEATURE)]
    if not names:
        raise InputError("no group or feature columns to search", accepted="a tally with group columns")
    names = names[:MOST_COLUMNS]
    levels = study(tally, Plan(crossed=False, low_is_high_risk=params.low_is_high_risk)).levels
    words, codes = zip(*(encoded(tally.column(name)) for name in names), strict=True)
    n = tally["n"].astype(np.int64)
    events = n * (tally["outcome"] == 1)
    score = levels.sign * tally["score"].astype(np.float64)
    persons = tally["persons" if "persons" in tally else "n"].astype(np.int64)
    cells = Cells(
        codes=np.array(codes),
        level=np.maximum(np.searchsorted(levels.scores, score, side="right") - 1, 0),
        people=np.stack([n - events, events], axis=1),
        persons=np.stack([persons * (events == 0), persons * (events > 0)], axis=1),
        fold=tally["fold"].astype(np.int64) if "fold" in tally else None,
    )
    return [name.removeprefix(FEATURE) for name in names], list(words), cells


def _tested(found: Found, cells: Cells, called: tuple[Sequence[str], Sequence[Sequence[str]]]) -> list[dict[str, Any]]:
    """One row for each subgroup: who it is, what each half says, and the verdict."""
    names, words = called
    rows = []
    for one in found.subgroups:
        place = np.where(cells.members(one), 0, -1)
        first, second = (cells.compared(place, 1, half) for half in (found.finding, found.testing))
        low, high = second.interval()
        row: dict[str, Any] = {f"{part}_{i}": "" for part in ("axis", "group") for i in (1, 2, 3)}
        for i, (column, code) in enumerate(zip(one.columns, one.codes, strict=True), start=1):
            row |= {f"axis_{i}": names[column], f"group_{i}": words[column][code]}
        row |= {
            "found": first.ratio[0],
            "ratio": second.ratio[0],
            "lo": low[0],
            "hi": high[0],
            "verdict": w.NOT_CONFIRMED,
        }
        if second.groups[0] >= FEWEST_GROUPS:
            row |= {"p": second.p[0], "error": second.error[0], "groups": second.groups[0]}
        rows.append(row | {"n": int(found.testing[place == 0].sum()), "above": second.ratio[0] > 1})
    judge(rows, (w.MORE, w.LESS, w.NOT_CONFIRMED))
    return rows


def _notes(rows: Sequence[Mapping[str, Any]], found: Found, cells: Cells, params: SubgroupParams) -> Iterator[Note]:
    """What is said: the answer, how sure it is, whom it touches, what is not known."""
    confirmed = [row for row in rows if row["verdict"] != w.NOT_CONFIRMED]
    reported = [one for one, row in zip(found.subgroups, rows, strict=True) if row in confirmed]
    people = int(found.testing[np.logical_or.reduce([cells.members(one) for one in reported])].sum()) if reported else 0
    for row in sorted(confirmed, key=lambda row: -abs(row["ratio"] - 1) * row["n"]):
        depth = sum(bool(row[f"axis_{i}"]) for i in (1, 2, 3))
        text = (w.MORE_HAPPENS if row["verdict"] == w.MORE else w.LESS_HAPPENS)[depth]
        who = {f"{part}_{i}": row[f"{part}_{i}"] for part in ("axis", "group") for i in range(1, depth + 1)}
        yield Note(text=text, values=who | {name: row[name] for name in ("ratio", "lo", "hi")})
    if rows and not confirmed:
        yield Note(text=w.NONE_FOUND)
    if not rows:
        yield Note(text=w.NOTHING_SEARCHED, values={"n": params.fewest})
    searched = {"searched": found.searched, "columns": len(cells.codes), "depth": params.depth, "n": params.fewest}
    yield Note(text=w.SEARCHED, values=searched, kind="explanation")
    tested = [row for row in rows if "p" in row]
    if tested:
        yield Note(text=w.TESTED, values={"tested": len(tested), "percent": 100 * NOMINAL}, kind="explanation")
        largest = 100 * max(row["detectable"] for row in tested)
        yield Note(text=w.WOULD_SEE, values={"percent": largest}, kind="explanation")
    yield (
        Note(text=w.TOUCHED, values={"n": people, "share": 100 * people / float(found.testing.sum())})
        if people
        else Note(text=w.NOBODY)
    )
    for text in w.CAVEATS:
        yield Note(text=text, kind="caveat")


def example() -> Example:
    """Invented people: 6,000 by sex, age band and charge; for young men charged with drug offences the score says too
    little."""
    rng = np.random.default_rng(33)
    n = 6_000
    score = rng.integers(1, 11, n)
    sex, age, charge = (rng.choice(words, n) for words in (["Female", "Male"], ["18-24", "25+"], ["drug", "property"]))
    more = np.where((sex == "Male") & (age == "18-24") & (charge == "drug"), 1.5, 1.0)
    outcome = (rng.random(n) < np.minimum((0.1 + 0.05 * score) * more, 1)).astype(int)
    words = {"sex": sex, "age": age, "charge": charge}
    data = invented(
        "tally",
        {
            "score": (Kind.AMOUNT, score.astype(float)),
            "outcome": (Kind.COUNT, outcome),
            **{name: (Kind.GROUP, labels.astype(object)) for name, labels in words.items()},
        },
    )
    return Example(params=SubgroupParams(), datasets={"tally": data})


def public(findings: Findings) -> Findings:
    """All of it: every subgroup has at least 100 people in the half that is counted, and leaves no small rest."""
    return findings


ARITHMETIC = Arithmetic(
    run=run,
    example=example,
    messages=w.MESSAGES,
    vocabulary=w.VOCABULARY,
    public=public,
    shows=Shows(view=view),
    counts={w.TOUCHED: ("n",)},
)
