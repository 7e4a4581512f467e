"""Doors of the library of audits: each of its functions, and each method of its classes, is one."""

from __future__ import annotations

from peelian.kernel.model.doors import ANYBODY, Door, Enters, Leaves, Suspended, doors

DOORS: tuple[Door, ...] = (
    *doors(ANYBODY, Enters.FILE, Leaves.DATA, Suspended.STOPS, "faces", "risk"),
    *doors(
        ANYBODY,
        Enters.NOTHING,
        Leaves.DATA,
        Suspended.GOES_ON,
        "Audit.aia",
        "Audit.caveats",
        "Audit.conclusions",
        "Audit.explanations",
        "Audit.facts",
        "Audit.findings",
        "Audit.fria",
        "Audit.labels",
        "Audit.ll144",
        "Audit.model_card",
        "Audit.plot",
        "Audit.report",
        "Audit.tables",
        "Audit.technology",
        "Audit.to_frame",
        "Document.html",
        "Document.record",
        "Document.to_json",
        "Document.write",
    ),
)
"""Every public function, and every public method and property as Class.name. What was made before a suspension lies in
the notebook's memory."""
