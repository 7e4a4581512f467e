"""An access is explained by what covers it in every respect, and by nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from court import signed_warrant
from deciding import read_and_decide
from precinct import Precinct, person, precinct

from peelian.kernel import verbs
from peelian.kernel.model.capability import Purpose
from peelian.kernel.records.office_records import assign
from peelian.kernel.verbs.authorizations import revoke
from peelian.oversight.review.accesses import accesses
from peelian.oversight.review.explanations import explained_by, grounds_of, unexplained
from peelian.oversight.transparency.register import case_record


def ground(at: Precinct) -> str:
    """What explains the newest access."""
    access = [a for a in accesses(at.desk.kernel) if a.kind == "ACCESSED"][-1]
    return getattr(explained_by(access, grounds_of(at.desk.kernel)), "kind", "")


def test_an_open_case_of_the_unit_explains_its_own_data() -> None:
    at = precinct()
    at.look("anna", person(1))
    assert ground(at) == "case"
    assert unexplained(accesses(at.desk.kernel), grounds_of(at.desk.kernel)) == ()


@pytest.mark.parametrize("change", [{"dataset": "other"}, {"case": ""}, {"case": "c-0000000000"}])
def test_another_dataset_no_case_or_an_unknown_case_explains_nothing(change: dict[str, str]) -> None:
    at = precinct()
    at.look("anna", person(1), **change)
    assert ground(at) == ""


def test_a_case_explains_nothing_after_its_permit_ends() -> None:
    at = precinct()
    at.desk.clock.days(8)
    at.look("anna", person(1))
    assert ground(at) == ""


def test_a_case_of_another_unit_explains_nothing() -> None:
    at = precinct()
    at.officers["stranger"] = at.desk.people["dispatcher"]
    at.look("stranger", person(1))
    assert ground(at) == ""


def warrant(at: Precinct, **body: Any) -> object:
    body = {"status": "confirmed", "reference": "A 1/26", "operations": "read", "count": 99} | body
    return signed_warrant(at.desk, body, serves="toy.*", purposes=(Purpose.ADVICE,), days=3)


def test_a_warrant_explains_its_units_accesses_to_its_cells_while_it_holds() -> None:
    at = precinct()
    unit = at.officers["anna"].person.unit
    authorization = warrant(at, unit=unit, cells="250:1:1, 250:1:2")
    at.look("anna", person(1), case="", cell="250:1:2")
    assert ground(at) == "warrant"
    at.look("anna", person(1), case="", cell="250:9:9")
    assert ground(at) == ""
    at.look("anna", person(1), case="")
    assert ground(at) == ""
    revoke(at.desk.kernel, at.desk.people["privacy-officer"], authorization)  # type: ignore[arg-type]
    at.look("anna", person(1), case="", cell="250:1:2")
    assert ground(at) == ""
    assert [len(unexplained(accesses(at.desk.kernel), grounds_of(at.desk.kernel)))] == [3]


def test_a_warrant_without_scope_explains_nothing() -> None:
    at = precinct()
    warrant(at, unit=at.officers["anna"].person.unit)
    warrant(at, cells="250:1:2")
    at.look("anna", person(1), case="", cell="250:1:2")
    assert ground(at) == ""


def test_a_plan_explains_accesses_of_the_unit_it_was_given_to() -> None:
    at = precinct()
    permit = case_record(at.desk.kernel, at.case).permit
    assert permit is not None
    evidence, _ = verbs.run(at.desk.kernel, at.desk.people["analyst"], permit)
    commander = at.desk.people["commander"]
    read_and_decide(
        at.desk.kernel,
        commander,
        evidence,
        choice="accept",
        reasons="It is sound.",
        other_evidence="document: Calls for service.",
    )
    assign(at.desk.kernel, commander, at.case, unit="unit-dispatcher", cells=["250:1:1"], days=2)
    at.officers["patrol"] = at.desk.people["dispatcher"]
    at.look("patrol", person(1), cell="250:1:1")
    assert ground(at) == "plan"
    at.desk.clock.now += timedelta(days=3)
    at.look("patrol", person(1), cell="250:1:1")
    assert ground(at) == ""


def test_what_the_kernel_checked_is_explained_by_the_document_it_checked() -> None:
    at = precinct()
    kernel, permit = at.desk.kernel, case_record(at.desk.kernel, at.case).permit
    assert permit is not None
    evidence, _ = verbs.run(kernel, at.desk.people["analyst"], permit)
    assert unexplained(accesses(kernel), grounds_of(kernel)) == ()
    digest = str(kernel.state.histories[at.case].digests("RAN")[0])
    kernel.append("OPENED", case=at.case, before=digest, object="o", dataset="made-1", by="t")
    assert unexplained(accesses(kernel), grounds_of(kernel)) == ()
    early = kernel.append("EXPORTED", case=at.case, what="map", by="t")
    forged = kernel.append("OPENED", case=at.case, before="0" * 64, object="o", dataset="made-1", by="t")
    assert [a.index for a in unexplained(accesses(kernel), grounds_of(kernel))] == [early, forged]
    assert evidence.case == at.case


def test_a_look_on_the_way_in_is_explained_for_its_admitter_only() -> None:
    at = precinct()
    kernel, custodian = at.desk.kernel, at.desk.people["custodian"]
    kernel.append("OPENED", object="o", dataset=at.dataset, by=custodian.person.token)
    assert unexplained(accesses(kernel), grounds_of(kernel)) == ()
    other = kernel.append("OPENED", object="o", dataset=at.dataset, by=at.officers["anna"].person.token)
    assert [a.index for a in unexplained(accesses(kernel), grounds_of(kernel))] == [other]
