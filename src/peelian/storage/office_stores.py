"""Office stores: where an office that holds its own log and keys keeps things, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table

from peelian.errors import InputError
from peelian.kernel.model.contexts import Stores
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.vault.vault import Permitted
from peelian.kernel.vault.worker_keys import KeyRequest
from peelian.storage.database import Database, open_database
from peelian.storage.document_rows import DocumentRows
from peelian.storage.key_store import open_key_store
from peelian.storage.log_heads import HEAD, HeadFile, Heads, Place
from peelian.storage.log_keys import LogKeys
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.noise_answers import AnswerRows
from peelian.storage.office_settings import secret_for
from peelian.storage.people_names import NameRows
from peelian.storage.rows import StoredRows
from peelian.storage.schema import ENTRIES, KEY_METADATA, KEYS, METADATA
from peelian.storage.scratch_files import scratch_in
from peelian.storage.tickets import TicketRows
from peelian.storage.vault_files import open_vault
from peelian.storage.vault_keys import StoredKeys
from peelian.storage.worker_handover import handed_over

SIGNED = "log.signed"  # the newest signed head, in no backup


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeStores:
    """The stores as the kernel knows them, and those parts that only whoever runs the office asks for."""

    stores: Stores
    keys: StoredKeys
    log: PublishedLog
    answers: AnswerRows
    database: Database

    def key(self, kernel: Kernel, asks: KeyRequest) -> bytes:
        """The answer to a worker that asks for a data key (`handed_over`)."""
        return handed_over(kernel, self.keys, asks)


def stores_at(
    path: Path,
    settings: Mapping[str, str],
    place: Path | str,
    keys: tuple[LogKeys, bytes],
    closing: ExitStack,
    *,
    permitted: Permitted,
    stopped: Callable[[], str],
) -> OfficeStores:
    """What the office in the folder `path` keeps things in, its database at `place`; `closing` closes it.

    `keys`: what signs its log, and the secret that its tokens and the MACs of its rows are made with. `permitted`
    judges each opening; `stopped` says why nothing may be logged.
    """
    signing, secret = keys
    store = open_key_store(path / "keys" / "store", settings.get("keys_database", ""))
    closing.callback(store.close)
    database = open_database(place, METADATA)
    closing.callback(database.close)
    key = secret_for(secret, "rows")
    places: dict[str, Place] = {
        "keys/store": store,
        "objects": HeadFile(path / "objects" / HEAD),
        "log.signed": HeadFile(path / SIGNED),
    }
    log = PublishedLog(
        database,
        key,
        keys=signing,
        folder=path / "log",
        heads=Heads(places, signing.read),
        stopped=stopped,
    )
    wrapped = StoredKeys(store, permitted, database.settle, database.only_looking)
    stores = Stores(
        log=log,
        rows=StoredRows(database, key),
        vault=open_vault(path / "objects", wrapped),
        archive=DocumentRows(database, store),
        directory=NameRows(database, store),
        tickets=TicketRows(database),
        scratch=lambda: scratch_in(path / "objects"),
        lease=lambda what, wait, shared=False: database.alone(what, wait=wait, shared=shared),
    )
    return OfficeStores(stores=stores, keys=wrapped, log=log, answers=AnswerRows(database), database=database)


def make_apart(place: str, keys_place: str) -> None:
    """Make the tables of a new office at its PostgreSQL addresses ("": in a file, made later); errors as for opening.

    InputError where data and keys would lie in one database, and so in one backup of it, or where an office uses one.
    """
    if place and place == keys_place:
        raise InputError("data and keys in one database", accepted="two databases, which are not backed up together")
    for address, metadata, name in ((place, METADATA, "state"), (keys_place, KEY_METADATA, "keys")):
        if address:
            _must_be_unused(open_database(address, metadata, name=name), KEYS if metadata is KEY_METADATA else ENTRIES)


def _must_be_unused(database: Database, first: Table) -> None:
    """InputError where an office keeps something in this database; `first`: the table that no office leaves empty."""
    with closing(database), database.reading() as connection:
        if connection.execute(first.select().limit(1)).first() is not None:
            accepted = "an empty database. To use that office, give its own folder with --office"
            raise InputError("this database already holds an office", accepted=accepted)
