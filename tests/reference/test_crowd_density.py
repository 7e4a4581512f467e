"""Our density against PedPy's classic density, on experiments of Forschungszentrum Jülich."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from peelian.technologies.crowd.density import EMPTY, Ground, density, step

pedpy = pytest.importorskip("pedpy", reason="pedpy, of the development extras, is not installed")
DATA = Path(__file__).resolve().parents[1] / "data" / "crowd"
AREAS = {
    "corridor_one_way": ((-1.0, 1.0), (1.0, 4.0)),
    "corridor_two_ways": ((-2.0, 2.0), (0.2, 3.8)),
    "bottleneck": ((-1.2, 1.2), (1.0, 4.0)),
}


@pytest.mark.parametrize("name", sorted(AREAS))
def test_the_density_is_within_one_person_of_pedpys_in_every_frame(name: str) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas comes with pedpy, of the development extras")
    lines = gzip.decompress((DATA / f"{name}.txt.gz").read_bytes()).decode().splitlines()[1:]
    rows = np.array([[float(v) for v in line.split()] for line in lines])
    frame = pandas.DataFrame(rows, columns=["id", "frame", "x", "y"]).astype({"id": int, "frame": int})
    (west, east), (south, north) = AREAS[name]
    corners = [(west, south), (east, south), (east, north), (west, north)]
    theirs = pedpy.compute_classic_density(
        traj_data=pedpy.TrajectoryData(data=frame, frame_rate=1.0),
        measurement_area=pedpy.MeasurementArea(corners),
    )
    by_frame = dict(zip(theirs["frame"], theirs["density"], strict=True))
    area_m2 = (east - west) * (north - south)
    ground, state, most = Ground(area_m2=area_m2), EMPTY, 0.0
    for at, one in frame.groupby("frame"):
        count = int(((one.x >= west) & (one.x <= east) & (one.y >= south) & (one.y <= north)).sum())
        ours = density(count, area_m2)
        state, _ = step(ground, state, int(at), float(count))
        assert abs(ours - float(by_frame[at])) * area_m2 <= 1 + 1e-9  # who stands on the edge
        most = max(most, ours)
    assert most > 0.5, "there were people in the area"
