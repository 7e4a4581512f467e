"""The nearest lower threshold with enough false matches: its bound also holds at every higher threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.technologies.faces.errors_at import Errors, Wrong, spread
from peelian.technologies.faces.reading import Flags, Floats
from peelian.technologies.faces.scores import ROWS, Scores
from peelian.technologies.faces.trials import Trials
from peelian.technologies.faces.uncertainty import DYADIC, ENOUGH_ERRORS, estimate
from peelian.technologies.faces.verdicts import ENOUGH_ERRING

DOUBLINGS = 4  # 30, 60, 120 and 240 false matches are tried until they rest on enough subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """By group, or over all where there are no groups: a threshold, and the upper bound of FMR there. nan: none."""

    threshold: Floats
    high: Floats

    def above(self, at: int, threshold: float) -> float:
        """The bound of FMR at `threshold` that follows from the anchor; nan if the anchor is not below."""
        return float(self.high[at]) if self.threshold[at] <= threshold else float("nan")


def anchored(scores: Scores, trials: Trials) -> Anchors | None:
    """The highest threshold in each group at which 30 false matches rest on 10 subjects; None without subjects.

    O(rows), in steps, plus a partition of the comparisons within groups.
    """
    if scores.probe is None:
        return None
    cells = scores.cells
    judged = cells.within() or [cells.impostor_cells - 1]
    ordered = [_highest(scores, cell) for cell in judged]
    found = Anchors(threshold=np.full(len(judged), np.nan), high=np.full(len(judged), np.nan))
    for many in (ENOUGH_ERRORS << i for i in range(DOUBLINGS)):
        open_ = [g for g, top in enumerate(ordered) if np.isnan(found.high[g]) and len(top) >= many]
        least = np.full(cells.size, np.inf)
        least[[judged[g] for g in open_]] = [ordered[g][many - 1] for g in open_]
        if open_:
            _try(scores, trials, least, open_, found)
    return found


def _highest(scores: Scores, cell: int) -> Floats:
    """The highest scores of an impostor cell, in descending order."""
    most = ENOUGH_ERRORS << (DOUBLINGS - 1)
    top = np.zeros(0)
    for start in range(0, len(scores), ROWS):
        part = slice(start, start + ROWS)
        held = scores.score[part][(scores.cell[part] == cell) & ~scores.failed[part]]
        top = np.concatenate([top, held])
        if len(top) > most:
            top = np.partition(top, len(top) - most)[-most:]
    return np.sort(top)[::-1]


def _try(scores: Scores, trials: Trials, least: Floats, open_: list[int], found: Anchors) -> None:
    """Fill in the anchors of the groups whose errors at `least` (by cell) rest on enough subjects."""
    cells = scores.cells
    judged = cells.within() or [cells.impostor_cells - 1]
    held = scores.take(_at_or_above(scores, least))
    every = np.ones(len(held), dtype=np.bool_)
    errors = Errors(
        threshold=float("nan"),
        by_cell=np.bincount(held.cell, minlength=cells.size),
        wrong=Wrong(scores=held),
        impostor=every,
        genuine=~every,
    )
    spreads = spread(errors, trials, scores)
    people = spreads.people_fmr
    for g in open_:
        if people is None or people.erring[g] < ENOUGH_ERRING:
            continue
        cell = judged[g]
        one = estimate(
            int(errors.by_cell[cell]),
            int(trials.made[cell]),
            variance=float(spreads.fmr[cell]) if cells.groups else spreads.fmr_all,
            method=DYADIC,
            single=bool(spreads.single[cell]),
            known=True,
            subjects=int(people.subjects[g]),
        )
        if one.errors < one.n:
            found.threshold[g], found.high[g] = least[cell], one.high


def _at_or_above(scores: Scores, least: Floats) -> Flags:
    keep = np.zeros(len(scores), dtype=np.bool_)
    for start in range(0, len(scores), ROWS):
        part = slice(start, start + ROWS)
        keep[part] = scores.score[part] >= least[scores.cell[part]]  # failures have no score and compare as false
    return keep
