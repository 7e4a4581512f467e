"""Notes of reviewers at frames of a recording: working words, sealed, for whoever may open that review.

They are in no plan, no package, no findings and not in the log. One that is a year old is let go; so are the oldest,
where an office has more than it may.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta

from cryptography.fernet import InvalidToken

from peelian.errors import InputError, sentence
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.drafts import cipher_of

TICKET = "note"
LONGEST, MOST = 300, 5_000  # characters of a note; notes of an office
LASTS = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewNote:
    """A note: at which frame, what, by whom (a token) and when."""

    id: str
    frame: int
    text: str
    by: str
    at: str


def add_note(kernel: Kernel, case: str, person: str, *, frame: int, text: str) -> str:
    """Keep a note of a person (token) on a case; its id. InputError: nothing in it, or too much."""
    text = " ".join(text.split())
    if not text or len(text) > LONGEST or not text.isprintable():
        raise InputError("not a note", column="text", accepted=sentence("1 to %(n)d characters", n=LONGEST))
    kernel.stores.tickets.forget(TICKET, kernel.now() - LASTS)
    note = ReviewNote(
        id=secrets.token_hex(6), frame=frame, text=text, by=person, at=f"{kernel.now():%Y-%m-%dT%H:%M:%SZ}"
    )
    sealed = cipher_of(kernel, f"notes {case}").encrypt(json.dumps(asdict(note)).encode()).decode()
    kernel.stores.tickets.put(TICKET, f"{case} {note.id}", sealed, kernel.now(), most=MOST)
    return note.id


def notes_of(kernel: Kernel, case: str) -> list[ReviewNote]:
    """The notes on a case by frame, without one that was altered. O(notes of the office)."""
    kept = [body for key, body in kernel.stores.tickets.all(TICKET) if key.startswith(f"{case} ")]
    cipher = cipher_of(kernel, f"notes {case}") if kept else None
    found = []
    for sealed in kept:
        try:
            found += [ReviewNote(**json.loads(cipher.decrypt(sealed)))] if cipher else []
        except (InvalidToken, TypeError, ValueError):
            continue
    return sorted(found, key=lambda note: (note.frame, note.at))


def delete_note(kernel: Kernel, case: str, person: str, id: str) -> None:
    """Delete a person's own note; of another's nothing happens."""
    if any(note.id == id and note.by == person for note in notes_of(kernel, case)):
        kernel.stores.tickets.take(TICKET, f"{case} {id}")
