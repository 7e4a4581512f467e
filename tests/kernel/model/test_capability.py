"""Declarations: every capability of the kernel is whole, so that a door can draw it and the policy can judge it."""

from __future__ import annotations

import dataclasses
import re

import pytest

from peelian.forms import fields_of
from peelian.kernel.model.capability import AuthorizationKind, Capability
from peelian.operations.office import technologies

KNOWN = technologies()
CAPABILITIES = [capability for technology in KNOWN for capability in technology.capabilities]
every = pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda c: c.id)


@every
def test_a_declaration_is_whole(capability: Capability) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", capability.id)
    assert capability.title and capability.about.endswith(".")
    assert capability.asks.purposes and capability.asks.askers and capability.asks.deciders and capability.emits
    assert not capability.asks.askers & capability.asks.deciders or len(capability.asks.deciders) > 1
    assert dataclasses.is_dataclass(capability.asks.params) and all(
        field.help for field in fields_of(capability.asks.params)
    )


@every
def test_what_advises_needs_a_report_and_what_proves_grants_one(capability: Capability) -> None:
    needs = {need.kind for need in capability.needs}
    if "advice" in capability.asks.purposes and capability.technology == "mapping":
        assert AuthorizationKind.ACCURACY_REPORT in needs
    if capability.grants and capability.grants.kind is not AuthorizationKind.ACCEPTANCE_CRITERIA:
        assert AuthorizationKind.ACCEPTANCE_CRITERIA in needs or _sealed_with_bars(capability), (
            "bars are fixed before a test"
        )


def _sealed_with_bars(capability: Capability) -> bool:
    """What it reads was made by a case that needed the acceptance criteria: they are sealed in it."""
    shapes = {read.shape for read in capability.reads}
    makers = [c for c in CAPABILITIES if shapes & {make.shape for make in c.makes}]
    return bool(makers) and all(
        AuthorizationKind.ACCEPTANCE_CRITERIA in {need.kind for need in c.needs} for c in makers
    )


@pytest.mark.parametrize("technology", KNOWN, ids=lambda t: t.id)
def test_a_trial_names_a_capability_that_hands_out_nothing(technology: object) -> None:
    declared = technology.trial  # type: ignore[attr-defined]
    if declared:
        trial = declared()
        capability = next(c for c in CAPABILITIES if c.id == trial.capability)
        assert AuthorizationKind.ACCURACY_REPORT not in {need.kind for need in capability.needs}
        assert trial.purpose in capability.asks.purposes


def test_no_format_shares_its_name() -> None:
    names = [f.id for technology in KNOWN for f in technology.formats()]
    assert len(names) == len(set(names))
