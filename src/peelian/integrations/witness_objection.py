"""Witness objection: while it stands, the office only reads; nothing is logged or signed.

Whoever puts a whole office back from an old copy takes this file away with it; then the witness objects again when it
is asked the next time. The file is for everything in between: commands that ask no witness, and another start.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from peelian.storage.private_files import in_plain_words, put_private

FILE = "log.objected"
WHAT_TO_DO = (
    "Keep everything as it is and begin the breach protocol. Where an old copy of the office was put back, put the "
    "newest one in its place; then `peelian machine ask-witness`: where the witness cosigns again, the office goes on"
)


def objection(office: Path) -> str:
    """What the witness objected to and what to do; "" where it does not object."""
    file = office / FILE
    return file.read_text(encoding="utf-8").strip() if file.exists() else ""


def keep_objection(office: Path, says: str, at: datetime) -> str:
    """Keep an objection so that it survives a new start; returns it with what to do."""
    told = f"{at:%Y-%m-%d %H:%M} UTC: {says.rstrip('.')}. {WHAT_TO_DO}."
    with in_plain_words("the witness's objection was not kept"):
        put_private(office / FILE, told.encode())
    return told


def lift_objection(office: Path) -> bool:
    """The witness cosigned again; False where it had not objected."""
    file = office / FILE
    there = file.exists()
    file.unlink(missing_ok=True)
    return there
