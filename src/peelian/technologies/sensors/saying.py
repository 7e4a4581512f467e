"""What a registered sensor may say: its readings and the values in them, by its kind, its format and its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from peelian.kernel.model.sensors import Sensor
from peelian.technologies.sensors.decoding import SAYS
from peelian.technologies.sensors.envelopes import ENVELOPES
from peelian.technologies.sensors.measures import HOLDS

Says = Mapping[str, frozenset[str]]
LAEQ, PASSING = frozenset({"laeq"}), frozenset({"count", "towards", "away", "seconds"})
NOISE: Says = dict.fromkeys(("noise", "laeq_1s", "laeq_1min"), LAEQ)
ITS_OWN: Mapping[str, Says] = {
    "ngsi-ld": {**NOISE, "people": PASSING, "vehicles": frozenset({"count"})},
    "sensorthings-1.1": {
        **NOISE,
        **dict.fromkeys(("people", "vehicles"), frozenset({"count", "seconds"})),
        "energy": frozenset({"kwh"}),
    },
    "onvif-counts": {"people": frozenset({"total"}), "occupants": frozenset({"count"})},
    "dnms": {"noise": LAEQ},
    "green-button": {"energy": frozenset({"kwh"})},
}
"""Formats that know their own fields: what they can say, of whichever kind of sensor."""
TURNED = {"total_towards": PASSING, "total_away": PASSING}  # `turnstile` makes all of it of a running total


def may_say(sensor: Sensor) -> Says | None:
    """Readings by name, with the names of their values; None where it has no format, so that nothing is known of it.

    >>> from peelian.technologies.sensors.saying import _held
    >>> sorted(_held(["time", "towards", "away", "end"])["people"])
    ['away', 'count', 'seconds', 'towards']
    """
    if not sensor.format:
        return None
    if sensor.format == "onvif-counts" and sensor.columns:
        found: Says = {"people": PASSING, "occupants": frozenset({"count"})}
    elif sensor.format in ITS_OWN:
        found = ITS_OWN[sensor.format]
    else:
        found = _held(_words(sensor))
    return {what: names for what, names in found.items() if what in SAYS.get(sensor.kind, ())}


def _words(sensor: Sensor) -> Iterable[str]:
    envelope = ENVELOPES.get(sensor.format)
    if envelope is None:
        return sensor.columns.values()
    from peelian.technologies.sensors.declared_json import held_of

    return held_of(sensor, envelope).values()


def _held(words: Iterable[str]) -> Says:
    """What a reading of these declared fields holds."""
    held = set(words)
    what = next((HOLDS[word].what for word in held if word in HOLDS and HOLDS[word].what), "")
    called = {HOLDS[word].called for word in held if word in HOLDS} - {""}
    called |= {"seconds"} if "end" in held else set()
    for name in TURNED.keys() & called:
        called |= TURNED[name]
    called |= {"count"} if {"towards", "away"} <= called else set()
    return {what: frozenset(called)} if what else {}
