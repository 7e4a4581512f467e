"""An office of an earlier version, whose cases are of a use that this one deleted: all of it still opens."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import toy
from authentication import at_pages, logged_on
from deciding import read_and_decide
from desk import Desk, desk

from peelian.errors import OutOfOrder
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.state.state import OfficeState
from peelian.oversight import drift
from peelian.oversight.transparency import register
from peelian.web.app import make_app

WELLS = toy.TOY
TITLE = "Prove that wells can be counted"


@dataclasses.dataclass(frozen=True)
class Old:
    """The office and its cases of the deleted use: published, awaiting a decision, permitted; and one that relies on
    the report that the first earned."""

    town: Desk
    app: Any
    published: str
    waiting: str
    permitted: str
    relying: str

    @property
    def cases(self) -> tuple[str, ...]:
        return (self.published, self.waiting, self.permitted, self.relying)


@pytest.fixture(scope="module")
def old() -> Old:
    town = desk((WELLS,))
    kernel, asker = town.kernel, town.people[town.asker(toy.PROVE)]
    town.authorizations(toy.PROVE)
    proof, _ = verbs.run(kernel, asker, town.ask(toy.PROVE))
    said = {"reasons": "The bar was met.", "other_evidence": "document: The minutes of May."}
    decision = read_and_decide(kernel, town.people["board"], proof, choice="adopt", **said)
    verbs.publish(kernel, town.people["clerk"], decision, statement="Adopted for one year.")
    waiting, _ = verbs.run(kernel, asker, town.ask(toy.PROVE))
    permitted = town.ask(toy.PROVE).case
    town.authorizations(toy.COUNT, but=AuthorizationKind.ACCURACY_REPORT)
    relying, _ = verbs.run(kernel, asker, town.ask(toy.COUNT))
    left = dataclasses.replace(WELLS, capabilities=(toy.COUNT,), former={toy.PROVE.id: TITLE})
    office = dataclasses.replace(
        town.office, kernel=dataclasses.replace(kernel, technologies=(left,), state=OfficeState())
    )
    now = Desk(office=office, clock=town.clock, people=town.people)
    return Old(now, make_app(office), proof.case, waiting.case, permitted, relying.case)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_register_and_every_public_page_open(old: Old, language: str) -> None:
    client = at_pages(old.app)
    for page in ("register", "inventory", f"register/{old.published}", "register?technology=toy", "register?q=Prove"):
        got = client.get(f"/{language}/{page}")
        assert got.status_code == 200, page
        assert page == "inventory" or old.published in got.text


def test_a_case_shows_its_findings_decision_and_permit_under_its_former_title(old: Old) -> None:
    pages = {case: logged_on(old.app, old.town.office, "board").get(f"/en/cases/{case}") for case in old.cases}
    assert {case: got.status_code for case, got in pages.items()} == dict.fromkeys(old.cases, 200)
    published, waiting, permitted = (pages[case].text for case in old.cases[:3])
    for text in (published, waiting, permitted):
        assert TITLE in text and "This version no longer has this use." in text
    assert "wells were counted" in published and "The bar was met." in published
    assert "wells were counted" in waiting and "Record my decision" not in waiting
    assert "Permitted" in permitted and "Not run." in permitted


@pytest.mark.parametrize("who", ["board", "analyst", "clerk", "custodian", "auditor"])
def test_staff_pages_open(old: Old, who: str) -> None:
    client = logged_on(old.app, old.town.office, who)
    for page in ("desk", "cases", "cases?technology=toy", "authorizations", "compliance", "inventory", "data"):
        got = client.get(f"/en/{page}")
        assert got.status_code in (200, 303, 403), (page, got.text)
    papers = [client.get(f"/en/authorizations/{one}") for one in old.town.kernel.state.authorizations]
    assert {got.status_code for got in papers} <= {200, 403} and any(TITLE in got.text for got in papers)


def test_nothing_of_it_can_be_asked_for_run_or_decided(old: Old) -> None:
    kernel, people = old.town.kernel, old.town.people
    asker = people[old.town.asker(toy.PROVE)]
    with pytest.raises(OutOfOrder, match="Unknown capability"):
        old.town.ask(toy.PROVE)
    permit = register.case_record(kernel, old.permitted).permit
    evidence = register.case_record(kernel, old.waiting).evidence
    assert permit is not None and evidence is not None
    with pytest.raises(OutOfOrder, match="Unknown capability"):
        verbs.run(kernel, asker, permit)
    with pytest.raises(OutOfOrder, match="Unknown capability"):
        verbs.decide(kernel, people["board"], evidence, choice="adopt", reasons="Still.", other_evidence="none")


def test_a_report_of_a_deleted_proof_is_not_due_to_be_proved_again(old: Old) -> None:
    assert drift.reports(old.town.kernel) == () and drift.due(old.town.kernel) == ()


def test_a_use_without_a_former_title_is_called_by_its_id(old: Old) -> None:
    bare = dataclasses.replace(old.town.kernel, technologies=(dataclasses.replace(WELLS, capabilities=(toy.COUNT,)),))
    assert register.case_record(bare, old.published).summary.title == toy.PROVE.id
    nobody = dataclasses.replace(old.town.kernel, technologies=())
    assert [one.title for one in register.page(nobody).cases] == ["toy.count", *["toy.prove"] * 3]
