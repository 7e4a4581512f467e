"""Run worker: a run's arithmetic in a process of its own, which a suspension kills.

Whoever asked begins the run here, with their signature; the worker opens the office, goes on with that run and needs
nobody's key. It answers in lines of JSON over a pipe: progress, then the digest of the evidence or an error. A worker
that is killed or crashes leaves nothing: what it had begun to make is destroyed, and the log says that the run ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from peelian.child_process import child, end_with
from peelian.errors import PeelianError, Unreachable, Unsure
from peelian.integrations.part_workers import each_here
from peelian.kernel import verbs
from peelian.kernel.model.capability import Findings
from peelian.kernel.model.documents import Evidence, Permit, digest_of
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.findings import unpack
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs import evidence
from peelian.kernel.verbs.custody import turned_away
from peelian.kernel.verbs.evidence import CUT_SHORT as CUT_SHORT
from peelian.operations.office import Office, open_office
from peelian.operations.process_hardening import forbid_dumps
from peelian.told_errors import error_as_values, raised

LOOKS = 0.25  # seconds between two looks whether the technology was suspended


def run(
    office: Office, by: Operator, permit: Permit, *, progress: Progress = lambda says, share: None
) -> tuple[Evidence, Findings]:
    """Run what a permit allows; the signed evidence and the findings, or the run's error (`kernel/verbs/evidence.run`).

    Refused where the technology is suspended meanwhile: the worker is killed at once, and nothing of it remains. An
    office in memory runs in this process.
    """
    if office.path is None:
        return verbs.run(office.kernel, by, permit, progress=progress)
    kernel = office.kernel
    with kernel.stores.lease(permit.case, True):
        began = evidence.began_by(kernel, by, permit)
        order = {"office": str(office.path.absolute()), "case": permit.case, "began": msgspec.to_builtins(began)}
        try:
            answer = _answer(kernel, permit, order, progress)
            if "evidence" in answer:
                kernel.stores.follow()
                made = archived(kernel, answer["evidence"], Evidence)
                return made, unpack(kernel.stores.archive.get(made.findings))
            _ended(kernel, permit.case, began.before)
        except Unreachable:  # that it began is recorded
            raise Unsure(CUT_SHORT) from None
        if "error" in answer:
            raise raised(answer)
        raise PeelianError(CUT_SHORT)


def _answer(kernel: Kernel, permit: Permit, order: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The worker's last line; {} where it was killed or crashed."""
    technology = kernel.capability(permit.capability).technology
    answer: dict[str, Any] = {}
    with child(WORK, dict(order)) as worker:
        try:
            while not {"evidence", "error"} & answer.keys():
                if not worker.poll(LOOKS):
                    kernel.stores.follow()
                    if technology in kernel.state.suspended:
                        return {}
                    continue
                answer = json.loads(worker.recv_bytes())
                if "share" in answer:
                    progress(answer["says"], answer["share"])
        except (EOFError, OSError):
            return {}
    return answer


def _ended(kernel: Kernel, case: str, before: str) -> None:
    """What a run left that did not come to its end: nothing, and the log says why. Refused where it was suspended."""
    kernel.stores.follow()
    for name in [name for name, entry in kernel.state.unfinished.items() if entry.get("case") == case]:
        turned_away(kernel, name, error="Interrupted")
    if kernel.state.histories[case].state in ("FAILED", "WITHHELD", "REFUSED", "RAN"):
        return  # the worker said so itself
    evidence.still_permitted(kernel, case, before)
    evidence.failed(kernel, case, before, error="Interrupted")


def work(tells: Connection, order: Mapping[str, Any]) -> None:
    """The worker itself: it reads its order, goes on with the run, and ends with whoever gave it."""
    forbid_dumps()
    end_with(tells)

    def tell(**line: Any) -> None:
        tells.send_bytes(json.dumps(line).encode())

    try:
        began = msgspec.convert(order["began"], evidence.Began)
        with open_office(Path(order["office"])) as office:
            permit = archived(office.kernel, began.before, Permit)
            made, _ = evidence.go_on(
                office.kernel,
                permit,
                began,
                progress=lambda says, share: tell(says=says, share=share),
                each=each_here(),
            )
            tell(evidence=digest_of(made))
    except PeelianError as error:
        tell(**error_as_values(error))


WORK: Callable[[Connection, Mapping[str, Any]], None] = work
