"""Two people of different units means different units: a blank, an accent or a look-alike letter makes no other one."""

from __future__ import annotations

import pytest

from peelian.kernel.model.org_units import log_word, same_unit


@pytest.mark.parametrize(
    "other",
    ["Board", "board ", "  BOARD", "Bo-ard", "B\u00f3ard", "b0ard", "\uff22oard", "8oard", "\u0412\u043e\u0430rd"],
)
def test_units_that_can_be_taken_for_each_other_are_one(other: str) -> None:
    assert same_unit("board", other) and same_unit(other, "board")
    assert same_unit("board", log_word(other)) and same_unit(log_word("board"), other)


@pytest.mark.parametrize("other", ["council", "boards", "District 2", "city-it", ""])
def test_other_units_are_others(other: str) -> None:
    assert not same_unit("board", other)


def test_a_word_of_the_log_from_before_accents_were_read_still_names_its_unit() -> None:
    assert log_word("S\u00e9curit\u00e9") == "securite"
    assert same_unit("S\u00e9curit\u00e9", "s-curit")
    assert not same_unit("\u0420\u0423\u0421", "\u041c\u041e\u0420")


def test_a_name_of_one_unit_is_never_two() -> None:
    for name in ("IT", "1", "rn", "!!", "\u6797"):
        assert same_unit(name, name)
