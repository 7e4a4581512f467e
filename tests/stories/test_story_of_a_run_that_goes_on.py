"""A run that dies, and is asked for again: what it had finished is not done again, and its findings have the same bits.

Real processes, killed: the run's own, and a Dask scheduler. Each of embedded and divided office, SQLite and PostgreSQL
is there once; tests/kernel/verbs/test_kept_parts.py has them crossed.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import many_parts
import pytest
from broker import until
from clusters import running
from desk import Desk
from divided import answering, desk_of, peopled
from many_parts import HERE, MANY, PARTS, QUICK, done
from toy import COUNT

import peelian.operations.office
from peelian.errors import PeelianError
from peelian.integrations.part_workers import CONTINUED
from peelian.operations import run_worker
from peelian.operations.dividing import divide
from peelian.operations.office import open_office

POSTGRESQL = os.environ.get("PEELIAN_TESTS_ON") == "postgresql"


@dataclass
class Town:
    """An office whose runs have parts in processes or on a cluster."""

    desk: Desk
    office: Path
    folder: Path  # of the test: what was done, and whether the last parts may go
    dataset: str
    said: list[tuple[str, float]] = field(default_factory=list)
    ended: list[Any] = field(default_factory=list)

    def begin(self) -> threading.Thread:
        """The run of a new request."""
        permit = self.desk.ask(COUNT, datasets={"wells": self.dataset})
        self.said, self.ended = [], []

        def work() -> None:
            try:
                told = lambda says, share: self.said.append((says, share))  # noqa: E731
                self.ended.append(run_worker.run(self.desk.office, self.desk.people["analyst"], permit, progress=told))
            except PeelianError as error:
                self.ended.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def cut_short(self, kills: Callable[[], object]) -> PeelianError:
        """Have a run done up to the parts that wait, and end it so; its error."""
        thread = self.begin()
        assert until(lambda: bool(self.said) and self.said[-1][1] >= QUICK / PARTS, 60), (self.said, self.ended)
        kills()
        thread.join(60)
        return self.ended[0]

    def whole(self) -> Any:
        """The facts that a run finds, whose last parts may go."""
        (self.folder / "go").touch()
        self.begin().join(60)
        (self.folder / "go").unlink()
        assert not isinstance(self.ended[0], PeelianError), self.ended[0]
        return self.ended[0][1].facts

    def kills(self) -> None:
        os.kill(int((self.folder / "worker").read_text()), signal.SIGKILL)

    def kept(self) -> int:
        with self.desk.kernel.lock:
            return len(self.desk.kernel.state.objects.parts)


@contextmanager
def town_in(folder: Path, how: str) -> Iterator[Town]:
    office, of_the_test = folder / "office", folder / "of the test"
    of_the_test.mkdir()
    peopled(office)
    with ExitStack() as closing:
        if how == "divided":
            divide(office, folder / "registrar", folder / "socket")
            closing.enter_context(answering(folder / "registrar", folder / "socket"))
        desk = desk_of(closing.enter_context(open_office(office)))
        desk.authorizations(COUNT)
        wells = desk.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells")
        yield Town(desk, office, of_the_test, wells.dataset)


@pytest.fixture(autouse=True)
def knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (MANY,))
    monkeypatch.setattr(run_worker, "WORK", many_parts.works_in_haste)
    monkeypatch.setenv(HERE, str(tmp_path / "of the test"))


def goes_on(town: Town) -> Any:
    """The same use again: it says at once how much was done before, and does the rest; the facts."""
    assert town.kept() == 1
    found = town.whole()
    assert town.said[0] == (CONTINUED, pytest.approx(QUICK / PARTS)), town.said
    assert done(town.folder)[:QUICK] == [1] * QUICK, "no part that was kept is done again"
    assert town.kept() == 0, "nothing remains"
    return found


@pytest.mark.parametrize("how", ["divided" if POSTGRESQL else "embedded"])
def test_a_run_that_is_killed_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setenv("PEELIAN_JOBS", "2")
    with town_in(tmp_path, how) as town:
        error = town.cut_short(town.kills)
        assert str(error) == run_worker.CUT_SHORT
        found = goes_on(town)
        before = done(town.folder)
        monkeypatch.delenv("PEELIAN_JOBS")  # part after part in one process
        assert town.whole() == found and town.said[0][0] != CONTINUED, "a run that is not cut short: the same bits"
        assert [after - one for one, after in zip(before, done(town.folder), strict=True)] == [1] * PARTS
        assert town.desk.office.verdict().ok


def test_a_machine_that_is_lost_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left to log that the run ended; then the office is opened again."""
    monkeypatch.setenv("PEELIAN_JOBS", "2")
    with town_in(tmp_path, "embedded") as town:
        with monkeypatch.context() as patch:
            patch.setattr(run_worker, "_ended", lambda *_: None)
            town.cut_short(town.kills)
        assert town.desk.kinds()[-1] == "PARTS_KEPT"
    with open_office(town.office) as opened:
        town.desk = desk_of(opened)
        assert town.desk.kinds()[-1] == "FAILED"
        goes_on(town)


@pytest.mark.skipif(POSTGRESQL, reason="told of SQLite: a scheduler has no part in what is kept where")
def test_a_run_whose_scheduler_is_lost_goes_on_with_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    with town_in(tmp_path, "embedded") as town:
        (tmp_path / "first").mkdir()
        with running(tmp_path / "first", 1) as made:
            monkeypatch.setenv("PEELIAN_SCHEDULER", made.address)
            assert "does not answer" in str(town.cut_short(made.scheduler.kill))
        (tmp_path / "second").mkdir()
        with running(tmp_path / "second", 1) as made:
            monkeypatch.setenv("PEELIAN_SCHEDULER", made.address)
            town.cut_short(town.kills)
            assert town.said[0][0] == CONTINUED, "and it may be cut short again"
            found = goes_on(town)
        monkeypatch.delenv("PEELIAN_SCHEDULER")
        assert town.whole() == found, "part after part in one process: the same bits"
