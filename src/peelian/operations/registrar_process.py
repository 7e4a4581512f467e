"""Registrar process: log, signing key and key ring of a divided office, and the acts that a registrar does."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import peelian
from peelian.errors import InputError
from peelian.integrations.registrar_acts import Registry
from peelian.integrations.registrar_server import RegistrarServer
from peelian.operations.office import Office, open_office
from peelian.storage.document_rows import DocumentRows
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.vault_files import FileVault
from peelian.storage.vault_keys import StoredKeys

ACTS_IN = (
    "peelian.kernel.access.access_classes",
    "peelian.kernel.access.staff_reads",
    "peelian.kernel.alarms.event_plans",
    "peelian.kernel.alarms.operator_desk",
    "peelian.kernel.alarms.watch",
    "peelian.kernel.alarms.zone_count",
    "peelian.kernel.disclosure.label_checks",
    "peelian.kernel.disclosure.signed_past",
    "peelian.kernel.gate",
    "peelian.kernel.identity.access_tokens",
    "peelian.kernel.identity.dual_control",
    "peelian.kernel.identity.enrolment",
    "peelian.kernel.identity.passkeys",
    "peelian.kernel.identity.revocation",
    "peelian.kernel.identity.sessions",
    "peelian.kernel.identity.step_up",
    "peelian.kernel.records.drill_records",
    "peelian.kernel.records.office_records",
    "peelian.kernel.records.sensor_register",
    "peelian.kernel.retention.retention",
    "peelian.kernel.verbs.authorizations",
    "peelian.kernel.verbs.bulk_export",
    "peelian.kernel.verbs.correction",
    "peelian.kernel.verbs.court_papers",
    "peelian.kernel.verbs.custody",
    "peelian.kernel.verbs.decision",
    "peelian.kernel.verbs.delivery",
    "peelian.kernel.verbs.derivatives",
    "peelian.kernel.verbs.evidence",
    "peelian.kernel.verbs.export",
    "peelian.kernel.verbs.kept_parts",
    "peelian.kernel.verbs.permit",
    "peelian.kernel.verbs.publication",
    "peelian.kernel.verbs.redaction_review",
    "peelian.kernel.verbs.sensor_batches",
    "peelian.kernel.verbs.warrant_lifecycle",
    "peelian.kernel.verbs.warrant_notices",
    "peelian.kernel.verbs.warrant_recording",
    "peelian.kernel.verbs.worker_sets",
    "peelian.oversight.assessment.signing",
    "peelian.oversight.breach.containment",
    "peelian.oversight.breach.damage",
    "peelian.oversight.breach.incident",
    "peelian.oversight.transparency.contact",
    "peelian.oversight.drift",
    "peelian.oversight.assessment.documents",
    "peelian.oversight.review.privileges",
    "peelian.oversight.review.people",
    "peelian.oversight.review.sampling",
    "peelian.oversight.review.week",
    "peelian.oversight.sensors.release",
    "peelian.oversight.review.subjects",
    "peelian.oversight.assessment.tools",
)
"""The modules whose acts a registrar does; it learns them as they are imported."""


def learn_acts() -> None:
    """Import every module that has acts."""
    for module in ACTS_IN:
        import_module(module)


@contextmanager
def served(
    folder: Path, socket: Path, *, clients: Iterable[str] = (), workers: Iterable[str] = (), group: str = ""
) -> Iterator[tuple[Office, RegistrarServer]]:
    """The registrar of the office whose log lies in `folder`, listening, not yet answering; attended while it lasts.

    `clients` are the users who may ask, by name or number; none: only the one who runs it. Where they are others than
    that one, `group` is the group whose members reach the socket. `workers` may only open partitions that a run logged
    for them.
    """
    users = {user_of(name) for name in clients} or {os.getuid()}
    learn_acts()
    with open_office(folder) as office:
        kernel, vault, log, archive = (
            office.kernel,
            office.kernel.stores.vault,
            office.kernel.stores.log,
            office.kernel.stores.archive,
        )
        if (
            not isinstance(vault, FileVault)
            or not isinstance(log, PublishedLog)
            or not isinstance(archive, DocumentRows)
        ):
            raise InputError("the log of this folder is held by another registrar", accepted="a registrar's own folder")
        if not isinstance(vault.keys, StoredKeys) or office.maintenance is None:
            raise InputError("folder without keys", accepted="a registrar's own folder")
        registry = Registry(
            kernel=kernel,
            log=log,
            archive=archive,
            keys=vault.keys,
            folder=folder / "log",
            identity={
                "name": kernel.office.name,
                "public_key": kernel.office.public_key,
                "version": peelian.__version__,
                "generations": kernel.office.generations(),
                "keeps": dict(kernel.retention_days),
            },
        )
        mode, only = 0o660 if group else 0o600, {user_of(name) for name in workers}
        server = RegistrarServer(registry, socket, clients=users, workers=only, mode=mode, group=_group(group))
        office.maintenance.puts_right = False  # it does not know what its clients' processes still work on
        with office.maintenance.attended():
            yield office, server


def _group(name: str) -> int:
    """The number of a group, by name or number; -1 for none, InputError where the machine knows none."""
    try:
        return (int(name) if name.isdigit() else grp.getgrnam(name).gr_gid) if name else -1
    except KeyError:
        wrong = "this machine has no such group"
        raise InputError(wrong, column=name[:40], accepted="a group's name or number") from None


def user_of(name: str) -> int:
    """The user id of a user, by name or number; InputError where the machine knows none."""
    try:
        return int(name) if name.isdigit() else pwd.getpwnam(name).pw_uid
    except KeyError:
        raise InputError("unknown user on this machine", column=name[:40], accepted="a user's name or number") from None
