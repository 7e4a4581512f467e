"""Acceptance criteria: every technology's have titles with units in both languages, and none is signed out of range."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from peelian.catalogues import catalogue
from peelian.errors import InputError
from peelian.kernel.model.capability import AuthorizationKind, Capability, Context
from peelian.kernel.model.criteria import Criterion, criteria_faults
from peelian.operations.office import technologies

SHARE = Criterion(word="min_hits", title="Share of hits, at least")
WINDOWS = Criterion(word="min_windows", title="Windows, at least", unit="windows", low=1, high=100, whole=True)
KIND = AuthorizationKind.ACCEPTANCE_CRITERIA
TESTED = [
    one
    for technology in technologies()
    for one in technology.capabilities
    if any(need.kind is KIND and not need.how for need in one.needs)
]


@pytest.mark.parametrize("capability", TESTED, ids=lambda one: one.id)
def test_every_criterion_that_a_test_measures_is_declared_with_its_words(capability: Capability) -> None:
    """A test tells by itself which criteria it knows: the board is offered exactly these."""
    example = capability.arithmetic().example()
    unknown = Context(seed=1, progress=lambda says, share: None, authorizations={KIND: {"nonsense": 1}})
    with pytest.raises(InputError) as told:
        capability.arithmetic().run(example.params, example.datasets, unknown)
    assert sorted(told.value.accepted.split(", ")) == sorted(one.word for one in capability.criteria)
    assert not [*criteria_faults(capability.criteria, example.authorizations[KIND])]
    french = catalogue("fr", ("peelian.web", f"peelian.technologies.{capability.technology}"))
    assert [one for one in capability.criteria if not {one.title, one.unit} <= set(french) or one.low >= one.high] == []


def test_five_uses_are_tested_on_criteria() -> None:
    assert len(TESTED) == 5 and all(one.criteria for one in TESTED)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, ""),
        ({"category": "all"}, ""),
        ({"min_hits": 500}, "min_hits"),
        ({"min_hits": -0.1}, "min_hits"),
        ({"min_hits": 1.01}, "min_hits"),
        ({"min_hits": "much"}, "min_hits"),
        ({"min_hits": True}, "min_hits"),
        ({"min_hits": math.nan}, "min_hits"),
        ({"min_hits": math.inf}, "min_hits"),
        ({"min_windows": 1.5}, "min_windows"),
        ({"min_windows": 0, "min_hits": 0.5}, "min_windows"),
    ],
)
def test_what_cannot_be_required_is_told_by_its_word(body: dict[str, float | str | bool], wrong: str) -> None:
    assert [fault.column for fault in criteria_faults((SHARE, WINDOWS), body)] == [wrong]


def test_ends_of_the_range_can_be_required_and_every_fault_is_told() -> None:
    for hits, windows in ((0, 1), (1, 100), (0.5, 2.0)):
        assert not [*criteria_faults((SHARE, WINDOWS), {"min_hits": hits, "min_windows": windows})]
    assert len([*criteria_faults((SHARE, WINDOWS), {"min_hits": 2, "min_windows": 0})]) == 2
    assert not [*criteria_faults((), {})] and SHARE.least and not replace(SHARE, word="max_hits").least
