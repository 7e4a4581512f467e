"""A forecast by area: sums that add up, densities in order, and nothing where areas are not known."""

from __future__ import annotations

import numpy as np

from peelian.catalogues import say_in
from peelian.kernel.model.capability import Findings
from peelian.measure.table import Kind, Table, table
from peelian.pictures.map_view import still
from peelian.pictures.panels import Heading, Picture, Say
from peelian.pictures.words import english
from peelian.technologies.mapping.area_view import EXPECTED, area_names, area_panels, expected_in_area, town_map
from peelian.technologies.mapping.map_views import area_map


def forecast(areas: list[str] | None) -> Table:
    columns = {
        "place": (Kind.PLACE, np.array(["500:0:0", "500:0:1", "500:1:0", "500:1:1"], dtype=object)),
        "expected": (Kind.AMOUNT, np.array([1.0, 2.0, 3.0, 4.0])),
    }
    if areas is not None:
        columns["area"] = (Kind.PLACE, np.array(areas, dtype=object))
    return table("forecast", columns)


def test_without_areas_there_is_no_such_part() -> None:
    assert area_names(forecast(None)) == []
    assert area_panels(forecast(None), english) == []
    assert area_panels(forecast(["", "", "", ""]), english) == []


def test_areas_are_listed_from_the_densest_with_their_sums() -> None:
    heading, picture = area_panels(forecast(["Low", "Low", "High", ""]), english)
    assert isinstance(heading, Heading) and isinstance(picture, Picture)
    assert picture.twin is not None
    names = [row[0] for row in picture.twin.rows]
    assert names == ["High", "Low"]
    assert picture.twin.rows[0][1:] == ("3", "12") and picture.twin.rows[1][1:] == ("3", "6")
    assert "High" in picture.alternative


def test_the_borders_are_on_the_map() -> None:
    picture = area_panels(forecast(["A", "A", "B", "B"]), english)[1]
    assert isinstance(picture, Picture) and picture.svg.count("stroke-opacity") == 1


def test_a_public_forecast_says_one_figure_of_an_area_or_why_there_is_none() -> None:
    def says(value: float, say: Say) -> str:
        columns = {"place": (Kind.PLACE, ["500:0:0"]), "area": (Kind.PLACE, ["Annex"]), "value": (Kind.AMOUNT, [value])}
        return expected_in_area(Findings(tables=(table("town_map", columns),)), say)

    french = say_in("fr", ["peelian.technologies.mapping"], strict=True)
    assert says(0.8, english) == "Recorded incidents expected: about 0.8 per km²."
    assert says(0.1 * 3, french) == "Incidents enregistrés attendus\N{NO-BREAK SPACE}: environ 0,3 par km²."
    assert "fewer than 11" in says(float("nan"), english) and "moins de 11" in says(float("nan"), french)


def test_a_map_by_area_speaks_of_areas_and_shows_the_same_classes_everywhere() -> None:
    values, names = [0.1 * 3, 0.1 * 3, 0.9, 3.0, 0.03], ["Annex", "Annex", "Elgin", "Oak", "Pine"]
    columns = {
        "place": (Kind.PLACE, np.array([f"500:0:{k}" for k in range(5)], dtype=object)),
        "area": (Kind.PLACE, np.array(names, dtype=object)),
        "value": (Kind.AMOUNT, np.array(values)),
    }
    facts = {"incidents": {"centre_lon": -79.4, "centre_lat": 43.7}}
    findings = Findings(tables=(table("town_map", columns),))
    for say in (english, say_in("fr", ["peelian.technologies.mapping", "peelian.pictures"], strict=True)):
        view = area_map(EXPECTED)(findings, facts, say)
        assert view is not None and view.by_area
        (page,) = town_map(findings, EXPECTED, say)
        home = still(view, say)
        assert isinstance(page, Picture) and home.twin is not None and page.twin is not None
        for said in (view.statement, home.svg, page.svg):
            assert "cell" not in said.replace("cellpadding", "") and "square" not in said and "carré" not in said
        assert [row[1] for row in home.twin.rows] == ["1", "1", "1", "1"], "Annex is one area, not two squares"
        assert [name for name, _ in page.twin.rows] == ["Oak", "Elgin", "Annex", "Pine"]
        assert page.twin.rows[2][1] in ("0.3", "0,3"), "one digit is known, one is shown"
        assert all(row[0] in page.svg for row in home.twin.rows), "one classing"
