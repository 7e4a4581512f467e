"""What the code says when it refuses: the message ids of reasons and remedies, found in its syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

MAKERS = {"Reason": (0, 9), "no": (1, 3), "_no": (0, 3), "_reason": (1, 3), "never": (1, 2), "_registered": (0, 1)}
"""Functions that make a reason, and which of their positional arguments are sentences, from and up to."""
NAMES = {"says", "remedy"}


def said_in_refusals(path: Path) -> Iterator[str]:
    """Every message id of a module's reasons: constants where a sentence stands, and what `sentence` is given."""
    tree = _with_reasons(path)
    for node in _places(tree):
        for part in _choices(node):
            text = part.value if isinstance(part, ast.Constant) else None
            if isinstance(text, str) and (" " in text or "_" not in text):  # else it is a rule, not a sentence
                yield text
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) == "sentence" and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


def glued_in_refusals(path: Path) -> Iterator[int]:
    """Lines on which a reason is put together from pieces, so that nobody can translate it."""
    for node in _places(_with_reasons(path)):
        yield from (part.lineno for part in _choices(node) if isinstance(part, (ast.JoinedStr, ast.BinOp)))


def _with_reasons(path: Path) -> ast.Module:
    """A module that makes reasons; an empty one where it makes none, as most do."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text if any(name in text for name in MAKERS) else "")
    return (
        tree if any(isinstance(node, ast.Call) and _name(node) in MAKERS for node in ast.walk(tree)) else ast.parse("")
    )


def _places(tree: ast.AST) -> Iterator[ast.expr]:
    """Where sentences stand: arguments of what makes a reason, and what is called `says` or `remedy`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _name(node)) in MAKERS:
            first, last = MAKERS[name]
            if name != "Reason":
                yield from node.args[first:last]
            yield from (word.value for word in node.keywords if word.arg in NAMES)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                values = node.value.elts if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) else []
                pairs = zip(names, values or [node.value] * len(names), strict=False)
                yield from (value for part, value in pairs if isinstance(part, ast.Name) and part.id in NAMES)


def _choices(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.IfExp):
        return [*_choices(node.body), *_choices(node.orelse)]
    return [*(part for value in node.values for part in _choices(value))] if isinstance(node, ast.BoolOp) else [node]


def _name(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def last_name(called: ast.expr | None) -> str:
    """How what is called is called itself: "c" of `a.b.c`; "" where it has no name."""
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def wrong_input(tree: ast.AST, *, kinds: Container[str] = ("InputError", "NotEnoughData")) -> Iterator[ast.expr]:
    """What an error of bad input says, and what it says is accepted: every such expression beneath a node."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) in kinds and node.args:
            for said in (node.args[0], *(word.value for word in node.keywords if word.arg == "accepted")):
                yield from _choices(said)


def input_sentences(tree: ast.AST) -> Iterator[str]:
    """The message ids of bad input: constants, and what `sentence` is given."""
    for node in wrong_input(tree):
        if isinstance(node, ast.Call) and _name(node) == "sentence":
            node = node.args[0]
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


ERRORS = {"OutOfOrder", "InputError", "NotEnoughData", "IntegrityError", "DiskError", "Objection", "PeelianError"}


def told_in(tree: ast.Module, *, by: Container[str] = (*ERRORS, "_Wrong", "Wrong", "sentence", "say")) -> Iterator[str]:
    """Every message id that a module's errors, `sentence` and `say` are given: a constant, or one by its name."""
    own = _named(tree.body)
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for scope in (tree, *functions):
        named = own if scope is tree else {**own, **_named([n for n in ast.walk(scope) if isinstance(n, ast.stmt)])}
        for node in ast.walk(scope):
            if isinstance(node, ast.Call) and node.args and last_name(node.func) in by:
                for said in (node.args[0], *(word.value for word in node.keywords if word.arg == "accepted")):
                    for part in _choices(said):
                        texts = named.get(part.id, []) if isinstance(part, ast.Name) else [part]
                        yield from (t.value for t in texts if isinstance(t, ast.Constant) and isinstance(t.value, str))


def _named(body: Iterable[ast.stmt]) -> dict[str, list[ast.expr]]:
    """What each name is given among these statements, both of a choice between two."""
    named: dict[str, list[ast.expr]] = {}
    for node in body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            both = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            for name, value in zip(target.elts, node.value.elts, strict=False) if both else [(target, node.value)]:  # type: ignore[attr-defined]
                if isinstance(name, ast.Name):
                    named.setdefault(name.id, []).extend(_choices(value))
    return named


def glued(tree: ast.Module) -> Iterator[int]:
    """Lines on which an error's sentence is a formatted string with words in it, so that nobody can translate it."""
    for part in wrong_input(tree, kinds=ERRORS):
        texts = [p.value for p in part.values if isinstance(p, ast.Constant)] if isinstance(part, ast.JoinedStr) else []
        if any(re.search("[a-z] | [a-z]", str(text)) for text in texts) or isinstance(part, ast.BinOp):
            yield part.lineno
