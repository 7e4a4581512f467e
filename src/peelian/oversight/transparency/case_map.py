"""A decided case's map for map programs: what its capability draws of the evidence, with its origin in every row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from peelian.errors import OutOfOrder, sentence
from peelian.kernel.gate import found_in
from peelian.kernel.model.capability import Findings, Selection, Shapes
from peelian.kernel.model.documents import Decision, digest_of
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.projection import ADOPTED
from peelian.kernel.verbs.decided_places import decided_places
from peelian.measure.table import Column, Kind
from peelian.oversight.transparency.register import case_record
from peelian.pictures.panels import Say


def map_of_case(kernel: Kernel, case: str, say: Say) -> Shapes:
    """The map, for who exports it. OutOfOrder: the case has no evidence, nobody decided it yet, or what it found is no
    map. O(rows)."""
    record = case_record(kernel, case)
    evidence, decision, found = record.evidence, record.decision, found_in(kernel, case)
    if evidence is None or found is None:
        raise OutOfOrder("This case has no findings to show on a map.")
    if decision is None or decision.before != digest_of(evidence):
        raise OutOfOrder("No decision yet. Have the case decided, then export.")
    drawn = record.capability.arithmetic().shows.shapes
    if drawn is None:
        says = sentence(
            "Results of %(capability)s have no map. See `peelian case report`.", capability=record.capability.id
        )
        raise OutOfOrder(says)
    facts = {role: kernel.state.datasets[name].facts for role, name in record.request.datasets.items()}
    shapes = drawn(found, facts, say)
    if record.capability.selects:
        shapes = _with_decided(shapes, record.capability.selects, found, decision)
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


def _with_decided(shapes: Shapes, selection: Selection, found: Findings, decision: Decision) -> Shapes:
    """The map with a column `decided`: 1 for each place that is selected after the decision, 0 for all others."""
    selected = found.table(selection.table)["place"].tolist() if decision.choice in ADOPTED else []
    decided = set(decided_places(selected, decision.changes))
    values = np.array([place in decided for place in shapes.table["place"].tolist()], dtype=np.int64)
    column = Column(name="decided", kind=Kind.COUNT, values=values)
    return replace(shapes, table=replace(shapes.table, columns=(*shapes.table.columns, column)))
