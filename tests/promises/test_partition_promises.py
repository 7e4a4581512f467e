"""What a dataset in partitions promises: no partition goes, changes, moves or counts twice unnoticed, and what is said
of the dataset (its end, its holds, its loss) is said of each of them. In a combined dataset, too."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from desk import Desk, Hands, declared
from divided import desk_of, peopled
from parted import COUNT_POINTS, PARTED, POINTS, some, write

import peelian.operations.office
from peelian.errors import IntegrityError, OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.partitions import Manifest, Partition, manifest_of
from peelian.kernel.retention import retention
from peelian.kernel.state.object_state import manifest_of_object, objects_of
from peelian.kernel.verbs import custody
from peelian.kernel.verbs.combination import combine
from peelian.kernel.verbs.partitioned_admission import keep_manifest
from peelian.operations.doctor import examined
from peelian.operations.exposed_copies import copy_in
from peelian.operations.office import open_office
from peelian.oversight.breach.signals import Copy, lost_copy
from peelian.storage.vault_files import FileVault

DAYS = 60


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """An office on a disk with two datasets in partitions, and the one that they were combined to."""

    desk: Desk
    folder: Path
    one: Admission
    two: Admission
    both: Admission

    def listed(self, of: Admission) -> tuple[Partition, ...]:
        return manifest_of_object(self.desk.kernel, of.object).partitions

    def counted(self, of: Admission) -> object:
        """How many rows a run finds in it."""
        permit = self.desk.ask(COUNT_POINTS, datasets={"wells": of.dataset})
        return verbs.run(self.desk.kernel, self.desk.people["analyst"], permit)[1].facts["deepest"]

    def states(self, of: Admission) -> set[str]:
        """What the vault says of its partitions."""
        vault = self.desk.kernel.stores.vault
        assert isinstance(vault, FileVault)
        known = vault.states()
        return {known.get(one, "missing") for one in objects_of(self.desk.kernel, of)}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with _town(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def same_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One for tests that leave its datasets as they were."""
    with _town(tmp_path_factory.mktemp("same")) as made:
        yield made


@contextmanager
def _town(folder: Path) -> Iterator[Town]:
    clock = Hands()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
        peopled(folder / "office", clock=clock)
        with open_office(folder / "office", clock=clock) as office:
            desk = dataclasses.replace(desk_of(office), clock=clock)
            desk.authorizations(COUNT_POINTS, days=400)
            one, two = (_admitted(desk, folder, n) for n in (40, 60))
            both = combine(office.kernel, desk.people["custodian"], [one.dataset, two.dataset], title="Both")
            yield Town(desk=desk, folder=folder / "office", one=one, two=two, both=both)


def _stated() -> Declaration:
    return dataclasses.replace(declared("advice"), retention_days=DAYS)


def _admitted(desk: Desk, folder: Path, n: int) -> Admission:
    path = write(folder / f"{n}.csv", some(n))
    return desk.office.admit(desk.people["custodian"], path, _stated(), format=POINTS.id, partitions=True)


# ---- nothing goes, changes, moves or counts twice


@pytest.mark.parametrize("how", ["removed", "altered", "swapped", "repeated", "another's"])
@pytest.mark.parametrize("which", ["one", "both"])
def test_a_partition_that_is_not_itself_is_found_by_whoever_counts(same_town: Town, how: str, which: str) -> None:
    """In the objects' folder: by a run, which tells nothing of the dataset."""
    town = same_town
    objects, of, before = town.folder / "objects", getattr(town, which), town.desk.kinds().count("RAN")
    own = [one.object for one in town.listed(town.one)]
    files = [objects / name for name in own[:2]]
    kept = [file.read_bytes() for file in files]
    file, content = files[0], kept[0]
    if how == "removed":
        file.unlink()
    elif how == "altered":
        file.write_bytes(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])
    elif how == "swapped":
        file.write_bytes(kept[1])
        files[1].write_bytes(content)
    elif how == "repeated":
        file.write_bytes(kept[1])
    else:
        shutil.copyfile(objects / town.listed(town.two)[0].object, file)
    with pytest.raises(PeelianError) as wrong:
        town.counted(of)
    assert not isinstance(wrong.value, Refused) and town.desk.kinds().count("RAN") == before
    assert town.counted(town.two) == 60, "another dataset is used as before"
    for file, content in zip(files, kept, strict=True):
        file.write_bytes(content)
    assert town.counted(of) == (40 if which == "one" else 100), "and this one again, once it is itself"


@pytest.mark.parametrize("how", ["removed", "altered", "swapped", "repeated", "another's"])
def test_a_list_that_is_not_the_one_admitted_is_read_by_nobody(same_town: Town, how: str) -> None:
    """In the archive: by whoever reads the list."""
    town = same_town
    manifest, theirs = (manifest_of_object(town.desk.kernel, one.object) for one in (town.one, town.two))
    first, second, *rest = manifest.partitions
    lies: dict[str, list[Partition]] = {
        "removed": [second, *rest],
        "altered": [dataclasses.replace(first, rows=first.rows + 1), second, *rest],
        "swapped": [
            dataclasses.replace(first, object=second.object),
            dataclasses.replace(second, object=first.object),
            *rest,
        ],
        "repeated": [first, first, second, *rest],
        "another's": [*manifest.partitions, theirs.partitions[0]],
    }
    told = manifest_of(lies[how], areas=manifest.areas).to_bytes()
    archive = town.desk.kernel.stores.archive
    real = type(archive).get
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(archive), "get", lambda self, d, **k: told if d == town.one.object else real(self, d, **k))
        with pytest.raises(IntegrityError):
            town.counted(town.one)


def _own(town: Town) -> Manifest:
    return manifest_of_object(town.desk.kernel, town.one.object)


def _of(town: Town, *more: Partition) -> Manifest:
    """A combination of the first dataset, whose list has `more`."""
    listed = [dataclasses.replace(one, dataset=town.one.dataset) for one in (*_own(town).partitions, *more)]
    return manifest_of(listed, combined=[(town.one.dataset, town.one.digest)])


def _fresh(town: Town, name: str) -> Partition:
    """A partition that was sealed under this name and belongs to no dataset yet."""
    with town.desk.kernel.stores.vault.seal(name) as file:
        file.write(b"rows")
    sealed = file.sealed
    return dataclasses.replace(_own(town).partitions[0], object=sealed.object, digest=sealed.digest)


LISTS: dict[str, Callable[[Town], Manifest]] = {
    "its own twice": lambda town: manifest_of([_fresh(town, "points-x")] * 2),
    "one object as two months": lambda town: manifest_of(
        [one := _fresh(town, "points-x"), dataclasses.replace(one, month="2020-01")]
    ),
    "a combined one's twice": lambda town: _of(town, _own(town).partitions[0]),
    "a combined one's with other rows beside": lambda town: _of(
        town, dataclasses.replace(_own(town).partitions[0], rows=9)
    ),
    "another dataset's": lambda town: manifest_of([_fresh(town, "points-x"), town.listed(town.two)[0]]),
    "a combined one's told otherwise": lambda town: manifest_of(
        [
            dataclasses.replace(one, dataset=town.one.dataset, month="2020-01" if one.month == "2021-01" else one.month)
            for one in _own(town).partitions
        ],
        combined=[(town.one.dataset, town.one.digest)],
    ),
    "none": lambda town: manifest_of([]),
}


def _admit(town: Town, told: Manifest) -> None:
    """Admit what a list says under the name points-x, as whoever keeps data may tell it."""
    kernel, by = town.desk.kernel, town.desk.people["custodian"]
    custody.begun(kernel, by, "points-x", format=POINTS.id)
    keep_manifest(kernel, told)
    kept = custody.Kept(
        dataset="points-x",
        format=POINTS.id,
        object=told.name,
        digest=told.digest,
        rows=told.rows,
        declaration=_stated(),
        facts=dict(town.one.facts),
    )
    custody.kept_as(kernel, by, kept)


@pytest.mark.parametrize("lie", LISTS)
def test_no_dataset_is_admitted_with_a_partition_twice_or_anothers(town: Town, lie: str) -> None:
    with pytest.raises(OutOfOrder):
        _admit(town, LISTS[lie](town))
    assert "points-x" not in town.desk.kernel.state.datasets


@pytest.mark.parametrize("by", ["another dataset", "nobody"])
def test_a_partition_that_was_sealed_as_another_dataset_or_by_nobody_opens_in_none(town: Town, by: str) -> None:
    stray = (
        _fresh(town, "points-y") if by != "nobody" else dataclasses.replace(_own(town).partitions[0], object="0" * 32)
    )
    _admit(town, manifest_of([stray]))
    with pytest.raises(PeelianError) as wrong:
        town.counted(town.desk.kernel.state.datasets["points-x"])
    assert not isinstance(wrong.value, Refused) and "RAN" not in town.desk.kinds()


def test_the_doctor_names_what_is_gone(town: Town) -> None:
    folder, gone = town.folder, town.listed(town.one)[1].object
    (folder / "objects" / gone).unlink()
    told = [one.what for one in examined(folder)]
    assert any(town.one.dataset in one and "missing" in one for one in told), told
    assert not any(town.two.dataset in one for one in told)


# ---- an end, a hold and a loss are those of each partition


def test_at_the_end_of_a_dataset_every_partitions_key_goes_and_no_other(town: Town) -> None:
    kernel, clock = town.desk.kernel, town.desk.clock
    clerk = town.desk.people["clerk"]
    retention.hold(kernel, clerk, town.two.dataset, words="a court asked for it")
    clock.days(DAYS + 1)
    retention.run_daily_job(kernel)
    assert town.states(town.one) == {"whole"}, "for 7 days it can be taken back"
    clock.days(8)
    retention.run_daily_job(kernel)
    assert town.states(town.one) == {"destroyed"} and town.states(town.two) == {"whole"}
    assert not {one.name for one in (town.folder / "objects").iterdir()} & set(objects_of(kernel, town.one))
    with pytest.raises(Refused):
        town.counted(town.both)
    with pytest.raises(PeelianError):
        combine(kernel, town.desk.people["custodian"], [town.one.dataset, town.two.dataset], title="Again")


def test_a_hold_on_a_combined_dataset_keeps_each_partition_of_all(town: Town) -> None:
    kernel, clock, clerk = town.desk.kernel, town.desk.clock, town.desk.people["clerk"]
    held = retention.hold(kernel, clerk, town.both.dataset, words="a court asked for it")
    for days in (DAYS + 1, 8, 8):
        clock.days(days)
        retention.run_daily_job(kernel)
    assert town.states(town.one) == town.states(town.two) == {"whole"}
    for dataset in (town.one.dataset, town.two.dataset):
        with pytest.raises(Refused, match="hold"):
            retention.queue(kernel, clerk, dataset, words="nobody needs it now")
    retention.release(kernel, town.desk.people["board"], town.both.dataset, held, words="the court is done")
    for days in (1, 8):
        clock.days(days)
        retention.run_daily_job(kernel)
    assert town.states(town.one) == town.states(town.two) == {"destroyed"}


def test_an_open_case_on_a_combined_dataset_keeps_each_partition_of_all(town: Town) -> None:
    kernel, clock = town.desk.kernel, town.desk.clock
    clock.days(DAYS - 2)
    town.desk.ask(COUNT_POINTS, datasets={"wells": town.both.dataset})
    clock.days(3)
    assert not {town.one.dataset, town.two.dataset} & set(retention.run_daily_job(kernel).queued)


def test_one_lost_partition_names_its_dataset_and_those_it_was_combined_to(town: Town) -> None:
    kernel, (first, *_) = town.desk.kernel, town.listed(town.two)
    copy = Copy(objects=frozenset({first.object}), opens=frozenset(), found="2026-03-03")
    assert lost_copy(kernel, copy).exposure == {town.two.dataset: "encrypted", town.both.dataset: "encrypted"}
    opened = dataclasses.replace(copy, opens=copy.objects)
    assert lost_copy(kernel, opened).exposure == {town.two.dataset: "readable", town.both.dataset: "readable"}


def test_a_copy_of_some_partitions_is_looked_into_with_and_without_its_keys(town: Town, tmp_path: Path) -> None:
    """As `peelian breach report --found-copy` does: what the copy opens is readable, and named once a dataset."""
    found = tmp_path / "found"
    (found / "objects").mkdir(parents=True)
    for one in town.listed(town.one)[:3]:
        shutil.copy(town.folder / "objects" / one.object, found / "objects")
    named = {town.one.dataset, town.both.dataset}
    told = lost_copy(town.desk.kernel, copy_in(found, "2026-03-03")).exposure
    assert told == dict.fromkeys(named, "encrypted")
    if os.environ.get("PEELIAN_TESTS_ON") == "postgresql":
        pytest.skip("a PostgreSQL server keeps the keys: no folder holds a copy of them")
    shutil.copytree(town.folder / "keys" / "store", found / "keys" / "store")
    told = lost_copy(town.desk.kernel, copy_in(found, "2026-03-03")).exposure
    assert told == dict.fromkeys(named, "readable")
