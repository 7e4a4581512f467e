"""An adopted model is proven again on new data; where its acceptance criteria are missed, its report is revoked: the
gate closes."""

from __future__ import annotations

import dataclasses

import pytest
from deciding import read_and_decide
from desk import Desk, desk
from suspending import suspend
from toy import COUNT, PROVE, TOY, WellParams, example, wells

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.oversight import drift

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


def test_a_model_that_still_meets_its_bar_keeps_its_report(town: Desk) -> None:
    (origin,) = drift.reports(town.kernel)
    assert origin.capability.id == "toy.prove" and origin.authorization.serves == "toy.count"
    found = drift.check(town.kernel, town.people["analyst"], origin.digest, datasets={"wells": newer(town, 30)})
    assert found.holds and drift.checks(town.kernel) == (found,)
    assert town.ask(COUNT) and "REVOKED" not in town.kinds()


def test_a_model_that_misses_its_bar_loses_its_report_and_the_gate_closes(town: Desk) -> None:
    (origin,) = drift.reports(town.kernel)
    assert town.ask(COUNT)
    found = drift.check(town.kernel, town.people["analyst"], origin.digest, datasets={"wells": newer(town, 2)})
    assert not found.holds and drift.reports(town.kernel) == ()
    with pytest.raises(Refused, match="accuracy report"):
        town.ask(COUNT)
    revoked = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "REVOKED"]
    assert [(e["by"], e["before"]) for e in revoked] == [("office", origin.digest)] and "because" in revoked[0]


def test_data_that_were_there_before_the_report_prove_nothing(town: Desk) -> None:
    (origin,) = drift.reports(town.kernel)
    for datasets in ({}, dict(origin.datasets), {"wells": "wells-none"}):
        with pytest.raises(OutOfOrder):
            drift.check(town.kernel, town.people["analyst"], origin.digest, datasets=datasets)
    with pytest.raises(OutOfOrder):
        drift.check(town.kernel, town.people["analyst"], "0" * 64, datasets={"wells": newer(town, 30)})


def test_what_the_report_covers_may_not_be_changed(town: Desk) -> None:
    (origin,) = drift.reports(town.kernel)
    for changes in ({"deepest": 90}, {"colour": 3}):
        with pytest.raises(InputError):
            drift.check(
                town.kernel,
                town.people["analyst"],
                origin.digest,
                datasets={"wells": newer(town, 30)},
                changes=changes,
            )
    assert origin.params == WellParams()


def test_a_check_is_an_ordinary_case_and_may_be_refused(town: Desk) -> None:
    (origin,) = drift.reports(town.kernel)
    suspend(town.kernel, town.people["board"], "toy")
    with pytest.raises(Refused):
        drift.check(town.kernel, town.people["analyst"], origin.digest, datasets={"wells": newer(town, 30)})
    assert drift.checks(town.kernel) == () and "REVOKED" not in town.kinds()


def test_a_report_is_due_for_a_check_after_a_quarter(town: Desk) -> None:
    assert drift.due(town.kernel) == ()
    town.clock.days(93)
    (origin,) = drift.due(town.kernel)
    drift.check(town.kernel, town.people["analyst"], origin.digest, datasets={"wells": newer(town, 30)})
    assert drift.due(town.kernel) == ()
