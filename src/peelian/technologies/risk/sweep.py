"""Rates at the cut-off and at every other cut-off, and observed shares by score band."""

from __future__ import annotations

import numpy as np

from peelian.technologies.risk.counts import Floats, Mask
from peelian.technologies.risk.errors_at import AT_EVERY_CUT, NEEDS_CUT, NEEDS_OUTCOME, quadrants, shares
from peelian.technologies.risk.rows import Figure, Rate
from peelian.technologies.risk.study import Study

PER = 1_000
"""Effects of a cut-off are given per 1,000 people scored."""


def rates_at_the_cut(study: Study) -> list[Rate]:
    """Base rate, share scored high, error rates, predictive values and accuracy of every node at the cut."""
    people = shares(quadrants(study.people, study.place))
    effective = shares(quadrants(study.effective, study.place))
    left = study.shares_without(study.place)
    return [
        Rate(
            metric=metric,
            people=people[metric],
            effective=effective[metric],
            open_=_may(study, metric),
            at=study.cut if metric in NEEDS_CUT else float("nan"),
            left=left.get(metric),
        )
        for metric in people
    ]


def rates_at_other_cuts(study: Study) -> list[Rate]:
    """The same at every other cut, for the nodes whose bands may show there. O(levels x nodes)."""
    found = []
    for place in range(1, len(study.levels.scores)):
        kept = study.shown.detail & study.shown.edges[:, place]
        if place == study.place or not kept.any():
            continue
        people = shares(quadrants(study.people, place))
        effective = shares(quadrants(study.effective, place))
        left = study.shares_without(place)
        found += [
            Rate(
                metric=metric,
                people=people[metric],
                effective=effective[metric],
                open_=study.shown.detail,
                at=float(study.at[place]),
                kept=kept,
                left=left.get(metric),
            )
            for metric in AT_EVERY_CUT
        ]
    return found


def bands(study: Study, probability: Floats) -> tuple[list[Rate], list[Figure]]:
    """The calibration table: observed and expected share of events in each band.

    `probability` [levels] is the expected share at each level. A band holds at least 10 people. O(levels x nodes).
    """
    edges = study.shown.edges & study.shown.detail[:, None]
    people, effective = _banded(study.people, edges), _banded(study.effective, edges)
    again = _banded(study.replicates.levels, edges) if study.replicates else None
    n = study.effective.sum(axis=2, keepdims=True)
    promised = _banded(n * probability[:, None], edges)[..., 0]
    rates, figures = [], []
    for place, at in enumerate(study.at.tolist()):
        kept = edges[:, place]
        if not kept.any():
            continue
        here, weighed = people[:, place], effective[:, place]
        total = weighed.sum(axis=1)
        rates.append(
            Rate(
                metric="observed",
                people=(here[:, 1], here.sum(axis=1)),
                effective=(weighed[:, 1], total),
                open_=study.shown.detail,
                at=at,
                kept=kept,
                left=None if again is None else (again[:, :, place, 1], again[:, :, place].sum(axis=2)),
            )
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            value = promised[:, place] / total
        none = np.full(len(value), np.nan)
        figures.append(
            Figure(
                metric="promised", value=value, low=none, high=none, open_=study.shown.detail & kept, at=at, kept=kept
            )
        )
    return rates, figures


def prices(study: Study) -> list[Figure]:
    """Effect of each cut-off per 1,000 people scored: scored high, false positives and false negatives.

    For everyone, at every cut-off whose bands may be shown.
    """
    found = []
    for place in range(1, len(study.levels.scores)):
        kept = (study.shown.detail & study.shown.edges[:, place]) if place != study.place else study.whole
        kept = kept & (np.arange(len(kept)) == 0)
        if not kept.any():
            continue
        q = quadrants(study.effective, place)
        for metric, count in (
            ("high_per_thousand", q.high),
            ("wrongly_high_per_thousand", q.false_high),
            ("wrongly_low_per_thousand", q.false_low),
        ):
            value = PER * count / q.n
            none = np.full(len(value), np.nan)
            found.append(
                Figure(
                    metric=metric, value=value, low=none, high=none, open_=kept, at=float(study.at[place]), kept=kept
                )
            )
    return found


def _banded(cells: Floats, edges: Mask) -> Floats:
    """Sums [..., N, S, K] from each edge of a node to its next, standing at the edge; zero elsewhere."""
    out = np.zeros_like(cells)
    for node in np.flatnonzero(edges.any(axis=1)).tolist():
        starts = np.flatnonzero(edges[node])
        out[..., node, starts, :] = np.add.reduceat(cells[..., node, :, :], starts, axis=-2)
    return out


def _may(study: Study, metric: str) -> Mask:
    """Which nodes may print a rate: what it counts must not give a small set away."""
    may = study.shown.people.copy()
    if metric in NEEDS_OUTCOME:
        may &= study.shown.outcomes
    if metric in NEEDS_CUT:
        may &= study.shown.highs
    return may
