"""The worksheet of harm: is there a real risk of significant harm, from three answers with their reasons.

Canada's tests name the same three: how sensitive, how likely misused, how far it can be mended (PIPEDA 10.1(8); FIPPA
40.1). The answer is a rule over words, not a score; when in doubt people are told.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from peelian.errors import InputError, sentence

LEVELS = ("low", "medium", "high")
EXPOSURES = ("readable", "encrypted", "unknown", "none")
"""What whoever has the data can do with it: read it, not read it (keys are safe), nobody knows, nothing left."""
FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Worksheet:
    """The three answers, each with its reason in words, and what the data's exposure is."""

    exposure: str
    sensitivity: str
    likelihood: str
    mitigation: str  # how far the harm can be mended: high means it was undone
    why_sensitivity: str
    why_likelihood: str
    why_mitigation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """What the worksheet comes to: whether there is a real risk of significant harm, and the rule that says so."""

    real_risk: bool
    rule: str
    worksheet: Worksheet

    def body(self) -> dict[str, Any]:
        """As plain values for the register."""
        return {"real_risk": self.real_risk, "rule": self.rule, **asdict(self.worksheet)}


def weighed(sheet: Worksheet) -> Harm:
    """Apply the rules to a complete worksheet. InputError: an answer is missing or two contradict each other."""
    _complete(sheet)
    _consistent(sheet)
    if sheet.exposure == "none":
        return Harm(real_risk=False, rule="nothing_left_the_office", worksheet=sheet)
    if sheet.exposure == "encrypted":
        return Harm(real_risk=False, rule="the_keys_are_safe", worksheet=sheet)
    if sheet.mitigation == "high" and sheet.sensitivity != "high":
        return Harm(real_risk=False, rule="the_harm_was_undone", worksheet=sheet)
    if sheet.sensitivity == "low" and sheet.likelihood == "low":
        return Harm(real_risk=False, rule="neither_sensitive_nor_likely", worksheet=sheet)
    return Harm(real_risk=True, rule="in_doubt_people_are_told", worksheet=sheet)


def _complete(sheet: Worksheet) -> None:
    if sheet.exposure not in EXPOSURES:
        raise InputError("exposure not stated", column="exposure", accepted=", ".join(EXPOSURES))
    for name in ("sensitivity", "likelihood", "mitigation"):
        if getattr(sheet, name) not in LEVELS:
            raise InputError("question without an answer", column=name, accepted=", ".join(LEVELS))
        if len(getattr(sheet, f"why_{name}").split()) < FEWEST_WORDS:
            accepted = sentence("at least %(least)d words", least=FEWEST_WORDS)
            raise InputError("no reason given", column=f"why_{name}", accepted=accepted)


def _consistent(sheet: Worksheet) -> None:
    if sheet.exposure in ("encrypted", "none") and sheet.likelihood != "low":
        says = sentence(
            "the data is unreadable, yet misuse is called %(likelihood)s"
            if sheet.exposure == "encrypted"
            else "the data is still inside, yet misuse is called %(likelihood)s",
            likelihood=sentence(sheet.likelihood),
        )
        raise InputError(says, column="likelihood", accepted="low, or another exposure")
    if sheet.mitigation == "high" and sheet.likelihood == "high":
        raise InputError("harm called undone, but misuse likely", column="mitigation", accepted="consistent answers")
