"""Small, complete uses: ProPublica's COMPAS cohort (7,214 people) as counts, and invented people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.kernel.model.capability import Dataset, Example
from peelian.measure.table import Kind, Table, Values, table
from peelian.technologies.risk.counts import CROSSED, EVERYONE
from peelian.technologies.risk.params import AuditParams

# Figures counted from propublica/compas-analysis at bafff5d; deciles 1 to 10: people without, and with, a new arrest.
COMPAS: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "African-American": (
        (307, 274, 201, 208, 189, 169, 163, 114, 111, 59),
        (91, 119, 145, 177, 176, 215, 237, 245, 269, 227),
    ),
    "Asian": ((14, 4, 3, 0, 0, 1, 0, 1, 0, 0), (1, 0, 2, 0, 1, 2, 1, 1, 0, 1)),
    "Caucasian": ((539, 248, 180, 172, 130, 83, 55, 32, 30, 19), (142, 113, 93, 113, 111, 111, 88, 82, 68, 45)),
    "Hispanic": ((148, 77, 59, 34, 24, 16, 18, 13, 9, 7), (48, 36, 27, 18, 28, 21, 16, 13, 11, 14)),
    "Native American": ((0, 4, 1, 0, 0, 1, 1, 0, 1, 0), (0, 0, 0, 1, 0, 1, 3, 1, 1, 3)),
    "Other": ((124, 41, 22, 21, 12, 13, 5, 2, 2, 2), (26, 25, 14, 25, 10, 8, 5, 8, 6, 6)),
}


def compas() -> Table:
    """The counts as a tally.

    >>> int(compas()["n"].sum())
    7214
    """
    rows = [
        (race, float(decile), outcome, n)
        for race, outcomes in COMPAS.items()
        for outcome, counts in enumerate(outcomes)
        for decile, n in enumerate(counts, start=1)
        if n
    ]
    race, score, outcome, n = zip(*rows, strict=True)
    return table(
        "tally",
        {
            "score": (Kind.AMOUNT, np.array(score)),
            "outcome": (Kind.COUNT, np.array(outcome)),
            "n": (Kind.COUNT, np.array(n)),
            "race": (Kind.GROUP, np.array(race, dtype=object)),
        },
        n="people",
    )


def example() -> Example:
    """The audit at the cut ProPublica used, compared with the group its article compared with."""
    tally = compas()
    facts: dict[str, int | float | str | bool] = {
        "people": 7214,
        "axes": "race",
        "groups": ",".join(("race", EVERYONE, CROSSED, *COMPAS)),
        "window_days": 0,
    }
    dataset = Dataset(id="compas", format="risk-tally", digest=tally.digest(), table=tally, facts=facts)
    params = AuditParams(cut=5.0, reference=("Caucasian",), bootstraps=200)
    return Example(params=params, datasets={"tally": dataset})


def invented(shape: str, columns: Mapping[str, tuple[Kind, Values]]) -> Dataset:
    """Invented people, a row each, as the counts and facts that an import makes of them. O(rows log rows)."""
    words, codes = zip(*(np.unique(values, return_inverse=True) for _, values in columns.values()), strict=True)
    keys, where = np.unique(np.stack(codes), axis=1, return_inverse=True)
    made = {
        name: (kind, word[code]) for (name, (kind, _)), word, code in zip(columns.items(), words, keys, strict=True)
    }
    counted = table(shape, {**made, "n": (Kind.COUNT, np.bincount(where.ravel()))}, n="people")
    axes = [name for name, (kind, _) in columns.items() if kind is Kind.GROUP]
    labels = [label for name in axes for label in sorted(set(columns[name][1]))]
    facts: dict[str, int | float | str | bool] = {
        "people": int(where.size),
        "axes": ",".join(axes),
        "groups": ",".join((*axes, EVERYONE, CROSSED, *labels)),
    }
    return Dataset(id=f"invented-{shape}", format=f"risk-{shape}", digest=counted.digest(), table=counted, facts=facts)
