"""What a map page fetches: planes of small numbers for the cells, and JSON for the words, classes and choices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.pictures.classes import Classes, classes
from peelian.pictures.map_view import MapView
from peelian.pictures.panels import Say
from peelian.pictures.svg import hexadecimal
from peelian.pictures.words import digits_of

Codes = NDArray[np.uint16]

STEP, MOST_CODE, FIRST_CODE = 0.002, 65_000, 2
"""Values go as whole numbers on a scale of equal ratios (0.2 % a step), or of equal steps where one is below zero."""
MESH = 24  # sides of the net of exact degrees that the page places cells by; between them it is straight to 0.1 m
DEGREES = 7  # decimals: a centimetre


def planes_of(view: MapView) -> bytes:
    """One plane of uint16 a layer and one for areas, each rows x columns from the north-west.

    A plane is all its lower bytes and then all its upper ones: so it packs smaller. 0 is no cell or no value, 1 is
    zero; `scale_of` says what the others are. A layer that is a part of another goes as its share of that. An area's
    number is that in the JSON's list. O(cells of the box x layers).
    """
    codes = [_codes(sent, *scale_of(sent)) for sent in _sent(view)]
    planes = [*(_plane(view, one) for one in codes), _plane(view, _areas(view)[1])]
    return b"".join(part.astype(np.uint8).tobytes() for plane in planes for part in (plane & 0xFF, plane >> 8))


def _sent(view: MapView) -> list[NDArray[np.float64]]:
    """What goes of each layer: its values, or their shares of another's (none of nothing)."""
    whole = {layer.id: np.where(layer.values == 0, 1.0, layer.values) for layer in view.layers}
    return [layer.values / whole[layer.part_of] if layer.part_of else layer.values for layer in view.layers]


def scale_of(values: NDArray[np.float64]) -> tuple[str, float, float]:
    """("ratio", lowest, step): value = lowest x exp(step x (code - 2)); ("equal", ...): lowest + step x (code - 2)."""
    known = values[np.isfinite(values)]
    if not len(known) or known.min() < 0:
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        return "equal", low, (high - low) / MOST_CODE or 1.0
    above = known[known > 0]
    low, high = (float(above.min()), float(above.max())) if len(above) else (1.0, 1.0)
    low = max(low, high * 1e-12)  # less than that is nothing beside the rest
    return "ratio", low, max(STEP, float(np.log(high / low)) / MOST_CODE)


def described(view: MapView, say: Say) -> dict[str, Any]:
    """The JSON beside the planes. O(cells)."""
    rows, cols = view.shape
    shared = [layer for layer in view.layers if layer.id in (view.compared or (view.layers[0].id,))]
    made = classes(np.concatenate([layer.values for layer in shared]))
    return {
        "heading": view.heading,
        "grid": {
            "rows": rows,
            "cols": cols,
            "metres": view.cell_metres,
            "north": int(view.row.max()),
            "west": int(view.col.min()),
            "mesh": _mesh(view),
        },
        "layers": [
            {"id": one.id, "title": one.title, "drawn": one.drawn, "part_of": one.part_of, "scale": scale_of(sent)}
            for one, sent in zip(view.layers, _sent(view), strict=True)
        ],
        "compared": list(view.compared or ()),
        "classes": _classes(made, view.value_title, say),
        "selected": {
            "title": view.selected_title,
            "cells": _places(view, view.selected),
            "titles": view.listed.titles if view.listed else (),
            "rows": view.listed.rows if view.listed else (),
            "history": {
                "title": view.history_title,
                "days": view.history_days,
                "counts": [list(row) for row in view.history],
            },
        },
        "options": [
            {
                "title": one.title,
                "facts": one.facts,
                "cells": _places(view, one.cells),
                "rows": one.rows,
                "params": one.params,
            }
            for one in view.options
        ],
        "sums": view.sums,
        "areas": _areas(view)[0],
        "by_area": view.by_area,
        "digits": digits_of(view.layers[0].values),
        "borders": _borders(view),
    }


def _classes(made: Classes, title: str, say: Say) -> dict[str, Any]:
    colours = [hexadecimal(colour) for colour in made.colours]
    return {"title": title, "lows": list(made.lows), "colours": colours, "names": list(made.names(say))}


def as_json(told: object) -> bytes:
    """Compact JSON; numbers that are none (NaN) would be an error."""
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _codes(values: NDArray[np.float64], kind: str, low: float, step: float) -> Codes:
    known = np.isfinite(values)
    at = np.where(known, values, low)
    with np.errstate(divide="ignore"):
        steps = np.log(np.maximum(at, 0.0) / low) / step if kind == "ratio" else (at - low) / step
    code = np.rint(np.clip(steps, -1, MOST_CODE)) + FIRST_CODE  # zero, and next to nothing, is 1
    return np.where(known, code, 0).astype(np.uint16)


def _plane(view: MapView, codes: NDArray[Any]) -> NDArray[Any]:
    plane = np.zeros(view.shape, dtype="<u2")
    plane[view.row.max() - view.row, view.col - view.col.min()] = codes
    return plane


def _areas(view: MapView) -> tuple[list[str], NDArray[np.int64]]:
    """The areas in order, "" first, and the number of each cell's: outside any it is 0."""
    names, number = view.numbered
    if names[:1] != [""]:
        names, number = ["", *names], number + 1
    return names, number if len(number) else np.zeros(1, dtype=np.int64)


def _places(view: MapView, cells: Sequence[int]) -> list[int]:
    """Where cells stand in a plane."""
    chosen = np.asarray(cells, dtype=np.intp)
    at = (view.row.max() - view.row[chosen]) * view.shape[1] + view.col[chosen] - view.col.min()
    return [int(one) for one in at]


def _mesh(view: MapView) -> dict[str, Any]:
    """Longitudes and latitudes of a net of corners, from the north-west, and at which columns and rows these lie."""
    rows, cols = view.shape
    at_row = np.unique(np.linspace(0, rows, min(rows, MESH) + 1).round().astype(np.int64))
    at_col = np.unique(np.linspace(0, cols, min(cols, MESH) + 1).round().astype(np.int64))
    north = (view.row.max() + 1 - at_row[:, None]) * view.cell_metres
    east = (view.col.min() + at_col[None, :]) * view.cell_metres
    lon, lat = view.frame.to_degrees(*(part.ravel() for part in np.broadcast_arrays(east, north)))
    return {
        "rows": at_row.tolist(),
        "cols": at_col.tolist(),
        "lon": lon.round(DEGREES).tolist(),
        "lat": lat.round(DEGREES).tolist(),
    }


def _borders(view: MapView) -> list[list[float]]:
    """Lines between areas: longitude, latitude, longitude, latitude."""
    ends = view.borders.reshape(-1, 2)
    lon, lat = view.frame.to_degrees(ends[:, 0], ends[:, 1])
    lines: list[list[float]] = np.column_stack([lon, lat]).round(6).reshape(-1, 4).tolist()
    return lines
