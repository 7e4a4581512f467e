"""Positions of people and devices do not pass for incidents, and no map is fine enough to show a home.

Every file here is made up. What is refused is refused at intake: nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attempts import attempts
from hypothesis import given
from hypothesis import strategies as st
from invented import incidents_csv
from terminal import Done, peelian
from wandering import KINDS, Device, positions

from peelian.errors import InputError, NotEnoughData
from peelian.intake.read import admitted
from peelian.integrations.gis_exports import write_map
from peelian.integrations.hexagons import in_hexagons
from peelian.kernel.model.capability import Context, Shapes
from peelian.measure.grid import square_grid
from peelian.measure.projection import Projection
from peelian.technologies.mapping.advising import run as limits_run
from peelian.technologies.mapping.declarations.advising import LIMITS
from peelian.technologies.mapping.declarations.backtest import BACKTEST
from peelian.technologies.mapping.declarations.forecast import FORECAST
from peelian.technologies.mapping.declarations.scanning import SCAN
from peelian.technologies.mapping.declarations.sealing import SEAL
from peelian.technologies.mapping.example import areas, incidents
from peelian.technologies.mapping.export_shapes import forecast_shapes
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.ground import town_of

HERE = Projection(centre_lon=-79.4, centre_lat=43.7)
CONTEXT = Context(seed=1, progress=lambda says, share: None)
TRACE = r"look like the trace of persons or devices.*accepted: "


def file_of(folder: Path, device: Device, category: str = "theft", *, dated: bool = False) -> Path:
    """A file of incidents that are the device's positions."""
    hour, east, north = positions(device)
    lon, lat = HERE.to_degrees(east, north)
    when = np.datetime64("2025-03-01T00:00", "s") + (hour * 3600).astype("timedelta64[s]")
    times = np.datetime_as_string(when, unit="D" if dated else "s")
    rows = [f"{t},{x:.6f},{y:.6f},{category}" for t, x, y in zip(times, lon, lat, strict=True)]
    file = folder / "incidents.csv"
    file.write_text("\n".join(["occurred,longitude,latitude,category", *rows]) + "\n", encoding="utf-8")
    return file


def taken(file: Path, **options: str) -> Mapping[str, object]:
    return admitted(file, "incidents", FORMATS, {"zone": "America/Toronto", **options})[1].facts


@pytest.mark.parametrize("minutes", [1.0, 5.0, 15.0, 60.0])
def test_pings_of_a_phone_are_no_thefts(tmp_path: Path, minutes: float) -> None:
    with pytest.raises(InputError, match=TRACE):
        taken(file_of(tmp_path, Device(minutes=minutes, days=14)))


def test_pings_thinned_to_one_an_hour_are_no_thefts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=TRACE):
        taken(file_of(tmp_path, Device(minutes=5, kept=1 / 12, days=30)))


def test_pings_with_their_hours_taken_off_are_no_thefts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=TRACE):
        taken(file_of(tmp_path, Device(minutes=30, kept=0.3, days=30), dated=True))


@pytest.mark.parametrize("people", [2, 3])
def test_pings_of_several_people_are_no_thefts(tmp_path: Path, people: int) -> None:
    with pytest.raises(InputError, match=TRACE):
        taken(file_of(tmp_path, Device(minutes=20, people=people)))


def test_a_taxis_stops_are_no_thefts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=TRACE):
        taken(file_of(tmp_path, Device(kind="taxi", minutes=15, days=30)))


DEVICES = st.builds(
    Device,
    kind=st.sampled_from([kind for kind in KINDS if kind != "taxi"]),
    minutes=st.floats(1, 60),
    days=st.integers(7, 40),
    people=st.integers(1, 2),
    jitter_metres=st.floats(0, 40),
    snap_metres=st.sampled_from([10.0, 50.0, 100.0]),
    seed=st.integers(0, 10_000),
)
CATEGORIES = ["theft", "assault", "robbery", "bicycle_theft", "arson"]


@attempts(25)
@given(DEVICES, st.lists(st.sampled_from(CATEGORIES), min_size=1, unique=True))
def test_nobodys_pings_are_incidents(tmp_path: Path, device: Device, words: list[str]) -> None:
    """Of whatever person, and under one category or several."""
    head, *rows = (file := file_of(tmp_path, device)).read_text(encoding="utf-8").splitlines()
    named = np.random.default_rng(device.seed).choice(words, len(rows))
    rows = [row.replace("theft", word) for row, word in zip(rows, named, strict=True)]
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=TRACE):
        taken(file)


def test_a_category_of_pings_among_real_ones_is_refused(tmp_path: Path) -> None:
    """The category is tested by itself."""
    pings = file_of(tmp_path, Device(minutes=60, days=20), "bicycle_theft").read_text(encoding="utf-8").splitlines()
    chance = np.random.default_rng(1)
    lon, lat = HERE.to_degrees(*chance.uniform(0, 12_000, (2, 5_000)))
    days = np.datetime64("2024-01-01", "m") + chance.integers(0, 500 * 1440, 5_000).astype("timedelta64[m]")
    others = [f"{t}:00,{x:.6f},{y:.6f},assault" for t, x, y in zip(days, lon, lat, strict=True)]
    mixed = tmp_path / "mixed.csv"
    mixed.write_text("\n".join([pings[0], *others]) + "\n", encoding="utf-8")
    assert taken(mixed)["n"] == 5_000
    mixed.write_text("\n".join([pings[0], *others, *pings[1:]]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"\(bicycle_theft\) look like the trace"):
        taken(mixed)


def test_trying_it_keeps_nothing(tmp_path: Path) -> None:
    file_of(tmp_path, Device(minutes=30, days=14))
    done = peelian("try", "mapping", "incidents.csv", "--out", "out", "--option", "zone=America/Toronto", cwd=tmp_path)
    assert done.returncode == 2 and "look like the trace" in done.stderr and not (tmp_path / "out").exists()


def test_an_office_seals_nothing_of_it(tmp_path: Path) -> None:
    def do(*words: str) -> Done:
        return peelian(*words, cwd=tmp_path)

    def sealed() -> list[str]:
        return sorted(p.name for p in (tmp_path / "office" / "objects").rglob("*") if p.is_file())

    do("office", "office", "--name", "Town")
    admit = ["--title", "Thefts", "--purpose", "proof", "--legal-basis", "test", "--minimisation", "columns"]
    admit += ["--source", "invented", "--as", "custodian", "--option", "zone=America/Toronto", "--json"]
    before = sealed()
    refused = do("admit", str(file_of(tmp_path, Device(minutes=30, days=14))), *admit)
    assert refused.returncode == 2 and "look like the trace" in refused.stdout and sealed() == before
    incidents_csv(tmp_path / "good.csv")
    assert do("admit", "good.csv", *admit).returncode == 0 and sealed() != before


@attempts(20)
@given(st.floats(0.001, 49.99))
def test_not_even_research_gets_cells_of_one_home(metres: float) -> None:
    asked = {"category": "all", "cell_metres": metres, "offsets": 1, "window_days": 7, "train_from": ""}
    with pytest.raises(InputError, match="50 to 100,000 m"):
        town_of({"incidents": incidents(), "areas": areas()}, {}, asked)


def shapes(metres: int = 250) -> Shapes:
    example = FORECAST.arithmetic().example()
    context = replace(CONTEXT, authorizations=example.authorizations)
    found = FORECAST.arithmetic().run(replace(example.params, cell_metres=metres), example.datasets, context)
    return forecast_shapes(found, {"incidents": example.datasets["incidents"].facts}, lambda text, **values: text)


def test_hexagons_of_resolution_12_show_homes_and_are_refused() -> None:
    for resolution in (11, 12, 15):
        with pytest.raises(InputError, match=r"unknown hexagon resolution\. Expected: 5 to 10"):
            in_hexagons(shapes(), resolution)


def test_a_map_of_small_cells_is_not_written(tmp_path: Path) -> None:
    """Whatever made it: the library's research cells, too."""
    small = shapes(100)
    corner = small.rings[:, :1]
    with pytest.raises(InputError, match="too small for a map"):
        write_map(replace(small, rings=corner + (small.rings - corner) / 2), tmp_path / "map.csv")
    write_map(small, tmp_path / "map.csv")


def test_advice_on_five_incidents_is_refused_before_anything_is_fitted() -> None:
    example = LIMITS.arithmetic().example()
    five = replace(example.datasets["incidents"], table=example.datasets["incidents"].table.take(np.arange(5) * 600))
    with pytest.raises(NotEnoughData):
        limits_run(example.params, {**example.datasets, "incidents": five}, CONTEXT)


def test_one_address_in_every_area_is_no_advice() -> None:
    """Nine addresses, one an area: too few points to say anything but who lives there."""
    example, chance = LIMITS.arithmetic().example(), np.random.default_rng(3)
    made = example.datasets["incidents"]
    which = chance.integers(0, 9, len(made.table))
    spot = {"east_metres": 1_500.0 * (which % 3) + 700, "north_metres": 1_500.0 * (which // 3) + 700}
    columns = tuple(replace(column, values=spot.get(column.name, column.values)) for column in made.table.columns)
    few = replace(made, table=replace(made.table, columns=columns))
    with pytest.raises((NotEnoughData, InputError), match=r"9 points before start_day|look like the trace"):
        limits_run(example.params, {**example.datasets, "incidents": few}, CONTEXT)


def test_cells_of_100_metres_and_more_still_serve() -> None:
    assert len(shapes(100).table) > 0 and square_grid(cell_metres=100.0, rows=1, cols=1).cell_metres == 100.0


@pytest.fixture(scope="module")
def asked() -> list[tuple[Any, Any]]:
    """Each capability that asks for cells, with the parameters of its example."""
    return [(one, one.arithmetic().example().params) for one in (FORECAST, LIMITS, SEAL, BACKTEST, SCAN)]


SIZES = [99.9, 99.999, 100 - 1e-9, 0, -250, float("nan"), float("-inf"), 5_001, float("inf")]


@attempts(60)
@given(
    st.integers(0, 4),
    st.one_of(st.sampled_from(SIZES), st.floats(max_value=99.9), st.integers(max_value=99), st.integers(5_001)),
)
def test_no_cell_below_100_metres_is_asked_for(asked: list[tuple[Any, Any]], which: int, metres: float) -> None:
    capability, params = asked[which]
    with pytest.raises(InputError, match=r"cell_metres: (out of range\. Expected: 100 to 5,000|not a whole number)"):
        capability.asks.check(replace(params, cell_metres=metres))


@pytest.fixture(scope="module")
def mapped() -> Shapes:
    return shapes(100)


@attempts(40)
@given(
    st.sampled_from([".csv", ".geojson", ".gpkg", ".parquet"]),
    st.floats(0, 0.98) | st.sampled_from([0.98, 0.985, float("nan")]),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=5),
)
def test_no_map_is_written_with_one_cell_of_a_home_in_it(
    tmp_path: Path, mapped: Shapes, ending: str, size: float, rows: list[int]
) -> None:
    rings = mapped.rings.copy()
    few = np.array(rows) % len(rings)
    rings[few] = rings[few][:, :1] + (rings[few] - rings[few][:, :1]) * size
    with pytest.raises(InputError, match="too small for a map"):
        write_map(replace(mapped, rings=rings), tmp_path / f"map{ending}")
    assert list(tmp_path.iterdir()) == []
