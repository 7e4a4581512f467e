"""The town as a map: squares of half a kilometre and more, with one figure for the area that each lies in."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import Emit
from peelian.measure.table import Kind

COLUMNS: Mapping[str, Kind] = {"place": Kind.PLACE, "area": Kind.PLACE, "value": Kind.AMOUNT}
TOWN_MAP = Emit(table="town_map", columns=COLUMNS)
