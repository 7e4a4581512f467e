"""What it costs that reads of the office's own pages leave their entries: time of a page, and growth of the log.

One office on SQLite with forty people, asked in this process by turns: as if no read were logged, as a page that is
read for the first time, and as one that is read again, by the processor's time. Bars: the first read costs 15 ms at
most, another one 5 ms; a day on which twenty people each open forty pages adds less than 1 MB to the database. And how
many entries one case leaves on the eight steps of the demonstration's bar, from request to publication: at most two
reads a step.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from unittest.mock import patch

from figures import Figure, at_most, finish, flags, plain, show
from peelian.kernel import verbs
from peelian.kernel.access import staff_reads
from peelian.kernel.model.capability import Role
from peelian.operations.office import Office, new_office
from peelian.web import auth_middleware
from peelian.web.app import make_app

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from authentication import logged_on
from desk import desk
from own_keys import give_passphrases
from toy import COUNT, TOY

PAGES = ("/en/tasks/people-list", "/en/incidents", "/en/accesses", "/en/cases")
STAFF, OPENED = 20, 40


def main() -> None:
    """Measure, print, and fail where a bar is missed."""
    given = flags(__doc__ or "").parse_args()
    give_passphrases()
    with tempfile.TemporaryDirectory() as folder, new_office(Path(folder) / "office", name="Town") as office:
        custodian = office.enrol("custodian", name="C", unit="city IT", roles={Role.CUSTODIAN})
        office.enrol("officer", name="P", unit="privacy", roles={Role.PRIVACY_OFFICER}, by=custodian)
        for n in range(38):
            office.enrol(f"clerk-{n}", name=f"Clerk {n}", unit="records", roles={Role.CLERK}, by=custodian)
        finish([show(figure) for figure in measured(office, rounds=10 if given.quick else 60)], given.json)


def measured(office: Office, *, rounds: int) -> list[Figure]:
    """The figures of one office."""
    client = logged_on(make_app(office), office, "officer")
    ways = {"not logged": _silent, "read for the first time": _anew, "read again": lambda ask: ask()}
    figures = []
    for page in PAGES:
        took: dict[str, list[float]] = {way: [] for way in ways}
        client.get(page)
        for _ in range(rounds):
            for way, asked in ways.items():  # by turns
                begun = time.process_time()
                asked(lambda page=page: client.get(page).raise_for_status())
                took[way].append(1000 * (time.process_time() - begun))
        of = {way: median(times) for way, times in took.items()}
        figures += [plain(f"{page}, {way}: median", value, "ms") for way, value in of.items()]
        bars = {"read for the first time": 15, "read again": 5}
        figures += [at_most(f"{page}, {way}: more than not logged", of[way] - of["not logged"], "ms", bar)
                    for way, bar in bars.items()]  # fmt: skip
    return [*figures, _growth(office), *_of_a_case()]


def _silent(ask: Callable[[], object]) -> None:
    with patch.object(auth_middleware, "read_by", lambda *given, **more: None):
        ask()


def _anew(ask: Callable[[], object]) -> None:
    with patch.object(staff_reads, "AGAIN", timedelta(0)):
        ask()


def _growth(office: Office) -> Figure:
    """Bytes that a day adds: what 400 more entries add, times two."""
    database, by = office.path / "state" / "state.db", office.operator("officer")
    before = _settled(office, database)
    for n in range(STAFF * OPENED // 2):
        staff_reads.staff_read(office.kernel, by, "case", of=f"c-{n:010x}")
    grown = (_settled(office, database) - before) * 2
    return at_most(f"a day of {STAFF} people who open {OPENED} pages each", grown / 1e6, "MB", 1)


STEPS = ("analyst", "analyst", "analyst", "board", "analyst", "analyst", "commander", "clerk")
"""Who does each step of the demonstration's story (`demos.tour.steps`)."""


def _of_a_case() -> list[Figure]:
    """What is logged when each step begins at the list of cases and is done at the case, a quarter of an hour apart."""
    town = desk((TOY,))
    town.authorizations(COUNT)
    app, log, permit = make_app(town.office), town.kernel.stores.log, town.ask(COUNT)
    verbs.run(town.kernel, town.people[town.asker(COUNT)], permit)
    for who in STEPS:
        town.clock.days(1 / 96)
        client = logged_on(app, town.office, who)
        for page in ("/en/cases", f"/en/cases/{permit.case}", f"/en/cases/{permit.case}"):
            client.get(page).raise_for_status()
    reads = len(list(log.read(kinds=("STAFF_READ",))))
    own = len(town.kernel.state.histories[permit.case].entries)
    return [at_most("reads logged on the eight steps of a case", reads, "entries", 2 * len(STEPS)),
            plain("entries of a case that was asked and run", own, "entries")]  # fmt: skip


def _settled(office: Office, database: Path) -> int:
    import sqlite3

    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database.stat().st_size


if __name__ == "__main__":
    main()
