"""Custody: an object is kept whole or not at all, is described from what was sealed, and opens only against the log."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import tracemalloc

import pytest
from boxes import BOX, BOXES, CONTENT, SHORTEN
from desk import Desk, declared, desk
from toy import TOY

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.model.capability import Read
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.findings import pack
from peelian.kernel.model.formats import Admitted
from peelian.kernel.verbs import custody
from peelian.measure.table import Kind, table

DECLARED = declared("disclosure")


@pytest.fixture
def town() -> Desk:
    return desk((TOY, BOXES))


def keep(town: Desk, content: bytes = CONTENT, **changes: object) -> Admission:
    asked: dict[str, object] = {"format": "box"} | changes
    return custody.keep(town.kernel, town.people["clerk"], DECLARED, io.BytesIO(content), **asked)  # type: ignore[arg-type]


def test_an_object_is_kept_under_the_digest_of_its_bytes(town: Desk) -> None:
    kept = keep(town, size=len(CONTENT))
    assert kept.digest == hashlib.sha256(CONTENT).hexdigest()
    assert kept.size == len(CONTENT) and kept.facts["bytes"] == len(CONTENT)
    assert town.kinds()[-3:] == ["KEEPING", "OPENED", "ADMITTED"]
    assert custody.description_of(town.kernel, kept).tables[0]["n"].tolist() == [len(CONTENT)]
    assert not town.kernel.state.unfinished


def test_the_log_and_the_facts_know_a_person_only_by_a_token(town: Desk) -> None:
    kept = keep(town, options={"owner": "badge 4711", "colour": "red"})
    assert kept.facts["owner"] == town.kernel.office.token("badge 4711", of="option") and kept.facts["colour"] == "red"
    assert "badge 4711" not in str([dict(e) for _, e in town.kernel.stores.log.read()])


@pytest.mark.parametrize("content", [b"", b"no box at all", b"BOX CRASH"])
def test_nothing_remains_of_what_is_no_object_of_its_format(town: Desk, content: bytes) -> None:
    with pytest.raises(InputError) as error:
        keep(town, content)
    assert "Main Street" not in str(error.value)
    name = next(str(e["dataset"]) for _, e in town.kernel.stores.log.read() if e["kind"] == "KEEPING")
    assert town.kinds()[-1] == "TURNED_AWAY"
    assert (
        town.kernel.stores.vault.found(name) == ()
        and not town.kernel.state.datasets
        and not town.kernel.state.unfinished
    )


def test_a_file_that_fails_halfway_leaves_nothing(town: Desk) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 0:
                raise OSError("the stick was pulled out")
            return super().read(4)

    with pytest.raises(OSError, match="pulled"):
        custody.keep(town.kernel, town.people["clerk"], DECLARED, Torn(CONTENT), format="box")
    assert town.kinds()[-2:] == ["KEEPING", "TURNED_AWAY"]


def test_only_a_keeper_keeps_under_a_complete_declaration_and_a_format_for_objects(town: Desk) -> None:
    before = len(town.kinds())
    with pytest.raises(Refused):
        custody.keep(town.kernel, town.people["board"], DECLARED, io.BytesIO(CONTENT), format="box")
    with pytest.raises(Refused):
        lacking = dataclasses.replace(DECLARED, legal_basis="")
        custody.keep(town.kernel, town.people["clerk"], lacking, io.BytesIO(CONTENT), format="box")
    for wrong in ("toy-wells", "nothing"):
        with pytest.raises(OutOfOrder, match="Known: box"):
            keep(town, format=wrong)
    with pytest.raises(InputError, match="no option size"):
        keep(town, options={"size": "large"})
    assert len(town.kinds()) == before, "nothing began"


def test_what_an_interruption_left_is_cleared_when_the_office_opens(town: Desk) -> None:
    """A power cut between sealing and admitting, and one in the middle of a run."""
    kernel = town.kernel
    kernel.append("KEEPING", dataset="box-cut", by="someone")
    with kernel.stores.vault.seal("box-cut") as file:
        file.write(CONTENT)
    permit = town.ask(SHORTEN)
    history = kernel.state.histories[permit.case]
    kernel.append("STARTED", case=permit.case, before=history.digests("PERMITTED")[0], params="0")
    kernel.append("KEEPING", dataset="short_box-cut", case=permit.case, before=history.digests("PERMITTED")[0])
    with kernel.stores.vault.seal("short_box-cut") as file:
        file.write(b"half")
    assert custody.cleared(kernel) == 2
    assert kernel.stores.vault.found("box-cut") == kernel.stores.vault.found("short_box-cut") == ()
    assert kernel.state.histories[permit.case].state == "FAILED" and not kernel.state.unfinished
    with pytest.raises(OutOfOrder, match="already used"):
        verbs.run(kernel, town.people["clerk"], permit)
    assert custody.cleared(kernel) == 0


def test_an_object_opens_against_its_entry_and_closes_with_its_context(
    town: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep(town)
    read = Read(role="box", title="box", shape="box", history=True)

    def said() -> int:
        return town.kernel.append("OPENED", case="c-1", before="m", object=kept.object, dataset=kept.dataset)

    with pytest.raises(OutOfOrder, match="no such case"):
        custody.opened_dataset(town.kernel, said(), kept, read).__enter__()
    monkeypatch.setattr(town.kernel.stores.vault, "_permitted", lambda intent, *, object, dataset: None)
    with custody.opened_dataset(town.kernel, said(), kept, read) as dataset:
        assert dataset.stream is not None and dataset.stream.read() == CONTENT
        assert [str(m.entry["kind"]) for m in dataset.history] == ["KEEPING", "OPENED", "ADMITTED", "OPENED"]
        assert all(moment.receipt for moment in dataset.history)
        stream = dataset.stream
    assert stream.closed
    with pytest.raises(PeelianError):
        town.kernel.stores.vault.open(kept.object, intent=len(town.kinds()) - 1)  # that opening was used


def test_memory_stays_flat_however_long_the_object_is(town: Desk, tmp_path: object) -> None:
    class Long(io.RawIOBase):
        left = 64 << 20

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1, /) -> bytes:
            part = b"BOX " * (min(size, self.left) // 4)
            self.left -= len(part)
            return part

    class Sink(io.BytesIO):
        def write(self, data: object, /) -> int:
            return 0

    from peelian.kernel.model.ports import Sealed

    class Nowhere:
        def seal(self, name: str) -> object:
            file = Sink()
            file.sealed = Sealed(object="0" * 32, dataset=name, digest="0" * 64, size=1)  # type: ignore[attr-defined]
            return file

        def open(self, object: str, *, intent: int) -> io.BytesIO:
            return io.BytesIO(CONTENT)

    kernel = dataclasses.replace(town.kernel, stores=dataclasses.replace(town.kernel.stores, vault=Nowhere()))  # type: ignore[arg-type]
    tracemalloc.start()
    custody.keep(kernel, town.people["clerk"], DECLARED, Long(), format="box")  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_descriptions_are_archived_as_findings(town: Desk) -> None:
    kept = keep(town)
    assert pack(custody.description_of(town.kernel, kept)) == town.kernel.stores.archive.get(kept.description)


def test_what_a_format_says_of_an_object_passes_the_same_door(town: Desk) -> None:
    """A description that holds a name is refused, whatever kind it claims; nothing of the object remains."""
    named = dataclasses.replace(
        BOX,
        inspect=lambda file, options: Admitted(
            table=table("box", {"owner": (Kind.CATEGORY, ["Jane Doe"])}), facts={}
        ),
    )  # fmt: skip
    made = desk((dataclasses.replace(BOXES, formats=lambda: (named,)),))
    with pytest.raises(InputError) as wrong:
        custody.keep(made.kernel, made.people["clerk"], DECLARED, io.BytesIO(CONTENT), format="box")
    assert wrong.value.column == "owner" and "Jane" not in str(wrong.value)
    assert made.kinds()[-1] == "TURNED_AWAY"


def test_a_file_without_a_byte_is_not_kept(town: Desk) -> None:
    with pytest.raises(InputError, match="empty"):
        custody.keep(town.kernel, town.people["clerk"], DECLARED, io.BytesIO(b""), format="box")
    assert town.kinds()[-1] == "TURNED_AWAY"
