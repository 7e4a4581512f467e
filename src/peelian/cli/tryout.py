"""The first minutes: `peelian demo` on real data, and `peelian try` on the visitor's own file."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.command import TAKES_PARAMETERS, command
from peelian.cli.frame import (
    LanguageOption,
    OutsideAsOption,
    OutsideOption,
    Printed,
    attended,
    in_json,
    language_of,
    outside,
    pairs,
    progress_bar,
    stoppable,
    tell,
    written,
)
from peelian.cli.words import say, translated
from peelian.errors import InputError
from peelian.kernel.model.doors import ANYBODY, Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.demos.trial import Tried
    from peelian.operations.office import Office


@command(
    "demo",
    Enters.NOTHING,
    Leaves.PROGRAM,
    Suspended.ANY,
    whom=ANYBODY,
    terminal="builds an office",
)
def demo(
    only: Annotated[
        list[str] | None, typer.Option(help="Show one technology alone. Repeat for more. See `peelian demo --list`.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the office and its pages.")] = Path("demo-office"),
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the pages at the end.")] = False,
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8181,
    listed: Annotated[bool, typer.Option("--list", help="List what the town shows.")] = False,
) -> Printed:
    """Build a town with every technology at work on real data. With --serve, play its people at the pages."""
    from peelian.demos.demo import DEMONSTRATIONS, demonstrate

    if listed:
        lines = [f"{short:<8} {say(one.shows)}" for short, one in DEMONSTRATIONS.items()]
        return sorted(DEMONSTRATIONS), lines
    only = only or []
    if set(only) - set(DEMONSTRATIONS):
        raise InputError("no such demonstration", column="--only", accepted=", ".join(sorted(DEMONSTRATIONS)))
    with _door(port if serve else 0) as at:
        with progress_bar() as progress:
            show = (lambda line: None) if in_json() else (lambda line: typer.echo(translated(line)))
            office, record = demonstrate(out, only=only, say=show, progress=progress)
        with office:
            if at is not None:
                tell(record, [])
                _played(office, at, out)
                raise typer.Exit
    return record, []


def _door(port: int) -> AbstractContextManager[socket.socket | None]:
    """The port for the pages, taken before the town is made; None where none is given."""
    from peelian.web.serving import taken_port

    return taken_port(port) if port else nullcontext()


def _played(office: Office, at: socket.socket, out: Path) -> None:
    """Serve the town, to be played, until Ctrl-C."""
    from peelian.demos.switch import playing
    from peelian.web.serving import serve_pages

    with attended(office), playing(office) as app:  # the witness is asked every minute
        for line in _ways_in(at.getsockname()[1], out):
            typer.echo(line)
        serve_pages(app, at=at)


def _ways_in(port: int, out: Path) -> list[str]:
    """How to play the demonstration's people: at the pages, and from another terminal."""
    import sys

    program = sys.argv[0] if sys.argv[0].endswith("peelian") else "peelian"  # as it was called just now
    return [
        "",
        say("Play the town: http://localhost:%(port)s/  (stop with Ctrl-C)", port=port),
        "  " + say("Choose who you are at the top of each page."),
        "  " + say("The command line works meanwhile, from another terminal:"),
        f"    {program} people --office {out}",
    ]


@command(
    "try",
    Enters.FILE,
    Leaves.DATA,
    Suspended.STOPS,
    whom=ANYBODY,
    terminal="needs no office",
    settings=TAKES_PARAMETERS,
)
def try_(
    context: typer.Context,
    technology: Annotated[
        str,
        typer.Argument(help="mapping, risk, faces, footage, sensors, crowd, or a capability such as risk.subgroups."),
    ],
    file: Annotated[Path, typer.Argument(help="Your file.")],
    out: Annotated[Path, typer.Option(help="Folder for the report, HTML and JSON.")],
    format: Annotated[
        list[str], typer.Option(help="A format from `peelian data formats`. For --more: role=format.")
    ] = [],  # noqa: B006 - typer's way to say "none"
    option: Annotated[
        list[str], typer.Option(help="An option of the format, name=value. For --more: role.name=value.")
    ] = [],  # noqa: B006 - typer's way to say "none"
    more: Annotated[
        list[str], typer.Option(help="A further file, role=FILE, for example more_scores=impostors.txt.")
    ] = [],  # noqa: B006 - typer's way to say "none"
    areas: Annotated[Path | None, typer.Option(help="Areas with population (GeoJSON), for exposure by group.")] = None,
    groups: Annotated[list[str], typer.Option(help="Columns of the areas that count the residents of a group.")] = [],  # noqa: B006 - typer's way to say "none"
    office: OutsideOption = None,
    as_: OutsideAsOption = "",
    language: LanguageOption = "",
) -> Printed:
    """Try a technology on your own file, in a temporary office. It tests and audits; it never advises.

    Further flags are parameters of the capability, for example --cell-metres 500. Labels of no public classification
    are numbered; the key lies in --out. With an office its log says who tried what.
    """
    so_far: list[str] = []
    with stoppable(so_far), outside(office, as_):
        from peelian.demos.trial import ANEW, OUTSIDE, stopped_before, trial
        from peelian.demos.trial import trial_lines as told_of
        from peelian.demos.trial_runs import FOOTAGE, technology_of

        if technology == FOOTAGE:
            return _try_footage(file, out, context.args, pairs(more, "--more"))
        _, what = technology_of(technology)
        if groups and areas is None:
            raise InputError("groups are columns of the areas", column="--groups", accepted="--areas FILE as well")
        paths = {what.role: file} | {role: Path(path) for role, path in pairs(more, "--more").items()}
        paths |= {"areas": areas} if areas is not None else {}
        option = [*option, f"areas.groups={','.join(groups)}"] if groups else option

        def heard(line: str) -> None:
            so_far.append(line)
            if not in_json():
                typer.echo(line, err=True)

        if stopped_before(out, technology):
            typer.echo(say(ANEW), err=True)
        with progress_bar() as progress:
            tried = trial(
                technology,
                _files(what.role, paths, format, option),
                flags=context.args,
                out=out,
                language=language_of(language),
                progress=progress,
                heard=heard,
            )
        return {**_record_of(tried), "made": OUTSIDE}, told_of(tried)


def _record_of(tried: Tried) -> dict[str, Any]:
    """What a trial left behind, for a program that reads it."""
    return {
        "files": [str(path) for path in tried.files],
        "rows": {role: a.rows for role, a in tried.admissions.items()},
        "dropped": {role: list(a.dropped) for role, a in tried.admissions.items()},
        "facts": dict(tried.facts),
        "says": list(tried.says),
        "left_out": [{"what": what, "why": why} for what, why in tried.left_out],
        "key": str(tried.key or ""),
    }


def _digest(file: Path) -> str:
    """SHA-256 of a file. O(bytes)."""
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        raise InputError("file cannot be read", file=file.name, accepted="a recording") from None


def _try_footage(file: Path, out: Path, flags: Sequence[str], more: Mapping[str, str]) -> Printed:
    """A recording is redacted: its plan, the copy, and a sheet of before and after.

    `--more plan=FILE` uses a plan instead.
    """
    from peelian.demos.footage_trial import redact_clip
    from peelian.demos.trial import OUTSIDE
    from peelian.operations.outside_uses import used

    if stray := sorted(set(more) - {"plan"}):
        raise InputError("no such further file", column=f"--more {stray[0][:40]}", accepted="plan=FILE")
    plan = Path(more["plan"]) if more else None
    used("footage", file.suffix.lstrip(".") or "recording", rows=1, data=_digest(file))
    with progress_bar() as progress:
        made = redact_clip(file, out=out, flags=flags, plan=plan, progress=progress)
    record = {
        "files": [str(path) for path in made.files],
        "facts": dict(made.facts),
        "says": made.says,
        "made": OUTSIDE,
    }
    lines = [f"{name}: {value}" for name, value in made.facts.items() if value != ""]
    return record, [*lines, *map(written, made.files), "", translated(made.says), translated(OUTSIDE)]


def _files(
    main: str, paths: Mapping[str, Path], formats: Sequence[str], options: Sequence[str]
) -> dict[str, tuple[Path, str, Mapping[str, str]]]:
    """Each role's file with its format and options; words without a role belong to the main file."""
    known = pairs([word if "=" in word else f"{main}={word}" for word in formats], "--format")
    named = pairs(options, "--option").items()
    split = [(role, own, value) if own else (main, role, value) for (role, _, own), value in
             ((name.partition("."), value) for name, value in named)]  # fmt: skip
    if stray := sorted({*known, *(role for role, _, _ in split)} - set(paths)):
        raise InputError("no file for this role", column=stray[0][:40], accepted=", ".join(sorted(paths)))
    return {
        role: (path, known.get(role, "auto"), {own: value for at, own, value in split if at == role})
        for role, path in paths.items()
    }
