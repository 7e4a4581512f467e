"""The words of a search log: purposes, analysts' verdicts, outcomes and numbers of candidates."""

from __future__ import annotations

from collections.abc import Mapping

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

KEPT = frozenset({*PURPOSES.values(), OTHER_PURPOSE, *VERDICTS.values(), *OUTCOMES.values(), *BANDS})
"""Every word that intake keeps of a log, besides units and offence categories."""
