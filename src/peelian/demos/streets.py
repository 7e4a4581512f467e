"""Toronto's streets under the maps of the demonstrations, brought as a town would bring its own."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from peelian.errors import sentence
from peelian.kernel.model.people import Operator
from peelian.operations.ground import bring_ground
from peelian.operations.office import Office

STREETS = ("streets_osm.parquet", "cycling_network.parquet")
ORIGIN = {
    "source": "OpenStreetMap; City of Toronto",
    "licence": "ODbL 1.0; Open Government Licence - Toronto",
    "attribution": "© OpenStreetMap contributors; contains information licensed under the Open Government Licence "
    "– Toronto",
}


def bring_streets(
    office: Office, by: Operator, say: Callable[[str], None], progress: Callable[[str, float], None]
) -> None:
    """Put them under the maps; nothing without the extra `geo`."""
    if find_spec("pyogrio") is None:
        return
    with resources.as_file(resources.files("peelian.technologies.mapping") / "examples" / "toronto") as here:
        files = [("", Path(here) / name) for name in STREETS]
        files.append(("areas", Path(here) / "neighbourhoods_140.geojson"))
        ground, _ = bring_ground(office, by, files, ORIGIN, progress)
    says = "   %(streets)d pieces of streets and %(areas)d neighbourhoods put under the maps."
    say(sentence(says, **ground.counts))
