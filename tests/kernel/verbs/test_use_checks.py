"""What a use is judged by, when it is requested and again when it runs."""

from __future__ import annotations

import pytest
from deciding import read_and_decide
from desk import Desk, desk
from toy import COUNT, PROVE, TOY, WellParams, example

from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.documents import digest_of
from peelian.kernel.verbs import authorizations
from peelian.oversight.transparency.register import earned

GOOD = {"reasons": "the bars were met", "other_evidence": "document: reports of the residents"}


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_an_accuracy_report_is_earned_and_opens_the_gate(town: Desk) -> None:
    town.authorization(AuthorizationKind.COUNCIL_APPROVAL, COUNT)
    with pytest.raises(Refused):
        town.ask(COUNT)
    town.authorization(AuthorizationKind.ACCEPTANCE_CRITERIA, PROVE)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE))
    decision = read_and_decide(town.kernel, town.people["board"], evidence, choice="adopt", **GOOD)
    (report,) = earned(town.kernel, decision)
    assert report.kind is AuthorizationKind.ACCURACY_REPORT and report.before == digest_of(decision)
    town.ask(COUNT)
    with pytest.raises(Refused) as refused:  # the report covers these settings and no others
        town.ask(COUNT, params=WellParams(deepest=40))
    assert "scope does not match" in str(refused.value)


def test_an_accuracy_report_cannot_be_issued_by_anybody(town: Desk) -> None:
    for person in town.people.values():
        with pytest.raises(Refused):
            authorizations.issue(
                town.kernel,
                person,
                AuthorizationKind.ACCURACY_REPORT,
                serves="toy.count",
                purposes=(Purpose.ADVICE,),
                days=9,
            )


def test_data_past_its_retention_or_of_another_purpose_is_not_opened(town: Desk) -> None:
    town.authorizations(COUNT, days=1000)
    data = town.admit(example().datasets["wells"], {Purpose.PROOF})
    with pytest.raises(Refused):
        town.ask(COUNT, datasets={"wells": data.dataset})
    good = town.admit(example().datasets["wells"], COUNT.asks.purposes)
    for person in ("analyst", "custodian"):
        p = town.people[person].person
        by = town.people["council" if person == "custodian" else "custodian"]
        town.office.enrol(person, name=p.name, unit=p.unit, roles=p.roles, trained_until="2030-01-01", by=by)
    town.clock.days(401)
    with pytest.raises(Refused) as refused:
        town.ask(COUNT, datasets={"wells": good.dataset})
    assert "retention" in str(refused.value)
