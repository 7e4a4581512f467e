"""combine: several datasets in partitions are one, which serves what all of them serve as long as all are there."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from desk import Desk, declared, desk
from parted import COUNT_POINTS, PARTED, POINTS, some, write

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.model.documents import Admission
from peelian.kernel.retention import retention
from peelian.kernel.state.object_state import manifest_of_object, objects_of
from peelian.kernel.verbs.combination import combine


@pytest.fixture
def town() -> Desk:
    made = desk((PARTED,))
    made.authorizations(COUNT_POINTS)
    return made


def admit(town: Desk, folder: Path, n: int, *purposes: str) -> Admission:
    path, by = write(folder / f"{n}.csv", some(n)), town.people["custodian"]
    stated = dataclasses.replace(declared(*(purposes or ("advice",))), retention_days=60)
    return town.office.admit(by, path, stated, format=POINTS.id, partitions=True)


def both(town: Desk, folder: Path) -> tuple[Admission, Admission, Admission]:
    one, two = admit(town, folder, 40, "advice", "proof"), admit(town, folder, 60)
    return one, two, combine(town.kernel, town.people["custodian"], [one.dataset, two.dataset], title="Both")


def test_counts_add_up_and_nothing_is_sealed_anew(town: Desk, tmp_path: Path) -> None:
    one, two, made = both(town, tmp_path)
    listed = manifest_of_object(town.kernel, made.object)
    assert (made.rows, listed.rows, made.digest) == (100, 100, listed.digest)
    assert listed.combined == tuple(sorted([(one.dataset, one.digest), (two.dataset, two.digest)]))
    assert {p.object for p in listed.partitions} == {*objects_of(town.kernel, one), *objects_of(town.kernel, two)}
    assert list(made.declaration["purposes"]) == ["advice"] and made.declaration["retention_days"] == 59
    again = combine(town.kernel, town.people["custodian"], [two.dataset, one.dataset], title="Again")
    assert again.digest == made.digest and again.dataset != made.dataset
    assert town.kinds()[-2:] == ["KEEPING", "ADMITTED"] and objects_of(town.kernel, made) == ()


def test_a_run_opens_the_partitions_of_all(town: Desk, tmp_path: Path) -> None:
    one, two, made = both(town, tmp_path)
    found, findings = verbs.run(
        town.kernel, town.people["analyst"], town.ask(COUNT_POINTS, datasets={"wells": made.dataset})
    )
    assert findings.facts["deepest"] == 100 and found.data == {"wells": made.digest}
    assert set(town.opened()) == {one.dataset, two.dataset}


def test_what_cannot_be_combined_is_refused(town: Desk, tmp_path: Path) -> None:
    one, two, made = both(town, tmp_path)
    whole = town.admit(COUNT_POINTS.arithmetic().example().datasets["wells"], ("advice",))
    by, kernel = town.people["custodian"], town.kernel
    for names, error, says in (
        ([one.dataset], InputError, "too few"),
        ([one.dataset, one.dataset], InputError, "too few"),
        ([one.dataset, whole.dataset], OutOfOrder, "in partitions"),
        ([one.dataset, "none"], OutOfOrder, "that are there"),
        ([one.dataset, made.dataset], OutOfOrder, "was combined"),
        ([one.dataset, admit(town, tmp_path, 20, "proof").dataset], None, ""),
        ([two.dataset, admit(town, tmp_path, 20, "proof").dataset], Refused, "purpose"),
    ):
        if error is None:
            assert list(combine(kernel, by, names, title="t").declaration["purposes"]) == ["proof"]
            continue
        with pytest.raises(error, match=says):
            combine(kernel, by, names, title="t")
    with pytest.raises(Refused):
        combine(kernel, town.people["commander"], [one.dataset, two.dataset], title="t")


def test_a_hold_on_the_combined_keeps_its_parts_and_none_is_used_without_all(town: Desk, tmp_path: Path) -> None:
    one, two, made = both(town, tmp_path)
    kernel, clerk = town.kernel, town.people["clerk"]
    name = retention.hold(kernel, clerk, made.dataset, words="a court asked for it")
    town.clock.days(61)
    retention.run_daily_job(kernel)
    assert {one.dataset, two.dataset, made.dataset} <= kernel.state.datasets.keys()
    retention.release(kernel, town.people["board"], made.dataset, name, words="the court is done")
    town.clock.days(8)
    retention.run_daily_job(kernel)
    assert not kernel.state.datasets
    town.clock.days(8)
    retention.run_daily_job(kernel)
    assert not kernel.stores.vault.names() and {one.dataset, two.dataset, made.dataset} <= kernel.state.destroyed.keys()


def test_it_is_refused_once_a_part_is_gone(town: Desk, tmp_path: Path) -> None:
    one, _, made = both(town, tmp_path)
    town.kernel.append("QUEUED", dataset=one.dataset, by="office", why="due")
    with pytest.raises(PeelianError, match="is gone"):
        town.ask(COUNT_POINTS, datasets={"wells": made.dataset})
