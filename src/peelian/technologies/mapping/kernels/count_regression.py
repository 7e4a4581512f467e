"""Regression of counts for score cards: Poisson and negative binomial fits, elastic net, stepwise choice by BIC.

Written for few columns (tens) and many rows (cells), so that a fit is a handful of passes over the columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData

Floats = NDArray[np.float64]

POISSON = float("inf")  # the shape of a negative binomial that is Poisson
MOST_STEPS = 100
LARGEST_ETA = 30.0
RIDGE = 1e-9
MOST_SIGNS = 500  # steps of one search


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountFit:
    """ln mean = intercept + Σ slope · column (+ offset), over the columns `chosen`; with its log-likelihood and BIC.

    `shape` is that of the negative binomial (variance = mean + mean²/shape), infinite for Poisson; `error` holds the
    slopes' standard errors.
    """

    chosen: tuple[int, ...]
    intercept: float
    slopes: Floats
    error: Floats
    shape: float
    log_likelihood: float
    bic: float

    def mean(self, columns: Floats, offset: Floats | float = 0.0) -> Floats:
        """Expected counts for rows of all columns. O(rows × chosen)."""
        eta = self.intercept + columns[:, list(self.chosen)] @ self.slopes + offset
        return np.exp(np.clip(eta, -LARGEST_ETA, LARGEST_ETA))


def fit_counts(
    columns: Floats, counts: Floats, offset: Floats, chosen: tuple[int, ...], *, negative_binomial: bool = False
) -> CountFit:
    """Fit the chosen columns (rows x all columns) by iterated weighted least squares. O(steps × rows × chosen²).

    Negative binomial: the likeliest shape at the fitted means, in turn with the slopes. McCullagh & Nelder 1989.

    >>> x = np.array([[0.0], [0.0], [1.0], [1.0]])
    >>> fit = fit_counts(x, np.array([1.0, 3.0, 5.0, 7.0]), np.zeros(4), (0,))
    >>> round(float(np.exp(fit.intercept)), 6), round(float(np.exp(fit.slopes[0])), 6)
    (2.0, 3.0)
    """
    if float(counts.sum()) <= 0:
        raise NotEnoughData("Not enough data: no incident to fit", accepted="at least one")
    design = np.column_stack([np.ones(len(counts)), columns[:, list(chosen)]])
    total = float(np.sum(np.exp(np.clip(offset, -LARGEST_ETA, LARGEST_ETA))))
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(max(float(counts.sum()), 1e-9) / total)
    shape, score = POISSON, -np.inf
    for _ in range(25 if negative_binomial else 1):
        beta, eta, weight = _weighted(design, counts, offset, (beta, shape))
        mean = np.exp(eta)
        if negative_binomial:
            shape = _likeliest_shape(counts, mean)
        before, score = score, log_likelihood(counts, mean, shape)
        if abs(score - before) < 1e-7 * abs(score):
            break
    covariance = np.linalg.inv(design.T @ (design * weight[:, None]) + RIDGE * np.eye(len(beta)))
    parameters = len(beta) + (1 if negative_binomial else 0)
    return CountFit(
        chosen=tuple(chosen),
        intercept=float(beta[0]),
        slopes=beta[1:],
        error=np.sqrt(np.maximum(np.diag(covariance)[1:], 0.0)),
        shape=shape,
        log_likelihood=score,
        bic=parameters * float(np.log(len(counts))) - 2 * score,
    )


def _weighted(
    design: Floats, counts: Floats, offset: Floats, start: tuple[Floats, float]
) -> tuple[Floats, Floats, Floats]:
    """Slopes, linear predictor and weights at convergence; steps are halved where they would lower the likelihood."""
    beta, shape = start
    eta = np.clip(design @ beta + offset, -LARGEST_ETA, LARGEST_ETA)
    score = log_likelihood(counts, np.exp(eta), shape)
    weight = np.ones(len(counts))
    for _ in range(MOST_STEPS):
        mean = np.exp(eta)
        weight = mean if np.isinf(shape) else mean / (1 + mean / shape)
        gradient = design.T @ (weight * (counts - mean) / mean)
        step = np.linalg.solve(design.T @ (design * weight[:, None]) + RIDGE * np.eye(len(beta)), gradient)
        for _ in range(30):
            tried = np.clip(design @ (beta + step) + offset, -LARGEST_ETA, LARGEST_ETA)
            after = log_likelihood(counts, np.exp(tried), shape)
            if after >= score - 1e-10 * abs(score):
                break
            step = step / 2
        beta, eta = beta + step, tried
        gained, score = after - score, after
        if gained < 1e-9 * abs(score):
            break
    return beta, eta, weight


def log_likelihood(counts: Floats, mean: Floats, shape: float = POISSON) -> float:
    """Log-likelihood of counts under Poisson or negative binomial means. O(rows)."""
    if np.isinf(shape):
        return float(np.sum(counts * np.log(mean) - mean - scipy.special.gammaln(counts + 1)))
    ratio = np.log1p(mean / shape)
    fixed = scipy.special.gammaln(counts + shape) - scipy.special.gammaln(shape) - scipy.special.gammaln(counts + 1)
    return float(np.sum(fixed + counts * (np.log(mean / shape) - ratio) - shape * ratio))


def _likeliest_shape(counts: Floats, mean: Floats) -> float:
    found = scipy.optimize.minimize_scalar(
        lambda logged: -log_likelihood(counts, mean, float(np.exp(logged))), bounds=(-7.0, 12.0), method="bounded"
    )
    return float(np.exp(found.x))


def elastic_net(
    columns: Floats, counts: Floats, offset: Floats, folds: NDArray[np.int64], mixing: float = 0.5
) -> tuple[int, ...]:
    """The columns that a Poisson elastic net keeps at the penalty with the best held-out likelihood.

    Columns are scaled to one variance. Weighted least squares along a path of 30 penalties (Friedman, Hastie &
    Tibshirani 2010); `folds` numbers each row's fold; the largest penalty within one standard error
    of the best is taken. `mixing` is 1 for the lasso. O(folds × path × steps × rows × columns).
    """
    if len(counts) != len(columns) or len(folds) != len(counts):
        raise InputError("columns, counts and folds differ in rows")
    spread = columns.std(axis=0)
    usable = np.flatnonzero(spread > 0)
    if not len(usable):
        return ()
    scaled = (columns[:, usable] - columns[:, usable].mean(axis=0)) / spread[usable]
    path = _path(scaled, counts, offset, mixing)
    held = np.array([_held_out(scaled, counts, offset, (folds == k, path, mixing)) for k in np.unique(folds)])
    mean, error = held.mean(axis=0), held.std(axis=0, ddof=1) / np.sqrt(len(held))
    best = int(np.argmax(mean))
    allowed = np.flatnonzero(mean >= mean[best] - error[best])
    slopes = _along(scaled, counts, offset, (path[: int(allowed[0]) + 1], mixing))[-1]
    return tuple(int(k) for k in usable[np.abs(slopes[1:]) > 1e-9])


def _path(scaled: Floats, counts: Floats, offset: Floats, mixing: float) -> Floats:
    exposure = np.exp(np.clip(offset, -LARGEST_ETA, LARGEST_ETA))
    even = exposure * counts.sum() / exposure.sum()
    most = float(np.abs(scaled.T @ (counts - even)).max()) / len(counts) / max(mixing, 0.05)
    return np.geomspace(max(most, 1e-12), max(most, 1e-12) * 1e-3, 30)


def _held_out(scaled: Floats, counts: Floats, offset: Floats, plan: tuple[NDArray[np.bool_], Floats, float]) -> Floats:
    """Mean held-out log-likelihood per row along the path, one fold left out."""
    out, path, mixing = plan
    fits = _along(scaled[~out], counts[~out], offset[~out], (path, mixing))
    scores = []
    for beta in fits:
        eta = np.clip(beta[0] + scaled[out] @ beta[1:] + offset[out], -LARGEST_ETA, LARGEST_ETA)
        scores.append(float(np.mean(counts[out] * eta - np.exp(eta))))
    return np.array(scores)


def _along(scaled: Floats, counts: Floats, offset: Floats, plan: tuple[Floats, float]) -> list[Floats]:
    """Intercept and slopes for each penalty of the path, each started from the one before."""
    path, mixing = plan
    exposure = np.exp(np.clip(offset, -LARGEST_ETA, LARGEST_ETA))
    beta = np.zeros(scaled.shape[1] + 1)
    beta[0] = np.log(max(float(counts.sum()), 1e-9) / float(exposure.sum()))
    fits = []
    for penalty in path.tolist():
        for _ in range(25):
            before = beta.copy()
            beta = _descended(scaled, counts, offset, (beta, penalty, mixing))
            if float(np.abs(beta - before).max()) < 1e-5:
                break
        fits.append(beta)
    return fits


def _descended(scaled: Floats, counts: Floats, offset: Floats, at: tuple[Floats, float, float]) -> Floats:
    """One weighted least squares problem with penalised slopes; only the columns' cross products are used."""
    beta, penalty, mixing = at
    rows = len(counts)
    eta = np.clip(beta[0] + scaled @ beta[1:] + offset, -LARGEST_ETA, LARGEST_ETA)
    weight = np.maximum(np.exp(eta), 1e-8)
    target = eta - offset + (counts - weight) / weight
    design = np.column_stack([np.ones(rows), scaled])
    penalised = np.arange(len(beta)) > 0  # not the intercept
    cross: Floats = design.T @ (design * weight[:, None]) / rows + np.diag(penalised * penalty * (1 - mixing) + RIDGE)
    right: Floats = design.T @ (weight * target) / rows
    edge: Floats = np.where(penalised, penalty * mixing, 0.0)
    return _least(cross, right, edge, beta)


def _least(cross: Floats, right: Floats, edge: Floats, start: Floats) -> Floats:
    """The slopes with the least ½ b'Cb - r'b + sum of edge × |b|.

    Feature-sign search (Lee, Battle, Raina & Ng 2007): solve for the slopes that are not zero under their signs, go to
    the lowest point on the way there, let in the slope that pulls hardest. O(steps × columns³).
    """
    slopes, exact = start.copy(), 1e-9 * max(float(edge.max()), 1e-3)

    def height(at: Floats) -> float:
        return float(at @ (cross @ at) / 2 - right @ at + edge @ np.abs(at))

    for _ in range(MOST_SIGNS):
        pull, signs = right - cross @ slopes, np.sign(slopes)
        excess = np.where((signs == 0) & (edge > 0), np.abs(pull) - edge, 0.0)
        settled = np.where((signs != 0) | (edge == 0), np.abs(pull - edge * signs), 0.0).max() <= exact
        if settled and excess.max() <= exact:
            break
        if settled:
            hardest = int(np.argmax(excess))
            signs[hardest] = np.sign(pull[hardest])
        free = np.flatnonzero((signs != 0) | (edge == 0))
        aim = np.zeros_like(slopes)
        aim[free] = np.linalg.solve(cross[np.ix_(free, free)], right[free] - edge[free] * signs[free])
        with np.errstate(divide="ignore", invalid="ignore"):
            zero = np.where(edge > 0, slopes / (slopes - aim), np.nan)  # how far on the way each slope is zero
        ways = [1.0, *zero[(zero > 0) & (zero < 1)].tolist()]
        tried = [np.where(zero == way, 0.0, slopes + way * (aim - slopes)) for way in ways]
        slopes = min(tried, key=height)
    return slopes


def stepwise(
    columns: Floats, counts: Floats, offset: Floats, candidates: tuple[int, ...], *, negative_binomial: bool = False
) -> CountFit:
    """Add or drop one column at a time while that lowers the BIC, from none on; only rising slopes are kept.

    A score card adds risks: a column that lowers the expected count is left out (Caplan & Kennedy 2016, risk terrain
    modelling). O(columns² × fits).
    """
    best = fit_counts(columns, counts, offset, (), negative_binomial=negative_binomial)
    while True:
        tried = [
            fit_counts(columns, counts, offset, chosen, negative_binomial=negative_binomial)
            for chosen in _neighbours(best.chosen, candidates)
        ]
        rising = [fit for fit in tried if bool((fit.slopes > 0).all())]
        if not rising:
            return best
        next_best = min(rising, key=lambda fit: fit.bic)
        if next_best.bic >= best.bic - 1e-6:
            return best
        best = next_best


def _neighbours(chosen: tuple[int, ...], candidates: tuple[int, ...]) -> list[tuple[int, ...]]:
    more = [(*chosen, k) for k in candidates if k not in chosen]
    return more + [tuple(j for j in chosen if j != k) for k in chosen]
