"""The story of a forecast, as an analyst of a town would tell it.

I am the crime analyst of a town. A vendor promised us maps that know where burglars will be. I asked Peelian instead.
"""

from __future__ import annotations

import pytest
from desk import Desk, desk

from peelian.errors import Refused
from peelian.governance import acts, flow
from peelian.governance.capability import Paper, Purpose
from peelian.guided.assessed import assessed
from peelian.oversight.register import case_record, published, refusals

BARS = {"min_bits_against_long_run": -0.5, "min_origins": 8}


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk()


def test_a_forecast_is_earned_decided_and_shown(town: Desk) -> None:
    house, people = town.house, town.people
    forecast, backtest = house.capability("mapping.forecast"), house.capability("mapping.backtest")
    made = forecast.example()

    # I brought our incidents and our neighbourhoods. They were sealed before I could look at them.
    data = {
        read.role: town.admit(made.datasets[read.role], {Purpose.PROOF, Purpose.ADVICE}, read.shape).dataset
        for read in forecast.reads
        if read.role in made.datasets
    }

    # I asked for next week. The answer was no, with three reasons, and each told me what to do about it.
    with pytest.raises(Refused) as refused:
        flow.ask(house, people["analyst"], forecast.id, purpose="advice", params=made.params, datasets=data)
    assert len(refused.value.reasons) == 3 and all(reason.remedy for reason in refused.value.reasons)

    # Council said we may try. The privacy officer answered the assessment of just this forecast, an auditor reviewed
    # it, the commander approved it. The board wrote down the bars before any test.
    advice = (Purpose.ADVICE,)
    acts.issue(house, people["council"], Paper.COUNCIL_APPROVAL, serves="mapping.*", purposes=advice, days=90)
    seats = {**people, "privacy": people["privacy-officer"]}
    assessed(town.office, seats, "mapping", uses=((forecast.id, made.params),), purposes=advice)
    bars = {**dict(backtest.example().papers[Paper.ACCURACY_CRITERIA]), **BARS}
    acts.issue(
        house,
        people["board"],
        Paper.ACCURACY_CRITERIA,
        serves=backtest.id,
        purposes=(Purpose.PROOF,),
        days=90,
        body=bars,
    )

    # I ran the back-test. It compared every model with the plain count map and said what it cannot tell.
    permit = flow.ask(
        house,
        people["analyst"],
        backtest.id,
        purpose="proof",
        params=backtest.example().params,
        datasets={role: name for role, name in data.items() if role in {r.role for r in backtest.reads}},
    )
    evidence, found = flow.run(house, people["analyst"], permit)
    assert any("long-run average" in note.text for note in found.notes)
    assert [note for note in found.notes if note.kind == "caveat"]

    # I could not adopt my own proof. A board member did, with reasons.
    words = {"reasons": "The bars were met.", "other_evidence": "The count map's figures."}
    with pytest.raises(Refused):
        flow.decide(house, people["analyst"], evidence, choice="adopt", **words)
    flow.decide(house, people["board"], evidence, choice="adopt", **words)

    # The same question again. This time there were places, why each was named, and whom it would expose to police.
    permit = flow.ask(house, people["analyst"], forecast.id, purpose="advice", params=made.params, datasets=data)
    evidence, found = flow.run(house, people["analyst"], permit)
    assert len(found.table("exposure")) >= 2 and len(found.table("forecast")) > 10
    assert {"expected", "low", "high", "long_run"} <= set(found.table("forecast").names)

    # The commander declined it, and that is public too.
    words = {"reasons": "Lighting comes first this month.", "other_evidence": "Complaints about street lamps."}
    decision = flow.decide(house, people["commander"], evidence, choice="decline", **words)
    flow.publish(house, people["clerk"], decision, statement="Declined: lighting first.")
    assert [case.choice for case in published(house)] == ["decline"]
    assert refusals(house)[(forecast.id, "the_papers_are_in_order")] == 1
    assert case_record(house, decision.case).decider == people["commander"].person.name
