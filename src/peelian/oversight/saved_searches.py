"""Saved searches: a person's own bookmarks of lists, sealed, in the database and not in the log.

Nobody else sees them. They are kept until their person deletes them, or their name is erased.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import timedelta

from cryptography.fernet import InvalidToken

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.model.pseudonyms import DRAFT
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.drafts import cipher_of

MOST, MOST_NAME, MOST_QUERY = 50, 60, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """One of them: what it is called, which list it is of (its address without the language), and the query there."""

    id: str
    name: str
    page: str
    query: str


def save_search(kernel: Kernel, person: str, *, name: str, page: str, query: str) -> str:
    """Save a search of a person (a token), in the place of the same one under another name; returns its id.

    InputError: no name, or too long a one. OutOfOrder: there are 50 already.
    """
    name = " ".join(name.split())
    if not name or len(name) > MOST_NAME or not name.isprintable():
        accepted = sentence("1 to %(n)d characters", n=MOST_NAME)
        raise InputError("not a name for a search", accepted=accepted)
    if len(query) > MOST_QUERY:
        raise InputError("search too long", accepted=sentence("1 to %(n)d characters", n=MOST_QUERY))
    known = {(one.page, one.query): one.id for one in saved_searches(kernel, person)}
    id = known.get((page, query)) or kernel.office.token(f"{person} search {page}?{query}", of=DRAFT)
    made = SavedSearch(id=id, name=name, page=page, query=query)
    if len({*known.values(), id}) > MOST:
        raise OutOfOrder("You have 50 saved searches. Delete one first.")
    sealed = cipher_of(kernel, person).encrypt(json.dumps(asdict(made)).encode()).decode()
    kernel.stores.tickets.put(_kind(person), id, sealed, kernel.now())
    return id


def saved_searches(kernel: Kernel, person: str) -> list[SavedSearch]:
    """Those of a person, the oldest first; without one that was altered. O(those)."""
    kept = kernel.stores.tickets.all(_kind(person))
    cipher = cipher_of(kernel, person) if kept else None
    found = []
    for id, sealed in kept:
        try:
            one = SavedSearch(**json.loads(cipher.decrypt(sealed))) if cipher else None
        except (InvalidToken, TypeError, ValueError):
            continue
        found += [one] if one and one.id == id else []
    return found


def delete_searches(kernel: Kernel, person: str, ids: Collection[str]) -> None:
    """Delete some of a person's own; what is none of theirs is passed over."""
    for id in ids:
        kernel.stores.tickets.take(_kind(person), id)


def delete_all_searches(kernel: Kernel, person: str) -> None:
    """Delete every one of a person whose name is erased."""
    kernel.stores.tickets.forget(_kind(person), kernel.now() + timedelta(days=1))


def _kind(person: str) -> str:
    """The kind of their tickets: one of its own for each person, so that nobody's are among another's."""
    return f"search {person}"
