"""The worksheet: complete, without contradiction, and in doubt people are told."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from peelian.errors import InputError
from peelian.oversight.breach.harm import EXPOSURES, LEVELS, Worksheet, weighed

QUESTIONS = ("sensitivity", "likelihood", "mitigation")
WORDS = "For a good reason."
SHEET = Worksheet(
    exposure="readable",
    sensitivity="high",
    likelihood="medium",
    mitigation="low",
    why_sensitivity=WORDS,
    why_likelihood=WORDS,
    why_mitigation=WORDS,
)


def test_every_complete_and_consistent_worksheet_has_one_answer() -> None:
    answered = refused = 0
    for exposure, *three in itertools.product(EXPOSURES, LEVELS, LEVELS, LEVELS):
        sheet = replace(SHEET, exposure=exposure, **dict(zip(QUESTIONS, three, strict=True)))
        try:
            harm = weighed(sheet)
        except InputError:
            refused += 1
            continue
        answered += 1
        if harm.real_risk:
            assert exposure in ("readable", "unknown")
    assert (answered, refused) == (66, 42)


def test_sensitive_readable_data_is_a_real_risk_whatever_is_mended() -> None:
    assert weighed(SHEET).real_risk
    assert weighed(replace(SHEET, mitigation="high")).real_risk
    assert not weighed(replace(SHEET, mitigation="high", sensitivity="medium")).real_risk
    assert weighed(replace(SHEET, exposure="unknown")).real_risk


def test_only_what_is_neither_sensitive_nor_likely_to_be_misused_is_let_go() -> None:
    calm = replace(SHEET, sensitivity="low", likelihood="low")
    assert weighed(calm).rule == "neither_sensitive_nor_likely"
    for doubt in ({"likelihood": "medium"}, {"likelihood": "high"}, {"sensitivity": "medium"}):
        assert weighed(replace(calm, **doubt)).rule == "in_doubt_people_are_told"


def test_safe_keys_and_data_that_never_left_are_none() -> None:
    assert weighed(replace(SHEET, exposure="encrypted", likelihood="low")).rule == "the_keys_are_safe"
    assert weighed(replace(SHEET, exposure="none", likelihood="low")).rule == "nothing_left_the_office"


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"exposure": "encrypted"}, "likelihood"),
        ({"mitigation": "high", "likelihood": "high"}, "mitigation"),
        ({"sensitivity": ""}, "sensitivity"),
        ({"why_likelihood": "no"}, "why_likelihood"),
        ({"exposure": ""}, "exposure"),
    ],
)
def test_missing_or_contradictory_answers_are_named(change: dict[str, str], column: str) -> None:
    with pytest.raises(InputError, match=column):
        weighed(replace(SHEET, **change))
