"""Words that people read are what they seem, and no rule stands in the way of real names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.measure.legible import LONGEST, harmless, hidden, mixed, must_be_legible

REAL = (
    "Zo\u00eb O\u2019Brien",
    "\u041d\u0438\u043a\u043e\u043b\u0430\u0439",
    "\u674e\u660e",
    "Nguy\u1ec5n V\u0103n A",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "Division 42 (nord-est)",
)


@pytest.mark.parametrize("name", REAL)
def test_real_names_pass(name: str) -> None:
    must_be_legible(name, "name", one_script=True)


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\u200f", "\u200b", "\ufeff", "\x00", "\x1b", "\n", "\u2028", "\ue000"]
)
def test_what_hides_or_turns_is_refused_and_not_shown(character: str) -> None:
    assert hidden(f"a{character}b") == 1
    with pytest.raises(InputError) as wrong:
        must_be_legible(f"Secret{character}name", "unit")
    assert wrong.value.column == "unit" and "Secret" not in str(wrong.value)


def test_scripts_that_look_alike_are_not_mixed_within_a_word() -> None:
    assert mixed("B\u043eard") and mixed("\u0391udit")
    assert not mixed("Board \u0441\u043e\u0432\u0435\u0442") and not mixed("42 \u00e9quipe_2")


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=LONGEST))
def test_letters_digits_and_punctuation_hide_nothing(text: str) -> None:
    assert hidden(text) == 0


def test_the_length_is_bounded_on_both_sides() -> None:
    must_be_legible("x" * LONGEST, "name")
    for wrong in ("", "  ", "x" * (LONGEST + 1)):
        with pytest.raises(InputError):
            must_be_legible(wrong, "name")


def test_a_cell_that_a_spreadsheet_would_run_is_marked_as_text() -> None:
    assert [str(harmless(cell))[0] for cell in ("=1", "+1", "-1", "@x", "\tx", "\rx")] == ["'"] * 6
    assert [harmless(cell) for cell in ("Riverdale", "", -3, 2.5, None)] == ["Riverdale", "", -3, 2.5, None]
