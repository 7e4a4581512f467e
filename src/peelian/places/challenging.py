"""A forecasting challenge run again: hot spots of whole cells for windows and areas, scored where the outcome is known.

The National Institute of Justice's Real-Time Crime Forecasting Challenge of 2017 is one: cells of 62,500 to 360,000
square feet, 0.25 to 0.75 square miles of hot spots, windows of one week to three months, PAI and PEI*.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.operations.outside_uses import entered, used
from peelian.places.entries import Entry, entry_of, street_entry_of
from peelian.places.floors import held
from peelian.places.forecasting import Model, fit_to, predicted
from peelian.places.grids import Grid
from peelian.places.incidents import Incidents, digest_of, must_be_incidents
from peelian.places.lengths import Limit, Window, day_after, day_before, limits_of, windows_of
from peelian.places.research import RESEARCH, library, marked
from peelian.places.streets import said_of
from peelian.places.window_scores import Choice, Outcome, Score, chosen, counted, scored
from peelian.technologies.mapping.days import day_of, hour_of

Progress = Callable[[str, float], None]

NIJ_AREAS = ("0.25 mi2..0.75 mi2",)
STREET_SHARES = ("1 %", "5 %")  # of the length: some 5 % of street segments hold half of all crime (Weisburd 2015)
OWN_AREA = "own"  # an entry brings the area it chose
ONE_WINDOW = "Each row is one window. One window gives no interval, and a rank among entries may be chance."
AHEAD = "%(window)s: forecast only. The incidents end on %(day)s."
BY_LOT = "%(window)s, %(area)s: %(n)d equal cells at the edge were drawn by lot (seed %(seed)d)."
NO_INCIDENT = "%(window)s: no incident in the window. There is nothing to score."
COLUMNS = (
    *("window", "first", "last", "area", "entry", "cells", "area_km2", "street_km", "area_share", "incidents", "n"),
    *("hit_rate", "pai", "pai_star", "pei_star", "n_possible", "n_by_lot", "n_least", "n_most", "use"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a challenge fixes.

    `windows` are FROM..UNTIL or NIJ's 1WK, 2WK, 1MO, 2MO, 3MO (default: all five, from the day after `train_until`);
    `areas` as `0.25 mi2..0.75 mi2`, `1 %` or `100 cells`, a file of hot spots for each end; along streets as `5 km`,
    `1 %` or `100 cells` (default: NIJ's range; along streets 1 and 5 % of their length). `train_until` (the last day
    known, ISO) is by default the day before the first window, or the last day of the incidents. `category` is one label
    (default: all that people report); `seed` draws among equal cells.
    """

    windows: Sequence[str] = ()
    areas: Sequence[str] | None = None
    train_until: str = ""
    category: str = ""
    seed: int = 0

    def on(self, grid: Grid, incidents: Incidents) -> Rules:
        """These rules with what is left to default filled in."""
        areas = (STREET_SHARES if grid.streets else NIJ_AREAS) if self.areas is None else self.areas
        return replace(self, areas=areas, train_until=self.last_known(incidents))

    def last_known(self, incidents: Incidents) -> str:
        """The last day that a forecast may know, ISO."""
        days = [one.partition("..")[0].strip() for one in self.windows if ".." in one]
        return self.train_until or (day_before(min(days)) if days else incidents.last_day)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Challenge:
    """Hot spots and scores. `frame` has a row for each window, area and entry; `notes` are sentences on them.

    `hotspots` holds a GeoDataFrame of cells (cut at the boundary) for each window and area, by their names: `cell`,
    `area_km2`, `expected`, `hotspot` 0 or 1, `use`; of street segments as lines, with `street_km` for `area_km2`.
    `settings` repeat the run.
    """

    frame: Any
    hotspots: Mapping[tuple[str, str], Any]
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<Challenge: {len(self.hotspots)} forecasts, {len(self.frame)} scores; {RESEARCH}>"

    def write(self, folder: Path | str, *, crs: Any = "EPSG:4326") -> tuple[Path, ...]:
        """Write every forecast as GeoPackage and shapefile in `crs`, scores.csv and challenge.json; their paths.

        InputError where the folder cannot be written.
        """
        entered("mapping")
        try:
            return self._written(Path(folder), crs)
        except (OSError, RuntimeError):  # GDAL's errors are RuntimeErrors
            raise InputError(
                "the folder cannot be written", accepted="a folder of yours, on a disk with room"
            ) from None

    def _written(self, out: Path, crs: Any) -> tuple[Path, ...]:
        out.mkdir(parents=True, exist_ok=True)
        written: list[Path] = []
        for (window, area), cells in self.hotspots.items():
            name = f"hotspots-{window.replace('..', '-to-')}-{area.replace(' %', 'percent').replace(' ', '')}"
            for ending, driver in ((".gpkg", "GPKG"), (".shp", "ESRI Shapefile")):
                cells.to_crs(crs).to_file(out / (name + ending), driver=driver)
                written.append(out / (name + ending))
        self.frame.to_csv(out / "scores.csv", index=False)
        record = {"use": RESEARCH, **self.settings, "notes": self.notes, "scores": self._rows()}
        (out / "challenge.json").write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
        return (*written, out / "scores.csv", out / "challenge.json")

    def records(self) -> list[dict[str, Any]]:
        """The scores as dictionaries; None for what cannot be known."""
        entered("mapping")
        return self._rows()

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {name: None if isinstance(value, float) and isnan(value) else value for name, value in row.items()}
            for row in self.frame.to_dict("records")
        ]


def challenge(
    incidents: Incidents,
    grid: Grid,
    rules: Rules | None = None,
    *,
    model: str = "decayed",
    entries: Mapping[str, Any] | None = None,
    progress: Progress = lambda says, share: None,
) -> Challenge:
    """Forecast every window from what was known before it, and score what the incidents show.

    `entries` are frames of others, by name, with a column `hotspot`, scored beside ours. A window that the incidents do
    not cover is forecast and not scored. InputError: rules that cannot be met, an entry that breaks them, incidents of
    the category that are a trace, or with an office a window that has not ended before today or holds fewer than 20 of
    them. Its log says that they were forecast.
    O(windows · (a fit + cells log cells)).
    """
    must_be_incidents(incidents)
    fixed = (rules or Rules()).on(grid, incidents)
    limits = limits_of(fixed.areas or (), streets=grid.streets is not None)
    windows = windows_of(fixed.windows, fixed.train_until)
    theirs = {name: _entry(frame, grid, limits) for name, frame in (entries or {}).items()}
    wanted = incidents.only(fixed.category) if fixed.category else incidents
    wanted.until(fixed.train_until)  # InputError where what is known is a trace
    recorded_until = incidents.prepared(grid.projection).until_hour
    came, outlines = wanted.prepared(grid.projection, exact=True), grid.outlines()
    windows_held = [held(grid, came, one.first, one.last) for one in windows]
    used("mapping", "places.challenge", rows=len(wanted), data=digest_of(wanted), windows=windows_held)
    rows, hotspots, notes = list[dict[str, Any]](), dict[tuple[str, str], Any](), [ONE_WINDOW, *said_of(came, grid)]
    for k, window in enumerate(windows):
        progress("Fitting the model", k / len(windows))
        fits = Model(model, window_days=window.days)
        fit_to(fits, wanted, grid, until=day_after(fixed.train_until), exact=True)
        made = predicted(fits, window.first)
        expected = np.asarray(made["expected"], dtype=np.float64)
        choices = {one.label: chosen(expected, grid.sizes, one, seed=fixed.seed) for one in limits}
        for label, choice in choices.items():
            hotspots[window.name, label] = _cells(grid, outlines, made, choice)
            if choice.tied:
                notes.append(sentence(BY_LOT, window=window.name, area=label, n=choice.tied, seed=fixed.seed))
        if hour_of(window.last) + 24 > recorded_until:
            notes.append(sentence(AHEAD, window=window.name, day=day_of(recorded_until - 1)))
            continue
        inside = _came_in(came, window, grid)
        ours = inside.outcome(outlines, grid.sizes)
        if not ours.incidents:
            notes.append(sentence(NO_INCIDENT, window=window.name))
        for label, choice in choices.items():
            rows.append(_row(window, label, model, scored(choice.member, ours, expected=expected), grid))
        for name, entry in theirs.items():
            rows.append(_row(window, OWN_AREA, name, _scored_entry(entry, inside, ours), grid))
    frame = marked(library("pandas").DataFrame(rows, columns=COLUMNS))
    settings = _settings(grid, fixed, windows) | {"model": model}
    return Challenge(frame=frame, hotspots=hotspots, notes=tuple(notes), settings=settings)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Came:
    """The incidents of one window: places in metres and weights, how many lie on the ground, and its area.

    Along streets those count that have a segment, in `counts`, and the length of all segments is the area.
    """

    points: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    incidents: float
    whole: float
    counts: NDArray[np.float64] | None = None

    def outcome(self, outlines: NDArray[Any], area: NDArray[np.float64]) -> Outcome:
        """What came in each of these cells."""
        counts = counted(outlines, *self.points) if self.counts is None else self.counts
        return Outcome(counts=counts, area=area, incidents=self.incidents, whole=self.whole)


def _came_in(came: Any, window: Window, grid: Grid) -> _Came:
    first, last = np.searchsorted(came.hour, (hour_of(window.first), hour_of(window.last) + 24))
    points = (came.east[first:last], came.north[first:last], came.weight[first:last])
    if grid.streets:
        cell = grid.streets.locate(*points[:2])
        counts = np.bincount(cell[cell >= 0], weights=points[2][cell >= 0], minlength=len(grid)).astype(np.float64)
        return _Came(points=points, incidents=float(counts.sum()), whole=float(grid.sizes.sum()), counts=counts)
    ground = np.array([grid.outline()], dtype=object)
    return _Came(points=points, incidents=float(counted(ground, *points)[0]), whole=float(ground[0].area) / 1e6)


def _entry(frame: Any, grid: Grid, limits: Sequence[Limit]) -> Entry | NDArray[np.bool_]:
    """Somebody's cells, or along streets which of our segments they chose."""
    return street_entry_of(frame, grid, limits) if grid.streets else entry_of(frame, grid, limits)


def _cells(grid: Grid, outlines: NDArray[Any], made: Any, choice: Choice) -> Any:
    """A forecast as a frame of cells cut at the boundary, with `hotspot` 0 or 1."""
    cells = made[["cell", grid.measured, "expected"]].copy()
    cells["hotspot"] = choice.member.astype(np.int32)
    cells["use"] = RESEARCH
    cells["geometry"] = grid.in_degrees(outlines)
    return marked(library("geopandas").GeoDataFrame(cells, geometry="geometry", crs="EPSG:4326"))


def _scored_entry(entry: Entry | NDArray[np.bool_], inside: _Came, ours: Outcome) -> Score:
    """An entry's score. Where it comes without its other cells, the best choice is made among ours."""
    if not isinstance(entry, Entry):
        return scored(entry, ours)
    own = inside.outcome(entry.outlines, entry.area_km2)
    return scored(entry.hotspot, own, best_of=None if entry.whole else ours)


def _row(window: Window, area: str, entry: str, score: Score, grid: Grid) -> dict[str, Any]:
    days = {"window": window.name, "first": window.first, "last": window.last}
    found = asdict(score)
    size = {"area_km2": float("nan"), "street_km": float("nan")} | {grid.measured: found.pop("used")}
    return {**days, "area": area, "entry": entry, **size, **found, "use": RESEARCH}


def _settings(grid: Grid, rules: Rules, windows: Sequence[Window]) -> dict[str, Any]:
    """What repeats the run."""
    drawn = {"cell_metres": grid.cell_metres, "rotation": grid.projection.rotation, "shape": grid.shape}
    ground = {"cells": len(grid), "ground_km2": float(grid.outline().area) / 1e6, "enclosure": grid.is_enclosure}
    if grid.streets:
        ground |= {"street_km": float(grid.sizes.sum()), "reach_metres": grid.streets.reach_metres}
    return {**drawn, **ground, **asdict(rules), "windows": [asdict(one) for one in windows]}
