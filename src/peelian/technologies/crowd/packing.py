"""States as plain JSON and back, for checkpoints: whole numbers, and packed figures as hexadecimal text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peelian.technologies.crowd.faults import UNKNOWN, Fault, FaultState
from peelian.technologies.crowd.holding import Held


def packed_hold(held: Held) -> dict[str, Any]:
    """Pending and open conditions as JSON values."""
    return {"since": list(held.since), "open": held.open, "quiet": held.quiet_since}


def unpacked_hold(plain: Mapping[str, Any]) -> Held:
    """As it was packed."""
    return Held(since=tuple(int(v) for v in plain["since"]), open=int(plain["open"]), quiet_since=int(plain["quiet"]))


def packed_trust(state: FaultState) -> dict[str, Any]:
    """Fault memory of a sensor without its last value: times of clips and jumps, the fault."""
    return {
        "last": state.last,
        "same": state.same_since,
        "clipped": list(state.clipped),
        "jumped": list(state.jumped),
        "fault": str(state.fault) if state.fault else "",
        "bad": state.bad_at,
    }


def unpacked_trust(plain: Mapping[str, Any]) -> FaultState:
    """As it was packed; the last value is unknown, so that no jump is told from it and a flat line is counted anew."""
    return FaultState(
        last=plain["last"],
        value=UNKNOWN,
        same_since=int(plain["same"]),
        clipped=tuple(int(v) for v in plain["clipped"]),
        jumped=tuple(int(v) for v in plain["jumped"]),
        fault=Fault(plain["fault"]) if plain["fault"] else None,
        bad_at=int(plain["bad"]),
    )
