"""Chicago's two headers, its mixed case and appended columns, and its codes."""

from __future__ import annotations

from pathlib import Path

from rows import csv_file, text_rows

from peelian.intake.read import admitted
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.formats.chicago import CHICAGO

WHOLE = (
    "ID,Case Number,Date,Block,IUCR,Primary Type,Description,Location Description,Arrest,Domestic,Beat,District,Ward,"
    "Community Area,FBI Code,X Coordinate,Y Coordinate,Year,Updated On,Latitude,Longitude,Location"
)
ROW = (
    "9955810,HY144797,02/08/2015 11:43:40 PM,081XX S COLES AVE,1811,NARCOTICS,POSS,STREET,true,false,0422,004,7,46,18,"
    '1198273,1851626,2015,02/15/2015 12:43:39 PM,41.747693646,-87.549035389,"(41.747693646, -87.549035389)"'
)
ONE_YEAR = (
    "CASE#,DATE  OF OCCURRENCE,BLOCK, IUCR, PRIMARY DESCRIPTION, SECONDARY DESCRIPTION, LOCATION DESCRIPTION,ARREST,"
    "DOMESTIC,BEAT,WARD,FBI CD,X COORDINATE,Y COORDINATE,LATITUDE,LONGITUDE,LOCATION"
)


def test_the_whole_history(tmp_path: Path) -> None:
    id, taken = admitted(csv_file(tmp_path, WHOLE, ROW), "auto", FORMATS, {})
    assert id == "chicago"
    assert str(taken.table["start_hour"][0]) == "2015-02-08T23"
    assert str(taken.table["known_hour"][0]) == "2015-02-15T12"
    assert (taken.table["category"][0], taken.table["area"][0]) == ("drugs", "46")


def test_appended_columns_and_another_case_change_nothing(tmp_path: Path) -> None:
    plain = admitted(csv_file(tmp_path, WHOLE, ROW), "auto", FORMATS, {})
    more = admitted(csv_file(tmp_path, WHOLE.upper() + ",Zip Codes,Wards 2023", ROW + ",60617,10"), "auto", FORMATS, {})
    assert plain[0] == more[0] and plain[1].table.digest() == more[1].table.digest()


def test_the_one_year_file_has_leading_blanks_in_its_header(tmp_path: Path) -> None:
    row = 'JE1,06/15/2021 09:30:00 AM,080XX,0820,THEFT,$500 AND UNDER,STREET,N,N,423,7,06,1,2,41.74,-87.54,"(41, -87)"'
    id, taken = admitted(csv_file(tmp_path, ONE_YEAR, row), "auto", FORMATS, {})
    assert id == "chicago-one-year"
    assert str(taken.table["start_hour"][0]) == "2021-06-15T09" and taken.table["category"][0] == "theft"


def test_an_unknown_type_is_told_by_its_number() -> None:
    text = text_rows(
        date=["01/01/2020 01:00:00 AM"] * 3,
        primary__type=["BURGLARY", "Neuartig", ""],
        iucr=["0610", "0312", "9999"],
        latitude=["41.7"] * 3,
        longitude=["-87.6"] * 3,
        community__area=["1"] * 3,
    )
    assert CHICAGO.stream([text], {}).table["category"].tolist() == ["break_and_enter", "robbery", "other_reported"]


def test_the_sample_of_the_portal_reads(shared_data: Path) -> None:
    _, taken = admitted(shared_data / "chicago" / "sample_socrata_raw.csv", "auto", FORMATS, {})
    assert len(taken.table) == 165 and sum(d.n for d in taken.dropped) == 2
