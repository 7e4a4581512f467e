"""Any table: described, by options or guessed; intervals, separate times, projections, day or month first."""

from __future__ import annotations

from pathlib import Path

import pytest
from rows import csv_file

from peelian.errors import InputError
from peelian.intake.read import admitted, summary
from peelian.kernel.model.formats import Admitted
from peelian.technologies.mapping.formats import FORMATS


def take(path: Path, **options: str) -> Admitted:
    id, taken = admitted(path, "auto", FORMATS, options)
    assert id == "incidents"
    return taken


def spans(taken: Admitted) -> list[tuple[str, str]]:
    pairs = zip(taken.table["start_hour"], taken.table["end_hour"], strict=True)
    return [(str(start), str(end)) for start, end in pairs]


def test_a_guess_is_said(tmp_path: Path) -> None:
    taken = take(csv_file(tmp_path, "Offense,Occurred_On,LON,LAT", "Larceny,2024-05-31 23:10,-79.4,43.7"))
    text = "\n".join(summary(taken))
    assert "category = Offense, date = Occurred_On, x = LON, y = LAT" in text
    assert "No time zone given" in text
    assert taken.table["category"].tolist() == ["theft"]


def test_a_description_is_enough(tmp_path: Path) -> None:
    description = tmp_path / "town.toml"
    description.write_text(
        'zone = "America/New_York"\ncrs = "EPSG:2263"\norder = "mdy"\nsource = "NYPD"\n'
        '[columns]\ndate = "from_day"\ntime = "from_time"\nend = "to_day"\nend_time = "to_time"\nx = "xc"\ny = "yc"\n'
        'category = "law"\n[categories]\n"PL 155" = "theft"\n',
        encoding="utf-8",
    )
    path = csv_file(
        tmp_path,
        "from_day,from_time,to_day,to_time,xc,yc,law,victim",
        "05/31/2024,22:30:00,06/01/2024,07:00:00,988217,201218,PL 155,somebody",
        "05/31/2024,2230,,,988217,201218,PL 155,somebody",
        "05/31/2024,9,05/31/2024,9,988217,201218,PL 999,somebody",
    )
    taken = take(path, description=str(description))
    assert spans(taken) == [
        ("2024-05-31T22", "2024-06-01T06"),
        ("2024-05-31T22", "2024-05-31T22"),
        ("2024-05-31T09", "2024-05-31T09"),
    ]
    assert taken.table["category"].tolist() == ["theft", "theft", "other_reported"]
    assert (taken.facts["centre_lon"], taken.facts["centre_lat"]) == (-73.99, 40.72)
    assert (taken.facts["zone"], taken.facts["source"]) == ("America/New_York", "NYPD")


def test_an_end_at_a_full_hour_closes_the_hour_before(tmp_path: Path) -> None:
    rows = [
        "2024-01-01 10:00,2024-01-01 16:00",
        "2024-01-01 10:00,2024-01-01 16:30",
        "2024-01-01 10:05,2024-01-01 10:05",
    ]
    rows += ["2024-01-01,2024-01-02", "2024-01-01 10:00,"]
    path = csv_file(tmp_path, "datetimefrom,datetimeto,lon,lat", *[f"{row},-79.4,43.7" for row in rows])
    assert spans(take(path)) == [
        ("2024-01-01T10", "2024-01-01T15"),
        ("2024-01-01T10", "2024-01-01T16"),
        ("2024-01-01T10", "2024-01-01T10"),
        ("2024-01-01T00", "2024-01-02T23"),
        ("2024-01-01T10", "2024-01-01T10"),
    ]
    backwards = csv_file(tmp_path, "datetimefrom,datetimeto,lon,lat", "2024-01-02,2024-01-01,-79.4,43.7")
    with pytest.raises(InputError, match="end before date") as caught:
        take(backwards)
    assert (caught.value.row, caught.value.column) == (2, "datetimeto")


def test_day_or_month_first_is_decided_by_the_data_or_asked_for(tmp_path: Path) -> None:
    header = "date,lon,lat"
    decided = csv_file(tmp_path, header, "01/02/2024,-79.4,43.7", "13/02/2024,-79.4,43.7")
    assert spans(take(decided))[0][0] == "2024-02-01T00"
    open_question = csv_file(tmp_path, header, "01/02/2024,-79.4,43.7")
    with pytest.raises(InputError, match=r"town.*row 2, column date.*ambiguous date order.*option order: mdy"):
        take(open_question)
    assert spans(take(open_question, order="mdy"))[0][0] == "2024-01-02T00"


def test_years_of_two_digits_and_months_by_name_are_read_and_said(tmp_path: Path) -> None:
    header = "date,lon,lat"
    rows = ['"March 5, 2021"', "5-Mar-21", "05-MAR-2021 23:10", "5 mars 2021", "03/05/21", "03/25/21"]
    taken = take(csv_file(tmp_path, header, *[f"{row},-79.4,43.7" for row in rows]))
    assert [start[:10] for start, _ in spans(taken)] == ["2021-03-05"] * 5 + ["2021-03-25"]
    assert "Two-digit years were read as 1969 to 2068." in "\n".join(summary(taken))
    whole = take(csv_file(tmp_path, header, '"March 5, 2021",-79.4,43.7'))
    assert "two digits" not in "\n".join(summary(whole))
    with pytest.raises(InputError, match=r"row 3, column date: not a date\. Expected: dates such as"):
        take(csv_file(tmp_path, header, "5-Mar-21,-79.4,43.7", "5-Foo-21,-79.4,43.7"))


def test_a_time_beside_the_day_takes_the_place_of_the_days_own(tmp_path: Path) -> None:
    days = ['"March 5, 2021"', "2021-03-05T00:00:00", "05MAR2021 00:00", "20210305 0000", '"5 mars 2021, 12:00 AM"']
    path = csv_file(tmp_path, "date,time,lon,lat", *[f"{day},2310,-79.4,43.7" for day in days])
    assert spans(take(path)) == [("2021-03-05T23", "2021-03-05T23")] * 5


def test_offsets_need_a_zone(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "date,lon,lat", "2024-07-01T03:30:00Z,-79.4,43.7")
    with pytest.raises(InputError, match="time zone is not given"):
        take(path)
    assert spans(take(path, zone="America/Toronto"))[0][0] == "2024-06-30T23"


def test_swapped_axes_are_refused_without_a_zone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,category,lon,lat\n2024-07-01 10:00,Theft,43.65,-79.38\n")
    with pytest.raises(InputError, match="look swapped") as caught:
        take(path)
    assert (caught.value.row, caught.value.column) == (2, "lat")


def test_one_word_for_every_row_or_other(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "date,lon,lat", "2024-07-01,-79.4,43.7")
    assert take(path, one_category="vehicle_theft").table["category"].tolist() == ["vehicle_theft"]
    assert "Every row counts as other_reported" in "\n".join(summary(take(path)))


def test_projected_points_are_held_against_the_area_of_their_projection(tmp_path: Path) -> None:
    header, good = "date,x,y", "2024-07-01,630084,4833438"
    assert take(csv_file(tmp_path, header, good), crs="EPSG:26917").facts["centre_lat"] == 43.64
    for row, says in (("2024-07-01,-79.4,43.7", "look like degrees"), ("2024-07-01,63,99999999", "outside the area")):
        with pytest.raises(InputError, match=says) as caught:
            take(csv_file(tmp_path, header, good, row), crs="EPSG:26917")
        assert caught.value.row == 3
    with pytest.raises(InputError, match="coordinate system of x and y not given"):
        take(csv_file(tmp_path, header, good))


def test_points_of_geojson_and_lines_of_json_are_tables_too(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"date":"2024-05-31","type":"Robbery"},'
        '"geometry":{"type":"Point","coordinates":[-79.4,43.7]}}]}',
        encoding="utf-8",
    )
    (tmp_path / "a.jsonl").write_text(
        '{"date":"2024-05-31","type":"Robbery","lon":-79.4,"lat":43.7}\n' * 2, encoding="utf-8"
    )
    for name, n in (("a.geojson", 1), ("a.jsonl", 2)):
        assert take(tmp_path / name).table["category"].tolist() == ["robbery"] * n


def test_files_of_memphis_and_new_york(shared_data: Path) -> None:
    robberies = take(shared_data / "memphis" / "memphis_robberies_2019.csv.gz", zone="America/Chicago")
    assert len(robberies.table) == 2_245 and set(robberies.table["category"].tolist()) == {"robbery"}
    thefts = take(shared_data / "nyc" / "nyc_vehicle_thefts_2014_2017.csv.gz", one_category="vehicle_theft")
    assert len(thefts.table) == 35_746 and (thefts.table["end_hour"] >= thefts.table["start_hour"]).all()
