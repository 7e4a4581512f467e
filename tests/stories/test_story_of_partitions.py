"""A dataset in partitions through an office's years: killed, backed up, rotated, rebuilt, lost in part, destroyed."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from desk import Desk, Hands, declared
from divided import answering, desk_of, peopled
from parted import COUNT_POINTS, PARTED, POINTS, some, write
from used_openings import alone

import peelian.operations.office
from peelian.errors import IntegrityError
from peelian.kernel import verbs
from peelian.kernel.model.documents import Admission
from peelian.kernel.retention import retention
from peelian.kernel.retention.expiry_job import expire
from peelian.kernel.state.object_state import objects_of, partitions_of
from peelian.kernel.verbs.combination import combine
from peelian.operations.backup import back_up
from peelian.operations.dividing import divide
from peelian.operations.doctor import examined
from peelian.operations.log_restoring import approve_restoration, propose_restoration
from peelian.operations.office import open_office
from peelian.operations.rebuild import rebuilt, rebuilt_at
from peelian.oversight.breach.signals import Copy, lost_copy
from peelian.storage.vault_files import FileVault

KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {support!r})
from own_keys import give_passphrases
give_passphrases()
import peelian.operations.office
from parted import PARTED, POINTS
peelian.operations.office.technologies = lambda: (PARTED,)
from desk import declared
from peelian.kernel.verbs import partitioned_admission
real, done = partitioned_admission.write_points, [0]
def killed(*given):
    done[0] += 1
    real(*given)
    if done[0] > 4:
        os.kill(os.getpid(), signal.SIGKILL)
partitioned_admission.write_points = killed
with peelian.operations.office.open_office(Path({office!r})) as office:
    by = office.operator("custodian")
    office.admit(by, Path({file!r}), declared("advice"), format=POINTS.id, partitions=True)
"""


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def office(tmp_path: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
    peopled(tmp_path / "office", clock=clock)
    return tmp_path / "office"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "a.csv", some())


def admit(town: Desk, file: Path) -> Admission:
    by, stated = town.people["custodian"], dataclasses.replace(declared("advice"), retention_days=60)
    return town.office.admit(by, file, stated, format=POINTS.id, partitions=True)


def test_an_office_that_is_killed_while_it_seals_keeps_nothing(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
    peopled(tmp_path / "office")
    script = KILLED.format(
        support=str(Path(__file__).parents[1] / "support"), office=str(tmp_path / "office"), file=str(file)
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-2000:]
    assert len(list((tmp_path / "office" / "objects").glob("?" * 32))) == 4
    with open_office(tmp_path / "office") as opened:
        kinds = [entry["kind"] for _, entry in opened.kernel.stores.log.read()]
        assert kinds[-2:] == ["KEEPING", "TURNED_AWAY"] and not opened.kernel.state.datasets
        assert not list((tmp_path / "office" / "objects").glob("?" * 32))
        assert admit(desk_of(opened), file).rows == 400


def test_backup_rotation_and_rebuilding_keep_every_partition(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
    office = tmp_path / "office"
    peopled(office)
    with open_office(office) as opened:
        made = admit(desk_of(opened), file)
        opened.kernel.stores.vault.rotate_keys()  # type: ignore[attr-defined]
        assert rebuilt(opened.kernel) == []
    back_up(office, "custodian", tmp_path / "data", keys=tmp_path / "keys")
    shutil.copytree(tmp_path / "data", tmp_path / "new")
    shutil.copytree(tmp_path / "keys", tmp_path / "new" / "keys")
    (tmp_path / "new" / "log.signed").write_bytes((tmp_path / "new" / "log" / "checkpoint").read_bytes())
    with open_office(tmp_path / "new") as again:
        town = desk_of(again)
        town.authorizations(COUNT_POINTS)
        permit = town.ask(COUNT_POINTS, datasets={"wells": made.dataset})
        found, findings = verbs.run(again.kernel, town.people["analyst"], permit)
        assert findings.facts["deepest"] == 400 and found.data == {"wells": made.digest}


def test_the_doctor_and_a_lost_copy_name_the_dataset_once(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
    office = tmp_path / "office"
    peopled(office)
    with open_office(office) as opened:
        kernel, made = opened.kernel, admit(desk_of(opened), file)
        objects = objects_of(kernel, made)
        copy = Copy(objects=frozenset(objects[:2]), opens=frozenset(objects[1:2]), found="2026-03-03")
        assert lost_copy(kernel, copy).exposure == {made.dataset: "readable"}
    for object_ in objects[:3]:
        (office / "objects" / object_).unlink()
    told = [one.what for one in examined(office) if made.dataset in one.what]
    assert told == [f"The encrypted object of {made.dataset} is missing."]


def test_a_list_of_partitions_that_was_altered_shuts_the_office(office: Path, clock: Hands, file: Path) -> None:
    with open_office(office, clock=clock) as opened:
        town = desk_of(opened)
        made = admit(town, file)
        archive = opened.kernel.stores.archive
        listed = archive.get(made.object)
        other = listed.replace(b'"0:0"', b'"1:0"', 1)
        real = type(archive).get
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(archive), "get", lambda self, d, **k: other if d == made.object else real(self, d, **k))
            with pytest.raises(IntegrityError, match="altered list"):
                partitions_of(opened.kernel, made)


def test_past_its_time_all_keys_go_and_what_a_backup_brings_back_goes_again(
    office: Path, clock: Hands, file: Path, tmp_path: Path
) -> None:
    with open_office(office, clock=clock) as opened:
        kernel = opened.kernel
        made, other = admit(desk_of(opened), file), admit(desk_of(opened), file)
        retention.hold(kernel, desk_of(opened).people["clerk"], other.dataset, words="a court asked for it")
        objects, kept = objects_of(kernel, made), objects_of(kernel, other)
        shutil.copytree(office / "objects", tmp_path / "objects")
        clock.days(61)
        retention.run_daily_job(kernel)
        clock.days(8)
        retention.run_daily_job(kernel)
        vault = kernel.stores.vault
        assert isinstance(vault, FileVault)
        assert made.dataset in kernel.state.destroyed and other.dataset in kernel.state.datasets
        assert {vault.states()[one] for one in objects} == {"destroyed"}
        assert {vault.states()[one] for one in kept} == {"whole"}
        shutil.copytree(tmp_path / "objects", office / "objects", dirs_exist_ok=True)
    (office / "log.signed").unlink()
    shutil.copy(tmp_path / "objects" / "log-head", office / "objects" / "log-head")
    (office / "log.signed").write_bytes((office / "log" / "checkpoint").read_bytes())
    with open_office(office, clock=clock) as opened:
        assert not {one.name for one in (office / "objects").iterdir()} & set(objects)
        assert set(objects_of(opened.kernel, other)) == set(kept)


def test_the_list_outlives_the_quarter_of_its_document(office: Path, clock: Hands, file: Path) -> None:
    with open_office(office, clock=clock) as opened:
        kernel = opened.kernel
        made = admit(desk_of(opened), file)
        retention.hold(kernel, desk_of(opened).people["clerk"], made.dataset, words="a court asked for it")
        expire(kernel)  # says for how long documents are kept
        clock.days(2_557 + 200)
        gone = expire(kernel)
        assert any(name.startswith("data.") for name in gone.partitions) and gone.carried >= 2
        assert len(partitions_of(kernel, kernel.state.datasets[made.dataset])) == 12
    with open_office(office, clock=clock) as opened:
        assert len(objects_of(opened.kernel, made)) == 12


def test_in_a_divided_office_the_registrar_judges_each_opening_and_destroys_all_keys(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
    folder, registrar, socket = tmp_path / "office", tmp_path / "registrar", tmp_path / "socket"
    peopled(folder)
    divide(folder, registrar, socket)
    with answering(registrar, socket) as server:
        held = server._registry
        with open_office(folder) as office:
            town = desk_of(office)
            town.authorizations(COUNT_POINTS)
            one, two = admit(town, file), admit(town, file)
            made = combine(office.kernel, town.people["custodian"], [one.dataset, two.dataset], title="Both")
            permit = town.ask(COUNT_POINTS, datasets={"wells": made.dataset})
            _, findings = verbs.run(office.kernel, town.people["analyst"], permit)
            assert findings.facts["deepest"] == 800
            objects = {*objects_of(held.kernel, one), *objects_of(held.kernel, two)}
            assert alone(held.keys) == len(objects) == 24
        for kind in ("QUEUED", "DESTROYED"):
            held.kernel.append(kind, dataset=one.dataset, object=one.object, by="office", why="due")
        retention.run_daily_job(held.kernel)
        gone = {name for name, live in held.keys.states().items() if not live}
        assert gone == set(objects_of(held.kernel, one))
        with open_office(folder) as office:
            assert {path.name for path in (folder / "objects").iterdir()} & objects == set(
                objects_of(office.kernel, two)
            )


@pytest.mark.skipif(
    os.environ.get("PEELIAN_TESTS_ON") == "postgresql",
    reason="restores a folder of state; a server has a dump",
)
def test_a_log_that_is_restored_from_a_backup_finds_every_partition_it_had(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Admitted and combined before the backup: used as before. Destroyed since: said again. Admitted since: its list is
    lost with its document, and the doctor names once what is left of it."""
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
    office, backup = tmp_path / "office", tmp_path / "backup"
    peopled(office)
    with open_office(office) as opened:
        town = desk_of(opened)
        town.authorizations(COUNT_POINTS)
        one, two, three = (admit(town, file) for _ in range(3))
        both = combine(opened.kernel, town.people["custodian"], [one.dataset, two.dataset], title="Both")
        sealed = {made.dataset: objects_of(opened.kernel, made) for made in (one, two, three)}
    back_up(office, "custodian", backup)
    with open_office(office) as opened:
        late = admit(desk_of(opened), file)
        sealed[late.dataset] = objects_of(opened.kernel, late)
        for kind in ("QUEUED", "DESTROYED"):
            opened.kernel.append(kind, dataset=three.dataset, object=three.object, by="office", why="due")
        retention.run_daily_job(opened.kernel)
    shutil.rmtree(office / "state")
    propose_restoration(office, backup, "custodian", words="the disk lost a block last night")
    approve_restoration(office, backup, "board")
    with open_office(office) as opened:
        kernel, town = opened.kernel, desk_of(opened)
        assert {one.dataset, two.dataset, both.dataset} == set(kernel.state.datasets)
        permit = town.ask(COUNT_POINTS, datasets={"wells": both.dataset})
        assert verbs.run(kernel, town.people["analyst"], permit)[1].facts["deepest"] == 800
        assert len(partitions_of(kernel, both)) == 24
        assert set(sealed[three.dataset]) <= kernel.state.objects.gone
        states = kernel.stores.vault.states()  # type: ignore[attr-defined]
        assert {states[o] for o in (*sealed[one.dataset], *sealed[two.dataset])} == {"whole"}
        assert not states.keys() & set(sealed[three.dataset]) or {states[o] for o in sealed[three.dataset]} == {
            "destroyed"
        }
    told = [ailment.what for ailment in examined(office)]
    assert sum(late.dataset in what for what in told) == 1 and not any("has no log entry" in what for what in told)
    assert not any(one.dataset in what or two.dataset in what for what in told)
    assert rebuilt_at(office) == []
