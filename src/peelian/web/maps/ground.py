"""The ground under the maps: its tiles, of which a map asks for ranges of bytes, and names of streets beside cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from peelian.operations.ground import CELL, ground_of, near_of
from peelian.operations.office import Office
from peelian.pictures.panels import Grid, Panel, Panels, Paragraph, Say

KEPT = {"cache-control": "public, max-age=31536000, immutable"}
MEDIA = "application/vnd.pmtiles"


def add_ground_pages(app: FastAPI, office: Office) -> None:
    """Its tiles, under the address of their digest."""

    @app.get("/data/ground/{digest}.pmtiles")
    def tiles(request: Request, digest: str) -> Response:
        """The tiles (PMTiles 3), whole or one range of bytes."""
        found, tag = ground_of(office), f'"{digest}"'
        if found is None or digest != found.digest:
            raise HTTPException(404)
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={**KEPT, "etag": tag})
        if "," in request.headers.get("range", ""):  # many ranges make a large answer of a small question
            return Response(status_code=416, headers={"content-range": f"bytes */{found.tiles.stat().st_size}"})
        return FileResponse(found.tiles, media_type=MEDIA, headers={**KEPT, "etag": tag})


def with_names(
    office: Office, datasets: Mapping[str, str], panels: Panels, say: Say, *, credit: bool = True
) -> list[Panel]:
    """The panels of a case with these datasets, with what people call it beside each cell. O(cells log streets).

    `credit`: below each table, whom to credit for the names.
    """
    made: list[Panel] = []
    for panel in panels:
        found = with_cell_names(office, datasets, panel, say) if isinstance(panel, Grid) else None
        made.append(found or panel)
        if found and credit and (ground := ground_of(office)):
            made.append(Paragraph(text=say("Street names: %(attribution)s", attribution=ground.attribution)))
    return made


def with_cell_names(office: Office, datasets: Mapping[str, str], grid: Grid, say: Say) -> Grid | None:
    """The table with a column of names after its cells; None where it has no cells, or they have no names."""
    for at, column in enumerate(zip(*grid.rows, strict=True), start=1):
        if all(CELL.fullmatch(cell) for cell in column) and any(near := near_of(office, datasets, column)):
            rows = tuple((*row[:at], name, *row[at:]) for row, name in zip(grid.rows, near, strict=True))
            numeric = frozenset(place + (place >= at) for place in grid.numeric)
            return replace(grid, titles=(*grid.titles[:at], say("Near"), *grid.titles[at:]), rows=rows, numeric=numeric)
    return None
