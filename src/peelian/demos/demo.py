"""The demonstrations: whole uses on real data in an embedded office, from the first refusal to the public register."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from peelian.demos import audits, crowd, footage, mapping
from peelian.demos.drill import rehearse
from peelian.demos.rewrite import shown
from peelian.demos.witness import choose, witness_of
from peelian.errors import InputError, IntegrityError, sentence
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office, new_office
from peelian.operations.watch_service import Replay
from peelian.oversight.compliance.standing import FAIL, HUMAN, PASS, standings, tally
from peelian.web.cases import write_pages
from peelian.web.compliance_report import write_compliance

Say = Callable[[str], None]
Progress = Callable[[str, float], None]
DIGEST = "THIS-IS-A-DEMONSTRATION"
DEMONSTRATIONS: Mapping[str, Callable[[Office, Mapping[str, Operator], Say, Progress], dict[str, Any]]] = {
    "mapping": mapping.walk,
    "risk": audits.risk,
    "faces": audits.faces,
    "vendor": audits.vendor,
    "footage": footage.walk,
    "crowd": crowd.walk,
}
SHOWS: Mapping[str, str] = {
    "mapping": "Burglary forecast, from first refusal to publication (Toronto).",
    "risk": "Audit of a risk instrument (COMPAS, from published counts).",
    "faces": "Audit of a face matcher, and NIST figures for 240 matchers.",
    "vendor": "Audit of vendor predictions (PredPol, three cities).",
    "footage": "Life of a recording: stored, redacted, delivered, held, destroyed.",
    "crowd": "One day of crowd alarms, and four months of 21 counters (Auckland).",
}
"""What each demonstration shows, in one line."""


REPLAYS: Mapping[str, timedelta] = {"crowd": crowd.LASTS}
"""Demonstrations that replay a record, and how long that lasts by the office's clock: so long ago they begin."""


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
}


def demonstrate(name: str, out: Path, *, say: Say, progress: Progress) -> tuple[Office, dict[str, Any]]:
    """Run one demonstration in a fresh office at `out`; returns the open office and a record of what happened.

    A folder that holds an earlier demonstration is replaced; any other folder that is not empty is refused. A witness
    of the log runs as long as the office is open. Its folder is beside the office's: `out` with "-witness" at its end.
    """
    started = time.monotonic()
    beside = out.resolve().with_name(f"{out.resolve().name}-witness")
    for folder in [folder for folder in (out, beside) if _is_used(folder)]:
        shutil.rmtree(folder)
    clock = Replay(datetime.now(UTC) - REPLAYS[name]) if name in REPLAYS else None
    office = new_office(out, name="Demonstration town", clock=clock)
    try:
        beside.mkdir(exist_ok=True)
        for folder in (out, beside):
            (folder / DIGEST).touch()
        people = _seated(office)
        board = office.closing.enter_context(witness_of(office, beside))
        choose(office, people, board)
        record = DEMONSTRATIONS[name](office, people, say, progress)
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
        says = "\nCompliance: %(n)d requirements, %(met)d met, %(failed)d not met, %(open)d need a document."
        figures = {"met": counted[PASS], "failed": counted[FAIL], "open": counted[HUMAN]}
        say(sentence(says, n=len(standing), **figures))
        say("\nOpen these pages:")
        for page in pages:
            say(f"  {page.resolve().as_uri()}")
        record |= {
            "log": {"holds": verdict.ok, "entries": verdict.size},
            "compliance": dict(counted),
            "drill": {"name": drill.name, "criteria_met": drill.criteria_met},
            "witness": {"folder": str(beside), "entries": verdict.cosigned[0].size},
            "rewrite": rewrite.record,
            "pages": [str(page) for page in pages],
            "seconds": round(time.monotonic() - started, 1),
        }
    except BaseException:
        office.close()
        raise
    return office, record


def _seated(office: Office) -> dict[str, Operator]:
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
