"""A vault in folders with a log that is a list, for tests that open what they sealed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from peelian.adapters.vault_files import FileVault, open_vault
from peelian.governance.ports import Entry, Sealed


@dataclasses.dataclass(frozen=True, slots=True)
class VaultAndLog:
    """A vault, its folders, and the openings that were logged for it."""

    vault: FileVault
    folder: Path
    log: list[Entry]

    def sealed(self, plain: bytes, dataset: str = "incidents") -> Sealed:
        with self.vault.seal(dataset) as file:
            file.write(plain)
        return file.sealed

    def intent(self, sealed: Sealed) -> int:
        """Log an opening; its index."""
        self.log.append({"kind": "OPENED", "object": sealed.object, "dataset": sealed.dataset})
        return len(self.log) - 1

    def read(self, sealed: Sealed) -> bytes:
        with self.vault.open(sealed.object, intent=self.intent(sealed)) as file:
            return file.read()

    def file(self, sealed: Sealed) -> Path:
        return self.folder / "objects" / sealed.object

    def bytes_of(self, *folders: str) -> bytes:
        """Everything that lies in some of the folders, or in all."""
        roots = [self.folder / name for name in folders] or [self.folder]
        return b"".join(path.read_bytes() for root in roots for path in sorted(root.rglob("*")) if path.is_file())


def vault_in(folder: Path, log: list[Entry] | None = None) -> VaultAndLog:
    """The vault in a folder, opened again if it was there; `log` goes on with an earlier one."""
    known: list[Entry] = [] if log is None else log
    vault = open_vault(
        folder / "objects", folder / "keys", granted=lambda index: known[index] if index < len(known) else None
    )
    return VaultAndLog(vault, folder, known)
