"""What streets under the maps cost: reading and drawing Toronto's shipped streets, and naming cells by them."""

from __future__ import annotations

import resource
import tempfile
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import shapely

from figures import Figure, at_most, finish, flags, plain, show
from peelian.demos.streets import STREETS
from peelian.intake.allowance import Allowance
from peelian.intake.ground_file import PATHS
from peelian.measure.nearby import near, streets_of
from peelian.measure.projection import Projection
from peelian.operations.ground_process import NAMES, TILES, baked

HERE = Projection(centre_lon=-79.38, centre_lat=43.7)


def drawn(folder: Path) -> list[Figure]:
    """The process as `peelian data ground` starts it: CPU of it alone, with its start."""
    toronto = Path(str(files("peelian.technologies.mapping") / "examples" / "toronto"))
    order = {"files": [("", str(toronto / name)) for name in STREETS], "folder": str(folder), "attribution": "-"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = baked({**order, "centres": []}, Allowance(), lambda says, share: None)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [
        plain("streets drawn", told["counts"]["streets"], "pieces"),
        at_most("reading and drawing them", seconds, "CPU s", 10),
        plain("most memory of the process", after.ru_maxrss / 1024, "MiB"),
        plain("tiles", (folder / TILES).stat().st_size / 1e6, "MB"),
        plain("names", (folder / NAMES).stat().st_size / 1e6, "MB"),
    ]


def named(file: Path, counts: list[int]) -> list[Figure]:
    """Streets made ready once, then names of cells of 250 m all over the town."""
    began = time.process_time()
    read = pq.read_table(file)
    name, kind, wkb = (read[one].to_numpy() for one in ("name", "kind", "shape"))
    lines = shapely.transform(shapely.from_wkb(wkb), lambda at: np.column_stack(HERE.to_metres(at[:, 0], at[:, 1])))
    streets = streets_of(name, lines, np.isin(kind.astype(str), sorted(PATHS)))
    made = [at_most("streets made ready", time.process_time() - began, "CPU s", 2)]
    middles = shapely.get_coordinates(lines)  # where streets are: nothing of the lake
    for n in counts:
        east, north = np.random.default_rng(23).permutation(np.resize(middles, (n, 2))).T + 60.0
        began = time.process_time()
        found = near(streets, east, north, 250.0)
        made.append(at_most(f"names of {n:,} cells", time.process_time() - began, "CPU s", 5 * n / 1e5))
        made.append(plain(f"of {n:,} with a name", sum(map(bool, found)) / n, "share"))
    return made


def main() -> None:
    given = flags(__doc__ or "").parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = [show(figure) for figure in drawn(Path(folder))]
        figures += [show(figure) for figure in named(Path(folder) / NAMES, [10_000, 100_000])]
    finish(figures, given.json)


if __name__ == "__main__":
    main()
