"""Proves that the planner states the sizes of the design page, and reads no data."""

from __future__ import annotations

from peelian.pictures.panels import Grid
from peelian.pictures.words import english
from peelian.technologies.faces.planning.case import run
from peelian.technologies.faces.planning.declared import PLANNER, PlanParams
from peelian.technologies.faces.planning.page import view


def test_a_claim_of_one_in_ten_thousand(context):
    found = run(PlanParams(target_fmr=1e-4, groups=3), {}, context)
    assert found.facts == {"pairs": 300_000, "people": 776}
    plan = found.table("plan")
    last = plan.take((plan["rule"] == "rule of 30") & (plan["claim"] == "false matches within each group"))
    assert last["needed_subjects"].tolist() == [3 * 776]
    (grid,) = [p for p in view(found, english) if isinstance(p, Grid)]
    assert any("776" in cell for row in grid.rows for cell in row)
    assert PLANNER.reads == ()
    assert PLANNER.arithmetic().public(found) is found


def test_recurring_subjects_need_more_comparisons(context):
    assert run(PlanParams(design_effect=2.0), {}, context).facts["pairs"] == 600_000
