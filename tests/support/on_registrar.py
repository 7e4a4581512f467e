"""Every office in memory is divided: a registrar answers on a real socket, and what a test holds is its client."""

from __future__ import annotations

import dataclasses
import os
import tempfile
import threading
import weakref
from functools import wraps
from pathlib import Path
from typing import Any

import desk

import peelian
import peelian.operations.office
from peelian.integrations.divided_kernel import divided_kernel
from peelian.integrations.person_keys import MemoryKeys
from peelian.integrations.registrar_acts import Registry
from peelian.integrations.registrar_client import Carrier
from peelian.integrations.registrar_server import RegistrarServer
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.operations.registrar_process import learn_acts
from peelian.storage.vault_files import vault_with
from peelian.storage.vault_keys import StoredKeys


def on_registrar() -> None:
    """From here on, each office that a desk stands in asks a registrar of its own."""
    desk._first()  # embedded: the others are copies of it
    learn_acts()
    embedded = desk.memory_office

    @wraps(embedded)
    def memory_office(**given: Any) -> Office:
        return divided(embedded(**given).kernel)

    desk.memory_office = memory_office


def divided(kernel: Kernel) -> Office:
    """The office whose log, documents and keys a registrar with this kernel holds from now on."""
    folder = tempfile.TemporaryDirectory(prefix="peelian-divided-")
    holder, keys = _with_keys(kernel, Path(folder.name))
    stores: Any = holder.stores
    keeps = dict(holder.retention_days)
    identity = {"name": holder.office.name, "public_key": holder.office.public_key}
    registry = Registry(
        kernel=holder,
        log=stores.log,
        archive=stores.archive,
        keys=keys,
        folder=Path(folder.name) / "log",
        identity=identity | {"version": peelian.__version__, "keeps": keeps},
    )
    server = RegistrarServer(registry, Path(folder.name) / "socket", clients={os.getuid()})
    threading.Thread(target=server.serve, daemon=True).start()
    settings = {"name": holder.office.name, "origin": "memory.invalid/log", "registrar": str(server.path)}
    client, log = divided_kernel(
        Path(folder.name) / "office", settings, holder.clock, policy=holder.policy, technologies=holder.technologies
    )
    carrier = client.registrar
    assert isinstance(carrier, Carrier)
    registrar: Any = carrier.registrar
    registrar.holder = holder
    weakref.finalize(registrar, _end, server, folder)
    return Office(kernel=client, path=None, checkpoint=log.checkpoint, keys=MemoryKeys(kernel=client))


def _with_keys(kernel: Kernel, folder: Path) -> tuple[Kernel, StoredKeys]:
    """The kernel with its data keys where a registrar has them: in the key store beside those of its documents."""
    database: Any = kernel.lock
    directory: Any = kernel.stores.directory
    permitted = peelian.operations.office.judged_by(lambda: holder)
    keys = StoredKeys(directory._keys, permitted, database.settle)
    vault = vault_with(folder / "objects", keys)
    holder = dataclasses.replace(kernel, stores=dataclasses.replace(kernel.stores, vault=vault))
    return holder, keys


def _end(server: RegistrarServer, folder: tempfile.TemporaryDirectory[str]) -> None:
    server.stop()
    folder.cleanup()
