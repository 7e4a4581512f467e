"""Command on the ground under the maps: streets, parks, water and neighbourhoods of the town."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened, progress_bar
from peelian.cli.words import say
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended


@command(
    "data ground",
    Enters.FILE,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="reads files of gigabytes of the machine",
)
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
) -> Printed:
    """Put the town's streets under the maps, or show which are there.

    Files: .osm.pbf, .osm, .gpkg, .geojson, .shp or .parquet (GeoParquet). FILE::LAYER names a layer. Only names and
    shapes of public streets, parks, water and neighbourhoods are read.
    """
    from peelian.operations.ground import ORIGIN, bring_ground, ground_of

    kinds = (("", file), ("parks", parks), ("water", water), ("areas", areas))
    files = [(kind, path) for kind, paths in kinds for path in paths or ()]
    origin, left_out = dict(zip(ORIGIN, (source, licence, attribution), strict=True)), 0
    with opened(office) as town, progress_bar(quiet=not files) as progress:
        if files:
            _, left_out = bring_ground(town, town.operator(as_), files, origin, progress)
        known = ground_of(town)
    if known is None:
        return {}, [say("No streets under the maps.")]
    lines = [say("Streets %(streets)d, parks %(parks)d, water %(water)d, areas %(areas)d (pieces)", **known.counts)]
    lines += [say("Left out: %(n)d pieces, unnamed or not public.", n=left_out)] if left_out else []
    said = {what: getattr(known, what) for what in ORIGIN}
    told = {"address": known.address, "bounds": known.bounds, "at": known.at, "left_out": left_out, **known.counts}
    return {**told, **said}, [*lines, " · ".join(said.values()), known.address]
