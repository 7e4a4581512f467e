"""The counter watch: an alarm where many more people came than usual, or many fewer."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from peelian.errors import InputError
from peelian.kernel.model.capability import Asks, AuthorizationKind, Need, Purpose, Role, deferred
from peelian.kernel.model.parameters import parsed
from peelian.kernel.model.watch import Watch
from peelian.technologies.crowd.declarations.runbooks import BUSY, EMPTYING, GATHERING, WAY_CLOSED

MORE, FEWER = "more_people", "fewer_people"


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name; InputError where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InputError("unknown time zone", column="zone", accepted="a name such as Pacific/Auckland") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterParams:
    """Time zone of the town: hours of the week are by local time."""

    zone: str = parsed("Etc/UTC", "Time zone of the town, for example Pacific/Auckland", zone_of)


COUNTER_WATCH = Watch(
    id="crowd.counters",
    title="Counter watch",
    about="Raises an alarm when an hourly count is far above or below the usual count of that hour over eight weeks.",
    asks=Asks(
        params=CounterParams,
        purposes=frozenset({Purpose.SAFETY}),
        askers=frozenset({Role.ANALYST, Role.COMMANDER}),
        deciders=frozenset({Role.DISPATCHER}),
        days=365,
    ),
    takes={"people": frozenset({"count", "towards", "away", "seconds"})},
    signals={MORE: frozenset({"count", "expected", "z"}), FEWER: frozenset({"count", "expected", "least", "z"})},
    needs=(
        Need(kind=AuthorizationKind.COUNCIL_APPROVAL),
        Need(kind=AuthorizationKind.IMPACT_ASSESSMENT),
        Need(kind=AuthorizationKind.ACCURACY_REPORT),
    ),
    titles={
        MORE: "Many more people than usual",
        FEWER: "Many fewer people than usual",
        "people": "people counted",
    },
    fact_titles={
        "count": "%(value)s persons this hour",
        "expected": "%(value)s expected",
        "least": "%(value)s expected on the quietest day of the week",
        "z": "z %(value)s",
    },
    runbooks={MORE: GATHERING, FEWER: EMPTYING},
    messages={MORE: BUSY, FEWER: WAY_CLOSED},
    raised_by=lambda params: {"people": frozenset({"count"})},
    reducer=deferred("peelian.technologies.crowd.counter_watch:REDUCER"),
)
