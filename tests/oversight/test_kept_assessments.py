"""Rights assessments, vendors' clauses and produced documents are kept whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from desk import Desk, desk
from toy import TOY

from peelian.errors import InputError, Refused
from peelian.oversight.assessment.documents import CLAUSES, SECTIONS, assess_rights, bind_vendor, kept_of, produce

RIGHTS = dict.fromkeys(SECTIONS, "said in a few words")
BOUND = dict.fromkeys(CLAUSES, "clause 4 of the contract")


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_a_rights_assessment_holds_its_six_sections(town: Desk) -> None:
    assert len(SECTIONS) == 6
    assess_rights(town.kernel, town.people["privacy-officer"], "toy.*", RIGHTS)
    (kept,) = kept_of(town.kernel, "rights")
    assert kept.body["sections"] == RIGHTS and kept.fresh(town.kernel.now())
    town.clock.days(366)
    assert not kept.fresh(town.kernel.now())


@pytest.mark.parametrize("section", SECTIONS)
def test_each_missing_section_is_named(town: Desk, section: str) -> None:
    with pytest.raises(InputError, match=section):
        assess_rights(town.kernel, town.people["privacy-officer"], "toy.*", {**RIGHTS, section: " "})
    assert "RIGHTS_ASSESSED" not in town.kinds()


def test_a_vendor_is_bound_by_every_clause(town: Desk) -> None:
    with pytest.raises(InputError, match="leaving"):
        bind_vendor(town.kernel, town.people["custodian"], "Vendor", {**BOUND, "leaving": ""})
    bind_vendor(town.kernel, town.people["custodian"], "Vendor", BOUND)
    assert kept_of(town.kernel, "vendor")[0].body["vendor"] == "Vendor"


WRONG: list[Callable[[Desk, Any], object]] = [
    lambda town, by: assess_rights(town.kernel, by, "moon.*", RIGHTS),
    lambda town, by: assess_rights(town.kernel, by, "toy.*", {**RIGHTS, "poem": "roses are red"}),
    lambda town, by: bind_vendor(town.kernel, by, "  ", BOUND),
    lambda town, by: produce(town.kernel, by, "HUM-02", "", "some text is here"),
    lambda town, by: produce(town.kernel, by, "HUM-02", "title", "short"),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_said(town: Desk, wrong: Callable[[Desk, Any], object]) -> None:
    with pytest.raises(InputError):
        wrong(town, town.people["privacy-officer"])


def test_an_analyst_writes_none_of_these(town: Desk) -> None:
    for act in (
        lambda by: assess_rights(town.kernel, by, "toy.*", RIGHTS),
        lambda by: bind_vendor(town.kernel, by, "Vendor", BOUND),
        lambda by: produce(town.kernel, by, "HUM-02", "title", "a text of words"),
    ):
        with pytest.raises(Refused):
            act(town.people["analyst"])
    assert "secret" not in str(list(town.kernel.stores.log.read()))
