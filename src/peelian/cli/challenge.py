"""Command that runs a forecasting challenge again, such as NIJ's of 2017, on the visitor's own files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.command import command
from peelian.cli.frame import OutsideAsOption, OutsideOption, Printed, outside, progress_bar, stoppable
from peelian.cli.words import say, translated
from peelian.errors import InputError
from peelian.kernel.model.doors import ANYBODY, Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.places import Challenge, Incidents


@command(
    "challenge",
    Enters.FILE,
    Leaves.DATA,
    Suspended.STOPS,
    whom=ANYBODY,
    terminal="needs no office",
)
def challenge(
    file: Annotated[Path, typer.Argument(help="Incidents: a table, or a GIS file of points.")],
    out: Annotated[Path, typer.Option(help="Folder for the hot spots and scores.")],
    areas: Annotated[
        Path | None, typer.Option(help="GIS file of the town. Default: the ground that the incidents enclose.")
    ] = None,
    streets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Street file (GIS, GeoParquet or OpenStreetMap): cells are its segments."),
    ] = None,
    cell: Annotated[
        str, typer.Option(help="Side of a square, width of a hexagon, or longest street segment: 600 ft, 250 m.")
    ] = "600 ft",
    reach: Annotated[str, typer.Option(help="With --streets: how far from a street an incident may lie.")] = "100 m",
    shape: Annotated[str, typer.Option(help="square or hexagon.")] = "square",
    rotation: Annotated[
        float, typer.Option(metavar="DEGREES", help="Degrees by which cells are turned anticlockwise.")
    ] = 0.0,
    area: Annotated[
        list[str] | None,
        typer.Option(
            help="Area to score: 0.25 mi2..0.75 mi2 (default), 1 km2, 1 % or 100 cells; with --streets 1 % and 5 % "
            "(default), 3 mi or 5 km. Repeat for more."
        ),
    ] = None,
    window: Annotated[
        list[str] | None,
        typer.Option(help="FROM..UNTIL in days, or 1WK, 2WK, 1MO, 2MO, 3MO. Repeat for more. Default: all five."),
    ] = None,
    train_until: Annotated[
        str, typer.Option(help="Last day a forecast may know. Default: the day before the first window.")
    ] = "",
    model: Annotated[str, typer.Option(help="Model that forecasts.")] = "decayed",
    category: Annotated[str, typer.Option(help="One category. Default: all that people report.")] = "",
    time: Annotated[str, typer.Option(help="Column of times, for a GIS file.")] = "",
    column: Annotated[str, typer.Option(help="Column of categories, for a GIS file.")] = "",
    entry: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Somebody's entry: GIS file of cells with hotspot 0 or 1. Repeat for more."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Seed that draws among equal cells.", min=0)] = 0,
    office: OutsideOption = None,
    as_: OutsideAsOption = "",
) -> Printed:
    """Run a forecasting challenge again and score it, for research. It never advises.

    Writes the hot spots as GeoPackage and shapefile with hotspot 0 or 1. Where the file holds the outcome, it gives
    PAI, PAI* and PEI* of each window and area, for your forecast and for each --entry. With an office its log says who
    ran this, cells are at least 100 m, and windows have ended.
    """
    with stoppable([]), outside(office, as_), progress_bar(quiet=False) as progress:
        from peelian import places

        progress("Reading", 0.0)
        rules = places.Rules(
            windows=window or (),
            areas=area or None,
            train_until=train_until,
            category=category,
            seed=seed,
        )
        town = places.read_map(areas) if areas else None
        incidents = places.read_incidents(file, time=time, category=column)
        within = _known(incidents, rules) if town is None else town
        if streets:
            _refuse_turned(shape, rotation)
            grid = places.Grid.along(places.read_streets(streets), within, longest=cell, reach=reach)
        else:
            draw = places.Grid.enclosing if town is None else places.Grid.within
            grid = draw(within, cell=cell, rotation=rotation, shape=shape)
        entries = places.read_entries(entry or ())
        made = places.challenge(incidents, grid, rules, model=model, entries=entries, progress=progress)
        files = made.write(out, crs=town.crs if town is not None else "EPSG:4326")
    record = {"use": places.RESEARCH, **made.settings, "notes": made.notes, "scores": made.records()}
    last = say("Written: %(n)d files in %(folder)s", n=len(files), folder=out)
    return {**record, "files": [str(path) for path in files]}, [*_lines(made), last]


def _known(incidents: Incidents, rules: Any) -> Incidents:
    """What is known when the ground is drawn: nothing of a window."""
    return incidents.until(rules.last_known(incidents))


def _refuse_turned(shape: str, rotation: float) -> None:
    if shape != "square" or rotation:
        raise InputError(
            "street segments have no shape and are not turned", accepted="no --shape or --rotation beside --streets"
        )


def _lines(made: Challenge) -> list[str]:
    """The scores as a table, and what there is to say about them."""
    lines = []
    if len(made.frame):
        size = "km" if made.settings["shape"] == "street" else "km²"
        head = (say("window"), say("area"), say("entry"), size, "n", "N", "PAI", "PAI*", "PEI*", say("ties"))
        rows = [head, *(_row(row) for row in made.records())]
        wide = [max(len(row[k]) for row in rows) for k in range(len(head))]
        lines = ["  ".join(word.ljust(wide[k]) for k, word in enumerate(row)).rstrip() for row in rows]
        lines.append(say("n of N incidents in hot spots; ties: least and most n over all orders of equal cells."))
    return [
        *lines,
        *(translated(note) for note in made.notes),
        say("Research use: no accuracy report. Not for operations."),
    ]


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    figures = [
        say("%(x).2f", x=float("nan") if row[name] is None else row[name]) for name in ("pai", "pai_star", "pei_star")
    ]
    counts = (
        say("%(x).3f", x=row["area_km2"] or row["street_km"]),
        say("%(x).0f", x=row["n"]),
        say("%(x).0f", x=row["incidents"]),
    )
    area = say("own") if row["area"] == "own" else row["area"]
    return (row["window"], area, row["entry"], *counts, *figures, _ties(row["n_least"], row["n_most"]))


def _ties(least: float | None, most: float | None) -> str:
    if least is None or most is None:
        return "–"
    return say("none") if least == most else say("%(low).0f to %(high).0f", low=least, high=most)
