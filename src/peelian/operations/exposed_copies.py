"""Exposed copies: what a copy of office files found outside could open."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

from peelian.errors import InputError
from peelian.oversight.breach.signals import Copy
from peelian.storage.database import as_it_is
from peelian.storage.key_store import FILE, RING, open_key_store
from peelian.storage.schema import LEAVES

OBJECT_LETTERS = 32


def copy_in(folder: Path, at: str) -> Copy:
    """Look into a found copy without changing it: its sealed objects, and those that the keys in it open.

    Objects lie in `objects/` or in the folder itself, keys in `keys/store/`, `keys/` or the folder. Keys are read
    from a scratch copy that is removed again, for the found one is evidence. InputError: there is no such folder, or
    nothing sealed in it.
    """
    if not folder.is_dir():
        raise InputError("no such folder", file=folder.name, accepted="the folder of the copy found")
    place = folder / "objects" if (folder / "objects").is_dir() else folder
    objects = frozenset(path.name for path in place.iterdir() if path.is_file() and len(path.name) == OBJECT_LETTERS)
    if not objects:
        raise InputError("no sealed object in this folder", file=folder.name, accepted="objects/ of an office")
    return Copy(objects=objects, opens=_opened_by(_keys_in(folder)) & objects, found=at)


def _keys_in(folder: Path) -> Path | None:
    places = (folder / "keys" / "store", folder / "keys", folder)
    return next((place for place in places if (place / FILE).is_file() and (place / RING).is_dir()), None)


def _opened_by(keys: Path | None) -> frozenset[str]:
    if keys is None:
        return frozenset()
    with tempfile.TemporaryDirectory() as scratch:
        copied = Path(shutil.copytree(keys, Path(scratch) / "keys"))
        for path in (copied, *copied.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)  # whoever found it may have lost the modes
        with closing(as_it_is(copied / FILE, name="keys")) as older, older.writing() as connection:
            LEAVES.create(connection, checkfirst=True)  # of an office from before workers opened anything
        store = open_key_store(copied)
        states = store.states()
        store.close()
    return frozenset(name for name, live in states.items() if live)
