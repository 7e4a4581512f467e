"""The planner: a plan without data, in both languages."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import Context
from peelian.pictures.words import english
from peelian.technologies.risk.planner.case import run
from peelian.technologies.risk.planner.declared import PLANNER, PlanParams
from peelian.technologies.risk.planner.page import view

CONTEXT = Context(seed=1, progress=lambda says, share: None)


def test_rarer_outcomes_and_narrower_intervals_need_more_people() -> None:
    plain = run(PlanParams(), {}, CONTEXT).facts["people"]
    assert run(PlanParams(base_rate=0.1), {}, CONTEXT).facts["people"] > plain
    assert run(PlanParams(half_width=0.02), {}, CONTEXT).facts["people"] > plain


def test_the_largest_of_all_purposes_is_named() -> None:
    found = run(PlanParams(groups=5), {}, CONTEXT)
    plan = found.table("plan")
    assert found.facts["people"] == plan["people"].max()
    assert (plan["people_all_groups"] == 5 * plan["people"]).all()
    assert len(view(found, english)) >= 4


@pytest.mark.parametrize(
    "params", [PlanParams(base_rate=0), PlanParams(half_width=0.9), PlanParams(groups=0), PlanParams(area=float("nan"))]
)
def test_a_plan_for_nothing_is_refused(params: PlanParams) -> None:
    with pytest.raises(InputError):
        PLANNER.asks.check(params)


def test_it_opens_nothing() -> None:
    assert PLANNER.reads == ()
