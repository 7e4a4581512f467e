"""Columns are guessed by plain names only, never by a narrative, and never for what police did."""

from __future__ import annotations

from pathlib import Path

import pytest

from peelian.errors import ColumnMissing, InputError
from peelian.intake.read import admitted
from peelian.technologies.mapping.formats import FORMATS as MAPPING
from peelian.technologies.mapping.formats.guesses import guessed
from peelian.technologies.risk.formats.tally import FORMATS as RISK

PLACE = ("longitude", "latitude")


def roles(*header: str, **stated: str) -> dict[str, str]:
    return guessed(header, stated, projected=False)


def test_usual_names() -> None:
    assert roles("Offense_Type", "Date Occurred", "LON", "Lat", "Neighborhood", "Report Date") == {
        "category": "Offense_Type",
        "date": "Date Occurred",
        "x": "LON",
        "y": "Lat",
        "area": "Neighborhood",
        "known": "Report Date",
    }


def test_an_interval_is_preferred_to_its_middle() -> None:
    found = roles("date_single", "date_start", "date_end", *PLACE)
    assert (found["date"], found["end"]) == ("date_start", "date_end")
    found = roles("datetimefrom", "datetimeto", "report_time", *PLACE)
    assert (found["date"], found["end"], found["known"]) == ("datetimefrom", "datetimeto", "report_time")


def test_new_yorks_times_stand_in_columns_of_their_own() -> None:
    found = roles("CMPLNT_FR_DT", "CMPLNT_FR_TM", "CMPLNT_TO_DT", "CMPLNT_TO_TM", "RPT_DT", "OFNS_DESC", *PLACE)
    assert found["time"] == "CMPLNT_FR_TM" and found["end_time"] == "CMPLNT_TO_TM"
    assert found["known"] == "RPT_DT" and found["category"] == "OFNS_DESC"


def test_what_is_stated_wins_and_must_be_there() -> None:
    assert roles("when", "date", *PLACE, date="WHEN")["date"] == "when"
    with pytest.raises(InputError, match="unknown column for date") as caught:
        roles("date", *PLACE, date="day")
    assert "date, longitude, latitude" in ", ".join(
        reversed(caught.value.accepted.removeprefix("one of: ").split(", "))
    )


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (("id", *PLACE), "no date column"),
        (("date", "address"), "longitude and latitude"),
        (("date", "x", "y"), "coordinate system of x and y not given"),
        (("Stop Date", *PLACE), "stops, searches or arrests"),
        (("date", "Perp Race", *PLACE), "stops, searches or arrests"),
        (("Arrest_Key", "date", *PLACE), "stops, searches or arrests"),
    ],
)
def test_what_is_not_plain_is_asked_for(header: tuple[str, ...], says: str) -> None:
    with pytest.raises(InputError, match=says):
        roles(*header)


@pytest.mark.parametrize(
    ("header", "says", "accepted"),
    [
        (("Date Occurred", "Offense Type", "lon"), "no latitude column", "the option y naming one of"),
        (("Date Occurred", "lat"), "no longitude column", "the option x naming one of"),
        (("Date Occurred", "Offense"), "no longitude and latitude columns", "options x and y naming two of"),
    ],
)
def test_what_is_plainly_a_table_of_incidents_hears_the_column_it_lacks(
    header: tuple[str, ...], says: str, accepted: str
) -> None:
    with pytest.raises(ColumnMissing, match=says) as caught:
        roles(*header)
    assert caught.value.accepted.startswith(accepted)


def test_a_date_alone_makes_no_table_of_incidents() -> None:
    with pytest.raises(InputError, match="longitude and latitude") as caught:
        roles("date", "score")
    assert not isinstance(caught.value, ColumnMissing)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (("Date Occurred", "Offense Type", "lon"), "as any table: no latitude column found"),
        (("Date Occurred", "Offense Type", "street"), "as any table: no longitude and latitude columns found"),
        (("first", "last", "decile", "recid"), "identif"),
    ],
)
def test_among_all_formats_too_and_a_file_of_persons_still_hears_of_persons(
    header: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(header) + "\n" + ",".join("1" for _ in header) + "\n")
    with pytest.raises(InputError, match=says):
        admitted(path, "auto", (*RISK, *MAPPING), {})


def test_projected_coordinates_are_looked_for_only_when_stated() -> None:
    found = guessed(("date", "x", "y", *PLACE), {}, projected=True)
    assert (found["x"], found["y"]) == ("x", "y")


@pytest.mark.parametrize(
    ("header", "date", "category"),
    [
        (("Offense Start DateTime", "Offense End DateTime", "Offense", "Longitude", "Latitude"), 0, 2),
        (("text_general_code", "dispatch_date_time", "lat", "lng"), 1, 0),
        (("FIRST_OCCURRENCE_DATE", "LAST_OCCURRENCE_DATE", "OFFENSE_CATEGORY_ID", "GEO_LON", "GEO_LAT"), 0, 2),
        (("Occurred Date Time", "Highest Offense Description", "Latitude", "Longitude"), 0, 1),
        (("Incident Datetime", "Incident Date", "Incident Category", "Latitude", "Longitude"), 0, 2),
        (("report_date", "occ_from_date", "occ_to_date", "lat", "lng", "crime"), 1, 5),
        (("datum", "uhrzeit", "delikt", "breite", "laenge"), 0, 2),
    ],
)
def test_headers_of_other_towns_portals_are_known(header: tuple[str, ...], date: int, category: int) -> None:
    found = roles(*header)
    assert found["date"] == header[date] and found["category"] == header[category]
    assert {"x", "y"} <= set(found)


def test_narratives_are_never_guessed() -> None:
    assert set(roles("date", *PLACE, "description", "narrative", "location", "name")) <= {"date", "x", "y"}
