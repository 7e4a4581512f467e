"""The audit of a search log: what searches were for, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.tables import TableColumn, category, count, group, level, rate, time
from peelian.kernel.model.titles import Titled
from peelian.technologies.faces.declarations.auditing import audit
from peelian.technologies.faces.declarations.columns import P_HOLM, VERDICT, interval

LOG = "face_search_log"
SHARES: dict[str, TableColumn] = {
    "question": level("Question"),
    "answer": level("Answer"),
    "count": count("Count"),
    "n": count("Of"),
    "rate": rate("Share"),
    **interval(percent=True),
    "p_holm": P_HOLM,
    "verdict": VERDICT,
}
OVERALL = Emit(table="log", title="searches by question and answer", columns=SHARES)
BY = {
    "quarter": Emit(
        table="log_by_quarter", title="search log by quarter", columns={"quarter": time("Quarter"), **SHARES}
    ),
    "unit": Emit(table="log_by_unit", title="search log by unit", columns={"unit": group("Unit"), **SHARES}),
    "offence": Emit(
        table="log_by_offence",
        title="search log by offence class",
        columns={"offence": category("Offence class"), **SHARES},
    ),
}


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
    emits=(OVERALL, *BY.values()),
    arithmetic=deferred("peelian.technologies.faces.search_log_view:ARITHMETIC"),
)
