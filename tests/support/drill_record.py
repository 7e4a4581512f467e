"""A drill as the office records it, for tests of what is shown and counted of drills."""

from __future__ import annotations

from typing import Any

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
