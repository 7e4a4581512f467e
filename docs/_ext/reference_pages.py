"""The reference, made from the code: commands, capabilities, watches, formats and errors, as MyST."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import typer

from peelian import errors as error_tree
from peelian.cli import app
from peelian.forms import Field, accepted_by, fields_of
from peelian.kernel import verbs as kernel_verbs
from peelian.operations.office import technologies

VERBS = ("admit", "ask", "run", "decide", "publish")
_TREE = re.compile(r"^PeelianError\n(?:[├└│ ].*\n?)+", re.MULTILINE)


def commands() -> str:
    """Every command with its arguments and options, under the headings of `peelian --help`."""
    return "\n".join(_commands(root(), "peelian", 2))


def root() -> Any:
    """The command line as one command group."""
    return typer.main.get_command(app)


@cache
def command_names() -> set[tuple[str, ...]]:
    """Every command as its words: `("peelian", "footage", "keep")`."""
    return set(_names(root(), ("peelian",)))


def _names(group: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, command in _children(group):
        yield (*path, name)
        if hasattr(command, "list_commands"):
            yield from _names(command, (*path, name))


def _children(group: Any) -> Iterator[tuple[str, Any]]:
    context = group.make_context("peelian", [], resilient_parsing=True)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield name, command


def _commands(group: Any, path: str, depth: int) -> Iterator[str]:
    for name, command in _children(group):
        yield f"{'#' * depth} `{path} {name}`\n"
        yield f"{_prose(command.help or '')}\n"
        if hasattr(command, "list_commands"):
            yield from _commands(command, f"{path} {name}", depth + 1)
        else:
            yield from _arguments(command)


def _arguments(command: Any) -> Iterator[str]:
    shown = [p for p in command.params if not getattr(p, "hidden", False) and "--help" not in p.opts]
    rows = [
        (
            ", ".join(f"`{word}`" for word in (*p.opts, *p.secondary_opts))
            if p.param_type_name == "option"
            else f"`{p.name.upper()}`",
            _prose(getattr(p, "help", None) or ""),
            _default(p),
        )
        for p in shown
    ]
    yield from table(("argument or option", "meaning", "default"), rows)


def _default(param: Any) -> str:
    if param.required:
        return "required"
    value = param.default() if callable(param.default) else param.default
    return "" if value in (None, "", [], (), False) else f"`{value}`"


def capabilities() -> str:
    """Every capability of every technology: who asks and decides, authorizations, data, results, parameters."""
    return "\n".join(line for technology in technologies() for line in _technology(technology))


def _technology(technology: Any) -> Iterator[str]:
    if not technology.capabilities:
        return
    yield f"## {technology.title}\n"
    for capability in technology.capabilities:
        yield f"### `{capability.id}`\n"
        yield f"**{capability.title}.** {_prose(capability.about)}\n"
        emitted = [f"`{e.table}` ({', '.join(f'`{c}`' for c in e.columns)})" for e in capability.emits]
        rows = [
            *_asked(capability),
            ("Data read", _reads(capability)),
            ("Result tables", "<br>".join(emitted)),
            ("Objects made", _words(make.shape for make in capability.makes)),
            ("Authorization earned", f"`{capability.grants.kind}`" if capability.grants else ""),
            ("Choices of the decision", _words(capability.asks.choices)),
            ("Runs for one permit", str(capability.asks.runs)),
            ("Permit valid for", f"{capability.asks.days} days"),
        ]
        yield from table(("", ""), [row for row in rows if row[1]])
        yield from _parameters(capability)


def watches() -> str:
    """Every watch: who asks and decides, authorizations, readings taken, signals raised, parameters."""
    return "\n".join(line for technology in technologies() for watch in technology.watches for line in _watch(watch))


def _watch(watch: Any) -> Iterator[str]:
    yield f"## `{watch.id}`\n"
    yield f"**{watch.title}.** {_prose(watch.about)}\n"
    rows = [
        *_asked(watch),
        ("Data read", _reads(watch)),
        ("Readings taken", _named(watch.takes)),
        ("Signals raised", _named(watch.signals)),
        ("State kept per", watch.state_per),
        ("Permit valid for", f"{watch.asks.days} days"),
    ]
    yield from table(("", ""), [row for row in rows if row[1]])
    yield from _parameters(watch)


def _asked(declared: Any) -> list[tuple[str, str]]:
    """What a capability and a watch say alike: purposes, who asks and decides, which authorizations are needed."""
    return [
        ("Purposes", _words(sorted(declared.asks.purposes))),
        ("Who requests", _words(sorted(declared.asks.askers))),
        ("Who decides", _words(sorted(declared.asks.deciders))),
        ("Authorizations needed", _words(need.kind for need in declared.needs) or "none"),
    ]


def _reads(declared: Any) -> str:
    return "<br>".join(
        f"`{read.role}`: a dataset of the shape `{read.shape}`{', optional' if read.optional else ''}"
        for read in declared.reads
    )


def _parameters(declared: Any) -> Iterator[str]:
    fields = fields_of(declared.asks.params)
    if fields:
        yield from table(("parameter", "meaning", "default"), [_parameter(field) for field in fields])


def _parameter(field: Field) -> tuple[str, str, str]:
    meaning = _prose(field.help) + (f" [{field.unit}]" if field.unit else "")
    if field.choices:
        meaning += f"<br>One of {_words(field.choices)}"
    if accepted := accepted_by(field):
        meaning += f"<br>Accepted: {_prose(str(accepted))}"
    return f"`{field.flag}`", meaning, "required" if field.required else f"`{field.default}`"


def formats() -> str:
    """Every file format: its shape, how it is recognised, what it reads, its options."""
    return "\n".join(_formats())


def _formats() -> Iterator[str]:
    for technology in technologies():
        if technology.formats():
            yield f"### {technology.title}\n"
        for known in technology.formats():
            yield f"#### `{known.id}`\n"
            yield f"{_prose(known.title)}\n"
            others = sorted(known.columns - known.required)
            rows = [
                ("Becomes a dataset of the shape", f"`{known.shape}`"),
                ("Kinds of files", _words(known.kinds)),
                ("Recognised by the columns", _words(sorted(known.required))),
                ("Also read", _words(others)),
            ]
            yield from table(("", ""), [row for row in rows if row[1]])
            options = [(f"`{name}`", _prose(about)) for name, about in known.options.items()]
            yield from table(("option", "meaning"), options)


def verbs() -> str:
    """The five verbs with their numbered steps, as their docstrings give them."""
    return "\n".join(f"## `{name}`\n\n{inspect.getdoc(getattr(kernel_verbs, name))}\n" for name in VERBS)


def errors() -> str:
    """The error tree as the code draws it, and each error with its exit code and HTTP status."""
    drawn = _TREE.search(inspect.getdoc(error_tree) or "")
    if drawn is None:
        raise LookupError("peelian.errors draws no tree")
    rows = [
        (f"`{e.__name__}`", str(e.exit_code), str(e.http_status), _prose((inspect.getdoc(e) or "").split("\n\n")[0]))
        for e in error_classes()
    ]
    parts = table(("error", "exit code", "HTTP status", "meaning"), rows)
    return "\n".join(["```text", drawn[0].rstrip(), "```\n", *parts])


def error_classes() -> list[type[error_tree.PeelianError]]:
    """Every error of the tree, parents first."""
    found: list[type[error_tree.PeelianError]] = [error_tree.PeelianError]
    for known in found:
        found += [e for e in known.__subclasses__() if e.__module__ == error_tree.__name__]
    return found


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown; nothing where there are no rows."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    if not lines:
        return []
    return ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles), *lines, ""]


def _words(words: Iterable[object]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _named(mapping: Mapping[str, Iterable[str]]) -> str:
    return "<br>".join(f"`{name}` ({_words(sorted(values))})" for name, values in mapping.items())


def _prose(text: str) -> str:
    """A docstring or help text as one paragraph of Markdown."""
    return re.sub(r"([*_<\[])(?=\S)", r"\\\1", " ".join(text.split())) if "`" not in text else " ".join(text.split())
