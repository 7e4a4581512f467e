"""A suspension in the middle of a run's parts: their processes end, here and on a cluster, and nothing stays.

Each part waits with its rows in memory, and of a partition with its data key, so that none would end by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import many_parts
import pytest
import slow_partitions
from broker import until
from clusters import running
from desk import Desk
from divided import desk_of, peopled
from partition_runs import asked
from suspending import lift, suspend
from toy import COUNT

import peelian.operations.office
from peelian.errors import OutOfOrder, PeelianError, Refused
from peelian.kernel.model.documents import OpenedSet, Permit
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs.kept_parts import keeps_parts
from peelian.kernel.verbs.worker_sets import Wanted, opens_set
from peelian.operations import run_worker
from peelian.operations.office import Office, open_office
from peelian.storage.vault_files import FileVault

Asked = Callable[[Office, Path], tuple[Desk, Permit]]


def in_parts(office: Office, folder: Path) -> tuple[Desk, Permit]:
    """A run of the toy in parts, permitted."""
    town = desk_of(office)
    town.authorizations(COUNT)
    return town, town.ask(COUNT)


OF: dict[str, tuple[Any, Asked, str]] = {
    "partitions": (slow_partitions, asked, "mapping"),
    "parts": (many_parts, in_parts, "toy"),
}


def there(process: int) -> bool:
    """Whether a process goes on; one that waits to be collected does not."""
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


@pytest.fixture(params=["processes", "cluster"])
def workers(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "of the test"
    folder.mkdir()
    for made in (slow_partitions, many_parts):
        monkeypatch.setenv(made.HERE, str(folder))
    pytest.importorskip("ibis", reason="the extra `scale` is not installed")
    with ExitStack() as closing:
        if request.param == "cluster":
            pytest.importorskip("distributed")
            cluster = closing.enter_context(running(tmp_path, 2))
            monkeypatch.setenv("PEELIAN_SCHEDULER", cluster.address)
        else:
            monkeypatch.setenv("PEELIAN_JOBS", "2")
        yield


@pytest.mark.parametrize("what", OF)
def test_a_suspension_ends_the_processes_of_a_runs_parts_and_nothing_of_it_stays(
    workers: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    module, permitted, technology = OF[what]
    monkeypatch.setattr(run_worker, "WORK", module.works)
    if what == "parts":
        monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (many_parts.MANY,))
    folder, ended = tmp_path / "of the test", list[Any]()
    peopled(tmp_path / "office")
    with open_office(tmp_path / "office") as office:
        town, permit = permitted(office, tmp_path)
        kernel, people = town.kernel, town.people

        def work() -> None:
            try:
                ended.append(run_worker.run(office, people["analyst"], permit))
            except PeelianError as error:
                ended.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        kept = lambda: [one["object"] for one in entries(town, "PARTS_KEPT")]  # noqa: E731
        assert until(lambda: (len(list(folder.glob("at *"))) == 2 and kept()) or ended, 120)
        assert not ended, ended
        processes = [int(path.name.split()[1]) for path in folder.glob("at *")]
        assert all(there(one) for one in processes)

        suspend(kernel, people["board"], technology)
        assert until(lambda: not any(there(one) for one in processes), 20)
        thread.join(60)
        assert isinstance(ended[0], Refused) and "suspended during the run" in str(ended[0])

        # Nothing is published, and what was kept sealed went with its key.
        kinds = [str(entry["kind"]) for entry in entries(town)]
        assert kinds[-1] == "REFUSED" and not {"RAN", "PUBLISHED", "DERIVED"} & set(kinds)
        vault = kernel.stores.vault
        assert isinstance(vault, FileVault) and not kernel.state.objects.parts
        assert kept() and all(vault.keys.states()[one] is False for one in kept())
        assert not any((vault.objects / str(one)).exists() for one in kept())

        # Nor can the run open or keep anything once the suspension is lifted.
        lift(kernel, people["privacy-officer"], people["board"], technology)
        of = permit.case, str(entries(town, "STARTED")[0]["before"])
        with pytest.raises(OutOfOrder, match="no run in progress"):
            keeps_parts(kernel, *of, object="0" * 32)
        for entry in entries(town, "OPENED_SET"):
            document = archived(kernel, str(entry["document"]), OpenedSet)
            wanted = tuple(Wanted(object=one["object"], worker=one["worker"]) for one in document.openings)
            with pytest.raises(OutOfOrder, match="no run in progress"):
                opens_set(kernel, *of, str(entry["dataset"]), wanted=wanted)
        assert office.verdict().ok


def entries(town: Desk, *kinds: str) -> list[Any]:
    """The log's entries of these kinds, in order; without any, those of the case that ran."""
    with town.kernel.lock:
        found = [entry for _, entry in town.kernel.stores.log.read()]
    if kinds:
        return [entry for entry in found if entry["kind"] in kinds]
    case = next(entry["case"] for entry in found if entry["kind"] == "STARTED")
    return [entry for entry in found if entry.get("case") == case]
