"""The stores of an office: each lies where it belongs, and the key store in no folder of the data."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from log_parts import entry
from vaults import openings_in

from peelian.storage.log_keys import LogKeys
from peelian.storage.office_stores import stores_at
from peelian.storage.operator_keys import new_key


def test_everything_is_kept_in_its_place_and_closed_at_the_end(tmp_path: Path) -> None:
    new_key(tmp_path / "keys" / "log.pem")
    keys = LogKeys(tmp_path / "keys", "log.example/x"), bytes(32)
    with ExitStack() as closing:
        made = stores_at(
            tmp_path,
            {"origin": "log.example/x"},
            tmp_path / "state" / "state.db",
            keys,
            closing,
            permitted=openings_in(lambda index: None),
            stopped=lambda: "",
        )
        made.log.append(entry(0))
        made.stores.archive.put("ab" * 32, b"a document", partition="cases.2026q1")
        with made.stores.vault.seal("wells") as file:
            file.write(b"a dataset")
        made.log.checkpoint()
        assert set(made.log.heads()) == {"keys/store", "objects", "log.signed"}
        with made.stores.lease("run", False) as held:
            assert held
    there = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"state/state.db", "keys/store/keys.db", "log/checkpoint", "objects/log-head", "log.signed"} <= there
    assert not any(b"a document" in (tmp_path / name).read_bytes() for name in there)
