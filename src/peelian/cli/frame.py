"""What all commands share: the office they open, how they print, and their progress bar."""

from __future__ import annotations

import json
import math
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli import words
from peelian.cli.words import say
from peelian.errors import InputError
from peelian.forms import pairs as pairs

if TYPE_CHECKING:
    from peelian.cli.passphrases import Terminal
    from peelian.kernel.model.people import Operator
    from peelian.operations.office import Office

OfficeOption = Annotated[
    Path, typer.Option("--office", envvar="PEELIAN_OFFICE", help="Folder of the office.", show_default=True)
]
AsOption = Annotated[str, typer.Option("--as", envvar="PEELIAN_AS", help="Your short name.")]
OutsideOption = Annotated[
    Path | None,
    typer.Option(
        "--office", envvar="PEELIAN_OFFICE", help="Your office, whose log says so. Default: the one on your list."
    ),
]
OutsideAsOption = Annotated[str, typer.Option("--as", help="Who you are in this office.", envvar="PEELIAN_AS")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
LanguageOption = Annotated[
    str,
    typer.Option("--language", "-l", help="Language of what is written: en or fr. Otherwise that of the command line."),
]
CaseArgument = Annotated[str, typer.Argument(help="Number of the case, as c-340f961b8c.")]
HERE = Path("office")
Printed = tuple[Any, Sequence[str]] | tuple[Any, Sequence[str], int]
"""What a command returns to be printed: a record, the same in lines of text, and an exit code if it is not 0. See
`printing`."""
_as_json: ContextVar[bool] = ContextVar("one JSON document is printed instead of text", default=False)


def opened(path: Path, asks: Terminal | None = None) -> Office:
    """The office at `path`; whoever acts gives the passphrase of their key at the terminal."""
    from peelian.cli.passphrases import Terminal
    from peelian.operations.office import open_office

    return open_office(path).asking(asks or Terminal())


def proven(town: Office, short: str) -> Operator:
    """The person with this short name at the desk, who proves by their key that they are there."""
    from peelian.kernel.identity.step_up import prove

    person = town.operator(short)
    prove(town.kernel, person)
    return person


def reads(town: Office, short: str, read: str, *, of: str = "") -> None:
    """Log that this person reads this of the office's own records, signed with their key, before it is shown."""
    from peelian.kernel.access.staff_reads import read_by

    read_by(town.kernel, town.operator(short), read, of=of)


@contextmanager
def outside(office: Path | None, short: str) -> Iterator[None]:
    """What is used within this, outside any case, is used by this person of this office, or of the one on the list."""
    from peelian.cli.passphrases import Terminal
    from peelian.operations.outside_uses import asked_by, named_office

    named = office or named_office(lambda says: typer.echo(words.translated(says), err=True))
    with asked_by(named, short, Terminal()):
        yield


def attended(office: Office) -> AbstractContextManager[object]:
    """Let the office do its own maintenance while it is served."""
    return office.maintenance.attended() if office.maintenance else nullcontext()


def in_json() -> bool:
    """Whether the command that runs was called with `--json`: then it prints one document and nothing else."""
    return _as_json.get()


def tell(record: Any, lines: Sequence[str]) -> None:
    """Print `record` as JSON, or `lines` as text."""
    if in_json():
        typer.echo(json.dumps(record, ensure_ascii=False, indent=1, default=str))
    else:
        for line in lines:
            typer.echo(line)


def printing(command: Callable[..., Printed]) -> Callable[..., None]:
    """The command with one more option, `--json`, which prints its record instead of its lines."""

    @wraps(command)
    def printed(*, as_json: bool = False, **given: Any) -> None:
        before = _as_json.set(as_json)
        try:
            record, lines, *code = command(**given)
            tell(record, lines)
        finally:
            _as_json.reset(before)
        if code:
            raise typer.Exit(code[0])

    own = signature(command, eval_str=True)
    option = Parameter("as_json", Parameter.KEYWORD_ONLY, default=False, annotation=JsonOption)
    vars(printed)["__signature__"] = own.replace(parameters=[*own.parameters.values(), option], return_annotation=None)
    printed.__annotations__ = {name: one.annotation for name, one in signature(printed).parameters.items()}
    return printed


def list_text(file: Path) -> str:
    """The text of a list of people, staff or shifts; InputError where there is no such file, or it is no text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("the list is not UTF-8 text", file=file.name, accepted="CSV in UTF-8") from None
    except OSError:
        raise InputError("no such file", file=file.name, accepted="a CSV file") from None


def written(file: Path) -> str:
    """The line that says which file was written."""
    return say("Written: %(file)s", file=file)


def proposed(proposal: str) -> list[str]:
    """The lines on a proposal that waits for a second person."""
    return [
        say("Proposed: %(proposal)s", proposal=proposal),
        say("Next, someone in another unit: peelian proposals approve %(proposal)s --as NAME", proposal=proposal),
    ]


def language_of(code: str) -> str:
    """The language of a page: the one asked for, if it is one of ours, else that of the command line."""
    if code not in ("", *words.LANGUAGES):
        raise InputError("no such language", column="--language", accepted=", ".join(words.LANGUAGES))
    return code or words.language()


@contextmanager
def progress_bar(*, quiet: bool | None = None) -> Iterator[Callable[[str, float], None]]:
    """A progress bar on standard error, as a function of (what is being done, share done); silent where quiet, and with
    `--json` unless something else is said."""
    if in_json() if quiet is None else quiet:
        yield lambda says, share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<36}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=False) as bar:
        tasks: dict[str, Any] = {}

        def report(says: str, share: float) -> None:
            if says not in tasks:
                for done in tasks.values():
                    bar.update(done, completed=1.0)
                tasks[says] = bar.add_task(say(says), total=1.0)
            bar.update(tasks[says], completed=min(max(share, 0.0), 1.0))

        yield report
        for task in tasks.values():  # not where it failed
            bar.update(task, completed=1.0)


class _Stopped(BaseException):
    """SIGINT or SIGTERM, wherever it was heard."""


@contextmanager
def stoppable(so_far: Sequence[str]) -> Iterator[None]:
    """Let Ctrl-C or SIGTERM end what is done here: the last line of `so_far` says what is there, 128 + signal is the
    exit code. What is cleaned up meanwhile is not stopped again for two seconds."""
    last = -math.inf

    def stop(number: int, frame: object) -> None:
        nonlocal last
        if monotonic() - last > 2:
            last = monotonic()
            raise _Stopped(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except _Stopped as stopped:
        typer.echo(say("Stopped. %(so_far)s", so_far=so_far[-1] if so_far else say("No report was written.")), err=True)
        raise typer.Exit(128 + stopped.args[0]) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
