"""Which sensors a watch may stand over: words of the register that can raise its alarm at all.

A watch over sensors that never send what it judges would look like a quiet town.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from peelian.errors import InputError, out_of_range, sentence
from peelian.kernel.model.alarms import CITY
from peelian.kernel.model.watch import Watch
from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.state.kernel import Kernel

WORD = re.compile(r"[a-z][a-z0-9-]{0,39}")
MOST_SENSORS = 50_000
Readings = Mapping[str, frozenset[str]]


def check_sensors(sensors: Mapping[str, str]) -> None:
    """InputError where there are too many or none, or a sensor or a zone has a name that is none."""
    if not 1 <= len(sensors) <= MOST_SENSORS:
        raise out_of_range("sensors", 1, MOST_SENSORS)
    for column, words in (("sensors", sensors.keys()), ("zones", sensors.values())):
        if not all(WORD.fullmatch(word) for word in words):
            raise InputError("not an id", column=column, accepted="1 to 40 small letters, digits and dashes")
    if CITY in sensors.values():
        raise InputError("zone reserved for city-wide incidents", column="zones", accepted="another name")


def must_be_heard(kernel: Kernel, declared: Watch, params: Any, sensors: Iterable[str]) -> None:
    """InputError for the first registered sensor of which no reading can raise this watch's alarm.

    One that is not registered, or registered without a format, sends nothing to the gateway: nothing is known of it.
    O(sensors).
    """
    needed = declared.raised_by(params) if declared.raised_by else {}
    saying = next((one.says for one in kernel.technologies if one.says is not None), None)
    if not needed or saying is None:
        return
    may_say, register = saying(), the_register(kernel)
    for id in sensors:
        listed = register.get(id)
        sent = may_say(listed.sensor) if listed is not None else None
        if sent is None or any(names <= sent.get(what, frozenset()) for what, names in needed.items()):
            continue
        accepted = sentence(
            "sensors that send %(needed)s. %(sensor)s sends %(sent)s: declare its fields anew, or use another watch",
            needed=_spelled(needed, " / "),
            sensor=id,
            sent=_spelled(sent, ", ") or "–",
        )
        raise InputError("this watch can raise no alarm from a sensor", column="sensors", accepted=accepted)


def _spelled(readings: Readings, between: str) -> str:
    """Readings with their values, as the register spells them: people (away, seconds, towards).

    >>> _spelled({"occupants": frozenset({"count"}), "people": frozenset({"towards", "away"})}, " / ")
    'occupants (count) / people (away, towards)'
    """
    return between.join(f"{what} ({', '.join(sorted(names))})" for what, names in sorted(readings.items()))
