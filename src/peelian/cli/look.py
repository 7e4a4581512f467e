"""Commands that only look: capabilities, formats, cases, reports, map files, the log's verification, pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.frame import (
    HERE,
    AsOption,
    JsonOption,
    LanguageOption,
    OfficeOption,
    attended,
    language_of,
    opened,
    tell,
)
from peelian.errors import InputError, IntegrityError


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (capabilities, formats, cases, report, export, verify, serve):
        app.command()(command)
    app.command("log-on")(log_on)


def capabilities(
    name: Annotated[str, typer.Argument(help="One capability: show its parameters, papers and roles.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List what can be asked for; with a name, show its parameters, the data it reads and the papers it needs."""
    from peelian.forms import fields_of
    from peelian.office import memory_office

    with memory_office() as office:
        if not name:
            known = [c for t in office.house.technologies for c in t.capabilities]
            record = [{"id": c.id, "title": c.title, "about": c.about} for c in known]
            tell(record, [f"{c.id:<24} {c.title}" for c in known], as_json=as_json)
            return
        c = office.house.capability(name)
    fields = fields_of(c.params)
    reads = [f"{r.role} ({r.shape}{', optional' if r.optional else ''})" for r in c.reads]
    record_one = {
        "id": c.id,
        "about": c.about,
        "purposes": sorted(c.purposes),
        "askers": sorted(c.askers),
        "deciders": sorted(c.deciders),
        "needs": [str(need.paper) for need in c.needs],
        "reads": reads,
        "params": [{"flag": f.flag, "default": f.default, "help": f.help, "unit": f.unit} for f in fields],
    }
    lines = [
        f"{c.id}: {c.title}",
        c.about,
        f"  purposes: {', '.join(sorted(c.purposes))}",
        f"  who may ask: {', '.join(sorted(c.askers))}; who may decide: {', '.join(sorted(c.deciders))}",
        f"  papers: {', '.join(str(need.paper) for need in c.needs) or 'none'}",
        f"  data: {', '.join(reads) or 'none'}",
        "  parameters:",
        *(f"    {f.flag:<22} {f.help} {f'[{f.unit}] ' if f.unit else ''}(default: {f.default})" for f in fields),
    ]
    tell(record_one, lines, as_json=as_json)


def formats(as_json: JsonOption = False) -> None:
    """List the file formats that may come in, and how each is known."""
    from peelian.office import memory_office

    with memory_office() as office:
        known = office.house.formats
    record = [{"id": f.id, "shape": f.shape, "title": f.title, "options": dict(f.options)} for f in known]
    lines = []
    for f in known:
        lines.append(f"{f.id:<22} {f.shape:<10} {f.title}")
        lines += [f"    --option {name}=…  {about}" for name, about in f.options.items()]
    tell(record, lines, as_json=as_json)


def cases(
    published: Annotated[bool, typer.Option("--published", help="Only the public register.")] = False,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """List the cases, newest first."""
    from dataclasses import asdict

    from peelian.oversight import register

    with opened(office) as house:
        found = register.published(house.house) if published else register.summaries(house.house)
    lines = [f"{c.case}  {c.state:<10} {c.capability:<20} {c.choice:<8} {c.asked_at}" for c in found]
    tell([asdict(c) for c in found], lines, as_json=as_json)


def report(
    case: Annotated[str, typer.Argument()],
    out: Annotated[Path, typer.Option(help="The folder the file goes into.")] = Path("."),
    kind: Annotated[str, typer.Option(help="html, or pdf (tagged, PDF/UA-1).")] = "html",
    as_: AsOption = "custodian",
    language: LanguageOption = "en",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write a case's report: one file with map, charts, tables and caveats."""
    from peelian.governance.exporting import exported
    from peelian.governance.step_up import prove
    from peelian.web.cases import case_pdf, case_report

    language = language_of(language)
    if kind not in ("html", "pdf"):
        raise InputError("there is no such kind of report", column="--kind", accepted="html, pdf")
    with opened(office) as house:
        person = house.operator(as_)
        prove(house.house, person)
        exported(house.house, person, case, f"report {kind}", undecided=True)
        page = case_pdf(house, case, language) if kind == "pdf" else case_report(house, case, language).encode()
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{case}-{language}.{kind}"
    file.write_bytes(page)
    tell({"file": str(file)}, [f"Written: {file}"], as_json=as_json)


def export(
    case: Annotated[str, typer.Argument()],
    to: Annotated[Path, typer.Option("--to", help="The new file: .gpkg, .parquet, .geojson or .csv.")],
    hexagons: Annotated[
        int | None, typer.Option(help="Pour the squares into H3 hexagons of this resolution (5 to 11).")
    ] = None,
    as_: AsOption = "custodian",
    language: LanguageOption = "en",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write a decided case's map for map programs; every row says which case, evidence and decision it comes from."""
    from peelian.governance.step_up import prove

    with opened(office) as house:
        person = house.operator(as_)
        prove(house.house, person)
        places = house.export(person, case, to, language_of(language), hexagons=hexagons)
    tell({"file": str(to), "places": places}, [f"Written: {to}, {places:,} places."], as_json=as_json)


def verify(
    path: Annotated[Path, typer.Argument(help="The log's folder, or the office's.")],
    key: Annotated[str, typer.Option(help="The log's published key line; without it, the one in the folder.")] = "",
    witness: Annotated[list[str] | None, typer.Option(help="Key line of a witness that must have cosigned.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check every byte of a log with a verifier that shares no code with its writer."""
    from peelian.oversight.verifier import verify_log

    if (path / "office.toml").is_file() and not (path / "log").is_dir():
        with opened(path) as house:  # a registrar holds the log: a copy of what it publishes is checked here
            verdict = house.verdict(key=key, witnesses=witness or [])
    else:
        folder = path / "log" if (path / "log").is_dir() else path
        verdict = verify_log(folder, key=key, witnesses=witness or [])
    record = {
        "holds": verdict.ok,
        "entries": verdict.size,
        "root": verdict.root,
        "first_bad": verdict.first_bad_index,
        "says": verdict.says,
    }
    if not verdict.ok:
        if as_json:
            tell(record, [], as_json=True)
        where = f" First bad entry: {verdict.first_bad_index}." if verdict.first_bad_index is not None else ""
        raise IntegrityError(f"the log does not hold: {verdict.says}.{where}")
    tell(record, [f"The log holds: {verdict.size:,} entries, root {verdict.root}."], as_json=as_json)


def log_on(
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Have a one-time code made that logs you on at the office's pages, or proves there that you are at the desk."""
    from peelian.office import pass_at

    code = pass_at(office, as_)
    lines = [f"Your code: {code}", "Type it at the pages within two minutes. It serves once; tell it to nobody."]
    tell({"code": code, "minutes": 2}, lines, as_json=as_json)


def serve(
    office: OfficeOption = HERE,
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8181,
) -> None:
    """Serve the register to all, and the office's own pages to whoever logs on: see `peelian log-on`."""
    import uvicorn

    from peelian.web.app import make_app

    with opened(office) as house, attended(house):
        typer.echo(f"Pages: http://localhost:{port}/  (stop with Ctrl-C)")
        typer.echo("To log on there: peelian log-on --as NAME")
        uvicorn.run(make_app(house), host="127.0.0.1", port=port, log_level="warning")
