"""A tool in use before approval is reported and moved at the pages, and the inventory shows it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from authentication import logged_on, send
from desk import Desk, desk
from toy import TOY

from peelian.oversight.assessment.tools import tools
from peelian.web.app import make_app


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_a_tool_is_reported_paused_and_approved_by_the_board_alone(town: Desk) -> None:
    app = make_app(town.office)
    custodian, board = (logged_on(app, town.office, one) for one in ("custodian", "board"))
    told = {
        "name": "Plate lookup",
        "technology": "toy",
        "level": "high",
        "reason": "it was bought before the policy",
        "plan": "take its accounts away",
        "pause_by": (town.clock.now.date() + timedelta(days=30)).isoformat(),
    }
    for fault in ({"pause_by": "2099-01-01"}, {"reason": "short"}, {"technology": "moon"}, {"level": "none"}):
        slip = send(custodian, "/en/tasks/oversight-tool-report", **told | fault)
        assert slip.status_code == 400 and f'id="{next(iter(fault))}-fault"' in slip.text, fault
    assert send(board, "/en/tasks/oversight-tool-report", **told).status_code == 404
    assert send(custodian, "/en/tasks/oversight-tool-report", **told).status_code == 200
    assert town.kinds()[-1] == "TOOL_STATED" and "Plate lookup" in custodian.get("/en/inventory").text
    assert send(custodian, "/en/tasks/oversight-tool-report", **told).status_code == 409
    move = {"tool": "Plate lookup", "state": "approved"}
    assert send(custodian, "/en/tasks/oversight-tool-move", **move).status_code == 403
    assert send(board, "/en/tasks/oversight-tool-move", **move).status_code == 403, "its authorizations are missing"
    paused = send(custodian, "/fr/tasks/oversight-tool-move", **move | {"state": "paused"})
    assert paused.status_code == 200 and tools(town.kernel)["Plate lookup"].state == "paused"
    assert send(custodian, "/en/tasks/oversight-tool-move", tool="Another", state="paused").status_code == 409
