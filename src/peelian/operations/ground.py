"""The ground of an office: streets, parks, water and names of neighbourhoods under its maps, as the town brought them.

Public data, so nothing of it is encrypted: a public record says what it is, its licence, who brought it and the digests
of the files that lie in the office's folder. What is not as the record says is not used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import shapely

from peelian.errors import InputError, OutOfOrder
from peelian.intake.allowance import allowance_in
from peelian.intake.ground_file import AREAS, KINDS, PATHS, STREETS
from peelian.kernel.model.capability import Shapes
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.office_records import MAKERS, ground_kept, latest
from peelian.measure.legible import must_be_legible
from peelian.measure.nearby import Streets, near, streets_of, within
from peelian.measure.projection import Projection
from peelian.measure.table import Column, Kind, Table
from peelian.operations.demonstration import only_shipped
from peelian.operations.ground_process import NAMES, TILES, baked
from peelian.operations.office import Office
from peelian.oversight.transparency.register import case_record
from peelian.storage.durable_files import file_digest
from peelian.storage.private_files import private_folder, put_private

FOLDER = "ground"
CELL = re.compile(r"((?:[5-9]\d|\d{3,5})(?:\.\d{1,3})?):(-?\d{1,6}):(-?\d{1,6})")  # of 50 m or more: no time of day
LEAST_REACH = 250.0  # metres
COARSE_DEGREES = 3e-4  # some 30 m
ORIGIN = ("source", "licence", "attribution")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The ground in force: its files, and what its record says. `attribution` is shown wherever the ground is."""

    digest: str  # of the tiles
    tiles: Path
    names: Path
    source: str
    licence: str
    attribution: str
    at: str
    bounds: tuple[float, ...]  # west, south, east, north, degrees
    counts: Mapping[str, int]  # pieces by kind

    @property
    def address(self) -> str:
        """Where the pages serve its tiles."""
        return f"/data/ground/{self.digest}.pmtiles"


def bring_ground(
    office: Office, by: Operator, files: Sequence[tuple[str, Path]], origin: Mapping[str, str], progress: Progress
) -> tuple[Ground, int]:
    """Read map files as (kind, path), bake and keep them, and log it; also how many pieces were left out.

    A kind is one of `KINDS`, or "" for an OpenStreetMap extract or streets; `origin` has source, licence, attribution.
    What was there is replaced. Refused for others than custodian and analyst. InputError as `baked`. O(pieces).
    """
    kernel = office.kernel
    if office.path is None:
        raise OutOfOrder("An office in memory keeps no map files.")
    must_hold_role(kernel, by, MAKERS["ground"], "the_maker_may_keep")
    for _, path in files:
        only_shipped(kernel, Path(str(path).partition("::")[0]), {})
    for what in ORIGIN:
        must_be_legible(origin[what], what)
    facts = [one.facts for one in kernel.state.datasets.values() if "centre_lon" in one.facts]
    home = private_folder(office.path / FOLDER)
    with TemporaryDirectory(dir=home, prefix=".bring-") as folder:
        order = {
            "files": [(kind, str(path.absolute())) for kind, path in files],
            "folder": folder,
            "attribution": origin["attribution"],
            "centres": [(float(one["centre_lon"]), float(one["centre_lat"])) for one in facts],
        }
        told = baked(order, allowance_in(os.environ), progress)
        made = [Path(folder) / name for name in (TILES, NAMES)]
        tiles, names = digests = [file_digest(path) for path in made]
        for path, digest in zip(made, digests, strict=True):
            put_private(home / f"{digest}{path.suffix}", path.read_bytes())
    body = {
        **{what: origin[what] for what in ORIGIN},
        "files": [file_digest(Path(str(path).partition("::")[0])) for _, path in files],
        "bounds": [str(degrees) for degrees in told["bounds"]],
        "counts": {kind: int(told["counts"].get(kind, 0)) for kind in KINDS},
        "tiles": tiles,
        "names": names,
    }
    ground_kept(kernel, by, body)
    for old in home.iterdir():
        if old.is_file() and old.stem not in digests:
            old.unlink()
    if found := ground_of(office):
        return found, int(told["left_out"])
    raise InputError("map files changed on the disk", accepted="the same files, brought again")


def ground_of(office: Office) -> Ground | None:
    """The ground in force; None where there is none, or where its files are not what the record says."""
    record = latest(office.kernel, "ground") if office.path else None
    if record is None or office.path is None:
        return None
    body, home = record.body, office.path / FOLDER
    found = Ground(
        **{what: str(body[what]) for what in ORIGIN},
        digest=str(body["tiles"]),
        tiles=home / f"{body['tiles']}.pmtiles",
        names=home / f"{body['names']}.parquet",
        at=record.at,
        bounds=tuple(float(degrees) for degrees in body["bounds"]),
        counts=body["counts"],
    )
    return found if all(_is_whole(path) for path in (found.tiles, found.names)) else None


def near_of(office: Office, datasets: Mapping[str, str], places: Sequence[str]) -> list[str]:
    """What people call the cells of a case with these datasets, by role: "Queen St W & Spadina Ave".

    "" for what is no cell, or nowhere near; with the ground's area, where the case has no areas of its own. Made when
    it is shown: findings stay what was signed. O(cells log streets), and O(streets log streets) once.
    """
    called = [""] * len(places)
    cells = [(row, cell) for row, place in enumerate(places) if (cell := CELL.fullmatch(place))]
    admitted = office.kernel.state.datasets.get(datasets.get("incidents", ""))
    ground = ground_of(office) if cells and admitted and "centre_lon" in admitted.facts else None
    if ground is None or admitted is None:
        return called
    here = Projection(**{name: float(admitted.facts[name]) for name in ("centre_lon", "centre_lat")})
    streets, areas, outlines = _names(ground.names, here)
    size, row, col = np.array([cell.groups() for _, cell in cells], dtype=np.float64).T
    east, north = (col + 0.5) * size, (row + 0.5) * size
    found = near(streets, east, north, max(LEAST_REACH, float(size.max())))
    if "areas" not in datasets and len(areas):
        around = within(areas, outlines, east, north)
        found = [", ".join(filter(None, pair)) for pair in zip(found, around, strict=True)]
    for (at, _), name in zip(cells, found, strict=True):
        called[at] = name
    return called


def with_near(office: Office, datasets: Mapping[str, str], table: Table) -> Table:
    """The table with a column `near` after the one of its cells; as it is where nothing is known of them."""
    if "place" not in table.names or not any(found := near_of(office, datasets, [str(p) for p in table["place"]])):
        return table
    at = table.names.index("place") + 1
    column = Column(name="near", kind=Kind.PLACE, values=np.array(found, dtype=object))
    return replace(table, columns=(*table.columns[:at], column, *table.columns[at:]))


def named_map(office: Office, case: str, shapes: Shapes) -> Shapes:
    """The map of a case with what people call its cells, and who must be named for that."""
    table = with_near(office, case_record(office.kernel, case).request.datasets, shapes.table)
    ground = ground_of(office) if table is not shapes.table else None
    credit = {"near_attribution": ground.attribution} if ground else {}
    return replace(shapes, table=table, provenance={**shapes.provenance, **credit})


@lru_cache(maxsize=2)
def outlines_of(names: Path) -> Mapping[str, shapely.Geometry]:
    """The outlines of a ground's areas in degrees by their names, drawn coarser so that neighbours still meet.

    Areas that are points have none. O(areas), once for each file.
    """
    read = pq.read_table(names, filters=[("layer", "=", AREAS)])
    shapes = shapely.from_wkb(read["shape"].to_numpy())
    flat = shapely.get_dimensions(shapes) == 2
    coarse = shapely.coverage_simplify(shapes[flat], COARSE_DEGREES)
    return dict(zip(read["name"].to_numpy()[flat].tolist(), coarse.tolist(), strict=True))


@lru_cache(maxsize=2)
def _names(path: Path, here: Projection) -> tuple[Streets, Any, Any]:
    """Streets, and names and outlines of areas, in metres."""
    read = pq.read_table(path)
    layer, name, kind, wkb = (read[one].to_numpy() for one in ("layer", "name", "kind", "shape"))
    shape = shapely.transform(shapely.from_wkb(wkb), lambda at: np.column_stack(here.to_metres(at[:, 0], at[:, 1])))
    of, areas = layer == STREETS, layer == AREAS
    return streets_of(name[of], shape[of], np.isin(kind[of].astype(str), sorted(PATHS))), name[areas], shape[areas]


def _is_whole(path: Path) -> bool:
    return path.is_file() and _digest(path, path.stat().st_mtime_ns) == path.stem


@lru_cache(maxsize=8)
def _digest(path: Path, changed: int) -> str:
    return file_digest(path)
