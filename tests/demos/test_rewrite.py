"""A rewrite is caught: a copy passes with the office's key, the witness refuses it, and the office is not changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from narration import in_french
from toy import TOY

import peelian.operations.office
from peelian.demos.rewrite import COPY, LIMIT, RewrittenLog, shown
from peelian.demos.witness import choose, witness_of
from peelian.errors import IntegrityError
from peelian.kernel.log.merkle import Tree
from peelian.kernel.model.capability import Role
from peelian.operations.office import new_office
from peelian.oversight.verification.verifier import verify_log


def files(folder: Path) -> dict[str, bytes]:
    kept = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept}


def test_a_rewritten_copy_is_caught_and_the_log_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    said: list[str] = []
    with new_office(tmp_path / "office", name="Town") as office, witness_of(office, tmp_path / "w") as board:
        custodian = office.enrol("custodian", name="c", unit="it", roles={Role.CUSTODIAN})
        bo = office.enrol("board", name="b", unit="b", roles={Role.BOARD}, by=custodian)
        choose(office, {"custodian": custodian, "board": bo}, board)
        for n in range(300):  # more than one bundle
            office.kernel.append("HEARTBEAT", entries=n)
        office.checkpoint()
        before, n = files(tmp_path / "office" / "log" / "tile"), office.kernel.stores.log.size()
        found, pages = shown(office, board, said.append)
        assert files(tmp_path / "office" / "log" / "tile") == before and office.kernel.stores.log.size() == n
        assert found.copy == tmp_path / "office" / COPY and found.entries == n + 1
        assert found.own_key and verify_log(found.copy, key=board.log).ok
        assert "entries were rewritten" in found.refused
        assert "the log was rewritten" in found.with_witness
        assert verify_log(tmp_path / "office" / "log", key=board.log, witnesses=[board.witness.key.text]).ok
        english, french = (page.read_text(encoding="utf-8") for page in pages)
        assert "Could an administrator rewrite this log?" in english and LIMIT in english
        assert "journal a été réécrit" in french and "Limites" in french
    text = "\n".join(said)
    assert [f"  {step}. " in text for step in range(1, 8)] == [True] * 6 + [False]
    assert f"verify {found.copy} --witness '{board.witness.key.text}'" in text
    assert "Le témoin refuse la copie" in "\n".join(map(in_french, said))


def test_a_witness_that_cosigns_a_rewrite_is_no_success() -> None:
    with pytest.raises(IntegrityError):
        RewrittenLog(tree=Tree(), signed=b"").keep_witnessed(b"", [])
