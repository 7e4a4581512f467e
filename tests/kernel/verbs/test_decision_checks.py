"""Each reason why a decision may not stand is given by itself, and a good decision has none."""

from __future__ import annotations

import dataclasses

import pytest
from deciding import read_and_decide
from desk import desk
from suspending import suspend
from toy import COUNT, PROVE, TOY

from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import Findings
from peelian.kernel.model.documents import Decision
from peelian.kernel.state.kernel import CaseHistory
from peelian.kernel.verbs.decision_checks import why_not_decide

GOOD = Decision(
    case="c-1", before="m", choice="adopt", reasons="the bars were met", other_evidence="document: what residents said",
    by="board", unit="Oversight board", at="2026-03-01",
)  # fmt: skip
HISTORY = CaseHistory(case="c-1", capability=PROVE.id, purpose="proof", by="analyst", unit="analysis")
MET = Findings(tables=(), facts={"criteria_met": True})


def test_a_good_decision_stands() -> None:
    assert list(why_not_decide(PROVE, HISTORY, GOOD, MET)) == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"by": "analyst"}, "the_asker_may_not_decide"),
        ({"unit": "Analysis"}, "the_asker_may_not_decide"),
        ({"choice": "perhaps"}, "a_decision_is_a_choice"),
        ({"reasons": "well then"}, "a_decision_gives_its_reasons"),
        ({"other_evidence": ""}, "a_decision_gives_its_reasons"),
    ],
)
def test_each_reason_is_given(change: dict[str, str], rule: str) -> None:
    (reason,) = why_not_decide(PROVE, HISTORY, dataclasses.replace(GOOD, **change), MET)
    assert reason.rule == rule and reason.remedy


def test_bars_that_were_not_met_are_not_adopted() -> None:
    (reason,) = why_not_decide(PROVE, HISTORY, GOOD, Findings(tables=(), facts={"criteria_met": False}))
    assert reason.rule == "the_acceptance_criteria_were_met"


def test_what_a_suspended_technology_found_is_declined_and_nothing_else() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    suspend(town.kernel, town.people["board"], "toy")
    words = {"reasons": "it fits the area", "other_evidence": "document: the records of the works"}
    for choice in ("accept", "change"):
        with pytest.raises(Refused, match="suspended"):
            read_and_decide(town.kernel, town.people["commander"], evidence, choice=choice, **words)
    assert (
        read_and_decide(town.kernel, town.people["commander"], evidence, choice="decline", **words).choice == "decline"
    )
