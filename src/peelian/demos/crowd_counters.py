"""The second half of the crowd's demonstration: counters of Auckland learn four months, and New Year's Eve comes."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import Any, Protocol

from peelian.demos.decisions import read_and_decide
from peelian.errors import sentence
from peelian.kernel import verbs
from peelian.kernel.alarms import watch
from peelian.kernel.model.alarms import CITY, GATHERS
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.documents import Declaration, StandingPermit
from peelian.kernel.model.people import Operator
from peelian.kernel.model.watch import Reading
from peelian.kernel.verbs.authorizations import issue

CRITERIA = {"max_false_per_sensor_day": 0.08, "min_recall": 0.7}
FILE, LOCATIONS = "auckland_2023_09_2024_01.csv.gz", "auckland_locations.csv"
FIRST, LAST = datetime(2023, 9, 1, 6, tzinfo=UTC), datetime(2024, 1, 1, 6, tzinfo=UTC)
EVE = datetime(2023, 12, 31, 18, tzinfo=UTC)


class Drill(Protocol):
    """What the replay needs of the drill around it."""

    office: Any
    clock: Any
    say: Any
    progress: Any


class Forgetful:
    """Checkpoints of a replay that is never taken up again."""

    def load(self, case: str) -> Mapping[str, str]:
        return {}

    def save(self, case: str, changed: Mapping[str, str]) -> None:
        """Nothing is kept."""


def prove(drill: Drill, people: Mapping[str, Operator]) -> dict[str, Any]:
    """The trial of the counter detector on the real record; the board adopts it where the bars were met."""
    kernel, proof = drill.office.kernel, (Purpose.PROOF,)
    criteria, trial = AuthorizationKind.ACCEPTANCE_CRITERIA, kernel.capability("crowd.counter_trial")
    issue(kernel, people["board"], criteria, serves=trial.id, purposes=proof, days=90, body=CRITERIA)
    declaration = Declaration(
        title="People per hour at 21 counters of Auckland",
        purposes=proof,
        legal_basis="published under CC BY 4.0",
        minimisation="hourly counts only",
        retention_days=365,
        source="Heart of the City Auckland",
    )
    with resources.as_file(file()) as path:
        data = drill.office.admit(
            people["analyst"], path, declaration, format="auckland-counts", progress=drill.progress
        )
    permit = verbs.ask(
        kernel,
        people["analyst"],
        trial.id,
        purpose=Purpose.PROOF,
        params=trial.asks.params(),
        datasets={"counts": data.dataset},
    )
    evidence, found = verbs.run(kernel, people["analyst"], permit, progress=drill.progress)
    for note in found.notes[:4]:
        drill.say(sentence("   %(kind)s: %(text)s", kind=sentence(note.kind), text=sentence(note.text, **note.values)))
    met = bool(found.facts["criteria_met"])
    read_and_decide(
        kernel,
        people["board"],
        evidence,
        choice="adopt" if met else "reject",
        reasons="The trial was held against bars fixed beforehand.",
        also={"public_reason": "The trial was held against bars fixed beforehand."},
        other_evidence="document: the calendar of public feasts of these months.",
    )
    return {"criteria_met": met}


def positions() -> dict[str, tuple[float, float]]:
    """Where each counter stands: degrees of longitude and latitude (WGS 84)."""
    told = resources.files("peelian.technologies.crowd") / "examples" / LOCATIONS
    with told.open(encoding="utf-8") as text:
        return {row["Address"]: (float(row["Longitude"]), float(row["Latitude"])) for row in csv.DictReader(text)}


def places() -> list[str]:
    """What the file calls each counter: a stretch of road."""
    return list(_counters())


def days(name: str, most: int) -> list[tuple[date, list[int]]]:
    """The last whole days of one counter, with their 24 counts. O(rows)."""
    id, found = _counters()[name], dict[date, list[int]]()
    for time, readings in hours():
        counted = [int(reading.values["count"]) for reading in readings if reading.sensor == id]
        found.setdefault(time.date(), []).extend(counted)
    return [(day, counts) for day, counts in found.items() if len(counts) == 24][-most:]


def sensors() -> dict[str, str]:
    """Each counter with its zone: one of its own."""
    return {name: name for name in _counters().values()}


def replay(drill: Drill, permit: StandingPermit, works: Any) -> dict[str, Any]:
    """Four months of hours through the watch, in this process; `works` is the operator, asked after every hour."""
    kernel = drill.office.kernel
    standing = watch.begin(kernel, permit, Forgetful())
    weeks = -(-(drill.clock.now - FIRST) // timedelta(weeks=1))
    shift, raised, city = timedelta(weeks=weeks), 0, 0
    for hour, readings in hours():
        drill.clock.reach(hour + shift + timedelta(hours=1))
        moved = [Reading(sensor=r.sensor, time=r.time + shift, what=r.what, values=r.values) for r in readings]
        for move in watch.feed(kernel, standing, moved):
            raised += move.step in ("raised", "reopened") and move.zone != CITY
            if move.step in ("raised", "reopened") and move.zone == CITY:
                city += 1
                counters = {"n": move.facts["zones"], "all": move.facts["zones_watched"]}
                says = "   %(at)s: one multi-zone incident, %(n)d of %(all)d counters"
                drill.say(sentence(says, at=f"{hour:%Y-%m-%d %H:%M}", **counters))
        drill.clock.reach(drill.clock.now + GATHERS)
        watch.tick(kernel)  # what gathered and is no incident calls now
        works(hour >= EVE)
        drill.progress("Replaying four months", (hour - FIRST) / (LAST - FIRST))
    return {"hours": standing.tally["taken"], "raised": raised, "incidents": city}


def hours() -> Iterator[tuple[datetime, list[Reading]]]:
    """Each hour with the counts of all counters, from September to the morning of the new year. O(rows)."""
    names = _counters()
    with file().open("rb") as raw, gzip.open(raw, "rt", encoding="utf-8") as text:
        for row in csv.DictReader(text):
            clock = int(row["hour"].partition(":")[0])
            # A day of this file runs from six to six: the small hours belong to the next morning.
            day = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
            time = day + timedelta(days=clock < 6, hours=clock)
            if not FIRST <= time < LAST:
                continue
            told = [
                Reading(sensor=id, time=time, what="people", values={"count": float(row[name])})
                for name, id in names.items()
                if (row[name] or "").strip().replace(".", "", 1).isdigit()
            ]
            yield time, told


def file() -> Any:
    """The shipped record of the counters."""
    return resources.files("peelian.technologies.crowd") / "examples" / FILE


def _counters() -> dict[str, str]:
    with file().open("rb") as raw, gzip.open(raw, "rt", encoding="utf-8") as text:
        header = next(csv.reader(text))
    names = [name for name in header if name.lower() not in ("date", "hour", "year")]
    return {name: "c-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:37] for name in names}
