"""The story of what the processes of a divided office remember: each of them only what it cannot do without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from boxes import BOXES
from broker import free_port, until
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from desk import Desk, declared
from divided import RunningRegistrar, desk_of, peopled, program
from memory import remembers, secret, spelled
from own_keys import PASSPHRASE
from postgres import must_have_files_of_its_own
from served import REASONS, Pages, send
from slow_toy import HERE, SLOW
from toy import COUNT

import peelian.operations.office
from peelian.kernel.identity import dual_control
from peelian.kernel.vault.chunk_cipher import KEY_BYTES, NONCE_BYTES, COMMITMENT_BYTES, SALT_BYTES, VAULT
from peelian.kernel.vault.vault import LONGEST_HEADER, context_of, dataset_in
from peelian.operations.dividing import divide
from peelian.operations.office import open_office
from peelian.storage.key_store import open_key_store
from peelian.storage.office_settings import read_secret
from peelian.storage.operator_keys import load_key, read_key_file
from peelian.storage.protected_keys import unlocked

pytestmark = pytest.mark.skipif(
    os.getuid() != 0 or sys.platform != "linux", reason="only the administrator reads another process's memory"
)
CELL = 7_391_846_250_197_563
RECORDING = b"BOX plantedrecording "
RECORD = "plantedwords of a proposal"
Words = Mapping[str, Sequence[bytes]]
CONTENT: Words = {"cell": spelled(CELL), "recording": (RECORDING,)}


@dataclass
class Town:
    """A divided office whose run waits, and its processes."""

    office: Path
    registrar: RunningRegistrar
    pages: Pages
    waits: Path

    def of_the_registrar(self) -> dict[str, tuple[bytes, ...]]:
        """Every secret that its folder holds, by what it is."""
        folder = self.registrar.folder
        signs = load_key(folder / "keys" / "log.pem").private_bytes_raw()
        store = open_key_store(folder / "keys" / "store")
        names = [name for name, live in store.states().items() if live]
        found = {"signing key": secret(signs), "token key": secret(read_secret(folder / "keys" / "token.key"))}
        found["ring"] = secret(store._ring.newest.key)
        found["document keys"] = tuple(one for n in names if " " in n for one in secret(store.unwrapped(n)))
        keys = {name: store.unwrapped(name) for name in names if " " not in name}
        found["data keys"] = tuple(one for key in keys.values() for one in secret(key))
        found["chunk keys"] = tuple(self._derived(name, key) for name, key in keys.items())
        store.close()
        return found

    def _derived(self, name: str, key: bytes) -> bytes:
        start = (self.office / "objects" / name).read_bytes()[:LONGEST_HEADER]
        dataset, begins = dataset_in(start)
        context, salt = context_of(dataset=dataset, object=name), start[begins : begins + SALT_BYTES]
        info = b"\0".join((VAULT.label, salt + context))
        return HKDFExpand(VAULT.hash, KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES, info).derive(key)[:KEY_BYTES]

    def persons_key(self, short: str) -> tuple[bytes, ...]:
        file = self.office / "keys" / "operators" / f"{short}.pem"
        return secret(unlocked(read_key_file(file), PASSPHRASE, file.name).private_bytes_raw())


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (SLOW, BOXES))
    office, waits = tmp_path / "office", tmp_path / "of the test"
    waits.mkdir()
    monkeypatch.setenv(HERE, str(waits))
    peopled(office)
    must_have_files_of_its_own()
    divide(office, tmp_path / "registrar", tmp_path / "socket")
    made = Town(
        office, RunningRegistrar(tmp_path / "registrar", tmp_path / "socket"), Pages(office, free_port()), waits
    )
    made.registrar.start()
    try:
        made.pages.start()
        yield made
    finally:
        made.pages.end()
        made.registrar.end()


def test_explore(town: Town, tmp_path: Path) -> None:
    with open_office(town.office) as opened:
        desk = desk_of(opened)
        desk.authorizations(COUNT)
        file = tmp_path / "wells.csv"
        file.write_text(f"area,category,n\nNorth,theft,{CELL}\nNorth,theft,12\nSouth,theft,14\n")
        data = opened.admit(desk.people["custodian"], file, declared("advice"))
        box = tmp_path / "a.box"
        box.write_bytes(RECORDING * 100_000)
        opened.keep_object(desk.people["custodian"], box, declared("disclosure"), format="box")
        dual_control.propose(opened.kernel, desk.people["custodian"], "rotate_keys", words=RECORD)
        permit = desk.ask(COUNT, datasets={"wells": data.dataset})
        terminal = subprocess.Popen(
            program("run", permit.case, "--as", "analyst", "--office", str(town.office)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert until((town.waits / "began").exists, 60), terminal.communicate()
        worker = int((town.waits / "began").read_text())
        secrets = town.of_the_registrar()
        words = {
            **CONTENT,
            "record": (RECORD.encode(),),
            **secrets,
            "analyst's key": town.persons_key("analyst"),
            "clerk's": town.persons_key("clerk"),
        }
        who = {
            "worker": worker,
            "terminal": terminal.pid,
            "registrar": town.registrar.process.pid,
            "pages": town.pages.process.pid,
        }
        for name, pid in who.items():
            print(
                "DURING",
                name,
                sorted(remembers(pid, words)),
                Path(f"/proc/{pid}/limits").read_text().split("core file size")[1].split("\n")[0],
            )
        (town.waits / "go on").touch()
        print(terminal.communicate())
        commander, clerk = town.pages.logged_on("commander"), town.pages.logged_on("clerk")
        for client, act, fields in (
            (commander, "decide", {"choice": "accept", **REASONS}),
            (clerk, "publish", {"statement": "wells were counted"}),
        ):
            got = send(client, f"/en/cases/{permit.case}/{act}", **fields)
            assert got.status_code == 303, got.text[-3000:]
        for name, pid in who.items():
            if name in ("registrar", "pages"):
                print("AFTER", name, sorted(remembers(pid, words)))
        send(clerk, "/en/log-off")
        import time

        time.sleep(20)
        for name, pid in who.items():
            if name in ("registrar", "pages"):
                print("LATER", name, sorted(remembers(pid, words)))
    assert 0
