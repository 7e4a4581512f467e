"""A requirement passes only on evidence: a missing document, a failed test or a check that says no stop it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from desk import Desk, desk

from peelian.errors import OutOfOrder
from peelian.oversight.assessment.documents import SECTIONS, assess_rights, produce
from peelian.oversight.compliance.catalogue import Requirement, Words, catalogue
from peelian.oversight.compliance.standing import (
    BROKEN,
    BUILT,
    FAIL,
    HUMAN,
    NOT_RUN,
    PASS,
    Seen,
    Standing,
    _standing,
    standings,
    tally,
)


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk()


def by_id(town: Desk, **more: object) -> dict[str, Standing]:
    return {one.requirement.id: one for one in standings(town.kernel, **more)}  # type: ignore[arg-type]


def test_every_requirement_has_a_status(town: Desk) -> None:
    found = standings(town.kernel)
    assert [one.requirement.id for one in found] == [r.id for r in catalogue()]
    assert sum(tally(found).values()) == 81
    for one in found:
        if one.status == PASS:
            assert one.proofs and all(proof.holds for proof in one.proofs)
        if one.status == HUMAN:
            assert one.requirement.human is not None


def test_nothing_passes_on_missing_evidence(town: Desk) -> None:
    bare = Requirement(id="XXX-01", sources=("OWN",), words=Words(en="a", fr="b"))
    one = _standing(bare, {}, None, None)
    assert one.status == FAIL and one.proofs[0].says == "no evidence"
    assert by_id(town)["BRE-01"].status == FAIL, "no drill was held in this office"


def test_a_test_s_name_alone_meets_nothing_in_an_office() -> None:
    """Nobody acted here: what stands on tests of the program alone is built in, and not shown."""
    empty = desk()
    for one in standings(empty.kernel):
        shown = [proof for proof in one.proofs if proof.kind != "test"]
        assert one.status != PASS or shown or one.produced, one.requirement.id
        if one.status == BUILT:
            assert one.proofs and not shown
    assert tally(standings(empty.kernel))[BUILT] > 10


def test_with_results_only_tests_that_ran_and_passed_count(town: Desk) -> None:
    nothing = by_id(town, results={})
    assert nothing["PRV-11"].status == FAIL and nothing["PRV-11"].proofs[0].says == NOT_RUN
    names = [test for r in catalogue() for test in r.tests]
    good = {f"{name}[case]" if "::" in name else f"{name}::test_x": True for name in names}
    assert by_id(town, results=good)["PRV-11"].status == PASS
    broken = {**good, f"{catalogue()[0].tests[0]}[other]": False}
    first = by_id(town, results=broken)["HUM-01"]
    assert first.status == FAIL and BROKEN in {proof.says for proof in first.proofs}


def test_what_a_person_produced_counts_for_a_year() -> None:
    town = desk()
    assert by_id(town)["HUM-02"].status == HUMAN
    produce(town.kernel, town.people["privacy-officer"], "HUM-02", "Procedure", "Who decides, and how it is checked")
    one = by_id(town)["HUM-02"]
    assert one.status == PASS and one.produced is not None and one.produced.body["title"] == "Procedure"
    town.clock.days(366)
    assert by_id(town)["HUM-02"].status == HUMAN


def test_a_rights_assessment_is_the_document_its_requirement_asks_for() -> None:
    town = desk()
    assert by_id(town)["FRI-01"].status == HUMAN
    sections = dict.fromkeys(SECTIONS, "said in a few words")
    assess_rights(town.kernel, town.people["privacy-officer"], "mapping.*", sections)
    assert by_id(town)["FRI-01"].status == PASS
    town.clock.days(366)
    assert by_id(town)["FRI-01"].status == FAIL, "an outdated one speaks against"


def test_looking_changes_nothing_and_reads_the_log_once() -> None:
    town = desk()
    before, reads = town.kinds(), []
    log = town.kernel.stores.log

    class Counted:
        found_of = log.found_of

        def read(self, start: int = 0) -> Any:
            reads.append(start)
            return log.read(start)

    standings(dataclasses.replace(town.kernel, stores=dataclasses.replace(town.kernel.stores, log=Counted())))
    assert reads == [0] and town.kinds() == before
    with pytest.raises(OutOfOrder):
        Seen(log).append({"kind": "X"})


def test_expired_training_fails_the_requirement() -> None:
    town = desk()
    town.clock.now += timedelta(days=366)
    assert by_id(town)["HUM-04"].status == FAIL
