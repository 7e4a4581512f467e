"""`peelian try footage`: one recording redacted in a throw-away office: plan, copy, a sheet of before and after."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peelian.errors import InputError
from peelian.forms import from_flags
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel import verbs
from peelian.kernel.identity.custody_grounds import BYLAW, NEEDED
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Purpose, Role, Scalar
from peelian.kernel.model.documents import NOT_KNOWN, Declaration, Evidence
from peelian.kernel.model.people import Operator
from peelian.kernel.verbs import custody
from peelian.kernel.verbs.authorizations import sign_authorization
from peelian.kernel.verbs.redaction_review import looked_through
from peelian.operations.office import Office, new_office
from peelian.technologies.footage.formats.plan import read_plan
from peelian.technologies.footage.measure.plan import Plan, as_bytes, reviewed
from peelian.technologies.footage.proposal.declared import PROPOSE
from peelian.technologies.footage.redaction.contact_sheet import contact_sheet

Progress = Callable[[str, float], None]
UNREVIEWED = (
    "Nobody has reviewed this: every proposed box was taken as it is. Look at the whole copy, and listen to it, before "
    "it goes anywhere. contact-sheet.png shows what was covered: it is as sensitive as the recording."
)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """What a trial of footage left: its files, what was found and done, and what to know before using it."""

    files: tuple[Path, ...]
    facts: Mapping[str, Scalar]
    says: str


def redact_clip(
    file: Path,
    *,
    out: Path,
    flags: Sequence[str] = (),
    plan: Path | None = None,
    progress: Progress = lambda says, share: None,
) -> Redacted:
    """Redact one recording; `plan` is a plan to use instead of a proposal (one that was edited).

    The recording is only read. Nothing is written when it fails. The office lies in a temporary folder beside the
    output, encrypted, and is gone afterwards.
    """
    asked = from_flags(PROPOSE.asks.params, flags)
    beside = next(folder for folder in (out.resolve(), *out.resolve().parents) if folder.is_dir())
    with TemporaryDirectory(prefix=".trial-", dir=beside) as place:
        with new_office(Path(place) / "office", name="A trial, thrown away afterwards") as office:
            office.asking(ThrownAway())
            clerk = office.enrol("trial-clerk", name="Trial", unit="trial", roles={Role.CLERK, Role.CUSTODIAN})
            _approved(office, clerk)
            item = office.keep_object(
                clerk, file, _declaration(), format="video", options={"recorded_at": _time_of(file)}, progress=progress
            )
            data = {"item": item.dataset}
            proposal = _given(plan) if plan else _proposed(office, clerk, data, asked, progress)
            confirmed = reviewed(proposal, by=clerk.person.token, at=f"{office.kernel.now():%Y-%m-%dT%H:%M:%SZ}")
            kept = custody.keep(
                office.kernel, clerk, _declaration(), BytesIO(as_bytes(confirmed)), format="redaction-plan"
            )
            datasets = {"item": item.dataset, "plan": kept.dataset}
            evidence, facts = _ran(office, clerk, "footage.redact", datasets, progress=progress)
            made = _written(office, clerk, evidence, Path(place), pictures=confirmed.pictures)
        (made / "plan.json").write_bytes(as_bytes(proposal))
        out.mkdir(parents=True, exist_ok=True)
        names = ("redacted.mp4", "plan.json", "contact-sheet.png")
        for name in names:
            os.replace(made / name, out / name)
    return Redacted(files=tuple(out / name for name in names), facts=facts, says=UNREVIEWED)


def _approved(office: Office, clerk: Operator) -> None:
    """The papers that a recording is kept on, as a throw-away council's: the office is gone with the trial."""
    for kind, body in zip(NEEDED, ({BYLAW: sha256(b"a trial").hexdigest()}, {}), strict=True):
        told: dict[str, Any] = {"serves": "footage.*", "purposes": ("disclosure",), "days": 1, "body": body}
        sign_authorization(office.kernel, clerk, kind, **told, before="")


def _proposed(office: Office, clerk: Operator, data: Mapping[str, str], params: Any, progress: Progress) -> Plan:
    evidence, _ = _ran(office, clerk, PROPOSE.id, data, params=params, progress=progress)
    prove(office.kernel, clerk)
    with looked_through(office.kernel, clerk, evidence) as files:
        return read_plan(files["plan"])


def _ran(
    office: Office,
    clerk: Operator,
    capability: str,
    datasets: Mapping[str, str],
    *,
    params: Any = None,
    progress: Progress,
) -> tuple[Evidence, Mapping[str, Scalar]]:
    """A case asked and run; the trial has nobody to decide it, and hands nothing over."""
    asked = params if params is not None else office.kernel.capability(capability).asks.params()
    permit = verbs.ask(
        office.kernel, clerk, capability, purpose=Purpose.DISCLOSURE, params=asked, datasets=dict(datasets)
    )
    evidence, found = verbs.run(office.kernel, clerk, permit, progress=progress)
    return evidence, found.facts


def _written(office: Office, clerk: Operator, evidence: Evidence, place: Path, *, pictures: int) -> Path:
    """The copy and the contact sheet as files in the temporary folder."""
    prove(office.kernel, clerk)
    with looked_through(office.kernel, clerk, evidence) as files:
        with (place / "redacted.mp4").open("wb") as into:
            while piece := files["redacted"].read(_PIECE):
                into.write(piece)
        sheet = contact_sheet(files["item"], files["redacted"], count=pictures)
    (place / "contact-sheet.png").write_bytes(sheet)
    return place


def _given(path: Path) -> Plan:
    if not path.is_file():
        raise InputError("no such plan", file=path.name, accepted="plan.json of an earlier trial, edited")
    with path.open("rb") as file:
        return dataclasses.replace(read_plan(file), reviewer="", reviewed_at="")


def _time_of(file: Path) -> str:
    if not file.is_file():
        raise InputError("no such file", file=file.name, accepted="a recording: MP4, MOV, MKV, WebM, AVI, MPEG")
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat()


def _declaration() -> Declaration:
    return Declaration(
        title="Trial recording",
        purposes=(str(Purpose.DISCLOSURE), str(Purpose.OVERSIGHT)),
        legal_basis="a trial on the holder's own machine",
        minimisation="one recording; nothing is kept after the trial",
        retention_days=1,
        source="the file given to the trial",
        people=NOT_KNOWN,  # the trial asks for no list
    )
