"""How much the public exposure of a forecast tells a stranger who knows the town and some candidate cells.

They draw sets of as many cells as were selected, keep those that give the published figures, and count how often each
candidate is among them. Toronto's areas and census; the level of each area and the selected cells are made up.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import scipy
import shapely
from numpy.typing import NDArray

from figures import Figure, at_most, finish, flags, plain, show
from peelian.kernel.model.capability import Findings
from peelian.measure.grid import offset_grids
from peelian.measure.projection import Projection
from peelian.measure.table import Table
from peelian.technologies.mapping.areas import Areas, boundary_of, overlap_km2
from peelian.technologies.mapping.exposure import covered_share, exposure_table
from peelian.technologies.mapping.public_exposure import SHOWN, exposure_for_the_public

TORONTO = files("peelian.technologies.mapping") / "examples" / "toronto"
SEED, MANY = 7, 1_000  # of the intervals; cells enough for any rule
CASES = ((20, 60), (20, 120), (50, 150))  # selected cells, and candidates the stranger knows of
FEWEST_FITS = 20  # of fewer, the largest share is large by chance
FEWER = (10, 40)  # what would be told of fewer cells than are public


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A town whose cells, areas and residents by group are known to everybody."""

    areas: Areas
    overlap: scipy.sparse.csr_array
    cells: int


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    town, draws = toronto(), 300 if asked.quick else 6_000
    figures = [one for case in CASES for one in attacked(town, *case, draws)]
    figures += attacked(town, *FEWER, draws, bar=None)
    finish(figures, asked.json)


def attacked(town: Ground, selected: int, known: int, draws: int, bar: float | None = 0.9) -> list[Figure]:
    """How many drawn sets fit what is public, and how often the likeliest cell is in them. O(draws × a table)."""
    rng = np.random.default_rng([selected, known])
    candidates = rng.choice(town.cells, known, replace=False)
    shown = public(town, rng.choice(candidates, selected, replace=False))
    fits = []
    for _ in range(draws):
        cells = rng.choice(candidates, selected, replace=False)
        if public(town, cells) == shown:
            fits.append(np.isin(candidates, cells))
    name = f"{selected} of {known} candidates selected: "
    held = float(np.mean(fits, axis=0).max()) if fits else float("nan")
    told = name + f"share of the likeliest cell ({selected / known:.2f} by chance)"
    judged = bar is not None and len(fits) >= FEWEST_FITS
    worst = at_most(told, held, "of fitting sets", bar or 0.0) if judged else plain(told, held, "of fitting sets")
    return [show(plain(name + f"of {draws:,} drawn sets fit", len(fits), "sets")), show(worst)]


def public(town: Ground, cells: NDArray[Any]) -> bytes:
    """What the public see of these cells, as bytes."""
    named = np.zeros(town.cells)
    named[cells] = 1.0
    exact = exposure_table(covered_share(named, town.overlap), town.areas, SEED)
    ((made,), _) = exposure_for_the_public(Findings(tables=(exact,), notes=(), facts={}), MANY)
    return _bytes(made)


def _bytes(made: Table) -> bytes:
    return b"".join(np.asarray(made[name], dtype=np.float64).tobytes() for name in SHOWN if name != "group")


def toronto() -> Ground:
    """Neighbourhoods and the census of 2016, cells of 250 m."""
    found = json.loads((TORONTO / "neighbourhoods_140.geojson").read_text("utf-8"))["features"]
    rows = csv.DictReader((TORONTO / "neighbourhood_indicators_2016.csv").read_text("utf-8").splitlines())
    by_id = {int(row["hood_id"]): row for row in rows}
    known = [by_id[int(one["properties"]["hood_id"])] for one in found]
    here = Projection(centre_lon=-79.38, centre_lat=43.7)
    shapes = np.array([shapely.from_geojson(json.dumps(one["geometry"])) for one in found], dtype=object)
    flat = shapely.transform(shapes, lambda points: np.stack(here.to_metres(points[:, 0], points[:, 1]), axis=1))

    def column(name: str) -> NDArray[np.float64]:
        return np.array([float(row[name]) for row in known])

    residents = column("population_2016")
    members = {
        "low_income": np.round(residents * column("lim_at_prevalence_pct") / 100),
        "visible_minority": column("visible_minority"),
        "indigenous_identity": column("aboriginal_identity"),
    }
    names = tuple(str(one["properties"]["neighbourhood"]) for one in found)
    areas = Areas(names=names, outlines=shapely.make_valid(flat), residents=residents, members=members)
    grid = offset_grids(boundary_of(areas), 250.0, 1)[0]
    return Ground(areas=areas, overlap=overlap_km2(areas, grid), cells=len(grid))


if __name__ == "__main__":
    main()
