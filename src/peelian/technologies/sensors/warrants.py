"""Scope of a warrant for detailed data, and whether one access lies within it.

Our rule is policy, not law: the cases let police do more (R v Tessling, 2004 SCC 67: a heat image is no search;
R v Gomboc, 2010 SCC 55: a meter's record was allowed seven to two, by three because of a regulation of Alberta). Firm
is R v Spencer, 2014 SCC 43, on the identity behind an internet address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peelian.errors import InputError
from peelian.kernel.model.capability import Scalar

PROVISIONAL = timedelta(hours=48)
SINGLE_METER = "energy-single-meter"
OPERATIONS = frozenset({SINGLE_METER})
"""What a warrant can open. Nothing opens identifiers, pictures, sound or tracks, nor windows under 15 minutes."""

STATUSES = frozenset({"provisional", "confirmed", "refused", "ended"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a warrant covers: sensors, cells, operations, a period, and a maximum number of readings."""

    status: str
    starts: datetime
    ends: datetime
    cells: frozenset[str]
    sensors: frozenset[str]
    operations: frozenset[str]
    count: int
    issuer: str = ""
    instrument: str = ""  # SHA-256 of the instrument's text


def scope_of(body: Mapping[str, Scalar], authorization: str = "") -> Scope:
    """The scope from a warrant's body: status, window ("from/to"), cells, sensors, operations (commas), count.

    `paper` is the window of the paper itself, for a body that has none of its own. InputError where a part is missing,
    empty or unknown: a warrant without limits is none. A provisional one ends 48 hours after it begins, whatever it
    says.
    """
    status = str(body.get("status", ""))
    if status not in STATUSES:
        raise InputError("unknown warrant status", column="status", accepted=", ".join(sorted(STATUSES)))
    starts, ends = _window(str(body.get("window", "") or authorization))
    operations = _listed(body, "operations")
    if not operations <= OPERATIONS:
        raise InputError(
            "operation that a warrant cannot open", column="operations", accepted=", ".join(sorted(OPERATIONS))
        )
    count = body.get("count", 0)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise InputError(
            "number of readings missing in the warrant", column="count", accepted="a whole number, 1 or more"
        )
    return Scope(
        status=status,
        starts=starts,
        ends=min(ends, starts + PROVISIONAL) if status == "provisional" else ends,
        cells=_listed(body, "cells"),
        sensors=_listed(body, "sensors"),
        operations=operations,
        count=count,
        issuer=str(body.get("issuer", "")),
        instrument=str(body.get("instrument", "")),
    )


def why_not(scope: Scope | None, *, sensor: str, cell: str, operation: str, at: datetime, used: int) -> str:
    """Why the warrant does not cover this access; empty where it does. `used`: readings opened so far."""
    if scope is None:
        return "no warrant"
    tests = (
        (scope.status in ("provisional", "confirmed"), f"the warrant is {scope.status}"),
        (operation in scope.operations, "the warrant covers another operation"),
        (sensor in scope.sensors, "the warrant covers other sensors"),
        (cell in scope.cells, "the warrant covers other places"),
        (scope.starts <= at < scope.ends, "the warrant covers another time"),
        (used < scope.count, "the warrant's number of readings is used up"),
    )
    return next((says for holds, says in tests if not holds), "")


def _window(text: str) -> tuple[datetime, datetime]:
    start, _, end = text.partition("/")
    try:
        starts, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
    except ValueError:
        raise InputError("warrant period missing", column="window", accepted="from/to, ISO 8601") from None
    if starts.tzinfo is None or ends.tzinfo is None or ends <= starts:
        raise InputError(
            "warrant period without time zone, or ending before it starts",
            column="window",
            accepted="from/to, ISO 8601",
        )
    return starts, ends


def _listed(body: Mapping[str, Scalar], name: str) -> frozenset[str]:
    found = frozenset(part.strip() for part in str(body.get(name, "")).split(",") if part.strip())
    if not found:
        raise InputError("list missing in the warrant", column=name, accepted="names separated by commas")
    return found
