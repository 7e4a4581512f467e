"""The capability: audits only, no person in or out, and its findings pass the door."""

from __future__ import annotations

from peelian.kernel.disclosure.intake_and_release_checks import release_faults
from peelian.kernel.model.capability import Dataset, Findings, Purpose
from peelian.kernel.verbs.evidence import words_of
from peelian.measure.table import NEVER_LEAVES
from peelian.technologies.risk import TECHNOLOGY
from peelian.technologies.risk.audit.declared import AUDIT


def test_every_capability_serves_audits_and_nothing_else() -> None:
    for capability in TECHNOLOGY.capabilities:
        assert capability.asks.purposes == {Purpose.AUDIT}
        assert not {k for emit in capability.emits for k in emit.kinds.values()} & NEVER_LEAVES
        assert capability.grants is None


def test_the_findings_of_a_crossed_audit_pass_the_door(found: Findings, crossed_dataset: Dataset) -> None:
    assert release_faults(found, AUDIT, words_of(AUDIT, {"tally": crossed_dataset})) == ()
