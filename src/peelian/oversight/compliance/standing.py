"""Where an office stands on each requirement: pass, fail, or needs a human. Nothing passes without evidence."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peelian.errors import OutOfOrder
from peelian.kernel.model.ports import Entry, Log
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.assessment.documents import Kept, kept_of
from peelian.oversight.compliance import assessed, checks
from peelian.oversight.compliance.catalogue import Requirement, body_cameras, catalogue
from peelian.oversight.compliance.checks import Check, Proof
from peelian.oversight.compliance.footage_checks import FOOTAGE_CHECKS, used

PASS, FAIL, HUMAN, BUILT = "pass", "fail", "human", "built"  # built: the program has it, and nothing here shows it
HELD = "tested in this version"
BROKEN = "test failed"
NOT_RUN = "no result given for its test"
NOTHING = "no evidence"
NOT_SHOWN = "no entry of this office's log shows it"

CHECKS: Mapping[str, Check] = {
    "decided_by_others": checks.decided_by_others,
    "overruled": checks.overruled,
    "trained": checks.trained,
    "accurate": checks.accurate,
    "drift": checks.drifting,
    "no_person": checks.no_person,
    "no_points": checks.no_points,
    "no_plates": checks.no_plates,
    "log_kept_half_a_year": checks.KEPT_HALF_A_YEAR,
    "log_kept_a_year": checks.KEPT_A_YEAR,
    "yearly": checks.yearly_report,
    "declared": checks.declared,
    "privileges": checks.privileges_reviewed,
    "separated": checks.separated,
    "opened": checks.opened,
    "tokens": checks.tokens,
    "stamps": checks.stamps,
    "weekly": checks.weekly,
    "drilled": checks.drilled,
    "tools": checks.reported_tools,
    "open_source": checks.open_source,
    "assessed": assessed.assessed,
    "recomputed": assessed.recomputed,
    "unchanged": assessed.unchanged,
    "peers": assessed.peers,
    "approved": assessed.approved,
    "explained": assessed.EXPLAINED,
    "noticed": assessed.NOTICED,
    "groups": assessed.GROUPED,
    "fallback": assessed.FALLING_BACK,
    "rights": assessed.rights,
    "vendors": assessed.vendors,
    "registered": assessed.registered,
    **FOOTAGE_CHECKS,
}
"""Every check by the name the catalogue uses."""

Results = Mapping[str, bool]
"""Tests by name ("tests/a/test_b.py::test_c"), and whether they passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the office stands on one requirement, on which proofs, and what a person produced for it."""

    requirement: Requirement
    status: str
    proofs: tuple[Proof, ...]
    produced: Kept | None


class Seen:
    """A log as it was when it was first read: every check looks at the same entries, and none reads the disk again."""

    def __init__(self, log: Log) -> None:
        self.entries, self._log = tuple(log.read()), log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def read(self, start: int = 0, kinds: Collection[str] = ()) -> Iterator[tuple[int, Entry]]:
        """Entries from `start` on, of these kinds (none: of all)."""
        return (pair for pair in self.entries[start:] if not kinds or pair[1]["kind"] in kinds)

    def append(self, entry: Entry) -> int:
        """Never: looking at an office changes nothing."""
        raise OutOfOrder("A check cannot write anything.")

    def append_all(self, entries: Sequence[Entry]) -> list[int]:
        raise OutOfOrder("A check cannot write anything.")


def standings(kernel: Kernel, *, results: Results | None = None) -> tuple[Standing, ...]:
    """Every requirement's standing, in the catalogue's order; those of body cameras once recordings are kept.

    Without `results` a test's name is this version's promise, which alone meets nothing: the requirement is built in.
    With them a test that failed, or is not among them, speaks against. O(checks · entries); the log is read once.
    """
    log: Any = Seen(kernel.stores.log)
    seen = dataclasses.replace(kernel, stores=dataclasses.replace(kernel.stores, log=log))
    wanted = (*catalogue(), *(body_cameras() if used(seen) else ()))
    names = {name for requirement in wanted for name in requirement.checks}
    found = {name: tuple(check(seen)) for name, check in CHECKS.items() if name in names}
    produced = {str(kept.body["requirement"]): kept for kept in kept_of(seen, "produced") if kept.fresh(kernel.now())}
    return tuple(_standing(r, found, results, produced.get(r.id)) for r in wanted)


def tally(standing: Sequence[Standing]) -> Mapping[str, int]:
    """How many pass, are built in and not shown, fail and need a human."""
    counted = Counter(one.status for one in standing)
    return {status: counted[status] for status in (PASS, BUILT, FAIL, HUMAN)}


def _standing(
    requirement: Requirement, found: Mapping[str, tuple[Proof, ...]], results: Results | None, kept: Kept | None
) -> Standing:
    shown = [proof for name in requirement.checks for proof in found[name]]
    if requirement.shown and not shown:
        shown = [Proof(holds=False, kind="setting", ref=requirement.id, says=NOT_SHOWN)]
    proofs = (*(_tested(test, results) for test in requirement.tests), *shown)
    produced = kept is not None or any(proof.holds for proof in found.get(requirement.produced_by, ()))
    if not all(proof.holds for proof in proofs):
        status = FAIL
    elif requirement.human and not produced:
        status = HUMAN
    elif produced or any(proof.kind != "test" for proof in proofs) or (proofs and results is not None):
        status = PASS
    elif proofs:
        status = BUILT
    else:
        status = FAIL
        proofs = (Proof(holds=False, kind="setting", ref=requirement.id, says=NOTHING),)
    return Standing(requirement=requirement, status=status, proofs=proofs, produced=kept)


def _tested(test: str, results: Results | None) -> Proof:
    if results is None:
        return Proof(holds=True, kind="test", ref=test, says=HELD)
    own = [passed for name, passed in results.items() if name == test or name.startswith((f"{test}::", f"{test}["))]
    says = HELD if own and all(own) else BROKEN if own else NOT_RUN
    return Proof(holds=says == HELD, kind="test", ref=test, says=says)
