"""Bulk export: the public register, or many cases of it, in one file that only its recipient opens."""

from __future__ import annotations

import io
from pathlib import Path

from peelian.errors import OutOfOrder
from peelian.integrations.age_exports import must_be_recipients, sealed_for
from peelian.kernel.identity import dual_control
from peelian.kernel.model.people import Operator
from peelian.kernel.verbs import bulk_export
from peelian.kernel.verbs.bulk_export import Bulk
from peelian.operations.bulk_archive import PublicArchive
from peelian.operations.office import Office
from peelian.storage.durable_files import file_digest


def propose_export(office: Office, by: Operator, *, recipient: str, cases: tuple[str, ...], words: str) -> str:
    """Propose to hand published cases (none named: all) to a recipient; the proposal's digest. InputError for no
    key."""
    must_be_recipients([recipient])
    return dual_control.propose(office.kernel, by, "export", words=words, body=bulk_export.body_of(cases, recipient))


def hand_out(office: Office, by: Operator, proposal: str, file: Path) -> tuple[Bulk, int]:
    """Write what two people agreed on into the new age file `file`: what it was, and its size.

    All of it or nothing: where anything fails, no file is left, the log says so, and the approval serves again.
    """
    if file.exists():
        raise OutOfOrder("A file with this name already exists. Exports never overwrite files.")
    begun = bulk_export.begin(office.kernel, by, proposal)
    try:
        source = io.BufferedReader(PublicArchive(office.kernel, begun.cases))
        size = sealed_for([begun.recipient], source, file)
        bulk_export.done(office.kernel, by, begun, digest=file_digest(file), size=size)
    except BaseException as error:
        file.unlink(missing_ok=True)
        bulk_export.undone(office.kernel, by, proposal, error=type(error).__name__)
        raise
    return begun, size
