"""The network K function is that of spaghetti (PySAL) on lines cut in any way."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from peelian.technologies.mapping.diagnostics.streets import network_k
from peelian.technologies.mapping.street_network import network_of, node_distances, snapped

# Made by spaghetti 1.7.6 (geopandas 1, Python 3.11) from the same lines and points:
#   net = spaghetti.Network(in_data=geopandas.GeoDataFrame(geometry=lines()))
#   net.snapobservations(geopandas.GeoDataFrame(geometry=points(lines())), "p")
#   k = net.GlobalAutoK(net.pointpatterns["p"], nsteps=11, permutations=1, upperbound=500.0)
#   print(sum(net.arc_lengths.values()), k.observed.round(6).tolist())
LENGTH = 11744.891728697223
OBSERVED = [
    0.0, 139.470589, 308.303408, 528.520128, 785.439634, 1218.532517, 1710.349858, 2176.475248, 2668.29259,
    3204.153275, 3824.430369,
]  # fmt: skip


def lines():  # type: ignore[no-untyped-def]
    """A crooked lattice of 88 bent streets, a fifth of it missing."""
    generator = np.random.default_rng(11)
    steps = np.arange(8)
    at = np.stack(np.meshgrid(steps, steps), axis=-1) * 130.0 + generator.uniform(-35, 35, (8, 8, 2))
    pairs = [(at[i, j], at[i, j + 1]) for i in range(8) for j in range(7)]
    pairs += [(at[i, j], at[i + 1, j]) for i in range(7) for j in range(8)]
    drawn = [[a, (a + b) / 2 + generator.uniform(-15, 15, 2), b] for a, b in pairs if generator.random() > 0.2]
    return np.array([shapely.LineString(np.round(one, 2)) for one in drawn])


def points(streets):  # type: ignore[no-untyped-def]
    generator = np.random.default_rng(12)
    which, part = generator.integers(0, len(streets), 80), generator.random(80)
    return shapely.get_coordinates(shapely.line_interpolate_point(streets[which], part, normalized=True))


@pytest.mark.parametrize("longest", [40.0, 100.0, 1_000.0])
def test_the_network_k_function_is_that_of_spaghetti(longest):
    network = network_of(lines(), longest)
    spots, _ = snapped(network, *points(lines()).T)
    assert network.metres.sum() == pytest.approx(LENGTH, abs=1e-6)
    found = network_k(network, node_distances(network, 500.0), spots, np.arange(50.0, 501.0, 50.0))
    assert found == pytest.approx(OBSERVED[1:], abs=1e-5)
