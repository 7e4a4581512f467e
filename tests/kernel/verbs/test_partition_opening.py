"""A run opens a dataset's partitions one at a time: each opening is logged, each file is the one the manifest lists."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from desk import Desk, declared, desk
from divided import desk_of, peopled
from parted import COUNT_POINTS, PARTED, POINTS, READ_WHOLE, some, write

import peelian.operations.office
from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.partitions import Partition
from peelian.kernel.state.object_state import manifest_of_object
from peelian.kernel.verbs import evidence
from peelian.kernel.verbs.partition_opening import SealedPartitions, partitioned_dataset
from peelian.operations.office import open_office


def admitted(town: Desk, folder: Path) -> Admission:
    path = write(folder / "a.csv", some())
    by = town.people["custodian"]
    return town.office.admit(by, path, declared("advice"), format=POINTS.id, partitions=True)


def listed(town: Desk, made: Admission) -> tuple[Partition, ...]:
    return manifest_of_object(town.kernel, made.object).partitions


@pytest.fixture
def town() -> Desk:
    made = desk((PARTED,))
    made.authorizations(COUNT_POINTS)
    return made


def test_a_run_opens_each_partition_once_and_the_log_says_which(town: Desk, tmp_path: Path) -> None:
    made = admitted(town, tmp_path)
    permit = town.ask(COUNT_POINTS, datasets={"wells": made.dataset})
    found, findings = verbs.run(town.kernel, town.people["analyst"], permit)
    opened = [entry["object"] for _, entry in town.kernel.stores.log.read() if entry["kind"] == "OPENED"]
    assert opened == [one.object for one in listed(town, made)] and town.opened() == [made.dataset] * 12
    assert findings.facts["deepest"] == 400 and found.data == {"wells": made.digest}


def test_a_partition_opens_once_in_a_run_and_no_other_object_does(town: Desk, tmp_path: Path) -> None:
    made, other = admitted(town, tmp_path), admitted(town, tmp_path)
    permit = town.ask(COUNT_POINTS, datasets={"wells": made.dataset})
    began = evidence.began_by(town.kernel, town.people["analyst"], permit)
    given = partitioned_dataset(
        town.kernel,
        made,
        lambda object, engine: evidence.opens(
            town.kernel, permit.case, began.before, made.dataset, partition=object, engine=engine
        ),
        lambda dataset, wanted: (),
    ).partitions
    assert given is not None
    first = given.listed[0]
    for engine in ("spark", "postgresql"):  # nobody adopted it: nothing is logged or opened for it
        with pytest.raises(OutOfOrder, match="No Spark is adopted"):
            next(dataclasses.replace(cast(SealedPartitions, given), engine=engine).opened([first]))
    assert town.opened() == []
    (one,) = dataclasses.replace(cast(SealedPartitions, given), engine="duckdb").opened([given.listed[1]])
    ((_, said),) = town.kernel.stores.log.read(kinds=("OPENED",))
    assert said["engine"] == "duckdb" and said["object"] == given.listed[1].object
    (one,) = given.opened([first])
    assert one.num_rows == first.rows
    with pytest.raises(OutOfOrder, match="already opened"):
        next(given.opened([first]))
    for stray in (listed(town, other)[0], dataclasses.replace(first, rows=1)):
        with pytest.raises(InputError, match="not a partition"):
            next(given.opened([stray]))
    for object_ in (listed(town, other)[0].object, made.object, "0" * 32, ""):
        with pytest.raises(OutOfOrder):
            evidence.opens(town.kernel, permit.case, began.before, made.dataset, partition=object_)


def test_a_capability_that_reads_whole_tables_is_refused_with_what_would_do(town: Desk, tmp_path: Path) -> None:
    made = admitted(town, tmp_path)
    with pytest.raises(Refused, match="sealed in partitions"):
        town.ask(READ_WHOLE, datasets={"wells": made.dataset})


@pytest.fixture
def on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Desk, Admission, Path]]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
    peopled(tmp_path / "office")
    with open_office(tmp_path / "office") as office:
        town = desk_of(office)
        town.authorizations(COUNT_POINTS)
        yield town, admitted(town, tmp_path), tmp_path / "office" / "objects"


@pytest.mark.parametrize("how", ["missing", "altered", "cut", "swapped", "another's"])
def test_a_damaged_partition_is_named(on_disk: tuple[Desk, Admission, Path], how: str, tmp_path: Path) -> None:
    town, made, objects = on_disk
    other = listed(town, admitted(town, tmp_path))
    one, two = listed(town, made)[:2]
    file = objects / one.object
    content = bytearray(file.read_bytes())
    if how == "missing":
        file.unlink()
    elif how == "altered":
        content[-40] ^= 1
        file.write_bytes(content)
    elif how == "cut":
        file.write_bytes(content[:-100])
    else:
        shutil.copyfile(objects / (two.object if how == "swapped" else other[0].object), file)
    permit = town.ask(COUNT_POINTS, datasets={"wells": made.dataset})
    with pytest.raises(PeelianError) as wrong:
        verbs.run(town.kernel, town.people["analyst"], permit)
    if how == "another's":  # its file says so before a key is unwrapped
        assert "another object" in str(wrong.value) or "names" in str(wrong.value)
        return
    assert isinstance(wrong.value, IntegrityError)
    assert one.month in str(wrong.value) and one.region in str(wrong.value) and one.object[:8] in str(wrong.value)
