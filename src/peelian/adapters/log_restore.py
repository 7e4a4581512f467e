"""Putting a copy of the log in the place of one that is lost: only on purpose, and never quietly."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from peelian.adapters.durable_files import put_durably, sync_folder
from peelian.adapters.log_files import locked_folder, log_places
from peelian.adapters.log_folder import LogFolder
from peelian.adapters.log_recovery import recover
from peelian.errors import IntegrityError
from peelian.governance.ledger import read_checkpoint
from peelian.governance.merkle import TILE, Head, TileAt, read_bundle
from peelian.governance.note import NoteKey


def dangerously_trust_this_copy(directory: Path, *, key: NoteKey, signed: Path | None = None) -> Head:
    """Let the copy of a log in `directory` be the log from now on, though more than it holds may have been signed.

    The copy must be whole under its own checkpoint; a journal it lacks, as a copy fetched from the web does, is made.
    The record of what was last signed is not thrown away but renamed, and whoever restores states it in the log and to
    the board: witnesses and receipts for entries the copy lacks will disagree for ever, as they should. O(n).
    Returns what the copy holds. IntegrityError where it is not whole; OutOfOrder where it is open.
    """
    places = log_places(directory, signed)
    folder = locked_folder(places)
    try:
        if not places.checkpoint.exists():
            raise IntegrityError("the copy has no checkpoint: there is nothing to trust")
        note, head = read_checkpoint(places.checkpoint.read_bytes(), key)
        if not places.journal.exists():
            _make_journal(folder, head)
        recover(replace(places, signed=places.checkpoint), key)
        _put_aside(places.signed)
        put_durably(places.signed, note.data, unfinished=places.signed.with_name(places.signed.name + ".unfinished"))
        sync_folder(places.signed.parent)
    finally:
        folder.close()
    return head


def _make_journal(folder: LogFolder, head: Head) -> None:
    number, width = divmod(head.size, TILE)
    path = folder.places.folder / TileAt(level=0, number=number, width=width).entries_path
    folder.start_journal(number * TILE, read_bundle(path.read_bytes()) if width else [])


def _put_aside(path: Path) -> None:
    if path.exists():
        number = 1
        while (aside := path.with_name(f"{path.name}.replaced-{number}")).exists():
            number += 1
        os.replace(path, aside)
