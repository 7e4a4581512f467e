"""What finished parts of a run found is opened by the next run of the same plan alone, and is gone once one commits."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
from pathlib import Path
from typing import Any

import pytest
from kept import Town
from kept import embedded as embedded
from kept import town as town
from suspending import lift, suspend
from toy import COUNT

from peelian.errors import IntegrityError, NotEnoughData, OutOfOrder, Refused, Withheld
from peelian.kernel.access.decryption_checks import the_opening_is_permitted
from peelian.kernel.model.capability import AuthorizationKind, Findings
from peelian.kernel.verbs import custody, evidence
from peelian.kernel.verbs.kept_parts import keeps_parts, opens_parts, plan_of
from peelian.operations.doctor import examined
from peelian.oversight.breach.signals import Copy, lost_copy
from peelian.storage import record_files
from peelian.storage.vault_files import FileVault

HEAD = struct.calcsize(">Q16sI")


def test_the_next_run_of_the_same_goes_on_and_nothing_remains_once_it_commits(town: Town) -> None:
    town.begun().keep(0, 1, 4).fails()
    file, run = town.file, town.begun()
    assert run.found() == {n: b"part %d" % n * 9 for n in (0, 1, 4)}
    run.keep(2, says="other step")
    run.fails()
    run = town.begun()
    assert sorted(run.found()) == [0, 1, 4] and sorted(run.found("other step")) == [2]
    assert town.file == file and len(town.logged("PARTS_KEPT")) == 1 and not town.logged("PARTS_DAMAGED")
    assert [entry["object"] for entry in town.logged("OPENED")] == [file.name] * 2, "each run logs its own opening"
    run.commits()
    kernel = town.desk.kernel
    with kernel.lock:
        assert not kernel.state.objects.parts and file.name in kernel.state.objects.gone
    vault = kernel.stores.vault
    assert isinstance(vault, FileVault) and vault.keys.states()[file.name] is False, "the key is destroyed"
    assert town.begun().found() == {}
    assert town.desk.office.verdict().ok


def test_another_plan_gets_nothing(town: Town) -> None:
    town.begun().keep(0).fails()
    assert town.begun(deepest=40).found() == {}, "other parameters"
    other = town.desk.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells")
    assert town.begun(dataset=other.dataset).found() == {}, "another dataset, though of the same rows"
    town.desk.authorization(AuthorizationKind.ACCURACY_REPORT, COUNT, {"deepest": 30})
    assert town.begun().found() == {}, "a newer authorization"
    assert not town.logged("OPENED")


def test_another_step_or_another_number_of_parts_gets_nothing(town: Town) -> None:
    town.begun().keep(0).fails()
    run = town.begun()
    assert run.found(of=7) == run.found("another") == {}
    run = town.begun()
    assert sorted(run.found()) == [0]
    assert run.kept.step("step", 6).found(bytes) == {}, "the same words again are the run's next step"


def test_after_a_suspension_nothing_is_opened_and_without_a_run_neither(town: Town) -> None:
    run = town.begun().keep(0)
    object, board, kernel = town.file.name, town.desk.people["board"], town.desk.kernel
    run.fails()
    with pytest.raises(OutOfOrder, match="no run in progress"):
        opens_parts(kernel, *run.of, object=object)
    run = town.begun()
    suspend(kernel, board, "toy")
    assert run.found() == {}, "suspended meanwhile"
    lift(kernel, town.desk.people["privacy-officer"], board, "toy")
    assert town.begun().found() == {} and not town.logged("OPENED"), "nor once the suspension is lifted"


def test_what_a_run_kept_goes_with_its_key_once_a_suspension_ends_it(town: Town) -> None:
    kernel = town.desk.kernel
    for ends in (lambda run: run.fails(), lambda run: evidence.still_permitted(kernel, *run.of)):
        run = town.begun().keep(0)
        file = town.file
        suspend(kernel, town.desk.people["board"], "toy")
        with contextlib.suppress(Refused):
            ends(run)
        vault = kernel.stores.vault
        assert not kernel.state.objects.parts and file.name in kernel.state.objects.gone
        assert isinstance(vault, FileVault) and vault.keys.states()[file.name] is False, "the key is destroyed"
        lift(kernel, town.desk.people["privacy-officer"], town.desk.people["board"], "toy")


def test_a_run_of_another_plan_or_a_person_alone_cannot_open_them(town: Town) -> None:
    town.begun().keep(0).fails()
    kernel, object = town.desk.kernel, town.file.name
    dataset = str(kernel.state.objects.parts[object]["dataset"])
    with pytest.raises(OutOfOrder):
        opens_parts(kernel, *town.begun(deepest=40).of, object=object)
    other = town.begun(deepest=40)
    by_hand = {"case": other.of[0], "before": other.of[1], "object": object, "dataset": dataset}
    with pytest.raises(OutOfOrder):  # as whoever holds the keys would judge it, had it come into the log
        the_opening_is_permitted(town.desk.kernel, {**by_hand, "kind": "OPENED"})
    with pytest.raises(OutOfOrder, match="Only a run of the same plan"):
        custody.looked_into(kernel, town.desk.people["custodian"], object, dataset)
    run = town.begun()
    assert opens_parts(kernel, *run.of, object=object)
    with pytest.raises(OutOfOrder, match="already opened"):
        opens_parts(kernel, *run.of, object=object)


def test_nothing_that_has_a_key_passes_for_kept_parts(town: Town) -> None:
    """Else a run could name what somebody just takes into custody, and have it opened."""
    vault, run = town.desk.kernel.stores.vault, town.begun()
    with vault.seal("points-x") as file:
        file.write(b"rows")
    with pytest.raises(OutOfOrder, match="keeps no parts"):
        keeps_parts(town.desk.kernel, *run.of, object=file.sealed.object)


def _altered(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def _swapped(file: Path) -> None:
    """The last two records change places, and their names do not."""
    content = file.read_bytes()
    size = (len(content) - content.index(b"parts-") - 26) // 3
    first, second = content[-2 * size : -size], content[-size:]
    file.write_bytes(content[: -2 * size] + first[:HEAD] + second[HEAD:] + second[:HEAD] + first[HEAD:])


@pytest.mark.parametrize(
    ("how", "left"),
    [
        (_altered, [0, 1]),
        (_swapped, [0]),
        (lambda file: os.truncate(file, file.stat().st_size - 5), [0, 1]),
        (lambda file: os.truncate(file, 20), []),
        (lambda file: os.truncate(file, 0), []),
    ],
)
def test_what_is_damaged_is_logged_and_computed_anew(town: Town, how: Any, left: list[int]) -> None:
    town.begun().keep(0, 1, 2).fails()
    file, run = town.file, town.begun()
    how(file)
    assert sorted(run.found()) == left and town.logged("PARTS_DAMAGED")[0]["object"] == file.name
    run.keep(*({0, 1, 2} - set(left)))
    run.fails()
    run = town.begun()
    assert sorted(run.found()) == [0, 1, 2]
    run.commits()
    assert not town.desk.kernel.state.objects.parts


def test_what_cannot_be_read_is_damaged_too(town: Town) -> None:
    town.begun().keep(0).fails()

    def unreadable(content: bytes) -> bytes:
        raise IntegrityError("not a result")

    assert town.begun().found(read=unreadable) == {} and len(town.logged("PARTS_DAMAGED")) == 1


def test_parts_of_another_plan_that_are_put_in_its_place_are_damaged(town: Town) -> None:
    town.begun().keep(0).fails()
    first = town.file
    town.begun(deepest=40).keep(1).fails()
    second = next(
        one
        for one in (town.folder / "objects").iterdir()
        if one.name in town.desk.kernel.state.objects.parts and one != first
    )
    first.write_bytes(second.read_bytes())
    assert town.begun().found() == {}


def test_a_quick_run_keeps_nothing_and_writes_are_rare(town: Town) -> None:
    run = town.begun()
    step = run.kept.step("step", 6)
    step.keep(0, lambda: pytest.fail("spelled before its time"))
    run.seconds[0] = 29.9
    step.keep(1, lambda: pytest.fail("spelled before its time"))
    run.kept.save()
    run.kept.close()
    assert not town.desk.kernel.state.objects.parts and not town.logged("PARTS_KEPT")


def test_a_run_that_fails_after_a_while_writes_what_waits(town: Town) -> None:
    run = town.begun()
    step = run.kept.step("step", 6)
    step.keep(0, lambda: b"first")
    run.seconds[0] = 30.0
    run.kept.save()
    run.fails()
    assert town.begun().found() == {0: b"first"}


def test_what_waits_is_written_where_the_arithmetic_fails_and_goes_where_it_is_withheld(town: Town) -> None:
    def fails(*_: Any) -> Any:
        raise NotEnoughData("too few wells")

    run = town.begun().keep(1)
    run.step("step", 6).keep(0, lambda: b"waits")
    with pytest.raises(NotEnoughData):
        run.commits(run=fails)
    run = town.begun()
    assert run.found() == {0: b"waits", 1: b"part 1" * 9}
    with pytest.raises(Withheld):
        run.commits(run=lambda *_: Findings(tables=(), facts={"undeclared": "a word"}))
    assert not town.desk.kernel.state.objects.parts


def test_a_full_disk_stops_keeping_and_not_the_run(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    run = town.begun().keep(0)
    real, full = record_files.write_all, list[int]()

    def fills_up(file: int, data: bytes) -> None:
        real(file, data[: len(data) // 2])
        full.append(1)
        raise OSError(errno.ENOSPC, "")

    with monkeypatch.context() as patch:
        patch.setattr(record_files, "write_all", fills_up)
        run.keep(1, says="second")
    run.keep(2, says="third")
    assert full == [1], "it is not tried again"
    run.fails()
    run = town.begun()
    assert sorted(run.found()) == [0] and run.found("second") == {} and not town.logged("PARTS_DAMAGED")
    run.commits()


def test_a_second_run_at_the_same_time_reads_and_does_not_write(town: Town) -> None:
    first = town.begun().keep(0)
    second = town.begun()
    assert sorted(second.found()) == [0]
    size = town.file.stat().st_size
    second.keep(1, says="second")
    assert town.file.stat().st_size == size
    first.keep(2, says="third")
    assert town.file.stat().st_size > size
    second.commits()
    first.keep(3, says="fourth")
    first.commits()


def _told(town: Town) -> set[str]:
    """What the doctor says, but for the cases that these tests leave open or have fail."""
    return {one.what for one in examined(town.folder) if not one.what.startswith(("Runs ended", "Cases awaiting"))}


def test_the_doctor_finds_nothing_wrong_with_kept_parts_there_gone_or_lost(embedded: Town) -> None:
    town = embedded
    before = _told(town)
    town.begun().keep(0).fails()
    assert _told(town) == before
    town.file.unlink()
    assert _told(town) == before
    run = town.begun()
    assert run.found() == {}
    run.keep(0)
    assert len(town.desk.kernel.state.objects.parts) == 1, "those that were lost are replaced"
    run.commits()
    assert _told(town) == before


def test_a_crash_before_the_key_was_made_leaves_nothing_in_the_way(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    run = town.begun()
    with monkeypatch.context() as patch:
        patch.setattr(FileVault, "begin_records", lambda *_, **__: (_ for _ in ()).throw(OSError(errno.EIO, "")))
        run.keep(0)
    run.fails()
    assert len(town.desk.kernel.state.objects.parts) == 1
    run = town.begun()
    assert run.found() == {}
    run.keep(0).fails()
    assert sorted(town.begun().found()) == [0]


def test_a_warrant_keeps_nothing(town: Town) -> None:
    assert plan_of(town.desk.kernel, Any, {AuthorizationKind.WARRANT: Any}) == {}  # type: ignore[arg-type, dict-item]


@pytest.mark.parametrize(("opens", "how"), [(True, "readable"), (False, "encrypted")])
def test_a_copy_of_kept_parts_that_is_lost_names_the_data_they_were_computed_from(
    embedded: Town, opens: bool, how: str
) -> None:
    town, run = embedded, embedded.begun()
    evidence.opens(town.desk.kernel, *run.of, town.dataset)
    run.keep(0).fails()
    there = frozenset({town.file.name})
    copy = Copy(objects=there, opens=there if opens else frozenset(), found="2026-03-03")
    assert lost_copy(town.desk.kernel, copy).exposure == {town.dataset: how}
    admitted = town.desk.kernel.state.datasets[town.dataset].object
    both = Copy(objects=there | {admitted}, opens=frozenset({admitted}), found="2026-03-03")
    assert lost_copy(town.desk.kernel, both).exposure == {town.dataset: "readable"}
