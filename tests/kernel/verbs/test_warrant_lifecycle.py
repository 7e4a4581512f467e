"""Warrants in force: counted, refused, withdrawn or lapsed; what they brought dies."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from changed import changed
from court import signed_warrant
from deciding import read_and_decide
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
from peelian.kernel.verbs import warrant_lifecycle
from peelian.oversight.transparency.register import case_record


@pytest.fixture
def town() -> Desk:
    made = desk((dataclasses.replace(TOY, capabilities=(*TOY.capabilities, HEAT)),))
    made.authorization(AuthorizationKind.COUNCIL_APPROVAL, HEAT)
    return made


def _issue(town: Desk, days: int = 30, **body: object) -> Authorization:
    about: Any = {"serves": HEAT.id, "purposes": (Purpose.ADVICE,), "days": days}
    return signed_warrant(town, {**BODY, "urgency": "it is deleted tonight", **body}, **about)


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


def test_a_court_that_withdraws_a_warrant_stops_it_at_once_and_destroys_what_was_found(town: Desk) -> None:
    first = _issue(town)
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
        read_and_decide(
            town.kernel,
            town.people["commander"],
            evidence,
            choice="accept",
            reasons="as it shows",
            other_evidence="document: what we were told",
        )
    record = case_record(town.kernel, evidence.case)
    assert found_in(town.kernel, evidence.case) is None and record.summary.state == "erased"
    assert "DECIDED" not in town.kinds() and {"WARRANT_REFUSED", "ERASED"} <= set(town.kinds())
    entries = [entry for _, entry in town.kernel.stores.log.read()]
    assert [e.get("withdrawn") for e in entries if e["kind"] == "WARRANT_REFUSED"] == [1]
    with pytest.raises(OutOfOrder, match="no valid warrant"):
        warrant_lifecycle.refuse(town.kernel, officer, digest_of(first), words="the court found no grounds")
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
    _issue(town)
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


def test_a_provisional_warrant_opens_no_run_and_what_it_brought_lapses_with_it(town: Desk) -> None:
    first = _issue(town, status="provisional")
    assert "provisional, and opens nothing yet" in _why(town)
    given: Dataset = HEAT.arithmetic().example().datasets["wells"]
    brought = town.admit(given, {Purpose.ADVICE}, "wells")
    town.kernel.append("COLLECTED", dataset=brought.dataset, warrant=root_of(first), by="office")
    assert not warrant_lifecycle.lapsed(town.kernel) and warrant_lifecycle.let_lapse(town.kernel) == 0
    town.clock.days(2)
    assert "older than 48 hours" in _why(town)
    assert warrant_lifecycle.lapsed(town.kernel) == (digest_of(first),)
    assert warrant_lifecycle.let_lapse(town.kernel) == 1
    assert brought.dataset in town.kernel.state.destroyed
    assert not warrant_lifecycle.lapsed(town.kernel) and "WARRANT_LAPSED" in town.kinds()


def test_a_warrant_of_an_earlier_version_opens_nothing_until_its_paper_is_added(town: Desk) -> None:
    """It stays readable: its scope and file number are shown."""
    old = _issue(town, paper="", court="", judge="")
    assert old.body["reference"] == BODY["reference"] and digest_of(old) in town.kernel.state.authorizations
    why = _why(town)
    assert "recorded without its paper or a second person" in why
