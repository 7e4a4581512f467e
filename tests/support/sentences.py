"""What the code says when it refuses: the message ids of reasons and remedies, found in its syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

MAKERS = {"Reason": (0, 9), "no": (1, 3), "_no": (0, 3), "_reason": (1, 3), "never": (1, 2), "_registered": (0, 1)}
"""Functions that make a reason, and which of their positional arguments are sentences, from and up to."""
NAMES = {"says", "remedy"}


def said_in_refusals(path: Path) -> Iterator[str]:
    """Every message id of a module's reasons: constants where a sentence stands, and what `sentence` is given."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not any(isinstance(node, ast.Call) and _name(node) in MAKERS for node in ast.walk(tree)):
        return
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
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if any(isinstance(node, ast.Call) and _name(node) in MAKERS for node in ast.walk(tree)):
        for node in _places(tree):
            yield from (part.lineno for part in _choices(node) if isinstance(part, (ast.JoinedStr, ast.BinOp)))


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


def wrong_input(tree: ast.AST) -> Iterator[ast.expr]:
    """What an error of bad input says, and what it says is accepted: every such expression beneath a node."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) in ("InputError", "NotEnoughData") and node.args:
            for said in (node.args[0], *(word.value for word in node.keywords if word.arg == "accepted")):
                yield from _choices(said)


def input_sentences(tree: ast.AST) -> Iterator[str]:
    """The message ids of bad input: constants, and what `sentence` is given."""
    for node in wrong_input(tree):
        if isinstance(node, ast.Call) and _name(node) == "sentence":
            node = node.args[0]
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def checks_of(path: Path) -> Iterator[ast.FunctionDef]:
    """The functions of a module that check what was asked for."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.lstrip("_").startswith("check"):
            yield node
