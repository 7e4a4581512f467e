"""Runs of the toy that go on and keep parts, in an office on disk, embedded or divided."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from changed import changed
from desk import Desk, Hands
from divided import answering, desk_of, peopled
from toy import COUNT, TOY, WellParams

import peelian.operations.office
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Permit
from peelian.kernel.verbs import evidence
from peelian.kernel.verbs.kept_parts import KeptParts
from peelian.operations.dividing import divide
from peelian.operations.office import open_office


@dataclasses.dataclass(slots=True, kw_only=True)
class Going:
    """A run that goes on, and what it keeps, by a stopwatch that the test moves."""

    town: Desk
    permit: Permit
    of: tuple[str, str]
    kept: KeptParts
    seconds: list[float]
    steps: dict[tuple[str, int], Any] = dataclasses.field(default_factory=dict)

    def step(self, says: str, of: int) -> Any:
        """The first step that is said so."""
        if (says, of) not in self.steps:
            self.steps[says, of] = self.kept.step(says, of)
        return self.steps[says, of]

    def keep(self, *numbers: int, says: str = "step", of: int = 6) -> Going:
        """Keep these parts of a step, at once."""
        step = self.step(says, of)
        self.seconds[0] += 100
        for number in numbers:
            step.keep(number, lambda number=number: b"part %d" % number * 9)
            self.seconds[0] += 10_000
        return self

    def found(self, says: str = "step", of: int = 6, read: Any = bytes) -> dict[int, bytes]:
        """What an earlier run kept of it."""
        return dict(self.step(says, of).found(read))

    def fails(self) -> None:
        """As a run that was cut short."""
        self.kept.close()
        evidence.failed(self.town.kernel, *self.of, error="Interrupted")

    def commits(self, **changes: Any) -> None:
        """Its arithmetic comes to its end; with changes to its capability, where a test says so."""
        began = evidence.Began(before=self.of[1], authorizations={})
        with ExitStack() as closing:
            job = evidence._opened(self.town.kernel, self.permit, began, closing, lambda says, share: None)
            closing.callback(self.kept.close)
            job = dataclasses.replace(job, kept=self.kept, declared=changed(job.declared, **changes))
            evidence._done(self.town.kernel, job, closing, lambda says, share: None)


@dataclasses.dataclass(slots=True, kw_only=True)
class Town:
    """An office on disk, and one dataset of it."""

    desk: Desk
    folder: Path
    dataset: str

    def begun(self, deepest: int = 30, dataset: str = "") -> Going:
        """A new request of the same, and its run."""
        kernel, params = self.desk.kernel, WellParams(deepest=deepest)
        permit = self.desk.ask(COUNT, params=params, datasets={"wells": dataset or self.dataset})
        before = evidence.began_by(kernel, self.desk.people["analyst"], permit).before
        seconds = [0.0]
        kept = KeptParts(kernel=kernel, of=(permit.case, before), stopwatch=lambda: seconds[0])
        return Going(town=self.desk, permit=permit, of=(permit.case, before), kept=kept, seconds=seconds)

    def logged(self, kind: str) -> list[Any]:
        kernel = self.desk.kernel
        with kernel.lock:
            return [entry for _, entry in kernel.stores.log.read() if entry["kind"] == kind]

    @property
    def file(self) -> Path:
        """Where the parts lie that are kept now."""
        (object,) = self.desk.kernel.state.objects.parts
        return self.folder / "objects" / object


@contextmanager
def town_in(folder: Path, *, divided: bool) -> Iterator[Town]:
    """Embedded, its clock is the test's; a registrar has a clock of its own."""
    office, clock = folder / "office", Hands()
    with ExitStack() as closing, pytest.MonkeyPatch.context() as patch:
        patch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
        peopled(office, clock=None if divided else clock)
        if divided:
            divide(office, folder / "registrar", folder / "socket")
            closing.enter_context(answering(folder / "registrar", folder / "socket"))
        opened = closing.enter_context(open_office(office, clock=None if divided else clock))
        desk = dataclasses.replace(desk_of(opened), clock=clock)
        desk.authorizations(COUNT)
        desk.authorization(AuthorizationKind.ACCURACY_REPORT, COUNT, {"deepest": 40})
        wells = desk.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells")
        yield Town(desk=desk, folder=office, dataset=wells.dataset)


@pytest.fixture(params=["embedded", "divided"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    with town_in(tmp_path, divided=request.param == "divided") as made:
        yield made


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Town]:
    with town_in(tmp_path, divided=False) as made:
        yield made
