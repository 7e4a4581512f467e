"""Commands that only look: capabilities, formats, cases, reports, map files, the log's verification, pages."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peelian.cli.command import command
from peelian.cli.failures import tell_error
from peelian.cli.frame import (
    HERE,
    AsOption,
    CaseArgument,
    LanguageOption,
    OfficeOption,
    Printed,
    attended,
    language_of,
    opened,
    proven,
    tell,
    written,
)
from peelian.cli.words import language, say, translated
from peelian.errors import InputError, IntegrityError, Sentence, sentence
from peelian.kernel.model.doors import ANYBODY, MACHINE, Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.forms import Field
    from peelian.kernel.model.capability import Capability, Read
    from peelian.operations.witness_standing import WitnessStanding
    from peelian.oversight.verification.verifier import Verdict
    from peelian.pictures.panels import Say


@command(
    "case capabilities",
    Enters.NOTHING,
    Leaves.PROGRAM,
    Suspended.ANY,
    whom=ANYBODY,
    page="GET /ask",
)
def capabilities(
    name: Annotated[str, typer.Argument(help="One capability, for its parameters, authorizations and roles.")] = "",
) -> Printed:
    """List capabilities. With a name, show its parameters, data and required authorizations."""
    from peelian.forms import accepted_by, fields_of
    from peelian.kernel.model.technology import capability_of
    from peelian.operations.technology_folders import say_of, technologies

    here = technologies()
    if not name:
        known = [(c, say_of(here, language(), c.technology)) for t in here for c in t.capabilities]
        record = [{"id": c.id, "title": c.title, "about": c.about} for c, _ in known]
        return record, [f"{c.id:<24} {told(c.title)}" for c, told in known]
    c = capability_of(here, name)
    told = say_of(here, language(), c.technology)
    fields = fields_of(c.asks.params)
    record_one = {
        "id": c.id,
        "about": c.about,
        "purposes": sorted(c.asks.purposes),
        "requesters": sorted(c.asks.askers),
        "deciders": sorted(c.asks.deciders),
        "authorizations": [str(need.kind) for need in c.needs],
        "warrant": c.warrant,
        "reads": [f"{r.role} ({r.shape}{', optional' if r.optional else ''})" for r in c.reads],
        "reads_need": {r.role: kinds for r in c.reads if (kinds := _always(r))},
        "params": [
            {
                "flag": f.flag,
                "default": f.default,
                "help": f.help,
                "unit": f.unit,
                "choices": f.choices,
                "accepted": accepted_by(f),
            }
            for f in fields
        ],
    }
    return record_one, _described(c, fields, told)


def _always(read: Read) -> list[str]:
    """The authorizations that a dataset always needs; where only some uses do, its capability's sentence says so."""
    return [str(need.kind) for need in read.needs if need.when is None]


def _described(c: Capability, fields: tuple[Field, ...], told: Say) -> list[str]:
    """One capability in a few lines."""
    optional = say(", optional")
    reads = [f"{r.role} ({r.shape}{optional if r.optional else ''})" for r in c.reads]
    none = say("none")
    lines = [f"{c.id}: {told(c.title)}", told(c.about)]
    lines.append("  " + say("Purposes: %(list)s", list=", ".join(sorted(c.asks.purposes))))
    lines.append("  " + say("Roles that can request: %(list)s", list=", ".join(sorted(c.asks.askers))))
    lines.append("  " + say("Roles that can decide: %(list)s", list=", ".join(sorted(c.asks.deciders)) or none))
    needs = ", ".join(str(need.kind) for need in c.needs)
    lines.append("  " + say("Authorizations needed: %(list)s", list=needs or none))
    lines += ["  " + told(c.warrant)] if c.warrant else []
    lines.append("  " + say("Data: %(list)s", list=", ".join(reads) or none))
    for r in (r for r in c.reads if _always(r)):
        kinds = ", ".join(_always(r))
        lines.append("  " + say("Authorizations needed for %(role)s: %(list)s", role=r.role, list=kinds))
    lines.append("  " + say("Parameters:"))
    for f in fields:
        unit = f" [{told(f.unit)}]" if f.unit else f" ({say('YYYY-MM-DD')})" if f.limits.day else ""
        lines.append(f"    {f.flag:<22} {told(f.help) if f.help else ''}{unit}{_default(f)}")
        lines += [f"{'':<27}{say('One of: %(list)s', list=', '.join(f.choices))}"] if f.choices else []
        lines += [f"{'':<27}{say('Accepted: %(what)s', what=accepted)}"] if (accepted := _accepted(f)) else []
    return lines


def _accepted(f: Field) -> str:
    """What a parameter may be, said without the pages' words, which open cryptography; nothing where its choices do."""
    from peelian.forms import accepted_by

    def in_words(text: object) -> object:
        if not isinstance(text, Sentence):
            return text
        return say(text.text, **{name: in_words(value) for name, value in text.values.items()})

    accepted = accepted_by(f)
    return str(in_words(accepted)) if isinstance(accepted, Sentence) else accepted and say(accepted)


def _default(f: Field) -> str:
    """What a parameter is where none is given, in brackets; nothing where it is empty."""
    if f.required:
        return f" {say('(required)')}"
    value = ",".join(map(str, f.default)) if f.many and f.default else f.default
    return "" if value in (None, "", ()) else f" {say('(default: %(value)s)', value=value)}"


@command(
    "data formats",
    Enters.NOTHING,
    Leaves.PROGRAM,
    Suspended.ANY,
    whom=ANYBODY,
    terminal="lists what the import page finds by itself",
)
def formats() -> Printed:
    """List the accepted file formats and their options."""
    from peelian.operations.technology_folders import say_of, technologies

    here = technologies()
    known = [f for technology in here for f in technology.formats()]
    told = say_of(here, language())
    record = [{"id": f.id, "shape": f.shape, "title": f.title, "options": dict(f.options)} for f in known]
    lines = []
    for f in known:
        lines.append(f"{f.id:<22} {f.shape:<10} {told(f.title)}")
        lines += [f"    --option {name}=…  {told(about)}" for name, about in f.options.items()]
    return record, lines


@command(
    "case list",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /cases",
)
def cases(
    published: Annotated[bool, typer.Option("--published", help="Only the public register.")] = False,
    most: Annotated[int, typer.Option(min=1, help="How many at most, the newest first.")] = 100,
    office: OfficeOption = HERE,
) -> Printed:
    """List cases, newest first."""
    from peelian.oversight.transparency import register

    with opened(office) as town:
        page = register.page(town.kernel, most=most, published=published)
        n = register.n_cases(town.kernel, published=published)
        newer = {case: by for case, (by, _) in register.corrections(town.kernel).items()}
    lines = []
    for c in page.cases:
        mark = "  " + say("withdrawn, corrected by %(newer)s", newer=newer[c.case]) if c.case in newer else ""
        lines.append(f"{c.case}  {c.state:<10} {c.capability:<20} {c.choice:<8} {c.asked_at}{mark}")
    if page.older is not None:
        lines.append(say("%(n)d more cases. List them with --most.", n=n - len(page.cases)))
    return [asdict(c) | {"corrected_by": newer.get(c.case, "")} for c in page.cases], lines or [say("No cases.")]


@command(
    "case report",
    Enters.WORDS,
    Leaves.FILE,
    Suspended.STOPS,
    page="GET /cases/{case}/report",
)
def report(
    case: CaseArgument,
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("."),
    kind: Annotated[str, typer.Option(help="html, or pdf (tagged, PDF/UA-1).")] = "html",
    as_: AsOption = "custodian",
    language: LanguageOption = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Write the report of a case: map, charts, tables and limits. A PDF has its long tables in a second file.

    Before the decision it is for whoever may decide, and says so on every page. They decide after they opened it.
    """
    from peelian.kernel.gate import Way, leave, looked
    from peelian.kernel.verbs.export import exported
    from peelian.oversight.transparency.register import case_record
    from peelian.web.cases.case import case_annex, case_pdf, case_report

    language = language_of(language)
    if kind not in ("html", "pdf"):
        raise InputError("no such kind of report", column="--kind", accepted="html, pdf")
    with opened(office) as town:
        by = proven(town, as_)
        exported(town.kernel, by, case, f"report {kind}", way=Way.FILE)
        found = leave(town.kernel, town.kernel.state.people.get(by.person.token), case, Way.FILE)
        looked(town.kernel, by, case, whole=True)
        record, name = case_record(town.kernel, case, findings=found), f"{case}-{language}"
        pages: dict[str, bytes | None]
        if kind == "pdf":
            pages = {name: case_pdf(town, record, language), f"{name}-annex": case_annex(town, record, language)}
        else:
            pages = {name: case_report(town, record, language).encode()}
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for stem, page in pages.items():
        if page is not None:
            files.append(out / f"{stem}.{kind}")
            files[-1].write_bytes(page)
    return dict(zip(("file", "annex"), map(str, files), strict=False)), [written(file) for file in files]


@command(
    "verify",
    Enters.FILE,
    Leaves.OWN,
    Suspended.ANY,
    whom=ANYBODY,
    terminal="is an independent check: it trusts no page",
)
def verify(
    path: Annotated[Path, typer.Argument(help="Folder of the log, or of the office.")],
    key: Annotated[str, typer.Option(help="Published verification key. Default: the one in the folder.")] = "",
    witness: Annotated[list[str] | None, typer.Option(help="Key of a witness that must have cosigned.")] = None,
) -> Printed:
    """Check every byte of a log with an independent verifier."""
    from peelian.operations.witness_standing import chosen_key
    from peelian.oversight.verification.verifier import verify_log

    asked, chosen = witness or [], ""
    if (path / "office.toml").is_file() and not (path / "log").is_dir():
        with opened(path) as town:  # a registrar holds the log: a copy of what it publishes is checked here
            verdict = town.verdict(key=key, witnesses=asked)
    else:
        folder, chosen = path / "log" if (path / "log").is_dir() else path, chosen_key(path)
        verdict = verify_log(folder, key=key, witnesses=asked, known=[chosen] if chosen else [])
    standing = _witnesses_of(verdict)
    record = {
        "holds": verdict.ok,
        "entries": verdict.size,
        "openings": verdict.openings,
        "root": verdict.root,
        "first_bad": verdict.first_bad_index,
        "says": verdict.says,
        "demonstration": verdict.played,
        "by_own_key_only": not any(one.vouches for one in standing),
        "witnesses": [{"name": one.name, "entries": one.size, "at": one.at, "recent": one.vouches} for one in standing],
    }
    if not verdict.ok:
        tell(record, [])
        if verdict.first_bad_index is None:
            raise IntegrityError(sentence("the log is not valid: %(why)s", why=verdict.says))
        text = "the log is not valid: %(why)s. First bad entry: %(n)d"
        raise IntegrityError(sentence(text, why=verdict.says, n=verdict.first_bad_index))
    lines = [say("Log verified: %(n)d entries, root %(root)s.", n=verdict.size, root=verdict.root)]
    lines += [say("A demonstration office: people and acts are played.")] if verdict.played else []
    lines += [translated(text) for one in standing for text in (one.says, one.remedy) if text]
    most = max((one.size for one in standing), default=verdict.size)
    if most < verdict.size:
        text = "Cosigned: %(n)d of %(all)d entries. The newer ones are checked by its own key only."
        lines.append(say(text, n=most, all=verdict.size))
    if standing and chosen not in ("", *asked):
        lines.append(say("The witness's key came from the office's settings. Compare it with the board's own."))
    if not standing:
        lines += _by_its_own_key_only(path, chosen)
    return record, lines


def _witnesses_of(verdict: Verdict) -> list[WitnessStanding]:
    """How each witness stands that cosigned what was verified."""
    from peelian.operations.witness_standing import standing_of

    now = datetime.now(UTC)
    return [standing_of(one.name, (one.size, one.at), now) for one in verdict.cosigned]


def _by_its_own_key_only(path: Path, chosen: str) -> list[str]:
    """What a log is worth that no known witness cosigned, and what to do."""
    from peelian.operations.witness_standing import ASK, RUN_ONE

    lines = [say("Checked by its own key only. Whoever has that key can rewrite the log, and it would still verify.")]
    if not ((path / "office.toml").is_file() and (path / "log").is_dir()):
        return [*lines, say("If the office has a witness, check with the board's key: peelian verify … --witness KEY")]
    return [*lines, say(ASK if chosen else RUN_ONE)]


@command(
    "log-on",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="makes the code that the pages ask for",
)
def log_on(
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Print a one-time code to log on to the staff pages or to confirm your identity there."""
    from peelian.integrations.login_codes import leave_pass

    with opened(office) as town:
        town.person(as_)  # says so where nobody has this name
        code = leave_pass(office, as_, town.keys.of(as_))
    lines = [
        say("Your code: %(code)s", code=code),
        say("Enter it on the page within two minutes. It works once. Tell it to nobody."),
    ]
    return {"code": code, "minutes": 2}, lines


@command(
    "serve",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="runs the pages",
)
def serve(
    office: OfficeOption = HERE,
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8181,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            help="IP address of a proxy in front. Only its X-Forwarded-For and -Proto are believed.",
            envvar="PEELIAN_PROXY",
        ),
    ] = None,
) -> None:
    """Serve the public register and the staff pages. Staff log on with `peelian log-on`."""
    from peelian.operations.demonstration import must_be_local
    from peelian.web.app import make_app
    from peelian.web.maps.scripts import locked_scripts
    from peelian.web.serving import known_proxies, serve_pages, taken_port

    proxies = known_proxies(proxy or ())
    with taken_port(port) as at, opened(office) as town, attended(town):
        must_be_local(town.kernel, (), proxies)
        pages = make_app(town, prepare=True)
        typer.echo(say("Pages: http://localhost:%(port)s/  (stop with Ctrl-C)", port=port))
        typer.echo(say("To log on: peelian log-on --as NAME"))
        try:
            locked_scripts()
        except InputError as error:  # the maps stay pictures; all else is served
            tell_error(error)
        serve_pages(pages, at=at, proxies=proxies)
