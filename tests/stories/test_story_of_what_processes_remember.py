"""The story of what the processes of a divided office remember: each of them only what it cannot do without."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from authentication import over
from boxes import BOXES
from broker import free_port, until
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from desk import Desk, declared
from divided import RunningRegistrar, desk_of, peopled, program
from memory import remembers, secret, spelled
from own_keys import PASSPHRASE
from served import REASONS, Pages, send
from slow_toy import HERE, SLOW
from toy import COUNT

import peelian.operations.office
from peelian.kernel.identity import dual_control
from peelian.kernel.vault.chunk_cipher import (
    COMMITMENT_BYTES,
    HEAD_BYTES,
    KEY_BYTES,
    NONCE_BYTES,
    SALT_BYTES,
    VAULT,
    key_to_open,
)
from peelian.kernel.vault.vault import LONGEST_HEADER, context_of, dataset_in
from peelian.operations.dividing import divide
from peelian.operations.office import Office, open_office
from peelian.storage.key_store import open_key_store
from peelian.storage.office_settings import read_secret
from peelian.storage.operator_keys import load_key, read_key_file
from peelian.storage.protected_keys import unlocked
from peelian.storage.vault_files import FileVault

pytestmark = pytest.mark.skipif(
    os.getuid() != 0 or sys.platform != "linux", reason="only the administrator reads another process's memory"
)
CELL = 7_391_846_250_197_563
RECORDING = b"BOX plantedrecording "
WORDS = "plantedwords of a proposal"


@dataclass
class Town:
    """A divided office whose run waits, and its processes."""

    office: Path
    registrar: RunningRegistrar
    pages: Pages
    waits: Path

    def secrets(self) -> dict[str, tuple[bytes, ...]]:
        """Every key of the office, and those of three people."""
        folder = self.registrar.folder
        store = open_key_store(folder / "keys" / "store")
        keys = {name: store.unwrapped(name) for name, live in store.states().items() if live}
        ring = store._ring.newest.key
        store.close()
        of_objects = {name: key for name, key in keys.items() if " " not in name}
        found = {
            "signing key": secret(load_key(folder / "keys" / "log.pem").private_bytes_raw()),
            "token key": secret(read_secret(folder / "keys" / "token.key")),
            "ring": secret(ring),
            "document keys": tuple(one for name, key in keys.items() if " " in name for one in secret(key)),
            "data keys": tuple(one for key in of_objects.values() for one in secret(key)),
            "chunk keys": tuple(self._chunk_key(name, key) for name, key in of_objects.items()),
        }
        assert len(of_objects) == 2
        for short in ("analyst", "commander", "clerk"):
            file = self.office / "keys" / "operators" / f"{short}.pem"
            key = unlocked(read_key_file(file), PASSPHRASE, file.name)
            found[f"key of {short}"] = secret(key.private_bytes_raw())
        return found

    def worker(self) -> int:
        """The process of the run that waits, once it read its data."""
        assert until((self.waits / "began").exists)
        return int((self.waits / "began").read_text())

    def goes_on(self) -> None:
        """The run that waits comes to its end; the next one waits again."""
        (self.waits / "began").unlink()
        (self.waits / "go on").touch()
        assert until(lambda: not (self.waits / "go on").exists())

    def processes(self) -> tuple[int, int]:
        """The registrar and the pages."""
        assert self.registrar.process and self.pages.process
        return self.registrar.process.pid, self.pages.process.pid

    def remembered(self, words: dict[str, tuple[bytes, ...]]) -> tuple[set[str], set[str]]:
        """What the registrar remembers, and what the pages do."""
        registrar, pages = (remembers(process, words) for process in self.processes())
        return registrar, pages

    def _chunk_key(self, name: str, key: bytes) -> bytes:
        """The key that an object's chunks are sealed with."""
        start = (self.office / "objects" / name).read_bytes()[:LONGEST_HEADER]
        dataset, begins = dataset_in(start)
        context, head = context_of(dataset=dataset, object=name), start[begins : begins + HEAD_BYTES]
        key_to_open(VAULT, key, head=head, context=context)  # it is this object's
        info = b"\0".join((VAULT.label, head[:SALT_BYTES] + context))
        return HKDFExpand(VAULT.hash, KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES, info).derive(key)[:KEY_BYTES]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch:
        yield from _town(tmp_path_factory.mktemp("town"), patch)


def _town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (SLOW, BOXES))
    if os.environ.get("PEELIAN_TESTS_ON") == "postgresql":
        pytest.skip("the keys to look for are read from the key store's file, and here there is none")
    office, waits = tmp_path / "office", tmp_path / "of the test"
    waits.mkdir()
    monkeypatch.setenv(HERE, str(waits))
    peopled(office)
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


def test_each_process_remembers_what_it_cannot_do_without(town: Town, tmp_path: Path) -> None:
    """A run at the terminal, one at the pages, and what follows. Permitted: to the registrar the office's own keys and
    the documents that it keeps; to whoever signs their own key; to the worker of a run what it opened."""
    with open_office(town.office) as opened:
        desk = desk_of(opened)
        data = brought_in(opened, desk, tmp_path)
        words = town.secrets() | {"cell": spelled(CELL), "recording": (RECORDING,), "words": (WORDS.encode(),)}
        assert remembers(os.getpid(), words) == set(words), "whatever is there is found"
        first, second = (desk.ask(COUNT, datasets={"wells": data}) for _ in range(2))
        terminal = subprocess.Popen(
            program("run", first.case, "--as", "analyst", "--office", str(town.office)), stdout=subprocess.PIPE
        )
        worker = town.worker()
        assert remembers(terminal.pid, words) == {"key of analyst"}
        assert {"cell"} <= remembers(worker, words) <= {"cell", "data keys"}, "what it opened, and the key of that"
        assert of_the_registrar_alone(town.remembered(words))
        town.goes_on()
        assert terminal.wait(60) == 0

        analyst, commander, clerk = (town.pages.logged_on(short) for short in ("analyst", "commander", "clerk"))
        run = threading.Thread(target=send, args=(analyst, f"/en/cases/{second.case}/run"))
        run.start()
        assert "cell" in remembers(town.worker(), words)
        assert town.remembered(words)[1] == {f"key of {short}" for short in ("analyst", "commander", "clerk")}
        town.goes_on()
        run.join(60)
        over(analyst, second.case)
        fields = {"choice": "accept", **REASONS}
        assert send(commander, f"/en/cases/{second.case}/decide", **fields).status_code == 303
        assert send(clerk, f"/en/cases/{second.case}/publish", statement="wells were counted").status_code == 303
        for client in (analyst, commander, clerk):
            send(client, "/en/log-off")
        assert until(lambda: of_the_registrar_alone(town.remembered(words))), town.remembered(words)

        opened.kernel.stores.follow()
        entries, vault = [dict(entry) for _, entry in opened.kernel.stores.log.read()], opened.kernel.stores.vault
        assert isinstance(vault, FileVault)
        assert len(vault.keys.openings()) == sum(entry["kind"] == "OPENED" for entry in entries) == 3
        assert {entry["kind"] for entry in entries} >= {"ADMITTED", "ASKED", "RAN", "DECIDED", "PUBLISHED"}


def test_no_process_can_leave_its_memory_on_a_disk(town: Town) -> None:
    for process in town.processes():
        limits = Path(f"/proc/{process}/limits").read_text(encoding="utf-8")
        assert re.search(r"Max core file size +0 +0 ", limits)


def of_the_registrar_alone(remembered: tuple[set[str], set[str]]) -> bool:
    """The pages remember nothing; the registrar the office's own keys, and at most the documents that it keeps."""
    keys = {"ring", "signing key", "token key"}
    return keys <= remembered[0] <= keys | {"words"} and not remembered[1]


def brought_in(office: Office, desk: Desk, folder: Path) -> str:
    """A table, a recording and a sealed document, each with what is looked for; the table's dataset."""
    desk.authorizations(COUNT)
    wells, box, custodian = folder / "wells.csv", folder / "a.box", desk.people["custodian"]
    wells.write_text(f"area,category,n\nNorth,theft,{CELL}\nNorth,theft,12\nSouth,theft,14\n", encoding="utf-8")
    box.write_bytes(RECORDING * 10_000)
    office.keep_object(custodian, box, declared("disclosure"), format="box")
    dual_control.propose(office.kernel, custodian, "rotate_keys", words=WORDS)
    return office.admit(custodian, wells, declared("advice")).dataset
