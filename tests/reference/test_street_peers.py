"""The network K function is that of spaghetti (PySAL) on lines cut in any way, the kernel that of all pairs."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
import pytest
import shapely

from peelian.technologies.mapping.diagnostics.streets import network_k
from peelian.technologies.mapping.street_cells import street_cells, street_kernels
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


def way(network, source):
    """Metres from a segment's middle to every other's, by Dijkstra with a heap (1959)."""
    doors = {}
    for k, (a, b) in enumerate(zip(network.start.tolist(), network.end.tolist(), strict=True)):
        doors.setdefault(a, []).append((b, k))
        doors.setdefault(b, []).append((a, k))
    metres = network.metres.tolist()
    best, heap = {}, [(metres[source] / 2, int(network.start[source])), (metres[source] / 2, int(network.end[source]))]
    while heap:
        far, node = heappop(heap)
        if node in best:
            continue
        best[node] = far
        for other, k in doors[node]:
            heappush(heap, (far + metres[k], other))
    ends = zip(network.start.tolist(), network.end.tolist(), metres, strict=True)
    found = [min(best.get(a, np.inf), best.get(b, np.inf)) + m / 2 for a, b, m in ends]
    found[source] = 0.0
    return np.array(found)


@pytest.mark.parametrize("longest", [60.0, 500.0])
def test_the_kernel_is_that_of_a_sum_over_all_pairs(longest):
    made = street_cells(lines(), shapely.box(-500, -500, 1_500, 1_500), longest_metres=longest, reach_metres=50)
    kernels = street_kernels(made, (120.0, 400.0))
    for metres, kernel in zip((120.0, 400.0), kernels, strict=True):
        for source in range(0, len(made), 17):
            far = way(made.network, source)
            mass = np.where(far < metres, (1 - (far / metres) ** 2) ** 2, 0.0) * made.network.metres
            one = kernel.empty()
            one[source] = 1.0
            assert kernel.cells(one) == pytest.approx(mass / mass.sum(), abs=1e-9)
