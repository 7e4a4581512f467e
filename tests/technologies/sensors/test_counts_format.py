"""Files of counts, levels and energy: summed into hours at the door; real files of four cities are read."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData, Refused, sentence
from peelian.measure.table import Kind, Table, table
from peelian.operations.office import memory_office
from peelian.technologies.sensors import vocabulary as v
from peelian.technologies.sensors.counts_format import FORMATS, hours_of, values_of

BY_ID = {each.id: each for each in FORMATS}


def text(**columns: list[str]) -> Table:
    size = len(next(iter(columns.values())))
    made: dict[str, Any] = {k: (Kind.PERSONAL, np.array(c, dtype=object)) for k, c in columns.items()}
    return table("text", {**made, "row": (Kind.COUNT, np.arange(2, size + 2))})


def convert(id: str, columns: Table, **options: str) -> Table:
    return BY_ID[id].convert(columns, options).table


def test_finer_rows_are_summed_into_hours_and_places() -> None:
    made = convert(
        "sensor-counts",
        text(
            area=["A", "A", "B", "A"],
            time=["2026-03-01 10:00", "2026-03-01T10:59:59", "2026-03-01 10:30", "2026-03-01 11:00"],
            value=["3", "4", "5", "6"],
        ),
    )
    assert list(zip(made["area"], made["hour"].astype(str), made["count"], made["n"], strict=True)) == [
        ("A", "2026-03-01T10", 7, 2),
        ("A", "2026-03-01T11", 6, 1),
        ("B", "2026-03-01T10", 5, 1),
    ]


def test_levels_are_the_mean_of_their_energy() -> None:
    columns = text(datetime=["2026-03-01 10:00:00", "2026-03-01 10:00:01"], **{"LEQ dB -A": ["60", "70"]})
    made = convert("noise-levels", columns, area="Square")
    assert made["level"][0] == pytest.approx(67.4036, abs=1e-4) and made["count"][0] == 0


def test_energy_keeps_how_many_homes_are_behind_it() -> None:
    columns = text(date=["6/1/2012", "6/1/2012"], hour=["1", "24"], energy_kWh=["1.0", "2.5"])
    made = convert("energy-hours", columns, homes="120", largest_share="0.05")
    assert made["kwh"].tolist() == [1.0, 2.5] and made["homes"].tolist() == [120, 120]
    assert made["hour"].astype(str).tolist() == ["2012-06-01T01", "2012-06-02T00"]
    for homes in ({}, {"homes": "14"}):  # without the option it is one home
        with pytest.raises(Refused, match="needs a warrant"):
            convert("energy-hours", columns, **homes)


def test_counters_side_by_side_are_rows_and_missing_values_are_dropped_and_counted() -> None:
    columns = text(
        date=["2019-01-01", "2019-01-01"], hour=["6:00-6:59", "7:00-7:59"], year=["2019"] * 2, North=["4", ""]
    )
    made = BY_ID["counters-hourly"].convert(columns, {})
    assert made.table["count"].tolist() == [4] and made.dropped[0].n == 1 and made.dropped[0].first_row == 3


@pytest.mark.parametrize(
    ("times", "values", "options", "row"),
    [
        (["2026-03-01 10:00", "noon"], ["1", "2"], {}, 3),
        (["2026-13-01 10:00"], ["1"], {}, 2),
        (["2026-03-01 10:00"], ["many"], {}, 2),
        (["2026-03-01 10:00"], ["nan"], {}, 2),
        (["2026-03-01 10:00"], ["1.5"], {}, 2),
        (["2026-03-01 10:00"], ["-1"], {}, 2),
        (["2026-03-01 10:00"], ["300"], {"measure": "noise"}, 2),
        (["2026-03-01 10:00"], [""], {}, None),
        (["2026-03-01 10:00"], ["1"], {"measure": "plates"}, None),
        (["2026-03-01 10:00"], ["1"], {"homes": "-3"}, None),
        (["2026-03-01 10:00"], ["1"], {"largest_share": "2"}, None),
    ],
)
def test_bad_input_names_its_row(times: list[str], values: list[str], options: dict[str, str], row: int | None) -> None:
    with pytest.raises(InputError) as error:
        convert("sensor-counts", text(time=times, value=values), **options)
    assert error.value.row == row


def test_single_parts_are_plain() -> None:
    at = np.array([2])
    assert str(hours_of(np.array(["3/1/2026 9:15"], dtype=object), at)[0]) == "2026-03-01T09"
    assert np.isnan(values_of(np.array([" "], dtype=object), at, "x")[0])


def admitted(path: Path, **options: str) -> Any:
    from peelian.intake.read import admitted as read

    with memory_office() as office:
        return read(path, options.pop("format", "auto"), office.kernel.formats, options, lambda says, share: None)


EXCERPTS = Path(__file__).resolve().parents[2] / "data" / "sensors"


@pytest.mark.parametrize(
    ("name", "format", "measure", "hours"),
    [
        ("auckland_counters.csv", "counters-hourly", v.PEOPLE, 360),
        ("sound_minutes.csv", "noise-levels", v.NOISE, 3),
        ("traffic_speed.csv", "traffic-series", v.VEHICLES, 15),
    ],
)
def test_excerpts_of_published_records_are_read(name: str, format: str, measure: str, hours: int) -> None:
    found, taken = admitted(EXCERPTS / name, format=format, measure=measure)
    assert found == format and set(taken.table["measure"]) == {measure} and len(taken.table) >= hours


def test_one_real_house_is_refused_and_would_be_read_as_many() -> None:
    with pytest.raises(Refused, match="needs a warrant"):
        admitted(EXCERPTS / "one_house.csv")
    _, taken = admitted(EXCERPTS / "one_house.csv", homes="200", largest_share="0.01")
    assert len(taken.table) == 48 and 0 < float(taken.table["kwh"].sum()) < 200
    assert (taken.facts["declared_homes"], taken.facts["declared_largest_share"]) == (200, 0.01)
    (told,) = taken.notes
    assert (told.text, told.values["homes"]) == (v.DECLARED, 200)


@pytest.mark.parametrize(
    ("name", "format", "measure"),
    [
        ("crowd/akl_hourly_counts_2019_2025.csv.gz", "counters-hourly", v.PEOPLE),
        ("sound/noisemonitor_test_data_laeq1s.csv.gz", "noise-levels", v.NOISE),
        ("meter/HUE_Residential_1.csv.gz", "energy-hours", v.ENERGY),
    ],
)
def test_whole_records_are_read(shared_data: Path, tmp_path: Path, name: str, format: str, measure: str) -> None:
    if not (shared_data / name).is_file():
        pytest.skip(f"{name} is missing")
    file = tmp_path / "real.csv"
    lines = gzip.decompress((shared_data / name).read_bytes()).splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:5_000]))
    more = {"homes": "200"} if measure == v.ENERGY else {}
    found, taken = admitted(file, format=format, measure=measure, **more)
    assert found == format and set(taken.table["measure"]) == {measure} and len(taken.table) >= 2


def _meter(values: list[float], **options: str) -> float:
    """Kilowatt-hours of a file of one meter, a row an hour."""
    times = [f"2026-03-01 {9 + n:02d}:00" for n in range(len(values))]
    rows = text(area=["A"] * len(values), time=times, value=[f"{value}" for value in values])
    return float(convert("sensor-counts", rows, measure="energy", homes="100", **options)["kwh"].sum())


def test_a_meters_total_in_a_file_is_told_with_the_remedy_and_differenced_where_it_is_stated() -> None:
    """381.7, 381.8, 381.9: two tenths of a kilowatt-hour, and not 1,145.4."""
    with pytest.raises(InputError, match="look like a running total") as told:
        _meter([381.7, 381.8, 381.9])
    assert "total=yes" in sentence(told.value.accepted)
    assert _meter([381.7, 381.8, 381.9], total="yes") == pytest.approx(0.2)
    assert _meter([381.7, 381.8, 381.9], total="no") == pytest.approx(1_145.4)
    assert _meter([381.7, 375.0, 390.2]) == pytest.approx(1_146.9)
    with pytest.raises(InputError, match="rises too fast"):
        _meter([381.7, 9_381.8], total="yes")
    with pytest.raises(InputError, match="not one of the choices"):
        _meter([1.0, 2.0], total="maybe")
    with pytest.raises(NotEnoughData):
        _meter([381.7], total="yes")
    with pytest.raises(InputError, match="not one of the choices"):
        convert("sensor-counts", text(time=["2026-03-01 10:00"], value=["60"]), measure="noise", total="yes")


def test_totals_of_each_place_are_differenced_in_order_of_time_within_the_hour_too() -> None:
    rows = text(
        area=["B", "A", "A", "B", "A"],
        time=[f"2026-03-01 {at}" for at in ("09:30", "09:45", "09:15", "09:00:00", "10:00")],
        value=["530", "130", "110", "500", "135"],
    )
    made = convert("sensor-counts", rows, measure="people", total="yes")
    assert list(zip(made["area"], made["hour"].astype(str), made["count"], strict=True)) == [
        ("A", "2026-03-01T09", 20),
        ("A", "2026-03-01T10", 5),
        ("B", "2026-03-01T09", 30),
    ]
