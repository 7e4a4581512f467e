"""Workers count a run's partitions: the same counts, each key by a logged opening, and nothing that none names."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from clusters import running
from desk import Desk
from divided import answering, desk_of, peopled
from part_functions import pid
from partition_runs import asked
from suspending import suspend
from used_openings import alone, of_sets

from peelian.errors import IntegrityError, OutOfOrder, PeelianError
from peelian.integrations import counting_workers
from peelian.integrations.counting_workers import asks_for, counts_of, public_key
from peelian.integrations.part_workers import CONTINUED, Call, Lost
from peelian.kernel.model.capability import Dataset
from peelian.kernel.model.counts import Bins, CellCounts
from peelian.kernel.model.documents import OpenedSet, Permit, Request
from peelian.kernel.model.params import params_of
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs import evidence, kept_parts
from peelian.kernel.verbs.evidence import _commits, _opens_partition
from peelian.kernel.verbs.kept_parts import KeptParts
from peelian.kernel.verbs.partition_opening import partitioned_dataset
from peelian.operations.dividing import divide
from peelian.operations.office import open_office
from peelian.oversight.verification.verifier import verify_log
from peelian.storage.vault_files import FileVault
from peelian.storage.vault_keys import StoredKeys

pytest.importorskip("ibis", reason="the extra `scale` is not installed")
BINS = Bins(cell_metres=250.0)


@dataclass(slots=True, kw_only=True)
class Run:
    """A run that goes on over incidents in partitions, in an office on disk."""

    town: Desk
    permit: Permit
    of: tuple[str, str]
    data: Dataset
    kept: KeptParts

    def counted(self) -> CellCounts:
        assert self.data.counts is not None
        return self.data.counts(BINS)

    def rules(self) -> list[str]:
        return [str(one["rules"]) for _, one in self.town.kernel.stores.log.read() if one["kind"] == "OPENING_REFUSED"]

    def leaves(self) -> int:
        vault = self.town.kernel.stores.vault
        assert isinstance(vault, FileVault) and isinstance(vault.keys, StoredKeys)
        assert vault.unwraps == alone(vault.keys) == self.town.kinds().count("OPENED")
        return of_sets(vault.keys)


def begun(town: Desk, permit: Permit) -> Run:
    kernel = town.kernel
    of = permit.case, evidence.began_by(kernel, town.people["analyst"], permit).before
    name = next(one.dataset for one in kernel.state.datasets.values() if len(one.object) == 64)
    how = partial(_opens_partition, kernel, of, name), partial(_commits, kernel, of)
    kept = KeptParts(kernel=kernel, of=of)
    data = partitioned_dataset(kernel, kernel.state.datasets[name], *how, kept=kept.step)
    return Run(town=town, permit=permit, of=of, data=data, kept=kept)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Permit]:
    """An office where a back-test is permitted and did not begin."""
    folder = tmp_path_factory.mktemp("made")
    peopled(folder / "office")
    with open_office(folder / "office") as office:
        return folder / "office", asked(office, folder)[1]


@pytest.fixture
def run(made: tuple[Path, Permit], tmp_path: Path) -> Iterator[Run]:
    shutil.copytree(made[0], tmp_path / "office")
    with open_office(tmp_path / "office") as office:
        yield begun(desk_of(office), made[1])


@dataclass(frozen=True, slots=True)
class Here:
    """Answers `Crew` with workers that are told what to do in this process; `does` may do something else."""

    does: Callable[[Callable[..., Any], Any], Any] = lambda function, part: function(None, part, None)

    @contextmanager
    def workers(self) -> Iterator[Sequence[Call]]:
        yield [lambda function, shared, part: self.does(function, part)]


def by_workers(monkeypatch: pytest.MonkeyPatch, crew: Here) -> None:
    monkeypatch.setattr("peelian.integrations.part_workers.crew_here", lambda: crew)


def test_processes_count_the_same_and_each_key_is_a_used_opening(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run.data.partitions is not None
    n = len(run.data.partitions.listed)
    monkeypatch.setenv("PEELIAN_JOBS", "2")
    apart = run.counted()
    assert n >= 4 and run.leaves() == n and "OPENED" not in run.town.kinds()
    assert 2 <= run.town.kinds().count("OPENED_SET") <= n and run.rules() == []
    assert {one["engine"] for one in of_kind(run, "OPENED_SET")} == {"duckdb"}
    monkeypatch.delenv("PEELIAN_JOBS")
    here = run.counted()
    assert run.town.kinds().count("OPENED") == n and run.leaves() == n
    assert [one.digest() for one in (apart.counts, apart.lags)] == [one.digest() for one in (here.counts, here.lags)]
    assert all(a.values.dtype == b.values.dtype for a, b in zip(apart.counts.columns, here.counts.columns, strict=True))
    run.town.office.checkpoint()
    assert run.town.office.path is not None
    verdict = verify_log(run.town.office.path / "log")
    assert verdict.ok and verdict.openings == 2 * n


def test_a_cluster_counts_the_same_though_a_worker_is_killed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    killed: list[int] = []
    with running(tmp_path, 1) as made, monkeypatch.context() as patch:
        patch.setenv("PEELIAN_SCHEDULER", made.address)
        key = counting_workers._Job.key

        def kills(job: Any, asks: Any) -> bytes:
            if not killed:  # between the opening and the count
                killed.append(1)
                made.workers[0].kill()
                made.worker()
            return key(job, asks)

        patch.setattr(counting_workers._Job, "key", kills)
        apart = run.counted().counts.digest()
    assert run.data.partitions is not None
    assert killed and run.leaves() > len(run.data.partitions.listed) and run.rules() == []
    assert run.counted().counts.digest() == apart


@pytest.mark.parametrize("away", [public_key, asks_for, counts_of])
def test_what_a_lost_worker_had_left_is_logged_anew(
    run: Run, monkeypatch: pytest.MonkeyPatch, away: Callable[..., Any]
) -> None:
    lost: list[int] = []

    def does(function: Callable[..., Any], part: Any) -> Any:
        if function is away and not lost:
            lost.append(1)
            if function is counts_of:  # a new process at the same address answers: it knows of nothing
                counting_workers._own.cache_clear()
                return function(None, part, None)
            raise Lost
        return function(None, part, None)

    with monkeypatch.context() as patch:
        by_workers(patch, Here(does))
        apart = run.counted().counts.digest()
    assert run.data.partitions is not None
    assert lost and run.leaves() == len(run.data.partitions.listed) + (away is counts_of)
    assert run.counted().counts.digest() == apart


def test_a_worker_that_asks_for_more_than_its_opening_ends_the_run_and_is_logged(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[Any] = []

    def twice(function: Callable[..., Any], part: Any) -> Any:
        if function is asks_for:
            first.append(function(None, part, None))
            return first[0]
        return function(None, part, None)

    def another(function: Callable[..., Any], part: Any) -> Any:
        made = function(None, part, None)
        if function is asks_for:
            return dataclasses.replace(made, leaf=dataclasses.replace(made.leaf, object="0" * 32))
        return made

    for does, rule in ((twice, "the_opening_is_unused"), (another, "the_opening_is_in_the_set")):
        by_workers(monkeypatch, Here(does))
        with pytest.raises(OutOfOrder):
            run.counted()
        assert run.rules()[-1] == rule
    assert run.leaves() == 1


def test_without_a_permit_that_holds_no_worker_opens(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    board, kernel = run.town.people["board"], run.town.kernel

    def suspends(function: Callable[..., Any], part: Any) -> Any:
        if function is asks_for:
            suspend(kernel, board, "mapping")
        return function(None, part, None)

    by_workers(monkeypatch, Here(suspends))
    with pytest.raises(PeelianError, match="suspended"):
        run.counted()
    assert run.rules() == ["the_opening_is_permitted"] and run.leaves() == 0


def elsewhere(part: Any) -> Any:
    """An order as a worker gets it on a machine without the folder."""
    return replace(part, objects="/nowhere") if isinstance(part, counting_workers.Order) else part


def test_a_partition_that_is_missing_ends_the_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = run.town.kernel.stores.vault
    assert isinstance(vault, FileVault) and run.data.partitions is not None
    by_workers(monkeypatch, Here(lambda function, part: function(None, elsewhere(part), None)))
    with pytest.raises(PeelianError, match="Mount it there"):
        run.counted()
    (vault.objects / run.data.partitions.listed[0].object).unlink()
    by_workers(monkeypatch, Here())
    with pytest.raises(IntegrityError, match="missing from its folder"):
        run.counted()


def test_categories_of_other_numbers_are_brought_in_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("weather", *reversed(list(counting_workers.CATEGORIES)))

    def does(function: Callable[..., Any], part: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(counting_workers, "CATEGORIES", words)
            return function(None, part, None)

    with monkeypatch.context() as patch:
        by_workers(patch, Here(does))
        apart = run.counted().counts
    here = run.counted().counts
    assert all(apart[column.name].tolist() == here[column.name].tolist() for column in here.columns)


def test_in_a_divided_office_the_registrar_gives_keys_that_the_run_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, registrar, socket = tmp_path / "office", tmp_path / "registrar", tmp_path / "socket"
    peopled(office)
    divide(office, registrar, socket)
    with answering(registrar, socket), open_office(office) as opened:
        run = begun(*asked(opened, tmp_path))
        with monkeypatch.context() as patch:
            patch.setenv("PEELIAN_JOBS", "2")
            apart = run.counted().counts.digest()
        assert "OPENED" not in run.town.kinds() and run.rules() == []
        assert run.counted().counts.digest() == apart


def fails(run: Run) -> None:
    """As where its process was killed: what was written is there."""
    run.kept.close()
    evidence.failed(run.town.kernel, *run.of, error="Interrupted")


def again(run: Run) -> Run:
    """A new request of the same use, and its run."""
    request = archived(run.town.kernel, run.permit.before, Request)
    declared = run.town.kernel.capability(request.capability)
    params = params_of(declared, request.params)
    return begun(run.town, run.town.ask(declared, params=params, datasets=dict(request.datasets)))


def test_partitions_that_a_run_counted_before_it_died_are_not_opened_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run.data.partitions is not None
    n, counted = len(run.data.partitions.listed), list[int]()
    monkeypatch.setattr(kept_parts, "EVERY", 0.0)
    monkeypatch.setattr(kept_parts, "SHARE", float("inf"))  # however long writing takes
    run.kept._next = 0.0

    def dies(function: Callable[..., Any], part: Any) -> Any:
        if function is counts_of and len(counted) == 3:
            raise PeelianError("the run dies")
        counted.append(1) if function is counts_of else None
        return function(None, part, None)

    with monkeypatch.context() as patch:
        by_workers(patch, Here(dies))
        with pytest.raises(PeelianError, match="the run dies"):
            run.counted()
        fails(run)
        used, later, told = openings(run), again(run), list[tuple[str, float]]()
        by_workers(patch, Here())
        object.__setattr__(later.data.partitions, "progress", lambda *one: told.append(one))
        apart = later.counted()
    assert used == 4 and openings(run) - used == n - 3, "one that was opened and not counted is opened anew"
    assert told[0] == (CONTINUED, 3 / n) and told[-1] == (CONTINUED, 1.0)
    assert run.town.kinds().count("OPENED") == 1, "the key of what was kept, logged"
    assert apart.counts.digest() == later.counted().counts.digest()


def openings(run: Run) -> int:
    """How many openings of sets were used."""
    vault = run.town.kernel.stores.vault
    assert isinstance(vault, FileVault) and isinstance(vault.keys, StoredKeys)
    return of_sets(vault.keys)


def test_a_worker_that_is_slow_leaves_the_rest_to_the_others_and_opens_nothing_twice(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process stands still for a while, and is not lost."""
    assert run.data.partitions is not None
    n, slow, others, real = len(run.data.partitions.listed), list[Any](), list[int](), counting_workers._counted

    def stands_still(job: Any, call: Any, ticket: Any, listed: Any) -> Any:
        if not slow:
            slow.extend((ticket.leaf.worker, call(pid, None, None)))
            os.kill(slow[1], signal.SIGSTOP)
        part = real(job, call, ticket, listed)
        others.append(1)
        if len(others) == n - 1:  # all that it has not begun
            os.kill(slow[1], signal.SIGCONT)
        return part

    with monkeypatch.context() as patch:
        patch.setenv("PEELIAN_JOBS", "2")
        patch.setattr(counting_workers, "_counted", stands_still)
        apart = run.counted().counts.digest()
    sets = [archived(run.town.kernel, str(one["document"]), OpenedSet) for one in of_kind(run, "OPENED_SET")]
    by = Counter(one["worker"] for document in sets for one in document.openings)
    assert run.leaves() == n == sum(by.values()) and run.rules() == []
    assert len(by) == 2 and by[slow[0]] == 1
    assert run.counted().counts.digest() == apart


def of_kind(run: Run, kind: str) -> list[Any]:
    return [entry for _, entry in run.town.kernel.stores.log.read() if entry["kind"] == kind]
