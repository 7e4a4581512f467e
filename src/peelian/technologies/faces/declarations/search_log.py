"""The audit of a search log: what searches were for, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.titles import Titled
from peelian.measure.table import Kind
from peelian.technologies.faces.declarations.auditing import audit

LOG = "face_search_log"
SHARES = {
    "question": Kind.LEVEL, "answer": Kind.LEVEL, "count": Kind.COUNT, "n": Kind.COUNT, "rate": Kind.RATE,
    "low": Kind.AMOUNT, "high": Kind.AMOUNT, "p_holm": Kind.AMOUNT, "verdict": Kind.LEVEL,
}  # fmt: skip
BY = {"quarter": Kind.TIME, "unit": Kind.GROUP, "offence": Kind.CATEGORY}


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLogParams(Titled):
    """No parameters."""


SEARCH_LOG = Capability(
    id="faces.search_log",
    warrant="No warrant needed, because it counts searches that were made, and names nobody who was searched for.",
    title="Search log audit",
    about=(
        "Counts, from a log of face searches, stated purposes, candidates, analysts' verdicts, arrests without other "
        "evidence and outcomes. It sees no face, no name and no officer."
    ),
    asks=audit(SearchLogParams),
    reads=(Read(role="log", title="search log", shape=LOG),),
    emits=(
        Emit(table="log", columns=SHARES),
        *(Emit(table=f"log_by_{name}", columns={name: kind, **SHARES}) for name, kind in BY.items()),
    ),
    arithmetic=deferred("peelian.technologies.faces.search_log_view:ARITHMETIC"),
)
