"""Witness standing: without a recent cosignature of the chosen witness, only the log's own key vouches for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from toy import TOY
from witnesses import board_witness

import peelian.operations.office
from peelian.catalogues import say_in
from peelian.errors import Objection
from peelian.integrations.witness_objection import keep_objection
from peelian.kernel.log.signed_note import read_key
from peelian.kernel.model.capability import Role
from peelian.operations.office import Office, memory_office, new_office
from peelian.operations.witness_choice import choose_now
from peelian.operations.witness_standing import (
    HERE,
    LATE,
    RUN_ONE,
    WitnessStanding,
    chosen_key,
    standing_of,
    witness_standing,
)
from peelian.wording.errors import translated

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
OWN_KEY = "checked against its own key only"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    with new_office(tmp_path / "office", name="Town") as made:
        made.enrol("custodian", name="c", unit="it", roles={Role.CUSTODIAN})
        yield made


def must_be_french_too(standing: WitnessStanding) -> None:
    french = say_in("fr", ["peelian.web"], strict=True)
    assert translated(standing.says, french) != standing.says and (
        not standing.remedy or translated(standing.remedy, french)
    )


def test_an_office_without_a_witness_says_so_and_what_to_do(office: Office) -> None:
    for one in (office, memory_office()):
        standing = witness_standing(one)
        assert not standing.vouches and not standing.name and OWN_KEY in standing.says and standing.remedy == RUN_ONE
        must_be_french_too(standing)
    assert office.path is not None and chosen_key(office.path) == "" == chosen_key(office.path / "nowhere")


def test_a_chosen_witness_vouches_once_it_has_cosigned(office: Office, tmp_path: Path) -> None:
    assert office.path is not None and office.maintenance is not None
    log = read_key((office.path / "log" / "log.vkey").read_text().strip())
    with board_witness(tmp_path / "w", log) as witness:
        choose_now(office, office.operator("custodian"), witness.key.text, witness.url)
        assert chosen_key(office.path) == witness.key.text
        before = witness_standing(office)
        assert not before.vouches and "never cosigned" in before.says and OWN_KEY in before.says
        answer = office.maintenance.ask()
        after = witness_standing(office)
        assert answer is not None and after.vouches and (after.name, after.size) == (witness.key.name, answer.size)
        assert OWN_KEY not in after.says and after.remedy == HERE, "it runs on the office's own machine"
        office.maintenance.witness = replace(witness, url="https://board.example/w")
        assert witness_standing(office) == replace(after, remedy="")
        for one in (before, after):
            must_be_french_too(one)


def test_a_witness_that_was_swapped_in_the_settings_vouches_for_nothing(office: Office, tmp_path: Path) -> None:
    assert office.path is not None and office.maintenance is not None
    log = read_key((office.path / "log" / "log.vkey").read_text().strip())
    with board_witness(tmp_path / "w", log) as witness, board_witness(tmp_path / "own", log) as own:
        choose_now(office, office.operator("custodian"), witness.key.text, witness.url)
        office.maintenance.witness = own
        office.maintenance.ask()
        standing = witness_standing(office)
        assert not standing.vouches and "changed by hand" in standing.says
        must_be_french_too(standing)


def test_an_objection_is_told_before_all_else(office: Office, tmp_path: Path) -> None:
    assert office.path is not None and office.maintenance is not None
    log = read_key((office.path / "log" / "log.vkey").read_text().strip())
    with board_witness(tmp_path / "w", log) as witness:
        choose_now(office, office.operator("custodian"), witness.key.text, witness.url)
        office.maintenance.ask()
        keep_objection(office.path, str(Objection("rewritten")), NOW)
        standing = witness_standing(office)
        assert not standing.vouches and "rewritten or set back" in standing.says
        must_be_french_too(standing)
        (office.path / "log.objected").unlink()


@pytest.mark.parametrize(("age", "vouches"), [(timedelta(0), True), (LATE, True), (LATE + timedelta(seconds=1), False)])
def test_a_cosignature_vouches_for_a_day(age: timedelta, vouches: bool) -> None:
    standing = standing_of("board.example/w", (30, NOW - age), NOW)
    assert standing.vouches is vouches and (OWN_KEY in standing.says) is not vouches
    assert bool(standing.remedy) is not vouches
    must_be_french_too(standing)


@pytest.mark.parametrize(
    ("chosen", "answered", "vouches", "says"),
    [
        ("", "", False, OWN_KEY),
        ("w-0", "WITNESSED", True, "cosigned when asked"),
        ("w-0", "UNWITNESSED", False, OWN_KEY),
    ],
)
def test_of_a_divided_office_its_log_tells(chosen: str, answered: str, vouches: bool, says: str) -> None:
    status = SimpleNamespace(chosen=chosen, witness=answered)
    kernel = SimpleNamespace(state=SimpleNamespace(duties=status))
    divided: Any = SimpleNamespace(kernel=kernel, maintenance=SimpleNamespace(log=None), path=None)
    standing = witness_standing(cast(Office, divided))
    assert standing.vouches is vouches and says in standing.says
    must_be_french_too(standing)
