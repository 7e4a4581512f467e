"""The map of a report that names no cell: figures of whole areas, none of few incidents, nothing in public."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from peelian.kernel.model.capability import Context
from peelian.measure.grid import grid_within
from peelian.measure.projection import Projection
from peelian.operations.office import technologies
from peelian.technologies.mapping import example
from peelian.technologies.mapping.areas import areas_of, boundary_of
from peelian.technologies.mapping.incidents import incidents_of
from peelian.technologies.mapping.town_map import expected_map, map_of_areas, recorded_map

AREAS = areas_of(example.areas(), Projection(**example.CENTRE))
GRID = grid_within(boundary_of(AREAS), 250.0)
FOUND = incidents_of(example.incidents(), example.CATEGORY)
CAPABILITIES = [one for technology in technologies() if technology.id == "mapping" for one in technology.capabilities]
WITH_MAP = [one for one in CAPABILITIES if any(emit.table == "town_map" for emit in one.emits)]


def test_an_area_has_its_incidents_per_square_kilometre() -> None:
    half = (FOUND.hour[0], FOUND.hour[len(FOUND.hour) // 2])
    made = recorded_map(FOUND, GRID, AREAS, half)
    then = (FOUND.hour >= half[0]) & (FOUND.hour < half[1])
    for name, outline in zip(AREAS.names, AREAS.outlines, strict=True):
        n = int(shapely.contains_xy(outline, FOUND.east[then], FOUND.north[then]).sum())
        (value,) = set(np.asarray(made["value"])[made["area"] == name].tolist())
        assert value == pytest.approx(n / 2.25, rel=0.02)


def test_few_incidents_are_no_figure_and_no_cell_is_named() -> None:
    made = recorded_map(FOUND, GRID, AREAS, (FOUND.hour[0], FOUND.hour[40]))
    assert np.isnan(made["value"]).any()
    assert {str(place).partition(":")[0] for place in made["place"]} == {"500"}
    alone = recorded_map(FOUND, GRID, None, (FOUND.hour[0], FOUND.hour[-1]))
    assert {str(place).partition(":")[0] for place in alone["place"]} == {"2000"} and set(alone["area"]) == {""}


def test_expected_counts_are_summed_and_figures_of_areas_are_kept() -> None:
    made = expected_map(np.ones(len(GRID)), GRID, AREAS)
    np.testing.assert_allclose(made["value"].astype(float), 16.0, rtol=0.05)
    values = np.arange(9.0)
    drawn = map_of_areas(AREAS, values)
    assert {(n, v) for n, v in zip(drawn["area"], drawn["value"], strict=True) if n} == set(
        zip(AREAS.names, values, strict=True)
    )


@pytest.mark.parametrize("capability", WITH_MAP, ids=lambda one: one.id)
def test_it_is_in_the_report_and_a_forecast_s_alone_in_public(capability) -> None:  # type: ignore[no-untyped-def]
    arithmetic = capability.arithmetic()
    made = arithmetic.example()
    context = Context(seed=1, progress=lambda says, share: None, authorizations=made.authorizations)
    found = arithmetic.run(made.params, made.datasets, context)
    assert len(found.table("town_map"))
    named = {one.name for one in arithmetic.public(found).tables}
    assert ("town_map" in named) == (capability.id == "mapping.forecast"), "the public see a forecast by area"


def test_every_report_with_places_has_one() -> None:
    without = {one.id for one in CAPABILITIES} - {one.id for one in WITH_MAP}
    assert without == {"mapping.seal", "mapping.knox"}
