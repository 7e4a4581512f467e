"""The register shows what happened: every case, adopted or rejected, and every refusal."""

from __future__ import annotations

import dataclasses

import pytest
from deciding import read_and_decide
from desk import desk
from toy import COUNT, TOY
from toy_watch import HIGH, TOY_WATCH

from peelian.errors import OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.alarms import watch
from peelian.oversight.transparency.register import case_record, page, published, refusals

WORDS = {"reasons": "because of this", "other_evidence": "document: and of that"}


def test_states_follow_the_case_and_rejected_ones_are_published_too() -> None:
    town = desk((TOY,))
    with pytest.raises(Refused):
        town.ask(COUNT)
    assert page(town.kernel).cases[0].state == "refused"
    assert page(town.kernel).cases[0].rules == ("the_authorizations_are_in_order",)
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    assert case_record(town.kernel, permit.case).summary.state == "permitted"
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], permit)
    assert case_record(town.kernel, permit.case).summary.state == "ran"
    decision = read_and_decide(town.kernel, town.people["commander"], evidence, choice="decline", **WORDS)
    assert case_record(town.kernel, permit.case).summary.choice == "decline"
    verbs.publish(town.kernel, town.people["clerk"], decision, statement="Not now.")
    record = case_record(town.kernel, permit.case)
    assert [c.case for c in published(town.kernel)] == [permit.case]
    assert record.summary.state == "published" and record.public is not None
    assert [line.kind for line in record.history] == [
        "ASKED", "PERMITTED", "STARTED", "OPENED", "RAN", "LOOKED", "DECIDED", "PUBLISHED",
    ]  # fmt: skip
    assert refusals(town.kernel) == {("toy.count", "the_authorizations_are_in_order"): 1}


def test_a_case_that_is_none_is_said_plainly() -> None:
    with pytest.raises(OutOfOrder):
        case_record(desk((TOY,)).kernel, "c-nothing")


def test_a_case_names_who_declared_the_homes_behind_its_energy() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    assert case_record(town.kernel, permit.case).homes == ()
    (name,) = case_record(town.kernel, permit.case).request.datasets.values()
    admission = town.kernel.state.datasets[name]
    town.kernel.state.datasets.put(name, dataclasses.replace(admission, facts={"declared_homes": 120}))
    ((dataset, who, n),) = case_record(town.kernel, permit.case).homes
    assert (dataset, n) == (name, 120) and "Custodian" in who


def test_a_watch_that_was_refused_is_counted_with_all_refusals() -> None:
    town, example = desk((TOY_WATCH,)), HIGH.reducer().example()
    asked = {"purpose": "safety", "params": example.params, "sensors": example.sensors}
    with pytest.raises(Refused) as told:
        watch.stand(town.kernel, town.people["commander"], HIGH.id, **asked)
    assert refusals(town.kernel) == {(HIGH.id, rule): 1 for rule in {reason.rule for reason in told.value.reasons}}
