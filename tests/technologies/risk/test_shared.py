"""What the audits' declarations share: everyone who may ask asks for all of them, and a score's options are checked."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import Purpose
from peelian.technologies.risk import CAPABILITIES
from peelian.technologies.risk.compare.declared import COMPARE, CompareParams


@pytest.mark.parametrize(
    ("params", "column"),
    [
        (CompareParams(cut=float("nan")), "cut"),
        (CompareParams(cut=3.0, cut_2=float("inf")), "cut_2"),
        (CompareParams(probability=True, low_is_high_risk=True), "probability"),
    ],
)
def test_an_impossible_score_names_its_option(params: CompareParams, column: str) -> None:
    with pytest.raises(InputError) as error:
        COMPARE.asks.check(params)
    assert error.value.column == column


def test_a_cut_of_zero_and_none_are_possible() -> None:
    COMPARE.asks.check(CompareParams(cut=0.0))
    COMPARE.asks.check(CompareParams(probability=True))


def test_every_audit_is_asked_for_decided_and_computed_alike() -> None:
    (asked,) = {(one.asks.purposes, one.asks.askers, one.asks.deciders) for one in CAPABILITIES}
    assert asked[0] == {Purpose.AUDIT} and not any(one.needs for one in CAPABILITIES)
    assert all(one.arithmetic().run for one in CAPABILITIES)
