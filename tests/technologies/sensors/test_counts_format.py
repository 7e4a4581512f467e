"""Files of counts, levels and energy: summed into hours at the door; real files of four cities are read."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from peelian.errors import InputError, Refused
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
