"""Toronto's files under both headers, and the shipped eight years whole."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from rows import csv_file, text_rows

from peelian.errors import InputError
from peelian.intake.read import admitted
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.formats.toronto import TORONTO, TORONTO_OLDER

EXAMPLES = Path(str(files("peelian.technologies.mapping") / "examples" / "toronto"))
CURRENT = (
    "X,Y,OBJECTID,EVENT_UNIQUE_ID,REPORT_DATE,OCC_DATE,REPORT_HOUR,OCC_HOUR,OFFENCE,MCI_CATEGORY,HOOD_158,"
    "NEIGHBOURHOOD_158,LONG_WGS84,LAT_WGS84"
)


def row(occ: str = "6/1/2014 4:00:00 AM", hour: str = "22", place: str = "Rouge (131),-79.18,43.80") -> str:
    return f"1,2,3,GO-1,6/2/2014 4:00:00 AM,{occ},9,{hour},Assault,Assault,131,{place}"


def test_the_shipped_eight_years_come_in_whole() -> None:
    id, taken = admitted(EXAMPLES / "toronto_mci_2014_2021.parquet", "auto", FORMATS, {})
    assert (id, len(taken.table), taken.dropped) == ("toronto-mci-older", 239_935, ())
    assert (taken.facts["from_day"], taken.facts["to_day"]) == ("2014-01-01", "2021-12-31")
    assert set(taken.table["category"].tolist()) == {"assault", "vehicle_theft", "break_and_enter", "robbery", "theft"}
    assert len(set(taken.table["area"].tolist())) == 140
    assert (taken.table["hour_known"] == 1).all()
    assert "Open Government Licence" in str(taken.facts["attribution"])
    check_at_intake(taken)


def test_the_older_portal_header_writes_days_as_their_midnight_in_utc() -> None:
    id, taken = admitted(EXAMPLES / "sample_mci_raw.csv", "auto", FORMATS, {})
    assert (id, len(taken.table)) == ("toronto-mci-older", 500)
    assert str(taken.table["start_hour"][0]) == "2017-02-28T11"  # 2017/02/28 05:00:00+00, hour 11
    assert str(taken.table["start_hour"][1]) == "2014-03-21T20"  # 2014/03/21 04:00:00+00, hour 20


def test_the_current_header(tmp_path: Path) -> None:
    id, taken = admitted(csv_file(tmp_path, CURRENT, row(), row(hour="")), "auto", FORMATS, {})
    assert id == "toronto-mci"
    assert [str(h) for h in taken.table["start_hour"]] == ["2014-06-01T22", "2014-06-01T00"]
    assert [str(h) for h in taken.table["end_hour"]] == ["2014-06-01T22", "2014-06-01T23"]
    assert str(taken.table["known_hour"][0]) == "2014-06-02T23"
    assert taken.table["area"].tolist() == ["Rouge", "Rouge"]
    assert taken.table["hour_known"].tolist() == [1, 0]


def test_milliseconds_of_the_map_server_are_the_same_days() -> None:
    text = text_rows(
        occ_date=["1401595200000"],  # 2014-06-01T04:00Z
        occ_hour=["22"],
        mci_category=["Assault"],
        long_wgs84=["-79.18"],
        lat_wgs84=["43.8"],
        neighbourhood_158=["NSA"],
    )
    taken = TORONTO.stream([text], {})
    assert str(taken.table["start_hour"][0]) == "2014-06-01T22"
    assert taken.table["area"].tolist() == [""], "not a specified area"


def test_rows_without_a_place_are_counted(tmp_path: Path) -> None:
    path = csv_file(tmp_path, CURRENT, row(), row(place="NSA,0,0"), row(place="Rouge (131),,"))
    _, taken = admitted(path, "auto", FORMATS, {})
    assert sorted((d.n, d.first_row) for d in taken.dropped) == [(1, 3), (1, 4)]


def test_an_impossible_hour_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not an hour") as caught:
        admitted(csv_file(tmp_path, CURRENT, row(), row(hour="25")), "auto", FORMATS, {})
    assert (caught.value.row, caught.value.column) == (3, "OCC_HOUR")


def test_identical_rows_are_separate_victims_and_stay() -> None:
    text = text_rows(
        occurrencedate=["2014-01-01"] * 2,
        occurrencehour=["3"] * 2,
        mci=["Robbery"] * 2,
        neighbourhood=["Rouge"] * 2,
        lat=["43.8"] * 2,
        long=["-79.2"] * 2,
    )
    taken = TORONTO_OLDER.stream([text], {})
    assert len(taken.table) == 2 and np.ptp(taken.table["east_metres"]) == 0
