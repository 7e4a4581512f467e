"""Vancouver: metres become degrees, withheld rows are counted and never thought equal, degrees are told as such."""

from __future__ import annotations

from pathlib import Path

import pytest
from rows import csv_file

from peelian.errors import InputError
from peelian.intake.read import admitted
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.formats.vancouver import WITHHELD

HEADER = "TYPE,YEAR,MONTH,DAY,HOUR,MINUTE,HUNDRED_BLOCK,NEIGHBOURHOOD,X,Y"
THEFT = "Theft of Bicycle,2019,5,12,16,15,9XX TERMINAL AVE,Strathcona,493906.5,5457452.47"
WITHHELD_ROW = "Offence Against a Person,2019,5,12,0,0,OFFSET TO PROTECT PRIVACY,,0,0"


def test_metres_become_points_in_vancouver(tmp_path: Path) -> None:
    id, taken = admitted(csv_file(tmp_path, HEADER, THEFT), "auto", FORMATS, {"centre": "-123.08,49.27"})
    assert id == "vancouver"
    assert (taken.table["category"][0], taken.table["area"][0]) == ("bicycle_theft", "Strathcona")
    assert str(taken.table["start_hour"][0]) == "2019-05-12T16"
    assert abs(taken.table["east_metres"][0]) < 1000 and abs(taken.table["north_metres"][0]) < 1000


def test_withheld_rows_are_counted_one_by_one(tmp_path: Path) -> None:
    _, taken = admitted(csv_file(tmp_path, HEADER, THEFT, *[WITHHELD_ROW] * 3), "auto", FORMATS, {})
    assert [(d.why, d.n, d.first_row) for d in taken.dropped] == [(WITHHELD, 3, 3)]


def test_midnight_at_a_place_is_midnight(tmp_path: Path) -> None:
    _, taken = admitted(csv_file(tmp_path, HEADER, THEFT.replace(",16,15,", ",0,0,")), "auto", FORMATS, {})
    assert taken.table["hour_known"].tolist() == [1]


@pytest.mark.parametrize(
    ("row", "says", "column"),
    [
        (THEFT.replace("493906.5,5457452.47", "-123.08,49.27"), "look like degrees", "X"),
        (THEFT.replace("493906.5,", "1493906.5,"), "outside UTM zone 10", "X"),
        (THEFT.replace("5457452.47", "north"), "not a number", "Y"),
        (THEFT.replace(",5,12,", ",2,30,"), "no such day", "DAY"),
        (THEFT.replace(",5,12,", ",May,12,"), "not a whole number", "MONTH"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, row: str, says: str, column: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        admitted(csv_file(tmp_path, HEADER, THEFT, row), "auto", FORMATS, {})
    assert (caught.value.row, caught.value.column) == (3, column)
