"""`peelian try`: a throw-away office in memory that proves or audits with a stranger's own file."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from peelian.demos.labels import Key
from peelian.demos.trial_runs import Files, Progress, Ran, Room, opened_room, run_apart, run_here
from peelian.errors import NotEnoughData
from peelian.forms import from_flags
from peelian.kernel.model.capability import AuthorizationKind, Capability
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.params import spelled_params
from peelian.kernel.model.technology import Trial
from peelian.operations.outside_uses import entered, used
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Picture, Say
from peelian.pictures.words import english
from peelian.web.pdf import in_two
from peelian.web.report import report
from peelian.wording.errors import translated

OUTSIDE = "Made outside any office: no authorization, not for operations."
WORDS_OUTSIDE: Mapping[str, str] = {
    "Acceptance criteria met. The board decides on adoption.": (
        "Acceptance criteria of this trial met. Only an office can adopt a model."
    ),
}
"""What a view says of an office → what is said where there is none."""
MOST_CONCLUSIONS = 4
NUMBERED = "Labels of no public classification are numbered in the report."
ANEW = "The earlier trial in this folder was stopped. This one starts anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a trial left behind: the files it wrote, what was admitted and dropped, what each run found.

    `left_out` holds the title of what was not run and why; `says` are the sentences that compare several runs.
    """

    files: tuple[Path, ...]
    capability: Capability
    admissions: Mapping[str, Admission]
    ran: tuple[Ran, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    says: tuple[str, ...] = ()
    key: Path | None = None  # in the folder of the report: which number stands for which label
    say: Say = english

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the first run."""
        return self.ran[0].findings.facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What a trial found, before anything of it is written: what its documents are made of.

    `left_out` holds the parameters of what was not run and why, `waiting` those of what is still to come; `key` which
    number stands for which label.
    """

    technology: str
    trial: Trial
    capability: Capability
    admissions: Mapping[str, Admission]
    ran: tuple[Ran, ...]
    left_out: tuple[tuple[Any, str], ...]
    key: Key
    language: str
    say: Say
    waiting: tuple[Any, ...] = ()

    @property
    def across(self) -> Panels:
        """What several runs say side by side."""
        return self.trial.overview([one.findings for one in self.ran], self.say)

    @property
    def told_left_out(self) -> tuple[tuple[str, str], ...]:
        """The title of what was not run and why, in the reader's language."""
        return tuple((self.trial.title(params, self.say), translated(why, self.say)) for params, why in self.left_out)


def attempt(
    technology: str,
    files: Files,
    *,
    flags: Sequence[str] = (),
    language: str = "en",
    progress: Progress = lambda says, share: None,
    arrived: Callable[[Attempt], None] | None = None,
) -> Attempt:
    """Admit the files (role → path, format, options) and run the technology's trial; nothing is written.

    `flags` are the capability's own parameters; those not given are fitted to the file where the technology can do so,
    and it may make several runs of them (a back-test for each category). `arrived` is told of all that was found so
    far, each time that something came to it. Where an office is named its log says what is tried before anything runs.
    """
    entered(technology)
    with opened_room(technology, files, progress) as room:
        tried = room.admissions[room.main]
        used(technology, tried.format, rows=tried.rows, data=tried.digest)
        made = Attempt(
            technology=technology,
            trial=room.trial,
            capability=room.capability,
            admissions=room.admissions,
            ran=(),
            left_out=(),
            key=room.key,
            language=language,
            say=room.office.say(language, room.capability.technology),
        )
        with closing(_stages(made, room, files, flags, progress, at_once=arrived is not None)) as stages:
            for made in stages:
                if arrived is not None:
                    arrived(made)
        return made


def documents(made: Attempt) -> dict[str, str | bytes]:
    """The documents of an attempt by file name: a page, a PDF and its annex where the extra is installed, the
    capability's own, and a record."""
    return _report(made) | {f"{made.technology}.json": _record(made)}


def write_documents(made: Attempt, out: Path) -> tuple[Path, ...]:
    """Write the documents of an attempt into the folder `out`, each of them whole or not at all; their paths."""
    ready = documents(made)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in ready.items():
        unfinished = out / f".{name}.part"
        try:
            unfinished.write_bytes(content if isinstance(content, bytes) else content.encode())
            unfinished.replace(out / name)
        finally:
            unfinished.unlink(missing_ok=True)
    return tuple(out / name for name in ready)


def trial(
    technology: str,
    files: Files,
    *,
    flags: Sequence[str] = (),
    out: Path,
    language: str = "en",
    progress: Progress = lambda says, share: None,
    heard: Callable[[str], None] = lambda line: None,
) -> Tried:
    """An attempt, and its HTML, PDF and JSON report in the folder `out`. Nothing is written before there is an answer.

    The report is written again each time that a run was added, and `heard` gets a line that says what is in it.
    """
    written: tuple[Path, ...] = ()
    key: Path | None = None

    def arrived(made: Attempt) -> None:
        nonlocal written, key
        written = write_documents(made, out)
        key = made.key.write(out / f"{made.technology}.labels.csv")
        heard(_so_far(made, written[0]))

    made = attempt(technology, files, flags=flags, language=language, progress=progress, arrived=arrived)
    return Tried(
        files=written,
        capability=made.capability,
        admissions=made.admissions,
        ran=made.ran,
        left_out=made.told_left_out,
        says=tuple(panel.text for panel in made.across if isinstance(panel, Paragraph)),
        key=key,
        say=made.say,
    )


def stopped_before(out: Path, technology: str) -> bool:
    """Whether the report in this folder was stopped before it had everything."""
    try:
        return bool(json.loads((out / f"{technology}.json").read_bytes()).get("waiting"))
    except (OSError, ValueError, AttributeError):
        return False


def _titles(made: Attempt, params: Sequence[Any]) -> str:
    """The titles of runs, one after the other."""
    return ", ".join(made.trial.title(one, made.say) or made.say(made.capability.title) for one in params)


def _so_far(made: Attempt, page: Path) -> str:
    """The line that says what a report holds, and what is still to come."""
    there = _titles(made, [one.params for one in made.ran])
    if not made.waiting:
        return made.say("%(file)s is complete: %(there)s.", file=page, there=there)
    says = "%(file)s holds %(there)s so far. Still to come, in full: %(waiting)s."
    return made.say(says, file=page, there=there, waiting=_titles(made, made.waiting))


def trial_lines(tried: Tried) -> list[str]:
    """What a trial did, line by line for a terminal, in the language of its report."""
    say, lines = tried.say, []
    for role, admission in tried.admissions.items():
        read_as = say(tried.capability.title_of(role))
        lines.append(
            say(
                "%(n)d %(n:row|rows) imported as %(role)s (%(format)s).",
                n=admission.rows,
                role=read_as,
                format=admission.format,
            )
        )
        for drop in admission.dropped:
            values = {"n": drop["n"], "row": drop["first_row"], "why": say(drop["why"])}
            lines.append("  " + say("left out: %(n)d %(n:row|rows), first at row %(row)d: %(why)s", **values))
        lines += ["  " + say(note["text"], **note["values"]) for note in admission.notes]
    if tried.says:
        left_out = (say("Left out: %(what)s: %(why)s", what=what, why=why) for what, why in tried.left_out)
        lines += ["", *tried.says, *left_out, ""]
    lines += ["", *_conclusions(tried), ""] if len(tried.ran) == 1 else []
    lines += [say("Written: %(path)s", path=path) for path in tried.files]
    return lines + ([say(NUMBERED), say("Key, for nobody else: %(path)s", path=tried.key)] if tried.key else [])


def _conclusions(tried: Tried) -> list[str]:
    """The first sentences of the report of a single run."""
    seen = tried.capability.arithmetic().shows.view(tried.ran[0].findings, _outside(tried.say))
    said = [panel.text for panel in seen if isinstance(panel, Paragraph) and panel.tone != "limit"]
    return said[:MOST_CONCLUSIONS]


def _stages(
    base: Attempt, room: Room, files: Files, flags: Sequence[str], progress: Progress, *, at_once: bool
) -> Generator[Attempt]:
    """What has run so far each time that something was added: first a smaller run, where one is wanted at once."""
    asked = from_flags(room.capability.asks.params, flags)
    facts = room.admissions[room.main].facts
    given = frozenset(flag[2:].partition("=")[0].replace("-", "_") for flag in flags if flag.startswith("--"))
    runs = room.trial.runs(room.trial.fitted(asked, given, facts), given, facts)
    quick = _quick(room, runs.each[0], progress) if at_once else ()
    if quick:
        yield replace(base, ran=quick, left_out=runs.left_out, waiting=runs.each)
    if len(runs.each) == 1:
        yield replace(base, ran=(run_here(room, runs.each[0], progress),), left_out=runs.left_out)
        return
    made: dict[int, Ran | str] = {}
    for number, one in run_apart(base.technology, files, runs.each, progress):
        made[number] = one
        there = sorted(made.items())
        ran = tuple(one for _, one in there if isinstance(one, Ran))
        little = tuple((runs.each[k], one) for k, one in there if isinstance(one, str))
        waiting = tuple(params for k, params in enumerate(runs.each) if k not in made)
        ran = (*(() if 0 in made else quick), *ran)
        if not ran and not waiting and runs.otherwise is not None:
            ran = (run_here(room, runs.otherwise, progress),)
        if ran:
            yield replace(base, ran=ran, left_out=(*little, *runs.left_out), waiting=waiting)


def _quick(room: Room, params: Any, progress: Progress) -> tuple[Ran, ...]:
    """The smaller run of these parameters; nothing where there is none, or too little data for it."""
    smaller = room.trial.first(params)
    try:
        return () if smaller == params else (run_here(room, smaller, progress),)
    except NotEnoughData:
        return ()


def _report(made: Attempt) -> dict[str, str | bytes]:
    """The report's files by name: a page, a PDF and its annex where the extra is installed, the capability's own.

    What was imported stands last: a report begins with its answer.
    """
    capability, say, ran, name = made.capability, _outside(made.say), made.ran, made.technology
    title, facts = say(capability.title), _facts(made)
    panels = _still_to_come(made) + _without_places(made) + _across_panels(made.across, made.told_left_out, say)
    for one in ran:
        panels += [Heading(text=made.trial.title(one.params, say))] if len(ran) > 1 else []
        seen = capability.arithmetic().shows.view(one.findings, say)
        panels += [_below(panel) for panel in seen] if len(ran) > 1 else seen
    panels += _door_panels(capability, made.admissions, say)
    shown: dict[str, Any] = {"language": made.language, "facts": facts, "say": say, "mark": say(OUTSIDE)}
    files: dict[str, str | bytes] = {f"{name}.html": report(title, panels, **shown)}
    if find_spec("typst"):
        shown["made"] = datetime.fromisoformat(ran[0].evidence.at)
        annex = f"{name}-annex.pdf"
        files[f"{name}.pdf"], more = in_two(title, panels, **shown, annex=annex)
        files |= {annex: more} if more else {}
    writings = capability.arithmetic().shows.writings
    return files | {f"{name}.{ending}": write(ran[0].findings) for ending, write in writings.items()}


def _outside(say: Say) -> Say:
    """Words as `say` has them, for a reader who has no office and no board."""
    return lambda text, **values: say(WORDS_OUTSIDE.get(text, text), **values)


def _still_to_come(made: Attempt) -> list[Panel]:
    """That the report is not complete, as long as it is not."""
    says = "This report is not complete. Still to come, in full: %(waiting)s."
    told = made.say(says, waiting=_titles(made, made.waiting))
    return [Paragraph(text=told, tone="warning")] if made.waiting else []


def _without_places(made: Attempt) -> list[Panel]:
    """That a report of what names places holds none of them."""
    says = "This report names no place. An office that has assessed this use is told the places."
    assessed = any(need.kind is AuthorizationKind.IMPACT_ASSESSMENT for need in made.capability.needs)
    return [Paragraph(text=made.say(says), tone="limit")] if assessed else []


def _below(panel: Panel) -> Panel:
    """A part of one run among several: its headings stand under that run's own, and its pictures and tables fold."""
    if isinstance(panel, (Picture, Grid)):
        return replace(panel, folded=True)
    return replace(panel, level=3) if isinstance(panel, Heading) else panel


def _across_panels(across: Panels, left_out: Sequence[tuple[str, str]], say: Any) -> list[Panel]:
    """What several runs say side by side, and what was not run."""
    made: list[Panel] = [Heading(text=say("Summary")), *across] if across else []
    if left_out:
        titles = (say("Item"), say("Reason"))
        made.append(Grid(caption=say("Left out of this trial"), titles=titles, rows=tuple(left_out), folded=True))
    return made


def _record(made: Attempt) -> str:
    """Everything the trial found, as JSON; a value that is none is null. Several runs stand under `runs`."""
    runs = [_run_record(made, one) for one in made.ran]
    record = {
        "schema": "peelian-trial/1",
        "made": OUTSIDE,
        "capability": made.capability.id,
        "admitted": {role: _admission(a) for role, a in made.admissions.items()},
        **(runs[0] if len(runs) == 1 else {"runs": runs}),
        "waiting": [spelled_params(params) for params in made.waiting],
        "left_out": [{"params": spelled_params(params), "why": why} for params, why in made.left_out],
    }
    return json.dumps(record, ensure_ascii=False, indent=1, default=str, allow_nan=False)


def _run_record(made: Attempt, one: Ran) -> dict[str, Any]:
    found = one.findings
    return {
        "params": spelled_params(one.params),
        "data": dict(one.evidence.data),
        "seed": one.evidence.seed,
        "version": one.evidence.version,
        "facts": {name: _plain(value) for name, value in found.facts.items()},
        "notes": [{"kind": n.kind, "text": english(n.text, **n.values)} for n in found.notes],
        "tables": {t.name: _rows(t) for t in found.tables},
    }


def _door_panels(capability: Capability, admissions: Mapping[str, Admission], say: Any) -> list[Panel]:
    panels: list[Panel] = [Heading(text=say("Import summary"))]
    for role, admission in admissions.items():
        kept = say("%(n)d %(n:row|rows) imported as %(role)s.", n=admission.rows, role=say(capability.title_of(role)))
        panels.append(Paragraph(text=kept))
        if admission.dropped:
            rows = tuple(
                (say(d["why"]), say("%(n)d", n=d["n"]), say("%(n)d", n=d["first_row"])) for d in admission.dropped
            )
            panels.append(
                Grid(
                    caption=say("Rows left out"),
                    titles=(say("Reason"), say("Rows"), say("First row")),
                    rows=rows,
                    numeric=frozenset({1, 2}),
                )
            )
        else:
            panels.append(Paragraph(text=say("No rows left out.")))
        for note in admission.notes:
            tone = "limit" if note["kind"] == "caveat" else "plain"
            panels.append(Paragraph(text=say(note["text"], **note["values"]), tone=tone))
    return panels


def _facts(made: Attempt) -> list[tuple[str, str]]:
    evidence, say = made.ran[0].evidence, made.say
    data = [
        (say("Digest of %(role)s", role=say(made.capability.title_of(role))), value)
        for role, value in evidence.data.items()
    ]
    seed = [(say("Seed"), str(evidence.seed))] if len(made.ran) == 1 else []
    return [(say("Run on"), moment(evidence.at, made.language)), *seed, *data]


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
    return [{name: _plain(value) for name, value in row.items()} for row in table.records()]


def _plain(value: Any) -> Any:
    """JSON knows no number that is none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
