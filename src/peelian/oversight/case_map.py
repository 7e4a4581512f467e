"""A decided case's map for map programs: what its capability draws of the evidence, with its origin in every row."""

from __future__ import annotations

from dataclasses import replace

from peelian.errors import OutOfOrder
from peelian.governance.capability import Shapes
from peelian.governance.documents import mark_of
from peelian.governance.house import House
from peelian.oversight.register import case_record
from peelian.pictures.panels import Say


def map_of_case(house: House, case: str, say: Say) -> Shapes:
    """The map. OutOfOrder: the case has no evidence, nobody decided it yet, or what it found is no map. O(rows)."""
    record = case_record(house, case)
    evidence, decision, found = record.evidence, record.decision, record.findings
    if evidence is None or found is None:
        raise OutOfOrder("This case has no findings to show on a map.")
    if decision is None or decision.before != mark_of(evidence):
        raise OutOfOrder("No decision yet. Have the case decided, then export.")
    if record.capability.shapes is None:
        raise OutOfOrder(f"what {record.capability.id} finds is no map: see `peelian report`")
    facts = {role: house.book.datasets[name].facts for role, name in record.request.datasets.items()}
    shapes = record.capability.shapes(found, facts, say)
    origin = {
        "office": house.name,
        "case": case,
        "capability": record.capability.id,
        "evidence": mark_of(evidence),
        "decision": mark_of(decision),
        "choice": decision.choice,
        "generated_at": evidence.at,
        "exported_at": house.now().isoformat(),
        "version": evidence.version,
    }
    return replace(shapes, provenance={**origin, **shapes.provenance})
