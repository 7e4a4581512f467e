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
    return _ring(folder)


def add_key(folder: Path) -> Ring:
    """A new wrapping key from the system's random source joins the ring and becomes its newest."""
    private_folder(folder)
    last = max((int(m[1]) for path in folder.iterdir() if (m := _FILE.fullmatch(path.name))), default=0)
    key = wrapping_key(secrets.token_bytes(32))
    put_private(folder / f"{last + 1:06d}-{key.id.hex()}.key", f"{_TITLE}\n{key.key.hex()}\n".encode())
    ring = _ring(folder)
    return Ring(newest=key, keys={**(ring.keys if ring else {}), key.id: key})


def destroy_older(folder: Path, *, keep: bytes) -> int:
    """Destroy every key that joined the ring before the one with the id `keep`; how many. What they wrapped is lost for
    ever. A key that joined later is another rotation's, which may be wrapping with it now."""
    found = {path: (m[1], bytes.fromhex(m[2])) for path in folder.iterdir() if (m := _FILE.fullmatch(path.name))}
    kept = next((number for number, id in found.values() if id == keep), "")
    older = [path for path, (number, _) in found.items() if number < kept]
    return sum(_shredded(path) for path in older)


def _shredded(path: Path) -> bool:
    try:
        shred(path)
    except FileNotFoundError:  # a later rotation destroyed it
        return False
    return True


def _ring(folder: Path) -> Ring | None:
    """The keys as they stood at one moment; None where there is none. A key that a rotation destroys meanwhile loses
    its name before its content, so that a key whose name still stands was read whole; else the folder is read again."""
    while True:
        names = sorted(path for path in folder.iterdir() if _FILE.fullmatch(path.name))
        keys = [_read(path) for path in names]
        whole = [key for key in keys if key is not None]
        if len(whole) == len(keys):
            return Ring(newest=whole[-1], keys={key.id: key for key in whole}) if whole else None


def _read(path: Path) -> WrappingKey | None:
    """One key; None where it was destroyed meanwhile. IntegrityError where it is damaged."""
    try:
        spelled = read_private(path)
    except FileNotFoundError:
        return None
    if not path.exists():
        return None
    title, _, rest = spelled.decode("ascii", "replace").partition("\n")
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
