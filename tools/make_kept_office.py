"""Make the kept office of commit f72ad466: what an office of then holds, for today's code to open.

It runs on that commit alone, not on today's (its register knows sensors by typed names and areas without outlines):

    git worktree add /tmp/then f72ad466
    PYTHONPATH=/tmp/then/src:/tmp/then/tests/support .venv/bin/python tools/make_kept_office.py OFFICE.tar.xz

The archive is `tests/data/kept/office-f72ad466.tar.xz`. Keys are drawn anew each time, so it is made once and kept.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import tarfile
import tempfile
from datetime import date
from pathlib import Path

import own_keys  # of that commit's tests/support, as the rest
from desk import Desk, Hands, declared
from labels import adopt, register_in_area
from sensing import a_sensor

from peelian.kernel import verbs
from peelian.kernel.disclosure.label_checks import propose_vocabulary
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import Role
from peelian.kernel.model.labels import LabelKind
from peelian.operations.office import new_office
from peelian.operations.vocabularies import read_vocabulary

TYPED = ("square-1", "jane-doe-12-main-street", "feeder-1")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "office"
        own_keys.give_passphrases()
        clock = Hands()
        with new_office(path, name="Kept town", clock=clock) as office:
            people = {"custodian": office.enrol("custodian", name="Custodian", unit="city-it", roles={Role.CUSTODIAN})}
            for role in Role:
                short = str(role).replace("_", "-")
                if short not in people:
                    by, second = people["custodian"], people.get("board")
                    unit = f"unit-{short}"
                    people[short] = office.enrol(short, name=short, unit=unit, roles={role}, by=by, second=second)
            fill(Desk(office=office, clock=clock, people=people), Path(folder))
        pack(path, Path(sys.argv[1]))


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
    permit = town.ask(capability)
    asker = town.people[town.asker(capability)]
    evidence, _ = verbs.run(kernel, asker, permit)
    decider = town.decider(capability, asker.person.unit)
    words = {
        "reasons": "Residents asked for the counts of a year.",
        "other_evidence": "the yearly report of the police",
    }
    decision = verbs.decide(kernel, decider, evidence, choice=capability.asks.choices[0], **words)
    verbs.publish(kernel, town.people["clerk"], decision, statement="Counted.")


def pack(path: Path, archive: Path) -> None:
    """The folder as tar.xz in the order of its names, with no names or times of whoever packed it."""
    for database in path.glob("*.db"):
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for left in [*path.rglob("*-wal"), *path.rglob("*-shm"), *path.rglob("*.sock")]:
        left.unlink()
    shutil.rmtree(path / "run", ignore_errors=True)

    def plain(one: tarfile.TarInfo) -> tarfile.TarInfo:
        one.uid = one.gid = one.mtime = 0
        one.uname = one.gname = ""
        return one

    with tarfile.open(archive, "w:xz", preset=9) as tar:
        for file in sorted(path.rglob("*")):
            tar.add(file, Path("office") / file.relative_to(path), recursive=False, filter=plain)


if __name__ == "__main__":
    main()
