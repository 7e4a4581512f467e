"""Areas: Toronto's with census figures, anybody's GeoJSON, figures that cannot be and names that double."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from rows import csv_file

from peelian.errors import InputError
from peelian.intake.read import admitted, summary
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake
from peelian.kernel.model.formats import Admitted
from peelian.measure.table import Kind
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.formats.areas import NO_FIGURE, NO_POPULATION, declared_groups

TORONTO = Path(str(files("peelian.technologies.mapping") / "examples" / "toronto"))


def square(at: float = 0.0) -> list[list[float]]:
    return [[at, 43.6], [at + 0.1, 43.6], [at + 0.1, 43.7], [at, 43.7], [at, 43.6]]


def geojson(folder: Path, *areas: dict[str, Any], crs: str = "") -> Path:
    features = [
        {"type": "Feature", "properties": area, "geometry": {"type": "Polygon", "coordinates": [square(-79 + i)]}}
        for i, area in enumerate(areas)
    ]
    path = folder / "areas.geojson"
    stated = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **stated}), encoding="utf-8")
    return path


def take(path: Path, **options: str) -> Admitted:
    return admitted(path, "auto", FORMATS, options)[1]


def test_torontos_neighbourhoods_with_the_census() -> None:
    figures = str(TORONTO / "neighbourhood_indicators_2016.csv")
    id, taken = admitted(TORONTO / "neighbourhoods_140.geojson", "auto", FORMATS, {"demographics": figures})
    assert (id, len(taken.table)) == ("toronto-areas", 140)
    assert taken.facts["groups"] == "visible_minority,indigenous_identity,low_income"
    assert int(taken.table["population"].sum()) == 2_731_571
    assert taken.notes == () and taken.table.column("outline").kind is Kind.OUTLINE
    assert (taken.table["group_low_income"] <= taken.table["population"]).all()
    check_at_intake(taken)


def test_groups_of_ones_own_choice() -> None:
    figures = str(TORONTO / "neighbourhood_indicators_2016.csv")
    taken = take(TORONTO / "neighbourhoods_140.geojson", demographics=figures, groups="racialized=visible_minority")
    assert taken.facts["groups"] == "racialized" and int(taken.table["group_racialized"].sum()) == 1_385_865


def test_anybodys_areas(tmp_path: Path) -> None:
    path = geojson(
        tmp_path, {"Precinct": "North", "pop": 1000, "renters": "12.5"}, {"Precinct": "South", "pop": "2,500"}
    )
    taken = take(path, population="pop", groups="renters%")
    assert taken.table["area"].tolist() == ["North", "South"]
    assert taken.table["population"].tolist() == [1000, 2500]
    assert taken.table["group_renters"].tolist() == [125, 0]
    assert NO_FIGURE in {note.text for note in taken.notes}
    assert "name = " not in "\n".join(summary(taken))


def test_without_residents_it_says_so(tmp_path: Path) -> None:
    taken = take(geojson(tmp_path, {"name": "North"}))
    assert taken.table.names == ("area", "outline") and [note.text for note in taken.notes] == [NO_POPULATION]


@pytest.mark.parametrize(
    ("areas", "options", "says", "row"),
    [
        ([{"name": "A"}, {"name": "A"}], {}, "repeated area name", 2),
        ([{"name": "A"}, {"name": ""}], {}, "name missing", 2),
        ([{"name": "A"}, {"name": "x" * 200}], {}, "name missing", 2),
        ([{"label": "A"}], {}, "column with area names", None),
        ([{"label": "A"}], {"name": "title"}, "unknown column", None),
        ([{"name": "A", "n": "-5"}], {"population": "n"}, "not a count", 1),
        ([{"name": "A", "n": "many"}], {"population": "n"}, "not a count", 1),
        ([{"name": "A", "n": 5, "g": 6}], {"population": "n", "groups": "g"}, "group larger", 1),
        ([{"name": "A", "n": 5, "g": 101}], {"population": "n", "groups": "g%"}, "not a count", 1),
        ([{"name": "A", "g": 10}], {"groups": "g%"}, "without a residents column", None),
        ([{"name": "A"}], {"groups": "g"}, "unknown column", None),
        ([{"name": "A"}], {"groups": "g,G"}, "repeated group label", None),
        ([{"name": "A"}], {"crs": "somewhere"}, "EPSG", None),
    ],
)
def test_figures_and_names_that_cannot_be(
    tmp_path: Path, areas: list[dict[str, Any]], options: dict[str, str], says: str, row: int | None
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        admitted(geojson(tmp_path, *areas), "areas", FORMATS, options)
    assert caught.value.row == row and caught.value.file == "areas.geojson"


def test_a_bad_outline_is_named_or_counted(tmp_path: Path) -> None:
    path = geojson(tmp_path, {"name": "A"}, {"name": "B"})
    content = json.loads(path.read_text(encoding="utf-8"))
    content["features"][1]["geometry"]["coordinates"] = [[[0, 0], [1, 1]]]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="fewer than four points") as caught:
        take(path)
    assert (caught.value.row, caught.value.column) == (2, "geometry")
    taken = take(path, on_bad_row="drop")
    assert taken.table["area"].tolist() == ["A"] and [(d.n, d.first_row) for d in taken.dropped] == [(1, 2)]


def test_a_stated_coordinate_system_is_used_or_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no EPSG code"):
        take(geojson(tmp_path, {"name": "A"}, crs="the town's own grid"))
    with pytest.raises(InputError, match="outside the area of EPSG:26917"):
        take(geojson(tmp_path, {"name": "A"}, crs="urn:ogc:def:crs:EPSG::26917"))


def test_figures_from_a_second_file(tmp_path: Path) -> None:
    path = geojson(tmp_path, {"name": "North End"}, {"name": "South End"})
    figures = csv_file(tmp_path, "Area;People;Tenants", "south end;20;5", "NORTH END;10;4")
    taken = take(path, demographics=str(figures), population="People", groups="Tenants")
    assert taken.table["population"].tolist() == [10, 20] and taken.table["group_tenants"].tolist() == [4, 5]


def test_labels_are_plain_words() -> None:
    assert [g.label for g in declared_groups({"groups": "Visible minority (%)%, b = C d "})] == [
        "visible_minority",
        "b",
    ]


def test_hours_of_patrol_are_taken_when_they_are_named(tmp_path: Path) -> None:
    path = geojson(tmp_path, {"name": "North", "hours": "1,200"}, {"name": "South", "hours": 300})
    assert "patrol_hours" not in take(path).table
    taken = take(path, patrols="hours")
    assert taken.table["patrol_hours"].tolist() == [1200, 300]
    assert taken.table.column("patrol_hours").unit == "hours"
    check_at_intake(taken)
    with pytest.raises(InputError, match="not a count"):
        take(geojson(tmp_path, {"name": "North", "hours": "many"}), patrols="hours")


def test_an_area_is_neither_a_person_nor_a_home(tmp_path: Path) -> None:
    people = ("Jane Doe", "John Smith", "Ali Khan", "Mei Chen")
    for names in (people, ("12 Main Street", "14 Main Street", "Riverdale")):
        with pytest.raises(InputError, match="names of people or addresses") as wrong:
            take(geojson(tmp_path, *({"name": name} for name in names)))
        assert wrong.value.column == "name" and not any(name in str(wrong.value) for name in names)


def test_an_outline_smaller_than_the_smallest_cell_is_a_home(tmp_path: Path) -> None:
    path = geojson(tmp_path, {"name": "Riverdale"}, {"name": "Danforth"})
    text = path.read_text(encoding="utf-8")
    for side, home in ((0.0004, True), (0.0008, False)):  # at 43.6 degrees: 32 by 44 metres, and four times that
        path.write_text(text.replace("-77.9", repr(-78 + side)).replace("43.7", repr(43.6 + side)), encoding="utf-8")
        if home:
            with pytest.raises(InputError, match="may be a home"):
                take(path)
        else:
            assert len(take(path).table) == 2
