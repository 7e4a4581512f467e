"""The JSON library's complaints become ours: a field by its name, a value by its field, and never what it held."""

from __future__ import annotations

import msgspec
import pytest

from peelian.errors import InputError, Refused
from peelian.technologies.sensors.structures import decoded


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    n: int


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    inner: Inner


READ = msgspec.json.Decoder(Outer)


def test_a_good_message_is_its_structure() -> None:
    assert decoded(READ, b'{"inner":{"n":1}}', "test").inner.n == 1


@pytest.mark.parametrize("data", [b'{"inner":{"n":1},"x":1}', b'{"inner":{"n":1,"x":1}}', b'{"x":1}'])
def test_an_unknown_field_is_named_at_any_depth(data: bytes) -> None:
    with pytest.raises(Refused, match="x is not on the list"):
        decoded(READ, data, "test")


def test_a_field_made_to_look_like_a_place_still_refuses_the_message() -> None:
    with pytest.raises(Refused):
        decoded(READ, b'{"a` - at `$.inner":1}', "test")


@pytest.mark.parametrize("data", [b'{"inner":{"n":"SECRET"}}', b'{"inner":7}', b"{}", b"{", b"\xff", b"[" * 50_000])
def test_other_faults_are_bad_input_without_the_value(data: bytes) -> None:
    with pytest.raises(InputError) as error:
        decoded(READ, data, "test")
    assert "SECRET" not in str(error.value)
