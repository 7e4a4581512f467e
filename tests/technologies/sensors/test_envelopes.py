"""Known envelopes: every field is a pointer to one value, and none of them tells of the public."""

from __future__ import annotations

import pytest
from sensing import a_sensor

from peelian.errors import InputError
from peelian.technologies.sensors.decoding import FORMATS, check_declared
from peelian.technologies.sensors.envelopes import ENVELOPES
from peelian.technologies.sensors.measures import HOLDS
from peelian.technologies.sensors.pointers import POINTER, tree_of


@pytest.mark.parametrize("format", sorted(ENVELOPES))
def test_every_field_stands_at_one_pointer(format: str) -> None:
    envelope = ENVELOPES[format]
    pointers = (*envelope.dropped, *envelope.fixed)
    assert format in FORMATS and len(set(pointers)) == len(pointers) and all(map(POINTER.fullmatch, pointers))
    assert set(envelope.held("people_counter").values()) <= set(HOLDS)
    assert tree_of(tuple(envelope.held("people_counter").items()), envelope.dropped)


def test_a_platform_that_names_no_measure_needs_a_declaration() -> None:
    for format, envelope in ENVELOPES.items():
        sensor = a_sensor(format=format)
        if envelope.measures:
            check_declared(sensor)
        else:
            with pytest.raises(InputError):
                check_declared(sensor)
