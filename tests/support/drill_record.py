"""A self-test as the office records it, and a drill that counts, for tests of what is shown and counted of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peelian.kernel.model.people import Operator
from peelian.kernel.records.drill_records import countersign_drill, open_drill, report_drill, take_seat
from peelian.kernel.state.kernel import Kernel

MEASURED: dict[str, Any] = {
    "drill": "snooping-1",
    "scenario": "snooping",
    "title": "somebody snoops on one person",
    "seed": 1,
    "began": "2026-03-02T09:00:00+00:00",
    "ended": "2026-03-02T09:01:00+00:00",
    "milliseconds": 900,
    "recall_permille": 1000,
    "extra_permille": 0,
    "criteria_met": True,
}
DRILL: dict[str, Any] = MEASURED | {
    "affected": 1,
    "found": 1,
    "contained": True,
    "letters": 5,
    "sent": 0,
    "log_holds": True,
    "seconds": {"build": "0.4", "detect": "0.1", "contain": "0.1", "assess": "0.1", "report": "0.2"},
    "measures": ["account_closed", "session_ended"],
}


CARD, TOWN_KEY = "lost-laptop", "7" * 64
LESSON = {"words": "keep the list of keys at hand", "until": "2027-01-31"}


def played_as(names: Sequence[str], **more: Any) -> dict[str, Any]:
    """What a drill town tells of a play in which these desks took part."""
    return {
        "card": CARD,
        "began": "2026-03-02T09:00:00+00:00",
        "ended": "2026-03-02T11:00:00+00:00",
        "minutes": 120,
        "affected": 14,
        "found": 12,
        "extra": 0,
        "decisions": [
            {"id": "record", "role": "privacy_officer", "after": 0, "within": 30, "minute": 12, "name": "desk-1",
             "words": "we record it now"},
            {"id": "contain", "role": "custodian", "after": 0, "within": 60, "minute": 75, "name": "", "words": ""},
            {"id": "council", "role": "council", "after": 0, "within": 180, "minute": -1, "name": "", "words": ""},
        ],
        "late": ["contain", "council"],
        "calls": [{"contact": "press", "reached": 0, "minutes": 5, "name": "desk-1", "minute": 3}],
        "untried": ["council"],
        "reading": {},
        "missing": ["council"],
        "acted": list(names),
        "town": {"key": TOWN_KEY, "size": 40, "root": "A" * 44},
        **more,
    }  # fmt: skip


def opened_drill(kernel: Kernel, players: Mapping[str, Operator], *, name: str = "lost-laptop-drill-1") -> list[str]:
    """A drill with a seat for each of the players, by the role they play; the first of them leads it. Their desks."""
    seats = {by.person.token: f"desk-{n}" for n, by in enumerate(players.values(), start=1)}
    body = {"drill": name, "card": CARD, "affected": 14, "key": TOWN_KEY, "seats": seats, "number": 1}
    open_drill(kernel, next(iter(players.values())), body)
    return [take_seat(kernel, by, name, role) for role, by in players.items()]


def counted_drill(kernel: Kernel, players: Mapping[str, Operator], *, name: str = "lost-laptop-drill-1") -> None:
    """The same played to its end, reported by whoever led it and countersigned by the next."""
    leader, second, *_ = players.values()
    desks = opened_drill(kernel, players, name=name)
    report_drill(kernel, leader, name, played_as(desks), [{**LESSON, "owner": second.person.token}])
    countersign_drill(kernel, second, name)
