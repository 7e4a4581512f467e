"""JSON of any device by its public declaration, and of platforms whose envelope is known (`envelopes`).

The register says for each pointer what stands there (`columns`) and what is dropped (`drop`); all else is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peelian.errors import InputError
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.model.watch import Reading
from peelian.technologies.sensors.envelopes import ENVELOPES, Envelope
from peelian.technologies.sensors.measures import TIMES, check_held, reading_of
from peelian.technologies.sensors.pointers import check_pointers, parsed, records, tree_of
from peelian.technologies.sensors.senml import decoded_senml

PLAIN = Envelope(title="JSON")


def decode_json(data: bytes, sensor: Sensor, received: datetime | None, format: str = "json") -> tuple[Reading, ...]:
    """The readings of a message: one for each innermost list element that holds a measure.

    Refused: a field that is neither declared nor of the platform's envelope. InputError: no JSON, a value out of range,
    no measure in it. O(bytes).
    """
    envelope = ENVELOPES.get(format, PLAIN)
    message = parsed(data, envelope.title)
    if envelope.senml and (found := _pack(message, envelope)) is not None:
        readings = decoded_senml(found, sensor, received)
        _emptied(message, envelope)
        records(message, _tree(sensor, envelope), envelope.title)
        return readings
    made = [reading_of(one, sensor, received) for one in records(message, _tree(sensor, envelope), envelope.title)]
    readings = tuple(one for one in made if one is not None)
    if not readings:
        raise InputError("observation without a value", column="columns", accepted="a level or a count")
    return readings


def check_json(sensor: Sensor) -> None:
    """InputError or Refused where a sensor's declaration of JSON cannot be."""
    envelope = ENVELOPES.get(sensor.format, PLAIN)
    if sensor.columns or not envelope.measures:
        check_held(sensor.columns, timed=False)
    for column, names in (("columns", tuple(sensor.columns)), ("drop", sensor.drop)):
        own = [f"/{envelope.at(name).removeprefix(f'{envelope.payload}/').removeprefix('/')}" for name in names]
        check_pointers(own, column)
    if {envelope.at(name) for name in sensor.columns} & {envelope.at(name) for name in sensor.drop}:
        raise InputError("two declarations of one field", column="drop", accepted="each field once")
    _tree(sensor, envelope)


def held_of(sensor: Sensor, envelope: Envelope) -> Mapping[str, str]:
    """Pointer → what stands there: what is declared goes before what the envelope knows, the time too."""
    declared = {envelope.at(name): word for name, word in sensor.columns.items()}
    timed = any(word in TIMES for word in declared.values())
    known = envelope.held(sensor.kind)
    return {p: w for p, w in known.items() if p not in declared and not (timed and w in TIMES)} | declared


def _tree(sensor: Sensor, envelope: Envelope) -> dict[str, Any]:
    held = held_of(sensor, envelope)
    dropped = dict.fromkeys((*envelope.dropped, *envelope.held(sensor.kind), *map(envelope.at, sensor.drop)))
    spelled: list[tuple[str, str]] = []
    for pointer, word in held.items():
        spelled += [(one, word) for one in envelope.spellings(pointer)]
    taken = {pointer for pointer, _ in spelled}
    more = (one for pointer in dropped for one in envelope.spellings(pointer))
    return tree_of(tuple(spelled), tuple(one for one in dict.fromkeys(more) if one not in taken))


def _pack(message: Any, envelope: Envelope) -> Any:
    """The SenML pack in a message's payload, where there is one."""
    for name in envelope.payload.split("/")[1:]:
        message = message.get(name) if isinstance(message, dict) else None
    return message.get("senml") if isinstance(message, dict) and len(message) == 1 else None


def _emptied(message: Any, envelope: Envelope) -> None:
    *way, last = envelope.payload.split("/")[1:]
    for name in way:
        message = message[name]
    message[last] = None
