"""An adopted model is tested on newer data at the pages: asked for, run as a case, and what it found is recorded."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from authentication import logged_on, over, send
from deciding import read_and_decide
from desk import Desk, desk
from toy import COUNT, PROVE, TOY, example, wells

from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.oversight import drift
from peelian.web.app import make_app

WORDS = {"reasons": "as the evidence shows", "other_evidence": "document: what residents told us"}


@pytest.fixture
def town() -> Desk:
    """A town whose model was proven and adopted."""
    made = desk((TOY,))
    made.authorizations(PROVE, days=900)
    made.authorization(AuthorizationKind.COUNCIL_APPROVAL, COUNT, days=900)
    evidence, _ = verbs.run(made.kernel, made.people["analyst"], made.ask(PROVE))
    read_and_decide(made.kernel, made.people["board"], evidence, choice="adopt", **WORDS)
    return made


def newer(town: Desk, n: int) -> str:
    table = wells(n)
    data = dataclasses.replace(example().datasets["wells"], table=table, digest=table.digest())
    return town.admit(data, {Purpose.PROOF}, "wells").dataset


def case_tested(town: Desk, client: Any, n: int) -> str:
    """Ask for the test on new data and run it, as its page says; returns the case."""
    (origin,) = drift.reports(town.kernel)
    data = f"wells={newer(town, n)}"
    assert f'value="{data}"' in client.get("/en/tasks/oversight-drift").text
    done = send(client, "/en/tasks/oversight-drift", report=origin.digest, data=data)
    found = re.search(r'href="/en/cases/(c-[^"/]+)"', done.text.partition('role="status"')[2])
    assert done.status_code == 200 and found is not None, done.text
    assert found[1] not in client.get("/en/tasks/oversight-drift-record").text, "it has not run yet"
    assert send(client, f"/en/cases/{found[1]}/run").status_code in (200, 303)
    over(client, found[1])
    return found[1]


@pytest.mark.parametrize(("n", "holds"), [(30, True), (2, False)])
def test_what_the_test_found_is_recorded_and_a_missed_bar_revokes_the_report(town: Desk, n: int, holds: bool) -> None:
    client = logged_on(make_app(town.office), town.office, "analyst")
    case = case_tested(town, client, n)
    assert f'value="{case}"' in client.get("/fr/tasks/oversight-drift-record").text
    done = send(client, "/en/tasks/oversight-drift-record", case=case)
    assert done.status_code == 200 and ("still meets" in done.text) is holds
    assert [(one.case, one.holds) for one in drift.checks(town.kernel)] == [(case, holds)]
    assert bool(drift.reports(town.kernel)) is holds
    assert send(client, "/en/tasks/oversight-drift-record", case=case).status_code == 409, "once"


def test_old_data_and_what_the_report_fixes_prove_nothing(town: Desk) -> None:
    client = logged_on(make_app(town.office), town.office, "analyst")
    (origin,) = drift.reports(town.kernel)
    old, new = origin.datasets["wells"], newer(town, 30)
    assert old not in client.get("/en/tasks/oversight-drift").text
    for told, status in (
        ({"data": f"wells={old}"}, 409),
        ({"data": f"wells={new}", "report": "0" * 64}, 409),
        ({"data": f"wells={new}", "changes": "deepest=90"}, 400),
        ({"data": f"wells={new}", "changes": "nonsense"}, 400),
    ):
        assert send(client, "/en/tasks/oversight-drift", **{"report": origin.digest} | told).status_code == status, told
    asked = town.ask(PROVE)  # a proof as any other, on newer data: as good
    verbs.run(town.kernel, town.people["analyst"], asked)
    assert [case for _, case in drift.unrecorded(town.kernel)] == [asked.case]
    wider = dataclasses.replace(origin.params, deepest=90)
    verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE, params=wider))
    verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE, datasets=dict(origin.datasets)))
    assert [case for _, case in drift.unrecorded(town.kernel)] == [asked.case]
