"""A tool in use before approval is reported, paused in time, approved with authorizations, or its technology is
stopped."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from assessed_toy import NEEDED, TOWN
from desk import Desk, Hands, desk
from suspending import lift

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.capability import AuthorizationKind, Role
from peelian.operations.office import new_office, open_office
from peelian.oversight.assessment.tools import close_overdue, move, overdue, report, tools

TOLD: dict[str, Any] = {
    "technology": "toy",
    "level": "high",
    "reason": "bought years ago",
    "plan": "stop it by summer",
}


@pytest.fixture
def town() -> Desk:
    return desk((TOWN,))


def reported(town: Desk, days: int = 60, **changes: Any) -> str:
    day = (town.kernel.now() + timedelta(days=days)).date().isoformat()
    return report(town.kernel, town.people["custodian"], "Well finder", **{**TOLD, "pause_by": day, **changes})


def test_a_reported_tool_is_shown_with_its_day(town: Desk) -> None:
    reported(town)
    tool = tools(town.kernel)["Well finder"]
    assert (tool.state, tool.level, tool.technology) == ("reported", "high", "toy")
    assert overdue(town.kernel) == () and close_overdue(town.kernel) == ()


def test_when_its_day_passes_the_gate_closes_by_itself(town: Desk) -> None:
    town.authorizations(NEEDED)
    reported(town, days=10)
    assert town.ask(NEEDED)
    town.clock.days(11)
    assert [tool.name for tool in overdue(town.kernel)] == ["Well finder"]
    assert close_overdue(town.kernel) == ("toy",) and close_overdue(town.kernel) == ()
    with pytest.raises(Refused) as refused:
        town.ask(NEEDED)
    assert "the_technology_is_not_suspended" in {r.rule for r in refused.value.reasons}
    assert town.kinds().count("SUSPENDED") == 1


def test_a_board_that_resumes_it_too_early_finds_it_closed_again(town: Desk) -> None:
    reported(town, days=10)
    town.clock.days(11)
    close_overdue(town.kernel)
    lift(town.kernel, town.people["privacy-officer"], town.people["board"], "toy")
    assert close_overdue(town.kernel) == ("toy",)


@pytest.mark.parametrize("state", ["paused", "ended"])
def test_a_paused_or_ended_tool_is_not_overdue(town: Desk, state: str) -> None:
    reported(town, days=10)
    move(town.kernel, town.people["custodian"], "Well finder", state)
    town.clock.days(11)
    assert overdue(town.kernel) == ()


def test_a_tool_of_low_risk_closes_nothing(town: Desk) -> None:
    reported(town, days=1, level="low")
    town.clock.days(30)
    assert overdue(town.kernel) == ()


def test_approval_is_the_board_s_and_wants_both_authorizations(town: Desk) -> None:
    reported(town)
    with pytest.raises(Refused):
        move(town.kernel, town.people["custodian"], "Well finder", "approved")
    with pytest.raises(Refused, match="impact assessment"):
        move(town.kernel, town.people["board"], "Well finder", "approved")
    town.authorization(AuthorizationKind.COUNCIL_APPROVAL, NEEDED)
    town.authorization(AuthorizationKind.IMPACT_ASSESSMENT, NEEDED)
    move(town.kernel, town.people["board"], "Well finder", "approved")
    assert tools(town.kernel)["Well finder"].state == "approved"


def test_moves_that_are_none_are_refused(town: Desk) -> None:
    with pytest.raises(OutOfOrder):
        move(town.kernel, town.people["custodian"], "Well finder", "paused")
    reported(town)
    with pytest.raises(OutOfOrder):
        reported(town)
    move(town.kernel, town.people["custodian"], "Well finder", "ended")
    with pytest.raises(OutOfOrder, match="nothing"):
        move(town.kernel, town.people["custodian"], "Well finder", "reported")
    reported(town)
    assert tools(town.kernel)["Well finder"].state == "reported"


@pytest.mark.parametrize(
    "change",
    [
        {"level": "deadly"},
        {"technology": "moon"},
        {"reason": "because"},
        {"plan": ""},
        {"pause_by": "soon"},
        {"pause_by": "2026-12-31"},  # beyond three months
        {"pause_by": "2026-01-01"},  # gone
    ],
    ids=str,
)
def test_what_is_wrong_with_a_report_is_said(town: Desk, change: dict[str, str]) -> None:
    with pytest.raises(InputError):
        reported(town, **change)
    assert "TOOL_STATED" not in town.kinds()


def test_an_analyst_reports_nothing(town: Desk) -> None:
    with pytest.raises(Refused):
        report(town.kernel, town.people["analyst"], "x", **TOLD, pause_by="2026-03-20")


def test_an_office_that_opens_stops_what_had_to_be_paused(tmp_path: Path) -> None:
    clock = Hands()
    with new_office(tmp_path / "office", name="Town", clock=clock) as office:
        by = office.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        day = (office.kernel.now() + timedelta(days=10)).date().isoformat()
        report(office.kernel, by, "Old maps", **{**TOLD, "technology": "mapping", "pause_by": day})
    clock.days(11)
    with open_office(tmp_path / "office", clock=clock) as office:
        assert "mapping" in office.kernel.state.suspended
