"""A bulk export as a file: its recipient opens all of it, nobody else any; a failure in the middle leaves nothing."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from desk import Desk, desk
from divided import lived
from toy import TOY

from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.kernel.identity import dual_control, step_up
from peelian.operations import bulk_export
from peelian.operations.bulk_export import hand_out, propose_export

pyrage = pytest.importorskip("pyrage", reason="the extra `exports` is not installed")
RECEIVER = pyrage.x25519.Identity.generate()


@pytest.fixture
def town() -> Desk:
    made = desk((TOY,))
    lived(made)
    return made


def agreed(town: Desk) -> str:
    words = "the university studies the register"
    digest = propose_export(
        town.office, town.people["custodian"], recipient=str(RECEIVER.to_public()), cases=(), words=words
    )
    step_up.prove(town.kernel, town.people["board"])
    dual_control.approve(town.kernel, town.people["board"], digest)
    step_up.prove(town.kernel, town.people["custodian"])
    return digest


def test_its_recipient_finds_every_published_case_with_tables_and_receipt(town: Desk, tmp_path: Path) -> None:
    made, size = hand_out(town.office, town.people["custodian"], agreed(town), tmp_path / "register.tar.age")
    sealed = (tmp_path / "register.tar.age").read_bytes()
    assert len(sealed) == size
    assert not [word for word in (b"wells.csv", b"wells were counted", b"publication.json") if word in sealed]
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(sealed, [RECEIVER]))) as archive:
        (case,) = made.cases
        names = archive.getnames()
        assert names == [f"cases/{case}/{n}" for n in ("publication.json", "wells.csv", "published.tlog-proof")] + [
            "index.json"
        ]
        index = json.load(archive.extractfile("index.json"))  # type: ignore[arg-type]
        assert [one["case"] for one in index["cases"]] == [case]
        told = archive.extractfile(names[0]).read().decode()  # type: ignore[union-attr]
        assert "wells were counted" in told and "Custodian" not in told
        assert archive.extractfile(names[1]).read().startswith(b"area,category,n")  # type: ignore[union-attr]
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [pyrage.x25519.Identity.generate()])


def test_what_fails_in_the_middle_leaves_no_file_and_serves_again(
    town: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, file = agreed(town), tmp_path / "register.tar.age"
    get = town.kernel.stores.archive.get
    calls: list[str] = []

    def failing(digest: str) -> bytes:
        calls.append(digest)
        if len(calls) > 6:
            raise OSError(5, "Input/output error")
        return get(digest)

    with monkeypatch.context() as patch:
        patch.setattr(town.kernel.stores.archive, "get", failing)
        with pytest.raises(PeelianError, match="the export was not made"):
            hand_out(town.office, town.people["custodian"], digest, file)
    assert list(tmp_path.iterdir()) == [] and town.kinds()[-1] == "BULK_UNDONE"
    with monkeypatch.context() as patch:
        patch.setattr(bulk_export, "file_digest", failing)
        with pytest.raises(OSError):
            hand_out(town.office, town.people["custodian"], digest, file)
    assert list(tmp_path.iterdir()) == []
    hand_out(town.office, town.people["custodian"], digest, file)
    assert file.exists() and town.kinds()[-1] == "BULK_EXPORTED"


def test_a_file_that_is_there_and_a_key_that_is_none_stop_it_before_anything(town: Desk, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a public key"):
        propose_export(town.office, town.people["custodian"], recipient="me", cases=(), words="one two three")
    (tmp_path / "there").write_text("mine")
    digest = agreed(town)
    with pytest.raises(OutOfOrder, match="never overwrite"):
        hand_out(town.office, town.people["custodian"], digest, tmp_path / "there")
    assert town.kinds()[-1] != "BULK_BEGUN" and (tmp_path / "there").read_text() == "mine"
