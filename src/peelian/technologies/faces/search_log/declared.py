"""The audit of a search log: its words, what searches were for, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.tables import TableColumn, category, count, group, level, rate, time
from peelian.kernel.model.titles import Titled
from peelian.technologies.faces.declared import LOG, P_HOLM, VERDICT, audit, interval

NOT_STATED, OTHER_PURPOSE = "purpose not stated", "other purpose"
PURPOSES: Mapping[str, str] = {
    "": NOT_STATED, "n/a": NOT_STATED, "na": NOT_STATED, "none": NOT_STATED, "-": NOT_STATED, ".": NOT_STATED,
    "unknown": NOT_STATED, "not stated": NOT_STATED, "blank": NOT_STATED, "inconnu": NOT_STATED, "test": NOT_STATED,
    "suspect": "identify a suspect", "identify a suspect": "identify a suspect", "investigation": "identify a suspect",
    "victim": "identify a victim", "identify a victim": "identify a victim",
    "witness": "identify a witness", "identify a witness": "identify a witness",
    "missing person": "find a missing person", "find a missing person": "find a missing person",
    "deceased": "identify a deceased person", "identify a deceased person": "identify a deceased person",
    "custody": "confirm an identity in custody", "confirm an identity in custody": "confirm an identity in custody",
}  # fmt: skip
"""What a log may write → the purpose kept. Any other text is kept as "other purpose": its words may name somebody."""

POSSIBLE, NO_MATCH, UNCLEAR, NOT_RECORDED = "possible match", "no match", "inconclusive", "not recorded"
VERDICTS: Mapping[str, str] = {
    "possible match": POSSIBLE, "match": POSSIBLE, "lead": POSSIBLE, "investigative lead": POSSIBLE, "yes": POSSIBLE,
    "no match": NO_MATCH, "none": NO_MATCH, "no": NO_MATCH, "no candidate": NO_MATCH,
    "inconclusive": UNCLEAR, "unclear": UNCLEAR, "": NOT_RECORDED, "not recorded": NOT_RECORDED,
}  # fmt: skip

NO_ACTION, ARREST, CHARGE, OTHER_OUTCOME = "no further action", "arrest", "charge", "other outcome"
OUTCOMES: Mapping[str, str] = {
    "none": NO_ACTION, "no further action": NO_ACTION, "no action": NO_ACTION, "nfa": NO_ACTION, "closed": NO_ACTION,
    "arrest": ARREST, "arrested": ARREST, "charge": CHARGE, "charged": CHARGE, "other": OTHER_OUTCOME,
    "other outcome": OTHER_OUTCOME, "pending": OTHER_OUTCOME, "": NOT_RECORDED, "not recorded": NOT_RECORDED,
}  # fmt: skip
ARRESTS = (ARREST, CHARGE)

BANDS = ("0", "1", "2-10", "11-50", "51+")
"""Candidates returned by one search."""
BAND_ENDS = (0, 1, 10, 50)  # the last number of each band but the last

OFFENCES: Mapping[str, str] = {
    "murder": "homicide", "sexual assault": "sexual_offence", "rape": "sexual_offence", "burglary": "break_and_enter",
    "auto theft": "vehicle_theft", "vehicle theft": "vehicle_theft", "car theft": "vehicle_theft",
    "carjacking": "robbery", "larceny": "theft", "retail theft": "shoplifting", "identity fraud": "fraud",
    "mischief": "criminal_damage", "vandalism": "criminal_damage", "narcotics": "drugs", "drug": "drugs",
    "firearms": "weapons", "weapon": "weapons", "threats": "threats_and_harassment",
    "harassment": "threats_and_harassment", "trespassing": "trespass", "protest": "public_order",
}  # fmt: skip
"""Usual names of offences → the published list of general categories."""

TOGETHER = "other"
NO_UNIT = "unknown"

KEPT = frozenset({*PURPOSES.values(), OTHER_PURPOSE, *VERDICTS.values(), *OUTCOMES.values(), *BANDS})
"""Every word that intake keeps of a log, besides units and offence categories."""

STATED = "purpose stated"
WITH_EVIDENCE, NO_EVIDENCE = "other evidence recorded", "no other evidence recorded"

PURPOSE, CANDIDATES, ANALYST, OUTCOME, EVIDENCE = (
    "stated purpose",
    "candidates returned",
    "analyst's verdict",
    "outcome",
    "other evidence at an arrest or charge",
)
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    PURPOSE: (STATED, NOT_STATED),
    CANDIDATES: BANDS,
    ANALYST: (POSSIBLE, NO_MATCH, UNCLEAR, NOT_RECORDED),
    OUTCOME: (NO_ACTION, ARREST, CHARGE, OTHER_OUTCOME, NOT_RECORDED),
    EVIDENCE: (WITH_EVIDENCE, NO_EVIDENCE),
}
"""What is counted of each search, and the answers there are. EVIDENCE is of arrests and charges only."""
ANSWERS = tuple((question, answer) for question, answers in QUESTIONS.items() for answer in answers)
SEARCHES, ARRESTED = len(ANSWERS), len(ANSWERS) + 1  # columns of the counts, after those of the answers

COMPARED = ((PURPOSE, NOT_STATED), (CANDIDATES, BANDS[0]), (ANALYST, POSSIBLE), (EVIDENCE, NO_EVIDENCE))
"""The shares that are compared between quarters, units and offence classes."""

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
    arithmetic=deferred("peelian.technologies.faces.search_log.case:ARITHMETIC"),
)
