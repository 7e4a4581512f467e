"""What a function of the kernel or of oversight mentions, and what that mentions: read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import peelian

SOURCE = Path(peelian.__file__).parent
Named = tuple[str, str]  # module and function


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the kernel and of oversight."""
    paths = [path for room in ("kernel", "oversight") for path in sorted((SOURCE / room).rglob("*.py"))]
    return {_named(path): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def _named(path: Path) -> str:
    return ".".join((peelian.__name__, *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


@cache
def imports(module: str) -> dict[str, Named]:
    """Name in a module → what it stands for: a function of another, or ("module", "") for a whole one."""
    found: dict[str, Named] = {}
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found[alias.asname or alias.name] = (whole, "") if whole in modules() else (node.module, alias.name)
    return found


@cache
def functions(module: str) -> dict[str, ast.AST]:
    """The functions and classes of a module."""
    return {node.name: node for node in modules()[module].body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def mentioned(module: str, node: ast.AST) -> Iterator[Named]:
    """Functions that a piece of source names, called or handed on."""
    known, own = imports(module), {one.id for one in ast.walk(node) if _is_set(one)}
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and one.id not in own:
            yield known.get(one.id, (module, one.id))
        elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            of, whole = known.get(one.value.id, ("", ""))
            if of and not whole:
                yield of, one.attr


def _is_set(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def resolved(name: Named) -> Named:
    """Where a function that a package hands on is defined."""
    module, own = name
    while module in modules() and own not in functions(module) and own in imports(module):
        module, own = imports(module)[own]
    return module, own


@cache
def mentions(name: Named) -> frozenset[Named]:
    """The same of a function, by its name."""
    return frozenset(mentioned(name[0], functions(name[0])[name[1]]))


@cache
def reached(module: str, name: str) -> frozenset[Named]:
    """Everything that a function mentions, however far."""
    found: set[Named] = set()
    waits = [(module, name)]
    while waits:
        here = resolved(waits.pop())
        if here not in found and here[0] in modules() and here[1] in functions(here[0]):
            found.add(here)
            waits += mentions(here)
    return frozenset(found)


@cache
def reads_state(name: Named, field: str) -> bool:
    """Whether a function reads a field of the kernel's state."""
    found = (one for one in ast.walk(functions(name[0])[name[1]]) if isinstance(one, ast.Attribute))
    return any(one.attr == field and getattr(one.value, "attr", "") == "state" for one in found)
