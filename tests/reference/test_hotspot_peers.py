"""Gi* and local Moran are those of esda (PySAL); the false discovery rate is scipy's."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest
import scipy.stats

from peelian.measure.grid import grid_of, square_grid
from peelian.measure.multiplicity import false_discovery
from peelian.technologies.mapping.diagnostics.hotspots import hot_spots

with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
    warnings.simplefilter("ignore")
    patch.setitem(sys.modules, "numba", None)  # compiling esda's loop takes 18 s; running it as it stands, 0.3 s
    from esda import G_Local, Moran_Local
    from libpysal.weights import W


def a_grid(seed: int):  # type: ignore[no-untyped-def]
    """A ragged town: a rectangle with a third of its cells outside."""
    generator = np.random.default_rng(seed)
    full = square_grid(cell_metres=250.0, rows=18, cols=23)
    kept = np.flatnonzero(generator.random(len(full)) > 0.3)
    return grid_of(250.0, full.row[kept], full.col[kept], full.area_km2[kept] / full.area_km2[0] * 0.0625)


def touching(grid) -> W:  # type: ignore[no-untyped-def]
    at = {(r, c): k for k, (r, c) in enumerate(zip(grid.row.tolist(), grid.col.tolist(), strict=True))}
    steps = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)]
    return W(
        {k: [at[r + a, c + b] for a, b in steps if (r + a, c + b) in at] for (r, c), k in at.items()},
        silence_warnings=True,
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_gi_star_and_local_moran_are_those_of_esda(seed):
    grid = a_grid(seed)
    counts = np.random.default_rng(seed).gamma(0.4, 6, len(grid)).round()
    found, weights = hot_spots(grid, counts, seed), touching(grid)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gi = G_Local(counts, weights, star=True, transform="B", permutations=0)
        moran = Moran_Local(counts, weights, transformation="r", permutations=0)
    assert found.gi_star == pytest.approx(gi.Zs, abs=1e-9)
    joined = np.array([bool(weights.neighbors[k]) for k in range(len(grid))])
    assert found.moran[joined] == pytest.approx(moran.Is[joined], abs=1e-9)


def test_p_values_are_those_of_esda_s_permutations():
    grid = a_grid(4)
    counts = np.random.default_rng(4).poisson(3, len(grid)).astype(float)
    weights = touching(grid)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gi = G_Local(
            counts, weights, star=True, transform="B", permutations=4_999, seed=1, n_jobs=1, keep_simulations=False
        )
    ours = hot_spots(grid, counts, 4).p
    folded = np.minimum(ours, 1 - ours + 1e-5)  # esda gives the smaller tail
    joined = np.array([len(weights.neighbors[k]) > 2 for k in range(len(grid))])
    assert np.abs(folded - gi.p_sim)[joined].mean() < 0.06
    assert np.corrcoef(folded[joined], gi.p_sim[joined])[0, 1] > 0.95


def test_the_false_discovery_rate_is_scipy_s():
    p = np.random.default_rng(5).random(200) ** 2
    assert false_discovery(p) == pytest.approx(scipy.stats.false_discovery_control(p))
