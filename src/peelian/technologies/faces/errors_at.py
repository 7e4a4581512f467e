"""Count errors at a threshold by cell, with variances that allow for repeated subjects.

A false match is an impostor comparison that scores at or above the threshold, a false non-match a genuine one that
scores below it or could not be made: ties fall as in bob.measure and pyeer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.faces.reading import Flags, Floats
from peelian.technologies.faces.scores import ROWS, Scores
from peelian.technologies.faces.trials import Counts, Trials, pair_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The erring comparisons at one threshold.

    `by_cell` counts them (failures are not among them); `rows` are those of `Wrong` that err at this threshold.
    """

    threshold: float
    by_cell: Counts
    wrong: Wrong
    impostor: Flags
    genuine: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """The comparisons that err at one threshold at least: few, so that each threshold is counted quickly."""

    scores: Scores

    def at(self, threshold: float) -> Errors:
        """The errors at one of the thresholds this was gathered for."""
        held = self.scores
        impostor = ~held.genuine & (held.score >= threshold)
        genuine = held.genuine & (held.score < threshold)
        by_cell = np.bincount(held.cell[impostor | genuine], minlength=held.cells.size)
        return Errors(threshold=threshold, by_cell=by_cell, wrong=self, impostor=impostor, genuine=genuine)


def gathered(scores: Scores, thresholds: Sequence[float]) -> Wrong:
    """The comparisons that err at some threshold from the least to the greatest. O(rows), in steps."""
    least, most = min(thresholds), max(thresholds)
    keep = np.zeros(len(scores), dtype=np.bool_)
    for start in range(0, len(scores), ROWS):
        part = slice(start, start + ROWS)
        score, genuine = scores.score[part], scores.genuine[part]
        keep[part] = np.where(genuine, score < most, score >= least)  # nan is neither: failures are counted apart
    return Wrong(scores=scores.take(keep))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Variances of a threshold's rates; nan where subjects are not known.

    `fmr[cell]` of each impostor cell, `fmr_all` over all impostor pairs, `fmr_within` over all pairs within groups,
    `fnmr[group]` with failures as errors, `fnmr_all`. `single` tells the cells in which no subject recurs.
    `people_fmr` and `people_fnmr` are the subjects behind those rates, None where they are not known.
    """

    fmr: Floats
    fmr_all: float
    fmr_within: float
    fnmr: Floats
    fnmr_all: float
    single: Flags
    single_all: bool = False
    people_fmr: People | None = None
    people_fnmr: People | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The subjects behind one kind of rate, by group and (last) over all.

    `subjects` have a trial, `erring` are those that the errors rest on, `shares` is the sum of their error shares.
    """

    subjects: Counts
    erring: Counts
    shares: Floats


def spread(errors: Errors, trials: Trials, scores: Scores) -> Spread:
    """Dyadic cluster-robust variances (Fafchamps, Gubert 2007; Aronow and others 2015) of every rate at a threshold.

    Var(FMR) = [sum over subjects of (sum of their residuals)^2 - sum over pairs of (their residual)^2] / n^2, where a
    residual is a comparison's error less the rate. A genuine comparison has one subject: there the variance is the
    plain one of clusters. O(errors + subjects x groups).
    """
    cells, groups = scores.cells, scores.cells.groups
    if scores.probe is None:
        nothing = np.full(cells.size, np.nan)
        nan = float("nan")
        return Spread(
            fmr=nothing,
            fmr_all=nan,
            fmr_within=nan,
            fnmr=np.full(len(groups), np.nan),
            fnmr_all=nan,
            single=np.zeros(cells.size, dtype=np.bool_),
        )
    dyads = _Dyads.of(errors, trials, scores)
    genuine = _genuine_by_subject(errors, trials, scores)
    return Spread(
        fmr=dyads.variances(),
        fmr_all=dyads.variance(range(cells.impostor_cells)),
        fmr_within=dyads.variance(cells.within()),
        fnmr=np.array([_clustered(*genuine, scores.group_of == g) for g in range(len(groups))]),
        fnmr_all=_clustered(*genuine, np.ones(scores.subjects, dtype=np.bool_)),
        single=_single(trials, scores),
        single_all=bool((trials.by_subject()[0].sum(axis=1) <= 1).all()),
        people_fmr=_people_of_matches(errors, dyads, scores),
        people_fnmr=_people(*genuine, genuine[0] > 0, scores.group_of, len(groups)),
    )


def _people_of_matches(errors: Errors, dyads: _Dyads, scores: Scores) -> People:
    """The people behind false matches within each group, and (last) behind all false matches. O(errors + subjects).

    A false match counts for the one of its two subjects who errs more: forty false matches of one look-alike rest on
    one person, not on forty-one.
    """
    groups, group_of = len(scores.cells.groups), scores.group_of
    probe, ref = (side[errors.impostor] for side in errors.wrong.scores.named())
    own, everyone = np.where(group_of < 0, groups, group_of), np.arange(scores.subjects)
    same = (group_of[probe] == group_of[ref]) & (group_of[probe] >= 0)
    within, over_all = (
        (dyads.errors_of[everyone, own], dyads.trials_of[everyone, own]),
        (
            dyads.errors_of.sum(axis=1),
            dyads.trials_of.sum(axis=1),
        ),
    )
    made = []
    for (k, m), a, b in ((within, probe[same], ref[same]), (over_all, probe, ref)):
        blamed = np.zeros(scores.subjects, dtype=np.bool_)
        blamed[np.where(k[a] >= k[b], a, b)] = True
        made.append(_people(k, m, blamed, group_of, groups))
    return People(
        subjects=np.append(made[0].subjects[:-1], made[1].subjects[-1]),
        erring=np.append(made[0].erring[:-1], made[1].erring[-1]),
        shares=np.append(made[0].shares[:-1], made[1].shares[-1]),
    )


def _people(k: Counts, m: Counts, erring: Flags, group_of: NDArray[np.int16], groups: int) -> People:
    """Subjects with a trial, those who err, and the sum of error shares k/m, by group and over all. O(subjects)."""
    tried = m > 0
    share = np.divide(k, m, out=np.zeros(len(m)), where=tried)
    who = np.where(group_of < 0, groups, group_of).astype(np.int64)
    made = []
    for values in (tried, erring, share):
        of_group: Floats = np.bincount(who, weights=values, minlength=groups + 1).astype(np.float64)
        made.append(np.append(of_group[:groups], of_group.sum()))
    return People(subjects=made[0].astype(np.int64), erring=made[1].astype(np.int64), shares=made[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dyads:
    """False matches by subject and group, and what pairs of subjects add up to, by cell."""

    cell_of: NDArray[np.int16]  # (subject, group of the other) → cell
    errors_of: Counts
    trials_of: Counts
    n: Counts
    k: Counts
    pair_errors: Floats  # sum over pairs of k^2
    pair_products: Floats  # sum over pairs of k x m
    pair_trials: Floats  # sum over pairs of m^2

    @staticmethod
    def of(errors: Errors, trials: Trials, scores: Scores) -> _Dyads:
        held, cells = errors.wrong.scores, scores.cells
        wide = len(cells.groups) + 1
        own = np.where(scores.group_of < 0, wide - 1, scores.group_of).astype(np.int64)
        probe, ref = (side[errors.impostor] for side in held.named())
        size = scores.subjects * wide
        errors_of = np.bincount(probe * np.int64(wide) + own[ref], minlength=size)
        errors_of += np.bincount(ref * np.int64(wide) + own[probe], minlength=size)
        keys, first, k = np.unique(pair_keys(probe, ref), return_index=True, return_counts=True)
        cell = held.cell[errors.impostor][first]
        n = trials.made[: cells.impostor_cells]
        m = np.ones(len(keys), dtype=np.int64) if trials.pairs is None else trials.pairs.of(keys)
        squares = n if trials.pairs is None else trials.pairs.squares[: cells.impostor_cells]

        def by_cell(weights: NDArray[np.int64]) -> Floats:
            return np.asarray(np.bincount(cell, weights=weights, minlength=cells.impostor_cells), dtype=np.float64)

        return _Dyads(
            cell_of=cells.pairs()[own][:, :wide],
            errors_of=errors_of.reshape(-1, wide),
            trials_of=trials.by_subject()[0],
            n=n,
            k=errors.by_cell[: cells.impostor_cells],
            pair_errors=by_cell(k * k),
            pair_products=by_cell(k * m),
            pair_trials=squares.astype(np.float64),
        )

    def variances(self) -> Floats:
        """The variance of every named cell's rate; nan in the cell outside every group and where there is no trial.

        In a named cell a subject meets one group only, so its residuals stand in one place: one pass does for all.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            p = self.k / self.n
            residual = (self.errors_of - np.nan_to_num(p)[self.cell_of] * self.trials_of) ** 2
            sums = np.bincount(self.cell_of.ravel(), weights=residual.ravel(), minlength=len(self.n))
            pairs = self.pair_errors - 2 * p * self.pair_products + p * p * self.pair_trials
            variance = (sums - pairs) / self.n.astype(np.float64) ** 2
        variance[-1] = np.nan
        return np.where(self.n > 0, variance, np.nan)

    def variance(self, cells: Sequence[int] | range) -> float:
        """The variance of the rate over the cells together; nan without trials."""
        chosen = np.zeros(len(self.n), dtype=np.bool_)
        chosen[list(cells)] = True
        n, k = int(self.n[chosen].sum()), int(self.k[chosen].sum())
        if n == 0:
            return float("nan")
        p = k / n
        inside = chosen[self.cell_of]
        residual = ((self.errors_of - p * self.trials_of) * inside).sum(axis=1)
        pairs = (self.pair_errors - 2 * p * self.pair_products + p * p * self.pair_trials)[chosen].sum()
        return float(((residual**2).sum() - pairs) / n**2)


def _genuine_by_subject(errors: Errors, trials: Trials, scores: Scores) -> tuple[Counts, Counts]:
    """False non-matches with failures, and genuine trials, by subject."""
    held = errors.wrong.scores
    k = np.bincount(held.named()[0][errors.genuine], minlength=scores.subjects)
    k = k + np.bincount(scores.named()[0][scores.genuine & scores.failed], minlength=scores.subjects)
    return k, trials.by_subject()[1]


def _clustered(k: Counts, m: Counts, who: Flags) -> float:
    """The variance of a rate whose trials are clustered by subject: sum of squared residual sums / n^2."""
    n = int(m[who].sum())
    if n == 0:
        return float("nan")
    residual = k[who] - (k[who].sum() / n) * m[who]
    several = int((m[who] > 0).sum())
    return float((residual**2).sum() / n**2 * several / max(several - 1, 1))


def _single(trials: Trials, scores: Scores) -> Flags:
    """The cells in which no subject stands in more than one comparison: there comparisons are independent."""
    impostor_of, genuine_of = trials.by_subject()
    single = np.ones(scores.cells.size, dtype=np.bool_)
    wide = impostor_of.shape[1]
    own = np.where(scores.group_of < 0, wide - 1, scores.group_of).astype(np.int64)
    cell_of = scores.cells.pairs()[own][:, :wide]
    single[cell_of[impostor_of > 1]] = False
    several = genuine_of > 1
    single[[scores.cells.genuine(int(g)) for g in np.unique(scores.group_of[several])]] = False
    return single
