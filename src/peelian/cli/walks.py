"""The first minutes: `peelian demo` on real incidents, and `peelian try` on the visitor's own file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.frame import JsonOption, LanguageOption, language_of, pairs, progress_bar, tell
from peelian.errors import InputError


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command()(demo)
    app.command("try", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(try_)


def demo(
    name: Annotated[str, typer.Argument(help="Which demonstration; `peelian demo --list` names them.")] = "mapping",
    out: Annotated[Path, typer.Option(help="Folder of the demonstration's office and pages.")] = Path("demo-office"),
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the pages at the end.")] = False,
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8181,
    listed: Annotated[bool, typer.Option("--list", help="Name the demonstrations and stop.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Walk through a whole use on real data: refused, proven, adopted, run, decided, published."""
    from peelian.guided.demo import DEMONSTRATIONS, SHOWS, demonstrate

    if listed:
        lines = [f"{short:<8} {SHOWS[short]}" for short in DEMONSTRATIONS]
        tell(sorted(DEMONSTRATIONS), lines, as_json=as_json)
        return
    if name not in DEMONSTRATIONS:
        raise InputError("there is no such demonstration", accepted=", ".join(sorted(DEMONSTRATIONS)))
    say = (lambda line: None) if as_json else typer.echo
    with progress_bar(quiet=as_json) as progress:
        office, record = demonstrate(name, out, say=say, progress=progress)
    with office:
        tell(record, [], as_json=as_json)
        if serve:
            import uvicorn

            from peelian.web.app import make_app

            app = make_app(office)
            code = app.state.lobby.entrance.passes.leave("board", office.keys("board"))
            for line in _ways_in(port, out, code):
                typer.echo(line)
            uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def _ways_in(port: int, out: Path, code: str) -> list[str]:
    """How to come in at the demonstration's pages, as each of its people."""
    import sys

    from peelian.guided.demo import SEATS

    program = sys.argv[0] if sys.argv[0].endswith("peelian") else "peelian"  # as it was called just now
    return [
        f"\nOpen to all: http://localhost:{port}/  (stop with Ctrl-C)",
        f"Where this office stands: http://localhost:{port}/en/compliance",
        f"The office's own pages: http://localhost:{port}/en/log-on",
        f"  as the board member, within two minutes, with this code: {code}",
        "  as anybody, at any time, with a code from another terminal:",
        *(f"    {program} log-on --office {out} --as {short:<10} ({seat.unit})" for short, seat in SEATS.items()),
    ]


def try_(
    context: typer.Context,
    technology: Annotated[str, typer.Argument(help="mapping, risk, faces, footage, sensors or crowd.")],
    file: Annotated[Path, typer.Argument(help="Your file.")],
    out: Annotated[Path, typer.Option(help="Folder for the HTML and the JSON report.")],
    format: Annotated[list[str], typer.Option(help="A format's id (see `peelian formats`); role=id for --more.")] = [],  # noqa: B006 - typer's way to say "none"
    option: Annotated[
        list[str], typer.Option(help="name=value of the file's format; role.name=value for --more.")
    ] = [],  # noqa: B006 - typer's way to say "none"
    more: Annotated[
        list[str], typer.Option(help="A further file, role=FILE, for example more_scores=impostors.txt.")
    ] = [],  # noqa: B006 - typer's way to say "none"
    areas: Annotated[Path | None, typer.Option(help="Areas with population (GeoJSON), for exposure by group.")] = None,
    groups: Annotated[list[str], typer.Option(help="Columns of the areas that count residents of a group.")] = [],  # noqa: B006 - typer's way to say "none"
    language: LanguageOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Try a technology on your own file in a throw-away office: it proves and audits, it never hands out advice.

    Further flags are the capability's own parameters, for example --cell-metres 500.
    """
    from peelian.guided.trial import told, trial
    from peelian.guided.trial_runs import technology_of

    if technology == "footage":
        _try_footage(file, out, context.args, pairs(more, "file"), as_json=as_json)
        return
    _, what = technology_of(technology)
    if groups and areas is None:
        raise InputError("groups are columns of the areas", column="--groups", accepted="--areas FILE as well")
    paths = {what.role: file} | {role: Path(path) for role, path in pairs(more, "file").items()}
    paths |= {"areas": areas} if areas is not None else {}
    option = [*option, f"areas.groups={','.join(groups)}"] if groups else option
    with progress_bar(quiet=as_json) as progress:
        tried = trial(
            technology,
            _files(what.role, paths, format, option),
            flags=context.args,
            out=out,
            language=language_of(language),
            progress=progress,
        )
    record = {
        "files": [str(path) for path in tried.files],
        "rows": {role: a.rows for role, a in tried.admissions.items()},
        "dropped": {role: list(a.dropped) for role, a in tried.admissions.items()},
        "facts": dict(tried.facts),
        "says": list(tried.says),
        "left_out": [{"what": what, "why": why} for what, why in tried.left_out],
    }
    tell(record, told(tried), as_json=as_json)


def _try_footage(file: Path, out: Path, flags: Sequence[str], more: Mapping[str, str], *, as_json: bool) -> None:
    """A recording is redacted: its plan, the copy, and a sheet of before and after; `--more plan=FILE` uses a plan."""
    from peelian.guided.footage_trial import redact_clip

    if stray := sorted(set(more) - {"plan"}):
        raise InputError("there is no such further file", column=stray[0][:40], accepted="plan=FILE")
    plan = Path(more["plan"]) if "plan" in more else None
    with progress_bar(quiet=as_json) as progress:
        made = redact_clip(file, out=out, flags=flags, plan=plan, progress=progress)
    record = {"files": [str(path) for path in made.files], "facts": dict(made.facts), "says": made.says}
    lines = [*(f"{name}: {value}" for name, value in made.facts.items() if value != "")]
    tell(record, [*lines, *(f"Written: {path}" for path in made.files), "", made.says], as_json=as_json)


def _files(
    main: str, paths: Mapping[str, Path], formats: Sequence[str], options: Sequence[str]
) -> dict[str, tuple[Path, str, Mapping[str, str]]]:
    """Each role's file with its format and options; words without a role belong to the main file."""
    known = pairs([word if "=" in word else f"{main}={word}" for word in formats], "format")
    named = pairs(options, "option").items()
    split = [(role, own, value) if own else (main, role, value) for (role, _, own), value in
             ((name.partition("."), value) for name, value in named)]  # fmt: skip
    if stray := sorted({*known, *(role for role, _, _ in split)} - set(paths)):
        raise InputError("there is no file for this role", column=stray[0][:40], accepted=", ".join(sorted(paths)))
    return {
        role: (path, known.get(role, "auto"), {own: value for at, own, value in split if at == role})
        for role, path in paths.items()
    }
