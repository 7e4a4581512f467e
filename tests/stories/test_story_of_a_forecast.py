"""The story of a forecast, as an analyst of a town would tell it.

I am the crime analyst of a town. A vendor promised us maps that know where burglars will be. I asked Peelian instead.
"""

from __future__ import annotations

import pytest
from deciding import read_and_decide
from desk import Desk, desk

from peelian.demos.assessment import assessed
from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.verbs import authorizations
from peelian.oversight.transparency.register import case_record, published, refusals

CRITERIA = {"min_hit_rate_5": 0.1, "min_origins": 8}


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk()


def test_a_forecast_is_earned_decided_and_shown(town: Desk) -> None:
    kernel, people = town.kernel, town.people
    forecast, backtest = kernel.capability("mapping.forecast"), kernel.capability("mapping.backtest")
    made = forecast.arithmetic().example()

    # I brought our incidents and our neighbourhoods. They were sealed before I could look at them.
    data = {
        read.role: town.admit(made.datasets[read.role], {Purpose.PROOF, Purpose.ADVICE}, read.shape).dataset
        for read in forecast.reads
        if read.role in made.datasets
    }

    # I asked for next week. The answer was no, with three reasons, and each told me what to do about it.
    with pytest.raises(Refused) as refused:
        verbs.ask(kernel, people["analyst"], forecast.id, purpose="advice", params=made.params, datasets=data)
    assert len(refused.value.reasons) == 3 and all(reason.remedy for reason in refused.value.reasons)

    # Council said we may try. The privacy officer answered the assessment of just this forecast, an auditor reviewed
    # it, the commander approved it. The board wrote down the acceptance criteria before any test.
    advice = (Purpose.ADVICE,)
    authorizations.issue(
        kernel, people["council"], AuthorizationKind.COUNCIL_APPROVAL, serves="mapping.*", purposes=advice, days=90
    )
    seats = {**people, "privacy": people["privacy-officer"]}
    assessed(town.office, seats, "mapping", uses=((forecast.id, made.params),), purposes=advice)
    bars = {**dict(backtest.arithmetic().example().authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA]), **CRITERIA}
    authorizations.issue(
        kernel,
        people["board"],
        AuthorizationKind.ACCEPTANCE_CRITERIA,
        serves=backtest.id,
        purposes=(Purpose.PROOF,),
        days=90,
        body=bars,
    )

    # I ran the back-test. It compared every model with the long-run average and gave its limits.
    permit = verbs.ask(
        kernel,
        people["analyst"],
        backtest.id,
        purpose="proof",
        params=backtest.arithmetic().example().params,
        datasets={role: name for role, name in data.items() if role in {r.role for r in backtest.reads}},
    )
    evidence, found = verbs.run(kernel, people["analyst"], permit)
    assert any("long-run average" in note.text for note in found.notes)
    assert [note for note in found.notes if note.kind == "caveat"]

    # I could not adopt my own proof. A board member did, with reasons.
    words = {"reasons": "Acceptance criteria met.", "other_evidence": "document: The long-run average's figures."}
    with pytest.raises(Refused):
        read_and_decide(kernel, people["analyst"], evidence, choice="adopt", **words)
    read_and_decide(kernel, people["board"], evidence, choice="adopt", **words)

    # The same question again. This time there were selected cells with reasons, and exposure by group.
    permit = verbs.ask(kernel, people["analyst"], forecast.id, purpose="advice", params=made.params, datasets=data)
    evidence, found = verbs.run(kernel, people["analyst"], permit)
    assert len(found.table("exposure")) >= 2 and len(found.table("forecast")) > 10
    assert {"expected", "low", "high", "long_run"} <= set(found.table("forecast").names)

    # The commander declined it, and that is public too.
    words = {
        "reasons": "Lighting comes first this month.",
        "other_evidence": "document: Complaints about street lamps.",
    }
    decision = read_and_decide(kernel, people["commander"], evidence, choice="decline", **words)
    verbs.publish(kernel, people["clerk"], decision, statement="Declined: lighting first.")
    assert [case.choice for case in published(kernel)] == ["decline"]
    assert refusals(kernel)[(forecast.id, "the_authorizations_are_in_order")] == 1
    assert case_record(kernel, decision.case).decider == people["commander"].person.name
