"""The doctor's checks of the key folder: damaged, foreign or older than the log."""

from __future__ import annotations

from collections.abc import Iterator

from peelian.errors import InputError, sentence
from peelian.integrations.person_keys import PROTECT
from peelian.kernel.model.ports import Entry
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.state.case_history import CaseHistory
from peelian.kernel.state.demonstration import is_demonstration
from peelian.operations.office import Office
from peelian.storage.vault_files import FileVault

BARE = "keys/operators/%(file)s has no passphrase."
STOPPED = "keys/operators/%(file)s has no passphrase, and its person's roles need one: it signs nothing."
BACKUP = "Restore it from the key folder's own backup."


def of_the_keys(office: Office) -> Iterator[tuple[str, str]]:
    """What is wrong with people's keys, the key of the tokens and the memory of used openings, and what to do.
    O(people + cases)."""
    yield from _of_people(office)
    yield from _of_the_openings(office)


def _of_people(office: Office) -> Iterator[tuple[str, str]]:
    if office.people_keys is None:
        return
    people, keys = office.kernel.state.people, office.people_keys
    tokens = {person.public_key: token for token, person in people.items()}
    found, own = [], []  # own: of each pair of an enrolled person, whether its short name has that person's token
    for file in sorted(keys.folder.glob("*.pem")):
        try:
            key = keys.public_key(file.stem)
        except InputError as wrong:
            found.append((f"keys/operators/{file.name}: {wrong.wrong}", wrong.accepted or BACKUP))
            continue
        token = office.kernel.office.token(file.stem, of=PERSON)
        if token in people and not keys.is_protected(file.stem) and not is_demonstration(office.kernel):
            stopped = keys.must_be_protected(file.stem)
            found.append((sentence(STOPPED if stopped else BARE, file=file.name), sentence(PROTECT, short=file.stem)))
        if key in tokens:
            own.append(tokens[key] == token)
        if token in people and people[token].public_key != key:
            says = sentence(
                "keys/operators/%(file)s is not the enrolled key of %(short)s.", file=file.name, short=file.stem
            )
            found.append((says, BACKUP))
    if own and not any(own):
        says = "keys/token.key does not belong to this log. No person is found under their short name."
        yield says, "Restore it from the key folder's own backup before enrolling anyone."
    else:
        yield from found


def _of_the_openings(office: Office) -> Iterator[tuple[str, str]]:
    """Each used opening is in the log, and each logged one of a run that came to its end was used. O(entries)."""
    vault, log = office.kernel.stores.vault, office.kernel.stores.log
    if not isinstance(vault, FileVault):  # one in memory remembers none
        return
    used = set(vault.keys.openings())
    sizes = {index: _places(entry) for index, entry in log.read() if entry["kind"] in ("OPENED", "OPENED_SET")}
    if unknown := sum(place not in sizes.get(index, range(0)) for index, place in used):
        says = sentence("Keys unwrapped without a logged opening: %(n)s.", n=f"{unknown:,}")
        yield says, "If the log is not the newest, restore it. Otherwise start the breach protocol."
    logged = [(index, -1) for history in office.kernel.state.histories.values() for index in _used_up(history)]
    if any(one not in used for one in logged):
        says = sentence(
            "The keys are older than the log: %(used)s used openings recorded, %(logged)s logged.",
            used=f"{sum(one in used for one in logged):,}",
            logged=f"{len(logged):,}",
        )
        yield says, "Find out who restored them. Restore the newest key folder, so that no opening is used twice."


def _places(entry: Entry) -> range:
    """The places of an opening's set, or -1 alone."""
    return range(int(entry["n"])) if entry["kind"] == "OPENED_SET" else range(-1, 0)


def _used_up(history: CaseHistory) -> list[int]:
    """The openings of its runs that came to their end: a run that failed may have logged one that it did not use."""
    found, since = [], list[int]()
    for index, entry in history.entries:
        if entry["kind"] in ("STARTED", "FAILED"):
            since = []
        elif entry["kind"] == "OPENED":
            since.append(index)
        elif entry["kind"] == "RAN":
            found += since
    return found
