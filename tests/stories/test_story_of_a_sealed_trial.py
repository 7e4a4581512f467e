"""The story of a sealed trial, as a board member would tell it.

A back-test can be tried until it shines. So we asked for one thing more: say it now, and let us look later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from deciding import read_and_decide
from desk import Desk, desk

from peelian.errors import InputError, NotEnoughData, Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Dataset, Purpose
from peelian.kernel.verbs import authorizations
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.scoring import ScoreParams
from peelian.technologies.mapping.declarations.sealing import SealParams
from peelian.technologies.mapping.scoring import AFTERWARDS, AHEAD, STEP_BY_STEP

FIRST_DAY = "2019-07-01"
CRITERIA = {"min_hit_rate_5": 0.2}
PROOF = (Purpose.PROOF,)


@pytest.fixture
def town() -> Desk:
    made = desk()
    made.begins(datetime(2019, 6, 28, 9, 0, tzinfo=UTC))
    return made


def recorded_until(day: str) -> Dataset:
    whole = example.incidents()
    kept = np.asarray(whole.table["start_hour"]) < np.datetime64(day, "h")
    last = str(np.datetime64(day, "D") - np.timedelta64(1, "D"))
    return replace(whole, table=whole.table.take(kept), facts={**whole.facts, "to_day": last, "n": int(kept.sum())})


def seal(town: Desk, **changes: object) -> str:
    """Bars first, then the forecasts; the dataset that holds them."""
    kernel, people = town.kernel, town.people
    body = {"category": example.CATEGORY, **CRITERIA}
    authorizations.issue(
        kernel,
        people["board"],
        AuthorizationKind.ACCEPTANCE_CRITERIA,
        serves="mapping.seal",
        purposes=PROOF,
        days=400,
        body=body,
    )
    data = {"incidents": town.admit(recorded_until(FIRST_DAY), PROOF, "incidents").dataset}
    params = SealParams(start_day=FIRST_DAY, category=example.CATEGORY, windows=26, models=("uniform",))
    permit = verbs.ask(
        kernel, people["analyst"], "mapping.seal", purpose="proof", params=replace(params, **changes), datasets=data
    )
    evidence, found = verbs.run(kernel, people["analyst"], permit)
    assert {table.name for table in found.tables} == {"sealed"}, "no forecast is shown before its time"
    return evidence.made["sealed"]


def score(town: Desk, sealed: str, until: str):  # type: ignore[no-untyped-def]
    data = {"sealed": sealed, "incidents": town.admit(recorded_until(until), PROOF, "incidents").dataset}
    analyst = town.people["analyst"]
    permit = verbs.ask(town.kernel, analyst, "mapping.score", purpose="proof", params=ScoreParams(), datasets=data)
    return verbs.run(town.kernel, analyst, permit)


def test_what_was_said_before_is_scored_after_and_may_earn_the_report(town: Desk) -> None:
    sealed = seal(town)

    # In autumn somebody was curious. The forecasts stayed sealed: the windows had not all passed.
    town.clock.days(90)
    with pytest.raises(NotEnoughData, match="last window ends on 2019-12-29"):
        score(town, sealed, "2019-10-01")

    # In January everything was in. Half a year of weeks was scored as it had been sealed, by the acceptance criteria
    # of June.
    town.clock.days(110)
    evidence, found = score(town, sealed, "2019-12-30")
    assert found.facts["prospective"] is True and found.facts["criteria_met"] is True
    assert found.facts["origins"] == 26 and found.facts["first_day"] == FIRST_DAY
    assert AHEAD in {note.text for note in found.notes}

    # The board adopted it, and the report is as good as that of a back-test.
    read_and_decide(
        town.kernel,
        town.people["board"],
        evidence,
        choice="adopt",
        reasons="sealed in June, scored in January, the bars were met",
        other_evidence="document: the back-test of the years before",
    )
    report = [p for p in town.kernel.state.authorizations.values() if p.kind is AuthorizationKind.ACCURACY_REPORT]
    assert len(report) == 1 and report[0].body["prospective"] is True


def test_forecasts_sealed_when_the_outcome_was_known_prove_nothing(town: Desk) -> None:
    town.clock.days(300)
    sealed = seal(town)
    evidence, found = score(town, sealed, "2019-12-30")
    assert found.facts["prospective"] is False and found.facts["criteria_met"] is False
    assert AFTERWARDS in {note.text for note in found.notes if note.kind == "caveat"}
    with pytest.raises(Refused):
        read_and_decide(
            town.kernel,
            town.people["board"],
            evidence,
            choice="adopt",
            reasons="it looks good all the same",
            other_evidence="document: the back-test of the years before",
        )


def test_forecasts_sealed_anew_every_week_are_scored_as_one_trial(town: Desk) -> None:
    """The analyst sealed what she knew each Friday. In January all weeks were scored together, each as said last."""
    kernel, analyst = town.kernel, town.people["analyst"]
    first = seal(town, windows=2)
    chain = first
    for week in range(1, 26):
        begins = str(np.datetime64(FIRST_DAY, "D") + 7 * week)
        town.clock.days(7)
        data = {"incidents": town.admit(recorded_until(begins), PROOF, "incidents").dataset, "earlier": chain}
        params = SealParams(
            start_day=begins, category=example.CATEGORY, windows=1, model="moving", models=("uniform", "decayed")
        )
        if week == 1:  # another question is refused, not mixed in
            permit = verbs.ask(kernel, analyst, "mapping.seal", purpose="proof", params=params, datasets=data)
            with pytest.raises(InputError, match="the earlier seal differs in: model, models"):
                verbs.run(kernel, analyst, permit)
        params = replace(params, model="decayed", models=("uniform",))
        permit = verbs.ask(kernel, analyst, "mapping.seal", purpose="proof", params=params, datasets=data)
        chain = verbs.run(kernel, analyst, permit)[0].made["sealed"]
    town.clock.days(30)
    _, found = score(town, chain, "2019-12-30")
    assert found.facts["origins"] == 26 and found.facts["prospective"] is True
    assert STEP_BY_STEP in {note.text for note in found.notes}
