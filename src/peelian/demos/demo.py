"""The demonstrations: one town with every technology at work on real data, or one technology of it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from peelian.demos import audits, crowd, footage, mapping, sensors
from peelian.demos.drill import play, rehearse
from peelian.demos.rewrite import shown
from peelian.demos.witness import Board, choose, witness_of
from peelian.errors import InputError, IntegrityError, sentence
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.state import demonstration
from peelian.operations.office import Office, new_office
from peelian.operations.watch_service import Replay, replay_of
from peelian.oversight.compliance.standing import BUILT, FAIL, HUMAN, PASS, standings, tally
from peelian.oversight.transparency.contact import Contact, state_contact
from peelian.web.cases.case import write_pages
from peelian.web.oversight.compliance_report import write_compliance

Say = Callable[[str], None]
Progress = Callable[[str, float], None]
Walk = Callable[[Office, Mapping[str, Operator], Say, Progress], dict[str, Any]]
DIGEST = "THIS-IS-A-DEMONSTRATION"
AGE = timedelta(days=10)  # of the town by its clock, so that weeks have passed and reviews are due


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """What one technology shows: in one line, as a part of the town so many days ago, and alone."""

    shows: str
    days_ago: float
    walk: Walk
    alone: Walk | None = None  # where it shows more by itself
    lasts: timedelta = AGE  # so long ago an office begins that shows it alone


DEMONSTRATIONS: Mapping[str, Demonstration] = {
    "footage": Demonstration(
        shows="Life of a recording: stored, redacted, delivered, held; one in review.",
        days_ago=9,
        walk=footage.walk,
    ),
    "risk": Demonstration(
        shows="Audit of a risk instrument (COMPAS, from published counts).", days_ago=8, walk=audits.risk
    ),
    "faces": Demonstration(
        shows="Audit of a face matcher, and NIST figures for 240 matchers.", days_ago=7.8, walk=audits.faces
    ),
    "vendor": Demonstration(
        shows="Audit of a vendor's predictions in three cities (the product PredPol).", days_ago=7.5, walk=audits.vendor
    ),
    "sensors": Demonstration(
        shows="Counters in public space: register, report, noisy release (Auckland).", days_ago=6, walk=sensors.walk
    ),
    "mapping": Demonstration(
        shows="Burglary forecast, from first refusal to publication (Toronto).", days_ago=4, walk=mapping.walk
    ),
    "crowd": Demonstration(
        shows="A noise watch, its alarms; alone: a day, and four months of counters.",
        days_ago=0.5,
        walk=crowd.tonight,
        alone=crowd.walk,
        lasts=crowd.LASTS,
    ),
}
"""In the order in which the town lives through them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who plays which part in a demonstration."""

    name: str
    unit: str
    roles: frozenset[Role]


SEATS: Mapping[str, Seat] = {
    "custodian": Seat(name="Demonstration custodian", unit="city IT", roles=frozenset({Role.CUSTODIAN})),
    "analyst": Seat(name="Demonstration analyst", unit="crime analysis", roles=frozenset({Role.ANALYST})),
    "commander": Seat(name="Demonstration commander", unit="operations", roles=frozenset({Role.COMMANDER})),
    "council": Seat(name="Demonstration council clerk", unit="council", roles=frozenset({Role.COUNCIL})),
    "privacy": Seat(name="Demonstration privacy officer", unit="privacy", roles=frozenset({Role.PRIVACY_OFFICER})),
    "board": Seat(name="Demonstration board member", unit="oversight board", roles=frozenset({Role.BOARD})),
    "auditor": Seat(name="Demonstration auditor", unit="city auditor", roles=frozenset({Role.AUDITOR})),
    "clerk": Seat(name="Demonstration records clerk", unit="records", roles=frozenset({Role.CLERK})),
    "kay": Seat(name="Demonstration dispatcher Kay", unit="control room", roles=frozenset({Role.DISPATCHER})),
    "lee": Seat(name="Demonstration dispatcher Lee", unit="control room", roles=frozenset({Role.DISPATCHER})),
}

CONTACT = Contact(postal="Records desk, 1 Example Street, Demonstration town", email="records@demonstration.example")


def demonstrate(out: Path, *, only: Sequence[str] = (), say: Say, progress: Progress) -> tuple[Office, dict[str, Any]]:
    """Build the town in a fresh office at `out`, or of it what `only` names; the open office, and what happened.

    The office is marked in the first entry of its log. It lives by a `Replay` that begins days ago and ends now. A
    folder that holds an earlier demonstration is replaced; any other folder that is not empty is refused. A witness of
    the log runs as long as the office is open. Its folder is beside the office's: `out` with "-witness" at its end.
    """
    started, now = time.monotonic(), datetime.now(UTC)
    beside = out.resolve().with_name(f"{out.resolve().name}-witness")
    for folder in [folder for folder in (out, beside) if _is_used(folder)]:
        shutil.rmtree(folder)
    shows = {name: one for name, one in DEMONSTRATIONS.items() if not only or name in only}
    lasts = max(one.lasts for one in shows.values()) if only else AGE
    office = new_office(out, name="Demonstration town", clock=Replay(now - lasts))
    try:
        beside.mkdir(exist_ok=True)
        for folder in (out, beside):
            (folder / DIGEST).touch()
        demonstration.mark(office.kernel)
        people = seated(office)
        board = office.closing.enter_context(witness_of(office, beside))
        choose(office, people, board)
        state_contact(office.kernel, people["clerk"], CONTACT)
        record = _lived(office, people, shows, say, progress, only=only, now=now)
        record |= _checked(office, people, board, out, say)
        record["seconds"] = round(time.monotonic() - started, 1)
    except BaseException:
        office.close()
        raise
    return office, record


def _lived(
    office: Office,
    people: Mapping[str, Operator],
    shows: Mapping[str, Demonstration],
    say: Say,
    progress: Progress,
    *,
    only: Sequence[str],
    now: datetime,
) -> dict[str, Any]:
    """Each demonstration at its time, until now."""
    record, clock = {}, replay_of(office)
    for name, one in shows.items():
        alone = one.alone if only else None
        if alone is None:
            clock.reach(now - timedelta(days=one.days_ago))
        say(sentence("\n== %(shows)s", shows=sentence(one.shows)))
        record[name] = (alone or one.walk)(office, people, say, progress)
    clock.run_on()
    return record


def _checked(office: Office, people: Mapping[str, Operator], board: Board, out: Path, say: Say) -> dict[str, Any]:
    """A drill, an attack on the log, its verification, the town's compliance, and all of it as pages."""
    played = play(office, people, say)
    drill, drill_pages = rehearse(office, people["privacy"], out, say)
    rewrite, rewrite_pages = shown(office, board, say)
    verdict = office.verdict(witnesses=[board.witness.key.text])
    if not verdict.ok:
        raise IntegrityError(verdict.says)
    say(sentence("\nLog verified by the independent verifier: %(n)d entries.", n=verdict.size))
    pages = write_pages(office, out / "pages")
    standing = standings(office.kernel)
    pages += [*write_compliance(office, out / "pages", standing), *drill_pages, *rewrite_pages]
    counted = tally(standing)
    says = (
        "\nCompliance: %(n)d requirements, %(met)d met, %(built)d built in and not yet shown here, %(failed)d not met, "
        "%(open)d need a document."
    )
    figures = {"met": counted[PASS], "built": counted[BUILT], "failed": counted[FAIL], "open": counted[HUMAN]}
    say(sentence(says, n=len(standing), **figures))
    says = "\n%(n)d pages, also in French: open %(first)s"
    say(sentence(says, n=len(pages), first=pages[0].resolve().as_uri()))
    return {
        "log": {"holds": verdict.ok, "entries": verdict.size},
        "compliance": dict(counted),
        "drill": {"name": played.name, "counts": played.counts},
        "self_test": {"name": drill.name, "criteria_met": drill.criteria_met},
        "witness": {"folder": str(board.folder), "entries": verdict.cosigned[0].size},
        "rewrite": rewrite.record,
        "pages": [str(page) for page in pages],
    }


def seated(office: Office) -> dict[str, Operator]:
    """Everybody who is played, enrolled."""
    people: dict[str, Operator] = {}
    for short, seat in SEATS.items():
        by, second = people.get("custodian"), people.get("council")
        people[short] = office.enrol(short, name=seat.name, unit=seat.unit, roles=seat.roles, by=by, second=second)
    return people


def _is_used(folder: Path) -> bool:
    """Whether an earlier demonstration is here; InputError where it is something else."""
    if not folder.exists() or not any(folder.iterdir()):
        return False
    if not (folder / DIGEST).exists():
        says = sentence("%(name)s is not empty and is not a demonstration", name=folder.name)
        raise InputError(says, accepted="a new folder (--out)")
    return True
