"""The doctor's checks of the key folder: damaged, foreign or older than the log."""

from __future__ import annotations

from collections.abc import Iterator

from peelian.errors import InputError, sentence
from peelian.integrations.person_keys import PROTECT
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.state.demonstration import is_demonstration
from peelian.operations.office import Office

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
    """Every opening of a run that came to its end was used: else the keys remember less than the log."""
    used = getattr(office.kernel.stores.vault, "openings_used", None)
    if used is None:
        return
    histories = office.kernel.state.histories.values()
    ran = [history.entries for history in histories if any(entry["kind"] == "RAN" for _, entry in history.entries)]
    logged = sum(entry["kind"] == "OPENED" for entries in ran for _, entry in entries)
    if used() < logged:
        says = sentence(
            "The keys are older than the log: %(used)s used openings recorded, %(logged)s logged.",
            used=f"{used():,}",
            logged=f"{logged:,}",
        )
        yield says, "Find out who restored them. Restore the newest key folder, so that no opening is used twice."
