"""Make a kept office: what an office of this program holds, for later ones to upgrade, open, use and rebuild.

    PYTHONPATH=tests/support:tools .venv/bin/python tools/make_kept_office.py FOLDER

It writes `office-format-N.tar.xz` (SQLite) and `office-format-N-postgresql.tar.xz` (the folder, and a dump of each
database). Both go to `tests/data/kept` when a format changes, before the change. Keys are drawn anew each time, so it
is run once a format and its files are kept. `tools/make_kept_office_f72ad466.py` made those from before the number.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import own_keys
from desk import Desk, Hands
from postgres import USER, Server, postgresql

from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.kernel.model.capability import Capability, Role
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office, new_office

USES = (
    "crowd.counter_trial", "faces.published", "footage.activation", "mapping.vendor",
    "risk.overrides", "sensors.report",
)  # fmt: skip
"""A capability of each technology whose example is small; where a technology has trials, one that is adopted."""
WORDS = {
    "reasons": "Residents asked for the counts of a year.",
    "other_evidence": "document: the yearly report of the police",
}


def main() -> None:
    from peelian.storage.office_format import FORMAT

    own_keys.give_passphrases()
    to = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        for name, given in (("", {}), ("-postgresql", on_two_databases(server))):
            path, clock = Path(folder) / f"now{name}" / "office", Hands()
            path.parent.mkdir()
            with new_office(path, name="Kept town", clock=clock, **given) as office:
                a_case_of_each_technology(Desk(office=office, clock=clock, people=peopled(office)))
            dumps = dumped(server, given, path.parent) if given else ()
            pack(path, to / f"office-format-{FORMAT}{name}.tar.xz", *dumps)


def peopled(office: Office) -> dict[str, Operator]:
    """One person in each role, each of a unit of their own."""
    people = {"custodian": office.enrol("custodian", name="Custodian", unit="city-it", roles={Role.CUSTODIAN})}
    for role in Role:
        short = str(role).replace("_", "-")
        if short not in people:
            by, second = people["custodian"], people.get("board")
            people[short] = office.enrol(short, name=short, unit=f"unit-{short}", roles={role}, by=by, second=second)
    return people


def a_case_of_each_technology(town: Desk) -> None:
    """For each of `USES` a case from the request to the publication, then one with an open permit."""
    for id in USES:
        capability = town.kernel.capability(id)
        town.authorizations(capability)
        to_the_end(town, capability, again=True)


def to_the_end(town: Desk, capability: Capability, *, again: bool = False) -> None:
    """Ask, run, decide by the first choice (adopt or accept) and publish; `again`: ask once more for the same."""
    asker, example = town.people[town.asker(capability)], capability.arithmetic().example()
    shapes = {read.role: read.shape for read in capability.reads}
    data = {
        role: town.admit(dataset, capability.asks.purposes, shapes[role]).dataset
        for role, dataset in example.datasets.items()
    }
    what = {"purpose": sorted(capability.asks.purposes)[0], "params": example.params, "datasets": data}
    permit = verbs.ask(town.kernel, asker, capability.id, **what)
    if again:
        verbs.ask(town.kernel, asker, capability.id, **what)
    evidence, _ = verbs.run(town.kernel, asker, permit)
    decider = town.decider(capability, asker.person.unit)
    looked(town.kernel, decider, evidence.case, whole=True)
    decision = verbs.decide(town.kernel, decider, evidence, choice=capability.asks.choices[0], **WORDS)
    verbs.publish(town.kernel, town.people["clerk"], decision, statement="Counted.")


def on_two_databases(server: Server) -> dict[str, str]:
    """Two new databases of a server, as `new_office` is told of them."""
    server.sql("CREATE DATABASE kept_data", "CREATE DATABASE kept_keys")
    host = quote(str(server.folder), safe="")
    places = {"database": "kept_data", "keys_database": "kept_keys"}
    return {what: f"postgresql://{USER}@/{name}?host={host}" for what, name in places.items()}


def dumped(server: Server, given: Mapping[str, str], to: Path) -> Sequence[Path]:
    """Both databases as text that psql carries out."""
    made = []
    for what, address in given.items():
        written = server.folder / f"{what}.sql"  # by the server's own user
        server._run("pg_dump", "--no-owner", "--no-privileges", f"--file={written}", f"--dbname={address}")
        made.append(Path(shutil.copy(written, to)))
    return made


def pack(path: Path, archive: Path, *dumps: Path) -> None:
    """The folder as tar.xz in the order of its names, with no names or times of whoever packed it."""
    for database in path.rglob("*.db"):
        if database.read_bytes().startswith(b"SQLite format 3"):
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for left in [*path.rglob("*-wal"), *path.rglob("*-shm"), *path.rglob("*.sock")]:
        left.unlink(missing_ok=True)
    shutil.rmtree(path / "run", ignore_errors=True)

    def plain(one: tarfile.TarInfo) -> tarfile.TarInfo:
        one.uid = one.gid = one.mtime = 0
        one.uname = one.gname = ""
        return one

    with tarfile.open(archive, "w:xz", preset=9) as tar:
        for file in [*sorted(path.rglob("*")), *dumps]:
            tar.add(file, file.relative_to(path.parent), recursive=False, filter=plain)


if __name__ == "__main__":
    main()
