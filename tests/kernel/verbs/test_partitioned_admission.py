"""admit in partitions: each month and region is sealed by itself, one manifest is the dataset, all or nothing."""

from __future__ import annotations

import dataclasses
import errno
import os
from pathlib import Path

import pytest
from desk import Desk, declared, desk
from divided import answering, desk_of, peopled
from parted import HOME, PARTED, POINTS, some, write

import peelian.operations.office
from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.partitions import lists_partitions, manifest_of
from peelian.kernel.state.object_state import manifest_of_object, objects_of
from peelian.kernel.verbs import custody, partitioned_admission
from peelian.kernel.verbs.partitioned_admission import keep_manifest
from peelian.operations.dividing import divide
from peelian.operations.office import open_office

DECLARED = declared("advice")


@pytest.fixture
def town() -> Desk:
    return desk((PARTED,))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "a.csv", some())


def admit(town: Desk, file: Path) -> Admission:
    return town.office.admit(town.people["custodian"], file, DECLARED, format=POINTS.id, partitions=True)


def test_each_month_and_region_is_an_object_and_the_manifest_is_the_dataset(town: Desk, file: Path) -> None:
    made = admit(town, file)
    manifest = manifest_of_object(town.kernel, made.object)
    assert (made.rows, made.digest, lists_partitions(made.object)) == (400, manifest.digest, True)
    assert {one.month for one in manifest.partitions} == {"2021-01", "2021-02", "2021-03"}
    assert {one.region for one in manifest.partitions} == {"0:0", "-1:0", "0:-1", "-1:-1"}
    assert len({one.object for one in manifest.partitions}) == 12 == len(town.kernel.stores.vault.found(made.dataset))
    assert set(objects_of(town.kernel, made)) == {one.object for one in manifest.partitions}
    assert town.kinds()[-2:] == ["KEEPING", "ADMITTED"]


def test_the_same_file_has_the_same_digest_again_and_other_keys(town: Desk, file: Path) -> None:
    one, two = admit(town, file), admit(town, file)
    assert one.digest == two.digest and one.object != two.object
    assert not set(objects_of(town.kernel, one)) & set(objects_of(town.kernel, two))


def test_a_bad_row_at_the_end_names_its_row_and_leaves_nothing(town: Desk, tmp_path: Path) -> None:
    rows = some()
    path = write(tmp_path / "a.csv", rows)
    path.write_text(path.read_text() + "2021-04-01,none,5,North\n")
    before = town.kernel.stores.log.size()
    with pytest.raises(InputError) as wrong:
        admit(town, path)
    assert (wrong.value.file, wrong.value.row, wrong.value.column) == ("a.csv", len(rows) + 2, "east")
    assert town.kernel.stores.log.size() == before and not town.kernel.stores.vault.names()


@pytest.mark.parametrize(
    ("row", "says"), [(("2021-01-01", 1, 1, "Elsewhere Heights"), "not in the register"), (None, "one home")]
)
def test_safeguards_hold_for_every_part(
    town: Desk, tmp_path: Path, row: tuple[str, int, int, str] | None, says: str
) -> None:
    rows = [*some(), row] if row else [("2021-01-01", HOME, 1, "North")] * 30
    with pytest.raises(InputError, match=says) as wrong:
        admit(town, write(tmp_path / "a.csv", rows))
    assert wrong.value.row == (402 if row else None) and not town.kernel.stores.vault.names()


def test_whoever_may_not_admit_reads_nothing(town: Desk, file: Path) -> None:
    with pytest.raises(Refused):
        town.office.admit(town.people["commander"], file, DECLARED, format=POINTS.id, partitions=True)
    with pytest.raises(Refused, match="purpose"):
        bare = dataclasses.replace(DECLARED, purposes=())
        town.office.admit(town.people["custodian"], file, bare, format=POINTS.id, partitions=True)


def test_a_format_without_parts_is_refused_where_partitions_are_asked_for(town: Desk, tmp_path: Path) -> None:
    path = tmp_path / "wells.csv"
    path.write_text("area,category,n\nNorth,theft,3\n")
    with pytest.raises(InputError, match="cannot be sealed in partitions"):
        town.office.admit(town.people["custodian"], path, DECLARED, partitions=True)
    assert not lists_partitions(town.office.admit(town.people["custodian"], path, DECLARED).object)


@pytest.mark.parametrize("size", [1, 1 << 40])
def test_a_large_file_comes_in_by_partitions_by_itself(
    town: Desk, file: Path, tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peelian.operations.intake_files.LARGE", size)
    made = town.office.admit(town.people["custodian"], file, DECLARED)
    assert lists_partitions(made.object) == (size == 1)
    path = tmp_path / "wells.csv"
    path.write_text("area,category,n\nNorth,theft,3\n")
    assert not lists_partitions(town.office.admit(town.people["custodian"], path, DECLARED).object)


@pytest.mark.parametrize("after", [0, 5, 11])
def test_a_cut_while_sealing_leaves_nothing(
    town: Desk, file: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, done = partitioned_admission.write_points, [0]

    def cut(*given: object) -> None:
        done[0] += 1
        if done[0] > after:
            raise KeyboardInterrupt
        real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(partitioned_admission, "write_points", cut)
    with pytest.raises(KeyboardInterrupt):
        admit(town, file)
    assert town.kinds()[-2:] == ["KEEPING", "TURNED_AWAY"] and not town.kernel.stores.vault.names()
    assert not town.kernel.state.unfinished


def test_what_a_crash_left_is_cleared_at_opening(town: Desk, file: Path) -> None:
    town.kernel.append("KEEPING", dataset="points-ab", by="x", format=POINTS.id)
    for _ in range(3):
        with town.kernel.stores.vault.seal("points-ab") as sealing:
            sealing.write(b"a partition")
    assert custody.cleared(town.kernel) == 1
    assert not town.kernel.stores.vault.names() and town.kinds()[-1] == "TURNED_AWAY"


def test_an_admission_may_not_name_other_objects_or_another_list(town: Desk, file: Path) -> None:
    """Whoever holds the keys judges the list itself: what is said of it does not count."""
    kernel, by = town.kernel, town.people["custodian"]
    made = manifest_of_object(kernel, admit(town, file).object)
    wanted = {"dataset": "points-x", "format": POINTS.id, "declaration": DECLARED, "facts": {}}
    custody.begun(kernel, by, "points-x", format=POINTS.id)
    keep_manifest(kernel, made)
    again = custody.Kept(object=made.name, digest=made.digest, rows=made.rows, **wanted)  # type: ignore[arg-type]
    with pytest.raises(OutOfOrder, match="already admitted"):
        custody.kept_as(kernel, by, again)
    other = manifest_of(dataclasses.replace(one, object=f"{n:032x}") for n, one in enumerate(made.partitions))
    keep_manifest(kernel, other)
    for lie in ({"rows": made.rows + 1}, {"digest": "0" * 64}):
        told = {"object": other.name, "digest": other.digest, "rows": other.rows, **lie}
        with pytest.raises(OutOfOrder, match="list of partitions"):
            custody.kept_as(kernel, by, custody.Kept(**told, **wanted))  # type: ignore[arg-type]


def test_windows_have_about_half_a_million_rows_of_consecutive_months() -> None:
    months = {f"2020-{m:02d}": 125_000 for m in range(1, 13)} | {"2021-01": 5}
    found = partitioned_admission._windows(months)
    sizes = [sum(months[m] for m, w in found.items() if w == window) for window in range(max(found.values()) + 1)]
    assert list(found.values()) == sorted(found.values()) and all(375_000 <= n <= 625_000 for n in sizes)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
    peopled(tmp_path / "office")
    return tmp_path / "office"


def test_an_office_on_a_disk_reads_in_a_child_and_is_the_same_after_reopening(folder: Path, file: Path) -> None:
    with open_office(folder) as office:
        made = admit(desk_of(office), file)
    with open_office(folder) as office:
        assert office.kernel.state.datasets[made.dataset] == made and len(objects_of(office.kernel, made)) == 12
        assert office.verdict().size


@pytest.mark.parametrize("after", range(0, 40, 8))
def test_a_full_disk_at_any_write_leaves_nothing(
    folder: Path, file: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_office(folder) as office:
        town, real, written = desk_of(office), os.write, [0]

        def full(into: int, data: bytes) -> int:
            written[0] += len(data) > 2_000
            if written[0] > after // 4:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(into, data)

        monkeypatch.setattr(os, "write", full)
        with pytest.raises(PeelianError):
            admit(town, file)
        monkeypatch.undo()
        monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
        assert not office.kernel.state.datasets and "whole" not in office.kernel.stores.vault.states().values()  # type: ignore[attr-defined]
        assert admit(town, file).rows == 400


def test_a_divided_office_seals_partitions_whose_keys_its_registrar_holds(folder: Path, file: Path) -> None:
    registrar, socket = folder.parent / "registrar", folder.parent / "socket"
    divide(folder, registrar, socket)
    with answering(registrar, socket) as server, open_office(folder) as office:
        made = admit(desk_of(office), file)
        assert len(objects_of(office.kernel, made)) == 12
        held = server._registry
        assert {o for o, live in held.keys.states().items() if live} >= set(objects_of(held.kernel, made))
        assert held.kernel.state.datasets[made.dataset] == made
