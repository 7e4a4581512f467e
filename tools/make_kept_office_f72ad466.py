"""Make the kept offices of commit f72ad466: what offices of then hold, for today's code to upgrade and open.

It runs on that commit alone, not on today's (its register knows sensors by typed names and areas without outlines):

    git worktree add /tmp/then f72ad466
    PYTHONPATH=/tmp/then/src:/tmp/then/tests/support:tools .venv/bin/python tools/make_kept_office_f72ad466.py FOLDER

It writes `office-f72ad466.tar.xz` (SQLite) and `office-f72ad466-postgresql.tar.xz` (the folder, and a dump of each
database) as `tests/data/kept` has them. Keys are drawn anew each time, so it is run once and its files are kept.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import date
from pathlib import Path

import own_keys  # of that commit's tests/support, as the rest
from desk import Desk, Hands, declared
from labels import adopt, register_in_area
from make_kept_office import a_case_of_each_technology, dumped, on_two_databases, pack, peopled, to_the_end
from postgres import postgresql
from sensing import a_sensor

from peelian.kernel.disclosure.label_checks import propose_vocabulary
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.labels import LabelKind
from peelian.operations.office import new_office
from peelian.operations.vocabularies import read_vocabulary

TYPED = ("square-1", "jane-doe-12-main-street", "feeder-1")


def main() -> None:
    own_keys.give_passphrases()
    to = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        for name, given in (("", {}), ("-postgresql", on_two_databases(server))):
            path, clock = Path(folder) / f"then{name}" / "office", Hands()
            path.parent.mkdir()
            with new_office(path, name="Kept town", clock=clock, **given) as office:
                town = Desk(office=office, clock=clock, people=peopled(office))
                fill(town, path.parent)
                if not given:
                    a_case_of_each_technology(town)
            dumps = dumped(server, given, path.parent) if given else ()
            pack(path, to / f"office-f72ad466{name}.tar.xz", *dumps)


def fill(town: Desk, folder: Path) -> None:
    """Areas by name alone and with an outline's digest, typed sensors, bare energy, a released day, a case."""
    kernel, custodian, board = town.kernel, town.people["custodian"], town.people["board"]
    adopt(kernel, custodian, board, LabelKind.AREA, ["Centre"], homes=200)
    for id in TYPED[:2]:
        register_in_area(kernel, town.people, a_sensor(id=id, ends="2028-12-31"))
    feeder = a_sensor(id=TYPED[2], kind="energy_area", homes=200, largest_share=0.05, format="", ends="2028-12-31")
    register_in_area(kernel, town.people, feeder)
    energy = folder / "energy.csv"
    rows = "".join(f"2026-02-{d:02d} {h:02d}:00,90\n" for d in range(1, 4) for h in range(24))
    energy.write_text("time,value\n" + rows, encoding="utf-8")
    options = {"measure": "energy", "homes": "200", "largest_share": "0.05", "area": "Centre"}
    town.office.admit(custodian, energy, declared("audit", "oversight"), format="sensor-counts", options=options)
    counted = folder / "counted.csv"
    counted.write_text("time,value\n" + rows, encoding="utf-8")
    more = {"measure": "people", "area": TYPED[1]}
    town.office.admit(custodian, counted, declared("audit", "oversight"), format="sensor-counts", options=more)
    day = date(2026, 3, 1)
    town.office.release_counts(town.people["clerk"], TYPED[0], day, [20] * 96)
    north = folder / "areas.geojson"
    west, south = -79.4, 43.6
    square = [[[west, south], [west + 0.02, south], [west + 0.02, south + 0.02], [west, south + 0.02], [west, south]]]
    feature = {
        "type": "Feature", "properties": {"name": "Riverdale", "population": 4000},
        "geometry": {"type": "Polygon", "coordinates": square},
    }  # fmt: skip
    north.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    read = read_vocabulary(
        north, LabelKind.AREA, "a census", kernel.technologies, format="areas", options={}, apart=False
    )
    proposal = propose_vocabulary(kernel, custodian, read, words="the areas of the census")
    step_up.prove(kernel, board)
    dual_control.approve(kernel, board, proposal)
    town.office.admit(custodian, north, declared("audit", "oversight", "advice", "proof"), format="areas")
    capability = kernel.capability("mapping.counts")
    town.authorizations(capability)
    to_the_end(town, capability)


if __name__ == "__main__":
    main()
