"""Commands of declared acts: fields become arguments and options, and what came of it is printed or written."""

from __future__ import annotations

import dataclasses
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from inspect import Parameter, Signature
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.acts.act import BINARY, FILE, KIND, Act, Done
from peelian.acts.registry import room_of
from peelian.cli.command import Command
from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened, proposed, proven, reads, written
from peelian.cli.words import language, say, translated
from peelian.errors import InputError, OutOfOrder, Refused, sentence
from peelian.forms import Field, faults_in, fields_of, filled
from peelian.kernel.model.doors import MACHINE
from peelian.kernel.model.parameters import as_flag

if TYPE_CHECKING:
    from peelian.operations.office import Office
    from peelian.pictures.panels import Grid, Panel

ToOption = Annotated[
    Path | None, typer.Option("--to", help="New file for what is written. Otherwise one of its own name, here.")
]


def commands_of(word: str) -> Iterator[Command]:
    """The command of each act of a word."""
    for act in room_of(word).known.values():
        if act.command:
            whom = act.door.whom if act.do or act.door.reads else MACHINE
            page = f"{'POST' if act.do else 'GET'} /tasks/{act.id}"
            about = f"{act.title}.\n\n{act.about}"
            door = dataclasses.replace(act.door, name=act.command, whom=whom, reads="" if act.do else act.door.reads)
            yield Command(words=act.command, does=_command(act), about=about, door=door, page=page)


def _command(act: Act) -> Any:
    """What the command does, with the act's fields in its signature: Typer reads them there."""
    params = act.asks()
    fields = fields_of(params) if params else ()

    def command(*, office: Path = HERE, as_: str = "", to: Path | None = None, **given: Any) -> Printed:
        texts = {name: text for name, text in _texts(act, fields, given) if text is not None}
        if act.writes and to is not None:
            texts[act.writes] = to.suffix.removeprefix(".").lower()
        if params and (faults := faults_in(params, texts, check=lambda made: None)):
            raise InputError(faults[0].wrong, column=_typed(act, faults[0].column), accepted=faults[0].accepted)
        with opened(office) as town:
            chosen = filled(params, texts) if params else None
            if act.do is None:
                return _looked(act, town, as_, {one.name: getattr(chosen, one.name) for one in fields})
            by = proven(town, as_) if act.proves else town.operator(as_)
            with _of_files(given):
                return _came(act.do(town, by, chosen), town, to)

    asked = [one for one in fields if _kind(act, one, KIND) != "password" and one.name != act.writes]
    own = [_parameter(act, one) for one in asked]
    own += [_keyword("as_", AsOption, "custodian")] if act.do or act.door.reads else []
    own += [_keyword("to", ToOption, None)] if act.writes is not None else []
    own.append(_keyword("office", OfficeOption, HERE))
    vars(command)["__signature__"] = Signature(own)
    command.__annotations__ = {one.name: one.annotation for one in own} | {"return": "Printed"}
    command.__name__ = act.id.replace("-", "_")
    return command


@contextmanager
def _of_files(given: dict[str, Any]) -> Iterator[None]:
    """What is wrong with the content of the one file that was given is told with the file's name."""
    try:
        yield
    except InputError as error:
        files = [value for value in given.values() if isinstance(value, Path)]
        if len(files) == 1 and not error.file and as_flag(error.column) not in map(as_flag, given):
            raise error.of_file(files[0].name) from None
        raise


def _parameter(act: Act, field: Field) -> Parameter:
    """A field as it is typed: an argument or an option, a path where it takes a file."""
    how = typer.Argument if field.name in act.typed else typer.Option
    kind: Any = Path if _kind(act, field, FILE) else field.type
    many, optional = list[kind] if field.many else kind, field.many or kind is Path or field.default is None
    if field.many and field.name not in act.typed:
        how = partial(typer.Option, _flag(field))
    if field.required:
        return _keyword(field.name, Annotated[many, how(help=field.help)])
    if field.type is bool:  # no `--no-…` beside it
        flag = typer.Option(as_flag(field.name), help=field.help)
        return _keyword(field.name, Annotated[bool, flag], field.default)
    default = None if optional else field.default
    return _keyword(field.name, Annotated[many | None if optional else many, how(help=field.help)], default)


def _flag(field: Field) -> str:
    """A field as a flag; one that is repeated in the singular: `--category` of categories."""
    name = field.name
    if field.many:
        name = f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
    return as_flag(name)


def _keyword(name: str, annotation: Any, default: Any = Parameter.empty) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _kind(act: Act, field: Field, of: str) -> Any:
    """What an act says of a field beyond its value: `KIND`, `FILE`, `BINARY`."""
    params: Any = act.asks()
    return {one.name: one.metadata for one in dataclasses.fields(params)}[field.name].get(of)


def _typed(act: Act, name: str) -> str:
    """A field as whoever typed it knows it."""
    params = act.asks()
    known = {field.name: field for field in fields_of(params)} if params else {}
    return name.upper() if name in act.typed or name not in known else _flag(known[name])


def _texts(act: Act, fields: Iterable[Field], given: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each field as a text, as a form gives it: of a file its content; a secret is asked for, unseen."""
    for field in fields:
        value = given.get(field.name)
        if _kind(act, field, KIND) == "password":
            yield field.name, typer.prompt(translated(field.help), hide_input=True, err=True)
        elif value is None or (value == field.default and not field.required):
            yield field.name, None
        elif isinstance(value, Path):
            yield field.name, _content(value, binary=bool(_kind(act, field, BINARY)))
        elif field.many:
            yield field.name, [str(one) for one in value]
        else:
            yield field.name, ("yes" if value else "no") if field.type is bool else str(value)


def _content(file: Path, *, binary: bool) -> str:
    """What a file holds, in base 64 where it is no text; InputError where it cannot be read, or is no text."""
    try:
        return b64encode(file.read_bytes()).decode() if binary else file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", file=file.name, accepted="a text in UTF-8") from None
    except OSError:
        raise InputError("cannot read the file", file=file.name, accepted="a file that you may read") from None


def _looked(act: Act, town: Office, short: str, choices: dict[str, Any]) -> Printed:
    """What an act only shows: its table, or what there is for programs."""
    from peelian.pictures.words import english

    if act.shows is None:
        raise TypeError(f"shows nothing: {act.id}")
    if act.door.reads:
        _must_be_for(act, town, short)
        reads(town, short, act.door.reads)
    grid = act.shows(town, town.say(language()), language(), **choices)
    record = act.record(town, **choices) if act.record else _rows(act.shows(town, english, "en", **choices))
    return record, [grid.caption, *_lines(grid)] if grid else [say(act.empty)]


def _must_be_for(act: Act, town: Office, short: str) -> None:
    """Refused where the page of this would not be shown to the person: what is read there is read here by the same."""
    from peelian.kernel.policy.authorize import refusal

    if not town.operator(short).person.roles & act.roles:
        remedy = sentence("Ask one of these: %(roles)s", roles=", ".join(sorted(act.roles)))
        raise Refused([refusal("the_person_may_enter", "Your role has no access to this page.", remedy)])


def _came(done: Done, town: Office, to: Path | None) -> Printed:
    """What came of an act, in lines: its sentence, what is shown once, what follows, its table; files are written."""
    lines = [translated(done.says)] if done.says else []
    lines += [done.once] if done.once else []
    lines += proposed(done.proposal) if done.proposal else []
    lines += [written(file) for file in _files(done, town, to)]
    lines += [
        *_lines(done.grid),
        *(line for panel in done.panels for line in _panel(panel)),
        *map(translated, done.next),
    ]
    return _record(done), lines


def _record(done: Done) -> Any:
    if done.record is not None:
        return done.record
    return {"proposal": done.proposal} if done.proposal else {}


def _files(done: Done, town: Office, to: Path | None) -> Iterator[Path]:
    """Write what leaves, for its owner alone; OutOfOrder where a file of that name is there."""
    from peelian.web.documents import drawn

    whole = [] if done.file is None else [done.file]
    for name, content in chain(whole, ((one.name, drawn(one, town)) for one in done.documents)):
        file = (to or Path()) / name if done.archive or to is None else to
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if file.exists():
            raise OutOfOrder("A file with this name already exists. Exports never overwrite files.")
        file.touch(mode=0o600)
        with file.open("wb") as out:
            for piece in [content] if isinstance(content, bytes) else content:
                out.write(piece)
        yield file


def _panel(panel: Panel) -> Iterator[str]:
    from peelian.pictures.panels import Grid, Heading, Paragraph

    if isinstance(panel, Heading | Paragraph):
        yield panel.text
    elif isinstance(panel, Grid):
        yield from _lines(panel)


def _rows(grid: Grid | None) -> list[dict[str, str]]:
    """A table for programs, where nothing better is declared: cells under their titles."""
    return [dict(zip(grid.titles, map(str, row), strict=True)) for row in grid.rows] if grid else []


def _lines(grid: Grid | None) -> Iterator[str]:
    """A table in lines: its columns as wide as they need."""
    if grid:
        table = [[str(cell) for cell in row] for row in (grid.titles, *grid.rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for row in table:
            cells = (
                cell.rjust(w) if k in grid.numeric else cell.ljust(w)
                for k, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
            yield "  ".join(cells).rstrip()
