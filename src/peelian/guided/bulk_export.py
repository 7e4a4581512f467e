"""A bulk export put together: the public register, or many cases of it, in one file that only its recipient opens."""

from __future__ import annotations

import io
from pathlib import Path

from peelian.adapters.age_exports import must_be_recipients, sealed_for
from peelian.adapters.durable_files import file_digest
from peelian.errors import OutOfOrder
from peelian.governance import bulk, proposals
from peelian.governance.bulk import Bulk
from peelian.governance.people import Operator
from peelian.guided.bulk_archive import PublicArchive
from peelian.office import Office


def propose_export(office: Office, by: Operator, *, recipient: str, cases: tuple[str, ...], words: str) -> str:
    """Propose to hand published cases (none named: all) to a recipient; the proposal's mark. InputError for no key."""
    must_be_recipients([recipient])
    return proposals.propose(office.house, by, "export", words=words, body=bulk.body_of(cases, recipient))


def hand_out(office: Office, by: Operator, proposal: str, file: Path) -> tuple[Bulk, int]:
    """Write what two people agreed on into the new age file `file`: what it was, and its size.

    All of it or nothing: where anything fails, no file is left, the log says so, and the approval serves again.
    """
    if file.exists():
        raise OutOfOrder("there is a file of this name already: an export overwrites nothing")
    begun = bulk.begin(office.house, by, proposal)
    try:
        source = io.BufferedReader(PublicArchive(office.house, begun.cases))
        size = sealed_for([begun.recipient], source, file)
        bulk.done(office.house, by, begun, digest=file_digest(file), size=size)
    except BaseException as error:
        file.unlink(missing_ok=True)
        bulk.undone(office.house, by, proposal, error=type(error).__name__)
        raise
    return begun, size
