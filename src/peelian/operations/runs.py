"""Runs: what the pages of this process have started, each in a job. One case is run once, however often it is sent.

A run goes on while its person looks elsewhere. A ticket stands for it until they open its case after its end: they are
told whichever process serves them, and after a crash.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta

from peelian.errors import IntegrityError
from peelian.kernel.model.documents import Permit
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.operations import run_worker
from peelian.operations.jobs import Job
from peelian.operations.office import Office
from peelian.oversight.transparency.register import STATES

STARTED = "run"  # tickets: case → the token of whoever started it
KEPT, MOST = timedelta(days=30), 1_000
REMEMBERED = 200  # jobs, for what they failed with


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """How far a run is: what it is at (a message id) and its share (0 to 1); None where another process runs it."""

    says: str = ""
    share: float | None = None


class Runs:
    """The runs of this process, by case."""

    def __init__(self, office: Office) -> None:
        self._office, self._lock = office, threading.Lock()
        self._jobs: dict[str, Job] = {}

    def begin(self, by: Operator, permit: Permit) -> Job | None:
        """The run of this permit: the one that goes on, or a new one; None where it began before."""
        with self._lock:
            job, case = self._jobs.get(permit.case), permit.case
            if job is not None and not job.ended:
                return job
            if self._office.kernel.state.histories[case].state != "PERMITTED":
                return None
            while len(self._jobs) >= REMEMBERED and (old := next((c for c, j in self._jobs.items() if j.ended), "")):
                del self._jobs[old]
            self._jobs[case] = Job(lambda tell: self._run(by, permit, tell))
            return self._jobs[case]

    def follow(self, case: str, tell: Progress) -> None:
        """Tell how far a run of this process is until it has ended; raises what it failed with."""
        job = self._jobs.get(case)
        while job is not None and not job.wait(0.2):
            tell(job.says, job.share)
        if job is not None:
            job.outcome()

    def going(self, case: str) -> Going | None:
        """How far a case's run is; None where none goes on."""
        job = self._jobs.get(case)
        if job is not None and not job.ended:
            return Going(says=job.says, share=job.share)
        running = STATES.get(self._office.kernel.state.histories[case].state) == "running"
        return Going() if running else None

    def error(self, case: str) -> Exception | None:
        """What a run of this process failed with. IntegrityError is raised: it stops the office."""
        job = self._jobs.get(case)
        error = job.error if job is not None and job.ended else None
        if isinstance(error, IntegrityError):
            raise error
        return error

    def _run(self, by: Operator, permit: Permit, tell: Progress) -> None:
        kernel = self._office.kernel
        kernel.stores.tickets.forget(STARTED, kernel.now() - KEPT)
        kernel.stores.tickets.put(STARTED, permit.case, by.person.token, kernel.now(), most=MOST)
        run_worker.run(self._office, by, permit, progress=tell)


def ended_unseen(kernel: Kernel, person: str) -> list[str]:
    """The cases whose runs ended and that their person (a token) did not open since, the newest first. O(tickets)."""
    own = [case for case, who in reversed(kernel.stores.tickets.all(STARTED)) if who == person]
    known = kernel.state.histories.several(own)
    return [case for case in own if case in known and STATES.get(known[case].state) not in ("permitted", "running")]


def seen(kernel: Kernel, person: str, case: str) -> None:
    """Their person opened the case after its run."""
    if kernel.stores.tickets.get(STARTED, case) == person:
        kernel.stores.tickets.take(STARTED, case)
