"""A decided case's map for map programs: what its capability draws of the evidence, with its origin in every row."""

from __future__ import annotations

from dataclasses import replace

from peelian.errors import OutOfOrder, sentence
from peelian.kernel.model.capability import Shapes
from peelian.kernel.model.documents import digest_of
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.register import case_record
from peelian.pictures.panels import Say


def map_of_case(kernel: Kernel, case: str, say: Say) -> Shapes:
    """The map. OutOfOrder: the case has no evidence, nobody decided it yet, or what it found is no map. O(rows)."""
    record = case_record(kernel, case)
    evidence, decision, found = record.evidence, record.decision, record.findings
    if evidence is None or found is None:
        raise OutOfOrder("This case has no findings to show on a map.")
    if decision is None or decision.before != digest_of(evidence):
        raise OutOfOrder("No decision yet. Have the case decided, then export.")
    drawn = record.capability.arithmetic().shows.shapes
    if drawn is None:
        says = sentence("Results of %(capability)s have no map. See `peelian report`.", capability=record.capability.id)
        raise OutOfOrder(says)
    facts = {role: kernel.state.datasets[name].facts for role, name in record.request.datasets.items()}
    shapes = drawn(found, facts, say)
    origin = {
        "office": kernel.office.name,
        "case": case,
        "capability": record.capability.id,
        "evidence": digest_of(evidence),
        "decision": digest_of(decision),
        "choice": decision.choice,
        "generated_at": evidence.at,
        "exported_at": kernel.now().isoformat(),
        "version": evidence.version,
    }
    return replace(shapes, provenance={**origin, **shapes.provenance})
