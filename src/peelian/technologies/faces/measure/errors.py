"""Errors at a threshold by cell: trials, errors and their variances, which allow for repeated subjects.

A false match is an impostor comparison that scores at or above the threshold, a false non-match a genuine one that
scores below it or could not be made: ties fall as in bob.measure and pyeer.

The two-way bootstrap draws subjects with replacement; a comparison's weight is the product of its subjects' counts.
It cross-checks the dyadic interval of the overall FMR. It is conservative (Owen 2007, the pigeonhole bootstrap): an
interval narrower than the dyadic one signals a fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.technologies.faces.measure.scores import ROWS, Flags, Floats, Scores
from peelian.technologies.faces.measure.uncertainty import DYADIC, ENOUGH_ERRORS, estimate
from peelian.technologies.faces.measure.verdicts import ENOUGH_ERRING

FMR, FNMR, COMPARED, FAR, FRR = "FMR", "FNMR", "FNMR excluding failures", "FAR", "FRR"

Counts = NDArray[np.int64]

MOST_WORK = 40_000_000  # errors x replicates; beyond, fewer replicates are drawn
FEWEST = 50

DOUBLINGS = 4  # 30, 60, 120 and 240 false matches are tried until they rest on enough subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """Trials of a set of comparisons.

    `made` and `failed` count comparisons by cell. Where subjects are known, `impostor_of[i, h]` counts the comparisons
    of subject i with people of group h (last column: no group) and `genuine_of[i]` those of i with itself, failures
    included. `pairs` holds the pairs of subjects compared more than once, None where each pair is compared once.
    """

    made: Counts
    failed: Counts
    impostor_of: Counts | None
    genuine_of: Counts | None
    pairs: Pairs | None

    def by_subject(self) -> tuple[Counts, Counts]:
        """Impostor and genuine trials by subject; InputError where subjects are not known."""
        if self.impostor_of is None or self.genuine_of is None:
            raise InputError("no subject pseudonyms in the comparisons", accepted="scores with both subject pseudonyms")
        return self.impostor_of, self.genuine_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Every compared pair of subjects (see `pair_keys`) and how many comparisons it has.

    `squares` is the sum of the squared counts by cell.
    """

    keys: Counts
    counts: Counts
    squares: Counts

    def of(self, keys: Counts) -> Counts:
        """How often each pair of `keys` is compared."""
        return self.counts[np.searchsorted(self.keys, keys)]


def trial_counts(scores: Scores) -> Trials:
    """The trials of `scores`. O(rows), plus one sort of the impostor pairs where some are compared repeatedly."""
    cells = scores.cells.size
    failed = np.bincount(scores.cell[scores.failed], minlength=cells)
    everything = np.zeros(cells, dtype=np.int64)
    for start in range(0, len(scores), ROWS):
        everything += np.bincount(scores.cell[start : start + ROWS], minlength=cells)
    if scores.probe is None or scores.ref is None:
        return Trials(made=everything - failed, failed=failed, impostor_of=None, genuine_of=None, pairs=None)
    impostor_of, genuine_of = _by_subject(scores, scores.probe, scores.ref)
    return Trials(
        made=everything - failed,
        failed=failed,
        impostor_of=impostor_of,
        genuine_of=genuine_of,
        pairs=_repeated(scores, int((everything - failed)[: scores.cells.impostor_cells].sum())),
    )


def pair_keys(probe: NDArray[np.int32], ref: NDArray[np.int32]) -> Counts:
    """One number per two different subjects, whichever way round: higher x (higher - 1) / 2 + lower.

    >>> pair_keys(np.array([0, 2, 1], dtype=np.int32), np.array([1, 0, 2], dtype=np.int32)).tolist()
    [0, 1, 2]
    """
    higher = np.maximum(probe, ref).astype(np.int64)
    return higher * (higher - 1) // 2 + np.minimum(probe, ref)


def _by_subject(scores: Scores, probe: NDArray[np.int32], ref: NDArray[np.int32]) -> tuple[Counts, Counts]:
    subjects, wide = scores.subjects, len(scores.cells.groups) + 1
    group = np.where(scores.group_of < 0, wide - 1, scores.group_of).astype(np.int64)
    impostor_of = np.zeros(subjects * wide, dtype=np.int64)
    genuine_of = np.zeros(subjects, dtype=np.int64)
    for start in range(0, len(scores), ROWS):
        part = slice(start, start + ROWS)
        a, b, own = probe[part], ref[part], scores.genuine[part]
        other = ~own & ~scores.failed[part]
        genuine_of += np.bincount(a[own], minlength=subjects)
        a, b = a[other], b[other]
        impostor_of += np.bincount(a * np.int64(wide) + group[b], minlength=subjects * wide)
        impostor_of += np.bincount(b * np.int64(wide) + group[a], minlength=subjects * wide)
    return impostor_of.reshape(subjects, wide), genuine_of


def _repeated(scores: Scores, made: int) -> Pairs | None:
    """The compared impostor pairs with their counts, or None where every pair is compared once.

    Where a mark per possible pair takes no more room than the scores, marks tell first whether any pair recurs.
    """
    possible = scores.subjects * (scores.subjects - 1) // 2
    if made <= possible <= 8 * len(scores):
        seen = np.zeros(possible, dtype=np.bool_)
        for keys in _key_steps(scores):
            seen[keys] = True
        if int(seen.sum()) == made:
            return None
        del seen
    keys = np.empty(made, dtype=np.int64)
    at = 0
    for part in _key_steps(scores):
        keys[at : at + len(part)] = part
        at += len(part)
    keys.sort()
    new = np.empty(made, dtype=np.bool_)
    new[:1] = True
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    if new.all():
        return None
    first = np.flatnonzero(new)
    counts = np.diff(np.append(first, made))
    unique = keys[first]
    # The pair behind a key: the higher subject is the one whose triangle number is the last at or below it.
    starts = np.arange(scores.subjects, dtype=np.int64) * (np.arange(scores.subjects) - 1) // 2
    higher = np.searchsorted(starts, unique, side="right") - 1
    cell = scores.cells.pairs()[scores.group_of[higher], scores.group_of[unique - starts[higher]]]
    squares = np.bincount(cell, weights=counts.astype(np.float64) ** 2, minlength=scores.cells.size)
    return Pairs(keys=unique, counts=counts, squares=squares.astype(np.int64))


def _key_steps(scores: Scores) -> Iterator[Counts]:
    """The keys of the impostor comparisons made, a million rows at a time."""
    probe, ref = scores.named()
    for start in range(0, len(scores), ROWS):
        part = slice(start, start + ROWS)
        rows = ~scores.genuine[part] & ~scores.failed[part]
        yield pair_keys(probe[part][rows], ref[part][rows])


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


def overall_interval(
    errors: Errors, trials: Trials, scores: Scores, *, replicates: int, seed: int
) -> tuple[float, float]:
    """The 95% percentile interval of the overall FMR; nan where subjects are not known or no replicate is asked for.

    The number of comparisons in a replicate is taken to first order in the subjects' weights; what is left out is
    about 1/sqrt(comparisons) of it. O(replicates x (errors + subjects)), capped by drawing fewer.
    """
    if scores.probe is None or replicates == 0:
        return float("nan"), float("nan")
    rates = replicated(errors, trials, scores, replicates=replicates, seed=seed)
    known = rates[np.isfinite(rates)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def replicated(
    errors: Errors, trials: Trials, scores: Scores, *, replicates: int, seed: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The overall FMR of every replicate; nan where nobody was drawn."""
    erring = int(errors.impostor.sum()) + scores.subjects
    rounds = max(min(replicates, MOST_WORK // erring), min(FEWEST, replicates))
    rng = np.random.default_rng(seed)
    everyone = scores.subjects
    drawn = [np.bincount(rng.integers(0, everyone, everyone), minlength=everyone) for _ in range(rounds)]
    weight = np.array(drawn, dtype=np.float64)
    probe, ref = (side[errors.impostor] for side in errors.wrong.scores.named())
    k = np.array([(w[probe] * w[ref]).sum() for w in weight])
    n = trials.made[: scores.cells.impostor_cells].sum() + (weight - 1) @ trials.by_subject()[0].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > 0, k / n, np.nan)


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
