"""The public register as a stream: a tar archive that any program reads, made as it is read."""

from __future__ import annotations

import io
import tarfile

from desk import desk
from divided import lived
from toy import TOY

from peelian.operations.bulk_archive import PublicArchive


def test_any_tar_program_reads_it_in_pieces_of_any_size() -> None:
    town = desk((TOY,))
    lived(town)
    cases = tuple(town.kernel.state.histories)
    town.ask(TOY.capabilities[1])  # not published: never in it
    source = PublicArchive(town.kernel, [*cases, *[c for c in town.kernel.state.histories if c not in cases]])
    data = b"".join(iter(lambda: source.read(7), b""))
    assert len(data) % 512 == 0
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert [name.split("/")[1] for name in archive.getnames() if name.endswith(".csv")] == list(cases)
