"""The town as a map: squares of half a kilometre and more, with one figure for the area that each lies in."""

from __future__ import annotations

from peelian.kernel.model.tables import Emit, amount, place

TOWN_MAP = Emit(
    table="town_map",
    title="map of the town",
    columns={"place": place("Square"), "area": place("Area"), "value": amount("Figure of the area")},
)
