"""Log restore from a backup: two people order it, losses are named, nothing is thrown away.

The backup's database takes the place of a damaged one. Entries that came after it are taken from the published log;
their documents are lost, and whatever rested on them counts no longer. What keys show to be destroyed is said again. A
damaged log cannot log who agreed to replace it. So the two sign first, as people whom the backup's log knows, and the
restored log goes on with their words: PROPOSED, APPROVED, CARRIED_OUT, RESTORED.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from peelian.errors import InputError, IntegrityError, OutOfOrder, sentence
from peelian.integrations.person_keys import Passphrases
from peelian.kernel.identity.dual_control import APPROVERS, FEWEST_WORDS, GOOD_FOR, PROPOSERS
from peelian.kernel.identity.step_up import prove
from peelian.kernel.log.entry_schema import decode_entry
from peelian.kernel.log.merkle import TILE, Head, TileAt, Tree, leaf_hash, read_bundle
from peelian.kernel.log.signed_note import read_note
from peelian.kernel.model.archive_partitions import homes
from peelian.kernel.model.documents import Approval, Proposal, digest_of, from_bytes, to_bytes
from peelian.kernel.model.partitions import lists_partitions
from peelian.kernel.model.people import signature_holds
from peelian.kernel.model.ports import Entry
from peelian.kernel.policy.authorize import must_be_allowed, must_hold_role
from peelian.kernel.state.kernel import Kernel, log_word, signed
from peelian.operations.backup import must_be_whole
from peelian.operations.office import Office, office_of, open_office
from peelian.storage.durable_files import read_regular, sync_folder
from peelian.storage.log_publisher import CHECKPOINT, COSIGNED, PublishedLog
from peelian.storage.office_settings import read_settings
from peelian.storage.operator_keys import load_key
from peelian.storage.private_files import private_folder, put_private, read_private
from peelian.storage.vault_files import FileVault
from peelian.storage.vault_keys import StoredKeys

ORDER, SCRATCH = "restore.json", "state.restoring"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """What a restoration would put in place, and where the database before went."""

    copied: int  # entries that the backup has
    size: int  # entries with those of the published log
    again: int  # entries that say once more what keys show to be destroyed
    lost: int  # entries that were signed once and are in neither
    witnessed: int  # of those, how many a witness cosigned
    heads: bool  # whether every head kept apart is there: else there may have been more
    root: bytes  # of the log up to `size`
    openings: int = 0  # of sealed data, by entries that it will not have
    order: str = ""  # the digest of the proposal
    aside: Path | None = None

    def lines(self) -> list[str]:
        """What people have to know before they agree, in plain sentences."""
        says = "The backup has %(n)s entries. %(more)s later ones are in the published log, without their documents."
        said = [sentence(says, n=f"{self.copied:,}", more=f"{self.size - self.copied:,}")]
        if self.lost:
            said.append(sentence("LOST: %(n)s entries that were signed once are in neither.", n=f"{self.lost:,}"))
            if self.witnessed:
                says = "A witness has cosigned %(n)s of them. It will refuse this log, as it should."
                said.append(sentence(says, n=f"{self.witnessed:,}"))
            said.append("Receipts for lost entries prove what is missing. Tell the board before you go on.")
        elif not self.heads:
            said.append("A log head kept apart is gone. More entries may be lost. Ask the witness for the newest head.")
        else:
            said.append("No entry that was ever signed is lost.")
        if self.openings:
            says = "Sealed data was opened %(n)s times by entries that this log will not have."
            said.append(sentence(says, n=f"{self.openings:,}"))
        if self.again:
            says = "Said again, for keys that were destroyed since: %(n)s."
            said.append(sentence(says, n=f"{self.again:,}"))
        return said


def propose_restoration(
    office: Path, backup: Path, by: str, *, words: str, passphrases: Passphrases | None = None
) -> Restoring:
    """The first of two people orders a restoration; what it would bring. Nothing but the order is written.

    OutOfOrder where the office opens: there is nothing to restore then. IntegrityError where the backup is damaged, or
    is not of this office.
    """
    if len(words.split()) < FEWEST_WORDS:
        raise OutOfOrder(f"State the reason in at least {FEWEST_WORDS} words.")
    _must_need_it(office)
    with ExitStack() as closing:
        made, found = _looked_at(office, backup, closing)
        kernel, operator = made.kernel, made.asking(passphrases).operator(by)
        person = must_hold_role(kernel, operator, PROPOSERS, "the_proposer_may_propose")
        document = Proposal(
            what="log",
            body=_body(found),
            words=words.strip(),
            by=person.token,
            unit=person.unit,
            at=kernel.now().isoformat(),
        )
        document = signed(document, operator.sign)
    shutil.rmtree(office / SCRATCH)
    put_private(office / ORDER, to_bytes(document))
    return dataclasses.replace(found, order=digest_of(document))


def approve_restoration(office: Path, backup: Path, by: str, *, passphrases: Passphrases | None = None) -> Restoring:
    """The second person, of another unit, agrees; the log is restored, and says who agreed to what.

    Refused or OutOfOrder where the second may not, where the order is older than a week, or where the backup or the
    published log has changed since the order was signed.
    """
    _must_need_it(office)
    if not (office / ORDER).exists():
        raise OutOfOrder("Restoration not ordered yet. The first person orders it with --reason.")
    order = from_bytes(read_private(office / ORDER), Proposal)
    with ExitStack() as closing:
        made, found = _looked_at(office, backup, closing)
        kernel, operator = made.kernel, made.asking(passphrases).operator(by)
        _must_be_of_this(kernel, order, found)
        prove(kernel, operator)
        first = (order.by, order.unit)
        person = must_be_allowed(
            kernel, operator, "approve", roles=APPROVERS, rule="the_approver_may_approve", first=first
        )
        approval = Approval(before=digest_of(order), by=person.token, unit=person.unit, at=kernel.now().isoformat())
        _told(kernel, order, signed(approval, operator.sign), found)
        _keys(kernel).store.forget_openings(found.size)
    aside = _swapped(office)
    with open_office(office, restored=True):
        pass
    (office / ORDER).unlink()
    return dataclasses.replace(found, order=digest_of(order), aside=aside)


def _looked_at(office: Path, backup: Path, closing: ExitStack) -> tuple[Office, Restoring]:
    """The office on the backup's database, with what came later; and what that is."""
    must_be_whole(backup)
    settings = read_settings(office)
    if "database" in settings:
        raise InputError(
            "the database of this office is on a PostgreSQL server",
            accepted="`pg_restore` of state/state.dump, as docs/how-to says",
        )
    scratch = office / SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)
    private_folder(scratch)
    if not (backup / "state" / "state.db").is_file():
        raise InputError("the backup has no database", accepted="a folder made by `peelian machine backup`")
    shutil.copyfile(backup / "state" / "state.db", scratch / "state.db")
    (scratch / "state.db").chmod(0o600)
    made = office_of(office, settings, scratch / "state.db", closing)
    log = made.kernel.stores.log
    if not isinstance(log, PublishedLog):
        raise InputError("a registrar holds this office's log", accepted="--office with the registrar's own folder")
    copied, heads = log.size(), log.heads()
    log.copy([decode_entry(spelling) for spelling in _published(office / "log", log, copied)])
    size = log.size()
    made.kernel.state.partitions.restored.append((copied, size))  # as RESTORED will say: their documents are lost
    gone = list(_partitions_since(made.kernel))
    made.kernel.take_all(gone)
    if not made.kernel.state.people:
        wrong = "the backup is older than a destruction: the enrolments in it cannot be read"
        raise InputError(wrong, accepted="a backup made since")
    again = [*gone, *(others := list(_destroyed_since(made.kernel)))]
    made.kernel.take_all(others)
    newest = max((head.size for head in heads.values()), default=0)
    store = _keys(made.kernel).store
    found = Restoring(
        copied=copied,
        size=size,
        again=len(again),
        lost=max(0, newest - size),
        witnessed=max(0, _witnessed(office) - size),
        heads=log.oldest_head() > 0,
        root=log.tree.root(size),
        openings=sum(intent >= size for intent, _ in store.openings()),
    )
    return made, found


def _published(folder: Path, log: PublishedLog, start: int) -> list[bytes]:
    """The entries from `start` on that outsiders can read, as far as they go on from this log to a head that was
    signed; none where the published log is damaged. O(those)."""
    try:
        note = read_regular(folder / CHECKPOINT)
        head = log.keys.read(note)[1]
        found = []
        for number in range(start // TILE, -(-head.size // TILE)):
            width = min(TILE, head.size - number * TILE)
            tile = TileAt(level=0, number=number, width=width)
            found += read_bundle(read_regular(folder / tile.entries_path))
        found = found[start % TILE :]
    except (OSError, IntegrityError, InputError):
        return []
    return found if head.size > start and _goes_on(log, start, found, head) else []


def _goes_on(log: PublishedLog, start: int, entries: list[bytes], head: Head) -> bool:
    tree = Tree()
    tree.extend(b"".join(leaf_hash(spelling) for spelling in log.tree.entries(0, start)))
    tree.extend(b"".join(leaf_hash(spelling) for spelling in entries))
    return tree.size == head.size and tree.root() == head.root


def _partitions_since(kernel: Kernel) -> Iterator[Entry]:
    """Partitions that the key store shows to be destroyed and this log does not say. O(entries + keys)."""
    states, known, entry = _keys(kernel).store.states(), kernel.state.partitions, kernel.entry
    naming = (one for _, one in kernel.stores.log.read() if "document" in one or "reasons" in one)
    named = {home for one in naming for home in homes(one)}
    for partition in sorted((named | known.carried.keys()) - known.destroyed.keys()):
        if states.get(f"partition {partition}") is False:
            yield entry("PARTITION_DESTROYED", {"partition": partition, "n": 0, "by": "office"})


def _destroyed_since(kernel: Kernel) -> Iterator[Entry]:
    """The same of objects and names of people."""
    states, held, entry = _keys(kernel).store.states(), kernel.state.objects, kernel.entry
    admitted = {
        str(one["dataset"]): str(one["object"]) for _, one in kernel.stores.log.read(kinds=["ADMITTED", "DERIVED"])
    }
    gone = {o: name for o, name in sorted(held.datasets.items()) if o not in held.gone and states.get(o) is False}
    whole = {admitted[name]: name for name in gone.values() if lists_partitions(admitted.get(name, ""))}
    for object, dataset in (*whole.items(), *gone.items()):
        if object in whole or dataset not in whole.values():  # with one partition the dataset is gone
            kind = "DESTROYED" if object == admitted.get(dataset) else "KEY_DESTROYED"
            yield entry(kind, {"dataset": dataset, "object": object, "by": "office", "why": "restored"})
    for person in sorted(name.removeprefix("person ") for name, live in states.items() if not live):
        if person in kernel.state.people:
            yield entry("RETIRED", {"person": person, "by": "office"})
            yield entry("FORGOTTEN", {"person": person, "by": "office"})


def _witnessed(office: Path) -> int:
    """How many entries a witness cosigned last, as far as the published log shows."""
    try:
        return int(read_note(read_regular(office / "log" / COSIGNED)).text.split("\n")[1])
    except (OSError, IntegrityError, ValueError, IndexError):
        return 0


def _swapped(office: Path) -> Path:
    """Put the restored database in place; where the one before went, with the log that was published of it."""
    aside = office / f"state.before-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    (office / "state").rename(aside)
    if (office / "log").exists():
        (office / "log").rename(aside / "log")
    (office / SCRATCH).rename(office / "state")
    sync_folder(office)
    return aside


def _told(kernel: Kernel, order: Proposal, approval: Approval, found: Restoring) -> None:
    digest = digest_of(order)
    kernel.record(order, act="log", by=order.by, unit=log_word(order.unit))
    kernel.record(approval, before=digest, act="log", by=approval.by, unit=log_word(approval.unit))
    kernel.append("CARRIED_OUT", before=digest, act="log", by=order.by)
    kernel.append("RESTORED", before=digest, size=found.size, copied=found.copied, lost=found.lost)


def _body(found: Restoring) -> dict[str, str | int]:
    return {"restore": found.root.hex(), "size": found.size, "lost": found.lost}


def _must_be_of_this(kernel: Kernel, order: Proposal, found: Restoring) -> None:
    if order.what != "log" or dict(order.body) != _body(found):
        raise OutOfOrder("The order is for another state of the log. Have it ordered again.")
    if kernel.now() - datetime.fromisoformat(order.at) > GOOD_FOR:
        raise OutOfOrder("This order is older than a week. Have it ordered again.")
    person = kernel.state.people.get(order.by)
    if person is None or not signature_holds(person.public_key, order.signature, digest_of(order).encode()):
        raise OutOfOrder("The signer of the order is not known to this log.")


def _keys(kernel: Kernel) -> StoredKeys:
    vault = kernel.stores.vault
    if not isinstance(vault, FileVault) or not isinstance(vault.keys, StoredKeys):
        raise InputError("folder without keys", accepted="the office's own folder")
    return vault.keys


def _must_need_it(office: Path) -> None:
    if "registrar" in read_settings(office):
        raise InputError("a registrar holds this office's log", accepted="--office with the registrar's own folder")
    load_key(office / "keys" / "log.pem")
    try:
        with open_office(office) as there:
            there.kernel.state.people.values()
            sum(1 for _ in there.kernel.stores.log.read())
            if there.kernel.state.faults():  # it opens all the same
                return
    except IntegrityError:
        return
    raise OutOfOrder("This log opens and passes verification. Nothing to restore.")
