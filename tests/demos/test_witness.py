"""The witness of a demonstration is chosen by two people, cosigns, and finds a port where its own is taken."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy import TOY

import peelian.operations.office
from peelian.demos import witness
from peelian.errors import OutOfOrder, PeelianError
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office, memory_office, new_office
from peelian.oversight.verification.verifier import verify_log


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    with new_office(tmp_path / "office", name="Town") as made:
        yield made


def people(office: Office) -> dict[str, Operator]:
    custodian = office.enrol("custodian", name="c", unit="it", roles={Role.CUSTODIAN})
    return {
        "custodian": custodian,
        "board": office.enrol("board", name="b", unit="b", roles={Role.BOARD}, by=custodian),
    }


def test_two_people_choose_it_and_it_cosigns(office: Office, tmp_path: Path) -> None:
    with witness.witness_of(office, tmp_path / "w") as board:
        answer = witness.choose(office, people(office), board)
        assert answer.cosigned
    kinds = [entry["kind"] for _, entry in office.kernel.stores.log.read()]
    assert kinds[-6:] == ["PROPOSED", "PROVED", "APPROVED", "CARRIED_OUT", "WITNESS_CHOSEN", "WITNESSED"]
    verdict = verify_log(tmp_path / "office" / "log", key=board.log, witnesses=[board.witness.key.text])
    assert verdict.ok and verdict.cosigned[0].size == answer.size
    assert not any((tmp_path / "w").rglob("log.pem")), "it has a key of its own only"
    with pytest.raises(PeelianError, match="cannot be reached"):
        witness.cosigned(office)


def test_a_taken_port_is_no_hindrance(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((witness.HOST, 0)) as taken:
        monkeypatch.setattr(witness, "PORT", taken.getsockname()[1])
        with witness.witness_of(office, tmp_path / "w") as board:
            assert board.port != witness.PORT
            assert witness.choose(office, people(office), board).cosigned


def test_an_office_in_memory_or_without_a_witness_is_refused(office: Office, tmp_path: Path) -> None:
    with pytest.raises(OutOfOrder), witness.witness_of(memory_office(), tmp_path / "w"):
        pass
    with pytest.raises(PeelianError, match="no witness"):
        witness.cosigned(office)
