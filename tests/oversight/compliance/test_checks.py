"""Each check looks at what the office did: it says nothing of an empty office, and no of a wrong one."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from deciding import read_and_decide
from desk import Desk, desk
from toy import PROVE, TOY

from peelian.errors import fill
from peelian.kernel import verbs
from peelian.kernel.model.capability import Emit, Role
from peelian.kernel.model.tables import TableColumn
from peelian.kernel.state.kernel import OfficeState
from peelian.measure.table import Kind
from peelian.oversight.compliance import checks
from peelian.oversight.compliance.standing import CHECKS

WORDS = {"reasons": "as the evidence shows", "other_evidence": "document: what residents told us"}


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def decided(town: Desk, choice: str = "adopt") -> None:
    town.authorizations(PROVE)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE))
    read_and_decide(town.kernel, town.people["board"], evidence, choice=choice, **WORDS)


def test_an_empty_office_shows_no_decisions_openings_or_reports(town: Desk) -> None:
    for name in (
        "decided_by_others",
        "overruled",
        "accurate",
        "drift",
        "opened",
        "declared",
        "weekly",
        "tools",
        "yearly",
        "registered",
    ):
        assert list(CHECKS[name](town.kernel)) == [], name


def test_a_used_office_shows_what_it_did(town: Desk) -> None:
    decided(town)
    for name in ("decided_by_others", "overruled", "accurate", "opened", "declared", "stamps", "tokens", "trained"):
        found = list(CHECKS[name](town.kernel))
        assert found and all(proof.holds for proof in found), name
        for proof in found:
            assert "%" not in fill(proof.says, proof.values)
            assert proof.kind != "log" or 0 <= int(proof.ref) < len(town.kinds())


def test_a_decision_by_the_asker_s_unit_speaks_against(town: Desk) -> None:
    decided(town)
    log, unit = town.kernel.stores.log, next(iter(town.kernel.state.histories.values())).unit

    class Told:
        """The log, as if somebody of the asker's own unit had decided."""

        def __getattr__(self, name: str) -> Any:
            return getattr(log, name)

        def read(self, *asked: Any, **more: Any) -> Any:
            return ((i, {**e, "unit": unit} if e["kind"] == "DECIDED" else e) for i, e in log.read(*asked, **more))

        def found(self, key: str, value: str) -> Any:
            return [(i, {**e, "unit": unit} if e["kind"] == "DECIDED" else e) for i, e in log.found(key, value)]

    stores: Any = dataclasses.replace(town.kernel.stores, log=Told())
    (proof,) = checks.decided_by_others(dataclasses.replace(town.kernel, stores=stores, state=OfficeState()))
    assert not proof.holds


def test_a_declining_decision_is_counted_as_not_followed(town: Desk) -> None:
    decided(town, "decline")
    (proof,) = checks.overruled(town.kernel)
    assert proof.values == {"against": 1, "n": 1}


def test_a_capability_that_could_emit_a_person_or_a_point_speaks_against() -> None:
    for name, kind, check in (("who", Kind.PERSONAL, checks.no_person), ("lat", Kind.AMOUNT, checks.no_points)):
        bad = dataclasses.replace(PROVE, emits=(Emit(table="t", title="t", columns={name: TableColumn(kind, name)}),))
        wrong = desk((dataclasses.replace(TOY, capabilities=(bad,)),))
        assert [proof.holds for proof in check(wrong.kernel)] == [False]


def test_one_person_with_several_separate_parts_speaks_against(town: Desk) -> None:
    assert [proof.holds for proof in checks.separated(town.kernel)] == [True]
    roles = {Role.BOARD, Role.COUNCIL}
    by, second = town.people["custodian"], town.people["board"]
    town.office.enrol("both", name="Both", unit="x", roles=roles, by=by, second=second)
    assert [proof.holds for proof in checks.separated(town.kernel)] == [False]


def test_a_report_nobody_checked_for_a_quarter_speaks_against(town: Desk) -> None:
    decided(town)
    assert list(checks.drifting(town.kernel)) == []
    town.clock.days(93)
    town.authorizations(PROVE)
    assert [proof.holds for proof in checks.drifting(town.kernel)] == [False]


def test_an_entry_with_a_name_instead_of_a_token_speaks_against(town: Desk) -> None:
    town.kernel.append("SUSPENDED", technology="toy", by="mister-smith")
    assert [proof.holds for proof in checks.tokens(town.kernel)] == [False]


def test_a_log_shows_that_it_is_kept_only_once_it_is_old_enough(town: Desk) -> None:
    assert [*checks.KEPT_HALF_A_YEAR(town.kernel), *checks.KEPT_A_YEAR(town.kernel)] == []
    town.clock.days(184)
    assert [proof.holds for proof in checks.KEPT_HALF_A_YEAR(town.kernel)] == [True]
    assert list(checks.KEPT_A_YEAR(town.kernel)) == []
    town.clock.days(182)
    assert [proof.holds for proof in checks.KEPT_A_YEAR(town.kernel)] == [True]


def test_roles_that_nobody_holds_show_no_separation(monkeypatch: pytest.MonkeyPatch, town: Desk) -> None:
    people = {token: one for token, one in town.kernel.state.people.items() if Role.CUSTODIAN in one.roles}
    assert 0 < len(people) < len(town.kernel.state.people)
    monkeypatch.setattr(type(town.kernel.state), "people", people, raising=False)
    assert list(checks.separated(town.kernel)) == []


def test_only_entries_that_say_who_acted_are_counted_as_such(town: Desk) -> None:
    entries = [entry for _, entry in town.kernel.stores.log.read()]
    (proof,) = checks.tokens(town.kernel)
    assert proof.values == {"n": sum("by" in entry for entry in entries), "wrong": 0}
    assert 0 < proof.values["n"] <= len(entries)
    town.kernel.append("SUSPENDED", technology="toy", by="mister-smith")
    (proof,) = checks.stamps(town.kernel)
    assert proof.values == {"n": len(entries) + 1, "wrong": 0}


def test_a_drill_counts_for_twelve_months(town: Desk) -> None:
    (none,) = checks.drilled(town.kernel)
    assert (none.holds, none.says) == (False, "no breach drill completed yet")
    town.kernel.append("SELF_TESTED", document="0" * 64, by="office", met=1)
    town.kernel.append("DRILL_COUNTERSIGNED", document="0" * 64, by="office", counts=0)
    (missed,) = checks.drilled(town.kernel)
    assert (missed.holds, missed.says) == (False, "no breach drill that counts")
    town.kernel.append("DRILL_COUNTERSIGNED", document="0" * 64, by="office", counts=1)
    town.clock.days(364)
    assert [proof.holds for proof in checks.drilled(town.kernel)] == [True]
    town.clock.days(2)
    assert [proof.holds for proof in checks.drilled(town.kernel)] == [False]


def test_every_component_is_open_source(town: Desk) -> None:
    (proof,) = checks.open_source(town.kernel)
    assert proof.holds and int(proof.values["n"]) >= 10


def test_a_register_holds_once_somebody_requested_a_use(town: Desk) -> None:
    decided(town)
    assert [proof.holds for proof in CHECKS["registered"](town.kernel)] == [True]
