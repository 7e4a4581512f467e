"""Kept parts of a run: what finished parts found is sealed now and then, and a later run of the same plan goes on.

The plan stands in STARTED, as a keyed token: capability, version, purpose, parameters, datasets, authorizations, and
how often the technology was suspended. Only a run of the same plan opens the parts, under its own permit, and the
opening is logged. Each part is bound to its plan, its step and its number. What is damaged is logged and computed anew.
A run under a warrant keeps nothing.
"""

from __future__ import annotations

import hashlib
import platform
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from time import monotonic

from peelian.errors import IntegrityError, OutOfOrder, PeelianError
from peelian.kernel.access.decryption_checks import the_opening_is_permitted, the_run_goes_on
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Authorization, Request, digest_of
from peelian.kernel.model.fan_out import R
from peelian.kernel.model.ports import KeepsRecords, RecordName, Records
from peelian.kernel.model.pseudonyms import PLAN
from peelian.kernel.retention.parts_expiry import end_parts, named_as
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.measure.canonical import canonical, canonical_digest, spelled

EVERY = 30.0  # seconds between two writes, at least: a quick run keeps nothing
SHARE = 0.05  # of the run's time that writing may take
COMPUTES = ("numpy", "scipy", "numba", "pyarrow", "duckdb")


def plan_of(
    kernel: Kernel, request: Request, authorizations: Mapping[AuthorizationKind, Authorization]
) -> dict[str, str]:
    """What STARTED says of a run's plan: a token, or nothing where it relies on a warrant."""
    if AuthorizationKind.WARRANT in authorizations:
        return {}
    technology = kernel.capability(request.capability).technology
    said = {
        "capability": request.capability,
        "version": kernel.office.version,
        "purpose": request.purpose,
        "params": spelled({name: value for name, value in request.params.items() if name != "title"}),
        "datasets": {role: [name, kernel.state.datasets[name].digest] for role, name in request.datasets.items()},
        "authorizations": {str(kind): digest_of(one) for kind, one in authorizations.items()},
        "suspended": kernel.state.suspensions[technology],
    }
    return {"plan": kernel.office.token(canonical_digest(said), of=PLAN)}


@act
def keeps_parts(kernel: Kernel, case: str, before: str, *, object: str) -> None:
    """Log that a run that goes on begins to keep parts, in place of what was kept of its plan before."""
    with kernel.lock:
        the_run_goes_on(kernel, case, before)
        parts, dataset, vault = kernel.state.objects.parts, _kept_as(kernel, case, before), kernel.stores.vault
        if not dataset or object in parts or not isinstance(vault, KeepsRecords) or not vault.is_new(object):
            raise OutOfOrder("This run keeps no parts.")
        end_parts(kernel, [one for one, kept in parts.items() if kept["dataset"] == dataset], why="replaced")
        kernel.append("PARTS_KEPT", case=case, before=before, object=object, dataset=dataset)


@act
def opens_parts(kernel: Kernel, case: str, before: str, *, object: str) -> int:
    """Log that a run that goes on opens what was kept of its plan; the entry's index. OutOfOrder or Refused where it
    may not, which is judged again before the key is unwrapped."""
    with kernel.lock:
        said = {"case": case, "before": before, "object": object, "dataset": _kept_as(kernel, case, before)}
        entry = kernel.entry("OPENED", said)
        the_opening_is_permitted(kernel, entry)
        return kernel.take(entry)


@act
def parts_damaged(kernel: Kernel, case: str, before: str, *, object: str, n: int) -> None:
    """Log that kept parts were damaged, cut or altered: they are computed anew."""
    with kernel.lock:
        the_run_goes_on(kernel, case, before)
        kernel.append("PARTS_DAMAGED", case=case, before=before, object=object, n=n)


def parts_over(kernel: Kernel, case: str) -> None:
    """What a case kept, or went on from, goes: its findings are committed or withheld, or a suspension stopped it."""
    parts = kernel.state.objects.parts
    named = {str(entry["object"]) for _, entry in kernel.state.histories[case].entries if "object" in entry}
    end_parts(kernel, named & parts.keys(), why="finished")


def _kept_as(kernel: Kernel, case: str, before: str) -> str:
    started = kernel.state.histories[case].after("STARTED", before)
    return named_as(str(started[-1].get("plan", ""))) if started else ""


@dataclass(slots=True, kw_only=True)
class KeptParts:
    """The kept parts of one run. Nothing of it ever fails the run: what cannot be kept is not kept."""

    kernel: Kernel
    of: tuple[str, str]  # the case, and the permit's digest
    stopwatch: Callable[[], float] = monotonic
    _steps: Counter[str] = field(default_factory=Counter)
    _waiting: list[tuple[RecordName, Callable[[], bytes]]] = field(default_factory=list)
    _records: Records | None = None
    _object: str = ""
    _looked: bool = False
    _stopped: bool = False
    _next: float = 0.0

    def __post_init__(self) -> None:
        self._next = self.stopwatch() + EVERY

    def step(self, says: str, of: int) -> PartsOfStep:
        """A step of the run that has so many parts; the same words again are another step."""
        self._steps[says] += 1
        told = canonical(["peelian kept parts 1", says, self._steps[says], of, _computed_with()])
        return PartsOfStep(kept=self, step=hashlib.sha256(told).hexdigest()[:32], of=of)

    def found(self, step: str, of: int, read: Callable[[bytes], R]) -> dict[int, R]:
        """What was kept of a step, by part. O(bytes)."""
        records, found, damaged = self._opened(), dict[int, R](), 0
        for name in sorted(records.names()) if records else ():
            if records and name[0] == step and name[1] < of:
                try:
                    found[name[1]] = read(records.get(name))
                except IntegrityError:
                    damaged += 1
        self._tell(damaged)
        return found

    def keep(self, name: RecordName, write: Callable[[], bytes]) -> None:
        """A part is finished: it is written with others, once it is time."""
        if not self._stopped:
            self._waiting.append((name, write))
            if self.stopwatch() >= self._next:
                self._write()

    def save(self) -> None:
        """The run fails: write what waits, where it went on for long."""
        if self._waiting and (self._records or self.stopwatch() >= self._next):
            self._write()

    def close(self) -> None:
        """Let the file go."""
        self._stopped = True
        self._waiting.clear()
        if self._records:
            self._records.close()

    def _write(self) -> None:
        began = self.stopwatch()
        try:
            records = self._opened() or self._begun()
            if records and records.writable:
                records.add([(name, write()) for name, write in self._waiting])
            else:
                self._stopped = True
        except Exception:  # the disk is full, the registrar is away: the run goes on
            self._stopped = True
        self._waiting.clear()
        now = self.stopwatch()
        self._next = now + max(EVERY, (now - began) / SHARE)

    def _opened(self) -> Records | None:
        """What an earlier run of the plan kept; None where there is nothing that can be read."""
        vault = self.kernel.stores.vault
        if self._looked or not isinstance(vault, KeepsRecords):
            return self._records
        self._looked = True
        with self.kernel.lock:
            dataset, parts = _kept_as(self.kernel, *self.of), self.kernel.state.objects.parts
            self._object = next((one for one, kept in parts.items() if kept["dataset"] == dataset), "")
        if self._object:
            try:
                if vault.lies_here(self._object):  # else nothing is logged that is not tried
                    intent = opens_parts(self.kernel, *self.of, object=self._object)
                    self._records = vault.records(self._object, intent=intent)
                    self._tell(int(self._records.cut))
            except IntegrityError:
                self._tell(1)
            except (PeelianError, OSError):
                pass
        return self._records

    def _begun(self) -> Records | None:
        vault = self.kernel.stores.vault
        dataset = _kept_as(self.kernel, *self.of)
        if not dataset or not isinstance(vault, KeepsRecords):
            return None
        self._object = secrets.token_hex(16)
        keeps_parts(self.kernel, *self.of, object=self._object)
        self._records = vault.begin_records(self._object, dataset=dataset)
        return self._records

    def _tell(self, damaged: int) -> None:
        if damaged:
            with suppress(PeelianError):
                parts_damaged(self.kernel, *self.of, object=self._object, n=damaged)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsOfStep:
    """Answers `fan_out.Step`."""

    kept: KeptParts
    step: str
    of: int

    def found(self, read: Callable[[bytes], R]) -> dict[int, R]:
        """What an earlier run kept, by the number of the part."""
        return self.kept.found(self.step, self.of, read)

    def keep(self, number: int, write: Callable[[], bytes]) -> None:
        """Keep what a part found."""
        self.kept.keep((self.step, number), write)


def _computed_with() -> list[str]:
    """What else the bits of a result follow from: the machine's kind, and versions."""
    found = [platform.machine(), platform.python_version()]
    for name in COMPUTES:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return found
