"""Warrants as documents: provisional for 48 hours, confirmed, refused or lapsed; counted; what they brought dies."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from changed import changed
from desk import Desk, desk
from toy import TOY
from uses import BODY, HEAT

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.access.decryption_checks import the_opening_is_permitted
from peelian.kernel.gate import found_in
from peelian.kernel.model.capability import AuthorizationKind, Dataset, Findings, Purpose
from peelian.kernel.model.documents import Authorization, Evidence, digest_of
from peelian.kernel.model.warrants import root_of
from peelian.kernel.retention import retention
from peelian.kernel.verbs import authorizations, warrant_lifecycle
from peelian.oversight.register import case_record


@pytest.fixture
def town() -> Desk:
    made = desk((dataclasses.replace(TOY, capabilities=(*TOY.capabilities, HEAT)),))
    made.authorization(AuthorizationKind.COUNCIL_APPROVAL, HEAT)
    return made


def _issue(town: Desk, days: int = 30, **body: object) -> Authorization:
    return authorizations.issue(
        town.kernel,
        town.people["privacy-officer"],
        AuthorizationKind.WARRANT,
        serves=HEAT.id,
        purposes=(Purpose.ADVICE,),
        days=days,
        body={**BODY, **body},  # type: ignore[dict-item]  # a test may put anything there
    )


def _ran(town: Desk) -> Evidence:
    return verbs.run(town.kernel, town.people["analyst"], town.ask(HEAT))[0]


def _why(town: Desk) -> str:
    with pytest.raises(Refused) as refused:
        town.ask(HEAT)
    return " ".join(reason.says for reason in refused.value.reasons)


def test_a_warrant_counts_its_uses_and_is_then_used_up(town: Desk) -> None:
    warrant = _issue(town, count=2)
    for n in (1, 2):
        _ran(town)
        assert town.kernel.state.used[root_of(warrant)] == n
    assert "used up" in _why(town)


def test_a_run_opens_nothing_once_others_have_used_its_warrant_up(town: Desk) -> None:
    """Its own use does not count against it; theirs do, whenever they began."""
    root, permit = root_of(_issue(town, count=2)), town.ask(HEAT)
    kernel, data = town.kernel, next(iter(town.kernel.state.datasets.values()))
    kernel.append("STARTED", case=permit.case, before=digest_of(permit), warrant=root)
    opening = {"case": permit.case, "before": digest_of(permit), "object": data.object, "dataset": data.dataset}
    the_opening_is_permitted(kernel, opening)
    kernel.append("STARTED", case="c-other", before="0" * 64, warrant=root)
    the_opening_is_permitted(kernel, opening)
    kernel.append("STARTED", case="c-another", before="0" * 64, warrant=root)
    with pytest.raises(Refused, match="used up"):
        the_opening_is_permitted(kernel, opening)


def test_a_permit_asked_for_before_the_last_use_does_not_run_after_it(town: Desk) -> None:
    _issue(town, count=1)
    one, two = town.ask(HEAT), town.ask(HEAT)
    verbs.run(town.kernel, town.people["analyst"], one)
    with pytest.raises(Refused, match="used up"):
        verbs.run(town.kernel, town.people["analyst"], two)


def test_a_provisional_warrant_ends_after_48_hours_whatever_it_says(town: Desk) -> None:
    _issue(town, status="provisional", days=300)
    _ran(town)
    town.clock.days(1.99)
    _ran(town)
    town.clock.days(0.02)
    assert "expired" in _why(town)


def test_a_warrant_without_scope_or_count_is_not_recorded(town: Desk) -> None:
    for wrong in ({"count": 0}, {"operations": ""}, {"status": "perhaps"}, {"reference": ""}):
        with pytest.raises(Refused) as refused:
            _issue(town, **wrong)
        assert {r.rule for r in refused.value.reasons} == {"a_warrant_says_what_it_covers"}


def test_confirming_keeps_scope_and_count_and_ends_the_provisional_one(town: Desk) -> None:
    first = _issue(town, status="provisional", count=2)
    _ran(town)
    officer = town.people["privacy-officer"]
    with pytest.raises(Refused):
        warrant_lifecycle.confirm(town.kernel, town.people["analyst"], digest_of(first), days=30, reference="QB 1")
    with pytest.raises(OutOfOrder, match="file number"):
        warrant_lifecycle.confirm(town.kernel, officer, digest_of(first), days=30, reference=" ")
    confirmed = warrant_lifecycle.confirm(town.kernel, officer, digest_of(first), days=30, reference="QB 1")
    assert [one for one in town.kernel.state.authorizations.values() if one.kind is AuthorizationKind.WARRANT] == [
        confirmed
    ]
    town.clock.days(20)
    _ran(town)
    assert "used up" in _why(town), "what was used of the provisional one counts on"
    assert not warrant_lifecycle.lapsed(town.kernel)
    with pytest.raises(OutOfOrder, match="no valid provisional"):
        warrant_lifecycle.confirm(town.kernel, officer, digest_of(first), days=30, reference="QB 1")


def test_nobody_confirms_after_the_48_hours(town: Desk) -> None:
    first = _issue(town, status="provisional")
    town.clock.days(2.01)
    with pytest.raises(OutOfOrder, match="48 hours have passed"):
        officer = town.people["privacy-officer"]
        warrant_lifecycle.confirm(town.kernel, officer, digest_of(first), days=30, reference="QB 1")


def test_a_refusal_stops_at_once_and_destroys_what_was_found(town: Desk) -> None:
    first = _issue(town, status="provisional")
    evidence, late = _ran(town), town.ask(HEAT)
    officer = town.people["privacy-officer"]
    with pytest.raises(OutOfOrder, match="at least 3"):
        warrant_lifecycle.refuse(town.kernel, officer, digest_of(first), words="no")
    assert warrant_lifecycle.refuse(town.kernel, officer, digest_of(first), words="the court found no grounds") == 1
    with pytest.raises(InputError):
        town.kernel.stores.archive.get(evidence.findings)
    with pytest.raises(Refused):
        verbs.run(town.kernel, town.people["analyst"], late)
    with pytest.raises(OutOfOrder, match="destroyed"):
        verbs.decide(
            town.kernel,
            town.people["commander"],
            evidence,
            choice="accept",
            reasons="as it shows",
            other_evidence="what we were told",
        )
    record = case_record(town.kernel, evidence.case)
    assert found_in(town.kernel, evidence.case) is None and record.summary.state == "erased"
    assert town.kinds()[-1] == "REFUSED" and {"WARRANT_REFUSED", "ERASED"} <= set(town.kinds())
    assert "warrant missing" in _why(town)


def test_a_refusal_during_a_run_leaves_nothing_of_it() -> None:
    towns: list[Desk] = []

    def run(*given: Any) -> Findings:
        (warrant,) = (
            one for one in towns[0].kernel.state.authorizations.values() if one.kind is AuthorizationKind.WARRANT
        )
        officer = towns[0].people["privacy-officer"]
        warrant_lifecycle.refuse(towns[0].kernel, officer, digest_of(warrant), words="the court found no grounds")
        return HEAT.arithmetic().run(*given)

    slow = changed(HEAT, run=run)
    towns.append(desk((dataclasses.replace(TOY, capabilities=(*TOY.capabilities, slow)),)))
    town = towns[0]
    town.authorization(AuthorizationKind.COUNCIL_APPROVAL, slow)
    _issue(town, status="provisional")
    permit = town.ask(slow)
    with pytest.raises(Refused, match="revoked during the run"):
        verbs.run(town.kernel, town.people["analyst"], permit)
    assert "RAN" not in town.kinds() and found_in(town.kernel, permit.case) is None


def test_datasets_logged_under_the_warrant_are_destroyed_with_their_keys(town: Desk) -> None:
    first = _issue(town, status="provisional")
    given: Dataset = HEAT.arithmetic().example().datasets["wells"]
    kept, other = (town.admit(given, {Purpose.ADVICE}, "wells") for _ in range(2))
    town.kernel.append("COLLECTED", dataset=kept.dataset, warrant=root_of(first), by="office")
    officer = town.people["privacy-officer"]
    hold = retention.hold(town.kernel, officer, kept.dataset, words="a court asks for it")
    assert warrant_lifecycle.refuse(town.kernel, officer, digest_of(first), words="the court found no grounds") == 1
    assert kept.dataset not in town.kernel.state.datasets and other.dataset in town.kernel.state.datasets
    intent = town.kernel.append("OPENED", dataset=kept.dataset, object=kept.object)
    with pytest.raises(OutOfOrder, match="destroyed"):
        town.kernel.stores.vault.open(kept.object, intent=intent)
    board, words = town.people["board"], "nothing is left to hold"
    assert retention.release(town.kernel, board, kept.dataset, hold, words=words) == "dataset"
    assert not town.kernel.state.retention.holds[kept.dataset]


def test_one_that_nobody_confirmed_lapses_and_its_findings_with_it(town: Desk) -> None:
    first = _issue(town, status="provisional")
    evidence = _ran(town)
    assert not warrant_lifecycle.lapsed(town.kernel) and warrant_lifecycle.let_lapse(town.kernel) == 0
    town.clock.days(2)
    assert warrant_lifecycle.lapsed(town.kernel) == (digest_of(first),)
    assert warrant_lifecycle.let_lapse(town.kernel) == 1
    with pytest.raises(InputError):
        town.kernel.stores.archive.get(evidence.findings)
    assert not warrant_lifecycle.lapsed(town.kernel) and "WARRANT_LAPSED" in town.kinds()


def test_48_hours_are_not_renewed_by_another_provisional_warrant(town: Desk) -> None:
    """Else nobody would ever have to ask a court: before one lapses the next is recorded, and so on."""
    first = _issue(town, status="provisional")
    for days in (0, 1.9, 1, 20):
        town.clock.days(days)
        warrant_lifecycle.let_lapse(town.kernel)
        with pytest.raises(Refused) as refused:
            _issue(town, status="provisional", reference="another file")
        assert [r.rule for r in refused.value.reasons] == ["a_provisional_warrant_is_not_renewed"]
    assert digest_of(first) not in town.kernel.state.authorizations
    _issue(town)  # the court's own warrant is always recorded
    town.clock.days(10)
    _issue(town, status="provisional")  # another month, another matter


def test_a_confirmed_provisional_warrant_and_other_places_stand_in_no_ones_way(town: Desk) -> None:
    first = _issue(town, status="provisional")
    _issue(town, status="provisional", cells="500:8:8", sensors="elsewhere")
    warrant_lifecycle.confirm(
        town.kernel, town.people["privacy-officer"], digest_of(first), days=5, reference="court 7"
    )
    _issue(town, status="provisional")


def test_a_refused_provisional_warrant_is_not_asked_for_again(town: Desk) -> None:
    first = _issue(town, status="provisional")
    warrant_lifecycle.refuse(town.kernel, town.people["privacy-officer"], digest_of(first), words="the court said no")
    with pytest.raises(Refused, match="Already covered"):
        _issue(town, status="provisional")
