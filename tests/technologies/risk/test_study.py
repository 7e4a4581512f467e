"""The study: whom a group is compared with, which cut was meant, and axes that are not there."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.measure.table import Table
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan


def test_groups_are_compared_with_the_largest_of_their_axis(crossed: Table) -> None:
    found = study(crossed, Plan())
    names = dict(zip(zip(found.nodes.axis, found.nodes.group, strict=True), found.names, strict=True))
    assert names[("race", "Hispanic")] == "African-American"
    assert names[("sex", "Female")] == "Male"
    assert names[("everyone", "everyone")] == ""
    assert names[("crossed", "Other × Male × 25 - 45")] == "African-American × Male × 25 - 45"


def test_the_reference_group_asked_for_is_used_on_its_axis_and_in_crossed_groups(crossed: Table) -> None:
    found = study(crossed, Plan(reference=("Caucasian", "Female")))
    names = dict(zip(zip(found.nodes.axis, found.nodes.group, strict=True), found.names, strict=True))
    assert names[("race", "Hispanic")] == "Caucasian"
    assert names[("age_cat", "Less than 25")] == "25 - 45"
    assert names[("crossed", "Other × Male × 25 - 45")].startswith("Caucasian × Female")


@pytest.mark.parametrize(
    ("plan", "column"),
    [(Plan(reference=("Martian",)), "reference"), (Plan(axes=("planet",)), "axes"), (Plan(cut=99.0), "cut")],
)
def test_what_is_not_there_is_refused_with_what_is(crossed: Table, plan: Plan, column: str) -> None:
    with pytest.raises(InputError) as error:
        study(crossed, plan)
    assert error.value.column == column
    assert error.value.accepted


def test_fewer_axes_make_fewer_groups(crossed: Table) -> None:
    found = study(crossed, Plan(axes=("sex",)))
    assert found.nodes.group == ("everyone", "Female", "Male")
    assert study(crossed, Plan(crossed=False)).nodes.where("crossed") == []


def test_whole_nodes_have_thirty_events_and_thirty_others(crossed: Table) -> None:
    found = study(crossed, Plan())
    for i in range(len(found.nodes.group)):
        if found.whole[i]:
            assert min(found.events[i], found.size[i] - found.events[i]) >= 30
