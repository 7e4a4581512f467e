"""`peelian try`: a throw-away office in memory that proves or audits with a stranger's own file."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from peelian.errors import InputError
from peelian.forms import from_flags
from peelian.governance import flow
from peelian.governance.acts import issue
from peelian.governance.capability import Capability, Findings, Paper, Purpose, Role, Technology, Trial
from peelian.governance.documents import Admission, Declaration, Evidence
from peelian.office import Office, memory_office
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph
from peelian.web.pdf import pdf
from peelian.web.report import report

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a trial left behind: the files it wrote, what was admitted and dropped, and the evidence's facts."""

    files: tuple[Path, ...]
    admissions: Mapping[str, Admission]
    evidence: Evidence
    facts: Mapping[str, Any]


def technology_of(name: str) -> tuple[Technology, Trial]:
    """The technology with this name and its trial; InputError names those that have one."""
    with memory_office() as office:
        known = {t.id: t for t in office.house.technologies if t.trial}
    if name not in known:
        raise InputError("no technology of that name can be tried", accepted=", ".join(sorted(known)))
    trial = known[name].trial
    assert trial is not None  # noqa: S101 - filtered above
    return known[name], trial


def trial(
    technology: str,
    files: Mapping[str, tuple[Path, str, Mapping[str, str]]],
    *,
    flags: Sequence[str] = (),
    out: Path,
    language: str = "en",
    progress: Progress = lambda says, share: None,
) -> Tried:
    """Admit the files (role → path, format, options), run the technology's trial, write an HTML and a JSON report.

    `flags` are the capability's own parameters; those not given are fitted to the file where the technology can do so.
    Nothing is written when it fails.
    """
    known, what = technology_of(technology)
    with memory_office(name="A trial, thrown away afterwards") as office:
        custodian = office.enrol("trial-custodian", name="Trial", unit="trial", roles=set(Role))
        admissions = {
            role: office.admit(
                custodian, path, _declaration(role, what.purpose), format=format, options=options, progress=progress
            )
            for role, (path, format, options) in files.items()
        }
        capability, main = _capability_for(known, what, admissions[what.role].shape)
        admissions = {main if role == what.role else role: made for role, made in admissions.items()}
        asked = from_flags(capability.params, flags)
        if capability.id == what.capability:
            given = {flag[2:].partition("=")[0].replace("-", "_") for flag in flags if flag.startswith("--")}
            asked = what.fitted(asked, given, admissions[main].facts)
        _papers(office, capability, what.purpose)
        permit = flow.ask(
            office.house,
            custodian,
            capability.id,
            purpose=what.purpose,
            params=asked,
            datasets={role: admission.dataset for role, admission in admissions.items()},
        )
        evidence, found = flow.run(office.house, custodian, permit, progress=progress)
        made = _report(office, capability, admissions, evidence, found, language=language)
        made["json"] = _record(office, capability, admissions, evidence, found, params=asked)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for ending, content in made.items():
        written.append(out / f"{technology}.{ending}")
        written[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
    return Tried(files=tuple(written), admissions=admissions, evidence=evidence, facts=found.facts)


def _report(
    office: Office,
    capability: Capability,
    admissions: Mapping[str, Admission],
    evidence: Evidence,
    found: Findings,
    *,
    language: str,
) -> dict[str, str | bytes]:
    """The report's files by ending: a page, a PDF where the extra is installed, and what the capability writes."""
    say = office.say(language, capability.technology)
    title, facts = say(capability.title), _facts(evidence, say)
    panels = [*_door_panels(admissions, say), *capability.view(found, say)]
    made: dict[str, str | bytes] = {"html": report(title, panels, language=language, facts=facts, say=say)}
    if find_spec("typst"):
        at = datetime.fromisoformat(evidence.at)
        made["pdf"] = pdf(title, panels, language=language, facts=facts, say=say, made=at)
    return made | {ending: write(found) for ending, write in capability.writings.items()}


def _record(
    office: Office,
    capability: Capability,
    admissions: Mapping[str, Admission],
    evidence: Evidence,
    found: Findings,
    *,
    params: Any,
) -> str:
    """Everything the trial found, as JSON; a value that is none is null."""
    say = office.say("en", capability.technology)
    record = {
        "schema": "peelian-trial/1",
        "capability": capability.id,
        "params": flow.spelled_params(params),
        "data": dict(evidence.data),
        "seed": evidence.seed,
        "version": evidence.version,
        "admitted": {role: _admission(a) for role, a in admissions.items()},
        "facts": {name: _plain(value) for name, value in found.facts.items()},
        "notes": [{"kind": n.kind, "text": say(n.text, **n.values)} for n in found.notes],
        "tables": {t.name: _rows(t) for t in found.tables},
    }
    return json.dumps(record, ensure_ascii=False, indent=1, default=str, allow_nan=False)


def _declaration(role: str, purpose: Purpose) -> Declaration:
    return Declaration(
        title=f"Trial data: {role}",
        purposes=(str(purpose),),
        legal_basis="a trial on the holder's own machine",
        minimisation="only the declared columns are read; nothing is kept after the trial",
        retention_days=1,
        source="the file given to the trial",
    )


def _capability_for(technology: Technology, trial: Trial, shape: str) -> tuple[Capability, str]:
    """The capability that reads a file of this shape, and under which role: the trial's own where it fits."""
    known = {capability.id: capability for capability in technology.capabilities}
    first = [known[trial.capability], *(c for c in technology.capabilities if trial.purpose in c.purposes)]
    for capability in first:
        for read in capability.reads:
            if read.shape == shape and not read.optional:
                return capability, read.role
    return known[trial.capability], trial.role


def _papers(office: Office, capability: Capability, purpose: Purpose) -> None:
    """The papers a trial leans on: a throw-away board's, with the bars of the capability's own example."""
    bodies = capability.example().papers
    issuer = office.enrol("trial-board", name="Trial", unit="trial board", roles=set(Role), by=_first(office))
    for need in capability.needs:
        if need.paper is Paper.ACCURACY_REPORT:
            raise InputError("this capability hands out advice and cannot be tried", accepted="a proof or an audit")
        body = bodies.get(need.paper, {})
        issue(office.house, issuer, need.paper, serves=capability.id, purposes=(purpose,), days=1, body=body)


def _first(office: Office) -> Any:
    return office.operator("trial-custodian")


def _door_panels(admissions: Mapping[str, Admission], say: Any) -> list[Panel]:
    panels: list[Panel] = [Heading(text=say("What came in, and what did not"))]
    for role, admission in admissions.items():
        kept = say("%(n)d rows were admitted as %(role)s.", n=admission.rows, role=role)
        panels.append(Paragraph(text=kept))
        if admission.dropped:
            rows = tuple((say(d["why"]), f"{d['n']:,}", f"{d['first_row']:,}") for d in admission.dropped)
            panels.append(
                Grid(
                    caption=say("Rows that were not kept"),
                    titles=(say("Why"), say("Rows"), say("First at row")),
                    rows=rows,
                    numeric=frozenset({1, 2}),
                )
            )
        else:
            panels.append(Paragraph(text=say("No row was dropped.")))
        for note in admission.notes:
            tone = "limit" if note["kind"] == "caveat" else "plain"
            panels.append(Paragraph(text=say(note["text"], **note["values"]), tone=tone))
    return panels


def _facts(evidence: Evidence, say: Any) -> list[tuple[str, str]]:
    data = [(say("Digest of %(role)s", role=role), value) for role, value in evidence.data.items()]
    return [(say("Run at"), evidence.at), (say("Seed"), str(evidence.seed)), *data]


def _admission(admission: Admission) -> dict[str, Any]:
    return {
        "format": admission.format,
        "rows": admission.rows,
        "digest": admission.digest,
        "facts": dict(admission.facts),
        "dropped": list(admission.dropped),
        "notes": list(admission.notes),
    }


def _rows(table: Any) -> list[dict[str, Any]]:
    return [dict(zip(table.names, map(_plain, row), strict=True)) for row in table.rows()]


def _plain(value: Any) -> Any:
    """JSON knows no number that is none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
