"""Public energy figures by day: areas of at least 100 homes, smaller ones merged with neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from peelian.measure.table import Table, Values
from peelian.technologies.sensors import vocabulary as v
from peelian.technologies.sensors.declarations.reporting import ENERGY, neighbours_of
from peelian.technologies.sensors.energy import PUBLIC_SPAN, Block, merged

HOUR = timedelta(hours=1)


def energy_days(windows: Table, pairs: Sequence[str]) -> Table:
    """Days of areas, merged until each may be shown in public; `area` names the first of those merged.

    Only whole days count. What may not be shown even merged is left out. O(rows log rows + days · areas²).
    """
    near = neighbours_of(pairs)
    rows = windows.take(windows["measure"] == v.ENERGY)
    day = rows["hour"].astype("datetime64[D]")
    made: list[tuple[str, np.datetime64, int, int, float]] = []
    for each in np.unique(day):
        blocks = _blocks(rows.take(day == each))
        shown, _ = merged(blocks, near, PUBLIC_SPAN, public=True)
        made += [(b.areas[0], each, len(b.areas), b.homes, b.kwh) for b in shown]
    area, days, areas, homes, kwh = zip(*made, strict=True) if made else ((),) * 5
    day = np.array(days, dtype="datetime64[D]")
    return ENERGY.of({"area": area, "day": day, "areas": areas, "homes": homes, "kwh": kwh})


def _blocks(rows: Table) -> list[Block]:
    """Areas that were measured the whole day."""
    made = []
    for area in dict.fromkeys(rows["area"].tolist()):
        own = rows.take(rows["area"] == area)
        if len(np.unique(own["hour"])) * HOUR >= PUBLIC_SPAN and bool(np.isfinite(own["kwh"]).all()):
            made.append(_block(str(area), own["kwh"], own))
    return made


def _block(area: str, kwh: Values, own: Table) -> Block:
    total = float(kwh.sum())
    share = float(own["largest_share"].max())
    return Block(areas=(area,), kwh=total, homes=int(own["homes"].min()), largest_kwh=share * total)
