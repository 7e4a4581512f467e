"""Which warrant opens a single home's record at the gate: the office's policy decides, here as everywhere.

The gate states the facts (the sensor, its place, the operation, the times, what was used) and the policy answers with
the authorizations it would let it rely on. An answer holds until an authorization, a person, a bylaw or a suspension
changes, and no longer than a minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from peelian.errors import InputError
from peelian.kernel.model.capability import (
    Arithmetic,
    Asks,
    AuthorizationKind,
    Capability,
    Need,
    Purpose,
    Scalar,
)
from peelian.kernel.model.documents import Authorization
from peelian.kernel.model.policy_port import Use
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.warrants import root_of
from peelian.kernel.model.warrants import scope_of as covered_by
from peelian.kernel.state.kernel import Kernel, policy_inputs
from peelian.technologies.sensors.warrants import SINGLE_METER, Scope, scope_of

BELIEVED = timedelta(seconds=60)
PURPOSES = (Purpose.AUDIT, Purpose.OVERSIGHT)  # what the record of a home may be kept for


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A warrant the policy lets the gate rely on: its authorization, its scope, and the purposes it serves."""

    authorization: Authorization
    scope: Scope
    purposes: tuple[str, ...]

    @property
    def root(self) -> str:
        """The digest under which its uses are counted and what is collected under it is found."""
        return root_of(self.authorization)


@dataclass(slots=True)
class Warrants:
    """The policy's answers for each sensor, as long as nothing they rest on changed. Used by one thread."""

    kernel: Kernel
    _known: dict[str, tuple[Any, datetime, Opened | None]] = field(default_factory=dict)

    def of(self, sensor: Sensor) -> Opened | None:
        """The warrant in force that opens this sensor's record; O(1), or as `warrant_of` where something changed."""
        now, facts = self.kernel.now(), (sensor, policy_inputs(self.kernel))
        known = self._known.get(sensor.id)
        if known is None or known[0] != facts or now >= known[1]:
            found = warrant_of(self.kernel, sensor)
            until = min(now + BELIEVED, found.scope.ends) if found else now + BELIEVED
            known = self._known[sensor.id] = (facts, until, found)
        return known[2]


def warrant_of(kernel: Kernel, sensor: Sensor, times: Sequence[datetime] = (), n: int = 1) -> Opened | None:
    """The newest warrant that the policy lets the gate rely on for `n` readings of this sensor, made at `times`.

    It must be in force now, and at the first and last of the times. O(authorizations); those that name the sensor
    are judged, once for each purpose and time.
    """
    moments = [kernel.now(), *({min(times), max(times)} if times else ())]
    facts = _facts(kernel, sensor, n)
    by_purpose = {purpose: _good(kernel, sensor, purpose, moments, facts) for purpose in PURPOSES}
    every = {
        id(authorization): authorization for authorizations in by_purpose.values() for authorization in authorizations
    }
    for authorization in sorted(every.values(), key=lambda one: one.at, reverse=True):
        serves = tuple(
            str(purpose)
            for purpose, authorizations in by_purpose.items()
            if any(one is authorization for one in authorizations)
        )
        try:
            scope = scope_of(authorization.body, f"{authorization.starts}/{authorization.ends}")
        except InputError:  # its body has no limits that the gate can keep
            continue
        return Opened(authorization=authorization, scope=scope, purposes=serves)
    return None


def used_of(kernel: Kernel, root: str) -> int:
    """How many readings were collected under a warrant. O(1)."""
    return kernel.state.collected.get(root, 0)


def _facts(kernel: Kernel, sensor: Sensor, n: int) -> Mapping[str, Any]:
    """What the policy is told: of authorizations only the warrants that name this sensor, since no other opens its
    record; and of each how often it would have been used before the last of `n` readings. O(authorizations)."""
    facts, wanted = policy_inputs(kernel), covered_by(_touched(sensor)).sensors
    warrants = (one for one in facts["authorizations"] if one.kind is AuthorizationKind.WARRANT)
    authorizations = tuple(one for one in warrants if wanted <= covered_by(one.body).sensors)
    used, collected = dict(facts["used"]), kernel.state.collected
    for root in map(root_of, authorizations):
        if root in collected or root not in used:
            used[root] = collected.get(root, 0) + max(n - 1, 0)
    return {**facts, "authorizations": authorizations, "used": used}


def _good(
    kernel: Kernel, sensor: Sensor, purpose: Purpose, moments: Sequence[datetime], facts: Mapping[str, Any]
) -> tuple[Authorization, ...]:
    need = Need(kind=AuthorizationKind.WARRANT, covers=lambda params: _touched(sensor), or_of="sensors.report")
    collecting = _collecting(need)
    found: list[Authorization] | None = None
    for now in moments:
        use = Use(capability=collecting, purpose=str(purpose), params=None, datasets={}, person=None, now=now, **facts)
        good = list(kernel.policy.authorizations(need, use))
        found = (
            good
            if found is None
            else [authorization for authorization in found if any(authorization is one for one in good)]
        )
    return tuple(found or ())


def _touched(sensor: Sensor) -> dict[str, Scalar]:
    return {"sensors": sensor.id, "cells": sensor.area, "operations": SINGLE_METER}


def _collecting(need: Need) -> Capability:
    """The act of the gate as a use that the policy can judge: nobody asks for it, and it runs nothing."""
    return Capability(
        id="sensors.collect",
        title="Records of single homes",
        about="Opens the record of a single home under a warrant.",
        asks=Asks(
            params=type(None),
            purposes=frozenset(PURPOSES),
            askers=frozenset(),
            deciders=frozenset(),
        ),
        reads=(),
        emits=(),
        needs=(need,),
        arithmetic=_no_arithmetic,
    )


def _no_arithmetic() -> Arithmetic:
    raise InputError("The built-in action runs nothing.")
