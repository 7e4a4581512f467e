"""The story of new lights, as an analyst would tell it.

The council wanted to know whether the lights helped. We said beforehand how we would find out, and what we could find.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime

import numpy as np
import pytest
from deciding import read_and_decide
from desk import Desk, desk

from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import Dataset, Purpose
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.evaluation import EvaluationParams
from peelian.technologies.mapping.evaluation import FELL, POWER_PLANNED, REGISTERED, RETROSPECTIVE, until

SINCE = "2019-10-28"
PROOF = (Purpose.PROOF,)
PARAMS = EvaluationParams(
    treated=("District 1",), since=SINCE, category=example.CATEGORY, after_days=56, before_days=182, chosen_days=28
)


@pytest.fixture
def town() -> Desk:
    made = desk()
    made.begins(datetime(2019, 10, 28, 9, 0, tzinfo=UTC))
    return made


def with_lights() -> Dataset:
    """The made-up incidents; from the first evening on, two in three do not happen in the first district."""
    whole = example.incidents()
    table = whole.table
    there = (np.asarray(table["east_metres"]) < 1_500) & (np.asarray(table["north_metres"]) < 1_500)
    after = np.asarray(table["start_hour"]) >= np.datetime64(SINCE, "h")
    gone = there & after & (np.random.default_rng(1).random(len(table)) < 2 / 3)
    return replace(whole, table=table.take(np.flatnonzero(~gone)))


def asked(town: Desk, capability: str, incidents: Dataset, params: EvaluationParams = PARAMS):  # type: ignore[no-untyped-def]
    data = {
        "incidents": town.admit(incidents, PROOF, "incidents").dataset,
        "areas": town.admit(example.areas(), PROOF, "areas").dataset,
    }
    analyst, made = town.people["analyst"], town.kernel.capability(capability).asks.params(**asdict(params))
    permit = verbs.ask(town.kernel, analyst, capability, purpose="proof", params=made, datasets=data)
    return verbs.run(town.kernel, analyst, permit)


def test_what_was_registered_is_evaluated_and_published(town: Desk) -> None:
    # Nothing is evaluated that was not registered.
    with pytest.raises(Refused) as refused:
        asked(town, "mapping.evaluate", with_lights())
    assert "mapping.plan" in " ".join(reason.remedy for reason in refused.value.reasons)

    # In October we said what we could find. The board adopted the plan before the first evening was over.
    evidence, plan = asked(town, "mapping.plan", until(with_lights(), SINCE))
    assert plan.notes[0].text == POWER_PLANNED
    words = {"reasons": "it can find what the council hopes for", "other_evidence": "document: the engineer's drawings"}
    read_and_decide(town.kernel, town.people["board"], evidence, choice="adopt", **words)

    # In January the period was over. Longer than planned was refused, as planned was run.
    town.clock.days(70)
    with pytest.raises(Refused):
        asked(town, "mapping.evaluate", with_lights(), replace(PARAMS, after_days=60))
    evidence, found = asked(town, "mapping.evaluate", with_lights())
    assert found.facts["verdict"] == "fell"
    assert found.notes[0].text == FELL
    assert REGISTERED in {note.text for note in found.notes}

    # It was published as it was.
    decision = read_and_decide(town.kernel, town.people["board"], evidence, choice="adopt", **words)
    verbs.publish(town.kernel, town.people["board"], decision)
    histories = town.kernel.state.histories
    assert histories[evidence.case].state == "PUBLISHED"


def test_a_plan_adopted_once_the_outcome_was_known_is_called_retrospective(town: Desk) -> None:
    # The whole file was there: it was cut at October, planned, adopted and evaluated on one day in January.
    town.clock.days(70)
    evidence, _ = asked(town, "mapping.plan", until(with_lights(), SINCE))
    words = {"reasons": "it can find what the council hopes for", "other_evidence": "document: the engineer's drawings"}
    read_and_decide(town.kernel, town.people["board"], evidence, choice="adopt", **words)
    _, found = asked(town, "mapping.evaluate", with_lights())
    told = {note.text: note.values for note in found.notes}
    assert REGISTERED not in told and not found.facts["registered_before"]
    assert told[RETROSPECTIVE] == {"adopted": "2020-01-06", "since": SINCE}
