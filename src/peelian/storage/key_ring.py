"""Key ring on disk: one small file a wrapping key; the newest wraps, all unwrap."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from peelian.errors import IntegrityError, OfficeShut
from peelian.kernel.vault.key_wrapping import WrappingKey, wrapping_key
from peelian.storage.private_files import private_folder, put_private, read_private, shred

_FILE = re.compile(r"(\d{6})-([0-9a-f]{16})\.key")
_TITLE = "peelian wrapping key 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """The wrapping keys by id, and the one that new records are wrapped under."""

    newest: WrappingKey
    keys: Mapping[bytes, WrappingKey] = field(repr=False)

    def key(self, id: bytes) -> WrappingKey:
        """The wrapping key with this id; IntegrityError where this ring does not hold it."""
        if id not in self.keys:
            raise IntegrityError(
                "The key table was wrapped with a key that is not in this ring. Restore a ring and table "
                "of the same office and backup."
            )
        return self.keys[id]


def read_ring(folder: Path) -> Ring | None:
    """The ring in a folder; None where it holds no key. InputError where others may read it."""
    private_folder(folder)
    return _ring(folder) if any(_FILE.fullmatch(path.name) for path in folder.iterdir()) else None


def add_key(folder: Path) -> Ring:
    """A new wrapping key from the system's random source joins the ring and becomes its newest."""
    private_folder(folder)
    last = max((int(m[1]) for path in folder.iterdir() if (m := _FILE.fullmatch(path.name))), default=0)
    key = wrapping_key(secrets.token_bytes(32))
    put_private(folder / f"{last + 1:06d}-{key.id.hex()}.key", f"{_TITLE}\n{key.key.hex()}\n".encode())
    return _ring(folder)


def destroy_older(folder: Path, *, keep: bytes) -> int:
    """Destroy every key of the ring but the one with the id `keep`; how many. What they wrapped is lost for ever."""
    older = [p for p in folder.iterdir() if (m := _FILE.fullmatch(p.name)) and bytes.fromhex(m[2]) != keep]
    for path in older:
        shred(path)
    return len(older)


def _ring(folder: Path) -> Ring:
    keys = [_read(path) for path in sorted(folder.iterdir()) if _FILE.fullmatch(path.name)]
    return Ring(newest=keys[-1], keys={key.id: key for key in keys})


def _read(path: Path) -> WrappingKey:
    title, _, rest = read_private(path).decode("ascii", "replace").partition("\n")
    try:
        key = wrapping_key(bytes.fromhex(rest.strip()))
    except ValueError:
        raise OfficeShut(
            "A key of the ring is damaged. Restore the key folder from its own backup.", of="ring"
        ) from None
    if title != _TITLE or not path.name.endswith(f"-{key.id.hex()}.key"):
        raise OfficeShut(
            "A key of the ring does not match its name. Restore the key folder from its backup.", of="ring"
        )
    return key
