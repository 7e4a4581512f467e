"""Warrants in tests: one recorded from its paper and confirmed by two people, and one signed as if it had been."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from desk import Desk, sign_as_earned

from peelian.kernel.identity import step_up
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.documents import Authorization
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.court_papers import read_paper, seal_paper
from peelian.kernel.verbs.warrant_recording import confirm, record

RECORDER = "privacy-officer"
STATED: Mapping[str, Any] = {"court": "Superior Court", "judge": "B. Invented", "urgency": "it is deleted tonight"}
PAPERS = iter(range(1_000_000))


def a_paper() -> bytes:
    """The scan of a court's paper that no other has."""
    return b"%%PDF-1.7 order %d" % next(PAPERS)


def stated(kernel: Kernel, body: Mapping[str, Any], **change: Any) -> dict[str, Any]:
    """What stands on a paper of today that holds for thirty days, and the given facts."""
    today = kernel.now().date()
    days = {"issued": today.isoformat(), "ends": (today + timedelta(days=30)).isoformat()}
    confirmed = body.get("status", "confirmed") == "confirmed"
    left = {"urgency"} if confirmed else {"judge", "ends"}
    made = {**STATED, **days, **body, **change}
    return {name: value for name, value in made.items() if name not in left or name in body or name in change}


def recorded(
    town: Desk, body: Mapping[str, Any], *, serves: str = "sensors.*", purposes: Any = (Purpose.AUDIT,), **change: Any
) -> str:
    """The paper sealed and the warrant recorded: of a provisional one its digest, else that of the proposal."""
    by = town.people[RECORDER]
    paper = {"paper": seal_paper(town.kernel, by, a_paper())}
    return record(town.kernel, by, serves=serves, purposes=purposes, body=stated(town.kernel, paper | body, **change))


def confirmed(town: Desk, proposal: str, second: str = "board") -> Authorization:
    """The second person reads the paper and confirms the warrant."""
    by, made = town.people[second], town.kernel.state.dual_control.proposals[proposal]
    read_paper(town.kernel, by, str(made.body["paper"]))
    step_up.prove(town.kernel, by)
    return confirm(town.kernel, by, proposal, reference=str(made.body["reference"]))


def signed_warrant(
    town: Desk, body: Mapping[str, Any], *, serves: str = "sensors.*", purposes: Any = (Purpose.AUDIT,), days: int = 30
) -> Authorization:
    """A warrant as if two people had recorded it: for tests of what one opens, whatever the registers say."""
    recorder, second = town.people[RECORDER], town.people["board"]
    provisional = body.get("status") == "provisional"
    by: Operator = recorder if provisional else second
    whole = {"paper": "ab" * 32, **stated(town.kernel, body), "recorded_by": recorder.person.token}
    more: dict[str, Any] = {"serves": serves, "purposes": tuple(map(str, purposes)), "before": ""}
    days = min(days, 2) if provisional else days
    return sign_as_earned(town.kernel, by, AuthorizationKind.WARRANT, days=days, body=whole, **more)
