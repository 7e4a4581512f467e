"""PredPol 2018–2021 (The Markup and Gizmodo, "Prediction: Bias"): predictions per head by share of residents.

Published: in the most Black and Latino half of the block groups a resident was pointed at 5.2 times as often as in the
other half in Elgin, 3.6 times in Jacksonville (Texas), and as often (1.0) in Los Angeles.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from peelian.intake.read import admitted
from peelian.kernel.model.capability import Context, Dataset
from peelian.technologies.mapping.declarations.vendor import VendorParams
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.vendor import run

FOLDER = Path(str(files("peelian.technologies.mapping") / "examples" / "predpol"))


@pytest.mark.parametrize(
    ("file", "published", "areas"),
    [("elgin.geojson", 5.2, 90), ("jacksonville_tx.geojson", 3.6, 13), ("los_angeles.csv", 1.0, 2514)],
)
def test_the_published_ratio_comes_from_the_vendors_own_file(file: str, published: float, areas: int) -> None:
    name, taken = admitted(FOLDER / file, "auto", FORMATS, {})
    assert name == "predpol-block-groups" and len(taken.table) == areas
    dataset = Dataset(id="x", format=name, digest="0" * 64, table=taken.table, facts=taken.facts)
    context = Context(seed=1, progress=lambda says, share: None)
    found = run(VendorParams(group="black_or_latino"), {"predictions": dataset}, context).table("vendor_exposure")
    assert found["group"].tolist() == ["everybody", "black_or_latino"]
    assert round(float(found["halves"][1]), 1) == published
    assert found["halves_low"][1] < found["halves"][1] < found["halves_high"][1]


def test_the_licence_stands_beside_the_data() -> None:
    assert "BSD 3-Clause" in (FOLDER / "LICENSE").read_text(encoding="utf-8")
    assert "predpol/LICENSE" in (FOLDER.parent / "NOTICE.md").read_text(encoding="utf-8")
