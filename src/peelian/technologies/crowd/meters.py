"""One sound level meter in a watch: fault checks first, then the noise detector. A faulty meter raises no alarm."""

from __future__ import annotations

from dataclasses import dataclass, replace

from peelian.technologies.crowd import faults, noise
from peelian.technologies.crowd.declarations.noise_rules import NoiseRule
from peelian.technologies.crowd.faults import FaultChange, FaultRule, FaultState
from peelian.technologies.crowd.holding import broken_off
from peelian.technologies.crowd.noise import NoiseChange, NoiseState

FAULTS = {1: faults.SOUND_EACH_SECOND, 60: faults.SOUND_EACH_MINUTE}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterState:
    """Memory of one meter."""

    noise: NoiseState = noise.QUIET
    trust: FaultState = faults.TRUSTED


NEW = MeterState()


def step(
    rule: NoiseRule, state: MeterState, at: int, level_db: float
) -> tuple[MeterState, NoiseChange | None, FaultChange | None]:
    """Take in one level at `at` seconds: the new state, an alarm raised or cleared, and a fault begun or over.

    While a meter is faulty its levels are not judged: no alarm is raised and none clears. InputError: as `noise.step`.
    """
    trust, told = faults.step(_faults(rule), state.trust, at, level_db)
    if trust.fault is not None:
        waiting = state.noise
        if told is not None:  # what it heard just before is no more believed than what follows
            waiting = replace(waiting, window=b"", holding=broken_off(waiting.holding), above=None)
        return MeterState(noise=waiting, trust=trust), None, told
    heard, change = noise.step(rule, state.noise, at, level_db)
    return MeterState(noise=heard, trust=trust), change, told


def _faults(rule: NoiseRule) -> FaultRule:
    return FAULTS[rule.period_seconds]
