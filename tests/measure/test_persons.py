"""A list of people or of homes is known for one however it is written, and no real list of groups or areas is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from peelian.measure.persons import are_homes, are_names

PEOPLE = [
    f"{given} {family}" for given in ("Jane", "John", "Ali", "Mei") for family in ("Doe", "Smith", "White", "Khan")
]
WRITINGS = {
    "plain": PEOPLE,
    "small": [name.lower() for name in PEOPLE],
    "joined": [name.replace(" ", "_") for name in PEOPLE],
    "turned": [", ".join(reversed(name.upper().split())) for name in PEOPLE],
    "titled": [f"home of {name}" for name in PEOPLE],
    "given only": sorted({name.split()[0] for name in PEOPLE}),
    "among others": [*PEOPLE, *(f"group {n}" for n in range(30))],
}
GROUPS = {
    "race": ["African-American", "Caucasian", "Hispanic", "Asian", "Native American", "Other"],
    "ethnicity": ["White British", "Black Caribbean", "Mixed white and Asian", "Not stated"],
    "age": ["Less than 25", "25 - 45", "Greater than 45", "unknown"],
    "religion": ["Christian", "Muslim", "Jewish", "Sikh", "none"],
    "places": ["bus_stop", "liquor_store", "vacant_lot", "night_club"],
    "parishes": ["Saint-Michel", "Ville-Marie", "St. Patrick Ward", "Parc Marie-Victorin", "Lac-Simon"],
    "districts": ["42nd Precinct", "100 Mile House", "Ward 7", "1st Division", "5e arrondissement"],
}


@pytest.mark.parametrize("name", WRITINGS)
def test_a_list_of_people_is_known_however_it_is_written(name: str) -> None:
    assert are_names(WRITINGS[name])


def test_a_list_of_homes_is_known() -> None:
    assert are_homes([f"{n} Main Street" for n in range(3)]) and are_homes(["12B, rue Saint-Denis", "14 rue X", "Parc"])


@pytest.mark.parametrize("name", GROUPS)
def test_groups_and_areas_are_neither(name: str) -> None:
    assert not are_names(GROUPS[name]) and not are_homes(GROUPS[name])


def test_few_labels_tell_nothing() -> None:
    assert not are_names(["Jane Doe", "John Smith", ""]) and not are_homes(["12 Main Street"]) and not are_names([])


@pytest.mark.parametrize(
    ("file", "field"),
    [("toronto/neighbourhoods_140.geojson", "neighbourhood"), ("chicago/community_areas_77.geojson", "")],
)
def test_the_neighbourhoods_of_real_towns_are_areas(shared_data: Path, file: str, field: str) -> None:
    features = json.loads((shared_data / file).read_text(encoding="utf-8"))["features"]
    for name in [field] if field else features[0]["properties"]:
        labels = {str(feature["properties"][name]) for feature in features}
        assert not are_names(labels) and not are_homes(labels), name
