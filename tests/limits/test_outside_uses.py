"""Attempts to rank a person's places outside an office's cases: mixed into a file, on a small ground, unlogged.

With an office (named, or on the user's list) every door asks it; without one the checks of rows hold as well.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from types import FunctionType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from audited import COMPAS, TALLY
from divided import peopled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from study import streets, study
from suspending import suspend
from terminal import Done
from terminal import peelian as run
from wandering import Device, positions

import peelian.audit
import peelian.audit.doors as of_audit
import peelian.places.doors as of_places
from peelian import places
from peelian.errors import InputError, Refused
from peelian.kernel.model.doors import Enters, Leaves, Suspended
from peelian.operations.office import open_office

TRACE = "look like the trace of persons or devices"
NEXT = (date.today() + timedelta(days=1)).isoformat(), (date.today() + timedelta(days=14)).isoformat()  # noqa: DTZ011
PAST = "2023-10-02", "2023-10-15"
TOWN = study(4_000)
FACES = TALLY.parents[2] / "faces" / "examples" / "frvt_11_gender_race.csv"


def pings(n: int = 480, day: str = "2023-06-01") -> gpd.GeoDataFrame:
    """Positions of one telephone in that town, said to be thefts of bicycles."""
    hour, east, north = (part[:n] for part in positions(Device(minutes=30, days=30)))
    when = pd.Timestamp(day) + pd.to_timedelta(hour - np.floor(hour.min() / 24) * 24, unit="h")
    at = gpd.points_from_xy(east - np.median(east) + 506_000, north - np.median(north) + 5_506_000)
    data = {"when": when.round("s"), "kind": "bicycle_theft", "seen": when.round("s")}
    return gpd.GeoDataFrame(data, geometry=at, crs=TOWN.crs)


def mixed(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.concat([TOWN, *frames], ignore_index=True), crs=TOWN.crs)


def read(frame: gpd.GeoDataFrame, **columns: str) -> places.Incidents:
    return places.Incidents.from_frame(frame, time="when", **columns)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with one person in each role, named in the environment, and its clerk at the desk."""
    peopled(tmp_path / "office")
    monkeypatch.setenv("PEELIAN_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("PEELIAN_AS", "clerk")
    return tmp_path / "office"


def suspended(office: Path, *technologies: str) -> None:
    with open_office(office) as town:
        for technology in technologies:
            suspend(town.kernel, town.operator("board"), technology)


def told(office: Path) -> list[tuple[str, str]]:
    """What its log says was used, and what for."""
    with open_office(office) as town:
        found = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "TRIED"]
        assert all(entry["signature"] for entry in found)
        return [(str(entry["technology"]), str(entry["format"])) for entry in found]


# Attempt 1: pings under a category of their own, in a file whose rows are no trace together


def challenged(tmp_path: Path, *more: str, category: str = "bicycle_theft", window: tuple[str, str] = PAST) -> Done:
    days = ["--window", "..".join(window), "--train-until", str(np.datetime64(window[0]) - 1)]
    words = ["challenge", "mixed.gpkg", "--time", "when", "--column", "kind", "--category", category, "--area", "5 %"]
    return run(*words, *days, "--model", "long_run", "--out", "out", *more, cwd=tmp_path)


def test_pings_among_incidents_rank_no_home_by_command(tmp_path: Path, office: Path) -> None:
    mixed(pings()).to_file(tmp_path / "mixed.gpkg")
    assert TRACE in challenged(tmp_path, "--cell", "100 m").stderr
    suspended(office, "mapping")
    for done in (
        challenged(tmp_path, "--cell", "50 m", window=NEXT),
        challenged(tmp_path, "--cell", "250 m", category="theft"),
    ):
        assert done.returncode == 3 and "Mapping is suspended" in done.stderr, done.stderr
    assert not (tmp_path / "out").exists() and told(office) == []


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"window": NEXT}, "a window that ended before today"),
        ({"window": ("2023-10-02", str(date.today()))}, "lasts over 366 days"),  # noqa: DTZ011
        ({"window": ("2023-10-02", "2023-10-02")}, "at least 20 rows of the category"),
        ({"cell": "50 m"}, "cells of at least 100 m"),
        ({"cell": "99 m", "shape": "hexagon"}, "cells of at least 100 m"),
        ({"cell": "4 km"}, "at least 25 cells"),
        ({"as": ""}, "nobody named"),
        ({"as": "jane"}, "not enrolled"),
    ],
)
def test_floors_of_an_office_hold_in_a_contest(
    tmp_path: Path, office: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], says: str
) -> None:
    TOWN.to_file(tmp_path / "mixed.gpkg")
    monkeypatch.setenv("PEELIAN_AS", more.get("as", "clerk"))
    cell = ["--cell", more.get("cell", "250 m"), "--shape", more.get("shape", "square")]
    done = challenged(tmp_path, *cell, category="theft", window=more.get("window", PAST))
    assert done.returncode == 2 and says in done.stderr, done.stderr
    assert not (tmp_path / "out").exists() and told(office) == []


def test_an_honest_contest_of_an_office_is_in_its_log(tmp_path: Path, office: Path) -> None:
    TOWN.to_file(tmp_path / "mixed.gpkg")
    done = challenged(tmp_path, category="theft")
    assert done.returncode == 0, done.stderr
    assert told(office) == [("mapping", "places-challenge")]


def test_an_office_on_the_list_is_asked_as_a_named_one_is(
    tmp_path: Path, office: Path, monkeypatch: pytest.MonkeyPatch, own_configuration: Path
) -> None:
    TOWN.to_file(tmp_path / "mixed.gpkg")
    monkeypatch.delenv("PEELIAN_OFFICE")
    (own_configuration / "peelian").mkdir(parents=True)
    (own_configuration / "peelian" / "offices").write_text(f"{tmp_path / 'gone'}\n{office}\n", encoding="utf-8")
    done = challenged(tmp_path, "--cell", "50 m", category="theft")
    assert done.returncode == 2 and "at least 100 m" in done.stderr and done.stderr.count("folder is gone") == 1
    suspended(office, "mapping")
    assert challenged(tmp_path, category="theft").returncode == 3
    with pytest.raises(Refused, match="suspended"), pytest.warns(UserWarning, match="gone"):
        read(TOWN)
    office.rename(tmp_path / "moved")
    done = challenged(tmp_path, "--cell", "100 m", category="theft")
    assert done.returncode == 0 and done.stderr.count("folder is gone") == 2, "and counts as none"


def test_a_suspension_between_two_calls_stops_the_second(office: Path) -> None:
    model = places.Model("moving").fit(read(TOWN), until="2023-10-02")
    suspended(office, "mapping")
    with pytest.raises(Refused, match="suspended"):
        model.predict("2023-10-02")
    assert told(office) == [("mapping", "places-fit")]


def test_a_window_to_come_is_not_predicted_by_the_library(office: Path) -> None:
    model = places.Model("moving").fit(read(TOWN))
    with pytest.raises(InputError, match="ended before today"):
        model.predict(NEXT[0])
    thin = places.Model("moving", window_days=1).fit(read(TOWN, category="kind").only("theft"), until="2023-10-02")
    with pytest.raises(InputError, match="at least 20 rows"):
        thin.predict("2023-10-02")


# The same rows by the library, with and without an office: of whatever rows are left


def halves(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.assign(kind=np.where(np.arange(len(frame)) % 2, "arson", "robbery"))


def renamed(made: places.Incidents) -> places.Incidents:
    return replace(made, label=np.where(made.label == "theft", "theft", "other"))


ROWS: dict[str, Callable[[], Any]] = {
    "a column of the frame": lambda: read(mixed(pings()), category="kind"),
    "two categories": lambda: read(mixed(halves(pings())), category="kind"),
    "until": lambda: read(mixed(pings(day="2021-11-01"))).until("2021-12-31"),
    "fitted until": lambda: places.Model("moving").fit(read(mixed(pings(day="2021-11-01"))), until="2022-01-01"),
    "a contest of what was known": lambda: places.challenge(
        made := read(mixed(pings(day="2021-11-01"))),
        places.Grid.enclosing(made),
        places.Rules(windows=["2022-02-01..2022-02-28"], train_until="2022-01-01"),
        model="moving",
    ),
    "labels put on afterwards": lambda: replace(
        plain := read(mixed(pings())), label=np.where(np.arange(len(plain)) < len(TOWN), "a", "b")
    ),
    "arrays": lambda: (one := read(TOWN)) and replace(one, **columns_of(pings())),
}


def columns_of(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    at, when = frame.to_crs(4326).geometry, frame["when"].to_numpy().astype("datetime64[h]")
    label = np.full(len(frame), "", dtype=object)
    return {"lon": at.x.to_numpy(), "lat": at.y.to_numpy(), "start": when, "end": when, "known": when, "label": label}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_pings_are_refused_whatever_filter_leaves_them(rows: Callable[[], Any]) -> None:
    with pytest.raises(InputError, match=TRACE):
        rows()


def test_what_was_tested_cannot_be_written_over() -> None:
    lon = np.array(read(TOWN).lon)
    made = replace(read(TOWN), lon=lon)
    lon[:] = lon[0]
    assert made.lon.std() > 0
    with pytest.raises(ValueError, match="read-only"):
        made.lon[:] = 0


# Attempt 7d: a ground of one house, and short segments


def house(side: float = 10.0) -> Any:
    return shapely.box(506_000, 5_506_000, 506_000 + side, 5_506_000 + side)


def ground(*shapes: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs=TOWN.crs)


BLOCK = shapely.box(504_000, 5_504_000, 505_500, 5_505_500)
LANE = shapely.box(505_500, 5_505_000, 506_010, 5_505_003)  # 3 m wide, from the block to the house below
SMALL: dict[str, gpd.GeoDataFrame] = {
    "a house": ground(house()),
    "twenty-five houses": ground(*(shapely.affinity.translate(house(), 0, 200 * k) for k in range(25))),
    "a strip": ground(shapely.box(504_000, 5_504_000, 510_000, 5_504_012)),
    "24 cells": ground(shapely.box(504_000, 5_504_000, 504_600, 5_504_400)),
}


@pytest.mark.parametrize("small", SMALL.values(), ids=SMALL)
def test_a_small_ground_is_none(office: Path, small: gpd.GeoDataFrame) -> None:
    with pytest.raises(InputError, match="too small"):
        places.Grid.within(small, cell=100)
    with pytest.raises(InputError, match="too small"):
        places.Grid.along(streets(step=100), small)


def test_no_house_beside_a_large_ground_is_a_cell(office: Path) -> None:
    alone = places.Grid.within(ground(BLOCK, house()), cell=100)
    joined = places.Grid.within(ground(BLOCK.union(LANE).union(house().buffer(20))), cell=100)
    home = places.Grid.within(ground(BLOCK), cell=100)
    assert len(alone) == len(home) and len(joined) <= len(home) + 2, "what begins at the block's edge"


def short_streets(metres: float) -> gpd.GeoDataFrame:
    """A street of 2 km with a lane every few metres: pieces between crossings are as short."""
    at = np.arange(0.0, 2_000.0, metres)
    points = np.stack([at + 505_000, np.full_like(at, 5_505_000)], axis=1)
    lanes = [shapely.LineString([(x, y), (x, y + 150)]) for x, y in points]
    return ground(shapely.LineString(points), *lanes)


@pytest.mark.parametrize("metres", [5.0, 20.0, 60.0])
def test_short_pieces_of_street_are_joined(metres: float, request: pytest.FixtureRequest) -> None:
    town = ground(shapely.box(504_000, 5_504_000, 508_000, 5_506_000))
    found = places.Grid.along(short_streets(metres), town)
    whole = float(shapely.union_all(short_streets(metres).geometry).length) / 1e3
    assert found.sizes.min() >= 0.05 and found.sizes.sum() == pytest.approx(whole, rel=0.02), "no street is lost"
    request.getfixturevalue("office")
    again = places.Grid.along(short_streets(metres), town)
    assert again.sizes.min() >= 0.1 and again.sizes.sum() == pytest.approx(whole, rel=0.02), "no street is lost"
    with pytest.raises(InputError, match="longest"):
        places.Grid.along(short_streets(metres), town, longest=60)


def test_a_grid_by_hand_has_the_same_floors(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PEELIAN_OFFICE")
    fine = places.Grid.enclosing(read(TOWN), cell=50)
    hexagons = places.Grid.enclosing(read(TOWN), cell=100, shape="hexagon")
    monkeypatch.setenv("PEELIAN_OFFICE", str(office))
    for one in (fine, hexagons):
        with pytest.raises(InputError, match="too small"):
            places.Model("moving").fit(read(TOWN), one)
        with pytest.raises(InputError, match="too small"):
            replace(one, cell_metres=100.0)
    assert places.Grid.enclosing(read(TOWN), cell=100, shape="hexagon").cells.cell_metres == 100


# Attempt 5: every function and method, with and without an office, suspended, and nobody logged on


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the calls are made on: made without an office, so that each call alone is tried."""

    folder: Path
    incidents: places.Incidents
    grid: places.Grid
    model: places.Model
    scores: places.Backtest
    contest: places.Challenge
    audit: peelian.audit.Audit


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    incidents = read(TOWN, category="kind")
    grid, folder = places.Grid.enclosing(incidents, cell=500), tmp_path_factory.mktemp("room")
    TOWN.to_file(folder / "town.gpkg")
    streets(step=1_000).to_file(folder / "streets.gpkg")
    return Room(
        folder=folder,
        incidents=incidents,
        grid=grid,
        model=places.Model("moving").fit(incidents, grid, until="2023-10-02"),
        scores=places.backtest(["moving"], incidents, BRIEF, grid=grid),
        contest=places.challenge(incidents, grid, RULES, model="moving"),
        audit=peelian.audit.risk(TALLY, **COMPAS),
    )


BRIEF = places.Protocol(origins=24)
RULES = places.Rules(windows=["..".join(PAST)], areas=["5 %"])
LOGGED, ENTERS, NOTHING = "logged", "enters", "nothing"
ROWS_OF = {door.name: door for door in (*of_places.DOORS, *of_audit.DOORS)}


def asks(call: str) -> str:
    """What a call asks of the office that is named, as its row says: whatever gives data of a file is logged."""
    door = ROWS_OF[call]
    if (door.enters, door.leaves) == (Enters.FILE, Leaves.DATA) or call == "Model.predict":  # of a file fitted before
        return LOGGED
    return ENTERS if door.suspended is Suspended.STOPS else NOTHING


CALLS: dict[str, Callable[[Room], Any]] = {
    "Incidents.from_frame": lambda room: read(TOWN),
    "Incidents.only": lambda room: room.incidents.only("theft"),
    "Incidents.until": lambda room: room.incidents.until("2023-01-01"),
    "Incidents.centre": lambda room: room.incidents.centre(),
    "Incidents.prepared": lambda room: room.incidents.prepared(room.grid.projection),
    "Incidents.reported": lambda room: room.incidents.reported(),
    "Grid.enclosing": lambda room: places.Grid.enclosing(room.incidents),
    "Grid.within": lambda room: places.Grid.within(ground(BLOCK), cell=100),
    "Grid.along": lambda room: places.Grid.along(streets(step=1_000), room.incidents),
    "Grid.offsets": lambda room: room.grid.offsets(4),
    "Grid.outline": lambda room: room.grid.outline(),
    "Grid.outlines": lambda room: room.grid.outlines(),
    "Grid.gathered": lambda room: room.grid.gathered(None),  # type: ignore[arg-type]  # squares: as it is
    "Grid.frame": lambda room: room.grid.frame(),
    "Grid.in_degrees": lambda room: room.grid.in_degrees(np.array([BLOCK])),
    "Grid.in_metres": lambda room: room.grid.in_metres(np.array([shapely.Point(9, 49)])),
    "Model.get_params": lambda room: room.model.get_params(),
    "Model.set_params": lambda room: places.Model().set_params(name="moving"),
    "Model.fit": lambda room: places.Model("moving").fit(room.incidents, room.grid),
    "Model.predict": lambda room: room.model.predict("2023-10-02"),
    "Backtest.plot": lambda room: room.scores.plot(),
    "Rules.on": lambda room: RULES.on(room.grid, room.incidents),
    "Rules.last_known": lambda room: RULES.last_known(room.incidents),
    "Challenge.write": lambda room: room.contest.write(room.folder / "written"),
    "Challenge.records": lambda room: room.contest.records(),
    "backtest": lambda room: places.backtest(["moving"], room.incidents, BRIEF, grid=room.grid),
    "challenge": lambda room: places.challenge(room.incidents, room.grid, RULES, model="moving"),
    "plot": lambda room: places.plot(room.scores),
    "read_entries": lambda room: places.read_entries([room.folder / "town.gpkg"]),
    "read_incidents": lambda room: places.read_incidents(room.folder / "town.gpkg", time="when"),
    "read_map": lambda room: places.read_map(room.folder / "town.gpkg"),
    "read_streets": lambda room: places.read_streets(room.folder / "streets.gpkg"),
    "risk": lambda room: peelian.audit.risk(TALLY, **COMPAS),
    "faces": lambda room: peelian.audit.faces(FACES),
    "Audit.to_frame": lambda room: room.audit.to_frame("rates"),
    "Audit.plot": lambda room: room.audit.plot("errors"),
    "Audit.report": lambda room: room.audit.report(room.folder / "report"),
    "Audit.model_card": lambda room: room.audit.model_card(),
    "Audit.ll144": lambda room: room.audit.ll144(sex="sex", race="race", favourable="low"),
    "Audit.fria": lambda room: room.audit.fria(),
    "Audit.aia": lambda room: room.audit.aia(),
    "Document.to_json": lambda room: room.audit.aia().to_json(),
    "Document.write": lambda room: room.audit.aia().write(room.folder / "document"),
}


def test_every_function_and_method_of_both_libraries_is_called_here() -> None:
    found = set()
    for library in (places, peelian.audit):
        for name in library.__all__:
            thing = getattr(library, name)
            if inspect.isfunction(thing):
                found.add(name)
            members = vars(thing).items() if inspect.isclass(thing) else ()
            callables = (classmethod, staticmethod, FunctionType)
            found |= {f"{name}.{key}" for key, one in members if key[0] != "_" and isinstance(one, callables)}
    assert found == set(CALLS)
    others = set(ROWS_OF) - found
    assert all(asks(name) == NOTHING for name in others), "what is no function asks nobody: it gives what is there"


@pytest.mark.parametrize("call", CALLS)
def test_no_call_asks_anything_without_an_office(room: Room, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEELIAN_AS", "nobody-there")
    CALLS[call](room)


@pytest.mark.parametrize("call", CALLS)
def test_what_a_call_of_an_office_may_do_is_in_its_log_or_nothing(room: Room, call: str, office: Path) -> None:
    CALLS[call](room)
    assert len(told(office)) == (1 if asks(call) == LOGGED else 0)


@pytest.mark.parametrize("call", CALLS)
def test_a_suspension_and_an_unnamed_person_stop_it(
    room: Room, call: str, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, made = asks(call), CALLS[call]
    monkeypatch.delenv("PEELIAN_AS")
    if asked == NOTHING:
        made(room)
    else:
        with pytest.raises(InputError, match=r"nobody named.*PEELIAN_AS=NAME"):
            made(room)
    monkeypatch.setenv("PEELIAN_AS", "clerk")
    suspended(office, "mapping", "risk", "faces")
    if asked == NOTHING:
        made(room)
    else:
        with pytest.raises(Refused, match="suspended"):
            made(room)
    assert told(office) == []


def tries() -> Iterator[tuple[str, list[str]]]:
    folder = Path(peelian.__file__).parent / "technologies"
    yield "risk", ["risk", str(folder / "risk" / "examples" / "compas_two_year_tally.csv")]
    yield "risk", ["risk.subgroups", str(folder / "risk" / "examples" / "compas_two_year_tally.csv")]
    yield "faces", ["faces", str(folder / "faces" / "examples" / "frvt_11_gender_race.csv")]
    yield "footage", ["footage", "clip.mp4"]


@pytest.mark.parametrize(("technology", "words"), tries())
def test_a_trial_asks_the_office_whichever_technology_it_is_of(
    tmp_path: Path, office: Path, technology: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"no recording")
    suspended(office, technology)
    done = run("try", *words, "--out", "out", cwd=tmp_path)
    assert done.returncode == 3 and f"{technology.title()} is suspended" in done.stderr, done.stderr
    monkeypatch.delenv("PEELIAN_AS")
    assert "nobody named" in run("try", *words, "--out", "out", cwd=tmp_path).stderr
    assert told(office) == [] and not (tmp_path / "out").exists()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    metres=st.floats(1, 99.9),
    shape=st.sampled_from(["square", "hexagon"]),
    unit=st.sampled_from([("m", 1.0), ("ft", 0.3048), ("km", 1000.0)]),
)
def test_no_cell_below_the_floor_is_drawn_for_an_office(
    office: Path, metres: float, shape: str, unit: tuple[str, float]
) -> None:
    town = ground(shapely.box(504_000, 5_504_000, 508_000, 5_506_000))
    cell = f"{metres / unit[1]:.4f} {unit[0]}"
    with pytest.raises(InputError):
        places.Grid.within(town, cell=cell, shape=shape)
