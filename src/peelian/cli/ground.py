"""Command on the ground under the maps: streets, parks, water and neighbourhoods of the town."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.frame import HERE, AsOption, JsonOption, OfficeOption, opened, progress_bar, tell
from peelian.cli.words import say


def add_to(app: typer.Typer) -> None:
    """Register this command."""
    app.command()(ground)


def ground(
    file: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="OpenStreetMap extracts, or GIS files of streets.")
    ] = None,
    parks: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="GIS file of parks. Repeat for more.")
    ] = None,
    water: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="GIS file of water. Repeat for more.")
    ] = None,
    areas: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="GIS file of neighbourhoods. Repeat for more.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where the files come from.")] = "",
    licence: Annotated[str, typer.Option(help="Licence of the files.")] = "",
    attribution: Annotated[str, typer.Option(help="Whom the maps must name, as the licence asks.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Put the town's streets under the maps, or show which are there.

    Files: .osm.pbf, .osm, .gpkg, .geojson, .shp or .parquet (GeoParquet). FILE::LAYER names a layer. Only names and
    shapes of public streets, parks, water and neighbourhoods are read.
    """
    from peelian.operations.ground import bring_ground, ground_of

    kinds = (("", file), ("parks", parks), ("water", water), ("areas", areas))
    files = [(kind, path) for kind, paths in kinds for path in paths or ()]
    origin = {"source": source, "licence": licence, "attribution": attribution}
    with opened(office) as town, progress_bar(quiet=as_json) as progress:
        left_out = 0
        if files:
            found, left_out = bring_ground(town, town.operator(as_), files, origin, progress)
        known = found if files else ground_of(town)
    if known is None:
        tell({}, [say("No streets under the maps.")], as_json=as_json)
        return
    counted = {**known.counts, "left_out": left_out}
    lines = [say("Streets %(streets)d, parks %(parks)d, water %(water)d, areas %(areas)d (pieces)", **known.counts)]
    lines += [say("Left out: %(n)d pieces, unnamed or not public.", n=left_out)] if left_out else []
    lines += [f"{known.source} · {known.licence} · {known.attribution}", known.address]
    told = {"address": known.address, "bounds": known.bounds, "at": known.at, **counted}
    tell(
        {**told, "source": known.source, "licence": known.licence, "attribution": known.attribution},
        lines,
        as_json=as_json,
    )
