"""The map of what is counted of each area, at the public page of areas and groups."""

from __future__ import annotations

import dataclasses

import shapely
from desk import desk
from fastapi.testclient import TestClient
from labels import adopt, own_square

from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.kernel.records.label_register import adopted
from peelian.web.app import make_app
from peelian.web.area_grounds import map_of


def test_what_is_left_out_is_named_and_drawn_in_both_languages() -> None:
    town = desk()
    west, south, east, north = shapely.from_wkt(own_square("Pond Park")).bounds
    pond, house = shapely.box(west, south, east - 0.003, north), shapely.box(east - 0.0002, south, east, south + 0.0002)
    outline = str(shapely.to_wkt(shapely.MultiPolygon([pond, house]), rounding_precision=6))
    people = (town.people["custodian"], town.people["board"])
    adopt(town.kernel, *people, LabelKind.AREA, ["Pond Park", "Riverdale"], bounds={"Pond Park": outline})
    with TestClient(make_app(town.office), base_url="http://localhost") as client:
        page, french = client.get("/en/vocabularies").text, client.get("/fr/vocabularies").text
    assert "adopted, counted in part" in page and "boundary adopted" in page and page.count("<path") >= 3
    assert "What is counted of each area" in page and "Ce qui est compté de chaque secteur" in french
    assert "adoptée, comptée en partie" in french and "écarté" in french
    (record,) = adopted(town.kernel).vocabularies.values()
    made = map_of(record, town.office.say("en"))
    multi = str(shapely.to_wkt(shapely.MultiPolygon([pond]), rounding_precision=6))
    drawn = map_of(dataclasses.replace(record, labels=(Label(label="Pond", ground=multi),)), town.office.say("en"))
    assert drawn is not None and 'd="M' in drawn, "an outline of several polygons is drawn, too"
    assert made is not None and ">2</td>" in made and ">1</td>" in made, "two areas, and one part of one left out"


def test_groups_have_no_map() -> None:
    town = desk()
    groups = Vocabulary(kind=LabelKind.GROUP, source="x", labels=())
    assert map_of(groups, town.office.say("en")) is None
