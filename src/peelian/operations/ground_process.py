"""Ground process: reads map files and cuts their tiles in a process of its own, within limits of memory and time.

C code reads foreign files there; no signal stops it, and it may crash. The process opens no office: it is told of files
and a folder, and answers in JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from peelian.child_process import end_with
from peelian.errors import InputError, sentence
from peelian.intake.allowance import Allowance, limit_processor, metered
from peelian.intake.child import AT_LEAST, IN_ALL, Absent
from peelian.intake.confined_child import beside, confined_child
from peelian.intake.gdal import switched_off, unwanted
from peelian.intake.ground_file import AREAS, KINDS, STREETS, TAGS, Pieces, joined, read_ground
from peelian.integrations.ground_tiles import bake
from peelian.kernel.model.fan_out import Progress
from peelian.told_errors import error_as_values as told_error
from peelian.told_errors import raised

TILES, NAMES = "tiles.pmtiles", "names.parquet"
WIDEST_DEGREES, NEAR_DEGREES = 4.0, 0.1


def baked(order: Mapping[str, Any], allowance: Allowance, progress: Progress) -> dict[str, Any]:
    """What the process made of `order` (files as (kind, path), folder, attribution, centres of the office's data in
    degrees): counts by kind, bounds, pieces left out.

    InputError as `read_ground`; without the extra `geo`; out of memory or time; no streets, or another town's.
    """
    skipped, folder = unwanted(), Path(order["folder"])
    files = [one for _, path in order["files"] for one in beside(Path(path.partition("::")[0]))]
    line: dict[str, Any] = {}
    until = time.monotonic() + IN_ALL * allowance.cpu_seconds + AT_LEAST
    with confined_child(main, (order, allowance, skipped), readable=files, writable=[folder]) as process:
        try:
            while not {"counts", "error"} & line.keys():
                if not process.poll(max(0.0, until - time.monotonic())):
                    raise EOFError  # it waits for something, and takes no time of a processor
                line = json.loads(process.recv_bytes())
                if "share" in line:
                    progress(line["says"], line["share"])
        except (EOFError, OSError):  # it was stopped, or crashed
            limits = {"memory_mib": allowance.memory_mib, "cpu_seconds": allowance.cpu_seconds}
            accepted = sentence("complete files that take at most %(memory_mib)d MiB and %(cpu_seconds)d s", **limits)
            raise InputError("map files unreadable", accepted=accepted) from None
    if "error" in line:
        raise raised(line)
    return line


def main(tells: Connection, told: tuple[Mapping[str, Any], Allowance, str]) -> None:
    """The process itself: it makes what it is told to, and says how that went."""
    order, allowance, skipped = told
    end_with(tells)
    limit_processor(allowance)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 30, 4 << 30))
    settings = Path(order["folder"]) / "osm.ini"
    settings.write_text(TAGS, encoding="utf-8")
    sys.meta_path.insert(0, Absent("pandas", "geopandas"))  # they would take as long to load as all the rest
    switched_off(skipped, OSM_CONFIG_FILE=str(settings), CPL_TMPDIR=order["folder"])

    def tell(**line: Any) -> None:
        tells.send_bytes(json.dumps(line).encode())

    try:
        with metered("", allowance):
            tell(**_made(order, lambda says, share: tell(says=says, share=share)))
    except InputError as fault:
        tell(**told_error(fault))


def _made(order: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    parts: dict[str, list[Pieces]] = {}
    for number, (kind, path) in enumerate(order["files"]):
        progress("Reading the map files", number / len(order["files"]))
        for found, pieces in read_ground(Path(path), kind).items():
            parts.setdefault(found, []).append(pieces)
    whole = {kind: joined(parts[kind]) for kind in KINDS if kind in parts}
    bounds = _bounds(whole.get(STREETS), order["centres"])
    cut = {kind: _within(pieces, bounds) for kind, pieces in whole.items()}
    folder = Path(order["folder"])
    bake(cut, folder / TILES, order["attribution"], lambda share: progress("Drawing the map", share))
    named = [(kind, cut[kind]) for kind in (STREETS, AREAS) if kind in cut]
    columns = {name: np.concatenate([getattr(one, name) for _, one in named]) for name in ("name", "kind", "shape")}
    layer = np.repeat([kind for kind, _ in named], [len(one.name) for _, one in named])
    pq.write_table(pa.table({**columns, "layer": layer, "shape": shapely.to_wkb(columns["shape"])}), folder / NAMES)
    counts = {kind: len(pieces.shape) for kind, pieces in cut.items()}
    return {"counts": counts, "bounds": bounds, "left_out": sum(pieces.left_out for pieces in whole.values())}


def _bounds(streets: Pieces | None, centres: Sequence[tuple[float, float]]) -> list[float]:
    """West, south, east, north of the streets; InputError where there are none, or they are not of this town."""
    if streets is None or not len(streets.shape):
        raise InputError("no named streets found", accepted="an OpenStreetMap extract, or lines with names")
    west, south, east, north = bounds = shapely.total_bounds(streets.shape).tolist()
    if max(east - west, north - south) > WIDEST_DEGREES:
        accepted = sentence("an extract of the town, at most %(n)d degrees wide and high", n=int(WIDEST_DEGREES))
        raise InputError("streets of more than one town", accepted=accepted)
    ground = shapely.box(*bounds).buffer(NEAR_DEGREES)
    if centres and not shapely.intersects(ground, shapely.points(centres)).any():
        raise InputError("streets far from this office's data", accepted="the streets of this town")
    return [round(one, 6) for one in bounds]


def _within(pieces: Pieces, bounds: Sequence[float]) -> Pieces:
    """The pieces cut to the bounds: a lake or a country may reach far beyond a town. O(points)."""
    ground = shapely.box(*bounds)
    inside = shapely.intersects(pieces.shape, ground.buffer(1e-6))
    shape = pieces.shape[inside]
    across = (shapely.get_dimensions(shape) == 2) & ~shapely.covers(ground, shape)
    shape[across] = shapely.intersection(shapely.make_valid(shape[across]), ground)
    return Pieces(shape=shape, name=pieces.name[inside], kind=pieces.kind[inside])
