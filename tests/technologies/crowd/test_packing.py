"""Proves a packed state is plain JSON and comes back as it was, but for the last value, which is not kept."""

from __future__ import annotations

import json
from dataclasses import replace

from peelian.technologies.crowd.faults import SOUND_EACH_SECOND, UNKNOWN, Fault, FaultState, step
from peelian.technologies.crowd.holding import CALM, Held
from peelian.technologies.crowd.packing import packed_hold, packed_trust, unpacked_hold, unpacked_trust


def test_what_waits_and_what_is_trusted_come_back() -> None:
    for hold in (CALM, Held(since=(3, -1), open=1, quiet_since=9)):
        assert unpacked_hold(json.loads(json.dumps(packed_hold(hold)))) == hold
    trust = FaultState(last=9, value=5_120, same_since=4, clipped=(1, 2), jumped=(3,), fault=Fault.JUMPS, bad_at=8)
    packed = json.dumps(packed_trust(trust))
    assert "5120" not in packed
    assert unpacked_trust(json.loads(packed)) == replace(trust, value=UNKNOWN)


def test_the_first_reading_after_a_crash_is_no_jump() -> None:
    state = unpacked_trust(packed_trust(FaultState(last=9, value=5_000)))
    after, change = step(SOUND_EACH_SECOND, state, 10, 52.0)
    assert change is None and after.jumped == ()
