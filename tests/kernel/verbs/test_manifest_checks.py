"""Whoever holds the keys judges a list of partitions by itself: a lie about it admits nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from desk import Desk, declared, desk
from parted import PARTED, POINTS, some, write

from peelian.errors import OutOfOrder
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.partitions import Manifest, Partition, manifest_of
from peelian.kernel.state.object_state import manifest_of_object
from peelian.kernel.verbs import custody
from peelian.kernel.verbs.partitioned_admission import keep_manifest


@pytest.fixture
def town() -> Desk:
    return desk((PARTED,))


def admit(town: Desk, folder: Path) -> Admission:
    path, by = write(folder / "a.csv", some(30)), town.people["custodian"]
    return town.office.admit(by, path, declared("advice"), format=POINTS.id, partitions=True)


def of(made: Admission, manifest: Manifest, *left: Partition) -> list[Partition]:
    return [dataclasses.replace(one, dataset=made.dataset) for one in manifest.partitions if one not in left]


LIES: dict[str, Callable[[Admission, Manifest], Manifest]] = {
    "a partition left out": lambda made, m: manifest_of(
        of(made, m, m.partitions[0]), combined=[(made.dataset, made.digest)]
    ),
    "another digest": lambda made, m: manifest_of(of(made, m), combined=[(made.dataset, "0" * 64)]),
    "a stranger's object": lambda made, m: manifest_of(
        [*of(made, m), dataclasses.replace(m.partitions[0], object="0" * 32, dataset=made.dataset)],
        combined=[(made.dataset, made.digest)],
    ),
    "nobody's": lambda made, m: manifest_of(of(made, m)),
    "one of its own beside": lambda made, m: manifest_of(
        [*of(made, m), dataclasses.replace(m.partitions[0], object="0" * 32)], combined=[(made.dataset, made.digest)]
    ),
    "its own again": lambda made, m: m,
}


@pytest.mark.parametrize("lie", LIES)
def test_no_list_takes_in_what_is_not_its_own(town: Desk, tmp_path: Path, lie: str) -> None:
    made, kernel, by = admit(town, tmp_path), town.kernel, town.people["custodian"]
    told = LIES[lie](made, manifest_of_object(kernel, made.object))
    keep_manifest(kernel, told)
    custody.begun(kernel, by, "points-x", format=POINTS.id)
    kept = custody.Kept(
        dataset="points-x",
        format=POINTS.id,
        object=told.name,
        digest=told.digest,
        rows=told.rows,
        declaration=declared("advice"),
        facts=dict(made.facts),
    )
    with pytest.raises(OutOfOrder):
        custody.kept_as(kernel, by, kept)
    assert "points-x" not in kernel.state.datasets


def test_a_combined_dataset_serves_no_purpose_that_a_part_does_not(town: Desk, tmp_path: Path) -> None:
    made, kernel, by = admit(town, tmp_path), town.kernel, town.people["custodian"]
    told = manifest_of(of(made, manifest_of_object(kernel, made.object)), combined=[(made.dataset, made.digest)])
    keep_manifest(kernel, told)
    custody.begun(kernel, by, "points-x", format=POINTS.id)
    kept = custody.Kept(
        dataset="points-x",
        format=POINTS.id,
        object=told.name,
        digest=told.digest,
        rows=told.rows,
        declaration=declared("advice", "proof"),
        facts=dict(made.facts),
    )
    with pytest.raises(OutOfOrder, match="only purposes"):
        custody.kept_as(kernel, by, kept)
    custody.kept_as(kernel, by, dataclasses.replace(kept, declaration=declared("advice")))
