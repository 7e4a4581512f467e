"""Part workers: parts of a run in several processes (joblib), or on a cluster's workers (Dask distributed).

Which of them does the parts say two settings of the process: `PEELIAN_SCHEDULER`, the address of a Dask scheduler, or
else `PEELIAN_JOBS`, a number of processes. A worker that is killed changes nothing: what it had not finished is done
again. Parts that are done stay in this process's memory, and `step` keeps them sealed for a later run of the same plan.
Nothing that a worker gets is written to a disk: arrays are not mapped to files, a Dask worker that may spill is
refused, and no worker dumps its memory.
"""

from __future__ import annotations

import ipaddress
import os
import resource
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

import numpy as np

import peelian
from peelian.errors import InputError, PeelianError, sentence
from peelian.integrations.part_spelling import read, spelled
from peelian.kernel.model.fan_out import Each, InProcess, P, Parts, Progress, R, S, Step
from peelian.told_errors import error_as_values, raised

Answer = tuple[dict[str, Any] | None, Any]
Call = Callable[[Callable[[Any, Any, Progress], Any], Any, Any], Any]
"""One worker, always the same process: `call(function, shared, part)` is what the function returns there; its error is
raised here. Lost where the worker was lost before it answered."""


class Lost(Exception):
    """A worker was lost before it answered. Whoever called gives the part to another."""


class Crew(Protocol):
    """Workers that are spoken to one by one."""

    def workers(self) -> AbstractContextManager[Sequence[Call]]:
        """Those that are there; they are let go at the end of the context."""
        ...


JOBS, SCHEDULER = "PEELIAN_JOBS", "PEELIAN_SCHEDULER"
MOST_JOBS = 256
MOST_LOST = 10  # rounds one after the other in which workers were lost and no part was finished
ANSWERS_WITHIN = 15.0  # seconds in which a scheduler must answer
WORKERS_WITHIN = 60.0  # seconds for which a cluster may be without a worker
CONTINUED = "Continuing an interrupted run"
_LOOKS = 2.0  # seconds between two looks whether the scheduler is there
_WANTED = 0.25  # seconds between two looks, in a cluster's worker, whether its part is still waited for
_REMEDY = (
    "See that it runs and can be reached. Then request the same use again: parts that were kept are not done again."
)
_AWAY = "The Dask scheduler at %(address)s does not answer. %(remedy)s"
_NOT_TRUSTED = (
    "The Dask scheduler at %(address)s and this run do not trust each other's certificates. Check Dask's TLS settings, "
    "then make a new request."
)
_NO_CERTIFICATE = (
    "A Dask scheduler at tls:// needs certificates that can be read. Set Dask's TLS settings as the manual says, then "
    "make a new request."
)
_NO_WORKER = (
    "The Dask scheduler at %(address)s has no worker. Start one, then request the same use again: parts that were kept "
    "are not done again."
)
_LOST = (
    "Workers were lost %(n)d times while no part was finished. They may need more memory. Use fewer at a time, then "
    "request the same use again: parts that were kept are not done again."
)
_SPILLS = "A Dask worker may write data to its disk. Start it as the manual says, then make a new request."
_DUMPS = "A Dask worker may dump its memory to its disk. Start it as the manual says, then make a new request."
_OTHER = "A Dask worker runs other versions of the program or of NumPy. Install the same, then make a new request."
_ABSENT = "This needs Dask distributed, which is not installed: pip install 'peelian[scale]'"
_NO_JOBLIB = "This needs joblib, which is not installed: pip install 'peelian[scale]'"


def each_here() -> Each:
    """What does the parts by this process' own settings."""
    return each_in(os.environ)


def each_in(settings: Mapping[str, str]) -> Each:
    """The same by these settings; InputError where one of them is wrong."""
    if address := settings.get(SCHEDULER, ""):
        return Cluster(address=address)
    jobs = settings.get(JOBS, "") or "1"
    if not jobs.isascii() or not jobs.isdigit() or not 1 <= int(jobs) <= MOST_JOBS:
        raise InputError(
            "not a number of processes", column=JOBS, accepted=sentence("1 to %(most)d processes", most=MOST_JOBS)
        )
    return Processes(jobs=int(jobs)) if int(jobs) > 1 else InProcess()


def crew_here() -> Crew | None:
    """The workers that are spoken to one by one, by this process' own settings; None where there are none."""
    each = each_here()
    return each if isinstance(each, (Processes, Cluster)) else None


@dataclass(slots=True)
class Rounds:
    """Parts done so far, by number, over the rounds that losing workers takes. It begins with what was kept."""

    of: int
    progress: Progress
    says: str
    step: Step
    read: Callable[[bytes], Any] = read
    spelled: Callable[[Any], bytes] = spelled
    done: dict[int, Any] = field(default_factory=dict)
    lost: int = 0

    def __post_init__(self) -> None:
        self.done = self.step.found(self.read)
        if self.done:
            self.says = CONTINUED
            self.progress(CONTINUED, len(self.done) / self.of)

    def keep(self, number: int, answer: Answer) -> None:
        """What a part answered; its error is raised."""
        found = self.done[number] = _found(answer)
        self.step.keep(number, lambda: self.spelled(found))
        self.progress(self.says, len(self.done) / self.of)

    def __iter__(self) -> Iterator[list[int]]:
        """The parts that are still to be done, round after round; PeelianError after too many without any."""
        while len(self.done) < self.of:
            before = len(self.done)
            yield [number for number in range(self.of) if number not in self.done]
            self.lost = 0 if len(self.done) > before else self.lost + 1
            if self.lost >= MOST_LOST:
                raise PeelianError(sentence(_LOST, n=self.lost))


def _answer(function: Callable[[S, P, Progress], R], shared: S, part: P) -> Answer:
    """A part done in a worker: an error of ours, told, and what it returned."""
    try:
        return None, function(shared, part, lambda says, share: None)
    except PeelianError as error:
        return error_as_values(error), None


def _found(answer: Answer) -> Any:
    """What a part returned in a worker; its error is raised."""
    error, found = answer
    if error is not None:
        raise raised(error)
    return found


# ---- processes on this machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Processes:
    """Answers `Each` with joblib's processes, which end with this one."""

    jobs: int
    apart: bool = True

    def __call__(self, asked: Parts[S, P, R]) -> list[R]:
        """The results; PeelianError where processes are lost again and again."""
        try:
            from joblib import Parallel, delayed
            from joblib.externals.loky import get_reusable_executor
            from joblib.externals.loky.process_executor import BrokenProcessPool
        except ImportError:
            raise PeelianError(_NO_JOBLIB) from None
        rounds = Rounds(len(asked.parts), asked.progress, asked.says, asked.step)
        apart = Parallel(
            n_jobs=self.jobs,
            backend="loky",
            return_as="generator_unordered",
            batch_size=1,
            max_nbytes=None,  # else arrays are mapped to files, in clear
            initializer=_started,
            initargs=(os.getpid(), asked.function, asked.shared),  # once a process, not once a part
        )
        try:
            for waiting in rounds:
                try:
                    for number, answer in apart(delayed(_numbered)(k, asked.parts[k]) for k in waiting):
                        rounds.keep(number, answer)
                except BrokenProcessPool:
                    continue
        finally:
            get_reusable_executor().shutdown(wait=True, kill_workers=True)  # they hold what they were given
        return [rounds.done[number] for number in range(len(asked.parts))]

    @contextmanager
    def workers(self) -> Iterator[Sequence[Call]]:
        """As many processes, each an executor of its own, so that a part finds the process that it is for."""
        try:
            from joblib.externals.loky import ProcessPoolExecutor
        except ImportError:
            raise PeelianError(_NO_JOBLIB) from None
        made = [ProcessPoolExecutor(1, initializer=_started, initargs=(os.getpid(),)) for _ in range(self.jobs)]
        try:
            yield [partial(_asked_of_process, one) for one in made]
        finally:
            for one in made:
                one.shutdown(wait=True, kill_workers=True)


def _asked_of_process(executor: Any, function: Any, shared: Any, part: Any) -> Any:
    from joblib.externals.loky.process_executor import BrokenProcessPool

    try:
        return _found(executor.submit(_answer, function, shared, part).result())
    except BrokenProcessPool:
        raise Lost from None


_given: list[Any] = []  # in a process of `Processes`: the function, and what all its parts share


def _numbered(number: int, part: Any) -> tuple[int, Answer]:
    function, shared = _given
    return number, _answer(function, shared, part)


def _started(parent: int, *given: Any) -> None:
    """In the process: no core dump, and no longer there than whoever started it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _given[:] = given

    def looks() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=looks, daemon=True).start()


# ---- a cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Answers `Each` with the workers of a Dask scheduler: `tcp://` on this machine, `tls://` anywhere.

    The certificates are those of Dask's own settings (`DASK_DISTRIBUTED__COMM__TLS__…`).
    """

    address: str
    apart: bool = True

    def __call__(self, asked: Parts[S, P, R]) -> list[R]:
        """The results; PeelianError where the scheduler is lost or slow, has no worker, or one may not be used."""
        with self._client() as client:
            return self._done(client, asked)

    @contextmanager
    def workers(self) -> Iterator[Sequence[Call]]:
        """The cluster's workers of now; PeelianError as above."""
        with self._client() as client:
            self._must_have_workers(client)
            yield [partial(self._asked_of, client, address) for address in self._standing(client)]

    @contextmanager
    def _client(self) -> Iterator[Any]:
        _must_be_private(self.address)
        try:
            from distributed import Client
            from distributed.security import Security
        except ImportError:
            raise PeelianError(_ABSENT) from None
        try:
            security = _certificates(Security) if self.address.startswith("tls:") else None
            client = Client(self.address, timeout=ANSWERS_WITHIN, security=security, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise (
                PeelianError(sentence(_NOT_TRUSTED, address=self.address)) if _of_tls(error) else self._away()
            ) from None
        try:
            yield client
        finally:
            client.close(timeout=_LOOKS)

    def _asked_of(self, client: Any, address: str, *what: Any) -> Any:
        """What one worker answers; Lost once it is not there any more."""
        try:
            job = client.submit(_on_cluster, *what, workers=[address], pure=False)
            while not _ended(client, [job]):
                if address not in self._standing(client):
                    raise Lost
            answer = job.result(timeout=ANSWERS_WITHIN)
        except Exception as error:
            if not _is_loss(error):
                raise
            raise Lost from None
        return _found(answer)

    def _done(self, client: Any, asked: Parts[Any, Any, Any]) -> list[Any]:
        function, parts = asked.function, asked.parts
        rounds = Rounds(len(parts), asked.progress, asked.says, asked.step)
        for waiting in rounds:
            self._must_have_workers(client)
            try:
                held = client.scatter(asked.shared, broadcast=True, hash=False)
                jobs = {client.submit(_on_cluster, function, held, parts[k], pure=False): k for k in waiting}
            except (OSError, TimeoutError, RuntimeError):
                self._standing(client)
                continue
            self._gather(client, jobs, rounds)
        return [rounds.done[number] for number in range(len(parts))]

    def _gather(self, client: Any, jobs: dict[Any, int], rounds: Rounds) -> None:
        """Take what gets finished, until no part of this round is left; the others were lost with their workers."""
        absent = 0.0
        while jobs:
            ended = _ended(client, jobs)
            if not ended:
                absent = 0.0 if self._standing(client) else absent + _LOOKS
                if absent > WORKERS_WITHIN:
                    raise self._without_worker()
            for job in ended:
                number = jobs.pop(job)
                try:
                    rounds.keep(number, job.result(timeout=ANSWERS_WITHIN))
                except Exception as error:
                    if not _is_loss(error):
                        raise

    def _standing(self, client: Any) -> list[str]:
        """The addresses of the workers; PeelianError where the scheduler does not say so in time."""
        try:
            if client.status != "running":
                raise OSError
            return list(client.sync(client.scheduler.identity, callback_timeout=ANSWERS_WITHIN)["workers"])
        except (OSError, TimeoutError, RuntimeError, AttributeError):
            raise self._away() from None

    def _must_have_workers(self, client: Any) -> None:
        """One worker is there, and each may be used."""
        until = time.monotonic() + WORKERS_WITHIN
        while not self._standing(client):
            if time.monotonic() > until:
                raise self._without_worker()
            time.sleep(0.2)
        for found in client.run(_standing, on_error="ignore").values():
            _must_be_fit(found)

    def _away(self) -> PeelianError:
        return PeelianError(sentence(_AWAY, address=self.address, remedy=sentence(_REMEDY)))

    def _without_worker(self) -> PeelianError:
        return PeelianError(sentence(_NO_WORKER, address=self.address))


def _certificates(security: Callable[..., Any]) -> Any:
    """Dask's TLS settings; PeelianError where a certificate or its key is missing or cannot be read."""
    made = security(require_encryption=True)
    try:
        if made.get_connection_args("client")["ssl_context"] is None:
            raise FileNotFoundError
    except (OSError, ValueError):  # of them `SSLError`
        raise PeelianError(_NO_CERTIFICATE) from None
    return made


def _of_tls(error: BaseException | None) -> bool:
    """Whether a connection failed because one side does not trust the other: Dask tells by words alone."""
    while error is not None:
        if "SSLError" in f"{error!r}" or "TLS certificate" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _must_be_private(address: str) -> None:
    """InputError for an address at which others on the network could listen in."""
    accepted = "tls://host:port, or tcp://127.0.0.1:port for a scheduler on this machine"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or not port or parts.scheme not in ("tls", "tcp"):
        raise InputError("not the address of a scheduler", column=SCHEDULER, accepted=accepted)
    if parts.scheme == "tcp" and host != "localhost" and not _is_here(host):
        raise InputError("a scheduler on another machine without TLS", column=SCHEDULER, accepted=accepted)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _ended(client: Any, jobs: Iterable[Any]) -> list[Any]:
    """The jobs that ended, whatever way, within a short time."""
    from distributed import wait

    try:
        with client.as_current():
            wait(list(jobs), timeout=_LOOKS, return_when="FIRST_COMPLETED")
    except Exception as error:
        if not _is_loss(error):
            raise
    return [job for job in jobs if job.status != "pending"]


def _is_loss(error: BaseException) -> bool:
    """Whether a part ended without an answer because a worker, or what it held, was lost."""
    from distributed import KilledWorker

    return isinstance(error, (KilledWorker, CancelledError, OSError, TimeoutError))


def _standing(dask_worker: Any = None) -> dict[str, Any]:
    """In a worker: whether it may write what it holds to a disk, and what it runs."""
    return {
        "spills": type(dask_worker.data) is not dict,
        "dumps": resource.getrlimit(resource.RLIMIT_CORE) != (0, 0),
        "runs": [peelian.__version__, np.__version__],
    }


def _must_be_fit(found: Mapping[str, Any]) -> None:
    """PeelianError for a worker that spills, dumps, or would compute with another program."""
    if found["spills"]:
        raise PeelianError(_SPILLS)
    if found["dumps"]:
        raise PeelianError(_DUMPS)
    if found["runs"] != [peelian.__version__, np.__version__]:
        raise PeelianError(_OTHER)


def _on_cluster(function: Any, shared: Any, part: Any) -> Answer:
    """A part in a worker, which may have joined since the workers were looked at."""
    from distributed import get_worker

    worker = get_worker()
    try:
        _must_be_fit(_standing(worker))
    except PeelianError as error:
        return error_as_values(error), None
    with _ending_with_the_run(worker):
        return _answer(function, shared, part)


@contextmanager
def _ending_with_the_run(worker: Any) -> Iterator[None]:
    """While a part is done: the worker's process ends as soon as nobody waits for it. Its run was suspended, or died;
    Dask ends no part that was begun, and this one has rows and a data key in memory."""
    name, over = worker.get_current_task(), threading.Event()

    def looks() -> None:
        while not over.wait(_WANTED):
            task = worker.state.tasks.get(name)
            if task is None or task.state != "executing":
                os._exit(1)

    watching = threading.Thread(target=looks, daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()
