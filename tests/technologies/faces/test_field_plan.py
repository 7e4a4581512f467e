"""Proves that a plan says what its trial can show, in people and not in passages."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.technologies.faces.field_plan.case import ALMOST, CAN, CANNOT, EACH, NO, OVERALL, YES, run
from peelian.technologies.faces.field_plan.declared import FIELD_PLAN, FieldPlanParams
from peelian.technologies.faces.field_trial.declared import MISSED, PER_FACE
from peelian.technologies.faces.measure.shares import SURE, needed


def answers(context, **params):
    found = run(FieldPlanParams(**params), {}, context)
    return {(row["claim"], row["scope"]): row for row in found.table("plan").records()}, found


def test_more_people_help_and_more_passages_do_not(context):
    few, _ = answers(context, crossers=20)
    more, _ = answers(context, crossers=20, passages=500)
    assert str(few) == str(more)
    assert few[(MISSED, EACH)]["answer"] == NO
    many, found = answers(context, crossers=300)
    assert many[(MISSED, EACH)]["answer"] == YES
    assert any(n.text == CAN and n.values["claim"] == MISSED for n in found.notes)
    assert found.facts["crossers"] == 1200


def test_every_claim_is_planned_at_its_share_of_the_risk(context):
    rows, found = answers(context, groups=4)
    assert rows[(PER_FACE, OVERALL)]["needed_at_half"] == needed(0.001, SURE / 27)
    assert rows[(PER_FACE, OVERALL)]["answer"] == ALMOST
    (each,) = [n for n in found.notes if n.text == CANNOT and n.values["claim"] == PER_FACE]
    assert each.values["planned"] == 5_000 and each.values["scope"] == EACH


def test_one_group_has_no_groups_to_compare(context):
    rows, _ = answers(context, groups=1)
    assert {scope for _, scope in rows} == {OVERALL}


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit_face", 0.0), ("limit_missed", 1.0), ("crossers", 0), ("groups", 0), ("planned_faces", 0)],
)
def test_what_cannot_be_is_refused(name, value):
    with pytest.raises(InputError) as refused:
        FIELD_PLAN.asks.check(FieldPlanParams(**{name: value}))
    assert refused.value.column == name
