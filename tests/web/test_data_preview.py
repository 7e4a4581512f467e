"""What is shown of a file before it is imported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rows import csv_file

from peelian.catalogues import say_in
from peelian.intake.read import admitted
from peelian.kernel.model.formats import Admitted, Dropped
from peelian.measure.table import Kind, table
from peelian.pictures.words import english
from peelian.technologies.mapping.formats import FORMATS
from peelian.web.data.preview import picture_of, rows_of, source_said


def at(east: list[float], north: list[float]) -> Admitted:
    columns = {"east_metres": (Kind.PERSONAL, np.array(east)), "north_metres": (Kind.PERSONAL, np.array(north))}
    return Admitted(table=table("incidents", columns), facts={})


def test_rows_are_counted_by_squares_and_one_far_away_does_not_shrink_the_map() -> None:
    near = at([10.0, 20.0, 700.0] * 2_000 + [9e6], [0.0] * 6_001)
    picture = picture_of(near, english)
    assert picture is not None and picture.twin is not None
    assert sum(int(row[1].replace(",", "")) for row in picture.twin.rows) == 2


def test_without_places_there_is_no_picture() -> None:
    assert picture_of(at([], []), english) is None
    assert picture_of(at([float("nan")], [1.0]), english) is None
    assert picture_of(Admitted(table=table("t", {"n": (Kind.COUNT, [1])}), facts={}), english) is None
    bad = table("areas", {"outline": (Kind.OUTLINE, np.array(["no WKT", "POLYGON EMPTY"], dtype=object))})
    assert picture_of(Admitted(table=bad, facts={}), english) is None


def test_areas_are_drawn() -> None:
    wkt = "POLYGON ((-79 43, -79 43.1, -78.9 43.1, -79 43))"
    drawn = picture_of(
        Admitted(table=table("areas", {"outline": (Kind.OUTLINE, np.array([wkt], dtype=object))}), facts={}), english
    )
    assert drawn is not None and "<path" in drawn.svg


def test_columns_read_and_not_read_are_named_and_dropped_rows_counted() -> None:
    taken = Admitted(
        table=table("t", {"n": (Kind.COUNT, [1])}),
        facts={"from_day": "2024-01-02"},
        dropped=(Dropped(why="no place", n=3, first_row=7),),
        columns={"x": "Lon", "date": "date"},
        unread=("name", " "),
    )
    found = rows_of(taken, 1, english, "en")
    assert found["read"] == ["date", "Lon (x)"] and found["unread"] == ["name"]
    assert ("First day", "2 January 2024") in found["facts"]  # type: ignore[operator]


@pytest.mark.parametrize(("language", "title"), [("en", "Time zone"), ("fr", "Fuseau horaire")])
def test_a_zone_is_named_only_where_the_file_or_its_options_state_one(
    tmp_path: Path, language: str, title: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,category,lon,lat\n2024-07-01 10:00,Theft,-79.38,43.65\n")
    say = say_in(language, ["peelian.web", "peelian.technologies.mapping"])
    for zone in ("", "America/Toronto"):
        _, taken = admitted(path, "auto", FORMATS, {"zone": zone} if zone else {})
        facts = dict(rows_of(taken, 1, say, language)["facts"])  # type: ignore[call-overload]
        assert facts.get(title, "") == zone


def test_a_source_that_nobody_stated_is_told_in_the_reader_s_language(tmp_path: Path) -> None:
    french = say_in("fr", ["peelian.web", "peelian.pictures", "peelian.technologies.mapping"], strict=True)
    path = csv_file(tmp_path, "Offense,Occurred_On,LON,LAT", "Larceny,2024-05-31 23:10,-79.4,43.7")
    facts = rows_of(admitted(path, "auto", FORMATS, {})[1], 1, french, "fr")["facts"]
    assert ("Source des données", "fichier de la ville") in list(facts)  # type: ignore[call-overload]
    assert source_said("Statistics office", french) == "Statistics office"
