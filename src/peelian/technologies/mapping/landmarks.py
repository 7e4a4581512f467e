"""The town's landmarks (bars, stops, vacant lots…), and the table of risk factors that a fit makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.capability import Dataset, Scalar
from peelian.measure.projection import Projection
from peelian.measure.table import Table
from peelian.technologies.mapping.declarations.landmarks import LANDMARK_CARD
from peelian.technologies.mapping.models.risk_terrain import DENSE, WITHIN, Places

WORDS = frozenset({WITHIN, DENSE})
TAIL = "_metres"


def landmarks_of(dataset: Dataset, projection: Projection) -> Places:
    """Kinds of landmarks with their points in metres, from a dataset of shape "landmarks". O(rows)."""
    kinds = np.asarray(dataset.table["landmark"]).astype(str)
    lon, lat = (np.asarray(dataset.table[name], dtype=np.float64) for name in ("longitude", "latitude"))
    east, north = projection.to_metres(lon, lat)
    if not len(kinds):
        raise InputError("no landmarks", accepted="at least one row")
    return {str(kind): (east[kinds == kind], north[kinds == kind]) for kind in np.unique(kinds)}


def card_table(settings: Mapping[str, Scalar]) -> Table:
    """The risk factors of a fitted `RiskTerrain` from its settings: one row per factor, the strongest first.

    >>> card_table({"bars_within_260_metres": 4.1, "bic": 9.0})["multiplier"].tolist()
    [4.1]
    """
    rows: list[dict[str, Any]] = []
    for name, value in settings.items():
        landmark, _, rest = name.removesuffix(TAIL).rpartition(f"_{WITHIN}_")
        how = WITHIN
        if not landmark:
            landmark, _, rest = name.removesuffix(TAIL).rpartition(f"_{DENSE}_")
            how = DENSE
        if landmark and name.endswith(TAIL):
            rows.append({"landmark": landmark, "how": how, "metres": float(rest), "multiplier": float(value)})
    return LANDMARK_CARD.of_rows(sorted(rows, key=lambda row: -abs(np.log(row["multiplier"]))))
