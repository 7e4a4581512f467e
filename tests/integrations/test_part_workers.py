"""Parts of a run done elsewhere: the same results bit for bit, whoever is killed meanwhile; clear ends otherwise."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bits import bits
from broker import Certificates
from clusters import Running, running
from part_functions import always_killed, doubled, killed_once, limits, slow, slow_here, too_little
from small_town import CELL, TOWN, plan, town

from peelian.errors import InputError, NotEnoughData, PeelianError
from peelian.integrations import part_workers
from peelian.integrations.part_workers import Cluster, Processes, each_in
from peelian.kernel.model.fan_out import Each, InProcess, Parts, Progress
from peelian.measure.grid import offset_grids
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.protocol import back_test


def of(function: Any, shared: Any, parts: list[int], told: Progress = lambda says, share: None) -> Parts[Any, Any, Any]:
    return Parts(function=function, shared=shared, parts=parts, progress=told, says="Parts")


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({}, InProcess),
        ({"PEELIAN_JOBS": "1"}, InProcess),
        ({"PEELIAN_JOBS": "2"}, Processes),
        ({"PEELIAN_JOBS": "2", "PEELIAN_SCHEDULER": "tcp://127.0.0.1:8786"}, Cluster),
    ],
)
def test_two_settings_say_who_does_the_parts(settings: dict[str, str], kind: type) -> None:
    assert isinstance(each_in(settings), kind)


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5", "257", "²", " 2"])
def test_what_is_no_number_of_processes_is_refused(jobs: str) -> None:
    with pytest.raises(InputError, match="number of processes"):
        each_in({"PEELIAN_JOBS": jobs})


@pytest.mark.parametrize(
    "address",
    ["tcp://10.0.0.1:8786", "tcp://elsewhere:8786", "tcp://127.0.0.1.evil.example:8786", "tcp://[2001:db8::1]:8786",
     "127.0.0.1:8786", "inproc://x:1", "ws://127.0.0.1:8786", "tcp://127.0.0.1", "tcp://:8786", "tcp://[::1", ""],
)  # fmt: skip
def test_data_goes_to_no_address_where_others_can_listen(address: str) -> None:
    with pytest.raises(InputError):
        Cluster(address=address)(of(doubled, 1, [1]))


def test_processes_do_the_same_in_order_and_may_not_dump() -> None:
    told: list[tuple[str, float]] = []
    assert Processes(jobs=2)(of(doubled, 2, [3, 1, 2], lambda *one: told.append(one))) == [6, 2, 4]
    assert [share for _, share in told] == pytest.approx([1 / 3, 2 / 3, 1])
    assert Processes(jobs=2)(of(limits, None, [1])) == [(0, 0)]


def test_a_process_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    found = Processes(jobs=2)(of(killed_once, str(tmp_path / "killed"), [0, 1, 2]))
    assert found == [0, 1, 2] and (tmp_path / "killed").exists()


def test_a_part_that_always_kills_its_process_ends_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_workers, "MOST_LOST", 2)
    with pytest.raises(PeelianError, match="lost 2 times while no part"):
        Processes(jobs=2)(of(always_killed, None, [0]))


def test_an_error_of_a_part_is_the_runs_error() -> None:
    with pytest.raises(NotEnoughData, match="no incident"):
        Processes(jobs=2)(of(too_little, None, [0]))


# ---- a real scheduler with two workers, each a process of its own


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    pytest.importorskip("distributed")
    with running(tmp_path_factory.mktemp("dask"), 2) as made:
        yield made


def on(made: Running, function: Any, shared: Any, parts: list[int]) -> list[Any]:
    found: list[Any] = Cluster(address=made.address)(of(function, shared, parts))
    return found


def test_a_cluster_does_the_same_in_order_on_both_workers(cluster: Running) -> None:
    assert on(cluster, doubled, 2, [3, 1, 2]) == [6, 2, 4]
    assert set(on(cluster, slow, 0.2, list(range(8)))) == {worker.pid for worker in cluster.workers}
    with pytest.raises(NotEnoughData, match="no incident"):
        on(cluster, too_little, None, [0])


def test_workers_killed_while_they_work_change_nothing(cluster: Running) -> None:
    chance, over = random.Random(5), threading.Event()

    def kills() -> None:
        for _ in range(4):
            if over.wait(chance.uniform(0.2, 0.8)):
                return
            cluster.kill_one(chance)

    killer = threading.Thread(target=kills)
    killer.start()
    try:
        assert len(on(cluster, slow, 0.4, list(range(12)))) == 12
    finally:
        over.set()
        killer.join()


@pytest.mark.parametrize("where", ["processes", "cluster"])
def test_the_others_do_what_a_slow_worker_has_not_begun_and_nothing_is_done_twice(
    cluster: Running, tmp_path: Path, where: str
) -> None:
    """It is slow and not lost: its own part is waited for."""
    each = Processes(jobs=2) if where == "processes" else Cluster(address=cluster.address)
    found = each(of(slow_here, str(tmp_path), list(range(16))))
    (slow_one,) = (int(path.name) for path in (tmp_path / "slow").iterdir())
    assert [part for part, _ in found] == list(range(16))
    assert 1 <= sum(process == slow_one for _, process in found) <= 4
    assert len([path for path in tmp_path.iterdir() if path.is_file()]) == 16


def test_a_back_test_is_equal_to_the_last_bit_wherever_it_is_done(cluster: Running) -> None:
    incidents = town(6000, 0.5)
    names = ("long_run", "moving", "density", "retrospective", "self_exciting")

    def tried(each: Each) -> Any:
        models, grids = {name: MODELS[name] for name in names}, offset_grids(TOWN, CELL, 4)
        return bits(back_test(incidents, grids, plan(incidents, 8), models, each=each))

    here = tried(InProcess())
    assert tried(Processes(jobs=2)) == here
    assert tried(Cluster(address=cluster.address)) == here
    written = [path for path in cluster.folder.rglob("*") if path.is_file() and path.stat().st_size]
    assert [path for path in written if path.suffix != ".dirlock" and "lock" not in path.name] == []


def test_no_worker_is_said_to_be_none_and_one_that_may_write_to_its_disk_is_given_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    with running(tmp_path, 0) as made:
        with monkeypatch.context() as patch, pytest.raises(PeelianError, match="has no worker"):
            patch.setattr(part_workers, "WORKERS_WITHIN", 0.5)
            on(made, doubled, 2, [1])
        made.worker(MEMORY__SPILL="0.7", MEMORY__TARGET="0.6")
        with pytest.raises(PeelianError, match="may write data to its disk"):
            on(made, doubled, 2, [1])


def test_a_scheduler_that_goes_away_ends_the_run_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(part_workers, "ANSWERS_WITHIN", 3.0)
    with running(tmp_path, 1) as made:
        assert on(made, doubled, 2, [1]) == [2]
        threading.Timer(1.0, made.scheduler.kill).start()
        with pytest.raises(PeelianError, match="does not answer"):
            on(made, slow, 3.0, [0, 1, 2])
        with pytest.raises(PeelianError, match="does not answer"):
            on(made, doubled, 2, [1])


def tls(authority: Path, certificates: Certificates) -> dict[str, Any]:
    """Dask's settings of whoever trusts this authority and has a certificate of these."""
    certificate, key = certificates.for_("office")
    pair = {"cert": str(certificate), "key": str(key)}
    return {"ca-file": str(authority), **dict.fromkeys(("scheduler", "worker", "client"), pair)}


def as_variables(settings: dict[str, Any]) -> dict[str, str]:
    """The same as variables of the environment."""
    pairs = {
        f"{who}__{what}": value for who in ("scheduler", "worker", "client") for what, value in settings[who].items()
    }
    pairs["ca_file"] = settings["ca-file"]
    return {f"DASK_DISTRIBUTED__COMM__TLS__{name.upper()}": value for name, value in pairs.items()}


def test_parts_go_over_tls_where_both_sides_trust_each_other_and_nowhere_else(tmp_path: Path) -> None:
    dask = pytest.importorskip("dask", reason="the extra `scale` is not installed")
    (tmp_path / "stranger").mkdir()
    ours, stranger = Certificates(tmp_path), Certificates(tmp_path / "stranger")
    good = tls(ours.authority, ours)
    sides = [
        (good, ""),
        (tls(ours.authority, stranger), "do not trust each other"),  # the scheduler does not know who asks
        (tls(stranger.authority, ours), "do not trust each other"),  # who asks does not know the scheduler
        ({**good, "client": {"cert": "", "key": ""}}, "needs certificates"),
        ({**good, "client": {"cert": str(tmp_path / "none.pem"), "key": ""}}, "needs certificates"),
    ]
    with running(tmp_path, 1, "tls", as_variables(good)) as made:
        assert made.address.startswith("tls://127.0.0.1:")
        for side, says in sides:
            client = {f"distributed.comm.tls.{name}": side[name] for name in ("ca-file", "client")}
            with dask.config.set(client):
                if not says:
                    assert on(made, doubled, 2, [3, 1]) == [6, 2]
                    continue
                with pytest.raises(PeelianError, match=says):
                    on(made, doubled, 2, [1])
