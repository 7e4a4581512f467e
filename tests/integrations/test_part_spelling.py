"""What a part found is spelled and read the same to the last bit; and bytes of anything else call nothing."""

from __future__ import annotations

import os
import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from bits import bits
from small_town import CELL, TOWN, plan, town

from peelian.errors import IntegrityError
from peelian.integrations.part_spelling import read, read_tables, spelled, spelled_tables
from peelian.kernel.model.fan_out import InProcess, Parts
from peelian.measure.grid import offset_grids
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.protocol import back_test


class Spelled(InProcess):
    """Does each part here, and reads it as a later run would."""

    apart = True

    def __call__(self, asked: Parts[Any, Any, Any]) -> list[Any]:
        """The results, spelled and read."""
        return [read(spelled(one)) for one in super().__call__(asked)]


def test_a_back_test_from_parts_that_were_spelled_is_equal_to_the_last_bit() -> None:
    incidents = town(6000, 0.5)
    models = {name: MODELS[name] for name in ("long_run", "moving", "density", "retrospective", "self_exciting")}

    def tried(each: InProcess) -> Any:
        return bits(back_test(incidents, offset_grids(TOWN, CELL, 4), plan(incidents, 8), models, each=each))

    assert tried(Spelled()) == tried(InProcess())


def test_every_model_of_a_back_test_can_be_kept() -> None:
    """Those above and the others, on one window: none holds what cannot be read."""
    incidents = town(3000, 0.5, weeks=60)
    for name, model in MODELS.items():
        if name not in ("risk_terrain", "stack"):
            back_test(
                incidents,
                offset_grids(TOWN, 3 * CELL, 1),
                plan(incidents, 26),
                {"long_run": MODELS["long_run"], name: model},
                each=Spelled(),
            )


@pytest.mark.parametrize(
    "value", [np.float32(1) / 3, np.array([np.nan, -0.0]), {"a": (1, 2.5, None)}, np.arange(6).reshape(2, 3).T]
)
def test_numbers_arrays_and_texts_come_back(value: Any) -> None:
    found = read(spelled(value))
    assert type(found) is type(value) and np.asarray(found).dtype == np.asarray(value).dtype
    assert pickle.dumps(found) == pickle.dumps(value) or np.asarray(found).tobytes() == np.asarray(value).tobytes()


class Calls:
    """Has a function called where it is unpickled."""

    def __init__(self, function: Any, *given: Any) -> None:
        self.reduced = function, given

    def __reduce__(self) -> Any:
        return self.reduced


HOSTILE = [
    spelled(Calls(os.system, "touch /tmp/never")),
    spelled(Calls(eval, "1")),
    spelled(Calls(getattr, "text", "upper")),
    spelled(Calls(np.load, "/etc/passwd")),
    spelled(Calls(read, b"")),
    b"cpeelian.integrations.part_spelling\nread\n.",
    b"cpeelian.operations.run_worker\nrun\n.",
    b"cpeelian.technologies.mapping.protocol\nnp.load\n.",
    b"cnumpy\nload\n.",
    b"",
    b"\x80\x05",
    bytes(100),
    spelled([1, 2, 3])[:-2],
]


@pytest.mark.parametrize("content", HOSTILE)
def test_bytes_that_spell_anything_else_call_nothing(content: bytes) -> None:
    with pytest.raises(IntegrityError):
        read(content)


def test_tables_come_back_with_their_types_and_words() -> None:
    tables = [pa.table({"n": pa.array([1, 2], pa.int16())}), pa.table({"hours": pa.array([], pa.int32())})]
    found, words = read_tables(spelled_tables(tables, ["théft\nagain", "", "robbery"]))
    assert [one.equals(other) for one, other in zip(found, tables, strict=True)] == [True, True]
    assert words == ["théft\nagain", "", "robbery"] and [one.schema for one in found] == [one.schema for one in tables]


@pytest.mark.parametrize(
    "content", [b"", b"x", bytes(64), spelled([1]), spelled_tables([pa.table({"n": [1]})], ["a"])[:-9]]
)
def test_what_is_no_table_is_not_read(content: bytes) -> None:
    with pytest.raises(IntegrityError):
        read_tables(content)
