"""A vendor's published predictions give the per-head ratios of the published audit: 5.2, 3.6 and 1.0.

Sankin, Mehrotra, Mattu and Gilbertson, "Crime Prediction Software Promised to Be Free of Biases", The Markup 2021: the
half of the block groups with the most Black and Latino residents against the other half, predictions per head.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from peelian.technologies.mapping.areas import Areas
from peelian.technologies.mapping.exposure import exposure_table


@pytest.mark.parametrize(("town", "published"), [("elgin", 5.2), ("jacksonvilletx", 3.6), ("la", 1.0)])
def test_the_halves_are_those_of_the_audit(shared_data: Path, town: str, published: float) -> None:
    file = shared_data / "predpol" / f"{town}-geojson-with-data.json"
    rows = [feature["properties"] for feature in json.loads(file.read_text(encoding="utf-8"))["features"]]
    predictions, residents, black, latino = (
        np.array([row[name] or 0 for row in rows], dtype=np.float64)
        for name in ("count", "total_estimate", "black_alone", "latino_alone")
    )
    per_head = np.divide(predictions, residents, out=np.zeros(len(residents)), where=residents > 0)
    nowhere = np.full(len(residents), None, dtype=object)
    areas = Areas(names=("",) * len(rows), outlines=nowhere, residents=residents, members={"group": black + latino})
    table = exposure_table(per_head, areas, seed=1)
    value, low, high = (table[name][1] for name in ("halves", "halves_low", "halves_high"))
    assert round(value, 1) == published
    assert low < value < high
    assert (low > 1) == (published > 3)
