"""The public register as a stream: a tar archive that any program reads, made as it is read."""

from __future__ import annotations

import io
import json
import tarfile

from desk import desk
from divided import lived
from toy import TOY

from peelian.kernel import verbs
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


def test_a_corrected_case_is_in_it_with_what_was_wrong() -> None:
    town = desk((TOY,))
    old, new = lived(town).case, lived(town).case
    verbs.correct(town.kernel, town.people["clerk"], old, newer=new, reason="Counted twice.")
    data = PublicArchive(town.kernel, (old, new)).read()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        told = {name: json.load(archive.extractfile(name)) for name in archive.getnames() if name.endswith(".json")}  # type: ignore[arg-type]
    assert {one["case"]: one["corrected_by"] for one in told["index.json"]["cases"]} == {old: new, new: ""}
    first, second = (told[f"cases/{case}/publication.json"] for case in (old, new))
    assert first["correction"]["reason"] == "Counted twice." and first["facts"] and first["corrects"] == []
    assert second["correction"] is None and second["corrects"] == [old]
