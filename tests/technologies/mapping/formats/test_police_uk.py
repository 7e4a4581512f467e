"""data.police.uk: months only, places missing or far away are counted, nothing pretends to know the hour."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
from rows import csv_file

from peelian.intake.read import admitted
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.formats.drops import FAR_AWAY, NO_PLACE

JUNE = Path(str(files("peelian.technologies.mapping") / "examples" / "police_uk" / "2019-06-city-of-london-street.csv"))
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)


def test_a_month_of_the_city_of_london() -> None:
    id, taken = admitted(JUNE, "auto", FORMATS, {})
    assert id == "police-uk" and taken.facts["months_only"] is True
    assert (taken.facts["from_day"], taken.facts["to_day"]) == ("2019-06-01", "2019-06-30")
    assert (taken.table["hour_known"] == 0).all()
    assert {d.why for d in taken.dropped} == {NO_PLACE}
    assert len(taken.table) + sum(d.n for d in taken.dropped) == JUNE.read_text(encoding="utf-8").count("\n") - 1
    check_at_intake(taken)


def test_points_far_outside_are_a_known_quirk(tmp_path: Path) -> None:
    row = "x,2024-01,City,City,{},On or near,E1,Camden 1,Drugs,,"
    path = csv_file(tmp_path, HEADER, *[row.format("-0.11,51.52")] * 3, row.format("-3.2,55.95"))
    _, taken = admitted(path, "auto", FORMATS, {})
    assert [(d.why, d.n, d.first_row) for d in taken.dropped] == [(FAR_AWAY, 1, 5)]


def test_a_leap_february_ends_on_its_29th(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADER, "x,2024-02,City,City,-0.11,51.52,On,E1,Camden 1,Bicycle theft,,")
    table = admitted(path, "auto", FORMATS, {})[1].table
    assert (str(table["start_hour"][0]), str(table["end_hour"][0])) == ("2024-02-01T00", "2024-02-29T23")
    assert np.isnat(table["known_hour"][0])


def test_a_year_in_one_archive(shared_data: Path) -> None:
    _, taken = admitted(shared_data / "police_uk" / "city-of-london-street-2019.zip", "auto", FORMATS, {})
    assert {d.why: d.n for d in taken.dropped} == {NO_PLACE: 676, FAR_AWAY: 1}
    assert len(taken.table) == 9_355
